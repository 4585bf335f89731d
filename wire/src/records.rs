//! Roster log, reports on their way to statistics, the outbox.

use serde::{Deserialize, Serialize};

use crypto::b64::{B64, Fixed};
use crypto::day::Day;
use crypto::id::{EntryId, ProviderId, SubmissionId};

#[cfg(feature = "openapi")]
use crate::form;

/// Most entries in one [`AppendRoster`] and in one page of [`RosterPage`].
pub const MOST_ENTRIES: usize = 500;
/// Most submissions in one [`SubmitReports`].
pub const MOST_SUBMISSIONS: usize = 500;
/// Most bytes of one sealed roster entry.
pub const MOST_ENTRY_BYTES: usize = 4_096;

/// `POST /v1/roster`: 1 to [`MOST_ENTRIES`] entries, appended in this order.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct AppendRoster {
    /// New entries; those the log has already are acknowledged again with their old number.
    #[cfg_attr(feature = "openapi", schema(min_items = 1, max_items = 500))]
    pub entries: Vec<NewEntry>,
}

/// One entry to append.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewEntry {
    /// Random id that makes sending twice harmless.
    #[cfg_attr(feature = "openapi", schema(value_type = form::Id))]
    pub id: EntryId,
    /// The sealed entry, at most [`MOST_ENTRY_BYTES`].
    #[cfg_attr(feature = "openapi", schema(value_type = form::BytesUpTo4096))]
    pub sealed: B64,
}

/// Answer to [`AppendRoster`]. An entry whose id the log holds with other bytes is left out: keep it and say so.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RosterAppended {
    /// One acknowledgement an entry.
    pub acks: Vec<RosterAck>,
}

/// The log holds this entry durably.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RosterAck {
    /// The entry.
    #[cfg_attr(feature = "openapi", schema(value_type = form::Id))]
    pub id: EntryId,
    /// Its number in the provider's log, from 1.
    pub seq: u64,
}

/// Query of `GET /v1/roster?after=N&limit=M`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams))]
#[cfg_attr(feature = "openapi", into_params(parameter_in = Query))]
#[serde(deny_unknown_fields)]
pub struct RosterQuery {
    /// Entries after this number; 0 from the beginning.
    #[serde(default)]
    pub after: u64,
    /// At most this many, 1 to [`MOST_ENTRIES`]; [`MOST_ENTRIES`] when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", param(minimum = 1, maximum = 500))]
    pub limit: Option<u32>,
}

/// Answer to [`RosterQuery`].
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RosterPage {
    /// Entries in the order of their numbers.
    #[cfg_attr(feature = "openapi", schema(max_items = 500))]
    pub entries: Vec<LoggedEntry>,
    /// Give this as `after` to go on; equal to the number given when there is nothing more.
    pub next: u64,
}

/// One entry of the log.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LoggedEntry {
    /// Its number.
    pub seq: u64,
    /// Its id.
    #[cfg_attr(feature = "openapi", schema(value_type = form::Id))]
    pub id: EntryId,
    /// The sealed entry.
    #[cfg_attr(feature = "openapi", schema(value_type = form::BytesUpTo4096))]
    pub sealed: B64,
}

/// `POST /v1/reports`: 1 to [`MOST_SUBMISSIONS`] submissions.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SubmitReports {
    /// Reports for the statistics store.
    #[cfg_attr(feature = "openapi", schema(min_items = 1, max_items = 500))]
    pub submissions: Vec<Submission>,
}

/// One report, readable by the statistics store alone.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Submission {
    /// Random id that makes sending twice harmless; not the report's id.
    #[cfg_attr(feature = "openapi", schema(value_type = form::Id))]
    pub id: SubmissionId,
    /// The person, encrypted to the statistics store.
    #[cfg_attr(feature = "openapi", schema(value_type = form::Bytes64))]
    pub elgamal: Fixed<64>,
    /// The report, sealed to the statistics store, of the one fixed length.
    #[cfg_attr(feature = "openapi", schema(value_type = form::SealedReport))]
    pub body: B64,
}

/// Answer to [`SubmitReports`]: every submission that is durably taken, or was before.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReportsTaken {
    /// One acknowledgement a submission.
    pub acks: Vec<SubmissionAck>,
}

/// This submission is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SubmissionAck {
    /// The submission.
    #[cfg_attr(feature = "openapi", schema(value_type = form::Id))]
    pub id: SubmissionId,
}

/// Answer to `POST /v1/outbox/flush`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Flushed {
    /// Reports handed to the statistics store now.
    pub delivered: u64,
}

/// `POST /v1/statistics/deliver` (statistics role): one part of what waits.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Deliver {
    /// Epoch of the key under which the pseudonyms of these items were made; the store takes those of its own epoch only.
    pub epoch: u32,
    /// In the last part of a delivery, that one being without reports: everything received before this day was delivered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<form::Day>))]
    pub complete: Option<Day>,
    /// Reports in random order.
    #[cfg_attr(feature = "openapi", schema(max_items = 4096))]
    pub items: Vec<DeliverItem>,
}

/// `POST /v1/statistics/registry` (statistics role): who takes part and where, on its own, so that no report tells of a city.
/// What is known already changes nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct TellRegistry {
    /// Every provider that can report.
    pub providers: Vec<RegistryProvider>,
    /// Every site, with the day on which it was entered.
    pub sites: Vec<RegistrySite>,
}

/// A provider of the registry that has a data key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RegistryProvider {
    /// The provider.
    #[cfg_attr(feature = "openapi", schema(value_type = form::Id))]
    pub provider: ProviderId,
    /// Public half of the key that signs its reports (Ed25519).
    #[cfg_attr(feature = "openapi", schema(value_type = form::Bytes32))]
    pub report_key: Fixed<32>,
}

/// A site of the registry.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RegistrySite {
    /// Whose it is.
    #[cfg_attr(feature = "openapi", schema(value_type = form::Id))]
    pub provider: ProviderId,
    /// The city.
    #[cfg_attr(feature = "openapi", schema(pattern = "^[a-z0-9-]{1,32}$"))]
    pub city: String,
    /// "city/name".
    #[cfg_attr(feature = "openapi", schema(value_type = form::Site))]
    pub site: String,
    /// The day on which it was entered.
    #[cfg_attr(feature = "openapi", schema(value_type = form::Day))]
    pub entered: Day,
}

/// One report after reshuffling.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct DeliverItem {
    /// The provider of the session that handed it in.
    #[cfg_attr(feature = "openapi", schema(value_type = form::Id))]
    pub provider: ProviderId,
    /// The statistics pseudonym, encrypted to the store.
    #[cfg_attr(feature = "openapi", schema(value_type = form::Bytes64))]
    pub elgamal: Fixed<64>,
    /// The sealed report.
    #[cfg_attr(feature = "openapi", schema(value_type = form::Bytes))]
    pub body: B64,
    /// The day on which the identity role received it.
    #[cfg_attr(feature = "openapi", schema(value_type = form::Day))]
    pub received: Day,
}

/// Answer to [`Deliver`], in the order of the items: true = taken or known, false = refused for ever.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Delivered {
    /// One answer an item.
    pub acks: Vec<bool>,
}
