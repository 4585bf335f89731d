//! Every envelope of the programme, kept at the terminal, so that no request
//! says which card is in front of it.
//!
//! A terminal asks for the digests of all 256 buckets, then for the buckets that
//! differ from what it keeps, whatever cards it serves; the card's own envelope
//! is looked up here. It does so at sign-in, when what it keeps is older than
//! [`BEAT`], and when a card's envelope is not among those kept: a card that came
//! to life elsewhere a minute ago is found by asking for everything that changed.
//! Up to [`MOST_KEPT`] envelopes are kept, 121 bytes each. Only a terminal that
//! was itself handed more fetches by prefix from then on (`bucket.rs`):
//! nobody's word that the programme is large makes a request narrower.
//!
//! What is kept is the same at every terminal, so a reader of it learns how many
//! clients the programme has and nothing of those served here. It is sealed
//! beside the state ([`crate::state::Open::save_envelopes`]). Limits: a service
//! can leave envelopes out, or show an old state of all of them; it then sees that the
//! presentation of one that it left out fails.

use crate::bucket;
use crate::calls;
use crate::error::Error;
use crate::session::Session;
use crate::transport::Transport;
use crypto::envelope::{DIGEST_BYTES, SEALED_BYTES};
use crypto::id::EnvelopeId;
use crypto::rng::Rng;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use wire::{Bucket, ENVELOPE_BYTES, MOST_BUCKETS, Prefix};

/// Seconds for which what is kept counts as new: so long may a card that was
/// killed elsewhere still open here.
pub const BEAT: u64 = 300;
/// Most envelopes kept; 8 MB.
pub const MOST_KEPT: usize = 65_536;
/// How often buckets may change while they are fetched.
const ROUNDS: usize = 8;
/// First byte of the stored form.
const FORM: u8 = 1;

/// What a synchronisation did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EnvelopesSynced {
    /// Buckets that were fetched.
    pub buckets: usize,
}

/// The envelopes, as far as they were fetched.
#[derive(Clone)]
pub struct Envelopes {
    buckets: Vec<Bucket>,
    /// Too many to be kept: fetched by prefix.
    by_prefix: bool,
    /// Fewest envelopes of a bucket fetched by prefix; it never falls.
    crowd: u32,
    /// Seconds at the last synchronisation; not stored, so that the first
    /// presentation after a sign-in finds what is kept to be old.
    at: Option<u64>,
}

impl Default for Envelopes {
    fn default() -> Self {
        Self {
            buckets: vec![Bucket::default(); Prefix::SYNC_BUCKETS],
            by_prefix: false,
            crowd: bucket::LEAST_CROWD,
            at: None,
        }
    }
}

impl fmt::Debug for Envelopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Envelopes({})", self.len())
    }
}

impl Envelopes {
    /// How many are kept.
    #[must_use]
    pub fn len(&self) -> usize {
        self.buckets.iter().map(Bucket::len).sum()
    }

