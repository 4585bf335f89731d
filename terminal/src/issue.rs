//! Making cards, bringing them to life, and replacing them.
//!
//! The printing station draws the card secrets and sends commitments only; the
//! service signs and never learns a secret. A card comes to life at its first
//! use, when an envelope is put: so the service cannot join an index to a
//! client. A replacement is a new envelope with the same identity secret; then
//! the old envelope is deleted, which kills the old card online for ever, and
//! its index is revoked, which kills it offline with the next status list. The
//! order matters: a break in between leaves the client with two good cards,
//! never with none, and the same call made again finishes the work.

use crate::calls;
use crate::error::Error;
use crate::present::{self, Context, Person};
use crate::session::Session;
use crypto::card::{Card, CardSecret, Commitment, OpenedCard, SignedBlank, WrapKey};
use crypto::day::Month;
use crypto::envelope::{Envelope, EnvelopeKeys, IdentitySecret};
use crypto::rng::Rng;
use crypto::verdict::{Verdict, verdict};
use wire::{MOST_BLANKS, MOST_ELEMENTS};

/// How often one PUT with the same bytes is tried while the failure is passing.
const TRIES: u32 = 3;

/// Makes `count` cards that are good until the end of `expiry`. They are
/// nobody's until [`activate`]d. The list's order says nothing.
///
/// # Errors
/// `NotAllowed`, `Card` when a blank is not what was asked for, transport errors.
pub async fn issue<R: Rng>(
    session: &Session,
    count: usize,
    expiry: Month,
    rng: &mut R,
) -> Result<Vec<Card>, Error> {
    let wrap = session
        .card_keys()
        .wraps
        .last()
        .cloned()
        .ok_or(Error::BundleUntrusted)?;
    let mut cards = Vec::with_capacity(count);
    while cards.len() < count {
        let batch = MOST_BLANKS.min(count - cards.len());
        let secrets: Vec<CardSecret> = (0..batch).map(|_| CardSecret::random(rng)).collect();
        let commitments: Vec<Commitment> = secrets.iter().map(CardSecret::commitment).collect();
        let blanks = calls::blanks(session, &commitments, expiry).await?;
        if blanks.len() != secrets.len() {
            return Err(Error::Answer);
        }
        for (secret, blank) in secrets.iter().zip(&blanks) {
            cards.push(assemble(session, secret, blank, &wrap, expiry)?);
        }
    }
    Ok(cards)
}

/// Puts a card together and reads it back as a terminal will.
fn assemble(
    session: &Session,
    secret: &CardSecret,
    blank: &SignedBlank,
    wrap: &WrapKey,
    expiry: Month,
) -> Result<Card, Error> {
    let card = Card::assemble(secret, blank, wrap);
    let opened = card.open(session.card_keys()).map_err(|_| Error::Answer)?;
    if opened.expiry == expiry {
        Ok(card)
    } else {
        Err(Error::Answer)
    }
}

/// Brings a new card to life for a new client: an envelope with a fresh
/// identity secret.
///
/// # Errors
/// `Card` unless the verdict is `valid`, `AlreadyActive`, `Limited`; transport
/// errors. After a lost answer, present the card: it may be alive.
pub async fn activate<R: Rng>(
    session: &Session,
    text: &str,
    context: &Context<'_>,
    rng: &mut R,
) -> Result<Person, Error> {
    let mut all = activate_many(session, &[text], context, rng).await?;
    all.pop().ok_or(Error::Answer)?
}

/// [`activate`] for several cards with one evaluation a domain; one card's
/// failure is its own. The answers are in the order of `texts`.
///
/// # Errors
/// As [`activate`], for what concerns all; `TooMany`.
pub async fn activate_many<R: Rng>(
    session: &Session,
    texts: &[&str],
    context: &Context<'_>,
    rng: &mut R,
) -> Result<Vec<Result<Person, Error>>, Error> {
    if texts.len() > MOST_ELEMENTS {
        return Err(Error::TooMany);
    }
    session.provider_and_key()?;
    let cards: Vec<Result<OpenedCard, Error>> = texts
        .iter()
        .map(|text| open_valid(session, text, context))
        .collect();
    let genuine: Vec<&OpenedCard> = cards.iter().flatten().collect();
    let keys = present::envelope_keys(session, &genuine, rng).await?;
    let fresh: Vec<IdentitySecret> = keys.iter().map(|_| IdentitySecret::random(rng)).collect();
    let mut puts = Vec::with_capacity(keys.len());
    for (keys, secret) in keys.iter().zip(&fresh) {
        puts.push(calls::NewEnvelope::seal(keys, secret, None, rng)?);
    }
    let put = calls::put_envelopes(session, &puts, TRIES).await?;
    let alive = fresh.into_iter().zip(&put).filter(|(_, put)| put.is_ok());
    let secrets = alive.map(|(secret, _)| (secret, None)).collect();
    let people = present::recognise(session, secrets, context.roster, context.locker, rng).await?;
    Ok(merge(cards, put, people))
}

