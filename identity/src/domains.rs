//! The keys of domains: made once, kept as one sealed record each, never derived.
//!
//! A record is the random factor of one domain and epoch, sealed under a key of the key file; with the master scalar of the
//! domain's class it makes the domain's key. Whoever lacks the record lacks the key, the key file in hand or not, so that
//! [`destroy`] ends a domain. The records of the fixed domains are made when the programme is founded, that of a provider in the
//! transaction that enters it; where a record is missing the domain is over, and nothing makes a second one by itself.
//! Limits: a process that has composed a key holds it until it stops, and a copy of the database holds the record.

use std::sync::Arc;

use crypto::domain::{
    Class, Domain, DomainKey, DomainOf, DomainPublic, Factor, Guessing, Identification,
    MasterScalar, Statistics,
};
use crypto::factor;
use crypto::rng::Random;
use store::{DbError, Tx, execute, fetch_optional, retrying};

use crate::keys::IdentityKeys;
use crate::{App, Refusal};

const MAKE: &str = "INSERT INTO domain_factor (domain, epoch, sealed) VALUES ($1, $2, $3)
    ON CONFLICT (domain, epoch) DO NOTHING";
const READ: &str = "SELECT sealed FROM domain_factor WHERE domain = $1 AND epoch = $2";
const CLEAR: &str = "DELETE FROM domain_factor";
const DESTROY: &str = "DELETE FROM domain_factor WHERE domain = $1 AND epoch = $2";

/// Makes the factors of the fixed domains and of statistics, in the place of any that are there: for an unused database.
///
/// # Errors
/// Database errors.
pub(crate) async fn found(
    tx: &mut Tx,
    keys: &IdentityKeys,
    rng: &mut Random,
) -> Result<(), Refusal> {
    execute!(tx, CLEAR)?;
    for domain in Domain::FIXED {
        make(tx, keys, domain, rng).await?;
    }
    make(tx, keys, Domain::Statistics, rng).await
}

/// Makes the factor of a domain in the epoch in force, unless there is one: of two writers at once one makes it, and both go on
/// with that one.
pub(crate) async fn make(
    tx: &mut Tx,
    keys: &IdentityKeys,
    domain: Domain,
    rng: &mut Random,
) -> Result<(), Refusal> {
    let record = fresh::<Identification>(keys, domain, rng)
        .or_else(|| fresh::<Guessing>(keys, domain, rng))
        .or_else(|| fresh::<Statistics>(keys, domain, rng))
        .ok_or(Refusal::Internal)?;
    execute!(
        tx,
        MAKE,
        domain.to_string(),
        i64::from(keys.epoch),
        &record[..]
    )?;
    Ok(())
}

/// The record of a fresh factor, if the domain is of this class.
fn fresh<C: Class>(keys: &IdentityKeys, domain: Domain, rng: &mut Random) -> Option<Vec<u8>> {
    let domain = DomainOf::<C>::try_from(domain).ok()?;
    let factor = Factor::random(rng);
    factor::seal(&keys.record_key(), &domain, keys.epoch, &factor, rng).ok()
}

/// The key of a domain as its record makes it; [`Refusal::NotFound`] when it has none.
async fn compose<C: Class>(
    tx: &mut Tx,
    keys: &IdentityKeys,
    master: &MasterScalar<C>,
    domain: Domain,
) -> Result<DomainKey<C>, Refusal> {
    let (name, epoch) = (domain.to_string(), i64::from(keys.epoch));
    let (record,) = fetch_optional!(tx, (Vec<u8>,), READ, name, epoch)?.ok_or(Refusal::NotFound)?;
    let domain = DomainOf::try_from(domain).map_err(|_| Refusal::Forbidden)?;
    factor::open(&keys.record_key(), &domain, keys.epoch, &record)
        .and_then(|factor| DomainKey::compose(master, &factor))
        .map_err(|_| Refusal::Internal)
}

/// The key of a domain that presentations ask for.
///
/// # Errors
/// [`Refusal::Forbidden`] for a domain of another class, [`Refusal::NotFound`] for one without a record, database errors,
/// [`Refusal::Internal`] for a record that does not open.
pub async fn identification(
    app: &App,
    domain: Domain,
) -> Result<Arc<DomainKey<Identification>>, Refusal> {
    loop {
        if let Some(key) = app.domains.of(&domain) {
            return Ok(key);
        }
        let since = app.domains.since();
        let mut tx = app.store.read().await?;
        let key = compose(&mut tx, &app.keys, &app.keys.identification, domain).await?;
        // Whoever was overtaken by the end of a domain looks again.
        if let Some(key) = app.domains.keep(domain, key, since) {
            return Ok(key);
        }
    }
}

/// The key under which statistics pseudonyms are made.
///
/// # Errors
/// As [`identification`].
pub async fn statistics(app: &App) -> Result<Arc<DomainKey<Statistics>>, Refusal> {
    loop {
        if let Some(key) = app.domains.statistics() {
            return Ok(key);
        }
        let since = app.domains.since();
        let mut tx = app.store.read().await?;
        let key = compose(&mut tx, &app.keys, &app.keys.pseudonyms, Domain::Statistics).await?;
        if let Some(key) = app.domains.keep_statistics(key, since) {
            return Ok(key);
        }
    }
}

/// The public key of a domain, of whatever class.
///
/// # Errors
/// As [`identification`].
pub(crate) async fn public(
    tx: &mut Tx,
    keys: &IdentityKeys,
    domain: Domain,
) -> Result<DomainPublic, Refusal> {
    if DomainOf::<Guessing>::try_from(domain).is_ok() {
        return Ok(compose(tx, keys, &keys.guessing, domain).await?.public());
    }
    Ok(compose(tx, keys, &keys.identification, domain)
        .await?
        .public())
}

/// Destroys the key of a domain in the epoch in force, for good: its record, and on SQLite what the file and the log of writes
/// held of it. Answers whether there was one. Other processes forget theirs when they stop.
///
/// # Errors
/// Database errors; the record may be gone all the same when the log of writes could not be emptied: call it again.
pub async fn destroy(app: &App, domain: Domain) -> Result<bool, DbError> {
    let (name, epoch) = (domain.to_string(), i64::from(app.keys.epoch));
    let gone = retrying!(app.store, "destroy domain", &mut app.rng(), |tx| {
        Ok::<_, DbError>(execute!(tx, DESTROY, &name[..], epoch)?)
    })?;
    app.domains.forget(&domain);
    app.store.tidy().await?;
    Ok(gone > 0)
}
