#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
use super::*;
use crypto::b64::{B64, Fixed};
use crypto::json::Hidden;

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
        opener: Hidden::of(&[1; 32]),
        handle: WORD.to_owned(),
        record: Fixed([1; 192]),
        staff_public: Fixed([1; 32]),
        proof: Fixed([1; 32]),
        staff_private_sealed: B64(vec![1]),
        terminal_public: Fixed([1; 32]),
        door: Hidden::of(&[1; 32]),
        label: WORD.to_owned(),
        provider_public: None,
        provider_report: None,
        data_key_sealed: None,
    }
}

fn colleague() -> Colleague {
    Colleague {
        staff: crypto::id::StaffId::from_bytes([1; 16]),
        handle: WORD.to_owned(),
        role: Role::Clinician,
        public: Fixed([1; 32]),
        proof: Fixed([1; 32]),
        invited: crypto::invitation::InviterKind::Operator,
        on: crypto::day::Day::from_unix(0),
        first: false,
        has_data_key: false,
        revoked: false,
    }
}

/// Whatever ends up in a log: an invitation lets its reader in, a log-in name endangers its bearer.
#[test]
fn invitations_and_names_are_not_printed() {
    let start = RegisterStart {
        opener: Hidden::of(&[0x5e; 32]),
        request: Fixed([1; 32]),
    };
    let log_in = LoginStart {
        handle: WORD.to_owned(),
        terminal: crypto::id::TerminalId::from_bytes([1; 16]),
        ke1: Fixed([1; 96]),
        knock: Fixed([1; 32]),
    };
    let signed_in = SignedIn {
        staff: crypto::id::StaffId::from_bytes([1; 16]),
        handle: WORD.to_owned(),
        last_day: crypto::day::Day::from_unix(0),
    };
    let listed = Enrolled {
        terminal: crypto::id::TerminalId::from_bytes([1; 16]),
        label: WORD.to_owned(),
        class: Class::Operator,
        provider: None,
        people: vec![signed_in.clone()],
        revoked: false,
    };
    let text = format!(
        "{start:?} {log_in:?} {signed_in:?} {listed:?} {:?} {:?}",
        registration(),
        colleague()
    );
    assert!(!text.contains(WORD) && !text.contains("94"), "{text}");
}
