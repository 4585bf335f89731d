//! Which reports were taken: a tag for each, without person, day or order.
//!
//! A history holds the ids of its own reports ([`id`]); that a report is in no other history cannot be seen there. So every id that was
//! taken leaves a tag: 64 bits of a hash under a key that is not in the database. Whoever holds the database alone finds
//! in the tags neither a report nor a person, and no order: SQLite keeps them sorted. PostgreSQL keeps rows and their
//! transactions in the order of arrival, so that with the key file too the batch of each report can be read there.
//! Tags are never forgotten, because a report of any past day may come. Two of ten million reports have the same tag with a
//! probability of 1 in 370,000; the second would not be counted, and nobody without the key can aim at it.
//! Rows of an imported file leave none: their ids are hashes under a key of this role, of which no report can be made.

use std::collections::BTreeSet;

use crypto::digest;
use crypto::id::{ProviderId, ReportId};
use sqlx::QueryBuilder;
use store::{DbError, Held, Tx};

use crate::intake::book::Incoming;

/// Tags in one statement.
const ROWS: usize = 4_000;

const ADD: &str = "INSERT INTO report (tag) ";
const ONCE: &str = " ON CONFLICT (tag) DO NOTHING RETURNING tag";
const ADD_ARRAY: &str = "INSERT INTO report (tag) SELECT * FROM unnest($1::bigint[])
    ON CONFLICT (tag) DO NOTHING RETURNING tag";

/// Keeps of `incoming` the reports whose ids were never taken, of several with one id the first, and remembers them.
///
/// # Errors
/// [`DbError::Retry`] when another delivery takes one of them at the same time; any database error.
pub(crate) async fn keep_unknown(
    tx: &mut Tx,
    key: &[u8; 32],
    incoming: &mut Vec<Incoming>,
) -> Result<(), DbError> {
    let tags: Vec<i64> = incoming.iter().map(|one| tag(key, one)).collect();
    let sorted: Vec<i64> = tags
        .iter()
        .copied()
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect();
    let mut fresh = BTreeSet::new();
    for chunk in sorted.chunks(ROWS) {
        fresh.extend(remember(tx, chunk).await?);
    }
    let mut tags = tags.into_iter();
    incoming.retain(|_| tags.next().is_some_and(|tag| fresh.remove(&tag)));
    Ok(())
}

/// The id under which a history keeps a report: a hash of the provider and of the id that its terminal gave. So a withdrawal
/// finds reports of its own provider alone, and what the store keeps is of no use to terminals.
pub(crate) fn id(key: &[u8; 32], provider: &ProviderId, report: &ReportId) -> [u8; 16] {
    let parts = [b"report", &provider.as_bytes()[..], &report.as_bytes()[..]];
    let mut id = [0; 16];
    id.copy_from_slice(&digest::keyed_parts(key, &parts)[..16]);
    id
}

fn tag(key: &[u8; 32], incoming: &Incoming) -> i64 {
    let hash = digest::keyed(key, incoming.said.report());
    let mut head = [0; 8];
    head.copy_from_slice(&hash[..8]);
    i64::from_le_bytes(head)
}

/// Writes tags, sorted by the caller and each once; answers those that were not there.
async fn remember(tx: &mut Tx, tags: &[i64]) -> Result<Vec<i64>, DbError> {
    let rows: Result<Vec<(i64,)>, sqlx::Error> = match tx.held() {
        Held::Sqlite(t) => {
            let mut query = QueryBuilder::new(ADD);
            query.push_values(tags, |mut row, tag| {
                row.push_bind(*tag);
            });
            query.push(ONCE);
            query.build_query_as().fetch_all(&mut **t).await
        }
        Held::Postgres(t) => {
            sqlx::query_as(ADD_ARRAY)
                .bind(tags)
                .fetch_all(&mut **t)
                .await
        }
    };
    Ok(rows?.into_iter().map(|(tag,)| tag).collect())
}
