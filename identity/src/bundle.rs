//! The trust bundle: every public key a terminal pins, signed by the root key, numbered by a serial.
//!
//! A terminal refuses a lower serial and other content under the same serial, so the serial and its day are stored with
//! a hash of the content and move exactly when the content does: when a provider is added or a key changes.

use std::collections::BTreeMap;

use crypto::b64::Fixed;
use crypto::bundle::{Issuer, SignedBundle, TrustBundle};
use crypto::day::Day;
use crypto::digest;
use crypto::domain::Domain;
use crypto::id::ProviderId;
use store::{DbError, Tx, execute, fetch_all, fetch_optional, parsed, retrying};

use crate::{App, Refusal, domains};

const PROVIDERS: &str = "SELECT provider FROM provider ORDER BY provider";
const READ: &str = "SELECT serial, issued, content FROM bundle WHERE one = 1";
const WRITE: &str = "INSERT INTO bundle (one, serial, issued, content) VALUES (1, $1, $2, $3)
    ON CONFLICT (one) DO UPDATE SET serial = $1, issued = $2, content = $3";

/// The bundle as of now.
///
/// # Errors
/// Database errors; [`Refusal::Internal`] if it cannot be signed.
pub async fn current(app: &App) -> Result<SignedBundle, Refusal> {
    let providers = providers(app).await?;
    if let Some(signed) = app.bundle.of(&providers) {
        return Ok(signed);
    }
    let mut bundle = content(app, &providers).await?;
    let bytes = serde_json::to_vec(&bundle).map_err(|_| Refusal::Internal)?;
    let (serial, issued) = number(app, &digest::hash(&bytes)).await?;
    (bundle.serial, bundle.issued) = (serial, issued);
    let signed = bundle.sign(&app.keys.root).map_err(|_| Refusal::Internal)?;
    app.bundle.keep(providers, signed.clone());
    Ok(signed)
}

async fn providers(app: &App) -> Result<Vec<ProviderId>, DbError> {
    let mut tx = app.store.read().await?;
    fetch_all!(&mut tx, (Vec<u8>,), PROVIDERS)?
        .iter()
        .map(|(id,)| parsed(id))
        .collect()
}

/// Everything but serial and day, which stay at fixed values here.
async fn content(app: &App, providers: &[ProviderId]) -> Result<TrustBundle, Refusal> {
    let keys = &app.keys;
    let of_providers = providers.iter().copied().map(Domain::Provider);
    let mut domains = BTreeMap::new();
    let mut tx = app.store.read().await?;
    for domain in Domain::FIXED.into_iter().chain(of_providers) {
        let public = domains::public(&mut tx, keys, domain).await?;
        domains.insert(domain.to_string(), public);
    }
    Ok(TrustBundle {
        programme: keys.programme,
        serial: 0,
        issued: Day::from_unix(0),
        epoch: keys.epoch,
        issuers: vec![Issuer {
            kid: keys.issuer_kid,
            key: Fixed(keys.issuer.public()),
        }],
        wraps: vec![Fixed(*keys.wrap.expose())],
        status_key: Fixed(keys.status.public()),
        domains,
        statistics: keys.statistics.clone(),
        release_key: Fixed(keys.release_key),
        opaque_key: Fixed(keys.opaque.public_key()),
        envelope_min_bucket: app.limits.envelope_min_bucket,
    })
}

/// The serial of this content and the day it began; a new serial when the content is new.
async fn number(app: &App, content: &[u8; 32]) -> Result<(u32, Day), DbError> {
    let today = app.clock.today();
    retrying!(app.store, "number bundle", &mut app.rng(), |tx| {
        let (serial, issued) = match stored(tx).await? {
            Some((serial, issued, hash)) if hash == content => return Ok((serial, issued)),
            Some((serial, ..)) => (serial.saturating_add(1), today),
            None => (1, today),
        };
        execute!(
            tx,
            WRITE,
            i64::from(serial),
            i64::from(issued.number()),
            &content[..]
        )?;
        Ok((serial, issued))
    })
}

async fn stored(tx: &mut Tx) -> Result<Option<(u32, Day, Vec<u8>)>, DbError> {
    let Some((serial, issued, hash)) = fetch_optional!(tx, (i64, i64, Vec<u8>), READ)? else {
        return Ok(None);
    };
    let serial = u32::try_from(serial).map_err(|_| DbError::Corrupt)?;
    let issued = i32::try_from(issued)
        .ok()
        .and_then(|number| Day::from_number(number).ok());
    Ok(Some((serial, issued.ok_or(DbError::Corrupt)?, hash)))
}
