//! What somebody computes who holds service keys: evaluations without a server.

use crypto::digest;
use crypto::domain::{Domain, DomainKey, Identification, Statistics};
use crypto::envelope::{self, Envelope, EnvelopeKeys};
use crypto::label;
use crypto::provider::DataKey;
use crypto::pseudonym::{Pseudonym, provider_pseudonym};
use crypto::rng::Random;
use crypto::secret::Secret;
use crypto::voprf::{self, Blinded};
use curve25519_dalek::ristretto::CompressedRistretto;
use curve25519_dalek::scalar::Scalar;
use identity::App;
use std::sync::Arc;

/// The effective key of a domain of identification: from the key file and the record in the database.
pub async fn domain_key(app: &App, domain: Domain) -> Arc<DomainKey<Identification>> {
    identity::domains::identification(app, domain)
        .await
        .unwrap()
}

/// `VOPRF(domain, input)` with the key at hand.
pub fn evaluate(key: &DomainKey<Identification>, input: &[u8], rng: &mut Random) -> Secret<64> {
    let blinded = Blinded::blind(input, rng).unwrap();
    let answer = voprf::evaluate(key, rng, &[blinded.element()]).unwrap();
    voprf::finalize(vec![blinded], &answer, &key.public())
        .unwrap()
        .remove(0)
}

/// The pseudonym that `input` would have at a provider.
pub fn pseudonym(
    key: &DomainKey<Identification>,
    data_key: &DataKey,
    input: &[u8],
    rng: &mut Random,
) -> Pseudonym {
    provider_pseudonym(data_key, &evaluate(key, input, rng))
}

/// Keys of a card's envelope, from the card's secret.
pub async fn envelope_keys(app: &App, card_secret: &[u8], rng: &mut Random) -> EnvelopeKeys {
    let key = domain_key(app, Domain::Card).await;
    EnvelopeKeys::derive(&evaluate(&key, card_secret, rng))
}

/// Opens an envelope found in a database.
pub fn open(keys: &EnvelopeKeys, sealed: &[u8]) -> Option<Envelope> {
    envelope::open(keys, sealed).ok()
}

/// `element / key`: what the statistics pseudonym is without the service's key.
pub fn divided(element: &[u8], key: &DomainKey<Statistics>) -> Vec<u8> {
    let element: [u8; 32] = element.try_into().unwrap();
    let scalar = Scalar::from_canonical_bytes(*key.to_bytes().expose()).unwrap();
    let point = CompressedRistretto(element).decompress().unwrap();
    (point * scalar.invert()).compress().to_bytes().to_vec()
}

/// Under which tag somebody's counts stand, for whoever has the keys.
pub fn count_tag(app: &App, whose: &[u8]) -> [u8; 16] {
    let key = digest::derive_secret(label::IDENTITY_COUNT_TAG, app.keys.sealing.expose());
    first_half(&digest::keyed(key.expose(), whose))
}

/// Under which tag a place of a provider's roster stands, for whoever has the keys.
pub fn place_tag(app: &App, provider: &[u8], seq: u64) -> [u8; 16] {
    let key = digest::derive_secret(label::IDENTITY_ROSTER_TAG, app.keys.sealing.expose());
    let parts = [provider, &seq.to_le_bytes()];
    first_half(&digest::keyed_parts(key.expose(), &parts))
}

fn first_half(hash: &[u8; 32]) -> [u8; 16] {
    std::array::from_fn(|n| hash[n])
}
