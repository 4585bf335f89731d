//! Roster log, reports on their way to statistics, the outbox.

use serde::{Deserialize, Serialize};

use crypto::b64::{B64, Fixed};
use crypto::day::Day;
use crypto::id::{EntryId, ProviderId, SubmissionId};

/// Most entries in one [`AppendRoster`] and in one page of [`RosterPage`].
pub const MOST_ENTRIES: usize = 500;
/// Most submissions in one [`SubmitReports`].
pub const MOST_SUBMISSIONS: usize = 500;
/// Most bytes of one sealed roster entry.
pub const MOST_ENTRY_BYTES: usize = 4_096;

/// `POST /v1/roster`: 1 to [`MOST_ENTRIES`] entries, appended in this order.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AppendRoster {
    /// New entries; those the log has already are acknowledged again with their old number.
    pub entries: Vec<NewEntry>,
}

/// One entry to append.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewEntry {
    /// Random id that makes sending twice harmless.
    pub id: EntryId,
    /// The sealed entry, at most [`MOST_ENTRY_BYTES`].
    pub sealed: B64,
}

/// Answer to [`AppendRoster`]. An entry whose id the log holds with other bytes is left out: keep it and say so.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RosterAppended {
    /// One acknowledgement an entry.
    pub acks: Vec<RosterAck>,
}

/// The log holds this entry durably.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RosterAck {
    /// The entry.
    pub id: EntryId,
    /// Its number in the provider's log, from 1.
    pub seq: u64,
}

/// Query of `GET /v1/roster?after=N&limit=M`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RosterQuery {
    /// Entries after this number; 0 from the beginning.
    #[serde(default)]
    pub after: u64,
    /// At most this many, 1 to [`MOST_ENTRIES`]; [`MOST_ENTRIES`] when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}

/// Answer to [`RosterQuery`].
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RosterPage {
    /// Entries in the order of their numbers.
    pub entries: Vec<LoggedEntry>,
    /// Give this as `after` to go on; equal to the number given when there is nothing more.
    pub next: u64,
}

/// One entry of the log.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LoggedEntry {
    /// Its number.
    pub seq: u64,
    /// Its id.
    pub id: EntryId,
    /// The sealed entry.
    pub sealed: B64,
}

/// `POST /v1/reports`: 1 to [`MOST_SUBMISSIONS`] submissions.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SubmitReports {
    /// Reports for the statistics store.
    pub submissions: Vec<Submission>,
}

/// One report, readable by the statistics store alone.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Submission {
    /// Random id that makes sending twice harmless; not the report's id.
    pub id: SubmissionId,
    /// The person, encrypted to the statistics store.
    pub elgamal: Fixed<64>,
    /// The report, sealed to the statistics store, of the one fixed length.
    pub body: B64,
}

/// Answer to [`SubmitReports`]: every submission that is durably taken, or was before.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ReportsTaken {
    /// One acknowledgement a submission.
    pub acks: Vec<SubmissionAck>,
}

/// This submission is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubmissionAck {
    /// The submission.
    pub id: SubmissionId,
}

/// Answer to `POST /v1/outbox/flush`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flushed {
    /// Reports handed to the statistics store now.
    pub delivered: u64,
}

/// `POST /v1/statistics/deliver` (statistics role): one part of what waits.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deliver {
    /// Epoch of the key under which the pseudonyms of these items were made; the store takes those of its own epoch only.
    pub epoch: u32,
    /// In the last part of a delivery, that one being without reports: everything received before this day was delivered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub complete: Option<Day>,
    /// Reports in random order.
    pub items: Vec<DeliverItem>,
}

/// `POST /v1/statistics/registry` (statistics role): who takes part and where, on its own, so that no report tells of a city.
/// What is known already changes nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TellRegistry {
    /// Every provider that can report.
    pub providers: Vec<RegistryProvider>,
    /// Every site, with the day on which it was entered.
    pub sites: Vec<RegistrySite>,
}

/// A provider of the registry that has a data key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegistryProvider {
    /// The provider.
    pub provider: ProviderId,
    /// Public half of the key that signs its reports (Ed25519).
    pub report_key: Fixed<32>,
}

/// A site of the registry.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegistrySite {
    /// Whose it is.
    pub provider: ProviderId,
    /// The city.
    pub city: String,
    /// "city/name".
    pub site: String,
    /// The day on which it was entered.
    pub entered: Day,
}

/// One report after reshuffling.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeliverItem {
    /// The provider of the session that handed it in.
    pub provider: ProviderId,
    /// The statistics pseudonym, encrypted to the store.
    pub elgamal: Fixed<64>,
    /// The sealed report.
    pub body: B64,
    /// The day on which the identity role received it.
    pub received: Day,
}

/// Answer to [`Deliver`], in the order of the items: true = taken or known, false = refused for ever.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Delivered {
    /// One answer an item.
    pub acks: Vec<bool>,
}
