//! Rows of a file that withdraw others.
//!
//! Such a row names another one of the same file, or of one that was imported before, by person, date, site and service, and by
//! whatever else it gives: the event, cover, group. They are booked after all other rows, so their place in the file is no
//! matter. A row that finds none, or several that say different things, is refused. Its id is a hash of what it says and of its
//! number among equal ones, as for other rows: the same file again withdraws nothing more, and a row that is there twice with one
//! withdrawal stands once. The same words in another file, about a row that came since, are refused: they say not which one.

use std::collections::BTreeSet;

use crypto::report::Kind;
use indicators::history::{Event, History, Withdrawal};
use indicators::kind::EventKind;
use store::{Tx, retrying};
use wire::rows::RowError;

use super::back::Back;
use super::gathered::{Gathered, PEOPLE};
use crate::App;
use crate::error::Error;
use crate::ground::Ground;
use crate::intake::accept::person_number;
use crate::intake::book::{self, Incoming};
use crate::packed::Said;
use crate::query;

const NOTHING: &str = "names no row that stands: person, date, site, service and what else is filled in must be those of the row";
const GONE: &str = "names a row that was withdrawn before";
const AGAIN: &str = "was imported before, for a row that is withdrawn; another one that it names stands: write withdrawn: and the event, such as withdrawn:exited:died";
const SEVERAL: &str = "names several rows that say different things: write withdrawn: and the event, such as withdrawn:exited:died, and fill in covered_until and group";

/// Books all withdrawals of a file; how many are new, and the rows that were refused in the order of the file.
///
/// # Errors
/// [`Error::Database`] and the database's states.
pub(super) async fn book(
    app: &App,
    file: &mut Gathered<'_>,
) -> Result<(u64, Vec<RowError>), Error> {
    file.withdrawn.sort_unstable();
    let file = &*file;
    let people: Vec<&[Back]> = file
        .withdrawn
        .chunk_by(|one, next| one.person == next.person)
        .collect();
    let (mut withdrawn, mut wrong) = (0, Vec::new());
    for chunk in people.chunks(PEOPLE) {
        let (booked, refused) = book_chunk(app, file, chunk).await?;
        withdrawn += booked;
        wrong.extend(refused);
    }
    wrong.sort_by_key(|error| error.line);
    Ok((withdrawn, wrong))
}

async fn book_chunk(
    app: &App,
    file: &Gathered<'_>,
    people: &[&[Back]],
) -> Result<(u64, Vec<RowError>), Error> {
    let mut rng = app.rng.clone();
    retrying!(app.store, "import withdrawals", &mut rng, |tx| {
        let ground = Ground::hold(tx).await?;
        let (incoming, refused) = find(tx, &ground, file, people).await?;
        let key = app.keys.bounding.expose();
        let mut spare = app.rng.clone();
        let mut number = || person_number(&mut spare);
        let booked = book::book(tx, &ground, key, &mut number, &incoming).await?;
        Ok((booked.withdrawn, refused))
    })
}

/// What the rows withdraw, and those that withdraw nothing.
async fn find(
    tx: &mut Tx,
    ground: &Ground,
    file: &Gathered<'_>,
    people: &[&[Back]],
) -> Result<(Vec<Incoming>, Vec<RowError>), Error> {
    let hash = |rows: &[Back]| rows.first().map(|row| file.people[row.person as usize]);
    let element = |rows: &[Back]| hash(rows).and_then(|hash| file.element(&hash));
    let elements: Vec<[u8; 32]> = people.iter().filter_map(|rows| element(rows)).collect();
    let mut known = query::known(tx, &elements, &ground.indicators).await?;
    let (mut incoming, mut refused) = (Vec::new(), Vec::new());
    for rows in people {
        let (Some(hash), Some(element)) = (hash(rows), element(rows)) else {
            continue;
        };
        let history = known
            .remove(&element)
            .map(|(_, packed)| packed.into_history());
        let own = file.reports(ground, rows.first().map_or(0, |row| row.person));
        let mut finder = Finder::new(ground, history.unwrap_or_default(), own);
        for (row, equal) in numbered(rows) {
            match finder.take(row, row.id(file.key, &hash, equal)) {
                Ok(Some(withdrawal)) => incoming.push(Incoming {
                    element,
                    said: Said::Withdrawn(withdrawal),
                }),
                Ok(None) => {}
                Err(reason) => refused.push(RowError {
                    line: row.line,
                    lines: 1,
                    column: "event",
                    reason: reason.into(),
                }),
            }
        }
    }
    Ok((incoming, refused))
}

