//! Founding a programme: fresh keys for both roles and two root keys, sealed, and the two databases set up.

use analytics::keys::AnalyticsKeys;
use crypto::bundle::StatisticsKeys;
use crypto::day::Day;
use crypto::hex;
use crypto::rng::Random;
use crypto::secret::SecretBytes;
use crypto::sign::RootKey;
use identity::keys::{Founding, IdentityKeys};
use privacy::budget::Budget;
use store::Room;

use crate::datadir::{DataDir, KeyFile, Programme};
use crate::error::Failure;
use crate::open;
use crate::options::StoreArgs;

/// What is chosen once.
#[derive(Debug, Clone)]
pub struct Choices {
    /// First day of the programme.
    pub start: Option<Day>,
    /// Privacy budget.
    pub budget: Budget,
    /// Where the databases lie.
    pub store: StoreArgs,
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

/// Makes the folder, the keys and the databases. The root keys lie in the folder until somebody carries them away. The public
/// facts are written last: a folder without them is not a programme, and `init` can be repeated.
pub async fn found(
    dir: &DataDir,
    choices: &Choices,
    passphrase: &SecretBytes,
    root_passphrase: &SecretBytes,
    rng: &mut Random,
) -> Result<Programme, Failure> {
    if passphrase == root_passphrase {
        return Err(Failure::new(
            "the root key needs a passphrase of its own: choose another one for it",
        ));
    }
    dir.create()?;
    let made = Made::fresh(rng)?;
    made.write(dir, passphrase, root_passphrase, rng)?;
    set_up_databases(dir, choices, passphrase, &made, rng).await?;
    let facts = Programme {
        format: DataDir::format(),
        programme: made.identity.programme,
        release_key: hex::encode(&made.statistics.release.public()),
        start: choices.start,
        budget: choices.budget.to_string(),
    };
    dir.write_programme(&facts)?;
    Ok(facts)
}

async fn set_up_databases(
    dir: &DataDir,
    choices: &Choices,
    passphrase: &SecretBytes,
    made: &Made,
    rng: &mut Random,
) -> Result<(), Failure> {
    let store = open::database(dir, &choices.store, Room::Identity).await?;
    let founding = identity::trust::Founding {
        root: &made.root,
        next_root: made.next_root.public(),
        envelope_min_bucket: identity::Limits::default().envelope_min_bucket,
        today: open::clock().today(),
    };
    match identity::trust::found(&store, &made.identity, &founding, rng).await {
        Err(identity::Refusal::Conflict) => {
            return Err(Failure::new(
                "this database holds a programme already: give another --database",
            ));
        }
        done => done.map_err(|e| Failure::of("setting up the identity store", e))?,
    }
    let app = open::analytics(dir, &choices.store, passphrase).await?;
    let facts = analytics::setup::Founding {
        start: choices.start,
        budget: choices.budget,
    };
    analytics::setup::set_up(&app, facts)
        .await
        .map_err(|e| Failure::of("setting up the statistics store", e))
}
