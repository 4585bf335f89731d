//! Proof that notes which a closed device took down are all there, in order, and nobody else's.
//!
//! Each note bears a MAC under a key that is hashed forward afterwards: `key <- derive("visit chain", key)`. The first key lies where only
//! whoever is signed in can read it; the device holds the newest one alone. So nobody without the device adds a note, whoever
//! takes the device cannot alter or leave out what was there before, and the number of notes shows in the key that is left.
//! Limit: whoever takes it can add notes of their own, and put back an older copy, their own or one that a browser's database still holds
//! beside what took its place; what was noted after that copy they can alter or leave out.

//!
//! A note is padded to one length and sealed (HPKE, base mode, info "visit taken outside") to a key of the device, whose private half
//! lies beside the first key; bound to terminal and number.

use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use crate::digest;
use crate::hpke::{self, HpkeError, HpkePublic, HpkeSecret};
use crate::id::TerminalId;
use crate::label::{VISIT_CHAIN, VISIT_HPKE};
use crate::padding::{pad, unpad};
use crate::rng::Rng;
use crate::secret::{Secret, secrets};

/// Bytes of a note before it is sealed: a card's text and some thirty services.
const PADDED: usize = 2_048;

secrets! {
    /// The key of one note, 32 bytes; it says nothing of the one before.
    ChainKey, 32;
}

impl ChainKey {
    /// The key of the next note.
    #[must_use]
    pub fn next(&self) -> Self {
        Self(Secret::new(digest::derive(VISIT_CHAIN, self.expose())))
    }

    /// The MAC over terminal, number and sealed note, each after its length; 32 bytes.
    #[must_use]
    pub fn mac(&self, terminal: &TerminalId, number: u64, sealed: &[u8]) -> [u8; 32] {
        let number = number.to_be_bytes();
        digest::keyed_parts(self.expose(), &[&terminal.as_bytes()[..], &number, sealed])
    }

    /// Whether a MAC is this key's; takes the same time whatever differs.
    #[must_use]
    pub fn knows(&self, terminal: &TerminalId, number: u64, sealed: &[u8], mac: &[u8; 32]) -> bool {
        self.mac(terminal, number, sealed).ct_eq(mac).into()
    }
}

fn bound(terminal: &TerminalId, number: u64) -> Vec<u8> {
    [&terminal.as_bytes()[..], &number.to_be_bytes()].concat()
}

/// Seals a note; all are of one length, 2,096 bytes.
///
/// # Errors
/// [`HpkeError::Receiver`] for more than 2,046 bytes, or if the key cannot be sealed to.
pub fn seal(
    to: &HpkePublic,
    terminal: &TerminalId,
    number: u64,
    plain: &[u8],
    rng: &mut impl Rng,
) -> Result<Vec<u8>, HpkeError> {
    let padded = pad(plain, PADDED).map(Zeroizing::new);
    let padded = padded.ok_or(HpkeError::Receiver)?;
    hpke::seal(to, VISIT_HPKE, &bound(terminal, number), &padded, rng)
}

/// Opens what [`seal`] made for this terminal and number.
///
/// # Errors
/// [`HpkeError::Refused`] for anything else.
pub fn open(
    secret: &HpkeSecret,
    terminal: &TerminalId,
    number: u64,
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, HpkeError> {
    let padded = hpke::open(secret, VISIT_HPKE, &bound(terminal, number), sealed);
    let padded = padded.map(Zeroizing::new)?;
    let plain = unpad(&padded).ok_or(HpkeError::Refused)?;
    Ok(Zeroizing::new(plain.to_vec()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::rng::Random;

    const HERE: TerminalId = TerminalId::from_bytes([1; 16]);

    #[test]
    fn a_mac_is_good_for_its_key_terminal_number_and_note_alone() {
        let key = ChainKey::from_bytes([7; 32]);
        let mac = key.mac(&HERE, 3, b"note");
        assert!(key.knows(&HERE, 3, b"note", &mac));
        assert!(!key.next().knows(&HERE, 3, b"note", &mac));
        assert!(!key.knows(&TerminalId::from_bytes([2; 16]), 3, b"note", &mac));
        assert!(!key.knows(&HERE, 4, b"note", &mac));
        assert!(!key.knows(&HERE, 3, b"notf", &mac));
    }

    #[test]
    fn notes_are_of_one_length_and_open_in_their_place_alone() {
        let rng = &mut Random::seeded([5; 32]);
        let secret = HpkeSecret::generate(rng);
        let short = seal(&secret.public(), &HERE, 3, b"a", rng).unwrap();
        let long = seal(&secret.public(), &HERE, 3, &[7; 2_046], rng).unwrap();
        assert_eq!((short.len(), long.len()), (2_096, 2_096));
        assert!(seal(&secret.public(), &HERE, 3, &[7; 2_047], rng).is_err());
        assert_eq!(open(&secret, &HERE, 3, &short).unwrap()[..], b"a"[..]);
        assert!(open(&secret, &HERE, 4, &short).is_err());
        assert!(open(&secret, &TerminalId::from_bytes([2; 16]), 3, &short).is_err());
        assert!(open(&HpkeSecret::generate(rng), &HERE, 3, &short).is_err());
    }

    #[test]
    fn a_chain_goes_on_as_it_is_written_down() {
        let key = ChainKey::from_bytes([7; 32]);
        let written = digest::derive(VISIT_CHAIN, &[7; 32]);
        assert_eq!(key.next().expose(), &written);
        assert_ne!(key.next(), key.next().next());
    }
}
