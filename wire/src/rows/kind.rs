//! What the column `event` says.

use std::fmt;
use std::str::FromStr;

use crypto::error::FormatError;
use crypto::report::Kind;

/// What a row says happened. Text: that of a [`Kind`], `withdrawn`, or `withdrawn:` and the kind of the row that is withdrawn.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RowKind {
    /// An event.
    Event(Kind),
    /// Another row is not true: the one with the same person, date, site and service, and with what else this row gives.
    Withdrawn(Option<Kind>),
}

impl fmt::Display for RowKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Event(kind) => kind.fmt(f),
            Self::Withdrawn(None) => f.write_str("withdrawn"),
            Self::Withdrawn(Some(kind)) => write!(f, "withdrawn:{kind}"),
        }
    }
}

impl FromStr for RowKind {
    type Err = FormatError;

    fn from_str(text: &str) -> Result<Self, FormatError> {
        match text.split_once(':') {
            None if text == "withdrawn" => Ok(Self::Withdrawn(None)),
            Some(("withdrawn", kind)) => kind.parse().map(|kind| Self::Withdrawn(Some(kind))),
            _ => text.parse().map(Self::Event),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_withdrawal_names_no_event_or_one() {
        for text in [
            "contact",
            "exited:died",
            "withdrawn",
            "withdrawn:contact",
            "withdrawn:exited:dropped_out",
            "withdrawn:result:positive",
        ] {
            let kind: RowKind = text.parse().unwrap();
            assert_eq!(kind.to_string(), text);
        }
        for bad in [
            "",
            "Withdrawn",
            "withdrawn:",
            "withdrawn:exited",
            "withdrawn:withdrawn",
            "withdrawn:0",
        ] {
            assert!(bad.parse::<RowKind>().is_err(), "{bad}");
        }
    }
}
