//! The status list (IETF Token Status List, 1 bit an index): which cards are revoked, for terminals without a network.
//!
//! One token a day and change is signed and kept; it says the day it was issued, nothing finer.

use std::sync::Arc;

use crypto::card::{Revocation, RevokeToken, SignedBlank};
use crypto::status::{self, StatusList};
use store::{DbError, execute, fetch_one, retrying};
use wire::{Counted, RevokeCard};

use super::bitmap::{self, Indices};
use crate::access::session::Session;
use crate::guard::caps::{self, Account};
use crate::pen::Phase;
use crate::{App, Refusal};

/// Days after which a terminal calls the list stale.
const TTL_DAYS: u32 = 7;

const REVISION: &str = "SELECT value FROM setting WHERE name = 'status_revision'";
const CHANGED: &str = "UPDATE setting SET value = $1 WHERE name = 'status_revision'";

/// Withdraws a card for whoever proves to have read it; doing so again changes nothing. The caller is told nothing: what
/// proves a card, what proves none, what was withdrawn before and what comes after the day's limit is answered alike, so
/// that nobody can ask which indices are given out. The list says what was done; the counts of refusals and of the day
/// say to operators and administrators what was not. What proves nothing counts for the terminal.
///
/// # Errors
/// [`Refusal::Forbidden`] for those who serve nobody; database errors.
pub(crate) async fn revoke(
    app: &App,
    session: &Session,
    request: &RevokeCard,
) -> Result<(), Refusal> {
    session.provider()?;
    let (account, proven) = (Account::of(app, session), proven(app, request));
    let index = match counted(app, session, account, proven).await {
        Ok(index) => index,
        Err(Refusal::Database(error)) => return Err(error.into()),
        Err(refusal) => {
            // Written down by the minute.
            let _ = app.refusals.note(app.clock.today(), refusal.slug());
            None
        }
    };
    Ok(withdrawn(app, account, index).await?)
}

/// The index of a card that was read: the blank is this issuer's, and the token is what the blank was signed for.
fn proven(app: &App, request: &RevokeCard) -> Option<u32> {
    let proof = Revocation {
        blank: SignedBlank::parse(&request.blank)?,
        token: RevokeToken::from_bytes(request.token.0.expose().try_into().ok()?),
    };
    let issuer = (app.keys.issuer_kid, app.keys.issuer.public());
    proof.check(&[issuer]).ok()
}

/// Counts what was asked for; the index that is to be withdrawn, if it is not yet. Every case waits for the same moment.
async fn counted(
    app: &App,
    session: &Session,
    account: Account,
    proven: Option<u32>,
) -> Result<Option<u32>, Refusal> {
    let pen = app.pen.take(Phase::Counts).await;
    let done = count(app, session, account, proven).await;
    pen.put_down().await;
    done
}

async fn count(
    app: &App,
    session: &Session,
    account: Account,
    proven: Option<u32>,
) -> Result<Option<u32>, Refusal> {
    let what = Counted::Revocations;
    let Some(index) = proven else {
        return caps::take_in_vain(app, session, what)
            .await
            .and(Err(Refusal::BadValue));
    };
    if bitmap::is_revoked(&mut app.store.read().await?, index).await? {
        return Ok(None);
    }
    retrying!(app.store, "count a revocation", &mut app.rng(), |tx| {
        caps::take(tx, app, account, what, 1).await
    })?;
    Ok(Some(index))
}

/// Sets the bit, in the moment of indices; with nothing to set, only the moment passes.
async fn withdrawn(app: &App, account: Account, index: Option<u32>) -> Result<(), DbError> {
    let pen = app.pen.take(Phase::Indices).await;
    let fresh = match index {
        Some(index) => set(app, index).await,
        None => Ok(true),
    };
    pen.put_down().await;
    // A database that failed may have done it all the same.
    if matches!(fresh, Ok(false)) {
        caps::give_back(app, account, Counted::Revocations, 1).await?;
    }
    fresh.map(drop)
}

async fn set(app: &App, index: u32) -> Result<bool, DbError> {
    retrying!(app.store, "revoke card", &mut app.rng(), |tx| {
        let fresh = bitmap::revoke(tx, index).await?;
        if fresh {
            // Random, so that a database that was put back is never taken for what came after it.
            let stamp = i64::from_le_bytes(crypto::rng::bytes(&mut app.rng()));
            execute!(tx, CHANGED, stamp)?;
        }
        Ok(fresh)
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
