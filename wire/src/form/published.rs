//! What the statistics role publishes, as a reader finds it: releases, the head of their log, the privacy ledger. The rooms that make
//! these know nothing of the description; a test holds real answers against it.

use utoipa::ToSchema;

use super::text::{Bytes32, Bytes64, Day, Hex32, Quarter};

/// Since when there are figures.
#[derive(ToSchema)]
pub struct Programme {
    /// The programme's first day; null where every past day is taken.
    pub start: Option<Day>,
    /// The first quarter that closes, or closed; null while nobody knows: without a first day the first that is closed begins the
    /// series.
    pub first: Option<Quarter>,
}

/// One release of the list.
#[derive(ToSchema)]
pub struct ListedRelease {
    /// The quarter.
    pub period: Quarter,
    /// 1 for the quarter's first release.
    #[schema(minimum = 1)]
    pub version: u32,
    /// BLAKE3 of the release's bytes.
    pub hash: Hex32,
}

/// A release as it is signed: the bytes of `release` are taken as they stand.
#[derive(ToSchema)]
pub struct SignedRelease {
    /// What is hashed and signed.
    pub release: Release,
    /// The release key's public half.
    pub key: Bytes32,
    /// Ed25519 over the bytes of `release`.
    pub signature: Bytes64,
    /// BLAKE3 of the bytes of `release`.
    pub hash: Hex32,
    /// Ed25519 over the CSV form.
    pub csv_signature: Bytes64,
}

/// Everything published about one quarter.
#[derive(ToSchema)]
pub struct Release {
    /// The name of this form.
    pub format: String,
    /// The quarter.
    pub period: Quarter,
    /// 1 for the quarter's first release.
    #[schema(minimum = 1)]
    pub version: u32,
    /// The day it was closed.
    pub closed: Day,
    /// The first quarter of the series.
    pub start: Quarter,
    /// Version of the indicator definitions.
    pub indicators: String,
    /// What a revision changed, then why; absent in version 1.
    #[schema(required = false)]
    pub reasons: Vec<String>,
    /// How to read the numbers, in plain words.
    pub notes: Vec<String>,
    /// The promise.
    pub privacy: ReleasePrivacy,
    /// The registry.
    pub cities: Vec<ReleaseCity>,
    /// The catalogue of services.
    pub services: Vec<ReleaseService>,
    /// Tables that the programme turned off.
    #[schema(required = false)]
    pub off: Vec<String>,
    /// The tables.
    pub tables: Vec<ReleaseTable>,
    /// Rates computed from the tables.
    pub rates: Vec<ReleaseRate>,
}

/// The promise that a release makes.
#[derive(ToSchema)]
pub struct ReleasePrivacy {
    /// Whom it protects.
    pub unit: String,
    /// The noise.
    pub mechanism: String,
    /// The budget's name.
    pub budget: Budget,
    /// The budgets of the programme's years.
    pub budgets: Vec<BudgetFrom>,
    /// Nano-rho of one person and calendar year.
    pub year_nano_rho: u64,
    /// Nano-rho debited in the calendar year so far, this release included.
    pub spent_in_year_nano_rho: u64,
    /// What the year's budget means.
    pub guarantees: Vec<ReleaseGuarantee>,
    /// How one person's contribution is bounded.
    pub caps: Vec<String>,
}

/// Epsilon at one delta.
#[derive(ToSchema)]
pub struct ReleaseGuarantee {
    /// delta.
    pub delta: f64,
    /// epsilon of one calendar year's whole budget.
    pub epsilon_year: f64,
    /// epsilon of ten such years.
    pub epsilon_ten_years: f64,
}

/// A city of the registry.
#[derive(ToSchema)]
pub struct ReleaseCity {
    /// Small number, 0 for "other".
    pub code: u16,
    /// Name.
    pub city: String,
    /// First quarter whose tables show it.
    pub from: Quarter,
}

/// A service of the catalogue.
#[derive(ToSchema)]
pub struct ReleaseService {
    /// Its number inside cells.
    pub code: u8,
    /// Its code in reports.
    pub service: String,
    /// Its plain name.
    pub name: String,
    /// True when its cohorts are mature on 31 December.
    pub cohort: bool,
}

/// One table of a release.
#[derive(ToSchema)]
pub struct ReleaseTable {
    /// Its letter.
    pub table: String,
    /// What it counts.
    pub title: String,
    /// What one of its numbers is a number of.
    pub unit: String,
    /// How often it is released and what it is about: `quarter` or `year`.
    #[schema(pattern = "^(quarter|year)$")]
    pub every: String,
    /// Nano-rho debited for it by the version that measured it.
    pub nano_rho: u64,
    /// How many releases share the bound.
    pub releases_in_bound: u32,
    /// Its levels.
    pub levels: Vec<ReleaseLevel>,
    /// Every cell of the registry, zero or not.
    pub cells: Vec<ReleaseCell>,
    /// Raw measurements of running totals and courses.
    #[schema(required = false)]
    pub streams: Vec<ReleaseStream>,
}

/// The public noise parameters of a level.
#[derive(ToSchema)]
pub struct ReleaseLevel {
    /// Its name.
    pub level: String,
    /// The squared norm of what one person can add over the table's span, in the measurement's own units.
    pub l2_squared: String,
    /// The noise scale `n/d`, in the measurement's own units.
    pub sigma: String,
    /// Nano-rho debited for this level.
    pub nano_rho: u64,
}

