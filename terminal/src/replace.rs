//! A lost, worn or taken card: replacing it, and killing one that is at hand.
//!
//! A replacement is one call: the service deletes the old envelope and puts the
//! new one, both or none, so of two at once one is done and the other told so.
//! Then this terminal looks for itself whether the old envelope is gone and the
//! new one there: no status code counts as a deletion, nor as a replacement. Last the old card is withdrawn, which kills
//! it offline with the next status list and waits in [`crate::withdraw`] until a
//! list shows it. The same call made again finishes what was broken off.
//!
//! For a card that was **taken** the identity secret rotates: whoever kept the
//! old envelope, and can use any session, opens it with the old card as long as
//! the domain `card` keeps its key, and finds a secret that is superseded
//! wherever the record was continued.

use crate::calls::{self, NewEnvelope};
use crate::envelopes::Envelopes;
use crate::error::Error;
use crate::issue::{TRIES, open_valid, send_withdrawals, throw_away};
use crate::present::{self, Context, Person};
use crate::session::Session;
use crate::transport::Transport;
use crypto::card::{Card, OpenedCard};
use crypto::envelope::{self, Envelope, EnvelopeKeys, IdentitySecret};
use crypto::rng::Rng;
use crypto::verdict::{Verdict, verdict};

/// Why a card is replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Worn, misprinted, out of date: nobody else has had it. The identity stays.
    Worn,
    /// Somebody else has it, or may have copied it. The identity secret rotates:
    /// the new card claims to continue the old record ([`Person::claim`]).
    Taken,
}

/// Which card takes the place of which.
#[derive(Clone, Copy)]
pub struct Replacement<'a> {
    /// Text of the old card; it may be valid or expired.
    pub old: &'a str,
    /// Text of the new card, which has not been used.
    pub new: &'a str,
    /// Why.
    pub reason: Reason,
}

/// Gives the client of an old card a new one.
///
/// # Errors
/// `Card` and `NotActive` for an old card that cannot be presented,
/// `Superseded` for one whose record goes on elsewhere,
/// `AlreadyActive` when the new card belongs to somebody else, `Replaced` when
/// the old one was replaced or killed meanwhile, `NotDeleted`; `Limited`;
/// transport errors. Call again to finish: when the old envelope is gone by then, the
/// person is whoever holds the new card.
pub async fn replace<R: Rng>(
    session: &Session<impl Transport>,
    cards: &Replacement<'_>,
    context: &Context<'_>,
    envelopes: &mut Envelopes,
    rng: &mut R,
) -> Result<Person, Error> {
    let (old_card, withdrawn) = open_old(session, cards.old, context)?;
    let new_card = open_valid(session, cards.new, context)?;
    if old_card.secret == new_card.secret {
        return Err(Error::AlreadyActive);
    }
    let keys = present::envelope_keys(session, &[&old_card, &new_card], rng).await?;
    let [old, new] = keys.as_slice() else {
        return Err(Error::Answer);
    };
    let mut swap = Swap {
        session,
        context,
        envelopes,
        old,
        new,
    };
    let done = swap.whole(withdrawn, cards.reason, rng).await;
    if matches!(done, Err(Error::AlreadyActive)) {
        throw_away(session, &new_card, new, context, envelopes, rng).await;
        send_withdrawals(session, context).await;
    }
    let person = done?;
    gone(session, old, envelopes, context.seconds, rng).await?;
    context.withdrawals.add(old_card.revocation());
    send_withdrawals(session, context).await;
    Ok(person)
}

/// One replacement under way.
struct Swap<'a, T> {
    session: &'a Session<T>,
    context: &'a Context<'a>,
    envelopes: &'a mut Envelopes,
    old: &'a EnvelopeKeys,
    new: &'a EnvelopeKeys,
}

