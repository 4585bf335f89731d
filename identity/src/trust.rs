//! The programme's log of keys: kept here, signed by the root for what is fixed and by the list key for providers.
//!
//! This room holds the list key and never the root key: it can enter a provider and sign each day where the log ends. A new core
//! is proposed here ([`propose`]), signed elsewhere by whoever has the root key, and taken back ([`take`]) when it says what was
//! proposed. Entries are numbered from 1 without gaps; the log only grows.

use crypto::b64::Fixed;
use crypto::bundle::{BundleError, Core, Issuer, MOST_DAYS, SignedCore, root_id, wrap_id};
use crypto::card::WrapKey;
use crypto::day::Day;
use crypto::domain::Domain;
use crypto::id::{ProgrammeId, ProviderId};
use crypto::json::{self, Hidden};
use crypto::rng::Random;
use crypto::sign::RootKey;
use crypto::trust::{Head, Listing, LogEntry, Mark, Trust, TrustBundle, TrustError, beginning};
use store::{DbError, Store, Tx, execute, fetch_all, fetch_one, fetch_optional, retrying};
use wire::{LogPage, MOST_LOG_ENTRIES, Role, Wraps};

use crate::keys::IdentityKeys;
use crate::{App, Refusal, domains};

const USED: &str = "SELECT (SELECT COUNT(*) FROM staff) + (SELECT COUNT(*) FROM provider)
    + (SELECT COUNT(*) FROM invitation)";
const CLEAR: &str = "DELETE FROM trust_log";
const LAST: &str = "SELECT seq, hash FROM trust_log ORDER BY seq DESC LIMIT 1";
const APPEND: &str = "INSERT INTO trust_log (seq, entry, hash) VALUES ($1, $2, $3)
    ON CONFLICT (seq) DO NOTHING";
const PAGE: &str = "SELECT entry FROM trust_log WHERE seq > $1 ORDER BY seq LIMIT $2";

/// What a programme begins with, besides its keys.
pub struct Founding<'a> {
    /// Signs the first core and is not kept here.
    pub root: &'a RootKey,
    /// Public half of the root key that may replace it.
    pub next_root: [u8; 32],
    /// Fewest envelopes in a bucket that is fetched.
    pub envelope_min_bucket: u32,
    /// The day of issue.
    pub today: Day,
}

/// Begins a programme in an unused database: the keys of the fixed domains and the first core. What a founding that broke off
/// left there is replaced.
///
/// # Errors
/// [`Refusal::Conflict`] when staff, providers or invitations are entered there, database errors, [`Refusal::Internal`] if it cannot be
/// signed.
pub async fn found(
    store: &Store,
    keys: &IdentityKeys,
    founding: &Founding<'_>,
    rng: &mut Random,
) -> Result<(), Refusal> {
    retrying!(*store, "found programme", &mut rng.clone(), |tx| {
        if fetch_one!(tx, (i64,), USED)?.0 > 0 {
            return Err(Refusal::Conflict);
        }
        domains::found(tx, keys, rng).await?;
        execute!(tx, CLEAR)?;
        let new = New {
            serial: 1,
            next_root: root_id(&founding.next_root),
            envelope_min_bucket: founding.envelope_min_bucket,
            today: founding.today,
        };
        let core = core(tx, keys, &new).await?;
        let signed = core.sign(founding.root, None);
        let signed = signed.map_err(|_| Refusal::Internal)?;
        append(tx, keys, LogEntry::Core(signed)).await
    })
}

/// Whether somebody works with what was founded in this database.
///
/// # Errors
/// Database errors.
pub async fn is_used(store: &Store) -> Result<bool, DbError> {
    let mut tx = store.read().await?;
    Ok(fetch_one!(&mut tx, (i64,), USED)?.0 > 0)
}

/// Whose programme was founded in this database; `None` when none was.
///
/// # Errors
/// [`Unread`].
pub async fn owner(store: &Store) -> Result<Option<ProgrammeId>, Unread> {
    let mut tx = store.read().await?;
    match entries(&mut tx, 0, 1).await?.first() {
        None => Ok(None),
        Some(LogEntry::Core(first)) => {
            let (core, _) = first.check_first().map_err(TrustError::Core)?;
            Ok(Some(core.programme))
        }
        Some(LogEntry::Provider(_)) => Err(DbError::Corrupt.into()),
    }
}

/// What differs from core to core.
struct New {
    serial: u32,
    next_root: [u8; 32],
    envelope_min_bucket: u32,
    today: Day,
}

