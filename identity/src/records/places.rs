//! The places of rosters, as they lie in the database: under keyed tags, sealed, so that a disk without the key file tells of
//! no row whose it is, nor which rows belong together.
//!
//! A roster is a log with numbers from 1, without gaps. The row of a number lies under a tag of provider and number; beside
//! it stands a tag of provider and entry id, by which an entry that is sent again is known. How long a log is says no row:
//! it is found by asking for numbers ([`Places::last`]), from the last one this process remembers.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crypto::id::{EntryId, ProviderId};
use crypto::rng::Rng;
use crypto::seal;
use crypto::secret::Secret;
use crypto::{digest, label};
use sqlx::QueryBuilder;
use store::{DbError, Tx, execute, fetch_optional, on, parsed};

use crate::keys::IdentityKeys;

const THERE: &str = "SELECT 1 FROM roster WHERE place = $1";
const FIND: &str = "SELECT place, sealed FROM roster WHERE entry = $1";
const APPEND: &str = "INSERT INTO roster (place, entry, sealed) VALUES ($1, $2, $3)
    ON CONFLICT DO NOTHING";

/// Bytes before the terminal's own in a sealed place: number and entry id.
const HEAD: usize = 24;

/// What a place holds.
pub(super) struct Held {
    pub(super) seq: u64,
    pub(super) id: EntryId,
    /// The entry as its terminal sealed it.
    pub(super) sealed: Vec<u8>,
}

/// A place that is to be written.
pub(super) struct Row {
    place: [u8; 16],
    entry: [u8; 16],
    sealed: Vec<u8>,
}

impl Row {
    /// Where it comes in the order of the table, which is none that says anything.
    pub(super) const fn place(&self) -> &[u8; 16] {
        &self.place
    }

    /// Writes it.
    ///
    /// # Errors
    /// [`DbError::Retry`] when another process took the place.
    pub(super) async fn append(&self, tx: &mut Tx) -> Result<(), DbError> {
        let (place, entry) = (&self.place[..], &self.entry[..]);
        let added = execute!(tx, APPEND, place, entry, &self.sealed[..])?;
        let code = "place taken".to_owned();
        (added == 1).then_some(()).ok_or(DbError::Retry { code })
    }
}

/// The keys of the places, and how long each log was when it was last looked at.
pub(crate) struct Places {
    tag: Secret<32>,
    seal: Secret<32>,
    lengths: Mutex<HashMap<ProviderId, u64>>,
}

impl Places {
    pub(crate) fn new(keys: &IdentityKeys) -> Self {
        let root = keys.sealing.expose();
        Self {
            tag: digest::derive_secret(label::IDENTITY_ROSTER_TAG, root),
            seal: keys.seal_key(),
            lengths: Mutex::default(),
        }
    }

    /// The kinds are told apart by their lengths.
    fn tagged(&self, provider: ProviderId, what: &[u8]) -> [u8; 16] {
        let parts = [&provider.as_bytes()[..], what];
        let mut tag = [0; 16];
        tag.copy_from_slice(&digest::keyed_parts(self.tag.expose(), &parts)[..16]);
        tag
    }

    fn place(&self, provider: ProviderId, seq: u64) -> [u8; 16] {
        self.tagged(provider, &seq.to_le_bytes())
    }

    fn entry(&self, provider: ProviderId, id: &EntryId) -> [u8; 16] {
        self.tagged(provider, id.as_bytes())
    }

    /// The row of an entry at a number.
    pub(super) fn row(
        &self,
        provider: ProviderId,
        held: &Held,
        rng: &mut impl Rng,
    ) -> Result<Row, DbError> {
        let (key, purpose) = (self.seal.expose(), label::IDENTITY_ROSTER_SEAL);
        let place = self.place(provider, held.seq);
        let plain = [
            &held.seq.to_le_bytes()[..],
            held.id.as_bytes(),
            &held.sealed,
        ];
        let sealed = seal::seal(key, purpose, &place, &plain.concat(), rng);
        Ok(Row {
            place,
            entry: self.entry(provider, &held.id),
            sealed: sealed.map_err(|_| DbError::Corrupt)?,
        })
    }

