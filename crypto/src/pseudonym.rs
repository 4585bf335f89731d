//! The name a provider knows a client by, and the words it says aloud.
//!
//! `P = BLAKE3.keyed(kappa_p, u_p)[..16]` with `u_p` the finalized evaluation of `s` in the
//! provider's own domain and `kappa_p` from the provider's data key: making it needs the service,
//! the provider and the card. The alias is a function of `P` alone, so every terminal of a
//! provider says the same alias and two providers say unrelated ones. There are 58,982,400
//! aliases: among 3,000 clients two share one with a probability of about 7 %, so an alias is for
//! the ear, never a key.

mod words;

use crate::digest::{derive, keyed};
use crate::id::{hexadecimal, sixteen_bytes};
use crate::label;
use crate::provider::DataKey;
use crate::secret::Secret;
use std::fmt;
use zeroize::Zeroizing;

sixteen_bytes! {
    /// A provider-local pseudonym, 16 bytes; text form 32 lower-case hexadecimal digits.
    Pseudonym;
}
hexadecimal!(Pseudonym, "a pseudonym");

/// Redacted: a pseudonym in a log would place a person at a provider.
impl fmt::Debug for Pseudonym {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pseudonym(..)")
    }
}

/// The pseudonym of the client whose finalized evaluation in the provider's domain is `u_p`.
#[must_use]
pub fn provider_pseudonym(data_key: &DataKey, u_p: &Secret<64>) -> Pseudonym {
    let tag = Zeroizing::new(keyed(data_key.pseudonym_key().expose(), u_p.expose()));
    Pseudonym(std::array::from_fn(|at| tag[at]))
}

/// Two words and a number of three digits, such as `amber river 417`.
#[must_use]
pub fn alias(pseudonym: &Pseudonym) -> String {
    let [first, second, high, low, ..] = derive(label::PROVIDER_ALIAS, &pseudonym.0);
    let number = u16::from_be_bytes([high, low]) % 900 + 100;
    let word = |byte: u8| words::WORDS[usize::from(byte)];
    format!("{} {} {number}", word(first), word(second))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    #[test]
    fn words_are_distinct_short_and_plain() {
        let distinct: BTreeSet<_> = words::WORDS.iter().collect();
        assert_eq!(distinct.len(), 256);
        assert!(words::WORDS.is_sorted());
        for word in words::WORDS {
            assert!((3..=8).contains(&word.len()), "{word}");
            assert!(word.bytes().all(|byte| byte.is_ascii_lowercase()), "{word}");
        }
    }

    #[test]
    fn pseudonym_needs_both_keys() {
        let key = |byte| DataKey::from_bytes([byte; 32]);
        let u = |byte| Secret::new([byte; 64]);
        let one = provider_pseudonym(&key(1), &u(1));
        assert_eq!(one, provider_pseudonym(&key(1), &u(1)));
        assert_ne!(one, provider_pseudonym(&key(2), &u(1)));
        assert_ne!(one, provider_pseudonym(&key(1), &u(2)));
        assert_eq!(format!("{one:?}"), "Pseudonym(..)");
        assert_eq!(one.to_string().parse(), Ok(one));
    }

    #[test]
    fn aliases_spread() {
        let aliases: BTreeSet<_> = (0..2000u32)
            .map(|n| {
                let mut bytes = [0; 16];
                bytes[..4].copy_from_slice(&n.to_be_bytes());
                alias(&Pseudonym(bytes))
            })
            .collect();
        assert!(aliases.len() >= 1995, "{}", aliases.len());
    }

    proptest! {
        #[test]
        fn alias_has_its_form(bytes: [u8; 16]) {
            let text = alias(&Pseudonym(bytes));
            let parts: Vec<_> = text.split(' ').collect();
            prop_assert_eq!(parts.len(), 3);
            prop_assert!((100..1000).contains(&parts[2].parse::<u16>().unwrap()));
            prop_assert!(text.len() <= 21);
        }
    }
}
