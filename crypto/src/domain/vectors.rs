//! Our own vectors of key derivation and evaluation, for the second implementation (the web terminal).
//!
//! Fixed seed, master scalars, domains and blinds; every key, element, proof and output. The test compares with
//! `vectors/derivation.json`; set `PAYUNG_WRITE_VECTORS=1` to write the file anew after a deliberate change of format.
#![allow(clippy::unwrap_used, clippy::disallowed_methods)]

use super::*;
use crate::tests::scripted::Scripted;
use crate::voprf::{Blinded, evaluate, finalize};
use serde_json::{Value, json};

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/vectors/derivation.json");
const SEED: [u8; 32] = [3; 32];
const INPUTS: [&[u8]; 2] = [b"", &[4; 32]];

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

fn case(master_bytes: [u8; 32], domain: Domain, epoch: u32) -> Value {
    let seed = Seed::new(Secret::new(SEED));
    let master = MasterScalar::from_bytes(&master_bytes).unwrap();
    let key = DomainKey::compose(&seed, &master, &domain, epoch).unwrap();
    let info = derive_key_info(&domain, epoch);
    let blinds = [small(0x11), small(0x22)];
    let blinded: Vec<_> = INPUTS
        .iter()
        .zip(&blinds)
        .map(|(input, blind)| Blinded::blind(input, &mut Scripted::scalars(&[*blind])).unwrap())
        .collect();
    let elements: Vec<_> = blinded.iter().map(Blinded::element).collect();
    let proof_random = small(0x33);
    let answer = evaluate(&key, &mut Scripted::scalars(&[proof_random]), &elements).unwrap();
    let outputs = finalize(blinded, &answer, &key.public()).unwrap();
    let outputs: Vec<_> = outputs.iter().map(|output| *output.expose()).collect();
    json!({
        "master": text(&master_bytes),
        "domain": domain.to_string(),
        "epoch": epoch,
        "info": info,
        "factor": text(seed.factor(info.as_bytes()).unwrap().to_bytes().expose()),
        "key": text(key.to_bytes().expose()),
        "public": text(key.public().as_bytes()),
        "inputs": texts(&INPUTS),
        "blinds": texts(&blinds),
        "blinded": texts(&elements),
        "proof_random": text(&proof_random),
        "evaluated": texts(&answer.elements),
        "proof": text(&answer.proof),
        "outputs": texts(&outputs),
    })
}

#[test]
fn derivation_vectors_hold() {
    let mut one = [0; 32];
    one[0] = 1;
    let provider = Domain::Provider(ProviderId::from_bytes([0xa5; 16]));
    let mut cases = Vec::new();
    for master in [one, small(0x44)] {
        for domain in [
            Domain::Card,
            Domain::Mail,
            Domain::Handle,
            Domain::Recover,
            Domain::Short,
            Domain::Statistics,
            provider,
        ] {
            cases.push(case(master, domain, 1));
        }
        cases.push(case(master, Domain::Card, 2));
    }
    let made = json!({
        "note": "hexadecimal throughout, scalars little endian; key = factor * master; RFC 9497 VOPRF mode, ristretto255-SHA512, one proof over both inputs",
        "seed": text(&SEED),
        "cases": cases,
    });
    if std::env::var_os("PAYUNG_WRITE_VECTORS").is_some() {
        let file = serde_json::to_string_pretty(&made).unwrap() + "\n";
        std::fs::write(PATH, file).unwrap();
    }
    let kept: Value = serde_json::from_str(&std::fs::read_to_string(PATH).unwrap()).unwrap();
    assert_eq!(kept, made);
}
