//! Every statement about people, their histories and contributions: rows to types, many rows a statement.
//!
//! Rows are written in primary-key order, so that a large batch walks the tree once. SQLite takes a list of values, at most
//! 12,000 a statement (it allows 32,766). PostgreSQL takes one array a column: one text however many rows there are, so it
//! parses and plans once.

use std::collections::HashMap;

use crypto::day::{Day, Quarter};
use indicators::Indicators;
use indicators::contribution::Contribution;
use indicators::history::History;
use privacy::cell::Cell;
use sqlx::QueryBuilder;
use store::{DbError, Held, Tx, execute, fetch_all, fetch_one, fetch_optional};

use crate::error::Error;
use crate::packed::Packed;

/// Keys in one list.
const KEYS: usize = 5_000;
/// Rows in one statement.
const ROWS: usize = 4_000;

const KNOWN: &str = "SELECT person, element, history FROM person WHERE element IN (";
const KNOWN_ARRAY: &str = "SELECT person, element, history FROM person WHERE element = ANY($1)";
const ANYBODY: &str = "SELECT person FROM person LIMIT 1";
const PUT: &str = "INSERT INTO person (person, element, history) ";
/// Whoever has the number already must be the same person.
const OVER: &str = " ON CONFLICT (person) DO UPDATE SET history = excluded.history WHERE person.element = excluded.element";
const PUT_ARRAY: &str = "INSERT INTO person (person, element, history)
    SELECT * FROM unnest($1::bigint[], $2::bytea[], $3::bytea[])
    ON CONFLICT (person) DO UPDATE SET history = excluded.history WHERE person.element = excluded.element";
const HISTORIES: &str =
    "SELECT person, history FROM person WHERE person > $1 ORDER BY person LIMIT $2";
const ADD: &str = "INSERT INTO contribution (period, cell, person) ";
const ADD_ARRAY: &str = "INSERT INTO contribution (period, cell, person)
    SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[])";
const DROP: &str = "DELETE FROM contribution WHERE (period, cell, person) IN (";
const DROP_ARRAY: &str = "DELETE FROM contribution
    USING unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS gone (period, cell, person)
    WHERE contribution.period = gone.period AND contribution.cell = gone.cell AND contribution.person = gone.person";
/// PostgreSQL prices a delete by key as if every row were looked up in all sixteen parts (it is looked up in one), and would
/// rather read the whole table; then other bookings would also have to begin again, because this one saw their rows.
const LOOK_UP: &str = "SELECT set_config('enable_hashjoin', 'off', TRUE), set_config('enable_mergejoin', 'off', TRUE)";
const REFUSED: &str =
    "SELECT CAST(COALESCE(SUM(count), 0) AS BIGINT) FROM refusal WHERE reason = $1";
const REFUSE: &str = "INSERT INTO refusal (day, reason, count) VALUES ($1, $2, $3)
    ON CONFLICT (day, reason) DO UPDATE SET count = refusal.count + excluded.count";

/// True when no person is known.
///
/// # Errors
/// Any database error.
pub(crate) async fn nobody(tx: &mut Tx) -> Result<bool, DbError> {
    Ok(fetch_optional!(tx, (i64,), ANYBODY)?.is_none())
}

/// A row of `person` about to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PersonRow {
    /// The random number.
    pub(crate) person: i64,
    /// `N_a`.
    pub(crate) element: [u8; 32],
    /// All that is known, as [`Packed`] writes it.
    pub(crate) history: Vec<u8>,
}

/// One person's contribution, in the order of the primary key.
pub type Owned = (Contribution, i64);

/// A row of [`known`]: number, element, history.
type Known = (i64, Vec<u8>, Vec<u8>);

/// Numbers and histories of the people whose elements are known.
///
/// # Errors
/// [`Error::Database`], [`Error::Damaged`].
pub(crate) async fn known(
    tx: &mut Tx,
    elements: &[[u8; 32]],
    indicators: &Indicators,
) -> Result<HashMap<[u8; 32], (i64, Packed)>, Error> {
    let mut found = HashMap::new();
    for chunk in elements.chunks(KEYS) {
        let chunk: Vec<&[u8]> = chunk.iter().map(|element| &element[..]).collect();
        let rows: Result<Vec<Known>, sqlx::Error> = match tx.held() {
            Held::Sqlite(t) => {
                let mut query = QueryBuilder::new(KNOWN);
                let mut list = query.separated(", ");
                for element in chunk {
                    list.push_bind(element);
                }
                query.push(")");
                query.build_query_as().fetch_all(&mut **t).await
            }
            Held::Postgres(t) => {
                let query = sqlx::query_as(KNOWN_ARRAY).bind(chunk);
                query.fetch_all(&mut **t).await
            }
        };
        for (person, element, history) in rows.map_err(DbError::from)? {
            let element = element.try_into().map_err(|_| Error::Damaged)?;
            found.insert(element, (person, Packed::read(history, indicators)?));
        }
    }
    Ok(found)
}

