//! Files of rows as they come from the field, through the command line.

use std::path::{Path, PathBuf};

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

/// People active on the last day of 2026Q1, by table A's contributions; first enrolments; contacts after a death.
const ACTIVE: &str =
    "SELECT COUNT(*) FROM contribution WHERE period = 8104 AND cell / 4294967296 = 1";
const FIRST: &str = "SELECT COUNT(*) FROM contribution WHERE cell / 4294967296 = 5";
const AFTER_DEATH: &str = "SELECT count FROM refusal WHERE reason = 'after-death'";

/// One site enters a death by mistake; each person then comes on four more days. After ohcnetwork/care_fe#10905 and
/// openmrs/openmrs-module-emrapi#200.
#[test]
fn a_death_by_mistake_erases_nobody_who_keeps_coming() {
    let folder = tempfile::tempdir().unwrap();
    let (at, data) = (folder.path(), folder.path().join("data"));
    assert!(payung(at, &["init", "--start", "2026-01-01"]));
    let mut rows = String::new();
    for person in 0..60 {
        rows.push_str(&format!(
            "k{person},2026-01-05,medan/a,oat-methadone,enrolled,,,\n"
        ));
        rows.push_str(&format!(
            "k{person},2026-01-06,medan/b,nsp,exited:died,,,\n"
        ));
        for day in ["01-07", "02-07", "03-07", "03-28"] {
            rows.push_str(&format!(
                "k{person},2026-{day},medan/a,oat-methadone,contact,,,\n"
            ));
        }
    }
    // Somebody who came once more, perhaps a relative with the card.
    rows.push_str(
        "x,2026-03-27,medan/a,nsp,enrolled,,,\nx,2026-03-28,medan/a,nsp,exited:died,,,\n",
    );
    rows.push_str("x,2026-03-29,medan/a,nsp,contact,,,\n");
    assert!(import(at, &written(at, &rows), &["--register", "--yes"], 0));
    assert_eq!(counted(&data, ACTIVE), 60);
    assert_eq!(counted(&data, FIRST), 61);
    // Two of each person's contacts came while the death stood, one of the last one's.
    assert_eq!(counted(&data, AFTER_DEATH), 60 * 2 + 1);
    assert!(payung(at, &["doctor"]));
}

/// Copies a data folder without its log, as `cp -r` does.
fn two_folders(at: &Path) -> (PathBuf, tempfile::TempDir) {
    assert!(payung(at, &["init", "--start", "2024-01-01"]));
    let rows = written(at, "p1,2024-01-05,medan/a,art,enrolled,,,\n");
    assert!(import(at, &rows, &["--register", "--yes"], 0));
    let copy = tempfile::tempdir().unwrap();
    copied(&at.join("data"), &copy.path().join("data"));
    (at.join("data-release-log"), copy)
}

/// Every release that a data folder shows.
fn releases(at: &Path) -> i64 {
    counted(&at.join("data"), "SELECT COUNT(*) FROM release")
}

#[test]
fn a_copy_of_the_data_folder_closes_no_quarter_a_second_time() {
    let close = ["release", "close", "--period", "2024Q1"];
    for original_first in [true, false] {
        let folder = tempfile::tempdir().unwrap();
        let (log, copy) = two_folders(folder.path());
        let both = [folder.path(), copy.path()];
        let (first, second) = match original_first {
            true => (both[0], both[1]),
            false => (both[1], both[0]),
        };
        assert!(payung(first, &close));
        let lines = std::fs::read(log.join("release.log")).unwrap();
        assert!(ends_with(second, &close, 1), "the log knows of a closing");
        assert!(ends_with(second, &["doctor"], 1));
        assert_eq!((releases(first), releases(second)), (1, 0));
        assert_eq!(std::fs::read(log.join("release.log")).unwrap(), lines);
        // Where the log is not, on another machine say, nothing is closed either, and nothing is read.
        std::fs::rename(&log, folder.path().join("away")).unwrap();
        for words in [&close[..], &["release", "list"], &["doctor"]] {
            assert!(ends_with(second, words, 1), "{words:?}");
        }
        assert_eq!(releases(second), 0);
    }
}

/// Who copies the log too, and says so in the copy's settings, has a second programme; the head that somebody else keeps tells which
/// of the two is the right one.
#[test]
fn a_copy_with_its_log_does_not_go_on_from_the_head_that_was_seen() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let (log, copy) = two_folders(at);
    let own = copy.path().join("data-release-log");
    copied(&log, &own);
    let file = copy.path().join("data").join("payung.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    let (old, new) = (log.display().to_string(), own.display().to_string());
    assert!(text.contains(&old), "the place is remembered whole");
    std::fs::write(&file, text.replace(&old, &new)).unwrap();
    assert!(payung(at, &["release", "close", "--period", "2024Q1"]));
    // What a mirror fetched: the head, signed by the programme.
    let bytes = std::fs::read(log.join("release.log")).unwrap();
    let keys = server::datadir::DataDir::new(&at.join("data"));
    let secret = crypto::secret::SecretBytes::new(b"quiet ladder amber tunnel".to_vec());
    let keys = server::open::analytics_keys(&keys, &secret).unwrap();
    let read = release::log::mirror::Mirror::read(&bytes).unwrap();
    let head = serde_json::to_vec(&read.head().sign(&keys.release)).unwrap();
    let seen = at.join("head.json");
    std::fs::write(&seen, head).unwrap();
    let seen = seen.display().to_string();
    let close = ["release", "close", "--period", "2024Q1", "--seen", &seen];
    assert!(
        ends_with(copy.path(), &close, 1),
        "the copy knows nothing of that closing"
    );
    let next = ["release", "close", "--period", "2024Q2", "--seen", &seen];
    assert!(payung(at, &next), "the programme's own goes on");
    // Without the log, nothing closes until somebody says that it was lost, word by word.
    for lost in ["emptied", "gone"] {
        match lost {
            "emptied" => std::fs::write(log.join("release.log"), "").unwrap(),
            _ => std::fs::remove_dir_all(&log).unwrap(),
        }
        let close = ["release", "close", "--period", "2024Q3"];
        assert!(ends_with(at, &close, 1), "{lost}");
        assert!(ends_with(at, &["doctor"], 1), "{lost}");
        assert!(ends_with(at, &["release", "log", "--adopt", "yes"], 1));
        let words = "the log was lost and no copy closed a quarter";
        assert!(payung(at, &["release", "log", "--adopt", words]), "{lost}");
        assert!(payung(at, &["doctor"]), "{lost}");
    }
    assert!(payung(at, &["release", "close", "--period", "2024Q3"]));
}

fn copied(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copied(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}
