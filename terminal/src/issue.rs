//! Making cards and bringing them to life.
//!
//! The printing station draws the card secrets and sends commitments only; the
//! service signs and never learns a secret. A card comes to life at its first
//! use, when an envelope is put: so the service cannot join an index to a
//! client.

use crate::calls::{self, NewEnvelope};
use crate::envelopes::Envelopes;
use crate::error::Error;
use crate::present::{self, Context, Person};
use crate::session::Session;
use crate::transport::Transport;
use crypto::card::{Card, CardSecret, Commitment, OpenedCard, SignedBlank, WrapKey};
use crypto::day::Month;
use crypto::envelope::{self, Envelope, EnvelopeKeys, IdentitySecret};
use crypto::rng::Rng;
use crypto::verdict::{Verdict, verdict};
use wire::{MOST_BLANKS, MOST_ELEMENTS};

/// How often one envelope with the same bytes is tried while the failure is passing.
pub(crate) const TRIES: u32 = 3;

/// Makes `count` cards that are good until the end of `expiry`. They are
/// nobody's until [`activate`]d. The list's order says nothing.
///
/// # Errors
/// `NotAllowed`, `Card` when a blank is not what was asked for, transport errors.
pub async fn issue<R: Rng>(
    session: &Session<impl Transport>,
    count: usize,
    expiry: Month,
    rng: &mut R,
) -> Result<Vec<Card>, Error> {
    let wrap = session
        .card_keys()
        .wraps
        .last()
        .cloned()
        .ok_or(Error::NotAllowed)?;
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
    session: &Session<impl Transport>,
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

/// Brings a blank from the pile to life for a new client: an envelope with a
/// fresh identity secret. Never call it with a card that a client brings along:
/// present that one. A blank that has an identity already was brought to life by
/// somebody who may know it, so it is withdrawn and belongs in the bin; only a
/// card of a client of this very provider is spared, because it was taken for a
/// blank by mistake.
///
/// # Errors
/// `Card` unless the verdict is `valid`, `AlreadyActive`, `Limited`; transport
/// errors. After a lost answer, present the card: it may be alive.
pub async fn activate<R: Rng>(
    session: &Session<impl Transport>,
    text: &str,
    context: &Context<'_>,
    envelopes: &mut Envelopes,
    rng: &mut R,
) -> Result<Person, Error> {
    let mut all = activate_many(session, &[text], context, envelopes, rng).await?;
    all.pop().ok_or(Error::Answer)?
}

/// [`activate`] for several cards with one evaluation a domain; one card's
/// failure is its own. The answers are in the order of `texts`.
///
/// # Errors
/// As [`activate`], for what concerns all; `TooMany`.
pub async fn activate_many<R: Rng>(
    session: &Session<impl Transport>,
    texts: &[&str],
    context: &Context<'_>,
    envelopes: &mut Envelopes,
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
    let fresh: Vec<Envelope> = keys.iter().map(|_| new_client(rng)).collect();
    let mut puts = Vec::with_capacity(keys.len());
    for (keys, identity) in keys.iter().zip(&fresh) {
        puts.push(NewEnvelope::seal(keys, &identity.current, None, rng)?);
    }
    let put = put_envelopes(session, &puts).await;
    for ((card, keys), _) in genuine
        .iter()
        .zip(&keys)
        .zip(&put)
        .filter(|(_, put)| matches!(put, Err(Error::Conflict)))
    {
        throw_away(session, card, keys, context, envelopes, rng).await;
    }
    send_withdrawals(session, context).await;
    let alive = fresh.iter().zip(&put).filter(|(_, put)| put.is_ok());
    let alive: Vec<&Envelope> = alive.map(|(identity, _)| identity).collect();
    let people = present::recognise(session, &alive, context, rng).await?;
    Ok(merge(cards, put, people))
}

/// Withdraws a blank that turned out to have an identity, unless it is a client's
/// of this provider. What cannot be told now, for want of an answer or because the
/// roster was not read since sign-in, is told the next time the card is taken for a blank.
pub(crate) async fn throw_away<R: Rng>(
    session: &Session<impl Transport>,
    card: &OpenedCard,
    keys: &EnvelopeKeys,
    context: &Context<'_>,
    envelopes: &mut Envelopes,
    rng: &mut R,
) {
    // A roster of yesterday, or an older copy that was put back, does not know every own client.
    if !context.roster.is_read() {
        return;
    }
    let id = [keys.id];
    let found = envelopes.find_now(session, &id, context.seconds, rng);
    let Ok(found) = found.await else { return };
    let sealed = found.get(&keys.id);
    // A client whose secret rotated is one too, though nobody here has confirmed it yet.
    let client = |person: &Person| person.known() || person.claim().is_some();
    let nobodys = match sealed.map(|sealed| envelope::open(keys, sealed)) {
        Some(Ok(identity)) => present::recognise(session, &[&identity], context, rng)
            .await
            .is_ok_and(|people| !people.iter().flatten().any(client)),
        // Nobody can tell: the service may have left it out, and it may be a client's own card.
        Some(Err(_)) | None => false,
    };
    if nobodys {
        context.withdrawals.add(card.revocation());
    }
}

/// Sends what waits to be withdrawn; what does not arrive waits on.
pub(crate) async fn send_withdrawals(session: &Session<impl Transport>, context: &Context<'_>) {
    let sent = context.withdrawals;
    let _ = sent.send(session, context.status, context.today).await;
}

fn new_client(rng: &mut impl Rng) -> Envelope {
    Envelope {
        current: IdentitySecret::random(rng),
        previous: None,
    }
}

/// Puts envelopes; those that fail in passing are put again, the same bytes, up
/// to [`TRIES`] times in all. Who was told to wait is not tried again here.
async fn put_envelopes(
    session: &Session<impl Transport>,
    envelopes: &[NewEnvelope],
) -> Vec<Result<(), Error>> {
    let mut results: Vec<Result<(), Error>> =
        envelopes.iter().map(|_| Err(Error::Network)).collect();
    for _ in 0..TRIES {
        let again: Vec<usize> = (0..envelopes.len())
            .filter(|at| matches!(&results[*at], Err(error) if error.is_passing() && error.retry_after().is_none()))
            .collect();
        let puts: Vec<&NewEnvelope> = again.iter().map(|at| &envelopes[*at]).collect();
        let done = calls::put_envelopes(session, &puts).await;
        for (at, result) in again.into_iter().zip(done) {
            results[at] = result;
        }
    }
    results
}

/// Brings three lists back to one answer per card.
fn merge(
    cards: Vec<Result<OpenedCard, Error>>,
    put: Vec<Result<(), Error>>,
    people: Vec<Option<Person>>,
) -> Vec<Result<Person, Error>> {
    let (mut put, mut people) = (put.into_iter(), people.into_iter());
    cards
        .into_iter()
        .map(|card| {
            card?;
            match put.next().ok_or(Error::Answer)? {
                Ok(()) => people.next().flatten().ok_or(Error::Answer),
                Err(Error::Conflict) => Err(Error::AlreadyActive),
                Err(error) => Err(error),
            }
        })
        .collect()
}

/// A card of which the verdict is `valid`.
pub(crate) fn open_valid(
    session: &Session<impl Transport>,
    text: &str,
    context: &Context<'_>,
) -> Result<OpenedCard, Error> {
    match verdict(text, session.card_keys(), context.status, context.today) {
        (Verdict::Valid { .. }, Some(card)) => Ok(card),
        _ => Err(Error::Card),
    }
}
