//! The hash to the group against RFC 9497, and pairs at the edge, from `vectors/edge`.

use curve25519_dalek::scalar::Scalar;
use serde_json::Value;

use super::hash::hash_to_ristretto255;
use super::{ElGamal, PersonElement, StatisticsSecret, decrypt, reshuffle};
use crate::domain::DomainKey;
use crate::rng::Random;
use crate::vectors::case::{Held, array, bytes, each, fixed_parts, list, parts, same, text, unhex};

/// RFC 9497 hashes its inputs the same way under its own DST; its vectors of all three modes give the blind and the blinded
/// element, so they test the whole hash to the group. One case is one input.
pub(crate) fn hashed(file: &Value) -> Held<usize> {
    let mut checked = 0;
    for suite in list(file)? {
        same(
            "identifier",
            text(&suite["identifier"])?,
            "ristretto255-SHA512",
        )?;
        let dst = bytes(&suite["groupDST"])?;
        each(&suite["vectors"], |case| {
            let (inputs, blinds) = (parts(&case["Input"])?, fixed_parts(&case["Blind"])?);
            let expected = fixed_parts::<32>(&case["BlindedElement"])?;
            same("Blind", blinds.len(), inputs.len())?;
            same("BlindedElement", expected.len(), inputs.len())?;
            for ((input, blind), expected) in inputs.iter().zip(blinds).zip(&expected) {
                let blind = Scalar::from_canonical_bytes(blind);
                let blind = blind.into_option().ok_or("Blind: no scalar")?;
                let point = hash_to_ristretto255(input, &dst) * blind;
                same("BlindedElement", point.compress().as_bytes(), expected)?;
            }
            checked += inputs.len();
            Ok(())
        })?;
    }
    Ok(checked)
}

/// Pairs that are malformed, of the identity, or related to each other.
pub(crate) fn pairs(file: &Value) -> Held<usize> {
    let key = DomainKey::from_bytes(&array(&file["k_a"])?)?;
    let secret = StatisticsSecret::from_bytes(&array(&file["y"])?)?;
    let (public, rng) = (secret.public(), &mut Random::seeded([9; 32]));
    same("Y", public.as_bytes(), &array::<32>(&file["Y"])?)?;
    each(&file["cases"], |case| {
        let pair = ElGamal::from_bytes(array(&case["pair"])?);
        let taken = pair.check().is_ok();
        same("check", taken, text(&case["check"])? == "taken")?;
        let moved = reshuffle(&pair, &key, &public, rng);
        same("reshuffle", moved.is_ok(), taken)?;
        let person = moved.and_then(|moved| decrypt(&secret, &moved)).ok();
        let expected = match text(&case["decrypt"])? {
            "refused" => None,
            element => Some(element),
        };
        let expected = expected.map(unhex).transpose()?;
        let person = person.as_ref().map(PersonElement::as_bytes);
        same(
            "decrypt",
            person.map(|person| &person[..]),
            expected.as_deref(),
        )
    })
}
