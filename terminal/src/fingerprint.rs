//! What people compare of a staff key: thirty digits, shown at the key's own terminal and typed at the other.
//!
//! Ninety-nine bits: who makes keys in search of one that agrees with a given one finds none. There is no comparison by yes
//! or no here, and no way to show the fingerprint of a key that the service named: only its owner's terminal shows it, so
//! whoever types it has it from there.

use crate::error::Error;
use crypto::digest;
use crypto::hpke::HpkePublic;
use crypto::id::ProviderId;
use crypto::label::STAFF_FINGERPRINT;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Digits of a fingerprint: six groups of five.
const DIGITS: usize = 30;
const GROUP: usize = 5;

/// A fingerprint as the terminal of the key's owner shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown(String);

impl Shown {
    /// That of the key of somebody of this provider.
    pub(crate) fn of(provider: &ProviderId, key: &HpkePublic) -> Self {
        let parts = [&provider.as_bytes()[..], key.as_bytes()];
        let hash = digest::derive_parts(STAFF_FINGERPRINT, &parts);
        let group = |bytes: &[u8]| {
            let number = bytes
                .iter()
                .fold(0_u64, |n, byte| n << 8 | u64::from(*byte));
            format!("{:05}", number % 100_000)
        };
        // Five bytes a group: the remainder of 2^40 prefers no digit by more than one in ten million.
        let groups = hash.chunks_exact(GROUP).take(DIGITS / GROUP);
        Self(groups.map(group).collect::<Vec<_>>().join(" "))
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A fingerprint as somebody typed it: thirty digits, spaces and hyphens between them as they like.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Typed(String);

impl Typed {
    /// Whether it is that of this key.
    pub(crate) fn is(&self, provider: &ProviderId, key: &HpkePublic) -> bool {
        digits(&Shown::of(provider, key).0) == self.0
    }
}

fn digits(text: &str) -> String {
    let between = |letter: &char| !letter.is_whitespace() && *letter != '-';
    text.chars().filter(between).collect()
}

impl FromStr for Typed {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let digits = digits(text);
        let fits = digits.len() == DIGITS && digits.bytes().all(|b| b.is_ascii_digit());
        fits.then_some(Self(digits)).ok_or(Error::Fingerprint)
    }
}

impl TryFrom<String> for Typed {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl From<Typed> for String {
    fn from(typed: Typed) -> Self {
        typed.0
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn a_fingerprint_is_thirty_digits_of_one_key_at_one_provider() {
        let (one, two) = (
            ProviderId::from_bytes([1; 16]),
            ProviderId::from_bytes([2; 16]),
        );
        let key = HpkePublic::from_bytes([3; 32]);
        let shown = Shown::of(&one, &key).to_string();
        assert_eq!(shown.len(), DIGITS + 5);
        for typed in [
            shown.clone(),
            shown.replace(' ', ""),
            shown.replace(' ', "-"),
            format!(" {shown}\n"),
        ] {
            let typed: Typed = typed.parse().unwrap();
            assert!(typed.is(&one, &key));
            assert!(!typed.is(&two, &key));
            assert!(!typed.is(&one, &HpkePublic::from_bytes([4; 32])));
        }
    }

    #[test]
    fn less_than_all_of_it_is_no_fingerprint() {
        let key = HpkePublic::from_bytes([3; 32]);
        let shown = Shown::of(&ProviderId::from_bytes([1; 16]), &key).to_string();
        let last = shown.len() - 1;
        for bad in ["", "y", "yes", "ja", &shown[..last], &format!("{shown}0")] {
            assert!(matches!(bad.parse::<Typed>(), Err(Error::Fingerprint)));
        }
        // Digits of other scripts are none, and one wrong digit is another key's.
        assert!("\u{661}".repeat(30).parse::<Typed>().is_err());
        let other = if shown.ends_with('0') { "1" } else { "0" };
        let wrong: Typed = format!("{}{other}", &shown[..last]).parse().unwrap();
        assert!(!wrong.is(&ProviderId::from_bytes([1; 16]), &key));
    }
}
