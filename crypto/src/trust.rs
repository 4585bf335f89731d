//! The programme's log of keys, and what a terminal believes because of it.
//!
//! Every core ([`crate::bundle`]) and every key of a provider's domain is an entry of one public log, chained by hash:
//!
//! ```text
//! h_0 = derive_parts("trust log", [programme])
//! h_n = derive_parts("trust log", [h_n-1, kind (1), bytes of entry n, its signatures])
//! ```
//!
//! The root signs cores, the service's list key signs providers' keys and, daily, the head (length, hash, day). A terminal takes
//! the log from its beginning, or as an extension of what it knew; it refuses a shorter or another one, and a second key for a
//! provider and epoch whoever signed it, or a key that any other domain or epoch has. So whoever holds the service can add providers and nothing else; and two logs for two
//! terminals have different hashes, which the terminals tell each other ([`Mark`]).
//! The log has no names in it: identifiers of providers, in the order in which they joined, and keys.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::b64::Fixed;
use crate::bundle::{BundleError, Core, SignedCore, wrap_id};
use crate::card::{CardKeys, WrapKey};
use crate::day::Day;
use crate::digest;
use crate::domain::{Domain, DomainPublic};
use crate::id::{ProgrammeId, ProviderId};
use crate::label;
use crate::sign::ListKey;
use crate::sorted::{Map, Set};

/// Age of a head, in days, from which on it is said.
const OLD_DAYS: i32 = 7;

/// Why a log, or a part of it, was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum TrustError {
    /// A core in it was refused.
    #[error(transparent)]
    Core(#[from] BundleError),
    /// It does not begin with a core, or the root key of the invitation is none of its roots.
    #[error(
        "the keys that the server offers are not those of the invitation's programme: stop, tell the operator"
    )]
    OtherProgramme,
    /// A provider's key or the head is not signed by the list key.
    #[error("the programme's log of keys is not signed by its list key: stop, tell the operator")]
    Signature,
    /// A second key for a provider and epoch.
    #[error("the server offers a second key for a provider that has one: stop, tell the operator")]
    SecondKey,
    /// A key that stands for another domain, or for an earlier epoch, already.
    #[error("the server offers one key for two purposes: stop, tell the operator")]
    SameKey,
    /// Shorter than what was known, or dated more than a day earlier.
    #[error(
        "the server offers an older log of keys than this terminal has seen: stop, tell the operator"
    )]
    Older,
    /// Not an extension of what was known.
    #[error(
        "the server offers another log of keys than this terminal has seen: stop, tell the operator and compare fingerprints"
    )]
    Forked,
    /// Dated after tomorrow.
    #[error("the programme's log of keys is dated in the future: check this machine's date")]
    Future,
    /// The core is past its last day.
    #[error(
        "the programme's keys are past their last day: check this machine's date; the operator must sign new ones"
    )]
    Expired,
}

/// One entry of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum LogEntry {
    /// The keys of the programme.
    Core(SignedCore),
    /// The key of a provider's domain.
    Provider(Listing),
}

impl LogEntry {
    /// The hash of the log that ends with this entry, from the hash before it.
    #[must_use]
    pub fn chain(&self, before: &[u8; 32]) -> [u8; 32] {
        match self {
            Self::Core(core) => {
                let mut parts: Vec<&[u8]> = vec![before, &[1], &core.payload];
                for one in &core.signatures {
                    parts.extend([&one.root.0[..], &one.signature.0[..]]);
                }
                digest::derive_parts(label::TRUST_LOG, &parts)
            }
            Self::Provider(listing) => {
                let parts = [
                    &before[..],
                    &[2],
                    &listing.signed_part(),
                    &listing.signature.0,
                ];
                digest::derive_parts(label::TRUST_LOG, &parts)
            }
        }
    }
}

/// The hash of an empty log.
#[must_use]
pub fn beginning(programme: &ProgrammeId) -> [u8; 32] {
    digest::derive_parts(label::TRUST_LOG, &[programme.as_bytes()])
}

/// The key of a provider's domain. Fixed domains have no form here: theirs are in the core.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Listing {
    /// Whose domain.
    pub provider: ProviderId,
    /// Epoch of the key.
    pub epoch: u32,
    /// The domain's public key.
    pub key: DomainPublic,
    /// By the list key, over programme, provider, epoch (4 bytes, big endian) and key.
    pub signature: Fixed<64>,
}

impl Listing {
    /// Signs the key of a provider's domain.
    #[must_use]
    pub fn sign(
        programme: &ProgrammeId,
        provider: ProviderId,
        epoch: u32,
        key: DomainPublic,
        list: &ListKey,
    ) -> Self {
        let mut listing = Self {
            provider,
            epoch,
            key,
            signature: Fixed([0; 64]),
        };
        listing.signature = Fixed(list.sign_listing(&listing.message(programme)));
        listing
    }

    fn signed_part(&self) -> [u8; 52] {
        let mut part = [0; 52];
        part[..16].copy_from_slice(self.provider.as_bytes());
        part[16..20].copy_from_slice(&self.epoch.to_be_bytes());
        part[20..].copy_from_slice(self.key.as_bytes());
        part
    }

