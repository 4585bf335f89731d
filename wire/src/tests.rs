#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
use super::*;
use crypto::b64::{B64, Fixed};
use crypto::id::EnvelopeId;
use proptest::prelude::*;

#[test]
fn roles_have_one_spelling() {
    for role in Role::ALL {
        assert_eq!(serde_json::to_string(&role).unwrap(), format!("\"{role}\""));
        assert_eq!(role.as_str().parse::<Role>().unwrap(), role);
    }
    assert!("Operator".parse::<Role>().is_err());
}

#[test]
fn what_is_counted_has_one_spelling() {
    for what in Counted::ALL {
        let text = serde_json::to_string(&what).unwrap();
        assert_eq!(text, format!("\"{}\"", what.as_str()));
    }
}

#[test]
fn prefixes_have_one_spelling() {
    let id = EnvelopeId::from_bytes([0xa2; 16]);
    assert_eq!(Prefix::of(&id, 0).to_string(), "0-");
    assert_eq!(Prefix::of(&id, 3).to_string(), "3-a0");
    assert_eq!(Prefix::of(&id, 10).to_string(), "10-a280");
    for wrong in [
        "",
        "0",
        "0-00",
        "3-a1",
        "3-A0",
        "03-a0",
        "+3-a0",
        "25-a2a2a200",
        "3-é",
        "3-a",
        "10-a2+0",
    ] {
        assert!(wrong.parse::<Prefix>().is_err(), "{wrong}");
    }
}

#[test]
fn a_request_with_an_unknown_field_is_refused() {
    let good = r#"{"blank":"","token":"AQ"}"#;
    assert!(serde_json::from_str::<RevokeCard>(good).is_ok());
    let more = r#"{"blank":"","token":"AQ","index":1}"#;
    assert!(serde_json::from_str::<RevokeCard>(more).is_err());
    assert!(serde_json::from_str::<Empty>("{}").is_ok());
}

const WORD: &str = "word4711";

fn registration() -> RegisterFinish {
    RegisterFinish {
        invitation: WORD.to_owned(),
        handle: WORD.to_owned(),
        record: Fixed([1; 192]),
        staff_public: Fixed([1; 32]),
        staff_private_sealed: B64(vec![1]),
        terminal_public: Fixed([1; 32]),
        door: Fixed([1; 32]),
        provider_public: None,
        data_key_sealed: None,
    }
}

fn colleague() -> Colleague {
    Colleague {
        staff: crypto::id::StaffId::from_bytes([1; 16]),
        handle: WORD.to_owned(),
        role: Role::Clinician,
        public: Fixed([1; 32]),
        has_data_key: false,
        revoked: false,
    }
}

/// Whatever ends up in a log: an invitation lets its reader in, a log-in name endangers its bearer.
#[test]
fn invitations_and_names_are_not_printed() {
    let start = RegisterStart {
        invitation: WORD.to_owned(),
        request: Fixed([1; 32]),
    };
    let log_in = LoginStart {
        handle: WORD.to_owned(),
        terminal: crypto::id::TerminalId::from_bytes([1; 16]),
        ke1: Fixed([1; 96]),
        knock: Fixed([1; 32]),
    };
    let invited = Invited {
        invitation: WORD.to_owned(),
    };
    let text = format!(
        "{start:?} {log_in:?} {invited:?} {:?} {:?}",
        registration(),
        colleague()
    );
    assert!(!text.contains(WORD), "{text}");
}

proptest! {
    #[test]
    fn a_bucket_holds_exactly_the_ids_of_its_prefix(id: [u8; 16], other: [u8; 16], bits in 0_u8..=24) {
        let (id, other) = (EnvelopeId::from_bytes(id), EnvelopeId::from_bytes(other));
        let prefix = Prefix::of(&id, bits);
        prop_assert_eq!(prefix.to_string().parse::<Prefix>().unwrap(), prefix);
        let (low, high) = prefix.range();
        prop_assert!(low <= id && id <= high);
        prop_assert_eq!(low <= other && other <= high, Prefix::of(&other, bits) == prefix);
    }

    #[test]
    fn any_text_is_refused_or_canonical(text in "[0-9]{1,2}-[0-9a-f]{0,6}") {
        if let Ok(prefix) = text.parse::<Prefix>() {
            prop_assert_eq!(prefix.to_string(), text);
        }
    }
}
