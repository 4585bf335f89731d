//! Founding a programme: fresh keys for both roles and two root keys, sealed, and the two databases set up.

use std::path::Path;
use std::sync::Arc;

use analytics::keys::AnalyticsKeys;
use crypto::bundle::StatisticsKeys;
use crypto::day::Day;
use crypto::hex;
use crypto::rng::Random;
use crypto::secret::SecretBytes;
use crypto::sign::RootKey;
use identity::keys::{Founding, IdentityKeys};
use privacy::budget::Budget;
use store::clock::Clock;
use store::{Room, Store};

use crate::datadir::{DataDir, KeyFile, Programme};
use crate::error::Failure;
use crate::open;
use crate::options::StoreArgs;
use crate::place;
use crate::settings::Settings;

/// What is chosen once.
#[derive(Debug, Clone)]
pub struct Choices {
    /// First day of the programme.
    pub start: Option<Day>,
    /// Privacy budget.
    pub budget: Budget,
    /// Where the databases lie; remembered.
    pub store: StoreArgs,
    /// What else is remembered.
    pub settings: Settings,
}

/// The fresh keys of a programme.
struct Made {
    identity: IdentityKeys,
    statistics: AnalyticsKeys,
    root: RootKey,
    next_root: RootKey,
}

impl Made {
    fn fresh(rng: &mut Random) -> Result<Self, Failure> {
        let failed = |e: &dyn std::fmt::Display| Failure::of("making the keys", e);
        let (statistics, token) = AnalyticsKeys::generate(rng).map_err(|e| failed(&e))?;
        let (elgamal, hpke) = statistics.public();
        let founding = Founding {
            statistics: StatisticsKeys { elgamal, hpke },
            release_key: statistics.release.public(),
            role_token: Some(SecretBytes::new(token.text().as_bytes().to_vec())),
        };
        Ok(Self {
            identity: IdentityKeys::generate(founding, rng).map_err(|e| failed(&e))?,
            statistics,
            root: RootKey::generate(rng).map_err(|e| failed(&e))?,
            next_root: RootKey::generate(rng).map_err(|e| failed(&e))?,
        })
    }

    /// Writes all of them; the root keys are sealed under a passphrase of their own.
    fn write(
        &self,
        dir: &DataDir,
        passphrase: &SecretBytes,
        root_passphrase: &SecretBytes,
        rng: &mut Random,
    ) -> Result<(), Failure> {
        let failed = |e: &dyn std::fmt::Display| Failure::of("making the keys", e);
        let identity = self.identity.to_bytes().map_err(|e| failed(&e))?;
        let statistics = self.statistics.to_bytes().map_err(|e| failed(&e))?;
        let (root, next) = (self.root.seed().expose(), self.next_root.seed().expose());
        dir.write_keys(KeyFile::Root, root, root_passphrase, rng)?;
        dir.write_keys(KeyFile::NextRoot, next, root_passphrase, rng)?;
        dir.write_keys(KeyFile::Identity, identity.expose(), passphrase, rng)?;
        dir.write_keys(KeyFile::Analytics, statistics.expose(), passphrase, rng)
    }
}

/// Makes the folder, the keys and the databases, and remembers the settings. The root keys lie in the folder until somebody
/// carries them away. The public facts are written last: a folder without them is not a programme. A founding that fails takes
/// its files away again and has changed no database that is in use.
///
/// # Errors
/// [`Failure`] when the folder or one of the databases holds a programme already, or anything cannot be written.
pub async fn found(
    dir: &DataDir,
    choices: &Choices,
    passphrase: &SecretBytes,
    root_passphrase: &SecretBytes,
    rng: &mut Random,
) -> Result<Programme, Failure> {
    found_at(
        dir,
        choices,
        (passphrase, root_passphrase),
        &open::clock_in(choices.settings.time_zone.clone()),
        rng,
    )
    .await
}

