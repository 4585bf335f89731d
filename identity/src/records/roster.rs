//! A provider's roster: an append-only log of entries this room cannot read, with numbers as cursors.
//!
//! Numbers run from 1 without gaps in each log. An entry is known by its id, so sending it twice acknowledges it twice
//! and stores it once.

use crypto::id::ProviderId;
use store::{DbError, Tx, execute, fetch_all, fetch_one, fetch_optional, parsed, retrying};
use wire::{
    LoggedEntry, MOST_ENTRIES, MOST_ENTRY_BYTES, NewEntry, RosterAck, RosterAppended, RosterPage,
    RosterQuery,
};

use crate::{App, Refusal};

const LAST: &str = "SELECT COALESCE(MAX(seq), 0) FROM roster WHERE provider = $1";
const FIND: &str = "SELECT seq, sealed FROM roster WHERE provider = $1 AND entry = $2";
const APPEND: &str = "INSERT INTO roster (provider, seq, entry, sealed) VALUES ($1, $2, $3, $4)";
const PAGE: &str =
    "SELECT seq, entry, sealed FROM roster WHERE provider = $1 AND seq > $2 ORDER BY seq LIMIT $3";

/// Appends entries and acknowledges each that the log now holds with these bytes.
///
/// # Errors
/// [`Refusal::Malformed`] for none or too many, [`Refusal::BadValue`] for an empty or too large entry.
pub(crate) async fn append(
    app: &App,
    provider: ProviderId,
    entries: &[NewEntry],
) -> Result<RosterAppended, Refusal> {
    if entries.is_empty() || entries.len() > MOST_ENTRIES {
        return Err(Refusal::Malformed);
    }
    if entries
        .iter()
        .any(|entry| entry.sealed.is_empty() || entry.sealed.len() > MOST_ENTRY_BYTES)
    {
        return Err(Refusal::BadValue);
    }
    let acks = retrying!(app.store, "append to roster", &mut app.rng(), |tx| {
        append_all(tx, provider, entries).await
    })?;
    Ok(RosterAppended { acks })
}

async fn append_all(
    tx: &mut Tx,
    provider: ProviderId,
    entries: &[NewEntry],
) -> Result<Vec<RosterAck>, DbError> {
    let (mut last,) = fetch_one!(tx, (i64,), LAST, &provider.as_bytes()[..])?;
    let mut acks = Vec::with_capacity(entries.len());
    for entry in entries {
        if let Some(seq) = append_one(tx, provider, entry, &mut last).await? {
            let seq = u64::try_from(seq).map_err(|_| DbError::Corrupt)?;
            acks.push(RosterAck { id: entry.id, seq });
        }
    }
    Ok(acks)
}

/// The number of this entry; `None` when the log holds its id with other bytes.
async fn append_one(
    tx: &mut Tx,
    provider: ProviderId,
    entry: &NewEntry,
    last: &mut i64,
) -> Result<Option<i64>, DbError> {
    let (provider, id) = (&provider.as_bytes()[..], &entry.id.as_bytes()[..]);
    if let Some((seq, sealed)) = fetch_optional!(tx, (i64, Vec<u8>), FIND, provider, id)? {
        return Ok((sealed == entry.sealed.0).then_some(seq));
    }
    let seq = *last + 1;
    // PostgreSQL may notice a writer beside this one by its number before it notices by its reads.
    let added = execute!(tx, APPEND, provider, seq, id, &entry.sealed.0[..]);
    added.map_err(|error| match error {
        DbError::Conflict { code } => DbError::Retry { code },
        other => other,
    })?;
    *last = seq;
    Ok(Some(seq))
}

/// A page of the log.
///
/// # Errors
/// [`Refusal::Malformed`] for a limit of 0 or beyond [`MOST_ENTRIES`].
pub(crate) async fn page(
    app: &App,
    provider: ProviderId,
    query: RosterQuery,
) -> Result<RosterPage, Refusal> {
    let most = i64::try_from(MOST_ENTRIES).unwrap_or(i64::MAX);
    let limit = query.limit.map_or(most, i64::from);
    if !(1..=most).contains(&limit) {
        return Err(Refusal::Malformed);
    }
    let after = i64::try_from(query.after).map_err(|_| Refusal::Malformed)?;
    let mut tx = app.store.read().await?;
    let rows = fetch_all!(
        &mut tx,
        (i64, Vec<u8>, Vec<u8>),
        PAGE,
        &provider.as_bytes()[..],
        after,
        limit
    )?;
    let entries = rows
        .into_iter()
        .map(|(seq, id, sealed)| {
            let seq = u64::try_from(seq).map_err(|_| DbError::Corrupt)?;
            Ok(LoggedEntry {
                seq,
                id: parsed(&id)?,
                sealed: sealed.into(),
            })
        })
        .collect::<Result<Vec<_>, DbError>>()?;
    let next = entries.last().map_or(query.after, |entry| entry.seq);
    Ok(RosterPage { entries, next })
}
