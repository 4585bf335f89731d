//! Identifiers: 16 random bytes each, one type per kind so that none is mistaken for another.
//!
//! Text form: exactly 32 lowercase hexadecimal digits, also in JSON.

use std::fmt;

use crate::error::FormatError;
use crate::rng::{self, Rng};

/// What the text of 16 bytes must be.
pub(crate) const FORM: &str = "32 lowercase hexadecimal digits";

/// Types of 16 bytes, one for each purpose so that none is mistaken for another.
macro_rules! sixteen_bytes {
    ($($(#[$doc:meta])* $name:ident;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; 16]);

        impl $name {
            /// From its 16 bytes.
            #[must_use]
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(bytes)
            }

            /// The 16 bytes.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; 16] {
                &self.0
            }
        }
    )+};
}

/// The text form of such a type, also in JSON: 32 lowercase hexadecimal digits.
macro_rules! hexadecimal {
    ($name:ident, $what:literal) => {
        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                $crate::hex::write(&self.0, f)
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = $crate::error::FormatError;

            fn from_str(text: &str) -> Result<Self, $crate::error::FormatError> {
                let error = $crate::error::FormatError::new($what, $crate::id::FORM);
                $crate::hex::decode(text).map(Self).ok_or(error)
            }
        }

        impl ::serde::Serialize for $name {
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> ::serde::Deserialize<'de> for $name {
            fn deserialize<D: ::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> Result<Self, D::Error> {
                let text = ::std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(::serde::de::Error::custom)
            }
        }
    };
}

pub(crate) use {hexadecimal, sixteen_bytes};

macro_rules! identifiers {
    ($($(#[$doc:meta])* $name:ident, $what:literal;)+) => {$(
        sixteen_bytes! {
            $(#[$doc])*
            $name;
        }
        hexadecimal!($name, $what);

        impl $name {
            /// A fresh random identifier.
            pub fn random(rng: &mut impl Rng) -> Self {
                Self(rng::bytes(rng))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }

        impl TryFrom<&[u8]> for $name {
            type Error = FormatError;

            fn try_from(bytes: &[u8]) -> Result<Self, FormatError> {
                <[u8; 16]>::try_from(bytes)
                    .map(Self)
                    .map_err(|_| FormatError::new($what, "16 bytes"))
            }
        }
    )+};
}

identifiers! {
    /// One deployment.
    ProgrammeId, "a programme id";
    /// An organisation that serves clients.
    ProviderId, "a provider id";
    /// A member of a provider's staff, or an operator.
    StaffId, "a staff id";
    /// A device enrolled at a provider.
    TerminalId, "a terminal id";
    /// An entry of a roster.
    EntryId, "an entry id";
    /// A statistics submission on its way from a terminal.
    SubmissionId, "a submission id";
    /// A report, as the statistics store knows it.
    ReportId, "a report id";
    /// A client's envelope, derived from the card secret.
    EnvelopeId, "an envelope id";
    /// A log-in in progress.
    AttemptId, "an attempt id";
    /// An invitation to register.
    InvitationId, "an invitation id";
    /// A session of a member of staff at a terminal: names it, and proves nothing.
    SessionId, "a session id";
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_the_canonical_text_is_read() {
        let good = "000102030405060708090a0b0c0d0e0f";
        assert_eq!(good.parse::<EntryId>().unwrap().to_string(), good);
        for bad in [
            "",
            "000102030405060708090A0B0C0D0E0F",
            "000102030405060708090a0b0c0d0e0",
            "000102030405060708090a0b0c0d0e0f0",
            "000102030405060708090a0b0c0d0e0g",
            " 00102030405060708090a0b0c0d0e0f",
            "ééééééééééééééé0",
        ] {
            let error = bad.parse::<EntryId>().unwrap_err().to_string();
            assert_eq!(error, "an entry id must be 32 lowercase hexadecimal digits");
        }
    }

    proptest! {
        #[test]
        fn text_and_json_round_trip(bytes: [u8; 16]) {
            let id = ProviderId::from_bytes(bytes);
            prop_assert_eq!(id.to_string().parse::<ProviderId>().unwrap(), id);
            let json = serde_json::to_string(&id).unwrap();
            prop_assert_eq!(json.len(), 34);
            prop_assert_eq!(serde_json::from_str::<ProviderId>(&json).unwrap(), id);
        }

        #[test]
        fn any_text_is_refused_or_canonical(text in ".{0,40}") {
            if let Ok(id) = text.parse::<StaffId>() {
                prop_assert_eq!(id.to_string(), text);
            }
        }
    }
}
