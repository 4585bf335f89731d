//! Forms of a release on the command line: mapping, rendering, signing, verifying, and planning without any data.

use std::path::Path;

use crypto::day::Quarter;
use exports::form::Form;
use exports::language::Language;
use exports::mapping::Mapping;
use exports::render::render;
use serde_json::Value;
use store::{Location, Room, Store};

use super::commands::{history, payung};

/// Founds, imports and closes; the signed release, written to a file.
fn published(at: &Path) -> String {
    assert!(payung(at, &["init", "--start", "2024-01-01"]));
    let input = history(at);
    assert!(payung(
        at,
        &[
            "analytics",
            "import",
            "--input",
            &input,
            "--register",
            "--yes",
            "--allow-refused"
        ]
    ));
    assert!(payung(at, &["release", "close", "--period", "2024Q1"]));
    let data = at.join("data");
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let body = runtime.block_on(async {
        let location = Location::in_folder(&data, Room::Analytics);
        let store = Store::open(&location, Room::Analytics).await.unwrap();
        let period: Quarter = "2024Q1".parse().unwrap();
        let log = server::datadir::DataDir::new(&data).release_log().unwrap();
        let found = analytics::stored::newest(&store, &log, period).await;
        found.unwrap().unwrap().1
    });
    write(at, "release.json", &body)
}

fn write(at: &Path, name: &str, bytes: &[u8]) -> String {
    let path = at.join(name);
    std::fs::write(&path, bytes).unwrap();
    path.display().to_string()
}

/// A mapping file with every gap of the template filled.
fn mapping(body: &[u8]) -> Vec<u8> {
    fn fill(value: &mut Value, path: &str) {
        match value {
            Value::String(text) if text.is_empty() => path.clone_into(text),
            Value::Object(map) => {
                for (key, inner) in map {
                    fill(inner, &format!("{path}.{key}"));
                }
            }
            _ => {}
        }
    }
    let template = exports::mapping::template(body).unwrap();
    let mut value: Value = serde_json::from_slice(&template).unwrap();
    fill(&mut value, "c");
    value.to_string().into_bytes()
}

#[test]
fn every_form_is_signed_and_made_again() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let release = published(at);
    let body = std::fs::read(&release).unwrap();
    let codes = mapping(&body);
    let map = write(at, "mapping.json", &codes);
    for (form, word) in [
        (Form::Dhis2, "dhis2"),
        (Form::Dhis2Csv, "dhis2-csv"),
        (Form::Adx, "adx"),
        (Form::Fhir, "fhir"),
        (Form::Html(Language::English), "html"),
        (Form::Pdf(Language::English), "pdf"),
    ] {
        let codes = form
            .needs_mapping()
            .then(|| Mapping::from_bytes(&codes).unwrap());
        let bytes = render(form, &body, codes.as_ref()).unwrap();
        let file = write(at, word, &bytes);
        let signature = at.join(format!("{word}.sig")).display().to_string();
        let with_mapping: &[&str] = if form.needs_mapping() {
            &["--mapping", &map]
        } else {
            &[]
        };
        let export = [
            &[
                "release",
                "export",
                "--period",
                "2024Q1",
                "--format",
                word,
                "--signature",
                &signature,
            ],
            with_mapping,
        ]
        .concat();
        assert!(payung(at, &export), "{word}");
        let first = std::fs::read(&signature).unwrap();
        assert!(
            payung(at, &export),
            "{word}: the same file is not written twice"
        );
        assert_eq!(first, std::fs::read(&signature).unwrap());
        let verify = [
            &["release", "verify", &file, "--signature", &signature],
            with_mapping,
        ]
        .concat();
        assert!(payung(at, &verify), "{word}: the signature");
        let again = [
            &[
                "release",
                "verify",
                &file,
                "--format",
                word,
                "--release",
                &release,
            ],
            with_mapping,
        ]
        .concat();
        assert!(payung(at, &again), "{word}: made again");
        write(at, word, &[&bytes[..], b" "].concat());
        assert!(
            !payung(at, &verify) && !payung(at, &again),
            "{word}: changed"
        );
    }
}

#[test]
fn reports_are_written_in_languages_and_other_forms_are_not() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let release = published(at);
    let body = std::fs::read(&release).unwrap();
    for (form, word) in [
        (Form::Html(Language::Kyrgyz), "html"),
        (Form::Pdf(Language::Kyrgyz), "pdf"),
    ] {
        let file = write(at, word, &render(form, &body, None).unwrap());
        let check = [
            "release",
            "verify",
            &file,
            "--format",
            word,
            "--release",
            &release,
        ];
        assert!(payung(at, &[&check[..], &["--language", "ky"]].concat()));
        assert!(!payung(at, &[&check[..], &["--language", "ru"]].concat()));
        assert!(!payung(at, &check), "English when nothing is said");
    }
    let export = [
        "release",
        "export",
        "--period",
        "2024Q1",
        "--language",
        "id",
    ];
    assert!(!payung(at, &export), "json has no language");
    assert!(payung(at, &[&export[..], &["--format", "pdf"]].concat()));
}

#[test]
fn a_missing_code_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let release = published(at);
    let mut codes: Value =
        serde_json::from_slice(&mapping(&std::fs::read(&release).unwrap())).unwrap();
    codes["data_elements"]
        .as_object_mut()
        .unwrap()
        .remove("D/count/city");
    let map = write(at, "mapping.json", codes.to_string().as_bytes());
    let signature = at.join("sig");
    let words = [
        "release",
        "export",
        "--period",
        "2024Q1",
        "--format",
        "adx",
        "--mapping",
        &map,
    ];
    let sign = ["--signature", &signature.display().to_string()];
    assert!(!payung(at, &[&words[..], &sign[..]].concat()));
    assert!(
        !signature.exists(),
        "nothing is signed that was not written"
    );
    assert!(
        !payung(at, &words[..6]),
        "a form with codes needs a mapping"
    );
    let html = [
        "release",
        "export",
        "--period",
        "2024Q1",
        "--format",
        "html",
        "--mapping",
        &map,
    ];
    assert!(
        !payung(at, &html),
        "a mapping that would be ignored is refused"
    );
    let csv = ["release", "export", "--period", "2024Q1", "--format", "csv"];
    assert!(
        !payung(at, &[&csv[..], &sign[..]].concat()),
        "csv carries its signature"
    );
    std::fs::write(&signature, "somebody else's").unwrap();
    assert!(
        !payung(at, &[&html[..6], &sign[..]].concat()),
        "no file is written over"
    );
    assert_eq!(std::fs::read(&signature).unwrap(), b"somebody else's");
}

#[test]
fn planning_needs_no_programme() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let words = [
        "release",
        "plan",
        "--active",
        "3000",
        "--cities",
        "4",
        "--dropouts",
        "510",
        "--quarter",
        "20",
    ];
    assert!(payung(at, &words));
    assert!(!at.join("data").exists());
}
