//! Our own vectors of the card and of what is derived from it, `vectors/card.json`: fixed inputs, every derived value.

use crate::b64::Fixed;
use crate::card::{Card, CardKeys, CardSecret, IssuerKey, WrapKey};
use crate::day::Month;
use crate::domain::{Class, DomainKey, Factor, Identification, MasterScalar, Statistics};
use crate::envelope::{EnvelopeKeys, IdentitySecret};
use crate::hex;
use crate::id::{EntryId, ProviderId};
use crate::locker::LockerKeys;
use crate::provider::DataKey;
use crate::pseudonym::{alias, provider_pseudonym};
use crate::rng::Random;
use crate::secret::Secret;
use crate::statistics::{self, StatisticsSecret};
use crate::voprf::{self, Blinded};
use serde_json::{Value, json};

use super::case::{Held, same};

/// The card secret: sixteen bytes that count.
const CARD_SECRET: [u8; 16] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];
const INDEX: u32 = 73_211;
const EXPIRY: u16 = 46;
const EPOCH: u32 = 1;

/// A small scalar, little endian: canonical and easy to type.
fn small(low: u8) -> [u8; 32] {
    let mut bytes = [low; 32];
    bytes[31] = 0;
    bytes
}

const CARD: u8 = 0x31;
const MAIL: u8 = 0x32;
const PROVIDER: u8 = 0x33;
const STATISTICS: u8 = 0x34;

fn domain_key<C: Class>(master: u8, factor: u8) -> Held<DomainKey<C>> {
    let master = MasterScalar::from_bytes(&small(master))?;
    Ok(DomainKey::compose(
        &master,
        &Factor::from_bytes(&small(factor))?,
    )?)
}

fn identification(factor: u8) -> Held<DomainKey<Identification>> {
    domain_key(0x21, factor)
}

/// The finalized evaluation: the same whatever the randomness.
fn finalized(key: &DomainKey<Identification>, input: &[u8], rng: &mut Random) -> Held<Secret<64>> {
    let blinded = Blinded::blind(input, rng)?;
    let answer = voprf::evaluate(key, rng, &[blinded.element()])?;
    let mut outputs = voprf::finalize(vec![blinded], &answer, &key.public())?;
    Ok(outputs.pop().ok_or("an answer without an output")?)
}

fn card_part(rng: &mut Random) -> Held<Value> {
    let secret = CardSecret::from_bytes(CARD_SECRET);
    let issuer = IssuerKey::from_seed(&Secret::new([1; 32]))?;
    let wrap = WrapKey::from_bytes([2; 32]);
    let expiry = Month::from_number(EXPIRY)?;
    let blank = issuer.sign_blank(7, INDEX, expiry, &secret.commitment())?;
    let card = Card::assemble(&secret, &blank, &wrap);
    let keys = CardKeys {
        issuers: vec![(7, issuer.public())],
        wraps: vec![wrap],
    };
    let text = card.to_text();
    let opened = Card::from_text(&text)?.open(&keys)?;
    same("the card", (opened.index, opened.expiry), (INDEX, expiry))?;
    let key = identification(CARD)?;
    let proved = opened.revocation().check(&keys.issuers);
    same("the revocation", proved, Ok(INDEX))?;
    let u_c = finalized(&key, secret.expose(), rng)?;
    let envelope = EnvelopeKeys::derive(&u_c);
    Ok(json!({
        "revoke_token": hex::encode(secret.revoke_token().expose()),
        "commitment": hex::encode(secret.commitment().as_bytes()),
        "issuer_pk": hex::encode(&issuer.public()),
        "cose": hex::encode(blank.as_bytes()),
        "cose_len": blank.as_bytes().len(),
        "card": hex::encode(card.expose()),
        "card_len": card.expose().len(),
        "base45": text,
        "base45_len": text.len(),
        "expiry": expiry.to_string(),
        "pk_card": hex::encode(key.public().as_bytes()),
        "u_c": hex::encode(u_c.expose()),
        "envelope_id": envelope.id.to_string(),
        "envelope_key": hex::encode(envelope.key().expose()),
        "envelope_delete_token": hex::encode(envelope.delete_token.expose()),
        "envelope_delete_hash": hex::encode(&envelope.delete_token_hash()),
    }))
}

