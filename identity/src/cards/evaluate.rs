//! Blind evaluation (RFC 9497, VOPRF mode) with the permission of each terminal.
//!
//! A terminal may evaluate `card`, `mail` and its own provider's domain. Elements of every domain are counted: a card's
//! against the minute and the day, the others against the cards, three for each. The statistics domain is never evaluated for
//! anybody; the domains of recovery and of the short number have paths of their own. Nothing about an evaluation is
//! stored but a count of the day.

use std::sync::Arc;

use crypto::b64::Fixed;
use crypto::domain::{Domain, DomainKey, Identification};
use crypto::id::ProviderId;
use crypto::voprf;
use wire::{EvaluateItem, Evaluated, EvaluatedItem, MOST_DOMAINS, MOST_ELEMENTS};

use crate::access::session::Session;
use crate::guard::allowance;
use crate::{App, Refusal, domains};

/// Elements up to which an answer is computed where it stands; more go to a thread of their own, so that a large batch
/// does not hold up others.
const AT_ONCE: usize = 16;

/// Seconds a caller is told to wait who asks about more than the cards it has shown.
const WAIT: u32 = 60;

/// Whether staff of this provider may have elements of this domain evaluated.
fn permitted(domain: &Domain, own: ProviderId) -> bool {
    match domain {
        Domain::Card | Domain::Mail => true,
        Domain::Provider(provider) => *provider == own,
        Domain::Handle | Domain::Recover | Domain::Short | Domain::Pin | Domain::Statistics => {
            false
        }
    }
}

/// Evaluates every item, one proof an item.
///
/// # Errors
/// [`Refusal::Forbidden`] if any domain is not permitted (nothing is evaluated then), [`Refusal::Malformed`] for none or
/// too many, [`Refusal::Limit`], [`Refusal::BadValue`] for the identity or a non-canonical element.
pub(crate) async fn evaluate(
    app: &App,
    session: &Session,
    items: Vec<EvaluateItem>,
) -> Result<Evaluated, Refusal> {
    let own = session.provider()?;
    let sizes = items
        .iter()
        .all(|item| (1..=MOST_ELEMENTS).contains(&item.elements.len()));
    if items.is_empty() || items.len() > MOST_DOMAINS || !sizes {
        return Err(Refusal::Malformed);
    }
    if !items.iter().all(|item| permitted(&item.domain, own)) {
        return Err(Refusal::Forbidden);
    }
    take_limits(app, session, &items).await?;
    let total: usize = items.iter().map(|item| item.elements.len()).sum();
    let mut work = Vec::with_capacity(items.len());
    for item in items {
        work.push((domains::identification(app, item.domain).await?, item));
    }
    let mut rng = app.rng();
    if total <= AT_ONCE {
        return compute(&work, &mut rng);
    }
    tokio::task::spawn_blocking(move || compute(&work, &mut rng))
        .await
        .map_err(|_| Refusal::Internal)?
}

async fn take_limits(app: &App, session: &Session, items: &[EvaluateItem]) -> Result<(), Refusal> {
    let (mut cards, mut others) = (0_usize, 0_usize);
    for item in items {
        let counted = match item.domain {
            Domain::Card => &mut cards,
            _ => &mut others,
        };
        *counted += item.elements.len();
    }
    let cards = u32::try_from(cards).map_err(|_| Refusal::Malformed)?;
    let others = u32::try_from(others).map_err(|_| Refusal::Malformed)?;
    // Without a card there is no identity secret that an honest terminal could ask about. Looked at first: what is refused
    // counts nothing.
    let wait = Refusal::Limit { retry_after: WAIT };
    let held = app.credits.hold(session.terminal, others, cards);
    let held = held.ok_or(wait)?;
    if cards > 0 {
        if let Err(refusal) = count(app, session, cards).await {
            app.credits.give_back(session.terminal, held);
            return Err(refusal);
        }
        let most = app.limits.presentations_per_day;
        app.credits
            .earn(session.terminal, cards, others - held, most);
    }
    Ok(())
}

/// Counts cards in the minute and in the day, or in neither.
async fn count(app: &App, session: &Session, cards: u32) -> Result<(), Refusal> {
    let mut key = [0; 32];
    key[..16].copy_from_slice(session.terminal.as_bytes());
    let now = app.clock.unix_seconds();
    let minute = app.limits.presentations_per_minute;
    app.windows.take(key, cards, minute, now)?;
    let day = allowance::presentations(app, session, cards).await;
    if day.is_err() {
        app.windows.give_back(key, cards, now);
    }
    day
}

/// Notes what evaluations come with cards that came to life.
pub(super) fn earned(app: &App, session: &Session, cards: u32) {
    let most = app.limits.presentations_per_day;
    app.credits.earn(session.terminal, cards, 0, most);
}

fn compute(
    work: &[(Arc<DomainKey<Identification>>, EvaluateItem)],
    rng: &mut crypto::rng::Random,
) -> Result<Evaluated, Refusal> {
    let items = work
        .iter()
        .map(|(key, item)| {
            let elements: Vec<[u8; 32]> = item.elements.iter().map(|element| element.0).collect();
            let answer = voprf::evaluate(key, rng, &elements).map_err(|_| Refusal::BadValue)?;
            let elements = answer.elements.into_iter().map(Fixed).collect();
            Ok(EvaluatedItem {
                elements,
                proof: Fixed(answer.proof),
            })
        })
        .collect::<Result<_, Refusal>>()?;
    Ok(Evaluated { items })
}
