//! The public facts a release is made from, apart from the measurements.

use std::collections::BTreeSet;

use crypto::day::Day;
use privacy::rho::NanoRho;
use privacy::scope::Scope;

use super::reason::Reason;

/// The public facts a release is made from, apart from the measurements.
#[derive(Clone, Debug)]
pub struct Facts {
    /// What its tables are about.
    pub scope: Scope,
    /// 1 for the quarter's first release.
    pub version: u32,
    /// The day it was closed.
    pub closed: Day,
    /// Version of the indicator definitions.
    pub indicators: String,
    /// Debits of the calendar year up to and including this release; for a revision all of the year so far.
    pub spent_in_year: NanoRho,
    /// Why the quarter was counted again; empty for version 1.
    pub reasons: BTreeSet<Reason>,
}