/// A core with the keys of this room.
async fn core(tx: &mut Tx, keys: &IdentityKeys, new: &New) -> Result<Core, Refusal> {
    let mut fixed = std::collections::BTreeMap::new();
    for domain in Domain::FIXED {
        let public = domains::public(tx, keys, domain).await?;
        fixed.insert(domain.to_string(), public);
    }
    Ok(Core {
        programme: keys.programme,
        serial: new.serial,
        issued: new.today,
        expires: new.today.plus(MOST_DAYS),
        epoch: keys.epoch,
        issuers: vec![Issuer {
            kid: keys.issuer_kid,
            key: Fixed(keys.issuer.public()),
        }],
        wraps: vec![Fixed(wrap_id(&keys.wrap))],
        status_key: Fixed(keys.status.public()),
        domains: fixed,
        statistics: keys.statistics.clone(),
        release_key: Fixed(keys.release_key),
        opaque_key: Fixed(keys.opaque.public_key()),
        envelope_min_bucket: new.envelope_min_bucket,
        list_key: Fixed(keys.list.public()),
        next_root: Fixed(new.next_root),
    })
}

/// Makes the domain key of a provider and enters it in the log, in the transaction that enters the provider.
pub(crate) async fn list(
    tx: &mut Tx,
    keys: &IdentityKeys,
    provider: ProviderId,
    rng: &mut Random,
) -> Result<(), Refusal> {
    let domain = Domain::Provider(provider);
    domains::make(tx, keys, domain, rng).await?;
    let public = domains::public(tx, keys, domain).await?;
    let listing = Listing::sign(&keys.programme, provider, keys.epoch, public, &keys.list);
    append(tx, keys, LogEntry::Provider(listing)).await
}

/// Where the log ends.
async fn mark(tx: &mut Tx, keys: &IdentityKeys) -> Result<Mark, DbError> {
    let Some((seq, hash)) = fetch_optional!(tx, (i64, Vec<u8>), LAST)? else {
        return Ok(Mark {
            length: 0,
            hash: beginning(&keys.programme),
        });
    };
    Ok(Mark {
        length: u32::try_from(seq).map_err(|_| DbError::Corrupt)?,
        hash: hash.try_into().map_err(|_| DbError::Corrupt)?,
    })
}

async fn append(tx: &mut Tx, keys: &IdentityKeys, entry: LogEntry) -> Result<(), Refusal> {
    let before = mark(tx, keys).await?;
    let bytes = json::write(&entry).map_err(|_| Refusal::Internal)?;
    let (seq, hash) = (i64::from(before.length) + 1, entry.chain(&before.hash));
    let added = execute!(tx, APPEND, seq, &bytes[..], &hash[..]);
    // PostgreSQL may notice a writer beside this one by its number before it notices by its reads.
    if added? == 0 {
        let code = "number taken".to_owned();
        return Err(DbError::Retry { code }.into());
    }
    Ok(())
}

async fn entries(tx: &mut Tx, after: i64, most: i64) -> Result<Vec<LogEntry>, DbError> {
    fetch_all!(tx, (Vec<u8>,), PAGE, after, most)?
        .iter()
        .map(|(bytes,)| json::read(bytes).map_err(|_| DbError::Corrupt))
        .collect()
}

/// A page of the log after some entries, and where it ends today. Public.
///
/// # Errors
/// Database errors.
pub async fn page(app: &App, after: u32) -> Result<LogPage, DbError> {
    let most = i64::try_from(MOST_LOG_ENTRIES).unwrap_or(i64::MAX);
    let mut tx = app.store.read().await?;
    let entries = entries(&mut tx, i64::from(after), most).await?;
    let mark = mark(&mut tx, &app.keys).await?;
    let head = Head::sign(&app.keys.programme, mark, app.clock.today(), &app.keys.list);
    Ok(LogPage { entries, head })
}

/// The whole log as a terminal reads it, on the day given; with it the first root, which the log itself names.
async fn read(
    tx: &mut Tx,
    keys: &IdentityKeys,
    more: Option<LogEntry>,
    today: Day,
) -> Result<Trust, Unread> {
    let mut all = entries(tx, 0, i64::MAX).await?;
    let mut end = mark(tx, keys).await?;
    if let Some(entry) = more {
        end = Mark {
            length: end.length + 1,
            hash: entry.chain(&end.hash),
        };
        all.push(entry);
    }
    let Some(LogEntry::Core(first)) = all.first() else {
        return Err(DbError::Corrupt.into());
    };
    let (_, root) = first.check_first().map_err(TrustError::Core)?;
    let head = Head::sign(&keys.programme, end, today, &keys.list);
    Ok(Trust::read(&root, &all, &head, today)?)
}

