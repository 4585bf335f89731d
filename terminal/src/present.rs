//! Presenting a card: from the scanned text to the provider's own client.
//!
//! 1. the offline verdict (signature, expiry, status list); only a valid or an
//!    expired card goes on (an expired one is served and then replaced). 2. `u_c = VOPRF(card, c)`, proof checked. 3. the
//!    envelope is looked up among those that the terminal keeps
//!    ([`crate::envelopes`]) and opened to `s`. 4. `VOPRF(prov/<own>, s)`, and
//!    `mail` when asked for, in one call. 5. pseudonym, alias, known or new by the
//!    local roster. So two calls, and one of synchronisation when what is kept is
//!    too old or does not hold the envelope.
//!
//! A card that brings a previous secret claims to be the client of another record:
//! no record moves by that ([`Person::claim`]). A card whose own record was
//! continued by another is superseded, never known.
//!
//! `c`, blinds and evaluations are wiped on the way; `s` lives in [`Person`]
//! until that is dropped. Several cards go through together: one call and one
//! proof per domain. Source: the protocol's presentation; RFC 9497 VOPRF mode.

use crate::envelopes::Envelopes;
use crate::error::Error;
use crate::evaluate::evaluate;
use crate::roster::Roster;
use crate::session::Session;
use crate::transport::Transport;
use crate::withdraw::Withdrawals;
use crypto::card::OpenedCard;
use crypto::day::Day;
use crypto::domain::Domain;
use crypto::envelope::{self, Envelope, EnvelopeKeys, IdentitySecret};
use crypto::pseudonym::{Pseudonym, alias, provider_pseudonym};
use crypto::rng::Rng;
use crypto::secret::Secret;
use crypto::status::CheckedStatusList;
use crypto::verdict::{Verdict, verdict};
use std::fmt;
use wire::MOST_ELEMENTS;

/// What a presentation needs to know besides the card.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// The signed status list, when the terminal holds one.
    pub status: Option<&'a CheckedStatusList>,
    /// The local roster, which tells known from new.
    pub roster: &'a Roster,
    /// Today's programme day.
    pub today: Day,
    /// Seconds of a clock that only runs forward, whatever it counts from: the
    /// age of the envelopes that are kept is measured with it.
    pub seconds: u64,
    /// Whether to evaluate the locker's domain as well.
    pub locker: bool,
    /// Where cards wait that are to be withdrawn.
    pub withdrawals: &'a Withdrawals,
}

/// What a scan came to.
#[derive(Debug)]
pub struct Presentation {
    /// The offline verdict, always with the list's age.
    pub verdict: Verdict,
    /// What the online part found.
    pub outcome: Outcome,
}

/// The ends of a presentation.
#[derive(Debug)]
pub enum Outcome {
    /// Revoked, unknown or not to be judged: nothing was sent.
    Refused,
    /// Genuine, but no envelope: never used, or killed.
    NotActive,
    /// The client's record goes on under another secret: an old copy of an
    /// envelope, of a card that was taken. Nothing may be recorded.
    Superseded,
    /// The client, for as long as this value lives.
    Person(Box<Person>),
}

/// A client in front of the terminal. Dropping it wipes the identity secret.
pub struct Person {
    secret: IdentitySecret,
    pseudonym: Pseudonym,
    claim: Option<Pseudonym>,
    known: bool,
    locker: Option<Secret<64>>,
}

impl Person {
    /// The provider's pseudonym, 16 bytes; it means nothing elsewhere.
    #[must_use]
    pub fn pseudonym(&self) -> &Pseudonym {
        &self.pseudonym
    }

    /// The provider-local name: two words and a number.
    #[must_use]
    pub fn alias(&self) -> String {
        alias(&self.pseudonym)
    }

    /// Whether the provider's roster held this client at the scan, under the
    /// secret that the card brings now.
    #[must_use]
    pub fn known(&self) -> bool {
        self.known
    }

    /// "This card says that it continues X": the record that the card's previous
    /// secret names, while the roster holds it and nobody has said yes. Whoever
    /// makes an envelope can claim any secret that they have read, so it moves
    /// nothing; staff who know the client confirm it with
    /// [`crate::Local::confirm`].
    #[must_use]
    pub fn claim(&self) -> Option<&Pseudonym> {
        self.claim.as_ref()
    }

