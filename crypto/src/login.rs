//! What a terminal signs at the end of a log-in: everything that both sides said.
//!
//! `handle tag (32) || terminal id (16) || KE1 (96) || KE2 (320) || KE3 (64)`, 528 bytes; the tag is
//! `derive("log-in handle tag", handle)`, so that all parts have a fixed length. A signature over less could be carried
//! from one run to another by whoever relays both.
//!
//! Before that, a terminal knocks: a MAC under its [`DoorKey`] over log-in name, terminal and KE1 shows that the message comes
//! from this device. The key lies in the clear on the device, because nothing there opens before a log-in. It keeps off whoever
//! knows a terminal's id and does not hold the device; whoever holds it can guess, and is counted.

use subtle::ConstantTimeEq as _;

use crate::digest;
use crate::id::TerminalId;
use crate::label;
use crate::rng::Rng;
use crate::secret::Secret;

const BEFORE: usize = 32 + 16 + 96 + 320;

/// A log-in up to and including the service's answer.
#[derive(Clone)]
pub struct Transcript([u8; BEFORE]);

impl Transcript {
    /// What was said so far: the log-in name as sent, the terminal, OPAQUE's first two messages.
    #[must_use]
    pub fn new(handle: &str, terminal: &TerminalId, ke1: &[u8; 96], ke2: &[u8; 320]) -> Self {
        let mut all = [0; BEFORE];
        let tag = digest::derive(label::LOGIN_HANDLE, handle.as_bytes());
        all[..32].copy_from_slice(&tag);
        all[32..48].copy_from_slice(terminal.as_bytes());
        all[48..144].copy_from_slice(ke1);
        all[144..].copy_from_slice(ke2);
        Self(all)
    }

    /// What was said so far in a log-in by PIN: `derive("PIN log-in terminal tag", terminal)` stands in the place of the name's tag.
    #[must_use]
    pub fn of_pin(terminal: &TerminalId, ke1: &[u8; 96], ke2: &[u8; 320]) -> Self {
        let mut said = Self::new("", terminal, ke1, ke2);
        said.0[..32].copy_from_slice(&digest::derive(label::PIN_TERMINAL, terminal.as_bytes()));
        said
    }

    /// The message for [`TerminalKey::sign_login`](crate::sign::TerminalKey::sign_login), with OPAQUE's last message.
    #[must_use]
    pub fn with(&self, ke3: &[u8; 64]) -> Vec<u8> {
        [&self.0[..], ke3].concat()
    }
}

impl std::fmt::Debug for Transcript {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Transcript(..)")
    }
}

/// What a terminal knocks with, 32 bytes: made at enrolment, known to the device and, sealed at rest, to the service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DoorKey(Secret<32>);

impl DoorKey {
    /// A fresh one.
    pub fn random(rng: &mut impl Rng) -> Self {
        Self(Secret::random(rng))
    }

    /// From where it was kept.
    #[must_use]
    pub const fn new(key: Secret<32>) -> Self {
        Self(key)
    }

    /// For keeping.
    #[must_use]
    pub const fn secret(&self) -> &Secret<32> {
        &self.0
    }

    /// The MAC over log-in name, terminal and KE1, each after its length; 32 bytes.
    #[must_use]
    pub fn knock(&self, handle: &str, terminal: &TerminalId, ke1: &[u8; 96]) -> [u8; 32] {
        let parts = [handle.as_bytes(), &terminal.as_bytes()[..], ke1];
        digest::keyed_parts(self.0.expose(), &parts)
    }

    /// The MAC of a log-in by PIN, over terminal and KE1, under a key of its own derived from this one; 32 bytes.
    #[must_use]
    pub fn knock_pin(&self, terminal: &TerminalId, ke1: &[u8; 96]) -> [u8; 32] {
        let key = digest::derive_secret(label::PIN_DOOR, self.0.expose());
        digest::keyed_parts(key.expose(), &[&terminal.as_bytes()[..], ke1])
    }

