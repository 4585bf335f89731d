//! Our own vectors of domain keys and evaluation, `vectors/derivation.json`.
//!
//! Fixed factors, a master scalar for each class, fixed blinds; every key, element, proof and output.

use serde_json::{Map, Value, json};

use super::{
    Class, Domain, DomainKey, DomainOf, Evaluated, Factor, Guessing, Identification, MasterScalar,
    Statistics,
};
use crate::factor;
use crate::id::ProviderId;
use crate::secret::Secret;
use crate::vectors::case::Held;
use crate::vectors::scripted::{play, scalars};
use crate::voprf::{Blinded, evaluate, finalize};

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
fn composed<C: Class>(
    master: u8,
    g: u8,
    domain: Domain,
    epoch: u32,
) -> Held<(DomainKey<C>, Map<String, Value>)> {
    let factor = Factor::<C>::from_bytes(&small(g))?;
    let of = DomainOf::try_from(domain)?;
    let record_key = Secret::new(RECORD_KEY);
    let sealed = |nonce: &mut _| Ok(factor::seal(&record_key, &of, epoch, &factor, nonce)?);
    let record = play(&[0x55; 24], sealed)?;
    let master = MasterScalar::from_bytes(&small(master))?;
    let key = DomainKey::compose(&master, &factor)?;
    let case = [
        ("domain", json!(domain.to_string())),
        ("epoch", json!(epoch)),
        ("master", json!(text(master.to_bytes().expose()))),
        ("factor", json!(text(factor.to_bytes().expose()))),
        ("record", json!(text(&record))),
        ("key", json!(text(key.to_bytes().expose()))),
        ("public", json!(text(key.public().as_bytes()))),
    ];
    let case = case.map(|(name, value)| (name.to_owned(), value));
    Ok((key, case.into_iter().collect()))
}

fn case<C: Evaluated>(master: u8, g: u8, domain: Domain, epoch: u32) -> Held<Map<String, Value>> {
    let (key, mut case) = composed::<C>(master, g, domain, epoch)?;
    let blinds = [small(0x11), small(0x12)];
    let blinded = INPUTS
        .iter()
        .zip(&blinds)
        .map(|(input, blind)| play(&scalars(&[*blind]), |rng| Ok(Blinded::blind(input, rng)?)));
    let blinded = blinded.collect::<Held<Vec<_>>>()?;
    let elements: Vec<_> = blinded.iter().map(Blinded::element).collect();
    let proof_random = small(0x13);
    let answer = play(&scalars(&[proof_random]), |rng| {
        Ok(evaluate(&key, rng, &elements)?)
    })?;
    let outputs = finalize(blinded, &answer, &key.public())?;
    let outputs: Vec<_> = outputs.iter().map(|output| *output.expose()).collect();
    let evaluation = [
        ("inputs", json!(texts(&INPUTS))),
        ("blinds", json!(texts(&blinds))),
        ("blinded", json!(texts(&elements))),
        ("proof_random", json!(text(&proof_random))),
        ("evaluated", json!(texts(&answer.elements))),
        ("proof", json!(text(&answer.proof))),
        ("outputs", json!(texts(&outputs))),
    ];
    case.extend(evaluation.map(|(name, value)| (name.to_owned(), value)));
    Ok(case)
}

/// Everything, made anew.
pub(crate) fn made() -> Held<Value> {
    let provider = Domain::Provider(ProviderId::from_bytes([0xa5; 16]));
    let mut cases = Vec::new();
    for (g, domain, epoch) in [
        (0x31, Domain::Card, 1),
        (0x32, Domain::Mail, 1),
        (0x33, provider, 1),
        (0x34, Domain::Card, 2),
    ] {
        cases.push(case::<Identification>(K_ID, g, domain, epoch)?);
    }
    for (g, domain) in [
        (0x35, Domain::Handle),
        (0x36, Domain::Recover),
        (0x37, Domain::Short),
        (0x38, Domain::Pin),
    ] {
        cases.push(case::<Guessing>(K_GUESS, g, domain, 1)?);
    }
    cases.push(composed::<Statistics>(K_STAT, 0x39, Domain::Statistics, 1)?.1);
    Ok(json!({
        "note": "hexadecimal throughout, scalars little endian; key = factor * master; RFC 9497 VOPRF mode, ristretto255-SHA512, one proof over both inputs; record = factor sealed under record_key",
        "record_key": text(&RECORD_KEY),
        "cases": cases,
    }))
}
