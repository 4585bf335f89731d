//! Cards at the edge of what a signature or an encoding may be, from `vectors/edge`.
//!
//! Each is taken apart by the functions that open a card. The vectors bind their signatures to `derive("card commitment", c)`.

use serde_json::Value;

use super::{
    CARD_BYTES, Card, CardKeys, Commitment, SECRET_BYTES, SIGNED_BLANK_BYTES, SignedBlank, WrapKey,
};
use crate::digest::derive_id;
use crate::label;
use crate::vectors::case::{Held, array, each, ensure, same, text};
use crate::verdict::{Verdict, verdict};

/// Signatures that somebody would let pass, and their controls.
pub(crate) fn signatures(file: &Value) -> Held<usize> {
    let mut opened = 0;
    let cases = each(&file["cases"], |case| {
        opened += run(file, case, array(&case["issuer_public"])?)?;
        Ok(())
    })?;
    same("how many open", opened, 2)?;
    Ok(cases)
}

/// Other encodings of a card, and their controls.
pub(crate) fn encodings(file: &Value) -> Held<usize> {
    let issuer = array(&file["issuer_public"])?;
    let mut opened = 0;
    let cases = each(&file["cases"], |case| {
        opened += run(file, case, issuer)?;
        Ok(())
    })?;
    same("how many open", opened, 5)?;
    Ok(cases)
}

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

/// One case under the issuer's public key; 1 if it opens, else 0.
fn run(file: &Value, case: &Value, issuer: [u8; 32]) -> Held<u32> {
    let kid = file["kid"].as_u64().ok_or("no kid")?;
    let issuer = (u8::try_from(kid)?, issuer);
    let wrap = WrapKey::from_bytes(array(&file["wrap_key"])?);
    let said = text(&case["text"])?;
    let card = Card::from_text(said)?;
    same("card", card.0, array::<CARD_BYTES>(&case["card"])?)?;
    same("text", card.to_text(), said)?;
    let found = opens(&card, &wrap, issuer);
    let must = match text(&case["must"])? {
        "opens" => true,
        "unknown" => false,
        _ => return Err("must: neither opens nor unknown".into()),
    };
    same("must", found, must)?;
    let keys = CardKeys {
        issuers: vec![issuer],
        wraps: vec![wrap],
    };
    let (told, opened) = verdict(said, &keys, None, "2026-11-30".parse()?);
    ensure(must || told == Verdict::Unknown, "the verdict")?;
    same("what is opened", opened.is_none(), told == Verdict::Unknown)?;
    Ok(u32::from(found))
}
