//! The body of a report: one pseudonymous event, sealed to the statistics store.
//!
//! A sealed report has always [`SEALED_BYTES`] bytes, whatever it says, so that its length tells
//! the service in the middle nothing. Inside is the provider's signature and JSON, padded:
//!
//! ```text
//! 64   Ed25519 of the provider's report key over the next 384 bytes
//! 384  length (2 bytes), JSON, zeros
//! ```
//!
//! The provider is named in the JSON and signs, so that the service in the middle can neither make
//! a report of a provider whose data key it lacks nor pass one provider's report off as another's.
//! The person is not in the body: the ElGamal ciphertext travels beside it, and the service in the
//! middle changes that ciphertext, so the two are not bound to each other; whoever runs that
//! service could swap them, as it could drop them.

mod codes;
mod group;
mod kind;
mod text;

#[cfg(test)]
mod tests;

pub use codes::{ResultCode, ServiceCode, Site};
pub use group::{AgeBand, Gender, Group};
pub use kind::{ExitReason, Kind, Statement};

use crate::day::Day;
use crate::hpke::{self, HpkePublic, HpkeSecret};
use crate::id::{ProviderId, ReportId};
use crate::json;
use crate::label;
use crate::padding;
use crate::rng::Rng;
use crate::sign::ReportKey;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// Longest JSON is 346 bytes; the rest is room.
const JSON_BYTES: usize = 384;
/// What is sealed: signature and padded JSON.
const PLAIN_BYTES: usize = 64 + JSON_BYTES;
/// `covered_until` may lie at most this many days after the event's day: a year. It bounds how far ahead one report makes a person
/// count as active, and so of how many years' releases one short stay can be part.
pub const MAX_COVER_DAYS: i32 = 366;
/// Length of a sealed report in bytes: encapsulated key, signature, padded JSON, tag.
pub const SEALED_BYTES: usize = 32 + PLAIN_BYTES + 16;

/// Why a report was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReportError {
    /// The report does not fit its fixed length.
    #[error("the report is too long: use shorter codes")]
    TooLong,
    /// Not sealed to this key, altered, or not of the fixed length.
    #[error("the report cannot be opened: it was sealed to another key or altered")]
    Sealed,
    /// Opened, but not signed by this provider, or another provider's.
    #[error("the report is not one of this provider: refuse it")]
    Provider,
    /// Opened, but not a report.
    #[error("the sealed body is not a report of a known form: update this software")]
    Malformed,
}

/// One event, or that an earlier report is withdrawn: then site, service and day are those of that report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// The same report sent twice counts once. Nobody can guess it who lacks the provider's data key
    /// ([`crate::provider::DataKey::report_id`]).
    pub id: ReportId,
    /// Whose report it is; the signature is made with this provider's key.
    pub provider: ProviderId,
    /// Where it happened.
    pub site: Site,
    /// Which service.
    pub service: ServiceCode,
    /// What happened, or which report is withdrawn.
    pub kind: Statement,
    /// The local programme day.
    pub day: Day,
    /// Last day of cover or the next appointment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub covered_until: Option<Day>,
    /// Coarse group, at enrolment only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<Group>,
}

impl Report {
    /// Signs with the provider's report key and seals to the statistics store: [`SEALED_BYTES`] bytes.
    ///
    /// # Errors
    /// [`ReportError::TooLong`] never occurs for parsed codes; [`ReportError::Sealed`] if the
    /// store's key is unusable.
    pub fn seal(
        &self,
        key: &ReportKey,
        store: &HpkePublic,
        rng: &mut impl Rng,
    ) -> Result<Vec<u8>, ReportError> {
        let json = json::write(self).map_err(|_| ReportError::TooLong)?;
        let padded = padding::pad(&json, JSON_BYTES).ok_or(ReportError::TooLong)?;
        let padded = Zeroizing::new(padded);
        let plain = Zeroizing::new([&key.sign(&padded)[..], &padded].concat());
        hpke::seal(store, label::REPORT_HPKE, b"", &plain, rng).map_err(|_| ReportError::Sealed)
    }

    /// Opens a sealed report of a provider in the statistics store; `public` is the public half of that
    /// provider's report key.
    ///
    /// # Errors
    /// [`ReportError`].
    pub fn open(
        store: &HpkeSecret,
        provider: &ProviderId,
        public: &[u8; 32],
        sealed: &[u8],
    ) -> Result<Self, ReportError> {
        if sealed.len() != SEALED_BYTES {
            return Err(ReportError::Sealed);
        }
        let info = label::REPORT_HPKE;
        let plain = hpke::open(store, info, b"", sealed).map_err(|_| ReportError::Sealed)?;
        let plain = Zeroizing::new(plain);
        let (signature, padded) = plain.split_first_chunk().ok_or(ReportError::Sealed)?;
        ReportKey::verify(public, padded, signature).map_err(|_| ReportError::Provider)?;
        let content = padding::unpad(padded).ok_or(ReportError::Malformed)?;
        let report: Self = json::read(content).map_err(|_| ReportError::Malformed)?;
        if report.provider != *provider {
            return Err(ReportError::Provider);
        }
        Ok(report)
    }
}
