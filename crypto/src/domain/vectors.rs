//! Our own vectors of domain keys and evaluation, for the second implementation (the web terminal).
//!
//! Fixed factors, a master scalar for each class, fixed blinds; every key, element, proof and output. The test compares with
//! `vectors/derivation.json`; set `PAYUNG_WRITE_VECTORS=1` to write the file anew after a deliberate change of format.
#![allow(clippy::unwrap_used, clippy::disallowed_methods)]

use super::*;
use crate::factor;
use crate::tests::scripted::Scripted;
use crate::voprf::{Blinded, evaluate, finalize};
use serde_json::{Value, json};

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/vectors/derivation.json");
const RECORD_KEY: [u8; 32] = [3; 32];
const INPUTS: [&[u8]; 2] = [b"", &[4; 32]];
const K_ID: u8 = 0x21;
const K_GUESS: u8 = 0x22;
const K_STAT: u8 = 0x23;

fn text(bytes: &[u8]) -> String {
    crate::hex::encode(bytes)
}

fn texts<T: AsRef<[u8]>>(values: &[T]) -> Vec<String> {
    values.iter().map(|value| text(value.as_ref())).collect()
}

/// A small scalar, little endian: canonical and easy to type.
fn small(low: u8) -> [u8; 32] {
    let mut bytes = [low; 32];
    bytes[31] = 0;
    bytes
}

/// The key of one domain and epoch, and what is known about it.
fn composed<C: Class>(master: u8, g: u8, domain: Domain, epoch: u32) -> (DomainKey<C>, Value) {
    let factor = Factor::<C>::from_bytes(&small(g)).unwrap();
    let of = DomainOf::try_from(domain).unwrap();
    let mut nonce = Scripted::new(&[0x55; 24]);
    let record_key = Secret::new(RECORD_KEY);
    let record = factor::seal(&record_key, &of, epoch, &factor, &mut nonce).unwrap();
    let master = MasterScalar::from_bytes(&small(master)).unwrap();
    let key = DomainKey::compose(&master, &factor).unwrap();
    let case = json!({
        "domain": domain.to_string(),
        "epoch": epoch,
        "master": text(master.to_bytes().expose()),
        "factor": text(factor.to_bytes().expose()),
        "record": text(&record),
        "key": text(key.to_bytes().expose()),
        "public": text(key.public().as_bytes()),
    });
    (key, case)
}

fn case<C: Evaluated>(master: u8, g: u8, domain: Domain, epoch: u32) -> Value {
    let (key, mut case) = composed::<C>(master, g, domain, epoch);
    let blinds = [small(0x11), small(0x12)];
    let blinded: Vec<_> = INPUTS
        .iter()
        .zip(&blinds)
        .map(|(input, blind)| Blinded::blind(input, &mut Scripted::scalars(&[*blind])).unwrap())
        .collect();
    let elements: Vec<_> = blinded.iter().map(Blinded::element).collect();
    let proof_random = small(0x13);
    let answer = evaluate(&key, &mut Scripted::scalars(&[proof_random]), &elements).unwrap();
    let outputs = finalize(blinded, &answer, &key.public()).unwrap();
    let outputs: Vec<_> = outputs.iter().map(|output| *output.expose()).collect();
    let evaluation = json!({
        "inputs": texts(&INPUTS),
        "blinds": texts(&blinds),
        "blinded": texts(&elements),
        "proof_random": text(&proof_random),
        "evaluated": texts(&answer.elements),
        "proof": text(&answer.proof),
        "outputs": texts(&outputs),
    });
    let both = (case.as_object_mut().unwrap(), evaluation);
    both.0.extend(both.1.as_object().unwrap().clone());
    case
}

#[test]
fn derivation_vectors_hold() {
    let provider = Domain::Provider(ProviderId::from_bytes([0xa5; 16]));
    let mut cases = Vec::new();
    for (g, domain, epoch) in [
        (0x31, Domain::Card, 1),
        (0x32, Domain::Mail, 1),
        (0x33, provider, 1),
        (0x34, Domain::Card, 2),
    ] {
        cases.push(case::<Identification>(K_ID, g, domain, epoch));
    }
    for (g, domain) in [
        (0x35, Domain::Handle),
        (0x36, Domain::Recover),
        (0x37, Domain::Short),
        (0x38, Domain::Pin),
    ] {
        cases.push(case::<Guessing>(K_GUESS, g, domain, 1));
    }
    cases.push(composed::<Statistics>(K_STAT, 0x39, Domain::Statistics, 1).1);
    let made = json!({
        "note": "hexadecimal throughout, scalars little endian; key = factor * master; RFC 9497 VOPRF mode, ristretto255-SHA512, one proof over both inputs; record = factor sealed under record_key",
        "record_key": text(&RECORD_KEY),
        "cases": cases,
    });
    if std::env::var_os("PAYUNG_WRITE_VECTORS").is_some() {
        let file = serde_json::to_string_pretty(&made).unwrap() + "\n";
        std::fs::write(PATH, file).unwrap();
    }
    let kept: Value = serde_json::from_str(&std::fs::read_to_string(PATH).unwrap()).unwrap();
    assert_eq!(kept, made);
}
