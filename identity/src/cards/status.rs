//! The status list (IETF Token Status List, 1 bit an index): which cards are revoked, for terminals without a network.
//!
//! One token a day and change is signed and kept; it says the day it was issued, nothing finer.

use std::sync::Arc;

use crypto::status::{self, StatusList};
use store::{execute, fetch_one, retrying};

use super::bitmap::{self, Indices, Revoked};
use crate::access::session::Session;
use crate::guard::allowance::{self, What};
use crate::{App, Refusal};

/// Days after which a terminal calls the list stale.
const TTL_DAYS: u32 = 7;

const REVISION: &str = "SELECT value FROM setting WHERE name = 'status_revision'";
const CHANGED: &str = "UPDATE setting SET value = value + 1 WHERE name = 'status_revision'";

/// Revokes a card by its index; doing so again changes nothing and counts as nothing.
///
/// # Errors
/// [`Refusal::NotFound`] for an index no blank carries, [`Refusal::Limit`].
pub(crate) async fn revoke(app: &App, session: &Session, index: u32) -> Result<(), Refusal> {
    session.provider()?;
    let day = app.clock.today();
    retrying!(app.store, "revoke card", &mut app.rng(), |tx| {
        match bitmap::revoke(tx, index).await? {
            Revoked::Unused => return Err(Refusal::NotFound),
            Revoked::Before => return Ok(()),
            Revoked::Now => {}
        }
        execute!(tx, CHANGED)?;
        let limit = app.limits.revocations_per_day;
        allowance::one(tx, day, session.terminal, What::Revocation, limit).await?;
        Ok(())
    })
}

/// The signed list of today.
///
/// # Errors
/// Database errors; [`Refusal::Internal`] if it cannot be signed.
pub async fn token(app: &App) -> Result<Arc<[u8]>, Refusal> {
    let day = app.clock.today();
    let mut tx = app.store.read().await?;
    let (revision,) = fetch_one!(&mut tx, (i64,), REVISION)?;
    if let Some(token) = app.status.of(day, revision) {
        return Ok(token);
    }
    let indices = Indices::load(&mut tx, app.limits.first_indices).await?;
    let mut list = StatusList::new(indices.size()).map_err(|_| Refusal::Internal)?;
    for index in indices.revoked() {
        list.set(index, true).map_err(|_| Refusal::Internal)?;
    }
    let subject = status::subject(&app.keys.programme);
    let token = list
        .to_token(&app.keys.status, &subject, day, TTL_DAYS)
        .map_err(|_| Refusal::Internal)?;
    let token: Arc<[u8]> = token.into();
    app.status.keep(day, revision, Arc::clone(&token));
    Ok(token)
}