    fn message(&self, programme: &ProgrammeId) -> Vec<u8> {
        [&programme.as_bytes()[..], &self.signed_part()].concat()
    }
}

/// Where a log ends, and on which day that was so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// Number of entries.
    pub length: u32,
    /// Hash of the log.
    pub hash: Fixed<32>,
    /// The day of signing.
    pub day: Day,
    /// By the list key, over programme, length (4 bytes, big endian), hash and day number (4 bytes, big endian).
    pub signature: Fixed<64>,
}

impl Head {
    /// Signs where the log ends.
    #[must_use]
    pub fn sign(programme: &ProgrammeId, mark: Mark, day: Day, list: &ListKey) -> Self {
        let mut head = Self {
            length: mark.length,
            hash: Fixed(mark.hash),
            day,
            signature: Fixed([0; 64]),
        };
        head.signature = Fixed(list.sign_head(&head.message(programme)));
        head
    }

    fn message(&self, programme: &ProgrammeId) -> Vec<u8> {
        [
            &programme.as_bytes()[..],
            &self.length.to_be_bytes(),
            &self.hash.0,
            &self.day.number().to_be_bytes(),
        ]
        .concat()
    }
}

/// A place in the log that somebody saw: what terminals tell each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Mark {
    /// Number of entries.
    pub length: u32,
    /// Hash of the log up to there.
    #[serde(with = "as_base64")]
    pub hash: [u8; 32],
}

impl Mark {
    /// What people compare: length, and 80 bits of the hash in groups of four digits.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let digits = crate::hex::encode(&self.hash[..10]);
        let groups: Vec<&str> = (0..5).map(|at| &digits[4 * at..4 * at + 4]).collect();
        format!("{}:{}", self.length, groups.join("-"))
    }
}

mod as_base64 {
    use crate::b64::Fixed;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(hash: &[u8; 32], to: S) -> Result<S::Ok, S::Error> {
        Fixed(*hash).serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<[u8; 32], D::Error> {
        Fixed::deserialize(from).map(|fixed| fixed.0)
    }
}

/// How a mark that somebody saw stands to the own log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// It lies on the own log.
    Same,
    /// The own log is not that long.
    Ahead,
    /// The own log has another hash at that length: there are two logs.
    Forked,
}

/// The log as far as it was read and found good, and what it says. Kept sealed: reading it back verifies nothing again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trust {
    root: Fixed<32>,
    core: Core,
    listed: Map<ProviderId, Map<u32, DomainPublic>>,
    /// Every domain key that the log ever spoke of, whosever it is.
    keys: Set<DomainPublic>,
    /// Hash of the log after each entry.
    hashes: Vec<Fixed<32>>,
    day: Day,
}

impl Trust {
    /// Reads a whole log; `pinned` must be one of its roots.
    ///
    /// # Errors
    /// Every one of [`TrustError`] but `Older` and `Forked` of a known log.
    pub fn read(
        pinned: &[u8; 32],
        entries: &[LogEntry],
        head: &Head,
        today: Day,
    ) -> Result<Self, TrustError> {
        let Some((LogEntry::Core(first), rest)) = entries.split_first() else {
            return Err(TrustError::OtherProgramme);
        };
        let (core, root) = first.check_first()?;
        let hash = entries[0].chain(&beginning(&core.programme));
        let mut trust = Self {
            root: Fixed(root),
            listed: Map::default(),
            keys: Set::default(),
            hashes: vec![Fixed(hash)],
            day: core.issued,
            core,
        };
        for key in trust.core.domains.values() {
            fresh(&mut trust.keys, *key)?;
        }
        let mut known = trust.root.0 == *pinned;
        for entry in rest {
            trust.take(entry)?;
            known |= trust.root.0 == *pinned;
        }
        if !known {
            return Err(TrustError::OtherProgramme);
        }
        trust.end(head, today)?;
        Ok(trust)
    }

    /// This log with the entries that came after it. Nothing changes when any of them, or the head, is refused.
    ///
    /// # Errors
    /// Every one of [`TrustError`].
    pub fn extended(
        &self,
        entries: &[LogEntry],
        head: &Head,
        today: Day,
    ) -> Result<Self, TrustError> {
        let mut longer = self.clone();
        for entry in entries {
            longer.take(entry)?;
        }
        longer.end(head, today)?;
        Ok(longer)
    }

    fn take(&mut self, entry: &LogEntry) -> Result<(), TrustError> {
        match entry {
            LogEntry::Core(signed) => {
                let (core, root) = signed.check_after(&self.root.0, &self.core)?;
                for (domain, key) in &core.domains {
                    if self.core.domains.get(domain) != Some(key) {
                        fresh(&mut self.keys, *key)?;
                    }
                }
                (self.core, self.root) = (core, Fixed(root));
            }
            LogEntry::Provider(listing) => self.list(listing)?,
        }
        self.hashes.push(Fixed(entry.chain(&self.mark().hash)));
        Ok(())
    }