    /// The locker's evaluation `u_m`, when it was asked for.
    #[must_use]
    pub fn locker(&self) -> Option<&Secret<64>> {
        self.locker.as_ref()
    }

    pub(crate) fn secret(&self) -> &IdentitySecret {
        &self.secret
    }
}

impl fmt::Debug for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Person(..)")
    }
}

impl Presentation {
    /// The client, or an error that says what to do.
    ///
    /// # Errors
    /// `Card` when refused, `NotActive` when there is no envelope, `Superseded`.
    pub fn person(self) -> Result<Person, Error> {
        match self.outcome {
            Outcome::Refused => Err(Error::Card),
            Outcome::NotActive => Err(Error::NotActive),
            Outcome::Superseded => Err(Error::Superseded),
            Outcome::Person(person) => Ok(*person),
        }
    }
}

/// Presents one card.
///
/// # Errors
/// Transport and proof errors; `NoProvider` and `NoDataKey` when the session
/// cannot make pseudonyms.
pub async fn present<R: Rng>(
    session: &Session<impl Transport>,
    text: &str,
    context: &Context<'_>,
    envelopes: &mut Envelopes,
    rng: &mut R,
) -> Result<Presentation, Error> {
    let mut all = present_many(session, &[text], context, envelopes, rng).await?;
    all.pop().ok_or(Error::Answer)?
}

/// Presents up to [`MOST_ELEMENTS`] cards with one evaluation a domain.
/// The answers are in the order of `texts`; one card's failure is its own.
///
/// # Errors
/// As [`present`], and `TooMany`.
pub async fn present_many<R: Rng>(
    session: &Session<impl Transport>,
    texts: &[&str],
    context: &Context<'_>,
    envelopes: &mut Envelopes,
    rng: &mut R,
) -> Result<Vec<Result<Presentation, Error>>, Error> {
    if texts.len() > MOST_ELEMENTS {
        return Err(Error::TooMany);
    }
    session.provider_and_key()?;
    let judged: Vec<(Verdict, Option<OpenedCard>)> = texts
        .iter()
        .map(|text| verdict(text, session.card_keys(), context.status, context.today))
        .collect();
    let (verdicts, cards): (Vec<Verdict>, Vec<Option<OpenedCard>>) = judged
        .into_iter()
        .map(|(verdict, card)| {
            let goes_on = matches!(verdict, Verdict::Valid { .. } | Verdict::Expired { .. });
            let card = card.filter(|_| goes_on);
            (verdict, card)
        })
        .unzip();
    let outcomes = outcomes(session, &cards, context, envelopes, rng).await?;
    Ok(verdicts
        .into_iter()
        .zip(outcomes)
        .map(|(verdict, outcome)| outcome.map(|outcome| Presentation { verdict, outcome }))
        .collect())
}

/// Where one card stands between the two evaluations.
enum Step {
    Refused,
    NotActive,
    Failed(Error),
    Open(Envelope),
}

async fn outcomes<R: Rng>(
    session: &Session<impl Transport>,
    cards: &[Option<OpenedCard>],
    context: &Context<'_>,
    envelopes: &mut Envelopes,
    rng: &mut R,
) -> Result<Vec<Result<Outcome, Error>>, Error> {
    let genuine: Vec<&OpenedCard> = cards.iter().flatten().collect();
    // Before the evaluation, so that a beat says nothing of what a card came to.
    if !genuine.is_empty() && envelopes.due(context.seconds) {
        envelopes.sync(session, context.seconds).await?;
    }
    let keys = envelope_keys(session, &genuine, rng).await?;
    let ids: Vec<_> = keys.iter().map(|keys| keys.id).collect();
    let found = envelopes.find(session, &ids, context.seconds, rng).await?;
    let mut opened = keys
        .iter()
        .map(|keys| opened(keys, found.get(&keys.id).map(Vec::as_slice)));
    let steps: Vec<Step> = cards
        .iter()
        .map(|card| match card {
            None => Step::Refused,
            Some(_) => opened.next().unwrap_or(Step::NotActive),
        })
        .collect();
    let people = people(session, &steps, context, rng).await?;
    let mut people = people.into_iter();
    Ok(steps
        .into_iter()
        .map(|step| match step {
            Step::Refused => Ok(Outcome::Refused),
            Step::NotActive => Ok(Outcome::NotActive),
            Step::Failed(error) => Err(error),
            Step::Open(_) => match people.next() {
                Some(Some(person)) => Ok(Outcome::Person(Box::new(person))),
                Some(None) => Ok(Outcome::Superseded),
                None => Err(Error::Answer),
            },
        })
        .collect())
}

