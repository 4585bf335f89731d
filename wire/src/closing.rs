//! Closing a quarter by two people: what would be published and spent, who proposed it, why it cannot be.

use serde::{Deserialize, Serialize};

use crypto::b64::Fixed;
use crypto::day::{Day, Quarter};

#[cfg(feature = "openapi")]
use crate::form;
use crate::problem;

/// Answer to `GET /v1/closings/{period}`: what closing the quarter would publish and spend, as it stands now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ClosingPlan {
    /// The quarter.
    #[cfg_attr(feature = "openapi", schema(value_type = form::Quarter))]
    pub period: Quarter,
    /// Hash of all that fixes it: the quarter, its places, services and tables, the scales of their noise, the definitions' version
    /// and the series' start.
    #[cfg_attr(feature = "openapi", schema(value_type = form::Bytes32))]
    pub digest: Fixed<32>,
    /// Tables.
    pub tables: u32,
    /// Cities that have cells of their own.
    pub cities: u32,
    /// Services that have cells.
    pub services: u32,
    /// What it takes of the year's privacy budget, in nano-rho.
    pub spends: u64,
    /// What earlier releases of the year took, in nano-rho.
    pub spent: u64,
    /// The year's privacy budget, in nano-rho.
    pub budget: u64,
}

/// `POST /v1/closings/{period}/proposal`, `../confirmation` and `../withdrawal`: the digest of the plan that was read.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ClosingDigest {
    /// [`ClosingPlan::digest`].
    #[cfg_attr(feature = "openapi", schema(value_type = form::Bytes32))]
    pub digest: Fixed<32>,
}

/// A closing that waits for a second person, or for its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ClosingProposal {
    /// The quarter.
    #[cfg_attr(feature = "openapi", schema(value_type = form::Quarter))]
    pub period: Quarter,
    /// Of the plan that was proposed.
    #[cfg_attr(feature = "openapi", schema(value_type = form::Bytes32))]
    pub digest: Fixed<32>,
    /// When it was proposed.
    #[cfg_attr(feature = "openapi", schema(value_type = form::Day))]
    pub day: Day,
    /// The last day on which it is good.
    #[cfg_attr(feature = "openapi", schema(value_type = form::Day))]
    pub until: Day,
    /// The log-in name of whoever proposed it; empty when it cannot be read.
    pub proposer: String,
    /// The day on which whoever proposed it registered, by the service's clock.
    #[cfg_attr(feature = "openapi", schema(value_type = form::Day))]
    pub registered: Day,
    /// Whether the caller proposed it.
    pub own: bool,
    /// Whether a second person confirmed it: it broke off, and confirming it again, by anybody, goes on.
    pub confirmed: bool,
}

/// Answer to `GET /v1/closings`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Closings {
    /// Those that are good today, by quarter.
    pub proposals: Vec<ClosingProposal>,
}

/// Answer to a confirmation.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct QuarterClosed {
    /// The quarter.
    #[cfg_attr(feature = "openapi", schema(value_type = form::Quarter))]
    pub period: Quarter,
    /// Hash of its release, as the release log has it.
    #[cfg_attr(feature = "openapi", schema(value_type = form::Bytes32))]
    pub hash: Fixed<32>,
}

/// Why a quarter is not closed from an operator's page (409). Nothing was published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotClosed {
    /// Late reports are still taken.
    #[error("the quarter cannot close yet: late reports are taken until 30 days after its end")]
    Early,
    /// It is not the next one.
    #[error("another quarter closes first: quarters close in order")]
    Order,
    /// It is closed.
    #[error("the quarter is closed already: a quarter closes once")]
    Closed,
    /// Reports are on their way.
    #[error("not everything that counts in it was delivered yet: try again in some minutes")]
    Undelivered,
    /// The ledger refuses.
    #[error("the year's privacy budget does not cover it: see the ledger")]
    Budget,
    /// The plan is another than the one that was read.
    #[error(
        "what would be published is not what was read any more: read it again, and propose that"
    )]
    Changed,
    /// Nobody proposed it, or too long ago.
    #[error("nobody proposed this, or it is over: propose it again")]
    NotProposed,
    /// Another operator proposed just that.
    #[error("somebody else proposed this: confirm it")]
    Proposed,
    /// The proposer confirms.
    #[error("whoever proposed it cannot confirm it: a second person must")]
    SamePerson,
    /// One of the two registered too late.
    #[error(
        "only whoever registered before the quarter's last day can propose or confirm its closing: another operator must, or it is \
         closed on the service's computer"
    )]
    NewPerson,
    /// The service's computer has to say why.
    #[error(
        "the quarter cannot be closed from here: close it on the service's computer, which says why"
    )]
    Host,
}

impl NotClosed {
    /// Every cause.
    pub const ALL: [Self; 11] = [
        Self::Early,
        Self::Order,
        Self::Closed,
        Self::Undelivered,
        Self::Budget,
        Self::Changed,
        Self::NotProposed,
        Self::Proposed,
        Self::SamePerson,
        Self::NewPerson,
        Self::Host,
    ];

    /// The stable end of the problem's type.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Early => problem::CLOSING_EARLY,
            Self::Order => problem::CLOSING_ORDER,
            Self::Closed => problem::CLOSING_CLOSED,
            Self::Undelivered => problem::CLOSING_UNDELIVERED,
            Self::Budget => problem::CLOSING_BUDGET,
            Self::Changed => problem::CLOSING_CHANGED,
            Self::NotProposed => problem::CLOSING_NOT_PROPOSED,
            Self::Proposed => problem::CLOSING_PROPOSED,
            Self::SamePerson => problem::CLOSING_SAME_PERSON,
            Self::NewPerson => problem::CLOSING_NEW_PERSON,
            Self::Host => problem::CLOSING_HOST,
        }
    }

    /// The cause of that name.
    #[must_use]
    pub fn from_slug(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.slug() == slug)
    }
}
