//! A log-in name, and how it lies at rest: found by a keyed hash, shown from a sealed form.
//!
//! Names of staff of a harm-reduction service endanger them, so a seized database must not list them.

use crypto::digest;
use crypto::id::StaffId;
use crypto::label;
use crypto::seal;
use wire::typed;

use crate::{App, Refusal};

/// A log-in name: 3 to 64 characters of `a-z 0-9 . _ -`.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Handle(String);

impl Handle {
    /// A name as a terminal sends it: through the door already, because what was said is signed as it was sent.
    pub(crate) fn parse(text: &str) -> Result<Self, Refusal> {
        let name = Self::typed(text)?;
        (name.0 == text).then_some(name).ok_or(Refusal::Malformed)
    }

    /// A name as somebody typed it.
    pub(crate) fn typed(text: &str) -> Result<Self, Refusal> {
        typed::name(text).map(Self).map_err(|_| Refusal::Malformed)
    }

    /// 32 bytes by which the database finds the name.
    pub(crate) fn tag(&self, app: &App) -> [u8; 32] {
        let key = digest::derive_secret(label::IDENTITY_HANDLE_TAG, app.keys.sealing.expose());
        digest::keyed(key.expose(), self.0.as_bytes())
    }

    pub(crate) fn seal(&self, app: &App, staff: &StaffId) -> Result<Vec<u8>, Refusal> {
        // Padded, so that the sealed form does not tell the name's length.
        let mut plain = [0_u8; 64];
        plain[..self.0.len()].copy_from_slice(self.0.as_bytes());
        let key = app.keys.seal_key();
        seal::seal(
            key.expose(),
            label::IDENTITY_HANDLE_SEAL,
            staff.as_bytes(),
            &plain,
            &mut app.rng(),
        )
        .map_err(|_| Refusal::Internal)
    }

    /// The name as text again; an empty text when the key is another one.
    pub(crate) fn open(app: &App, staff: &StaffId, sealed: &[u8]) -> String {
        let key = app.keys.seal_key();
        seal::open(
            key.expose(),
            label::IDENTITY_HANDLE_SEAL,
            staff.as_bytes(),
            sealed,
        )
        .ok()
        .and_then(|plain| String::from_utf8(plain).ok())
        .map(|text| text.trim_end_matches('\0').to_owned())
        .unwrap_or_default()
    }
}