/// `u_c` of each card, and from it the envelope's id and key.
pub(crate) async fn envelope_keys<R: Rng>(
    session: &Session<impl Transport>,
    cards: &[&OpenedCard],
    rng: &mut R,
) -> Result<Vec<EnvelopeKeys>, Error> {
    if cards.is_empty() {
        return Ok(Vec::new());
    }
    let inputs: Vec<&[u8]> = cards.iter().map(|card| &card.secret.expose()[..]).collect();
    let evaluated = evaluate(session, &[(Domain::Card, &inputs)], rng).await?;
    let outputs = evaluated.into_iter().next().ok_or(Error::Answer)?;
    Ok(outputs.iter().map(EnvelopeKeys::derive).collect())
}

fn opened(keys: &EnvelopeKeys, sealed: Option<&[u8]>) -> Step {
    match sealed.map(|sealed| envelope::open(keys, sealed)) {
        None => Step::NotActive,
        Some(Ok(envelope)) => Step::Open(envelope),
        Some(Err(_)) => Step::Failed(Error::Sealed),
    }
}

async fn people<R: Rng>(
    session: &Session<impl Transport>,
    steps: &[Step],
    context: &Context<'_>,
    rng: &mut R,
) -> Result<Vec<Option<Person>>, Error> {
    let envelopes: Vec<&Envelope> = steps
        .iter()
        .filter_map(|step| match step {
            Step::Open(envelope) => Some(envelope),
            _ => None,
        })
        .collect();
    recognise(session, &envelopes, context, rng).await
}

/// Secrets of nobody.
fn stand_ins(count: usize, rng: &mut impl Rng) -> Vec<IdentitySecret> {
    (0..count).map(|_| IdentitySecret::random(rng)).collect()
}

/// Makes the provider's view of each identity: current and previous secrets go
/// under one proof, the locker's domain beside them. Where there is no previous
/// one a random secret stands in and is dropped, so that no request says which
/// clients had a card taken. `None` for one that is
/// superseded.
pub(crate) async fn recognise<R: Rng>(
    session: &Session<impl Transport>,
    identities: &[&Envelope],
    context: &Context<'_>,
    rng: &mut R,
) -> Result<Vec<Option<Person>>, Error> {
    let (provider, data_key) = session.provider_and_key()?;
    if identities.is_empty() {
        return Ok(Vec::new());
    }
    let current: Vec<&[u8]> = identities
        .iter()
        .map(|it| &it.current.expose()[..])
        .collect();
    let stand_ins = stand_ins(identities.len(), rng);
    let previous = identities.iter().zip(&stand_ins);
    let previous = previous.map(|(it, other)| &it.previous.as_ref().unwrap_or(other).expose()[..]);
    let own: Vec<&[u8]> = current.iter().copied().chain(previous).collect();
    let mut domains: Vec<(Domain, &[&[u8]])> = vec![(Domain::Provider(provider), &own)];
    if context.locker {
        domains.push((Domain::Mail, &current));
    }
    let mut evaluated = evaluate(session, &domains, rng).await?.into_iter();
    let mut own = evaluated.next().ok_or(Error::Answer)?.into_iter();
    let mut lockers = evaluated.next().unwrap_or_default().into_iter();
    let firsts: Vec<Secret<64>> = own.by_ref().take(identities.len()).collect();
    let mut people = Vec::with_capacity(identities.len());
    for (identity, element) in identities.iter().zip(firsts) {
        let pseudonym = provider_pseudonym(data_key, &element);
        let earlier = own.next().ok_or(Error::Answer)?;
        let before = identity.previous.as_ref();
        let before = before.map(|_| provider_pseudonym(data_key, &earlier));
        let person = Person {
            secret: identity.current.clone(),
            known: context.roster.knows(&pseudonym),
            claim: before.filter(|before| context.roster.may_continue(before, &pseudonym)),
            pseudonym,
            locker: lockers.next(),
        };
        people.push((!context.roster.superseded(&pseudonym)).then_some(person));
    }
    Ok(people)
}