impl<T: Transport> Swap<'_, T> {
    /// Whatever is left to do of the replacement; the holder of the new card.
    async fn whole<R: Rng>(
        &mut self,
        withdrawn: bool,
        reason: Reason,
        rng: &mut R,
    ) -> Result<Person, Error> {
        match self.look(rng).await? {
            // Withdrawn, yet its envelope stands: somebody lost this card.
            (Some(_), _) if withdrawn => Err(Error::Card),
            (Some(_), Some(_)) => Err(Error::AlreadyActive),
            (Some(identity), None) => self.make(&identity, reason, rng).await,
            // An earlier call came this far: the new card holds the identity.
            (None, Some(identity)) => self.recognise(&identity, rng).await,
            (None, None) => Err(Error::NotActive),
        }
    }

    /// What the service has now of the old and of the new envelope.
    async fn look<R: Rng>(
        &mut self,
        rng: &mut R,
    ) -> Result<(Option<Envelope>, Option<Envelope>), Error> {
        let ids = [self.old.id, self.new.id];
        let found = self
            .envelopes
            .find_now(self.session, &ids, self.context.seconds, rng)
            .await?;
        let open = |keys: &EnvelopeKeys| {
            let sealed = found.get(&keys.id);
            let opened = sealed.map(|sealed| envelope::open(keys, sealed));
            opened.transpose().map_err(|_| Error::Sealed)
        };
        Ok((open(self.old)?, open(self.new)?))
    }

    /// Puts the identity under the new card and deletes the old envelope.
    async fn make<R: Rng>(
        &mut self,
        identity: &Envelope,
        reason: Reason,
        rng: &mut R,
    ) -> Result<Person, Error> {
        // Before anything is changed: a superseded secret gets no new card.
        self.recognise(identity, rng).await?;
        let next = match reason {
            Reason::Worn => identity.clone(),
            Reason::Taken => Envelope {
                current: IdentitySecret::random(rng),
                previous: Some(identity.current.clone()),
            },
        };
        let put = NewEnvelope::seal(self.new, &next.current, next.previous.as_ref(), rng)?;
        match self.send(&put).await {
            Ok(()) => {
                self.is_kept(&put, rng).await?;
                self.recognise(&next, rng).await
            }
            Err(Error::Conflict | Error::NotFound) => {
                let there = self.outcome(identity, rng).await?;
                self.recognise(&there, rng).await
            }
            Err(error) => Err(error),
        }
    }

    /// The new envelope is there when it is found. Where only the old one went, it
    /// is put again: with it the identity would be lost.
    async fn is_kept<R: Rng>(&mut self, put: &NewEnvelope, rng: &mut R) -> Result<(), Error> {
        for _ in 0..TRIES {
            if self.look(rng).await?.1.is_some() {
                return Ok(());
            }
            let put = calls::put_envelopes(self.session, &[put]).await;
            put.into_iter().collect::<Result<(), Error>>()?;
        }
        Err(Error::NotKept)
    }

    async fn send(&self, put: &NewEnvelope) -> Result<(), Error> {
        let mut done = Err(Error::Network);
        for _ in 0..TRIES {
            done = calls::replace_envelope(self.session, self.old, put).await;
            let again = |error: &Error| error.is_passing() && error.retry_after().is_none();
            if !done.as_ref().is_err_and(again) {
                break;
            }
        }
        done
    }

    /// After a refusal: the new envelope, if an earlier call of this terminal
    /// put it.
    async fn outcome<R: Rng>(
        &mut self,
        identity: &Envelope,
        rng: &mut R,
    ) -> Result<Envelope, Error> {
        let own = |there: &Envelope| {
            there.current == identity.current || there.previous.as_ref() == Some(&identity.current)
        };
        match self.look(rng).await? {
            (None, Some(there)) if own(&there) => Ok(there),
            (_, Some(_)) => Err(Error::AlreadyActive),
            (None, None) => Err(Error::Replaced),
            // The new card was used, and killed, before.
            (Some(_), None) => Err(Error::Card),
        }
    }

    async fn recognise<R: Rng>(&self, identity: &Envelope, rng: &mut R) -> Result<Person, Error> {
        let people = present::recognise(self.session, &[identity], self.context, rng).await?;
        let person = people.into_iter().next().ok_or(Error::Answer)?;
        person.ok_or(Error::Superseded)
    }
}

/// Kills a card that is at hand (found, handed back, misprinted): its envelope
/// is deleted, if there is one, and it is withdrawn. What is withdrawn waits in
/// `withdrawals` until a status list shows it: refresh the list to see it through.
///
/// # Errors
/// `Card` when it is no genuine card; `NotDeleted`; `Limited`; transport errors.
pub async fn kill<R: Rng>(
    session: &Session<impl Transport>,
    text: &str,
    context: &Context<'_>,
    envelopes: &mut Envelopes,
    rng: &mut R,
) -> Result<(), Error> {
    let card = Card::from_text(text)
        .and_then(|card| card.open(session.card_keys()))
        .map_err(|_| Error::Card)?;
    let keys = present::envelope_keys(session, &[&card], rng).await?;
    let keys = keys.first().ok_or(Error::Answer)?;
    match calls::delete_envelope(session, keys).await {
        // There may be none; whether that is so is looked at next.
        Ok(()) | Err(Error::NotFound) => {}
        Err(error) => return Err(error),
    }
    gone(session, keys, envelopes, context.seconds, rng).await?;
    context.withdrawals.add(card.revocation());
    send_withdrawals(session, context).await;
    Ok(())
}

/// A deletion is done when the envelope is not found afterwards.
async fn gone<R: Rng>(
    session: &Session<impl Transport>,
    keys: &EnvelopeKeys,
    envelopes: &mut Envelopes,
    seconds: u64,
    rng: &mut R,
) -> Result<(), Error> {
    let left = envelopes
        .find_now(session, &[keys.id], seconds, rng)
        .await?;
    if left.is_empty() {
        Ok(())
    } else {
        Err(Error::NotDeleted)
    }
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
