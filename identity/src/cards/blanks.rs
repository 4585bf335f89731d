//! Signing blanks: the service sees commitments, never card secrets, and draws a random index for each.
//!
//! Indices are marked as given out before anything is signed, so a crash wastes indices and never repeats one. Which
//! index went to which commitment is known only while the answer is being written.

use crypto::card::{Commitment, SignedBlank};
use crypto::day::Month;
use store::{Tx, retrying};
use wire::MOST_BLANKS;

use super::bitmap::Indices;
use crate::guard::audit::{self, Act, Actor};
use crate::{App, Refusal};

/// Longest life of a card, in months.
const MOST_MONTHS: u16 = 60;

/// Signs one blank for each commitment, in the same order.
///
/// # Errors
/// [`Refusal::Malformed`] for none or more than [`MOST_BLANKS`], [`Refusal::BadValue`] for an expiry in the past or more
/// than five years away, [`Refusal::Conflict`] when every index of the largest status list is given out.
pub async fn sign(
    app: &App,
    actor: Actor,
    commitments: &[Commitment],
    expiry: Month,
) -> Result<Vec<SignedBlank>, Refusal> {
    if commitments.is_empty() || commitments.len() > MOST_BLANKS {
        return Err(Refusal::Malformed);
    }
    let this_month = Month::of(app.clock.today());
    if expiry < this_month || expiry > this_month.plus(MOST_MONTHS) {
        return Err(Refusal::BadValue);
    }
    let count = u32::try_from(commitments.len()).map_err(|_| Refusal::Malformed)?;
    let indices = retrying!(app.store, "sign blanks", &mut app.rng(), |tx| {
        draw(tx, app, actor, count).await
    })?;
    let keys = &app.keys;
    let pairs = commitments.iter().zip(indices);
    pairs
        .map(|(commitment, index)| {
            keys.issuer
                .sign_blank(keys.issuer_kid, index, expiry, commitment)
        })
        .collect::<Result<_, _>>()
        .map_err(|_| Refusal::BadValue)
}

async fn draw(tx: &mut Tx, app: &App, actor: Actor, count: u32) -> Result<Vec<u32>, Refusal> {
    let mut indices = Indices::load(tx, app.limits.first_indices).await?;
    let drawn = indices
        .draw(count, &mut app.rng())
        .ok_or(Refusal::Conflict)?;
    indices.save(tx).await?;
    audit::note(tx, app, actor, Act::BlanksSigned, &count.to_string()).await?;
    Ok(drawn)
}
