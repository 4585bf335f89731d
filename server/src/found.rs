//! Founding a programme: fresh keys for both roles, sealed, and the two databases set up.

use analytics::keys::AnalyticsKeys;
use crypto::bundle::StatisticsKeys;
use crypto::day::Day;
use crypto::hex;
use crypto::rng::Random;
use crypto::secret::SecretBytes;
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

/// Makes the folder, the keys and the databases. The public facts are written last: a folder
/// without them is not a programme, and `init` can be repeated.
pub async fn found(
    dir: &DataDir,
    choices: &Choices,
    passphrase: &SecretBytes,
    rng: &mut Random,
) -> Result<Programme, Failure> {
    dir.create()?;
    let (statistics, token) =
        AnalyticsKeys::generate(rng).map_err(|e| Failure::of("making the keys", e))?;
    let (elgamal, hpke) = statistics.public();
    let release_key = statistics.release.public();
    let founding = Founding {
        statistics: StatisticsKeys { elgamal, hpke },
        release_key,
        role_token: Some(SecretBytes::new(token.text().as_bytes().to_vec())),
    };
    let identity =
        IdentityKeys::generate(founding, rng).map_err(|e| Failure::of("making the keys", e))?;
    let failed = |e: &dyn std::fmt::Display| Failure::of("making the keys", e);
    let (identity_bytes, statistics_bytes) = (
        identity.to_bytes().map_err(|e| failed(&e))?,
        statistics.to_bytes().map_err(|e| failed(&e))?,
    );
    dir.write_keys(KeyFile::Identity, identity_bytes.expose(), passphrase, rng)?;
    dir.write_keys(
        KeyFile::Analytics,
        statistics_bytes.expose(),
        passphrase,
        rng,
    )?;
    set_up_databases(dir, choices, passphrase, &identity, rng).await?;
    let facts = Programme {
        format: DataDir::format(),
        programme: identity.programme,
        root_key: hex::encode(&identity.root.public()),
        release_key: hex::encode(&release_key),
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
    keys: &IdentityKeys,
    rng: &mut Random,
) -> Result<(), Failure> {
    let store = open::database(dir, &choices.store, Room::Identity).await?;
    identity::domains::found(&store, keys, rng)
        .await
        .map_err(|e| Failure::of("setting up the identity store", e))?;
    let app = open::analytics(dir, &choices.store, passphrase).await?;
    let facts = analytics::setup::Founding {
        start: choices.start,
        budget: choices.budget,
    };
    analytics::setup::set_up(&app, facts)
        .await
        .map_err(|e| Failure::of("setting up the statistics store", e))
}
