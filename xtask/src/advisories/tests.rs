use super::*;

#[test]
fn accepted_numbers_are_those_of_their_section() {
    let deny = "# RUSTSEC-2020-0001\n[graph]\nx = \"RUSTSEC-2020-0002\"\n\n[advisories]\nversion = 2\nignore = [\n  \
        { id = \"RUSTSEC-2021-0070\", reason = \"not RUSTSEC-2020-0003\" },\n  # \"RUSTSEC-2020-0004\"\n]\n\n[bans]\n\
        y = \"RUSTSEC-2020-0005\"\n";
    assert_eq!(accepted(deny), ["RUSTSEC-2021-0070"]);
    assert!(accepted("[bans]\n").is_empty());
}

#[test]
fn the_way_into_the_binary_is_the_first_that_ends_there() {
    let tree = "nalgebra v0.19.0\nstatrs v0.13.0\nopendp v0.16.0\nanalytics v0.1.0 (/somewhere)\npayung v0.1.0 (/x)\n\
        server v0.1.0\npayung v0.1.0 (/x)\n";
    let way = "nalgebra < statrs < opendp < analytics < payung";
    assert_eq!(chain(tree).as_deref(), Some(way));
    assert_eq!(chain(""), None);
}
