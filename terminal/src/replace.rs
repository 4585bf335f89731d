//! A lost or worn card: replacing it, and killing one that is at hand.
//!
//! A replacement is a new envelope with the same identity secret; then the old
//! envelope is deleted, which kills the old card online for ever, and its index
//! is withdrawn, which kills it offline with the next status list and waits in
//! [`crate::withdraw`] until a list shows it. The order
//! matters: a break in between leaves the client with two good cards, never with
//! none, and the same call made again finishes the work.

use crate::calls::{self, NewEnvelope};
use crate::error::Error;
use crate::issue::{open_valid, put_envelopes, send_withdrawals, throw_away};
use crate::present::{self, Context, Person};
use crate::session::Session;
use crate::transport::Transport;
use crate::withdraw::Withdrawals;
use crypto::card::{Card, OpenedCard};
use crypto::envelope::{Envelope, EnvelopeKeys};
use crypto::rng::Rng;
use crypto::verdict::{Verdict, verdict};

/// Gives the client of `old` the new card `new`: same identity, same
/// pseudonyms. The old card may be valid or expired.
///
/// # Errors
/// `Card` and `NotActive` for an old card that cannot be presented,
/// `AlreadyActive` when the new card belongs to somebody else; `Limited`;
/// transport errors. Call again to finish.
pub async fn replace<R: Rng>(
    session: &Session<impl Transport>,
    old: &str,
    new: &str,
    context: &Context<'_>,
    rng: &mut R,
) -> Result<Person, Error> {
    let (old_card, withdrawn) = open_old(session, old, context)?;
    let new_card = open_valid(session, new, context)?;
    if old_card.secret == new_card.secret {
        return Err(Error::AlreadyActive);
    }
    let keys = present::envelope_keys(session, &[&old_card, &new_card], rng).await?;
    let [old_keys, new_keys] = keys.as_slice() else {
        return Err(Error::Answer);
    };
    let identity = match present::open_one(session, old_keys, rng).await {
        // Withdrawn, yet its envelope stands: somebody lost this card.
        Ok(_) if withdrawn => return Err(Error::Card),
        Ok(identity) => {
            let moved = move_identity(session, &identity, new_keys, rng).await;
            if matches!(moved, Err(Error::AlreadyActive)) {
                throw_away(session, &new_card, new_keys, context, rng).await;
                send_withdrawals(session, context).await;
            }
            moved?;
            identity
        }
        // An earlier call came this far: the new card holds the identity.
        Err(Error::NotActive) => present::open_one(session, new_keys, rng).await?,
        Err(error) => return Err(error),
    };
    kill_opened(session, &old_card, old_keys, context.withdrawals).await?;
    send_withdrawals(session, context).await;
    let secrets = vec![(identity.current, identity.previous)];
    let people = present::recognise(session, secrets, context.roster, context.locker, rng).await?;
    people.into_iter().next().ok_or(Error::Answer)
}

async fn move_identity<R: Rng>(
    session: &Session<impl Transport>,
    identity: &Envelope,
    to: &EnvelopeKeys,
    rng: &mut R,
) -> Result<(), Error> {
    let put = NewEnvelope::seal(to, &identity.current, identity.previous.as_ref(), rng)?;
    let put = put_envelopes(session, &[put]).await.into_iter().next();
    match put.ok_or(Error::Answer)? {
        // Somebody's envelope is there: fine if it is this client's.
        Err(Error::Conflict) => match present::open_one(session, to, rng).await? {
            there if there.current == identity.current => Ok(()),
            _ => Err(Error::AlreadyActive),
        },
        other => other,
    }
}

/// Kills a card that is at hand (found, handed back, misprinted): its envelope
/// is deleted, if there is one, and it is withdrawn. What is withdrawn waits in
/// `withdrawals` until a status list shows it: refresh the list to see it through.
///
/// # Errors
/// `Card` when it is no genuine card; `Limited`; transport errors.
pub async fn kill<R: Rng>(
    session: &Session<impl Transport>,
    text: &str,
    context: &Context<'_>,
    rng: &mut R,
) -> Result<(), Error> {
    let card = Card::from_text(text)
        .and_then(|card| card.open(session.card_keys()))
        .map_err(|_| Error::Card)?;
    let keys = present::envelope_keys(session, &[&card], rng).await?;
    let keys = keys.first().ok_or(Error::Answer)?;
    kill_opened(session, &card, keys, context.withdrawals).await?;
    send_withdrawals(session, context).await;
    Ok(())
}

async fn kill_opened(
    session: &Session<impl Transport>,
    card: &OpenedCard,
    keys: &EnvelopeKeys,
    withdrawals: &Withdrawals,
) -> Result<(), Error> {
    match calls::delete_envelope(session, keys).await {
        Ok(()) | Err(Error::NotFound) => {}
        Err(error) => return Err(error),
    }
    withdrawals.add(card.revocation());
    Ok(())
}

/// A card to be replaced: it may be out of date, and after a broken replacement
/// it may be withdrawn already (the second value).
fn open_old(
    session: &Session<impl Transport>,
    text: &str,
    context: &Context<'_>,
) -> Result<(OpenedCard, bool), Error> {
    match verdict(text, session.card_keys(), context.status, context.today) {
        (Verdict::Valid { .. } | Verdict::Expired { .. }, Some(card)) => Ok((card, false)),
        (Verdict::Revoked { .. }, Some(card)) => Ok((card, true)),
        _ => Err(Error::Card),
    }
}
