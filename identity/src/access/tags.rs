//! Under what log-ins are counted and noted: keyed hashes, so that a disk without keys tells neither name nor terminal.

use crypto::digest;
use crypto::id::TerminalId;
use crypto::label;

use super::party::Party;
use crate::keys::IdentityKeys;

/// The tags of one name at one terminal.
#[derive(Clone, Copy)]
pub(crate) struct Tags {
    /// The name at the terminal.
    pub(crate) pair: [u8; 32],
    /// The name at all terminals of one party: at others nothing can be guessed, so nothing counts.
    pub(crate) name: [u8; 32],
    /// The name at the terminal, where sign-ins are noted.
    pub(crate) sign_in: [u8; 32],
}

impl Tags {
    /// Of the tag of a log-in name and a terminal of a party.
    pub(crate) fn new(
        keys: &IdentityKeys,
        handle: &[u8; 32],
        terminal: &TerminalId,
        party: Party,
    ) -> Self {
        let root = keys.sealing.expose();
        let guess = digest::derive_secret(label::IDENTITY_GUESS_TAG, root);
        let sign_in = digest::derive_secret(label::IDENTITY_SIGN_IN_TAG, root);
        let pair = [&handle[..], terminal.as_bytes()];
        Self {
            pair: digest::keyed_parts(guess.expose(), &pair),
            name: digest::keyed_parts(guess.expose(), &[handle, b"anywhere", &party.tag()]),
            sign_in: digest::keyed_parts(sign_in.expose(), &pair),
        }
    }
}
