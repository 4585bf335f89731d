//! Booking: new events of some people into the database, and the change this makes to their contributions.
//!
//! For every person: old = project(history before), new = project(history after); what only old has is deleted, what only
//! new has is inserted, by primary key. Nothing else is read but one row for each person: no other person, no aggregate. Closed quarters cannot change,
//! because new events, and withdrawals, are effective in the first open quarter at the earliest; should a defect break that,
//! nothing is written.

use std::collections::{BTreeSet, HashMap};

use crypto::day::Quarter;
use indicators::contribution::Contribution;
use indicators::history::{History, Withdrawal};
use indicators::project::{CityPeriods, Projector};
use store::Tx;

use crate::error::Error;
use crate::ground::Ground;
use crate::packed::{Packed, Said, Told};
use crate::query::{self, Owned, PersonRow};

/// Something about the person with that element.
#[derive(Clone, Debug)]
pub(crate) struct Incoming {
    /// `N_a`.
    pub(crate) element: [u8; 32],
    /// What happened, or did not; effective in an open quarter.
    pub(crate) said: Said,
}

/// What a booking changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Booked {
    /// Events that were not known.
    pub(crate) events: u64,
    /// Withdrawals that were not known.
    pub(crate) withdrawn: u64,
    /// People who were not known.
    pub(crate) people: u64,
    /// New events that lie after a recorded death; kept, and to be counted where refusals are.
    pub(crate) after_death: i64,
}

/// A person about whom something came in.
struct Person {
    person: i64,
    element: [u8; 32],
    before: Packed,
}

/// Rows about to be written.
#[derive(Default)]
struct Changes {
    people: Vec<PersonRow>,
    delete: Vec<Owned>,
    insert: Vec<Owned>,
    events: u64,
    withdrawn: u64,
    after_death: i64,
}

/// Books events; known reports change nothing. `number` draws a fresh random person number (63 bits).
///
/// # Errors
/// [`Error::ClosedPeriod`] when a closed quarter would change, [`Error::Damaged`], [`Error::Database`].
pub(crate) async fn book(
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
    let mut known = query::known(tx, &elements, &ground.indicators).await?;
    let fresh = elements.len() - known.len();
    let mut people: Vec<Person> = elements
        .into_iter()
        .map(|element| {
            let found = known.remove(&element);
            let (person, before) = found.unwrap_or_else(|| (number(), Packed::default()));
            Person {
                person,
                element,
                before,
            }
        })
        .collect();
    people.sort_unstable_by_key(|one| one.person);
    let changes = compute(ground, key, people, incoming);
    refuse_closed(ground.open, &changes)?;
    query::put_people(tx, &changes.people).await?;
    query::delete_contributions(tx, &changes.delete).await?;
    query::insert_contributions(tx, &changes.insert).await?;
    Ok(Booked {
        events: changes.events,
        withdrawn: changes.withdrawn,
        people: fresh as u64,
        after_death: changes.after_death,
    })
}

/// The whole pure part: people in the order of their numbers in, rows to write out, sorted by primary key.
fn compute(ground: &Ground, key: &[u8; 32], people: Vec<Person>, incoming: &[Incoming]) -> Changes {
    let cities: CityPeriods = ground.registry.periods();
    let mut projector = Projector::new(&ground.indicators, &cities, key);
    let mut by_element: HashMap<[u8; 32], Vec<&Said>> = HashMap::new();
    for one in incoming {
        by_element.entry(one.element).or_default().push(&one.said);
    }
    let mut changes = Changes::default();
    let (mut old, mut new) = (Vec::new(), Vec::new());
    for Person {
        person,
        element,
        before,
    } in people
    {
        let said = by_element.remove(&element).unwrap_or_default();
        let (more, gone) = unknown(before.history(), said);
        if more.is_empty() && gone.is_empty() {
            continue;
        }
        changes.events += more.len() as u64;
        changes.withdrawn += gone.len() as u64;
        old.clear();
        new.clear();
        projector.project(person, before.history(), &mut old);
        let flagged = projector.after_death();
        let after = before.with(more, &gone);
        projector.project(person, after.history(), &mut new);
        changes.after_death += i64::from(projector.after_death().saturating_sub(flagged));
        difference(&old, &new, person, &mut changes.delete);
        difference(&new, &old, person, &mut changes.insert);
        changes.people.push(PersonRow {
            person,
            element,
            history: after.into_bytes(),
        });
    }
    changes.delete.sort_unstable();
    changes.insert.sort_unstable();
    changes
}

/// The reports and withdrawals that the history lacks, each once: of several with one id the first that came.
fn unknown(before: &History, mut said: Vec<&Said>) -> (Vec<Told>, Vec<Withdrawal>) {
    said.sort_by_key(|one| *one.report());
    said.dedup_by_key(|one| *one.report());
    said.retain(|one| !before.contains(one.report()));
    let (mut more, mut gone) = (Vec::new(), Vec::new());
    for one in said {
        match one {
            Said::Told(told) => more.push(told.clone()),
            Said::Withdrawn(withdrawal) => gone.push(*withdrawal),
        }
    }
    (more, gone)
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
