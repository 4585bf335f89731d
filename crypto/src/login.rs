//! What a terminal signs at the end of a log-in: everything that both sides said.
//!
//! `handle tag (32) || terminal id (16) || KE1 (96) || KE2 (320) || KE3 (64)`, 528 bytes; the tag is
//! `derive("log-in handle tag", handle)`, so that all parts have a fixed length. A signature over less could be carried
//! from one run to another by whoever relays both.

use crate::digest;
use crate::id::TerminalId;
use crate::label;

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

#[cfg(test)]
mod tests {
    use super::*;

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