    /// Whether none is kept.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.buckets.iter().all(Bucket::is_empty)
    }

    /// Whether what is kept is too old to be used. `seconds` are those of the
    /// host's clock, which must only run forward; one set back makes it old.
    #[must_use]
    pub fn due(&self, seconds: u64) -> bool {
        let young = |at: u64| seconds.checked_sub(at).is_some_and(|age| age < BEAT);
        !self.at.is_some_and(young)
    }

    /// Fetches every bucket that changed. No request depends on a card.
    ///
    /// # Errors
    /// `Answer` when buckets and digests go on contradicting each other;
    /// transport errors. What was fetched stays.
    pub async fn sync(
        &mut self,
        session: &Session<impl Transport>,
        seconds: u64,
    ) -> Result<EnvelopesSynced, Error> {
        let mut synced = EnvelopesSynced::default();
        self.crowd = self.crowd.max(bucket::crowd(session.bundle()));
        for _ in 0..ROUNDS {
            if self.by_prefix {
                break;
            }
            let digests = calls::envelope_digests(session).await?;
            let changed = self.changed(&digests);
            synced.buckets += changed.len();
            self.fetch(session, &changed).await?;
            if self.changed(&digests).is_empty() {
                self.at = Some(seconds);
                return Ok(synced);
            }
        }
        if self.by_prefix {
            Ok(synced)
        } else {
            Err(Error::Answer)
        }
    }

    /// Numbers of the buckets that have another digest.
    fn changed(&self, digests: &[[u8; DIGEST_BYTES]]) -> Vec<u8> {
        (0..=u8::MAX)
            .zip(self.buckets.iter().zip(digests))
            .filter(|(number, (bucket, digest))| bucket.digest(*number) != **digest)
            .map(|(number, _)| number)
            .collect()
    }

    async fn fetch(
        &mut self,
        session: &Session<impl Transport>,
        numbers: &[u8],
    ) -> Result<(), Error> {
        for part in numbers.chunks(MOST_BUCKETS) {
            let prefixes: Vec<Prefix> = part.iter().map(|it| Prefix::sync(*it)).collect();
            let fetched = calls::buckets(session, &prefixes).await?;
            for (number, bucket) in part.iter().zip(fetched.buckets) {
                self.buckets[usize::from(*number)] = bucket;
            }
            if self.len() > MOST_KEPT {
                self.buckets.fill(Bucket::default());
                self.by_prefix = true;
                return Ok(());
            }
        }
        Ok(())
    }

    /// The sealed envelopes of these ids that exist. What is not found is looked
    /// for once more after a synchronisation.
    ///
    /// # Errors
    /// `Bucket` and `Answer` from a service that does not keep to the protocol;
    /// transport errors.
    pub(crate) async fn find<R: Rng>(
        &mut self,
        session: &Session<impl Transport>,
        ids: &[EnvelopeId],
        seconds: u64,
        rng: &mut R,
    ) -> Result<BTreeMap<EnvelopeId, Vec<u8>>, Error> {
        if ids.is_empty() {
            return Ok(BTreeMap::new());
        }
        if self.due(seconds) {
            return self.find_now(session, ids, seconds, rng).await;
        }
        let found = self.kept(ids);
        let wanted: BTreeSet<&EnvelopeId> = ids.iter().collect();
        if found.len() == wanted.len() {
            return Ok(found);
        }
        self.find_now(session, ids, seconds, rng).await
    }

    /// The same, of what the service has now.
    ///
    /// # Errors
    /// As [`Self::find`].
    pub(crate) async fn find_now<R: Rng>(
        &mut self,
        session: &Session<impl Transport>,
        ids: &[EnvelopeId],
        seconds: u64,
        rng: &mut R,
    ) -> Result<BTreeMap<EnvelopeId, Vec<u8>>, Error> {
        self.sync(session, seconds).await?;
        if self.by_prefix {
            return bucket::fetch(session, ids, self.crowd as usize, rng).await;
        }
        Ok(self.kept(ids))
    }

    fn kept(&self, ids: &[EnvelopeId]) -> BTreeMap<EnvelopeId, Vec<u8>> {
        ids.iter()
            .filter_map(|id| {
                let bucket = &self.buckets[usize::from(id.as_bytes()[0])];
                Some((*id, bucket.get(id)?.to_vec()))
            })
            .collect()
    }

    /// The stored form: form, whether by prefix, crowd (4 bytes, big endian),
    /// envelopes in the order of their ids. Seal it before it is stored.
    #[must_use]
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![FORM, u8::from(self.by_prefix)];
        bytes.extend_from_slice(&self.crowd.to_be_bytes());
        for bucket in &self.buckets {
            bytes.extend_from_slice(bucket.as_bytes());
        }
        bytes
    }

    /// Reads the stored form.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (head, content) = bytes.split_first_chunk::<6>()?;
        let [form, by_prefix, a, b, c, d] = *head;
        let (whole, rest) = content.as_chunks::<ENVELOPE_BYTES>();
        if form != FORM || by_prefix > 1 || !rest.is_empty() || whole.len() > MOST_KEPT {
            return None;
        }
        let mut envelopes = Self {
            by_prefix: by_prefix == 1,
            crowd: u32::from_be_bytes([a, b, c, d]),
            ..Self::default()
        };
        for one in whole {
            let (id, sealed) = one.split_first_chunk::<16>()?;
            let sealed: &[u8; SEALED_BYTES] = sealed.try_into().ok()?;
            envelopes.buckets[usize::from(id[0])].insert(&EnvelopeId::from_bytes(*id), sealed);
        }
        (envelopes.to_bytes() == bytes).then_some(envelopes)
    }
}
