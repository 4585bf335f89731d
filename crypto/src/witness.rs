//! What a terminal tells its colleagues it was shown: where the log of keys and the provider's roster stood.
//!
//! Both logs are kept by the service, which could show each terminal its own. Every roster entry therefore carries, inside its seal,
//! the mark of the log of keys that its author believed and the hash of the roster up to its author's cursor. A reader whose own logs
//! do not hold the same marks knows that there are two histories; and because the second covers the roster itself, the service cannot
//! leave out just those entries that would tell.
//!
//! Beside it stands a tag that the author alone can make and knows again ([`AuthorKey`]): a terminal that reads an entry of its own
//! which it does not remember keeps an older copy of its state, or somebody else keeps another one.
//!
//! ```text
//! author = BLAKE3.keyed(derive("roster author tag key", terminal seed), entry id)[..16]
//! r_0 = derive_parts("roster log", [provider])
//! r_n = derive_parts("roster log", [r_n-1, id of entry n, sealed bytes of entry n])
//! ```

use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq as _;

use crate::b64::{B64, Fixed};
use crate::digest;
use crate::id::{EntryId, ProviderId};
use crate::label;
use crate::secret::Secret;
use crate::trust::Mark;

/// Length of a witness in bytes: length (4) and hash (32) of the log of keys, number (8) and hash (16) of the roster, tag (16) of
/// the author.
pub const WITNESS_BYTES: usize = 76;
/// Bytes of an author's tag.
const TAG: usize = 16;
/// Bytes of a roster's hash that are kept of every entry and told.
const KEPT: usize = 16;

/// A place in a provider's roster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadMark {
    /// How many entries were read.
    pub seq: u64,
    /// The first bytes of the roster's hash there.
    pub hash: [u8; KEPT],
}

/// With which a terminal tags its own entries; 32 bytes. To everybody else tags are random, and no two are alike.
#[derive(Clone, Debug)]
pub struct AuthorKey(Secret<32>);

impl AuthorKey {
    /// From the seed of the terminal's signing key.
    #[must_use]
    pub fn derive(seed: &Secret<32>) -> Self {
        Self(digest::derive_secret(label::ROSTER_AUTHOR, seed.expose()))
    }

    /// The tag of one entry.
    #[must_use]
    pub fn tag(&self, id: &EntryId) -> [u8; TAG] {
        let whole = digest::keyed(self.0.expose(), id.as_bytes());
        std::array::from_fn(|at| whole[at])
    }

    /// Whether this terminal made the entry.
    #[must_use]
    pub fn made(&self, id: &EntryId, witness: &Witness) -> bool {
        self.tag(id).ct_eq(&witness.author).into()
    }
}

/// What the author of an entry had seen when it was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Witness {
    /// The log of keys.
    pub trust: Mark,
    /// The roster.
    pub roster: ReadMark,
    /// The author's tag of this entry ([`AuthorKey::tag`]).
    pub author: [u8; TAG],
}

impl Witness {
    /// The form inside an entry's seal; numbers are big endian.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; WITNESS_BYTES] {
        let mut bytes = [0; WITNESS_BYTES];
        bytes[..4].copy_from_slice(&self.trust.length.to_be_bytes());
        bytes[4..36].copy_from_slice(&self.trust.hash);
        bytes[36..44].copy_from_slice(&self.roster.seq.to_be_bytes());
        bytes[44..60].copy_from_slice(&self.roster.hash);
        bytes[60..].copy_from_slice(&self.author);
        bytes
    }

    /// Reads what [`Witness::to_bytes`] wrote.
    #[must_use]
    pub fn from_bytes(bytes: &[u8; WITNESS_BYTES]) -> Self {
        let part = |from: usize, to: &mut [u8]| to.copy_from_slice(&bytes[from..from + to.len()]);
        let (mut length, mut seq) = ([0; 4], [0; 8]);
        let (mut hash, mut read, mut author) = ([0; 32], [0; KEPT], [0; TAG]);
        part(0, &mut length);
        part(4, &mut hash);
        part(36, &mut seq);
        part(44, &mut read);
        part(60, &mut author);
        Self {
            trust: Mark {
                length: u32::from_be_bytes(length),
                hash,
            },
            roster: ReadMark {
                seq: u64::from_be_bytes(seq),
                hash: read,
            },
            author,
        }
    }
}

