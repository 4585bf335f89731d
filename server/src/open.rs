//! Opening what a service needs: databases, keys, the rooms.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use analytics::keys::AnalyticsKeys;
use crypto::hex;
use crypto::rng::Random;
use crypto::secret::SecretBytes;
use identity::keys::IdentityKeys;
use identity::{Beat, Caps, Limits};
use privacy::budget::Budget;
use store::clock::{Clock, SystemClock};
use store::{Location, Room, Store};
use zones::Zone;

use crate::datadir::{DataDir, KeyFile};
use crate::error::Failure;
use crate::options::{LimitChoice, StoreArgs};
use crate::settings;
use crate::stamp::Stamp;

/// What reading public figures needs: no keys.
pub struct Reader {
    /// The statistics database.
    pub store: Store,
    /// The release log.
    pub log_dir: PathBuf,
    /// The programme's budget.
    pub budget: Budget,
}

/// The clock of the machine, whose days are those of the zone that a data folder remembers; of UTC where it holds no programme.
///
/// # Errors
/// [`Failure`] when the folder's settings cannot be read.
pub fn clock(dir: &DataDir) -> Result<Arc<dyn Clock>, Failure> {
    let zone = dir.settings()?.map(|settings| settings.time_zone);
    Ok(clock_in(zone.unwrap_or_default()))
}

/// The clock of the machine in a zone.
#[must_use]
pub fn clock_in(zone: Zone) -> Arc<dyn Clock> {
    Arc::new(SystemClock::in_zone(zone))
}

/// Opens a room's database.
///
/// # Errors
/// [`Failure`] when it cannot be reached, is another version's, or is not the one that the folder remembers.
pub async fn database(dir: &DataDir, store: &StoreArgs, room: Room) -> Result<Store, Failure> {
    let remembered = dir.settings()?;
    let location = match settings::address(store, remembered.as_ref())? {
        None => Location::in_folder(dir.path(), room),
        Some(url) => Location::Postgres(url.to_string()),
    };
    Store::open(&location, room)
        .await
        .map_err(|e| Failure::of("opening the database", e))
}

/// Opens the statistics role without its keys, for readers.
///
/// # Errors
/// [`Failure`] when the folder holds no programme or the database does not open.
pub async fn reader(dir: &DataDir, store: &StoreArgs) -> Result<Reader, Failure> {
    let facts = dir.programme()?;
    let store = database(dir, store, Room::Analytics).await?;
    own(&store, &facts.release_key).await?;
    Ok(Reader {
        store,
        log_dir: dir.release_log()?,
        budget: facts
            .budget
            .parse()
            .map_err(|e| Failure::of("programme.json", e))?,
    })
}

/// The statistics role's keys alone: no database is opened.
///
/// # Errors
/// [`Failure`] when they are not in the folder or the passphrase is another.
pub fn analytics_keys(dir: &DataDir, passphrase: &SecretBytes) -> Result<AnalyticsKeys, Failure> {
    let plain = dir.read_keys(KeyFile::Analytics, passphrase)?;
    AnalyticsKeys::from_bytes(plain.expose()).map_err(|e| Failure::of("analytics.keys", e))
}

/// Opens the statistics role.
///
/// # Errors
/// As [`analytics_keys`], and when the database does not open or is another programme's.
pub async fn analytics(
    dir: &DataDir,
    store: &StoreArgs,
    passphrase: &SecretBytes,
) -> Result<Arc<analytics::App>, Failure> {
    analytics_at(dir, store, passphrase, clock(dir)?).await
}

/// The same by another clock.
///
/// # Errors
/// As [`analytics()`].
pub async fn analytics_at(
    dir: &DataDir,
    store: &StoreArgs,
    passphrase: &SecretBytes,
    clock: Arc<dyn Clock>,
) -> Result<Arc<analytics::App>, Failure> {
    let keys = analytics_keys(dir, passphrase)?;
    let store = database(dir, store, Room::Analytics).await?;
    own(&store, &hex::encode(&keys.release.public())).await?;
    Ok(Arc::new(statistics(dir.release_log()?, store, keys, clock)))
}

