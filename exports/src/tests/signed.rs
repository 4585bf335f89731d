//! Exports that were signed once: the same release and codes give the same bytes for ever, and the signature beside them fits.
use std::path::Path;

use crypto::secret::Secret;
use crypto::sign::ReleaseKey;

use crate::form::Form;
use crate::language::Language;
use crate::mapping::Mapping;
use crate::render::{is_rendering, render, served_page};
use crate::signature;

/// The kept exports: file, release, form.
const KEPT: [(&str, &str, Form); 9] = [
    ("ordinary.dhis2.json", "ordinary", Form::Dhis2),
    ("ordinary.dhis2.csv", "ordinary", Form::Dhis2Csv),
    ("ordinary.adx.xml", "ordinary", Form::Adx),
    ("ordinary.fhir.json", "ordinary", Form::Fhir),
    (
        "ordinary.en.html",
        "ordinary",
        Form::Html(Language::English),
    ),
    ("ordinary.en.pdf", "ordinary", Form::Pdf(Language::English)),
    (
        "smallest.ru.html",
        "smallest",
        Form::Html(Language::Russian),
    ),
    (
        "revision.id.html",
        "revision",
        Form::Html(Language::Indonesian),
    ),
    ("smallest.ky.pdf", "smallest", Form::Pdf(Language::Kyrgyz)),
];

/// A file that lies beside the kept releases.
fn kept(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../release/tests/data/signed");
    let path = folder.join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn what_was_exported_once_is_exported_again() {
    let codes = kept("exports/mapping.json");
    let mapping = Mapping::from_bytes(&codes).unwrap();
    // The key that signed what is kept.
    let key = ReleaseKey::from_seed(&Secret::new([11; 32])).unwrap();
    for (name, release, form) in KEPT {
        let body = kept(&format!("{release}.json"));
        let codes = form.needs_mapping().then_some(&codes[..]);
        let mapping = form.needs_mapping().then_some(&mapping);
        let file = kept(&format!("exports/{name}"));
        assert!(render(form, &body, mapping).unwrap() == file, "{name}");
        assert!(is_rendering(form, &body, mapping, &file).unwrap(), "{name}");
        let beside = kept(&format!("exports/{name}.signature"));
        let said = signature::verify(&file, &beside, &key.public(), codes).unwrap();
        assert_eq!(said.form, form, "{name}");
        let again = signature::sign(form, &body, codes, &file, &key).unwrap();
        assert_eq!(again, beside, "{name}");
    }
    let served = served_page(&kept("smallest.json"), Language::English).unwrap();
    assert!(served == kept("exports/smallest.served.html"));
}
