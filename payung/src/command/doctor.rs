//! `payung doctor`: is this data folder whole?

use crypto::hex;
use crypto::rng::Random;
use crypto::secret::SecretBytes;
use server::datadir::{KeyFile, Programme};
use server::error::Failure;
use server::open;
use server::options::{Role, StoreArgs};
use server::upkeep;
use store::{DbError, Store, retrying};

use crate::command::{backup, log};
use crate::opening::Opening;
use crate::output::say;

/// Days before their last one from which on new keys are asked for.
const SIGN_AGAIN_DAYS: i32 = 60;

/// Checks the roles whose key files are here and says what was found; the first fault ends it with exit code 1.
pub(crate) async fn run(opening: &Opening, store: &StoreArgs) -> Result<(), Failure> {
    let facts = opening.dir.programme()?;
    say("ok    programme.json is readable");
    let settings = opening.dir.settings()?.unwrap_or_default();
    say(&format!(
        "ok    days are those of {}, as payung.toml says",
        settings.time_zone.name()
    ));
    let here = |file| opening.dir.holds(file);
    let (one, other) = (here(KeyFile::Identity), here(KeyFile::Analytics));
    if !one && !other {
        return Err(Failure::new(
            "neither role's key file is in the data folder: copy here that of the role that runs on this host",
        ));
    }
    let wanted = match settings.role {
        Role::All => (true, true),
        Role::Identity => (true, false),
        Role::Analytics => (false, true),
    };
    if (wanted.0 && !one) || (wanted.1 && !other) {
        return Err(Failure::new(
            "the key file of a role that runs here, as payung.toml says, is not in the data folder: put it back, or correct the role there",
        ));
    }
    let passphrase = opening.passphrase()?;
    if one {
        identity(opening, store, &passphrase, &facts).await?;
    } else {
        say("      the identity role does not run here: its key file is not in the data folder");
    }
    if other {
        statistics(opening, store, &passphrase, &facts).await?;
    } else {
        say("      the statistics role does not run here: its key file is not in the data folder");
    }
    looked_after(opening)?;
    draws()
}

/// Room on the disk, and the age of the last backup.
fn looked_after(opening: &Opening) -> Result<(), Failure> {
    let mark = |bad| if bad { "warn  " } else { "ok    " };
    if let Some(disk) = upkeep::disk(opening.dir.path()) {
        // A number only where it is needed: what `doctor` says of a sound programme is the same each time.
        say(&match disk.low {
            false => format!("{}the disk of the data folder has room", mark(false)),
            true => format!(
                "{}{} of {} MiB are free on the disk of the data folder: make room",
                mark(true),
                disk.free,
                disk.all
            ),
        });
    }
    let today = open::clock(&opening.dir)?.today();
    let (words, old) = backup::last(opening.dir.noted_backup(), today);
    say(&format!("{}{words}", mark(old)));
    Ok(())
}

/// Keys, log of keys, database and outbox of the identity role.
async fn identity(
    opening: &Opening,
    store: &StoreArgs,
    passphrase: &SecretBytes,
    facts: &Programme,
) -> Result<(), Failure> {
    let limits = identity::Limits::default();
    let app = open::identity(&opening.dir, store, passphrase, limits).await?;
    say("ok    the identity role's keys open; its database has this version's schema");
    same(
        "programme",
        &app.keys.programme.to_string(),
        &facts.programme.to_string(),
    )?;
    keys(opening, &app).await?;
    let waiting = identity::records::outbox::waiting(&app)
        .await
        .map_err(|e| Failure::of("the outbox", e))?;
    say(&format!("ok    {waiting} reports wait in the outbox"));
    can_be_written("identity", &app.store).await?;
    took("identity", &app.store);
    Ok(())
}

