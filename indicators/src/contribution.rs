//! What one person adds to the released tables, and the most it may be.

use crypto::day::Quarter;
use privacy::cell::Cell;

/// One person's row in one quarter. The person is kept beside it, not in it: projecting needs no name for whom it projects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Contribution {
    /// The quarter in which it is counted.
    pub period: Quarter,
    /// Where it is counted.
    pub cell: Cell,
}

/// The most one person can add; published in the catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caps {
    /// Cells of [`Tab::Active`](privacy::cell::Tab::Active) in a quarter.
    pub active_per_quarter: usize,
    /// Cells of [`Tab::Service`](privacy::cell::Tab::Service) in a quarter.
    pub services_per_quarter: usize,
    /// Drop-outs and re-engagements, each, in a calendar year.
    pub flows_per_year: usize,
    /// The same for one service.
    pub flows_per_service_year: usize,
    /// Silent transfers in a calendar year.
    pub silent_transfers_per_year: usize,
    /// Programme episodes in a cohort year.
    pub cohorts_per_year: usize,
    /// Service episodes in a cohort year, each of another service.
    pub service_cohorts_per_year: usize,
    /// Stages of the cascade in a calendar year.
    pub cascade_per_year: usize,
    /// Linkages to treatment in a life.
    pub linkage_per_life: usize,
    /// First enrolments in a life.
    pub first_per_life: usize,
}

/// The caps in force.
pub const CAPS: Caps = Caps {
    active_per_quarter: 1,
    services_per_quarter: 3,
    flows_per_year: 2,
    flows_per_service_year: 1,
    silent_transfers_per_year: 1,
    cohorts_per_year: 1,
    service_cohorts_per_year: 2,
    cascade_per_year: 1,
    linkage_per_life: 1,
    first_per_life: 1,
};
