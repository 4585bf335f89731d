#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
use super::*;
use crate::tests::outside::{self, hex};
use coset::{CborSerializable, TaggedCborSerializable, iana};
use ed25519_dalek::{Signer, SigningKey};

fn example(name: &str) -> Option<(serde_json::Value, Vec<u8>)> {
    let vector = outside::vectors(&format!("cose/{name}.json"))?;
    let message = hex(vector["output"]["cbor"].as_str().unwrap());
    Some((vector, message))
}

fn example_key() -> [u8; 32] {
    let x = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
    hex(x).try_into().unwrap()
}

#[test]
fn published_sign1_verifies() {
    let Some((vector, message)) = example("eddsa-sig-01") else {
        return;
    };
    let parsed = Sign1::parse(&message, true).unwrap();
    assert_eq!(parsed.unprotected.kid, Some(&b"11"[..]));
    let payload = parsed.verify(&example_key(), ALG_EDDSA, b"").unwrap();
    assert_eq!(payload, b"This is the content.");
    let structure = signature_structure(parsed.protected_bytes, None, b"", payload);
    let expected = vector["intermediates"]["ToBeSign_hex"].as_str().unwrap();
    assert_eq!(structure, hex(expected));
    // Not under the name of another algorithm, with other associated data, or untagged.
    assert_eq!(
        parsed.verify(&example_key(), ALG_ED25519, b""),
        Err(CoseError::Algorithm)
    );
    assert_eq!(
        parsed.verify(&example_key(), ALG_EDDSA, b"x"),
        Err(CoseError::Signature)
    );
    assert!(Sign1::parse(&message, false).is_err());
}

#[test]
fn published_ed448_is_refused() {
    let Some((_, message)) = example("eddsa-sig-02") else {
        return;
    };
    let parsed = Sign1::parse(&message, true).unwrap();
    assert_eq!(
        parsed.verify(&example_key(), ALG_EDDSA, b""),
        Err(CoseError::Signature)
    );
}

/// COSE_Sign is not a format of ours; its signers share our structure and verification.
#[test]
fn published_sign_signers_verify() {
    for (name, accepted) in [("eddsa-01", true), ("eddsa-02", false)] {
        let Some((vector, message)) = example(name) else {
            return;
        };
        let mut reader = Reader::new(&message);
        assert_eq!(reader.tag().unwrap(), 98);
        assert_eq!(reader.array().unwrap(), 4);
        let body = reader.bytes().unwrap();
        reader.skip().unwrap();
        let payload = reader.bytes().unwrap();
        assert_eq!(reader.array().unwrap(), 1);
        assert_eq!(reader.array().unwrap(), 3);
        let signer = reader.bytes().unwrap();
        reader.skip().unwrap();
        let signature = reader.bytes().unwrap();
        let structure = signature_structure(body, Some(signer), b"", payload);
        let signers = &vector["intermediates"]["signers"];
        let expected = signers[0]["ToBeSign_hex"].as_str().unwrap();
        assert_eq!(structure, hex(expected));
        let result = verify_raw(&example_key(), ALG_EDDSA, &structure, signature);
        assert_eq!(result.is_ok(), accepted, "{name}");
    }
}

fn own_message(tagged: bool) -> ([u8; 32], Vec<u8>) {
    let key = SigningKey::from_bytes(&[7; 32]);
    let protected = Writer::new()
        .map(2)
        .integer(LABEL_ALG)
        .integer(ALG_ED25519)
        .integer(LABEL_KID)
        .bytes(&[9])
        .finish();
    let message = sign1(tagged, &protected, b"aad", b"payload", |bytes| {
        key.sign(bytes).to_bytes()
    });
    (key.verifying_key().to_bytes(), message)
}

#[test]
fn an_independent_library_agrees() {
    let (key, message) = own_message(true);
    let other = coset::CoseSign1::from_tagged_slice(&message).unwrap();
    let alg = coset::RegisteredLabelWithPrivate::Assigned(iana::Algorithm::Ed25519);
    assert_eq!(other.protected.header.alg, Some(alg));
    assert_eq!(other.protected.header.key_id, vec![9]);
    let key = ed25519_dalek::VerifyingKey::from_bytes(&key).unwrap();
    other
        .verify_signature(b"aad", |signature, data| {
            let signature = ed25519_dalek::Signature::from_slice(signature)?;
            key.verify_strict(data, &signature)
        })
        .unwrap();
    let (_, untagged) = own_message(false);
    assert_eq!(other.to_vec().unwrap(), untagged);
}

#[test]
fn every_flipped_byte_and_every_prefix_is_refused() {
    let (key, message) = own_message(false);
    assert!(
        Sign1::parse(&message, false)
            .unwrap()
            .verify(&key, ALG_ED25519, b"aad")
            .is_ok()
    );
    for at in 0..message.len() {
        for bit in 0..8 {
            let mut bad = message.clone();
            bad[at] ^= 1 << bit;
            let result = Sign1::parse(&bad, false)
                .and_then(|parsed| parsed.verify(&key, ALG_ED25519, b"aad").map(<[u8]>::to_vec));
            assert!(result.is_err(), "byte {at} bit {bit}");
        }
        assert!(Sign1::parse(&message[..at], false).is_err());
    }
}

#[test]
fn critical_and_repeated_headers_are_refused() {
    // {1: -19, 2: [4]}, {1: -19, 1: -19}, {1: -19} with a long map head, trailing byte.
    for protected in ["a20132028104", "a201320132", "b8010132", "a1013200", "81"] {
        let bytes = sign1(false, &hex(protected), b"", b"", |_| [0; 64]);
        assert!(Sign1::parse(&bytes, false).is_err(), "{protected}");
    }
    let empty = sign1(false, b"", b"", b"", |_| [0; 64]);
    let parsed = Sign1::parse(&empty, false).unwrap();
    assert_eq!(
        parsed.verify(&[0; 32], ALG_ED25519, b""),
        Err(CoseError::Algorithm)
    );
}