/// Keys, database and release log of the statistics role.
async fn statistics(
    opening: &Opening,
    store: &StoreArgs,
    passphrase: &SecretBytes,
    facts: &Programme,
) -> Result<(), Failure> {
    let app = open::analytics(&opening.dir, store, passphrase).await?;
    say("ok    the statistics role's keys open; its database has this version's schema");
    same(
        "release key",
        &hex::encode(&app.keys.release.public()),
        &facts.release_key,
    )?;
    releases(opening, &app).await?;
    can_be_written("statistics", &app.store).await?;
    took("statistics", &app.store);
    Ok(())
}

/// The release log, and what should be looked at.
async fn releases(opening: &Opening, analytics: &analytics::App) -> Result<(), Failure> {
    analytics::close::heal(analytics)
        .await
        .map_err(|e| Failure::of("the release log", e))?;
    let releases = analytics::stored::list(&analytics.store, &analytics.log_dir)
        .await
        .map_err(|e| Failure::of("the releases", e))?;
    say(&format!(
        "ok    the release log and the database agree; {} releases are public",
        releases.len()
    ));
    match log::beside(analytics, opening) {
        Some(words) => say(&format!("warn  {words}")),
        None => say("ok    the release log lies outside the data folder: copy the two apart"),
    }
    let after_death = analytics::after_death::all(analytics).await;
    if let Some(band) = after_death.map_err(|e| Failure::of("the statistics database", e))? {
        say(&format!(
            "warn  contacts after a recorded death: {band}; the sites should look at their records"
        ));
    }
    Ok(())
}

/// The log of keys, as a terminal reads it, and where the root keys are.
async fn keys(opening: &Opening, identity: &identity::App) -> Result<(), Failure> {
    let trust = identity::trust::trust(identity)
        .await
        .map_err(|e| Failure::of("the log of keys", e))?;
    let left = trust.core().expires.since(identity.clock.today());
    say(&format!(
        "ok    the log of keys is whole: {}; the programme's keys are good for {left} days",
        trust.mark().fingerprint()
    ));
    if left < SIGN_AGAIN_DAYS {
        say("warn  have new ones signed: `payung bundle propose`, `sign`, `take`");
    }
    if opening.dir.holds(KeyFile::Root) || opening.dir.holds(KeyFile::NextRoot) {
        say("warn  a root key is in the data folder: carry it off this machine and delete it here");
    }
    Ok(())
}

/// A write transaction begins and ends; nothing is written.
async fn can_be_written(room: &str, store: &Store) -> Result<(), Failure> {
    let done: Result<(), DbError> =
        retrying!(store, "try to write", &mut Random::os(), |_tx| Ok(()));
    done.map_err(|e| Failure::of(&format!("writing to the {room} database"), e))?;
    say(&format!("ok    the {room} database can be written"));
    Ok(())
}

/// What the checks wrote, transaction by transaction: counts and times of this process's own; nothing of clients is in them.
fn took(room: &str, store: &Store) {
    for one in store.transactions() {
        say(&format!(
            "      {room}, {}: {} run, {} repeated, {} ms in all, {} ms in the longest",
            one.name,
            one.runs,
            one.retries,
            one.total.as_millis(),
            one.longest.as_millis(),
        ));
    }
}

fn same(what: &str, found: &str, expected: &str) -> Result<(), Failure> {
    if found == expected {
        say(&format!("ok    the {what} fits programme.json"));
        return Ok(());
    }
    Err(Failure::new(format!(
        "the {what} of the key file is another programme's: restore the right key files"
    )))
}

/// Two draws that agree would mean a broken source.
fn draws() -> Result<(), Failure> {
    let mut rng = Random::os();
    let (first, second): ([u8; 32], [u8; 32]) =
        (crypto::rng::bytes(&mut rng), crypto::rng::bytes(&mut rng));
    if first == second {
        Err(Failure::new(
            "the machine's randomness repeats: do not use it",
        ))
    } else {
        say("ok    the machine gives randomness");
        Ok(())
    }
}