    /// Whether a knock of a log-in by PIN is this key's; takes the same time whatever differs.
    #[must_use]
    pub fn knows_pin(&self, terminal: &TerminalId, ke1: &[u8; 96], knock: &[u8; 32]) -> bool {
        self.knock_pin(terminal, ke1).ct_eq(knock).into()
    }

    /// Whether a knock is this key's; takes the same time whatever differs.
    #[must_use]
    pub fn knows(
        &self,
        handle: &str,
        terminal: &TerminalId,
        ke1: &[u8; 96],
        knock: &[u8; 32],
    ) -> bool {
        self.knock(handle, terminal, ke1).ct_eq(knock).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_knock_is_good_for_its_key_name_terminal_and_message_alone() {
        let key = DoorKey::new(Secret::new([1; 32]));
        let (here, there) = (
            TerminalId::from_bytes([2; 16]),
            TerminalId::from_bytes([3; 16]),
        );
        let knock = key.knock("ibu.sri", &here, &[4; 96]);
        assert!(key.knows("ibu.sri", &here, &[4; 96], &knock));
        assert!(!DoorKey::new(Secret::new([9; 32])).knows("ibu.sri", &here, &[4; 96], &knock));
        assert!(!key.knows("ibu.sr", &here, &[4; 96], &knock));
        assert!(!key.knows("ibu.sri", &there, &[4; 96], &knock));
        assert!(!key.knows("ibu.sri", &here, &[5; 96], &knock));
    }

    #[test]
    fn a_knock_for_a_pin_is_none_for_a_password() {
        let key = DoorKey::new(Secret::new([1; 32]));
        let (here, there) = (
            TerminalId::from_bytes([2; 16]),
            TerminalId::from_bytes([3; 16]),
        );
        let knock = key.knock_pin(&here, &[4; 96]);
        assert!(key.knows_pin(&here, &[4; 96], &knock));
        assert!(!DoorKey::new(Secret::new([9; 32])).knows_pin(&here, &[4; 96], &knock));
        assert!(!key.knows_pin(&there, &[4; 96], &knock));
        assert!(!key.knows_pin(&here, &[5; 96], &knock));
        assert!(!key.knows("", &here, &[4; 96], &knock));
        assert!(!key.knows_pin(&here, &[4; 96], &key.knock("", &here, &[4; 96])));
    }

    #[test]
    fn what_is_signed_by_pin_is_signed_by_no_name() {
        let terminal = TerminalId::from_bytes([2; 16]);
        let pin = Transcript::of_pin(&terminal, &[3; 96], &[4; 320]).with(&[5; 64]);
        let name = Transcript::new("ibu.sri", &terminal, &[3; 96], &[4; 320]).with(&[5; 64]);
        assert_eq!(pin[..32], digest::derive(label::PIN_TERMINAL, &[2; 16]));
        assert_eq!(pin[32..], name[32..]);
    }

    #[test]
    fn every_part_is_in_its_place() {
        let terminal = TerminalId::from_bytes([2; 16]);
        let message = Transcript::new("ibu.sri", &terminal, &[3; 96], &[4; 320]).with(&[5; 64]);
        assert_eq!(message.len(), 528);
        assert_eq!(
            message[..32],
            digest::derive(label::LOGIN_HANDLE, b"ibu.sri")
        );
        assert_eq!(message[32..48], [2; 16]);
        assert_eq!(message[48..144], [3; 96]);
        assert_eq!(message[144..464], [4; 320]);
        assert_eq!(message[464..], [5; 64]);
    }

    #[test]
    fn a_log_in_name_is_not_printed() {
        let terminal = TerminalId::from_bytes([2; 16]);
        let transcript = Transcript::new("ibu.sri", &terminal, &[3; 96], &[4; 320]);
        assert_eq!(format!("{transcript:?}"), "Transcript(..)");
    }
}
