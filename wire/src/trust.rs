//! The programme's log of keys, which is public, and what of its keys is not.

use serde::{Deserialize, Serialize};

use crypto::json::Hidden;
use crypto::trust::{Head, LogEntry};

#[cfg(feature = "openapi")]
use crate::form;

/// Most entries in one [`LogPage`].
pub const MOST_LOG_ENTRIES: usize = 500;

/// Query of `GET /v1/trust/log`, which needs no session.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams))]
#[cfg_attr(feature = "openapi", into_params(parameter_in = Query))]
#[serde(deny_unknown_fields)]
pub struct LogQuery {
    /// How many entries the caller has.
    #[serde(default)]
    pub after: u32,
}

/// Answer to [`LogQuery`]: the entries that follow, at most [`MOST_LOG_ENTRIES`]; ask again after a full page.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LogPage {
    /// In the order of the log.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<form::LogEntry>, max_items = 500))]
    pub entries: Vec<LogEntry>,
    /// Where the whole log ends, signed for today.
    #[cfg_attr(feature = "openapi", schema(value_type = form::Head))]
    pub head: Head,
}

/// The wrap keys, in [`crate::LoggedIn`] and as answer to `GET /v1/bundle`: for roles that scan cards, empty for the others.
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Wraps {
    /// The keys that the core in force names.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<form::Bytes32>))]
    pub wraps: Vec<Hidden<32>>,
}

impl std::fmt::Debug for Wraps {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Wraps(..)")
    }
}
