//! Booking: new events of some people into the database, and the change this makes to their contributions.
//!
//! For every person: old = project(events before), new = project(events after); what only old has is deleted, what only
//! new has is inserted, by primary key. Nothing else is read: no other person, no aggregate. Closed quarters cannot change,
//! because new events are effective in the first open quarter at the earliest; should a defect break that, nothing is
//! written.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crypto::day::Quarter;
use indicators::Indicators;
use indicators::contribution::Contribution;
use indicators::history::{Event, History};
use indicators::project::{CityPeriods, Projector};
use store::Tx;

use crate::error::Error;
use crate::query::{self, EventRow, Owned};
use crate::registry::{Registry, services};
use crate::setup::{self, Facts};

/// What booking needs to know beside the events, as the transaction sees it.
#[derive(Debug)]
pub struct Ground {
    /// The catalogue of services, with those of the registry.
    pub indicators: Indicators,
    /// The programme's fixed facts.
    pub facts: Facts,
    /// Cities and sites.
    pub registry: Registry,
    /// The first quarter not closed.
    pub open: Quarter,
}

impl Ground {
    /// Reads it in a transaction that books or registers, and keeps the open quarter open until that transaction ends.
    /// Nothing may have been read in it before.
    ///
    /// # Errors
    /// As [`Self::read`], and [`store::DbError::Retry`] when a closing came first.
    pub async fn hold(tx: &mut Tx) -> Result<Self, Error> {
        setup::hold(tx).await?;
        Self::read(tx).await
    }

    /// Reads it to look at; what books uses [`Self::hold`].
    ///
    /// # Errors
    /// [`Error::NotSetUp`], [`Error::IndicatorsDiffer`], [`Error::Damaged`], [`Error::Database`].
    pub async fn read(tx: &mut Tx) -> Result<Self, Error> {
        let mut indicators = Indicators::shipped()?;
        let facts = setup::read(tx, &indicators).await?;
        services::read(tx, &mut indicators).await?;
        let open = setup::first_open(tx, &facts).await?;
        Ok(Self {
            registry: Registry::read(tx).await?,
            indicators,
            facts,
            open,
        })
    }
}

/// An event of the person with that element.
#[derive(Clone, Debug)]
pub struct Incoming {
    /// `N_a`.
    pub element: [u8; 32],
    /// What happened; effective in an open quarter.
    pub event: Event,
    /// Code of a result.
    pub detail: Option<String>,
}

/// What a booking changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Booked {
    /// Events that were not known.
    pub events: u64,
    /// People who were not known.
    pub people: u64,
    /// New events that lie after a recorded death; kept, and to be counted where refusals are.
    pub after_death: i64,
}

/// Rows about to be written.
#[derive(Default)]
struct Changes {
    events: Vec<EventRow>,
    delete: Vec<Owned>,
    insert: Vec<Owned>,
    after_death: i64,
}

/// Books events; known reports change nothing. `number` draws a fresh random person number (63 bits).
///
/// # Errors
/// [`Error::ClosedPeriod`] when a closed quarter would change, [`Error::Damaged`], [`Error::Database`].
pub async fn book(
    tx: &mut Tx,
    ground: &Ground,
    key: &[u8; 32],
    number: &mut (dyn FnMut() -> i64 + Send),
    incoming: &[Incoming],
) -> Result<Booked, Error> {
    let elements: Vec<[u8; 32]> = incoming
        .iter()
        .map(|one| one.element)
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect();
    let mut people = query::persons(tx, &elements).await?;
    let known: Vec<i64> = people.values().copied().collect();
    let mut histories = query::events(tx, &known, &ground.indicators).await?;
    let mut fresh: Vec<(i64, [u8; 32])> = Vec::new();
    for element in elements {
        people.entry(element).or_insert_with(|| {
            let drawn = number();
            fresh.push((drawn, element));
            drawn
        });
    }
    fresh.sort_unstable();
    let changes = compute(ground, key, &people, &mut histories, incoming);
    refuse_closed(ground.open, &changes)?;
    query::insert_persons(tx, &fresh).await?;
    query::insert_events(tx, &changes.events).await?;
    query::delete_contributions(tx, &changes.delete).await?;
    query::insert_contributions(tx, &changes.insert).await?;
    Ok(Booked {
        events: changes.events.len() as u64,
        people: fresh.len() as u64,
        after_death: changes.after_death,
    })
}

/// The whole pure part: histories in, rows to write out, sorted by primary key.
fn compute(
    ground: &Ground,
    key: &[u8; 32],
    people: &HashMap<[u8; 32], i64>,
    histories: &mut HashMap<i64, Vec<Event>>,
    incoming: &[Incoming],
) -> Changes {
    let cities: CityPeriods = ground.registry.periods();
    let mut projector = Projector::new(&ground.indicators, &cities, key);
    let mut by_person: BTreeMap<i64, Vec<&Incoming>> = BTreeMap::new();
    for one in incoming {
        if let Some(person) = people.get(&one.element) {
            by_person.entry(*person).or_default().push(one);
        }
    }
    let mut changes = Changes::default();
    let (mut old, mut new) = (Vec::new(), Vec::new());
    for (person, incoming) in by_person {
        let before = History::new(histories.remove(&person).unwrap_or_default());
        let begin = changes.events.len();
        add_events(&mut changes.events, person, &before, incoming);
        if changes.events.len() == begin {
            continue;
        }
        old.clear();
        new.clear();
        projector.project(person, &before, &mut old);
        let flagged = projector.after_death();
        let mut events = before.events().to_vec();
        events.extend(changes.events[begin..].iter().map(|row| row.event));
        projector.project(person, &History::new(events), &mut new);
        changes.after_death += i64::from(projector.after_death().saturating_sub(flagged));
        difference(&old, &new, person, &mut changes.delete);
        difference(&new, &old, person, &mut changes.insert);
    }
    changes.delete.sort_unstable();
    changes.insert.sort_unstable();
    changes
}

/// Appends the reports that the history lacks, each once, in the order of the primary key.
fn add_events(
    rows: &mut Vec<EventRow>,
    person: i64,
    before: &History,
    mut incoming: Vec<&Incoming>,
) {
    incoming.sort_by_key(|one| one.event.report);
    incoming.dedup_by_key(|one| one.event.report);
    let unknown = incoming
        .into_iter()
        .filter(|one| !before.contains(&one.event.report));
    rows.extend(unknown.map(|one| EventRow {
        person,
        event: one.event,
        detail: one.detail.clone(),
    }));
}

/// What the sorted `left` has and the sorted `right` lacks.
fn difference(left: &[Contribution], right: &[Contribution], person: i64, out: &mut Vec<Owned>) {
    out.extend(
        left.iter()
            .filter(|one| right.binary_search(one).is_err())
            .map(|one| (*one, person)),
    );
}

fn refuse_closed(open: Quarter, changes: &Changes) -> Result<(), Error> {
    let closed = |row: &Owned| row.0.period < open;
    if changes.delete.iter().any(closed) || changes.insert.iter().any(closed) {
        return Err(Error::ClosedPeriod);
    }
    Ok(())
}
