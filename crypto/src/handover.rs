//! Handing on a provider's data key from one member of staff to another: HPKE in auth mode (RFC 9180, 5.1.3).
//!
//! ```text
//! handed = giver's staff key 32 || HPKE.AuthSeal(giver, receiver, info "data key handed on", aad, data key 32 || founding 37)   149 bytes
//! aad    = provider 16 || giver's staff key 32 || receiver's staff key 32 || receiver's role 1 || who invited the receiver 1
//! founding = staff key of whoever made the data key 32 || who invited them 1 || day of that invitation 4
//! ```
//!
//! Only the holder of the giver's private key, or of the receiver's, can make one. The first 32 bytes are a claim: the
//! receiver opens with the key that they expect, which no service told them. What is sealed in base mode, by somebody else,
//! for another provider, person, role or inviter does not open. Who made the data key travels inside from hand to hand, so
//! that no service changes it. Limit: who holds a data key can say of its origin what they like, to those to whom they give it.

use serde::{Deserialize, Serialize};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::day::Day;
use crate::hpke::{self, HpkeError, HpkePublic, HpkeSecret};
use crate::id::ProviderId;
use crate::invitation::InviterKind;
use crate::label::DATA_KEY_HANDED;
use crate::provider::DataKey;
use crate::rng::Rng;

/// Length of a data key that was handed on: giver's key 32, data key 32, founding 37, and what sealing adds 48.
pub const HANDED_BYTES: usize = 149;
const FOUNDING: usize = 37;

/// It does not open: sealed by somebody else, to somebody else, for another place, or altered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error(
    "the data key does not open: whoever was expected did not seal it for this person and place"
)]
pub struct HandoverError;

/// Who made a provider's data key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Founding {
    /// Their staff key.
    pub key: HpkePublic,
    /// Who invited them.
    pub invited: InviterKind,
    /// The day of that invitation.
    pub on: Day,
}

impl Founding {
    fn to_bytes(self) -> [u8; FOUNDING] {
        let mut bytes = [0; FOUNDING];
        bytes[..32].copy_from_slice(self.key.as_bytes());
        bytes[32] = self.invited.code();
        bytes[33..].copy_from_slice(&self.on.number().to_be_bytes());
        bytes
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (key, rest) = bytes.split_first_chunk::<32>()?;
        let (&[invited], day) = rest.split_first_chunk::<1>()?;
        let day = i32::from_be_bytes(day.try_into().ok()?);
        Some(Self {
            key: HpkePublic::from_bytes(*key),
            invited: InviterKind::from_code(invited)?,
            on: Day::from_number(day).ok()?,
        })
    }
}

/// The place for which a data key is handed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Whose data key it is.
    pub provider: ProviderId,
    /// The code of the receiver's role.
    pub role: u8,
    /// Who invited the receiver.
    pub invited: InviterKind,
}

impl Place {
    fn bound(&self, giver: &HpkePublic, receiver: &HpkePublic) -> Vec<u8> {
        [
            &self.provider.as_bytes()[..],
            giver.as_bytes(),
            receiver.as_bytes(),
            &[self.role, self.invited.code()],
        ]
        .concat()
    }
}

/// What is handed on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handed {
    /// The data key.
    pub key: DataKey,
    /// Who made it.
    pub founding: Founding,
}

/// Seals a data key to a receiver; 149 bytes. To oneself too: so the first one lies at the service.
///
/// # Errors
/// [`HpkeError::Receiver`] if the receiver's key cannot be sealed to.
pub fn seal(
    giver: &HpkeSecret,
    receiver: &HpkePublic,
    place: &Place,
    handed: &Handed,
    rng: &mut impl Rng,
) -> Result<Vec<u8>, HpkeError> {
    let own = giver.public();
    let bound = place.bound(&own, receiver);
    let founding = handed.founding.to_bytes();
    let mut plain = Zeroizing::new([0; 32 + FOUNDING]);
    plain[..32].copy_from_slice(handed.key.expose());
    plain[32..].copy_from_slice(&founding);
    let sealed = hpke::auth_seal(giver, receiver, DATA_KEY_HANDED, &bound, &plain[..], rng)?;
    Ok([&own.as_bytes()[..], &sealed].concat())
}

/// Whose key it claims to be sealed by; `None` for anything of another length.
#[must_use]
pub fn claimed(sealed: &[u8]) -> Option<HpkePublic> {
    let (giver, _) = sealed.split_first_chunk::<32>()?;
    (sealed.len() == HANDED_BYTES).then(|| HpkePublic::from_bytes(*giver))
}

/// Opens what `giver` sealed to the holder of `own`. The giver's key is one that the receiver knows by other ways than from
/// the service: from the invitation, or compared.
///
/// # Errors
/// [`HandoverError`] for anything else.
pub fn open(
    own: &HpkeSecret,
    giver: &HpkePublic,
    place: &Place,
    sealed: &[u8],
) -> Result<Handed, HandoverError> {
    if claimed(sealed) != Some(*giver) {
        return Err(HandoverError);
    }
    let bound = place.bound(giver, &own.public());
    let plain = hpke::auth_open(own, giver, DATA_KEY_HANDED, &bound, &sealed[32..])
        .map(Zeroizing::new)
        .map_err(|_| HandoverError)?;
    let (key, founding) = plain.split_at_checked(32).ok_or(HandoverError)?;
    Ok(Handed {
        key: DataKey::try_from(key).map_err(|_| HandoverError)?,
        founding: Founding::from_bytes(founding).ok_or(HandoverError)?,
    })
}

#[cfg(test)]
mod tests;