/// One published number.
#[derive(ToSchema)]
pub struct ReleaseCell {
    /// `count`, `new` or `cumulative`; in revisions also `combined`, `revised` or `change`.
    #[schema(pattern = "^(count|new|cumulative|combined|revised|change)$")]
    pub series: String,
    /// Its level.
    pub level: String,
    /// Its city; absent for the whole programme.
    pub city: Option<String>,
    /// The code of its service; absent where services are not told apart.
    pub service: Option<String>,
    /// Its group; absent where groups are not told apart.
    pub group: Option<String>,
    /// Its stage, delay or end, in words; absent where there is none.
    pub what: Option<String>,
    /// Days since enrolment; absent where there are none.
    pub day: Option<u16>,
    /// The raw noisy integer, when this number was measured itself.
    pub measured: Option<i64>,
    /// Unbiased and consistent; may be negative.
    pub estimate: f64,
    /// Standard deviation of the noise in it.
    pub sd: f64,
    /// Lower end of the 95 % noise range.
    pub lo: f64,
    /// Upper end of the 95 % noise range.
    pub hi: f64,
    /// Whole number for reading; never sum these.
    pub display: u64,
    /// `ok`, or `low` when the range is wide.
    pub reliability: Reliability,
}

/// The raw measurements of a running total or a course.
#[derive(ToSchema)]
pub struct ReleaseStream {
    /// The city of a running total.
    pub city: Option<String>,
    /// The service of a course; absent for the programme's.
    pub service: Option<String>,
    /// What a course counts.
    pub what: Option<String>,
    /// The quarter of the first value, or of the release.
    pub from: Quarter,
    /// The values, scaled, as decimal text (beyond 2^53).
    pub measured: Vec<String>,
}

/// One published rate, in per cent; `estimate`, `lo` and `hi` are absent when it is not estimable.
#[derive(ToSchema)]
pub struct ReleaseRate {
    /// Its name for machines.
    pub rate: String,
    /// What it says.
    pub title: String,
    /// Of whom.
    pub denominator: String,
    /// Its city; absent for the whole programme.
    pub city: Option<String>,
    /// The code of its service; absent for the programme.
    pub service: Option<String>,
    /// Days since enrolment or test.
    pub day: Option<u16>,
    /// Per cent.
    pub estimate: Option<f64>,
    /// Lower end of the 95 % noise range.
    pub lo: Option<f64>,
    /// Upper end of the 95 % noise range.
    pub hi: Option<f64>,
    /// Whether it can be relied on.
    pub reliability: Reliability,
}

/// Whether a number can be relied on.
#[derive(ToSchema)]
pub enum Reliability {
    /// It can.
    #[schema(rename = "ok")]
    Ok,
    /// Its range is wider than 30 % of the estimate either way.
    #[schema(rename = "low")]
    Low,
    /// It cannot be estimated.
    #[schema(rename = "not estimable")]
    NotEstimable,
}

/// Where the release log ends, signed with the release key.
#[derive(ToSchema)]
pub struct SignedLogHead {
    /// Bytes.
    pub length: u64,
    /// Lines.
    pub lines: u64,
    /// The last hash.
    pub hash: Bytes32,
    /// The release key's public half.
    pub key: Bytes32,
    /// Ed25519 over length, lines and hash.
    pub signature: Bytes64,
}

/// What one person may lose in one calendar year: epsilon 1, 2 or 4 at delta 1e-6.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
pub enum Budget {
    /// Epsilon 1.
    Strict,
    /// Epsilon 2.
    Default,
    /// Epsilon 4.
    Wide,
}

/// The budget in force from a calendar year on.
#[derive(ToSchema)]
pub struct BudgetFrom {
    /// The first calendar year.
    pub year: i32,
    /// The budget.
    pub budget: Budget,
}

/// The privacy ledger: what releases may have told about one person, in nano-rho.
#[derive(ToSchema)]
pub struct Ledger {
    /// The budget of the latest year with debits.
    pub budget: Budget,
    /// The budgets of the programme's years.
    pub budgets: Vec<BudgetFrom>,
    /// Tables that were turned off, and since when.
    pub off: Vec<LedgerOff>,
    /// The budget's size for one person and calendar year.
    pub per_year: u64,
    /// Debits of a full year of releases of every table.
    pub planned: u64,
    /// Years with debits.
    pub years: Vec<LedgerYear>,
    /// Debits of all years.
    pub lifetime: u64,
    /// The most that all releases together can have told about one person, who took part throughout.
    pub lifetime_bound: u64,
    /// Delta and epsilon of `lifetime_bound`.
    pub lifetime_epsilon: Vec<Vec<f64>>,
}

/// A table that was turned off.
#[derive(ToSchema)]
pub struct LedgerOff {
    /// Its code.
    pub table: String,
    /// The first quarter without it.
    pub from: Quarter,
}

/// One calendar year of the ledger.
#[derive(ToSchema)]
pub struct LedgerYear {
    /// The calendar year.
    pub year: i32,
    /// Its budget.
    pub budget: Budget,
    /// Its tables.
    pub tables: Vec<LedgerTable>,
    /// All debits.
    pub spent: u64,
    /// What is left of the budget.
    pub left: u64,
    /// The most that the year's releases can have told about one person.
    pub bound: u64,
    /// Delta and epsilon of `bound`.
    pub epsilon: Vec<Vec<f64>>,
}

/// One table in one year.
#[derive(ToSchema)]
pub struct LedgerTable {
    /// The table's letter.
    pub table: String,
    /// What it may debit in the year.
    pub share: u64,
    /// What its releases debited.
    pub released: u64,
    /// What closings debited that were not completed yet; spent all the same.
    pub reserved: u64,
    /// What is left of the share.
    pub left: u64,
}
