//! Every statement about people, events and contributions: rows to types, many rows a statement.
//!
//! Rows are written in primary-key order, so that a large batch walks the tree once. A statement binds at most 12,000
//! values (SQLite allows 32,766).

use std::collections::HashMap;

use crypto::day::{Day, Quarter};
use indicators::Indicators;
use indicators::contribution::Contribution;
use indicators::history::{Event, EventKind};
use privacy::cell::{Cell, CityCode, GroupCode};
use sqlx::{FromRow, QueryBuilder};
use store::{DbError, Tx, execute, fetch_all, on};

use crate::error::Error;

/// Keys in one `IN` list.
const KEYS: usize = 5_000;
/// Rows of `event` in one statement.
const EVENT_ROWS: usize = 1_000;
/// Rows of `contribution` or `person` in one statement.
const NARROW_ROWS: usize = 4_000;
/// Rows of `contribution` deleted in one statement. PostgreSQL prices such a delete as if every row were looked up in all
/// sixteen parts (it is looked up in one), and from some thousand rows on reads the whole table instead.
const DELETED_ROWS: usize = 100;

const EVENT_COLUMNS: &str = "INSERT INTO event (person, report, day, effective_day, service, kind, detail, \
    covered_until, site, city, grouping) ";
const REFUSE: &str = "INSERT INTO refusal (day, reason, count) VALUES ($1, $2, $3)
    ON CONFLICT (day, reason) DO UPDATE SET count = refusal.count + excluded.count";

/// A row of `event` about to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventRow {
    /// Whose.
    pub person: i64,
    /// What.
    pub event: Event,
    /// Code of a result.
    pub detail: Option<String>,
}

/// One person's contribution, in the order of the primary key.
pub type Owned = (Contribution, i64);

#[derive(FromRow)]
struct StoredEvent {
    person: i64,
    report: Vec<u8>,
    day: i64,
    effective_day: i64,
    service: i64,
    kind: i64,
    detail: Option<String>,
    covered_until: Option<i64>,
    site: i64,
    city: i64,
    grouping: Option<i64>,
}

impl StoredEvent {
    fn parse(self, indicators: &Indicators) -> Option<(i64, Event)> {
        let service = indicators
            .by_number(u8::try_from(self.service).ok()?)?
            .number;
        let group = match self.grouping {
            None => None,
            Some(number) => Some(GroupCode::new(u8::try_from(number).ok()?).ok()?),
        };
        let covered_until = match self.covered_until {
            None => None,
            Some(number) => Some(day(number)?),
        };
        let event = Event {
            report: self.report.try_into().ok()?,
            day: day(self.day)?,
            effective: day(self.effective_day)?,
            service,
            kind: EventKind::from_number(u8::try_from(self.kind).ok()?)?,
            covered_until,
            site: u32::try_from(self.site).ok()?,
            city: CityCode::new(u16::try_from(self.city).ok()?).ok()?,
            group,
            finding: self
                .detail
                .and_then(|code| indicators.finding(service, &code)),
        };
        Some((self.person, event))
    }
}

fn day(number: i64) -> Option<Day> {
    Day::from_number(i32::try_from(number).ok()?).ok()
}

/// Numbers of the people whose elements are known.
///
/// # Errors
/// [`Error::Database`], [`Error::Damaged`].
pub async fn persons(tx: &mut Tx, elements: &[[u8; 32]]) -> Result<HashMap<[u8; 32], i64>, Error> {
    let mut found = HashMap::new();
    for chunk in elements.chunks(KEYS) {
        let rows: Vec<(i64, Vec<u8>)> = on!(tx, |t| {
            let mut query =
                QueryBuilder::new("SELECT person, element FROM person WHERE element IN (");
            let mut list = query.separated(", ");
            for element in chunk {
                list.push_bind(element.to_vec());
            }
            query.push(")");
            query.build_query_as().fetch_all(&mut **t).await
        })?;
        for (person, element) in rows {
            found.insert(element.try_into().map_err(|_| Error::Damaged)?, person);
        }
    }
    Ok(found)
}

/// Numbers of all people.
///
/// # Errors
/// [`Error::Database`].
pub async fn people(tx: &mut Tx) -> Result<Vec<i64>, Error> {
    const ALL: &str = "SELECT person FROM person";
    let rows = fetch_all!(tx, (i64,), ALL)?;
    Ok(rows.into_iter().map(|row| row.0).collect())
}

/// Every event of these people, grouped by person, unsorted.
///
/// # Errors
/// [`Error::Database`], [`Error::Damaged`].
pub async fn events(
    tx: &mut Tx,
    people: &[i64],
    indicators: &Indicators,
) -> Result<HashMap<i64, Vec<Event>>, Error> {
    let mut found: HashMap<i64, Vec<Event>> = HashMap::new();
    for chunk in people.chunks(KEYS) {
        let rows: Vec<StoredEvent> = on!(tx, |t| {
            let mut query = QueryBuilder::new(
                "SELECT person, report, day, effective_day, service, kind, detail, covered_until, site, city, grouping \
                 FROM event WHERE person IN (",
            );
            let mut list = query.separated(", ");
            for person in chunk {
                list.push_bind(*person);
            }
            query.push(")");
            query.build_query_as().fetch_all(&mut **t).await
        })?;
        for row in rows {
            let (person, event) = row.parse(indicators).ok_or(Error::Damaged)?;
            found.entry(person).or_default().push(event);
        }
    }
    Ok(found)
}

