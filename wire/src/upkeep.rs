//! What somebody has to look after at the service's computer: room on its disk, and copies of what it keeps.

use serde::{Deserialize, Serialize};

use crypto::day::Day;

#[cfg(feature = "openapi")]
use crate::form;

/// Answer to `GET /v1/upkeep`, of the host of the identity role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Upkeep {
    /// The disk of the data folder; null where it cannot be looked at.
    pub disk: Option<Disk>,
    /// The day on which somebody last noted that everything was copied; null before the first time.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<form::Day>))]
    pub backup: Option<Day>,
}

/// Room on a disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Disk {
    /// What the service can still write, in MiB.
    pub free: u64,
    /// The whole disk, in MiB.
    pub all: u64,
    /// So little is free that somebody should make room.
    pub low: bool,
}