/// Sorted rows, each with the number of those before it that say the same.
fn numbered(rows: &[Back]) -> impl Iterator<Item = (&Back, u32)> {
    rows.chunk_by(|one, next| one.says_as(next))
        .flat_map(|equal| equal.iter().zip(0..))
}

/// Looks for the rows of one person.
struct Finder<'a> {
    ground: &'a Ground,
    history: History,
    /// Reports that do not stand.
    gone: BTreeSet<[u8; 16]>,
    /// Reports that are rows of the file.
    file: BTreeSet<[u8; 16]>,
}

impl<'a> Finder<'a> {
    fn new(ground: &'a Ground, history: History, file: BTreeSet<[u8; 16]>) -> Self {
        let withdrawals = history.withdrawals().iter();
        Self {
            gone: withdrawals.map(|one| one.target).collect(),
            ground,
            history,
            file,
        }
    }

    /// The withdrawal that a row is; `None` when it was imported before and nothing that it names stands.
    fn take(&mut self, row: &Back, report: [u8; 16]) -> Result<Option<Withdrawal>, &'static str> {
        if self.history.contains(&report) {
            return self.again(row, &report).map(|()| None);
        }
        let target = self.pick(row)?;
        self.gone.insert(target);
        let from = self.ground.open;
        Ok(Some(Withdrawal {
            from,
            target,
            report,
        }))
    }

    /// Passes for the same file again; the same words about another row that came since are refused.
    fn again(&self, row: &Back, report: &[u8; 16]) -> Result<(), &'static str> {
        let mut known = self.history.withdrawals().iter();
        let same = known.any(|one| one.report == *report && self.file.contains(&one.target));
        let mut named = self.history.events().iter();
        let other = named.any(|event| self.stands(event) && self.names(row, event));
        if other && !same { Err(AGAIN) } else { Ok(()) }
    }

    /// The report that a row names: of those that say the same the one with the smallest id.
    fn pick(&self, row: &Back) -> Result<[u8; 16], &'static str> {
        let named = |event: &&Event| self.names(row, event);
        let named: Vec<&Event> = self.history.events().iter().filter(named).collect();
        let none = if named.is_empty() { NOTHING } else { GONE };
        let mut found = named;
        found.retain(|event| self.stands(event));
        let exact = |event: &Event| {
            row.kind.is_some()
                && (event.covered_until, event.group) == (row.covered_until, row.group)
        };
        if found.iter().any(|event| exact(event)) {
            found.retain(|event| exact(event));
        }
        let says = |event: &Event| (event.kind, event.finding, event.covered_until, event.group);
        if found.windows(2).any(|pair| says(pair[0]) != says(pair[1])) {
            return Err(SEVERAL);
        }
        let ids = found.iter().map(|event| event.report);
        ids.min().ok_or(none)
    }

    fn stands(&self, event: &Event) -> bool {
        !self.gone.contains(&event.report)
    }

    fn names(&self, row: &Back, event: &Event) -> bool {
        let (registry, indicators) = (&self.ground.registry, &self.ground.indicators);
        let service = indicators.find(&row.service).map(|service| service.number);
        let kind = row.kind.as_ref().is_none_or(|kind| {
            let finding = match kind {
                Kind::Result(code) => indicators.finding(event.service, code.as_str()),
                _ => None,
            };
            event.kind == EventKind::from(kind) && event.finding == finding
        });
        kind && event.day == row.day
            && registry.site(row.site.as_str()) == Some(event.site)
            && service == Some(event.service)
            && row
                .covered_until
                .is_none_or(|day| event.covered_until == Some(day))
            && row.group.is_none_or(|group| event.group == Some(group))
    }
}

#[cfg(test)]
mod tests;
