//! The report keys of providers: the first that came of each is kept, for good.
//!
//! The identity role brings them, because a provider's first administrator gives it the public half. It can make up a provider
//! with a key of its own, and it decides about a provider of whom nothing was heard; of one that is known here it can
//! change nothing.

use std::collections::HashMap;

use crypto::id::ProviderId;
use store::{Tx, execute, fetch_all, parsed};
use wire::RegistryProvider;

use crate::error::Error;

const ALL: &str = "SELECT provider, report_key FROM provider";
const ADD: &str = "INSERT INTO provider (provider, report_key) VALUES ($1, $2)";

/// Provider to the public half of its report key.
pub(crate) type ReportKeys = HashMap<ProviderId, [u8; 32]>;

/// Every key that is kept.
///
/// # Errors
/// [`Error::Database`].
pub(crate) async fn report_keys(tx: &mut Tx) -> Result<ReportKeys, Error> {
    let rows = fetch_all!(tx, (Vec<u8>, Vec<u8>), ALL)?;
    let mut keys = ReportKeys::with_capacity(rows.len());
    for (provider, key) in rows {
        let key = key.try_into().map_err(|_| Error::Damaged)?;
        keys.insert(parsed(&provider)?, key);
    }
    Ok(keys)
}

/// Those of `told` that `keys` lacks, each once.
///
/// # Errors
/// [`Error::Provider`] when another key is known of one of them.
fn unknown(keys: &ReportKeys, told: &[RegistryProvider]) -> Result<ReportKeys, Error> {
    let mut fresh = ReportKeys::new();
    for one in told {
        let key = one.report_key.0;
        match keys.get(&one.provider) {
            Some(known) if *known == key => continue,
            Some(_) => return Err(Error::Provider),
            None => {}
        }
        if *fresh.entry(one.provider).or_insert(key) != key {
            return Err(Error::Provider);
        }
    }
    Ok(fresh)
}

/// Keeps the keys of providers that are new here.
///
/// # Errors
/// [`Error::Provider`] when another key is known of one of them, [`Error::Database`].
pub(crate) async fn pin(tx: &mut Tx, told: &[RegistryProvider]) -> Result<(), Error> {
    if told.is_empty() {
        return Ok(());
    }
    let known = report_keys(tx).await?;
    for (provider, key) in unknown(&known, told)? {
        execute!(tx, ADD, &provider.as_bytes()[..], &key[..])?;
    }
    Ok(())
}