fn identity_part(rng: &mut Random) -> Held<Value> {
    let s = IdentitySecret::from_bytes([4; 32]);
    let key = identification(PROVIDER)?;
    let u_p = finalized(&key, s.expose(), rng)?;
    let data_key = DataKey::from_bytes([6; 32]);
    let pseudonym = provider_pseudonym(&data_key, &u_p);
    let mail = identification(MAIL)?;
    let u_m = finalized(&mail, s.expose(), rng)?;
    let locker = LockerKeys::derive(&u_m);
    Ok(json!({
        "pk_provider": hex::encode(key.public().as_bytes()),
        "u_p": hex::encode(u_p.expose()),
        "pseudonym_key": hex::encode(data_key.pseudonym_key().expose()),
        "roster_key": hex::encode(data_key.roster_key().expose()),
        "report_id": data_key.report_id(&EntryId::from_bytes([0x0b; 16])),
        "report_public": hex::encode(&data_key.report_key()?.public()),
        "inbox_public": hex::encode(data_key.inbox().public().as_bytes()),
        "pseudonym": pseudonym.to_string(),
        "alias": alias(&pseudonym),
        "pk_mail": hex::encode(mail.public().as_bytes()),
        "u_m": hex::encode(u_m.expose()),
        "locker_id": hex::encode(&locker.id),
        "locker_key": hex::encode(locker.key.expose()),
        "locker_access": hex::encode(locker.access.expose()),
    }))
}

fn statistics_part(rng: &mut Random) -> Held<Value> {
    let s = IdentitySecret::from_bytes([4; 32]);
    let mut y = [0; 32];
    y[0] = 7;
    let secret = StatisticsSecret::from_bytes(&y)?;
    let public = secret.public();
    let key: DomainKey<Statistics> = domain_key(0x23, STATISTICS)?;
    let sent = statistics::encrypt(&s, &public, rng);
    let moved = statistics::reshuffle(&sent, &key, &public, rng)?;
    let message = statistics::decrypt(&secret, &sent)?;
    let person = statistics::decrypt(&secret, &moved)?;
    Ok(json!({
        "y": hex::encode(&y),
        "Y": hex::encode(public.as_bytes()),
        "M": hex::encode(message.as_bytes()),
        "N_a": hex::encode(person.as_bytes()),
        "ciphertext_example": hex::encode(sent.as_bytes()),
    }))
}

/// Everything, made anew.
pub(crate) fn made() -> Held<Value> {
    let mut rng = Random::seeded([9; 32]);
    Ok(json!({
        "source": "written by the test `vectors` of this crate; hexadecimal unless noted",
        "inputs": {
            "issuer_seed": hex::encode(&[1; 32]), "kid": 7, "index": INDEX, "expiry_month": EXPIRY,
            "c": hex::encode(&CARD_SECRET), "k_wrap": hex::encode(&[2; 32]),
            "K_id": hex::encode(&small(0x21)), "K_stat": hex::encode(&small(0x23)), "epoch": EPOCH,
            "g_card": hex::encode(&small(CARD)), "g_mail": hex::encode(&small(MAIL)),
            "g_provider": hex::encode(&small(PROVIDER)), "g_anal": hex::encode(&small(STATISTICS)),
            "s": hex::encode(&[4; 32]), "data_key": hex::encode(&[6; 32]),
            "entry": EntryId::from_bytes([0x0b; 16]),
            "provider": ProviderId::from_bytes([0x0a; 16]),
            "provider_bytes_base64url": Fixed([0x0a; 16]),
        },
        "card": card_part(&mut rng)?,
        "identity": identity_part(&mut rng)?,
        "statistics": statistics_part(&mut rng)?,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Nothing in the vectors depends on randomness except the example of a ciphertext.
    #[test]
    fn randomness_changes_nothing_derived() {
        let (mut one, mut two) = (Random::seeded([1; 32]), Random::seeded([2; 32]));
        assert_eq!(card_part(&mut one).unwrap(), card_part(&mut two).unwrap());
        let (first, second) = (identity_part(&mut one), identity_part(&mut two));
        assert_eq!(first.unwrap(), second.unwrap());
        let (first, second) = (statistics_part(&mut one), statistics_part(&mut two));
        let (mut first, mut second) = (first.unwrap(), second.unwrap());
        for part in [&mut first, &mut second] {
            part.as_object_mut().unwrap().remove("ciphertext_example");
        }
        assert_eq!(first, second);
    }
}