    fn list(&mut self, listing: &Listing) -> Result<(), TrustError> {
        let message = listing.message(&self.core.programme);
        ListKey::verify_listing(&self.core.list_key.0, &message, &listing.signature.0)
            .map_err(|_| TrustError::Signature)?;
        let of_provider = self.listed.or_default(listing.provider);
        if of_provider.contains_key(&listing.epoch) {
            return Err(TrustError::SecondKey);
        }
        fresh(&mut self.keys, listing.key)?;
        of_provider.insert(listing.epoch, listing.key);
        Ok(())
    }

    /// Checks where the log ends, and that it is in force today.
    fn end(&mut self, head: &Head, today: Day) -> Result<(), TrustError> {
        let message = head.message(&self.core.programme);
        ListKey::verify_head(&self.core.list_key.0, &message, &head.signature.0)
            .map_err(|_| TrustError::Signature)?;
        let own = self.mark();
        // Two hosts of one service may disagree about the date around midnight.
        if head.length < own.length || head.day < self.day.plus(-1) {
            return Err(TrustError::Older);
        }
        if head.length > own.length || head.hash.0 != own.hash {
            return Err(TrustError::Forked);
        }
        if head.day > today.plus(1) {
            return Err(TrustError::Future);
        }
        if self.core.expires < today {
            return Err(TrustError::Expired);
        }
        self.day = self.day.max(head.day);
        Ok(())
    }

    /// Where the log ends.
    #[must_use]
    pub fn mark(&self) -> Mark {
        Mark {
            length: u32::try_from(self.hashes.len()).unwrap_or(u32::MAX),
            hash: self.hashes.last().map_or([0; 32], |last| last.0),
        }
    }

    /// How a mark that another terminal saw stands to this log.
    #[must_use]
    pub fn compare(&self, mark: &Mark) -> Seen {
        if mark.length > self.mark().length {
            return Seen::Ahead;
        }
        // Nobody has seen an empty log.
        let at = (mark.length as usize).checked_sub(1);
        match at.and_then(|at| self.hashes.get(at)) {
            Some(own) if own.0 == mark.hash => Seen::Same,
            _ => Seen::Forked,
        }
    }

    /// The root key in force.
    #[must_use]
    pub const fn root(&self) -> &[u8; 32] {
        &self.root.0
    }

    /// The core in force.
    #[must_use]
    pub const fn core(&self) -> &Core {
        &self.core
    }

    /// Age of the head in days when it is older than seven: the service signs one every day, so somebody keeps newer ones back.
    #[must_use]
    pub fn age_to_tell(&self, today: Day) -> Option<i32> {
        Some(today.since(self.day)).filter(|age| *age > OLD_DAYS)
    }

    /// What is in force, with the wrap keys that somebody was given. Each of them must be named by the core; one who scans must
    /// have all of them.
    ///
    /// # Errors
    /// [`BundleError::Conflict`] for wrap keys that are not the core's.
    pub fn bundle(&self, wraps: Vec<WrapKey>) -> Result<TrustBundle, BundleError> {
        let named = |wrap: &WrapKey| self.core.wraps.contains(&Fixed(wrap_id(wrap)));
        if !wraps.iter().all(named) {
            return Err(BundleError::Conflict);
        }
        let epoch = self.core.epoch;
        let in_force = |(id, keys): (&ProviderId, &Map<u32, DomainPublic>)| {
            keys.get(&epoch).map(|key| (*id, *key))
        };
        Ok(TrustBundle {
            core: self.core.clone(),
            providers: self.listed.iter().filter_map(in_force).collect(),
            wraps,
        })
    }
}

/// Takes a key that no domain has had. Two domains with one key are one domain: a provider under the key of another would make that
/// one's pseudonyms, and a listing under the key of `card` would let its people ask for it uncounted.
fn fresh(keys: &mut Set<DomainPublic>, key: DomainPublic) -> Result<(), TrustError> {
    let new = keys.insert(key);
    new.then_some(()).ok_or(TrustError::SameKey)
}

/// The keys in force.
#[derive(Clone, Debug)]
pub struct TrustBundle {
    /// The programme's.
    pub core: Core,
    /// Public keys of the providers' domains in the core's epoch.
    pub providers: Map<ProviderId, DomainPublic>,
    wraps: Vec<WrapKey>,
}

impl TrustBundle {
    /// The keys that open cards; none of them opens any where no wrap key was given.
    #[must_use]
    pub fn card_keys(&self) -> CardKeys {
        let issuers = self.core.issuers.iter();
        CardKeys {
            issuers: issuers.map(|it| (it.kid, it.key.0)).collect(),
            wraps: self.wraps.clone(),
        }
    }

    /// The wrap keys, in the order of being given.
    #[must_use]
    pub fn wraps(&self) -> &[WrapKey] {
        &self.wraps
    }

    /// The public key of a domain.
    #[must_use]
    pub fn domain(&self, domain: &Domain) -> Option<&DomainPublic> {
        match domain {
            Domain::Provider(id) => self.providers.get(id),
            fixed => self.core.domain(fixed),
        }
    }
}

#[cfg(test)]
mod tests;
