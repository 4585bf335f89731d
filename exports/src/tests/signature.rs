//! Signatures beside exports: what they bind and what they refuse.
use crypto::secret::Secret;
use crypto::sign::ReleaseKey;

use super::{body, filled, hash, key, rendered};
use crate::form::Form;
use crate::language::Language;
use crate::signature::{SignError, SignatureError, sign, verify};

#[test]
fn a_signature_binds_file_form_release_and_mapping() {
    let (body, codes) = (body(), filled().to_string().into_bytes());
    for form in [
        Form::Dhis2,
        Form::Adx,
        Form::Html(Language::English),
        Form::Pdf(Language::Kyrgyz),
    ] {
        let mapping = form.needs_mapping().then_some(&codes[..]);
        let file = rendered(form, &filled()).unwrap();
        let signed = sign(form, &body, mapping, &file, &key()).unwrap();
        assert_eq!(signed, sign(form, &body, mapping, &file, &key()).unwrap());
        let said = verify(&file, &signed, &key().public(), mapping).unwrap();
        assert_eq!((said.form, said.version), (form, 1));
        assert_eq!(said.hash, hash(&body));
        assert_eq!(said.mapping.is_some(), form.needs_mapping());
        assert_eq!(verify(&file, &signed, &key().public(), None).unwrap(), said);
        let other = verify(&file, &signed, &key().public(), Some(b"other"));
        assert_eq!(other, Err(SignatureError::Mapping));
        let changed = [&file[..], b" "].concat();
        assert_eq!(
            verify(&changed, &signed, &key().public(), mapping),
            Err(SignatureError::File)
        );
    }
}

#[test]
fn every_change_of_the_signature_file_is_noticed() {
    let (body, file) = (body(), b"file".to_vec());
    let signed = sign(Form::Html(Language::English), &body, None, &file, &key()).unwrap();
    let public = key().public();
    for at in 0..signed.len() {
        for other in [signed[at] ^ 1, signed[at] ^ 0x20, b'\n'] {
            let mut changed = signed.clone();
            changed[at] = other;
            if changed != signed {
                assert!(verify(&file, &changed, &public, None).is_err(), "byte {at}");
            }
        }
        assert!(verify(&file, &signed[..at], &public, None).is_err());
    }
    assert!(verify(&file, &[&signed[..], b"\n"].concat(), &public, None).is_err());
}

#[test]
fn other_keys_neither_sign_nor_verify() {
    let other = ReleaseKey::from_seed(&Secret::new([8; 32])).unwrap();
    let refused = sign(Form::Html(Language::English), &body(), None, b"x", &other);
    assert!(matches!(refused, Err(SignError::OtherKey)));
    let signed = sign(Form::Html(Language::English), &body(), None, b"x", &key()).unwrap();
    let wrong = verify(b"x", &signed, &other.public(), None);
    assert_eq!(wrong, Err(SignatureError::OtherKey));
}

/// What closes a quarter signs two other kinds of text with the same key; neither passes for an export's.
#[test]
fn signatures_of_releases_are_not_signatures_of_exports() {
    let body = body();
    let csv = release::seal::as_csv(&body).unwrap();
    for file in [&body, &csv] {
        assert_eq!(
            verify(file, file, &key().public(), None),
            Err(SignatureError::Format)
        );
    }
    assert!(!body.starts_with(b"payung export") && csv.starts_with(b"#"));
    let signed = sign(Form::Html(Language::English), &body, None, b"x", &key()).unwrap();
    assert!(release::verify::verify(&signed, &key().public()).is_err());
}