/// The statistics role over a database, whosever it is.
pub(crate) fn statistics(
    log_dir: PathBuf,
    store: Store,
    keys: AnalyticsKeys,
    clock: Arc<dyn Clock>,
) -> analytics::App {
    analytics::App {
        store,
        clock,
        rng: Random::os(),
        keys: Arc::new(keys),
        log_dir,
    }
}

/// Passes a statistics database that this release key's programme was founded in.
async fn own(store: &Store, release_key: &str) -> Result<(), Failure> {
    let owner = analytics::setup::owner(store)
        .await
        .map_err(|e| Failure::of("opening the statistics database", e))?;
    bound(
        "statistics",
        owner.as_deref() == Some(release_key),
        owner.is_some(),
    )
}

/// Passes a database of the programme whose keys are here; nothing of another one is touched.
fn bound(which: &str, own: bool, founded: bool) -> Result<(), Failure> {
    match (own, founded) {
        (true, _) => Ok(()),
        (false, true) => Err(Failure::new(format!(
            "the {which} database is another programme's than this data folder: nothing was changed; use the data folder that it \
             was founded with"
        ))),
        (false, false) => Err(Failure::new(format!(
            "the {which} database holds no programme: it is not the one that `payung init` founded; restore it, or check \
             payung.toml"
        ))),
    }
}

/// Opens the identity role.
///
/// # Errors
/// [`Failure`] when its keys are not in the folder, the passphrase is another, or the database does not open or is another
/// programme's.
pub async fn identity(
    dir: &DataDir,
    store: &StoreArgs,
    passphrase: &SecretBytes,
    limits: Limits,
) -> Result<Arc<identity::App>, Failure> {
    identity_at(dir, store, passphrase, limits, clock(dir)?).await
}

/// The same by another clock.
///
/// # Errors
/// As [`identity()`].
pub async fn identity_at(
    dir: &DataDir,
    store: &StoreArgs,
    passphrase: &SecretBytes,
    limits: Limits,
    clock: Arc<dyn Clock>,
) -> Result<Arc<identity::App>, Failure> {
    let plain = dir.read_keys(KeyFile::Identity, passphrase)?;
    let keys = IdentityKeys::from_bytes(&plain).map_err(|e| Failure::of("identity.keys", e))?;
    let store = database(dir, store, Room::Identity).await?;
    let owner = identity::trust::owner(&store)
        .await
        .map_err(|e| Failure::of("opening the identity database", e))?;
    bound("identity", owner == Some(keys.programme), owner.is_some())?;
    let mut app = identity::App::new(store, clock, Random::os(), keys, limits);
    app.beside = Some(Box::new(Stamp::in_folder(dir)));
    app.look_for_a_restore()
        .await
        .map_err(|e| Failure::of("opening the identity database", e))?;
    Ok(Arc::new(app))
}

/// The limits of a choice.
pub fn limits(choice: LimitChoice) -> Limits {
    match choice {
        LimitChoice::Standard => Limits {
            beat: Beat::SERVICE,
            ..Limits::default()
        },
        LimitChoice::Bulk => Limits {
            presentations_per_minute: u32::MAX,
            presentations_per_day: u32::MAX,
            reports_per_day: u32::MAX,
            activations: Caps::NONE,
            entries: Caps::NONE,
            blanks: Caps::NONE,
            revocations: Caps::NONE,
            invitations: Caps::NONE,
            waiting: u32::MAX,
            ..Limits::default()
        },
    }
}

/// Codes of the services that the statistics store can count.
///
/// # Errors
/// [`Failure`] when the definitions that this program carries are damaged.
pub fn services() -> Result<BTreeSet<String>, Failure> {
    let indicators =
        indicators::Indicators::shipped().map_err(|e| Failure::of("the service catalogue", e))?;
    Ok(indicators
        .services()
        .iter()
        .map(|service| service.code.to_string())
        .collect())
}
