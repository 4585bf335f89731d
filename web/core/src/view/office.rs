//! The same of the office: closings, upkeep and limits.

use serde::Serialize;
use tsify::Tsify;

/// What closing a quarter would publish and spend; budgets are in billionths of rho.
#[derive(Debug, Serialize, Tsify)]
pub struct Plan {
    /// The quarter, `2026Q1`.
    pub period: String,
    /// By which the page names exactly this plan.
    pub digest: String,
    /// Tables.
    pub tables: u32,
    /// Cities with figures of their own.
    pub cities: u32,
    /// Services with figures of their own.
    pub services: u32,
    /// What it takes of the year's privacy budget.
    pub spends: u32,
    /// What earlier releases of the year took.
    pub spent: u32,
    /// The year's privacy budget.
    pub budget: u32,
}

/// A closing that waits for a second person, or for its end.
#[derive(Debug, Serialize, Tsify)]
pub struct Closing {
    /// The quarter, `2026Q1`.
    pub period: String,
    /// Of the plan that was proposed.
    pub digest: String,
    /// When it was proposed.
    pub day: String,
    /// The last day on which it is good.
    pub until: String,
    /// The log-in name of whoever proposed it.
    pub proposer: String,
    /// The day on which they registered.
    pub registered: String,
    /// This very person proposed it.
    pub own: bool,
    /// A second person confirmed it, and it broke off.
    pub confirmed: bool,
}

/// What somebody has to look after at the service's computer.
#[derive(Debug, Serialize, Tsify)]
pub struct Upkeep {
    /// The disk; none where it cannot be looked at.
    pub disk: Option<Disk>,
    /// The day of the last backup that was noted.
    pub backup: Option<String>,
}

/// Room on a disk.
#[derive(Debug, Serialize, Tsify)]
pub struct Disk {
    /// What can still be written, in MiB.
    pub free: u32,
    /// The whole disk, in MiB.
    pub all: u32,
    /// Somebody should make room.
    pub low: bool,
}

/// How much of one act was done today.
#[derive(Debug, Serialize, Tsify)]
pub struct Allowance {
    /// The provider; none for the whole programme.
    pub provider: Option<String>,
    /// Which act.
    pub what: String,
    /// How often today.
    pub taken: u32,
    /// How often it may be done today.
    pub cap: u32,
}
