//! The two headers by which a request and its answer prove their session; the MACs are made by `crypto::request`.
//!
//! `payung-request: <session id>.<number>.<MAC>`: 32 lower-case hexadecimal digits, a decimal number from 1 on without
//! leading zeros, base64url of 32 bytes. `payung-answer: <MAC>`. Nothing in them is a secret. Only the canonical text is
//! read.

use std::fmt;
use std::str::FromStr;

use crypto::b64;
use crypto::id::SessionId;
use crypto::request::Mac;

/// Header of a request: names its session and number, and proves both.
pub const REQUEST_HEADER: &str = "payung-request";
/// Header of an answer: proves status and body for the request that it answers.
pub const ANSWER_HEADER: &str = "payung-answer";

/// The text of a header is not what it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this header proves nothing: send it as the interface describes")]
pub struct ProofError;

/// What [`REQUEST_HEADER`] says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestProof {
    /// The session that is claimed.
    pub session: SessionId,
    /// The request's number; never 0.
    pub number: u64,
    /// The MAC over the request.
    pub mac: Mac,
}

impl fmt::Display for RequestProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}.{}.{}",
            self.session,
            self.number,
            mac_text(&self.mac)
        )
    }
}

impl FromStr for RequestProof {
    type Err = ProofError;

    fn from_str(text: &str) -> Result<Self, ProofError> {
        let mut parts = text.split('.');
        let (Some(session), Some(number), Some(mac), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(ProofError);
        };
        Ok(Self {
            session: session.parse().map_err(|_| ProofError)?,
            number: read_number(number).ok_or(ProofError)?,
            mac: read_mac(mac)?,
        })
    }
}

/// Decimal digits without a leading zero, so never 0.
fn read_number(text: &str) -> Option<u64> {
    let canonical = text.starts_with(|first: char| matches!(first, '1'..='9'));
    canonical.then(|| text.parse().ok()).flatten()
}

/// The text of [`ANSWER_HEADER`].
#[must_use]
pub fn mac_text(mac: &Mac) -> String {
    b64::encode(mac.as_bytes())
}

/// Reads what [`mac_text`] wrote.
///
/// # Errors
/// [`ProofError`] for any other text.
pub fn read_mac(text: &str) -> Result<Mac, ProofError> {
    let bytes = b64::decode(text).map_err(|_| ProofError)?;
    let bytes: [u8; 32] = bytes.try_into().map_err(|_| ProofError)?;
    Ok(Mac::from_bytes(bytes))
}

#[cfg(test)]
mod tests;