/// The same by another clock; the passphrase of the keys and that of the root keys.
///
/// # Errors
/// As [`found`].
pub async fn found_at(
    dir: &DataDir,
    choices: &Choices,
    (passphrase, root_passphrase): (&SecretBytes, &SecretBytes),
    clock: &Arc<dyn Clock>,
    rng: &mut Random,
) -> Result<Programme, Failure> {
    if passphrase == root_passphrase {
        return Err(Failure::new(
            "the root key needs a passphrase of its own: choose another one for it",
        ));
    }
    let before = dir.contents();
    dir.create()?;
    let done = lay(dir, choices, (passphrase, root_passphrase), clock, rng).await;
    if done.is_err() {
        dir.restore(before.as_ref());
    }
    done
}

async fn lay(
    dir: &DataDir,
    choices: &Choices,
    (passphrase, root_passphrase): (&SecretBytes, &SecretBytes),
    clock: &Arc<dyn Clock>,
    rng: &mut Random,
) -> Result<Programme, Failure> {
    let stores = unused(dir, &choices.store).await?;
    let made = Made::fresh(rng)?;
    let log = dir.log_of(&choices.settings)?;
    place::make(&log, &made.identity.programme)?;
    let done = fill(
        dir,
        choices,
        (passphrase, root_passphrase),
        clock,
        (made, stores, &log),
        rng,
    )
    .await;
    if done.is_err() {
        place::unmake(&log);
    }
    done
}

/// Writes everything; the log's folder is there.
async fn fill(
    dir: &DataDir,
    choices: &Choices,
    (passphrase, root_passphrase): (&SecretBytes, &SecretBytes),
    clock: &Arc<dyn Clock>,
    (made, stores, log): (Made, Stores, &Path),
    rng: &mut Random,
) -> Result<Programme, Failure> {
    made.write(dir, passphrase, root_passphrase, rng)?;
    let facts = Programme {
        format: DataDir::format(),
        programme: made.identity.programme,
        release_key: hex::encode(&made.statistics.release.public()),
        start: choices.start,
        budget: choices.budget.to_string(),
    };
    set_up_databases(log, choices, &stores, made, clock, rng).await?;
    for store in [&stores.identity, &stores.statistics] {
        store.close().await;
    }
    let settings = Settings {
        release_log: Some(log.to_owned()),
        ..choices.settings.clone()
    };
    dir.write_settings(&settings.remember(&choices.store))?;
    dir.write_programme(&facts)?;
    Ok(facts)
}

/// Both databases, open.
struct Stores {
    identity: Store,
    statistics: Store,
}

/// Opens both databases; refuses when somebody works with one of them. Nothing was written then but, where there was none, the
/// empty tables of this version.
async fn unused(dir: &DataDir, store: &StoreArgs) -> Result<Stores, Failure> {
    let stores = Stores {
        identity: open::database(dir, store, Room::Identity).await?,
        statistics: open::database(dir, store, Room::Analytics).await?,
    };
    let failed = |e: store::DbError| Failure::of("reading the databases", e);
    let identity = identity::trust::is_used(&stores.identity).await;
    let statistics = analytics::setup::is_used(&stores.statistics).await;
    if identity.map_err(failed)? || statistics.map_err(failed)? {
        for store in [&stores.identity, &stores.statistics] {
            store.close().await;
        }
        return Err(Failure::new(
            "this database holds a programme already, and nothing was changed: use the data folder that it was founded with, or \
             give a new programme another --database",
        ));
    }
    Ok(stores)
}

async fn set_up_databases(
    log: &Path,
    choices: &Choices,
    stores: &Stores,
    made: Made,
    clock: &Arc<dyn Clock>,
    rng: &mut Random,
) -> Result<(), Failure> {
    let founding = identity::trust::Founding {
        root: &made.root,
        next_root: made.next_root.public(),
        envelope_min_bucket: identity::Limits::default().envelope_min_bucket,
        today: clock.today(),
    };
    identity::trust::found(&stores.identity, &made.identity, &founding, rng)
        .await
        .map_err(|e| Failure::of("setting up the identity store", e))?;
    let store = stores.statistics.clone();
    let app = open::statistics(log.to_owned(), store, made.statistics, Arc::clone(clock));
    let facts = analytics::setup::Founding {
        start: choices.start,
        budget: choices.budget,
    };
    analytics::setup::set_up(&app, facts)
        .await
        .map_err(|e| Failure::of("setting up the statistics store", e))
}
