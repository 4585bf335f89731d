//! Tests: cards at the edge of what a signature or an encoding may be, from `vectors/edge`.
//!
//! Each is taken apart by the functions that open a card. The vectors bind their signatures to `derive("card commitment", c)`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::*;
use crate::label;
use crate::tests::outside::{hex_array, vectors};
use crate::verdict::{Verdict, verdict};
use serde_json::Value;

/// Whether a card opens for the one issuer.
fn opens(card: &Card, wrap: &WrapKey, issuer: (u8, [u8; 32])) -> bool {
    let mut secret = [0; SECRET_BYTES];
    secret.copy_from_slice(&card.0[..SECRET_BYTES]);
    let commitment = Commitment::from_bytes(derive_id(label::CARD_COMMITMENT, &secret));
    let mut blank = [0; SIGNED_BLANK_BYTES];
    blank.copy_from_slice(&card.0[SECRET_BYTES..]);
    wrap.apply(&secret, &mut blank);
    SignedBlank::parse(&blank).is_some_and(|blank| blank.verify(&commitment, &[issuer]).is_ok())
}

/// Runs the cases of a file; `issuer` finds the issuer's key of a case. Returns how many open.
fn run(file: &str, issuer: impl Fn(&Value, &Value) -> [u8; 32]) -> usize {
    let file = vectors(file).expect("the vectors are in the tree");
    let kid = u8::try_from(file["kid"].as_u64().unwrap()).unwrap();
    let wrap = WrapKey::from_bytes(hex_array(&file["wrap_key"]));
    let cases = file["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 30);
    let mut opened = 0;
    for case in cases {
        let what = case["what"].as_str().unwrap();
        let text = case["text"].as_str().unwrap();
        let card = Card::from_text(text).unwrap();
        assert_eq!(card.0, hex_array::<CARD_BYTES>(&case["card"]), "{what}");
        assert_eq!(card.to_text(), text, "{what}");
        let issuer = (kid, issuer(&file, case));
        let found = opens(&card, &wrap, issuer);
        let must = match case["must"].as_str().unwrap() {
            "opens" => true,
            "unknown" => false,
            other => panic!("{other}"),
        };
        assert_eq!(found, must, "{what}");
        opened += usize::from(found);
        let keys = CardKeys {
            issuers: vec![issuer],
            wraps: vec![wrap.clone()],
        };
        let (said, card) = verdict(text, &keys, None, "2026-11-30".parse().unwrap());
        assert!(must || said == Verdict::Unknown, "{what}");
        assert_eq!(card.is_none(), said == Verdict::Unknown, "{what}");
    }
    opened
}

#[test]
fn every_doubtful_signature_is_refused_behind_the_wrap() {
    let opened = run("edge/card-signatures.json", |_, case| {
        hex_array(&case["issuer_public"])
    });
    assert_eq!(opened, 2);
}

#[test]
fn every_other_encoding_is_refused_behind_the_wrap() {
    let opened = run("edge/card-cbor.json", |file, _| {
        hex_array(&file["issuer_public"])
    });
    assert_eq!(opened, 5);
}
