//! Tests: strings that break parsers, through every parser of text. None may panic; what is
//! accepted must say the same again.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use crate::tests::outside::naughty_strings;
use crate::{b64, base45, bundle, card, day, domain, id, invitation};
use crate::{pseudonym, report, roster, token, trust};
use std::fmt::Display;
use std::str::FromStr;

fn parse<T: FromStr + Display>(text: &str) {
    if let Ok(value) = text.parse::<T>() {
        assert_eq!(value.to_string(), text);
    }
}

#[test]
fn every_parser_of_text_survives() {
    for text in naughty_strings() {
        parse::<day::Day>(&text);
        parse::<day::Quarter>(&text);
        parse::<day::Month>(&text);
        parse::<id::ProviderId>(&text);
        parse::<id::EnvelopeId>(&text);
        parse::<domain::Domain>(&text);
        parse::<pseudonym::Pseudonym>(&text);
        parse::<report::Site>(&text);
        parse::<report::ServiceCode>(&text);
        parse::<report::ResultCode>(&text);
        parse::<report::Kind>(&text);
        parse::<report::ExitReason>(&text);
        parse::<report::Gender>(&text);
        parse::<report::AgeBand>(&text);
        let _ = card::Card::from_text(&text);
        if let Ok(bytes) = base45::decode(&text) {
            assert_eq!(base45::encode(&bytes), text);
        }
        if let Ok(bytes) = b64::decode(&text) {
            assert_eq!(b64::encode(&bytes), text);
        }
        assert!(token::role_hash(&text).is_err());
        assert!(invitation::Invitation::read(&text).is_err());
    }
}

/// As JSON, whole and as a string in the place of a field.
#[test]
fn every_parser_of_json_survives() {
    for text in naughty_strings() {
        let quoted = serde_json::to_string(&text).unwrap();
        for json in [text.as_str(), quoted.as_str()] {
            let _ = serde_json::from_str::<report::Report>(json);
            let _ = serde_json::from_str::<roster::Line>(json);
            let _ = serde_json::from_str::<bundle::Core>(json);
            let _ = serde_json::from_str::<trust::LogEntry>(json);
            let _ = serde_json::from_str::<trust::Head>(json);
        }
        let kind = format!(r#"{{"type":{quoted},"text":{quoted}}}"#);
        assert!(serde_json::from_str::<roster::EntryKind>(&kind).is_err());
        let note = format!(r#"{{"type":"note","text":{quoted}}}"#);
        let control = |letter: char| letter.is_control() && letter != '\n';
        let fits = text.len() <= roster::MAX_NOTE_BYTES && !text.chars().any(control);
        assert_eq!(
            serde_json::from_str::<roster::EntryKind>(&note).is_ok(),
            fits
        );
    }
}
