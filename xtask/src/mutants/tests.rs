use std::collections::BTreeSet;

use super::*;
use crate::step::root;

#[test]
fn every_mutant_of_the_list_fits_the_source() {
    for mutant in MUTANTS {
        let text = std::fs::read_to_string(root().join(mutant.file)).unwrap();
        let changed = tree::changed(&text, mutant).unwrap();
        assert_ne!(changed, text, "{}", mutant.name);
        assert!(!mutant.tests.is_empty(), "{}", mutant.name);
    }
}

#[test]
fn names_are_different_and_choose_one() {
    let names: BTreeSet<&str> = MUTANTS.iter().map(|mutant| mutant.name).collect();
    assert_eq!(names.len(), MUTANTS.len());
    assert_eq!(chosen(&[]).unwrap().len(), MUTANTS.len());
    let name = MUTANTS[1].name;
    let one = chosen(&["--only", name]).unwrap();
    assert_eq!(one.iter().map(|one| one.name).collect::<Vec<_>>(), [name]);
    assert!(chosen(&["--only"]).is_err());
    assert!(chosen(&["--only", "nobody"]).is_err());
    assert!(chosen(&[name]).is_err());
}

#[test]
fn a_text_that_is_not_there_once_is_refused() {
    let mutant = Mutant {
        name: "none",
        file: "none",
        old: "a",
        new: "b",
        tests: &["none"],
    };
    assert_eq!(tree::changed("cat", &mutant), Ok("cbt".to_owned()));
    for text in ["", "banana"] {
        assert!(
            tree::changed(text, &mutant)
                .unwrap_err()
                .contains("out of date")
        );
    }
}

#[test]
fn only_failed_tests_count() {
    let report = "    Starting 3 tests\n        FAIL [   0.011s] (1/3) analytics a::b\n     SIGABRT [   0.2s] (2/3) analytics c\n  \
        TIMEOUT [ 60.0s] (3/3) analytics d\n        FAIL [   0.011s] (1/3) analytics a::b\n";
    assert_eq!(failed(report), BTreeSet::from(["a::b".to_owned()]));
    let names = |count: u8| (0..count).map(|name| name.to_string()).collect();
    assert_eq!(told(&names(2)), "`0`, `1`");
    assert_eq!(told(&names(5)), "`0`, `1` and 3 more");
}
