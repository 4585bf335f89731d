//! Files of rows as they come from the field, through the command line.

use std::path::Path;

use super::commands::{counted, ends_with, payung};

const HEADER: &str = "person,date,site,service,event,covered_until,gender,age_band\n";
const PEOPLE: &str = "SELECT COUNT(*) FROM person";

/// A file that lies in the tree.
fn field(name: &str) -> String {
    format!("{}/data/field/{name}", env!("CARGO_MANIFEST_DIR"))
}

fn written(at: &Path, rows: &str) -> String {
    let path = at.join("rows.csv");
    std::fs::write(&path, format!("{HEADER}{rows}")).unwrap();
    path.display().to_string()
}

fn import(at: &Path, input: &str, more: &[&str], code: u8) -> bool {
    let words = [&["analytics", "import", "--input", input], more].concat();
    ends_with(at, &words, code)
}

#[test]
fn spaces_around_a_client_code_make_no_second_person() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    assert!(payung(at, &["init", "--start", "2026-01-01"]));
    let mut rows = String::new();
    for person in 0..40 {
        let seen = ["", " ", "\u{a0}", "\u{3000} "][person % 4];
        rows.push_str(&format!(
            "k{person},2026-01-05,medan/a,art,enrolled,2026-02-04,,\n"
        ));
        rows.push_str(&format!(
            "k{person}{seen},2026-02-03,medan/a,art,contact,2026-05-30,,\n"
        ));
    }
    assert!(import(at, &written(at, &rows), &["--register", "--yes"], 0));
    assert_eq!(counted(&at.join("data"), PEOPLE), 40);
    // What nobody sees is no other code, it is refused.
    let unseen = "k1\u{200b},2026-02-03,medan/a,art,contact,,,\n";
    assert!(import(at, &written(at, unseen), &[], 3));
    assert_eq!(counted(&at.join("data"), PEOPLE), 40);
}

#[test]
fn what_spreadsheets_of_other_countries_write_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    assert!(payung(at, &["init", "--start", "2026-01-01"]));
    for name in ["excel-id.csv", "excel-sep.csv", "excel-empty-columns.csv"] {
        assert!(
            import(at, &field(name), &["--register", "--yes"], 0),
            "{name}"
        );
        assert_eq!(counted(&at.join("data"), PEOPLE), 1, "{name}");
    }
}

#[test]
fn refused_rows_are_no_success_unless_they_are_allowed_and_empty_rows_are_no_rows() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    assert!(payung(at, &["init", "--start", "2026-01-01"]));
    let input = field("excel-ru.csv");
    for command in [&["analytics", "import"][..], &["replay"]] {
        let words = [command, &["--register", "--yes", "--input", &input]].concat();
        assert!(ends_with(at, &words, 3), "{command:?}");
        let words = [&words[..], &["--allow-refused"]].concat();
        assert!(ends_with(at, &words, 0), "{command:?}");
    }
    assert!(import(at, &written(at, ",,,,,,,\n"), &[], 0));
}

#[test]
fn nothing_is_entered_for_good_and_nothing_is_closed_empty_unless_somebody_says_yes() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let data = at.join("data");
    assert!(payung(at, &["init", "--start", "2026-01-01"]));
    let close = ["release", "close", "--period", "2026Q1"];
    assert!(ends_with(at, &close, 1), "no report ever came");
    let input = written(at, "p1,2026-01-05,medan/a,nps,enrolled,,,\n");
    for command in [&["analytics", "import"][..], &["replay"]] {
        let words = [command, &["--register", "--input", &input]].concat();
        assert!(ends_with(at, &words, 1), "{command:?}");
        for table in [
            "SELECT COUNT(*) FROM site",
            "SELECT COUNT(*) FROM service",
            PEOPLE,
        ] {
            assert_eq!(counted(&data, table), 0, "{command:?}: {table}");
        }
    }
    assert!(import(at, &input, &["--register", "--yes"], 0));
    assert!(
        import(at, &input, &["--register"], 0),
        "nothing is new: nobody is asked"
    );
    assert!(payung(at, &close));
}

#[test]
fn a_passphrase_is_the_same_from_every_editor() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    std::fs::copy(field("notepad.txt"), at.join("passphrase")).unwrap();
    assert!(payung(at, &["init"]));
    std::fs::write(at.join("passphrase"), "four random words here").unwrap();
    assert!(payung(at, &["doctor"]));
    let wide = "\u{feff}four random words here\r\n".encode_utf16();
    let wide: Vec<u8> = wide.flat_map(u16::to_le_bytes).collect();
    std::fs::write(at.join("passphrase"), wide).unwrap();
    assert!(!payung(at, &["doctor"]));
}