/// Brings three lists back to one answer per card.
fn merge(
    cards: Vec<Result<OpenedCard, Error>>,
    put: Vec<Result<(), Error>>,
    people: Vec<Person>,
) -> Vec<Result<Person, Error>> {
    let (mut put, mut people) = (put.into_iter(), people.into_iter());
    cards
        .into_iter()
        .map(|card| {
            card?;
            match put.next().ok_or(Error::Answer)? {
                Ok(()) => people.next().ok_or(Error::Answer),
                Err(Error::Conflict) => Err(Error::AlreadyActive),
                Err(error) => Err(error),
            }
        })
        .collect()
}

/// Gives the client of `old` the new card `new`: same identity, same
/// pseudonyms. The old card may be valid or expired.
///
/// # Errors
/// `Card` and `NotActive` for an old card that cannot be presented,
/// `AlreadyActive` when the new card belongs to somebody else; `Limited`;
/// transport errors. Call again to finish.
pub async fn replace<R: Rng>(
    session: &Session,
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
            move_identity(session, &identity, new_keys, rng).await?;
            identity
        }
        // An earlier call came this far: the new card holds the identity.
        Err(Error::NotActive) => present::open_one(session, new_keys, rng).await?,
        Err(error) => return Err(error),
    };
    kill_opened(session, &old_card, old_keys).await?;
    let secrets = vec![(identity.current, identity.previous)];
    let people = present::recognise(session, secrets, context.roster, context.locker, rng).await?;
    people.into_iter().next().ok_or(Error::Answer)
}

async fn move_identity<R: Rng>(
    session: &Session,
    identity: &Envelope,
    to: &EnvelopeKeys,
    rng: &mut R,
) -> Result<(), Error> {
    let put = calls::NewEnvelope::seal(to, &identity.current, identity.previous.as_ref(), rng)?;
    let put = calls::put_envelopes(session, &[put], TRIES)
        .await?
        .into_iter()
        .next();
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
/// is deleted, if there is one, and its index revoked.
///
/// # Errors
/// `Card` when it is no genuine card; `Limited`; transport errors.
pub async fn kill<R: Rng>(session: &Session, text: &str, rng: &mut R) -> Result<(), Error> {
    let card = Card::from_text(text)
        .and_then(|card| card.open(session.card_keys()))
        .map_err(|_| Error::Card)?;
    let keys = present::envelope_keys(session, &[&card], rng).await?;
    let keys = keys.first().ok_or(Error::Answer)?;
    kill_opened(session, &card, keys).await
}

async fn kill_opened(
    session: &Session,
    card: &OpenedCard,
    keys: &EnvelopeKeys,
) -> Result<(), Error> {
    match calls::delete_envelope(session, keys).await {
        Ok(()) | Err(Error::NotFound) => {}
        Err(error) => return Err(error),
    }
    calls::revoke_index(session, card.index).await
}

fn open_valid(session: &Session, text: &str, context: &Context<'_>) -> Result<OpenedCard, Error> {
    match verdict(text, session.card_keys(), context.status, context.today) {
        (Verdict::Valid { .. }, Some(card)) => Ok(card),
        _ => Err(Error::Card),
    }
}

/// A card to be replaced: it may be out of date, and after a broken replacement
/// it may be withdrawn already (the second value).
fn open_old(
    session: &Session,
    text: &str,
    context: &Context<'_>,
) -> Result<(OpenedCard, bool), Error> {
    match verdict(text, session.card_keys(), context.status, context.today) {
        (Verdict::Valid { .. } | Verdict::Expired { .. }, Some(card)) => Ok((card, false)),
        (Verdict::Revoked { .. }, Some(card)) => Ok((card, true)),
        _ => Err(Error::Card),
    }
}
