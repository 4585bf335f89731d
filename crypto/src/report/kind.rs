//! What a report says happened.

use super::codes::ResultCode;
use super::text::{serde_as_text, text_enum};
use crate::error::FormatError;
use crate::id::ReportId;
use std::fmt;
use std::str::FromStr;

text_enum! {
    /// Why an episode ended: none of these is a drop-out except [`ExitReason::DroppedOut`].
    ExitReason, "an exit reason",
    "completed, transferred, died, imprisoned, moved, withdrew or dropped_out";
    /// The service was completed.
    Completed = "completed",
    /// Transferred to another provider, which confirmed it.
    Transferred = "transferred",
    /// Died.
    Died = "died",
    /// Imprisoned.
    Imprisoned = "imprisoned",
    /// Moved away.
    Moved = "moved",
    /// Withdrew consent.
    Withdrew = "withdrew",
    /// Recorded as dropped out by the provider.
    DroppedOut = "dropped_out",
}

serde_as_text!(ExitReason, Kind, Statement);

/// The kind of an event. Text: `enrolled`, `contact`, `exited:REASON`, `result:CODE`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Enrolled in the service.
    Enrolled,
    /// Served.
    Contact,
    /// Left the service.
    Exited(ExitReason),
    /// A coded result.
    Result(ResultCode),
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Enrolled => f.write_str("enrolled"),
            Self::Contact => f.write_str("contact"),
            Self::Exited(reason) => write!(f, "exited:{reason}"),
            Self::Result(code) => write!(f, "result:{code}"),
        }
    }
}

impl FromStr for Kind {
    type Err = FormatError;

    fn from_str(text: &str) -> Result<Self, FormatError> {
        match text.split_once(':') {
            None if text == "enrolled" => Ok(Self::Enrolled),
            None if text == "contact" => Ok(Self::Contact),
            Some(("exited", reason)) => reason.parse().map(Self::Exited),
            Some(("result", code)) => code.parse().map(Self::Result),
            _ => Err(FormatError::new(
                "an event",
                "enrolled, contact, exited:REASON or result:CODE",
            )),
        }
    }
}

/// What a report says. Text: that of its [`Kind`], or `withdrawn:ID` with the 32 digits of a report's id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Statement {
    /// This happened.
    Event(Kind),
    /// An earlier report of the same provider about the same person is not true.
    Withdrawn(ReportId),
}

impl From<Kind> for Statement {
    fn from(kind: Kind) -> Self {
        Self::Event(kind)
    }
}

impl fmt::Display for Statement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Event(kind) => kind.fmt(f),
            Self::Withdrawn(report) => write!(f, "withdrawn:{report}"),
        }
    }
}

impl FromStr for Statement {
    type Err = FormatError;

    fn from_str(text: &str) -> Result<Self, FormatError> {
        match text.strip_prefix("withdrawn:") {
            Some(report) => report.parse().map(Self::Withdrawn),
            None => text.parse().map(Self::Event),
        }
    }
}