/// At most `limit` people whose numbers come after `after`, in their order, each with the history.
///
/// # Errors
/// [`Error::Database`], [`Error::Damaged`].
pub async fn histories(
    tx: &mut Tx,
    after: i64,
    limit: i64,
    indicators: &Indicators,
) -> Result<Vec<(i64, History)>, Error> {
    let rows = fetch_all!(tx, (i64, Vec<u8>), HISTORIES, after, limit)?;
    rows.into_iter()
        .map(|(person, history)| Ok((person, Packed::read(history, indicators)?.into_history())))
        .collect()
}

/// Writes people, new ones and those whose history grew, sorted by the caller.
///
/// # Errors
/// [`DbError::Conflict`] when a number or element belongs to somebody else.
pub(crate) async fn put_people(tx: &mut Tx, rows: &[PersonRow]) -> Result<(), DbError> {
    for chunk in rows.chunks(ROWS) {
        let written = match tx.held() {
            Held::Sqlite(t) => {
                let mut query = QueryBuilder::new(PUT);
                query.push_values(chunk, |mut row, one| {
                    row.push_bind(one.person)
                        .push_bind(&one.element[..])
                        .push_bind(&one.history[..]);
                });
                query.push(OVER);
                let done = query.build().execute(&mut **t).await;
                done.map(|done| done.rows_affected())
            }
            Held::Postgres(t) => {
                let numbers: Vec<i64> = chunk.iter().map(|one| one.person).collect();
                let elements: Vec<&[u8]> = chunk.iter().map(|one| &one.element[..]).collect();
                let histories: Vec<&[u8]> = chunk.iter().map(|one| &one.history[..]).collect();
                let query = sqlx::query(PUT_ARRAY).bind(numbers).bind(elements);
                let done = query.bind(histories).execute(&mut **t).await;
                done.map(|done| done.rows_affected())
            }
        };
        if written? != chunk.len() as u64 {
            let code = "person".to_owned();
            return Err(DbError::Conflict { code });
        }
    }
    Ok(())
}

/// Writes contributions, sorted by the caller.
///
/// # Errors
/// [`DbError::Conflict`] when one is there already.
pub async fn insert_contributions(tx: &mut Tx, rows: &[Owned]) -> Result<(), DbError> {
    for chunk in rows.chunks(ROWS) {
        run(tx, chunk, (ADD, ""), ADD_ARRAY).await?;
    }
    Ok(())
}

/// Deletes contributions by primary key.
///
/// # Errors
/// Any database error.
pub(crate) async fn delete_contributions(tx: &mut Tx, rows: &[Owned]) -> Result<(), DbError> {
    if let Held::Postgres(t) = tx.held()
        && !rows.is_empty()
    {
        let set = sqlx::query(LOOK_UP).execute(&mut **t).await;
        set.map_err(DbError::from)?;
    }
    for chunk in rows.chunks(ROWS) {
        run(tx, chunk, (DROP, ")"), DROP_ARRAY).await?;
    }
    Ok(())
}

/// One statement about contributions: as a list between two texts, or as arrays.
async fn run(
    tx: &mut Tx,
    rows: &[Owned],
    list: (&'static str, &'static str),
    arrays: &'static str,
) -> Result<(), DbError> {
    let columns = rows.iter().map(|(contribution, person)| {
        let period = i64::from(contribution.period.number());
        (period, contribution.cell.number(), *person)
    });
    match tx.held() {
        Held::Sqlite(t) => {
            let mut query = QueryBuilder::new(list.0);
            query.push_values(columns, |mut row, (period, cell, person)| {
                row.push_bind(period).push_bind(cell).push_bind(person);
            });
            query.push(list.1);
            query.build().execute(&mut **t).await.map(drop)
        }
        Held::Postgres(t) => {
            let (periods, rest): (Vec<i64>, Vec<(i64, i64)>) = columns
                .map(|(period, cell, person)| (period, (cell, person)))
                .unzip();
            let (cells, people): (Vec<i64>, Vec<i64>) = rest.into_iter().unzip();
            let query = sqlx::query(arrays).bind(periods).bind(cells).bind(people);
            query.execute(&mut **t).await.map(drop)
        }
    }
    .map_err(DbError::from)
}

/// Adds to the day's count of reports refused, or flagged, for a reason; one of the fixed words of [`crate::error`].
///
/// # Errors
/// Any database error.
pub(crate) async fn count_refusal(
    tx: &mut Tx,
    day: Day,
    reason: &'static str,
    count: i64,
) -> Result<(), DbError> {
    let day = i64::from(day.number());
    execute!(tx, REFUSE, day, reason, count)?;
    Ok(())
}

/// How often a word was counted, over all days.
///
/// # Errors
/// Any database error.
pub(crate) async fn refused(tx: &mut Tx, reason: &'static str) -> Result<i64, DbError> {
    let (count,) = fetch_one!(tx, (i64,), REFUSED, reason)?;
    Ok(count)
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