/// Why the own log was not read.
#[derive(Debug, thiserror::Error)]
pub enum Unread {
    /// The database.
    #[error(transparent)]
    Database(#[from] DbError),
    /// What a terminal would say of it.
    #[error(transparent)]
    Trust(#[from] TrustError),
    /// A core that does not say what was proposed.
    #[error("this core does not say what this service proposed: propose again and sign that")]
    OtherContent,
    /// A key of this room is missing.
    #[error("a key of the programme is missing: restore the newest copy of the database")]
    Missing,
}

impl store::Retryable for Unread {
    fn wants_retry(&self) -> bool {
        matches!(self, Self::Database(error) if error.wants_retry())
    }
}

/// The log as a terminal reads it.
///
/// # Errors
/// [`Unread`]; an expired core among them.
pub async fn trust(app: &App) -> Result<Trust, Unread> {
    let mut tx = app.store.read().await?;
    read(&mut tx, &app.keys, None, app.clock.today()).await
}

/// The keys in force, with the wrap key: as a terminal that scans cards has them.
///
/// # Errors
/// As [`trust`].
pub async fn current(app: &App) -> Result<TrustBundle, Unread> {
    let wraps = vec![WrapKey::from_bytes(*app.keys.wrap.expose())];
    let bundle = trust(app).await?.bundle(wraps);
    Ok(bundle.map_err(TrustError::Core)?)
}

/// What of the bundle is told to somebody in this role: the wrap key to those who scan cards, to nobody else.
pub(crate) fn wraps(app: &App, role: Role) -> Wraps {
    let scans = role.scans_cards();
    Wraps {
        wraps: scans
            .then(|| Hidden::of(app.keys.wrap.expose()))
            .into_iter()
            .collect(),
    }
}

/// The root key in force: what invitations carry. It is the last one that signed the newest core, whether or not that has
/// expired.
pub(crate) async fn root(tx: &mut Tx) -> Result<[u8; 32], DbError> {
    let cores = entries(tx, 0, i64::MAX).await?.into_iter().rev();
    cores
        .filter_map(|entry| match entry {
            LogEntry::Core(core) => core.signatures.last().map(|last| last.root.0),
            LogEntry::Provider(_) => None,
        })
        .next()
        .ok_or(DbError::Corrupt)
}

/// The newest core, whether or not it has expired.
async fn newest(tx: &mut Tx) -> Result<Core, DbError> {
    let cores = entries(tx, 0, i64::MAX).await?.into_iter().rev();
    cores
        .filter_map(|entry| match entry {
            LogEntry::Core(core) => json::read(&core.payload).ok(),
            LogEntry::Provider(_) => None,
        })
        .next()
        .ok_or(DbError::Corrupt)
}

/// The next core, to be signed where the root key is: the keys of this room, good from today.
///
/// # Errors
/// Database errors, [`Unread::Missing`].
pub async fn propose(app: &App) -> Result<Core, Unread> {
    let mut tx = app.store.read().await?;
    proposal(&mut tx, app).await
}

async fn proposal(tx: &mut Tx, app: &App) -> Result<Core, Unread> {
    let newest = newest(tx).await?;
    let new = New {
        serial: newest.serial.saturating_add(1),
        next_root: newest.next_root.0,
        envelope_min_bucket: app.limits.envelope_min_bucket,
        today: app.clock.today(),
    };
    core(tx, &app.keys, &new)
        .await
        .map_err(|refusal| match refusal {
            Refusal::Database(error) => Unread::Database(error),
            _ => Unread::Missing,
        })
}

/// Takes a signed core into the log, if every terminal will take it too and it says what this room proposes; its days and
/// the next root are the signer's.
///
/// # Errors
/// [`Unread`].
pub async fn take(app: &App, signed: &SignedCore) -> Result<Mark, Unread> {
    let today = app.clock.today();
    retrying!(app.store, "take core", &mut app.rng(), |tx| {
        let entry = LogEntry::Core(signed.clone());
        let trust = read(tx, &app.keys, Some(entry.clone()), today).await?;
        let mut expected = proposal(tx, app).await?;
        let found = trust.core();
        expected.issued = found.issued;
        expected.expires = found.expires;
        expected.next_root = found.next_root;
        if *found != expected {
            return Err(Unread::OtherContent);
        }
        append(tx, &app.keys, entry)
            .await
            .map_err(|refusal| match refusal {
                Refusal::Database(error) => Unread::Database(error),
                _ => TrustError::Core(BundleError::Malformed).into(),
            })?;
        Ok(trust.mark())
    })
}
