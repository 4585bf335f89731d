//! Signing blanks: the service sees commitments, never card secrets, and draws a random index for each.
//!
//! A commitment is signed once: its keyed tag is kept until the month of the card's expiry has ended, so that a request
//! that is sent again costs no index and no two cards share a secret while one of them is good. Tags and indices are
//! written before anything is signed, all of a request or none, so that a crash wastes indices and never repeats one,
//! and a refused request wastes none. Tags are written in their own order and stand in no row with an index; which index
//! went to which commitment is known only while the answer is being written. Who asks is counted and written down
//! before, in a transaction and a moment of their own (`pen.rs`).

use std::collections::BTreeSet;

use crypto::card::{Commitment, SignedBlank};
use crypto::day::Month;
use crypto::{digest, label};
use store::{Tx, execute, retrying};
use wire::{Counted, MOST_BLANKS};

use super::bitmap::Indices;
use crate::access::session::Session;
use crate::guard::audit::{self, Act, Actor};
use crate::guard::caps::{self, Account};
use crate::pen::Phase;
use crate::{App, Refusal};

/// Longest life of a card, in months.
const MOST_MONTHS: u16 = 60;

const REMEMBER: &str = "INSERT INTO signed_commitment (tag, month) VALUES ($1, $2)
    ON CONFLICT (tag) DO NOTHING";

/// What stays of a commitment that was signed.
type Tag = [u8; 16];

/// Signs one blank for each commitment, in the same order, for whoever holds the keys: nothing is limited.
///
/// # Errors
/// [`Refusal::Malformed`] for none or more than [`MOST_BLANKS`], [`Refusal::BadValue`] for one that comes twice and for an
/// expiry in the past, more than five years away or beyond what a card can say, [`Refusal::Conflict`] for one that was
/// signed before, and when every index of the largest status list is given out.
pub async fn sign(
    app: &App,
    commitments: &[Commitment],
    expiry: Month,
) -> Result<Vec<SignedBlank>, Refusal> {
    let tags = check(app, commitments, expiry)?;
    let pen = app.pen.take(Phase::Counts).await;
    let noted = retrying!(app.store, "note blanks", &mut app.rng(), |tx| {
        let count = commitments.len().to_string();
        audit::note(tx, app, Actor::CommandLine, Act::BlanksSigned, &count).await
    });
    pen.put_down().await;
    noted?;
    let signed = sign_checked(app, commitments, &tags, expiry).await;
    if surely_not(&signed) {
        refused(app, Actor::CommandLine, commitments.len()).await?;
    }
    signed
}

/// Whether nothing was signed: a database that failed may have done it all the same.
fn surely_not(signed: &Result<Vec<SignedBlank>, Refusal>) -> bool {
    let refusal = signed.as_ref().err();
    refusal.is_some_and(|it| !matches!(it, Refusal::Database(_)))
}

/// Takes back what was written down before the signing, which a crash must not leave out.
async fn refused(app: &App, actor: Actor, count: usize) -> Result<(), Refusal> {
    let pen = app.pen.take(Phase::Counts).await;
    let noted = retrying!(app.store, "note refused blanks", &mut app.rng(), |tx| {
        audit::note(tx, app, actor, Act::BlanksRefused, &count.to_string()).await
    });
    pen.put_down().await;
    Ok(noted?)
}

/// The same for a member of staff, within the day's limits of terminal, provider and programme.
///
/// # Errors
/// As [`sign`], [`Refusal::Forbidden`] for those who administer nothing, and the limits'.
pub(crate) async fn sign_for(
    app: &App,
    session: &Session,
    commitments: &[Commitment],
    expiry: Month,
) -> Result<Vec<SignedBlank>, Refusal> {
    session.administers()?;
    let tags = check(app, commitments, expiry)?;
    let count = u32::try_from(commitments.len()).map_err(|_| Refusal::Malformed)?;
    let (account, actor) = (Account::of(app, session), Actor::Staff(session.staff));
    let pen = app.pen.take(Phase::Counts).await;
    let counted = retrying!(app.store, "count blanks", &mut app.rng(), |tx| {
        caps::take(tx, app, account, Counted::Blanks, count).await?;
        audit::note(tx, app, actor, Act::BlanksSigned, &count.to_string()).await?;
        Ok::<_, Refusal>(())
    });
    pen.put_down().await;
    counted?;
    let signed = sign_checked(app, commitments, &tags, expiry).await;
    if surely_not(&signed) {
        refused(app, actor, commitments.len()).await?;
        caps::give_back(app, account, Counted::Blanks, count).await?;
    }
    signed
}

/// What can be refused without asking the database; gives the tags in their own order.
fn check(app: &App, commitments: &[Commitment], expiry: Month) -> Result<BTreeSet<Tag>, Refusal> {
    if commitments.is_empty() || commitments.len() > MOST_BLANKS {
        return Err(Refusal::Malformed);
    }
    let this_month = Month::of(app.clock.today());
    let said = u8::try_from(expiry.number()).is_ok();
    if expiry < this_month || expiry > this_month.plus(MOST_MONTHS) || !said {
        return Err(Refusal::BadValue);
    }
    let key = digest::derive_secret(label::IDENTITY_BLANK_TAG, app.keys.sealing.expose());
    let tag = |commitment: &Commitment| {
        let mut tag = [0; 16];
        tag.copy_from_slice(&digest::keyed(key.expose(), commitment.as_bytes())[..16]);
        tag
    };
    let tags: BTreeSet<Tag> = commitments.iter().map(tag).collect();
    let once = tags.len() == commitments.len();
    once.then_some(tags).ok_or(Refusal::BadValue)
}

async fn sign_checked(
    app: &App,
    commitments: &[Commitment],
    tags: &BTreeSet<Tag>,
    expiry: Month,
) -> Result<Vec<SignedBlank>, Refusal> {
    let pen = app.pen.take(Phase::Indices).await;
    let indices = retrying!(app.store, "sign blanks", &mut app.rng(), |tx| {
        remember(tx, tags, expiry).await?;
        draw(tx, app, tags.len()).await
    });
    pen.put_down().await;
    let indices = indices?;
    let keys = &app.keys;
    let pairs = commitments.iter().zip(indices);
    pairs
        .map(|(commitment, index)| {
            keys.issuer
                .sign_blank(keys.issuer_kid, index, expiry, commitment)
        })
        .collect::<Result<_, _>>()
        .map_err(|_| Refusal::Internal)
}

/// Remembers commitments, or refuses all of them when one was signed before.
async fn remember(tx: &mut Tx, tags: &BTreeSet<Tag>, expiry: Month) -> Result<(), Refusal> {
    let month = i64::from(expiry.number());
    for tag in tags {
        if execute!(tx, REMEMBER, &tag[..], month)? == 0 {
            return Err(Refusal::Conflict);
        }
    }
    Ok(())
}

async fn draw(tx: &mut Tx, app: &App, count: usize) -> Result<Vec<u32>, Refusal> {
    let count = u32::try_from(count).map_err(|_| Refusal::Malformed)?;
    let mut indices = Indices::load(tx, app.limits.first_indices).await?;
    let drawn = indices
        .draw(count, &mut app.rng())
        .ok_or(Refusal::Conflict)?;
    indices.save(tx).await?;
    Ok(drawn)
}
