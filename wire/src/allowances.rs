//! What is counted by the day for terminal, provider and programme, and how far it may go.

use serde::{Deserialize, Serialize};

use crypto::id::ProviderId;

#[cfg(feature = "openapi")]
use crate::form;

/// An act of which there are only so many a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Counted {
    /// Blanks signed.
    Blanks,
    /// Cards withdrawn.
    Revocations,
    /// Invitations made.
    Invitations,
    /// Envelopes put; reserved ahead, so a little more than were.
    Activations,
    /// Entries of rosters; reserved ahead, so a little more than were.
    Entries,
}

impl Counted {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Blanks,
        Self::Revocations,
        Self::Invitations,
        Self::Activations,
        Self::Entries,
    ];

    /// Its one spelling, as in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Blanks => "blanks",
            Self::Revocations => "revocations",
            Self::Invitations => "invitations",
            Self::Activations => "activations",
            Self::Entries => "entries",
        }
    }
}

/// Answer to `GET /v1/allowances`: of an administrator's own provider, or for operators of the programme and of every
/// provider that did something today.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Allowances {
    /// One for each provider and act.
    pub today: Vec<Allowance>,
}

/// How much of one act was done today.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Allowance {
    /// Whose; absent for the whole programme.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<form::Id>))]
    pub provider: Option<ProviderId>,
    /// Which act.
    pub what: Counted,
    /// How many today.
    pub taken: u64,
    /// How many there may be today.
    pub cap: u64,
}

impl Allowance {
    /// Whether nothing more of it can be done today.
    #[must_use]
    pub const fn reached(&self) -> bool {
        self.taken >= self.cap
    }
}

/// `POST /v1/providers/{id}/allowances`, operators only: another cap for the provider, today. The provider's terminals may
/// each go as far, and the programme by as much further.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RaiseCap {
    /// Which act.
    pub what: Counted,
    /// How many there may be today: more than usually.
    pub cap: u32,
}