/// A provider's roster as far as one terminal has read it: its hash after every entry.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RosterChain {
    /// The whole hash after the last entry.
    last: Option<Fixed<32>>,
    /// The first bytes of the hash after every entry, one after another.
    kept: B64,
}

fn beginning(provider: &ProviderId) -> [u8; 32] {
    digest::derive_parts(label::ROSTER_LOG, &[provider.as_bytes()])
}

fn first(hash: &[u8; 32]) -> [u8; KEPT] {
    std::array::from_fn(|at| hash[at])
}

impl RosterChain {
    /// Goes on by the next entry.
    pub fn push(&mut self, provider: &ProviderId, id: &EntryId, sealed: &[u8]) {
        let before = self.whole(provider);
        let hash = digest::derive_parts(label::ROSTER_LOG, &[&before, id.as_bytes(), sealed]);
        self.last = Some(Fixed(hash));
        self.kept.0.extend_from_slice(&first(&hash));
    }

    fn whole(&self, provider: &ProviderId) -> [u8; 32] {
        self.last.map_or_else(|| beginning(provider), |last| last.0)
    }

    /// How far it was read.
    #[must_use]
    pub fn mark(&self, provider: &ProviderId) -> ReadMark {
        ReadMark {
            seq: (self.kept.len() / KEPT) as u64,
            hash: first(&self.whole(provider)),
        }
    }

    /// Whether a colleague saw the same roster up to that mark; false also for one that lies ahead.
    #[must_use]
    pub fn holds(&self, provider: &ProviderId, mark: &ReadMark) -> bool {
        if mark.seq == 0 {
            return mark.hash == first(&beginning(provider));
        }
        let at = usize::try_from(mark.seq - 1).ok();
        let own = at.and_then(|at| self.kept.chunks_exact(KEPT).nth(at));
        own == Some(&mark.hash[..])
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    fn read(ids: &[u8]) -> (ProviderId, RosterChain) {
        let provider = ProviderId::from_bytes([7; 16]);
        let mut chain = RosterChain::default();
        for id in ids {
            chain.push(&provider, &EntryId::from_bytes([*id; 16]), &[*id; 40]);
        }
        (provider, chain)
    }

    #[test]
    fn a_colleague_who_was_shown_less_more_or_another_order_is_noticed() {
        let (provider, own) = read(&[1, 2, 3, 4]);
        for ids in [&[][..], &[1], &[1, 2, 3, 4]] {
            assert!(own.holds(&provider, &read(ids).1.mark(&provider)));
        }
        for ids in [&[2][..], &[1, 3], &[2, 1], &[1, 2, 4], &[1, 2, 3, 4, 5]] {
            assert!(!own.holds(&provider, &read(ids).1.mark(&provider)));
        }
        let elsewhere = ProviderId::from_bytes([8; 16]);
        assert!(!own.holds(&elsewhere, &read(&[]).1.mark(&provider)));
        let text = serde_json::to_string(&own).unwrap();
        assert_eq!(serde_json::from_str::<RosterChain>(&text).unwrap(), own);
    }

    #[test]
    fn a_tag_is_known_by_its_author_and_for_its_entry_alone() {
        let (own, other) = (
            AuthorKey::derive(&Secret::new([1; 32])),
            AuthorKey::derive(&Secret::new([2; 32])),
        );
        let (one, two) = (EntryId::from_bytes([3; 16]), EntryId::from_bytes([4; 16]));
        let mut witness = Witness::from_bytes(&[0; WITNESS_BYTES]);
        assert!(!own.made(&one, &witness), "none at all");
        witness.author = own.tag(&one);
        assert!(own.made(&one, &witness));
        assert!(!own.made(&two, &witness) && !other.made(&one, &witness));
    }

    proptest! {
        #[test]
        fn a_witness_is_its_bytes(low: [u8; 32], middle: [u8; 28], high: [u8; 16]) {
            let mut bytes = [0; WITNESS_BYTES];
            bytes[..32].copy_from_slice(&low);
            bytes[32..60].copy_from_slice(&middle);
            bytes[60..].copy_from_slice(&high);
            prop_assert_eq!(Witness::from_bytes(&bytes).to_bytes(), bytes);
        }
    }
}