    fn open(&self, place: &[u8], sealed: &[u8]) -> Result<Held, DbError> {
        let purpose = label::IDENTITY_ROSTER_SEAL;
        let plain = seal::open(self.seal.expose(), purpose, place, sealed);
        let plain = plain.map_err(|_| DbError::Corrupt)?;
        let (head, sealed) = plain.split_at_checked(HEAD).ok_or(DbError::Corrupt)?;
        let (seq, id) = head.split_at(8);
        Ok(Held {
            seq: u64::from_le_bytes(seq.try_into().map_err(|_| DbError::Corrupt)?),
            id: parsed(id)?,
            sealed: sealed.to_vec(),
        })
    }

    /// The entry of this id.
    pub(super) async fn find(
        &self,
        tx: &mut Tx,
        provider: ProviderId,
        id: &EntryId,
    ) -> Result<Option<Held>, DbError> {
        let entry = self.entry(provider, id);
        let row = fetch_optional!(tx, (Vec<u8>, Vec<u8>), FIND, &entry[..])?;
        row.map(|(place, sealed)| self.open(&place, &sealed))
            .transpose()
    }

    /// The last number of a log, 0 of an empty one.
    pub(super) async fn last(&self, tx: &mut Tx, provider: ProviderId) -> Result<u64, DbError> {
        let remembered = self.remembered(provider);
        // A database that was put back is shorter than what is remembered.
        let mut low = match remembered {
            0 => 0,
            some if self.there(tx, provider, some).await? => some,
            _ => 0,
        };
        let mut step = 1;
        while self.there(tx, provider, low + step).await? {
            low += step;
            step *= 2;
        }
        // `low` is there, `low + step` is not.
        while step > 1 {
            step /= 2;
            if self.there(tx, provider, low + step).await? {
                low += step;
            }
        }
        self.remember(provider, low);
        Ok(low)
    }

    fn remembered(&self, provider: ProviderId) -> u64 {
        let lengths = self.lengths.lock().unwrap_or_else(PoisonError::into_inner);
        lengths.get(&provider).copied().unwrap_or(0)
    }

    fn remember(&self, provider: ProviderId, last: u64) {
        let mut lengths = self.lengths.lock().unwrap_or_else(PoisonError::into_inner);
        lengths.insert(provider, last);
    }

    async fn there(&self, tx: &mut Tx, provider: ProviderId, seq: u64) -> Result<bool, DbError> {
        let place = self.place(provider, seq);
        Ok(fetch_optional!(tx, (i32,), THERE, &place[..])?.is_some())
    }

    /// The entries of these numbers, in their order; every number is there.
    pub(super) async fn between(
        &self,
        tx: &mut Tx,
        provider: ProviderId,
        seqs: std::ops::RangeInclusive<u64>,
    ) -> Result<Vec<Held>, DbError> {
        let places: Vec<[u8; 16]> = seqs.map(|seq| self.place(provider, seq)).collect();
        if places.is_empty() {
            return Ok(Vec::new());
        }
        let rows: Vec<(Vec<u8>, Vec<u8>)> = on!(tx, |t| {
            let mut query = QueryBuilder::new("SELECT place, sealed FROM roster WHERE place IN (");
            let mut list = query.separated(", ");
            for place in &places {
                list.push_bind(place.to_vec());
            }
            query.push(")");
            query.build_query_as().fetch_all(&mut **t).await
        })?;
        let opened = rows.iter().map(|(place, sealed)| self.open(place, sealed));
        let mut held = opened.collect::<Result<Vec<_>, DbError>>()?;
        held.sort_unstable_by_key(|one| one.seq);
        (held.len() == places.len())
            .then_some(held)
            .ok_or(DbError::Corrupt)
    }
}