/// Writes people; `(number, element)`.
///
/// # Errors
/// [`DbError::Conflict`] when a number or element is taken.
pub async fn insert_persons(tx: &mut Tx, rows: &[(i64, [u8; 32])]) -> Result<(), DbError> {
    for chunk in rows.chunks(NARROW_ROWS) {
        on!(tx, |t| {
            let mut query = QueryBuilder::new("INSERT INTO person (person, element) ");
            query.push_values(chunk, |mut row, (person, element)| {
                row.push_bind(*person).push_bind(element.to_vec());
            });
            query.build().execute(&mut **t).await.map(drop)
        })?;
    }
    Ok(())
}

/// Writes events.
///
/// # Errors
/// [`DbError::Conflict`] when a person has that report already.
pub async fn insert_events(tx: &mut Tx, rows: &[EventRow]) -> Result<(), DbError> {
    for chunk in rows.chunks(EVENT_ROWS) {
        on!(tx, |t| {
            let mut query = QueryBuilder::new(EVENT_COLUMNS);
            query.push_values(
                chunk,
                |mut row,
                 EventRow {
                     person,
                     event,
                     detail,
                 }| {
                    row.push_bind(*person)
                        .push_bind(event.report.to_vec())
                        .push_bind(i64::from(event.day.number()))
                        .push_bind(i64::from(event.effective.number()))
                        .push_bind(i64::from(event.service.number()))
                        .push_bind(i64::from(event.kind.number()))
                        .push_bind(detail.clone())
                        .push_bind(event.covered_until.map(|day| i64::from(day.number())))
                        .push_bind(i64::from(event.site))
                        .push_bind(i64::from(event.city.number()))
                        .push_bind(event.group.map(|group| i64::from(group.number())));
                },
            );
            query.build().execute(&mut **t).await.map(drop)
        })?;
    }
    Ok(())
}

/// Writes contributions, sorted by the caller.
///
/// # Errors
/// [`DbError::Conflict`] when one is there already.
pub async fn insert_contributions(tx: &mut Tx, rows: &[Owned]) -> Result<(), DbError> {
    for chunk in rows.chunks(NARROW_ROWS) {
        on!(tx, |t| {
            let mut query = QueryBuilder::new("INSERT INTO contribution (period, cell, person) ");
            query.push_values(chunk, |mut row, (contribution, person)| {
                row.push_bind(i64::from(contribution.period.number()))
                    .push_bind(contribution.cell.number())
                    .push_bind(*person);
            });
            query.build().execute(&mut **t).await.map(drop)
        })?;
    }
    Ok(())
}

/// Deletes contributions by primary key.
///
/// # Errors
/// Any database error.
pub async fn delete_contributions(tx: &mut Tx, rows: &[Owned]) -> Result<(), DbError> {
    for chunk in rows.chunks(DELETED_ROWS) {
        on!(tx, |t| {
            let mut query =
                QueryBuilder::new("DELETE FROM contribution WHERE (period, cell, person) IN (");
            query.push_values(chunk, |mut row, (contribution, person)| {
                row.push_bind(i64::from(contribution.period.number()))
                    .push_bind(contribution.cell.number())
                    .push_bind(*person);
            });
            query.push(")");
            query.build().execute(&mut **t).await.map(drop)
        })?;
    }
    Ok(())
}

/// Adds to the day's count of reports refused, or flagged, for a reason; one of the fixed words of [`crate::error`].
///
/// # Errors
/// Any database error.
pub async fn count_refusal(
    tx: &mut Tx,
    day: Day,
    reason: &'static str,
    count: i64,
) -> Result<(), DbError> {
    let day = i64::from(day.number());
    execute!(tx, REFUSE, day, reason, count)?;
    Ok(())
}

/// Every stored contribution, in key order; for tests and later recounts.
///
/// # Errors
/// [`Error::Database`], [`Error::Damaged`].
pub async fn contributions(tx: &mut Tx) -> Result<Vec<Owned>, Error> {
    const ALL: &str = "SELECT period, cell, person FROM contribution ORDER BY period, cell, person";
    let rows = fetch_all!(tx, (i64, i64, i64), ALL)?;
    rows.into_iter()
        .map(|(period, cell, person)| {
            let period = i32::try_from(period)
                .ok()
                .and_then(|number| Quarter::from_number(number).ok());
            let (period, cell) = (
                period.ok_or(Error::Damaged)?,
                Cell::parse(cell).map_err(|_| Error::Damaged)?,
            );
            Ok((Contribution { period, cell }, person))
        })
        .collect()
}
