//! A programme is founded once, and its databases are opened with its own keys alone.

use std::collections::BTreeMap;
use std::path::Path;

use crypto::rng::Random;
use crypto::secret::SecretBytes;
use privacy::budget::Budget;
use server::datadir::DataDir;
use server::found::{self, Choices};
use server::open;
use server::options::StoreArgs;
use server::settings::Settings;
use tests::World;

use crate::commands::payung;

/// Files of a folder with their lengths; what SQLite keeps beside a database for readers is left out.
fn files(folder: &Path) -> BTreeMap<String, u64> {
    let entries = std::fs::read_dir(folder).unwrap().map(Result::unwrap);
    // By name first: those may be gone a moment later.
    let named = entries.map(|entry| (entry.file_name().to_string_lossy().into_owned(), entry));
    named
        .filter(|(name, _)| !name.ends_with("-shm") && !name.ends_with("-wal"))
        .map(|(name, entry)| (name, entry.metadata().unwrap().len()))
        .collect()
}

fn choices(store: &StoreArgs) -> Choices {
    Choices {
        start: Some("2024-01-01".parse().unwrap()),
        budget: Budget::Default,
        store: store.clone(),
        settings: Settings::default(),
    }
}

async fn founded(at: &Path, store: &StoreArgs) -> bool {
    let words = |text: &str| SecretBytes::new(text.as_bytes().to_vec());
    let (one, other) = (words("quiet ladder amber"), words("tunnel amber quiet"));
    let mut rng = Random::os();
    found::found(&DataDir::new(at), &choices(store), &one, &other, &mut rng)
        .await
        .is_ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_founding_on_databases_in_use_is_refused_and_leaves_nothing() {
    for mut world in World::each("2024-01-01").await {
        world.stage(&["bandung/a"]).await.leave().await.unwrap();
        let second = tempfile::tempdir().unwrap();
        let at = second.path().join("second");
        if world.store.database.is_none() {
            // The keys were lost, the databases were not.
            std::fs::create_dir(&at).unwrap();
            for name in ["identity.db", "analytics.db"] {
                world.identity.store.tidy().await.unwrap();
                world.analytics.store.tidy().await.unwrap();
                std::fs::copy(world.dir.path().join(name), at.join(name)).unwrap();
            }
        }
        let before = at.exists().then(|| files(&at));
        assert!(!founded(&at, &world.store).await, "{}", world.name);
        assert_eq!(at.exists().then(|| files(&at)), before, "{}", world.name);
        // The first goes on.
        let passphrase = &world.passphrase;
        let again = open::analytics(&world.dir, &world.store, passphrase).await;
        assert!(again.is_ok());
        world.stop().await;
    }
}

#[test]
fn keys_of_another_programme_open_no_database_and_write_nothing() {
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    for at in [one.path(), other.path()] {
        assert!(payung(at, &["init", "--start", "2024-01-01"]));
    }
    let data = |at: &Path, name: &str| at.join("data").join(name);
    for name in ["identity.db", "analytics.db"] {
        std::fs::copy(data(one.path(), name), data(other.path(), name)).unwrap();
    }
    let before = files(&other.path().join("data"));
    let table = tests_table(other.path());
    let cards = other.path().join("cards").display().to_string();
    for words in [
        &["doctor"][..],
        &["ledger"],
        &["release", "list"],
        &["release", "close", "--period", "2024Q1", "--yes"],
        &[
            "analytics",
            "import",
            "--register",
            "--yes",
            "--input",
            &table,
        ],
        &["card", "issue", "--count", "1", "--out", &cards],
    ] {
        assert!(!payung(other.path(), words), "{words:?}");
    }
    assert_eq!(files(&other.path().join("data")), before);
}

#[test]
fn the_passphrase_changes_for_every_key_file_and_the_old_one_opens_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    assert!(payung(at, &["init", "--start", "2024-01-01"]));
    let new = at.join("new");
    std::fs::write(&new, "four other quiet words\n").unwrap();
    let change = ["passphrase", "change", "--new-passphrase-file"];
    let words: Vec<&str> = change.into_iter().chain(new.to_str()).collect();
    let old = std::fs::read(at.join("data").join("identity.keys")).unwrap();
    assert!(payung(at, &words));
    assert!(!payung(at, &["doctor"]), "the old words");
    // Broken off between two files, it goes on.
    std::fs::write(at.join("data").join("identity.keys"), old).unwrap();
    assert!(payung(at, &words));
    std::fs::rename(&new, at.join("passphrase")).unwrap();
    assert!(payung(at, &["doctor"]));
    assert!(payung(at, &["operator", "invite"]));
    // An easy one seals nothing.
    std::fs::write(&new, "short\n").unwrap();
    assert!(!payung(at, &words));
    assert!(payung(at, &["doctor"]));
}

fn tests_table(at: &Path) -> String {
    let path = at.join("table.csv");
    std::fs::write(
        &path,
        "person,date,site,service,event,covered_until,gender,age_band\np,2024-01-02,bandung/a,nsp,enrolled,,,\n",
    )
    .unwrap();
    path.display().to_string()
}

#[test]
fn a_programme_is_served_from_the_database_that_it_remembers() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    assert!(payung(at, &["init", "--start", "2024-01-01"]));
    let elsewhere = "postgres://payung@127.0.0.1:9/x";
    assert!(!payung(at, &["doctor", "--database", elsewhere]));
    assert!(payung(at, &["doctor"]));
    // Databases that went away are not made anew in silence.
    for name in ["identity.db", "analytics.db"] {
        std::fs::remove_file(at.join("data").join(name)).unwrap();
    }
    assert!(!payung(at, &["doctor"]));
    assert!(!payung(at, &["ledger"]));
    // Nor is the word about where they are.
    std::fs::remove_file(at.join("data").join("payung.toml")).unwrap();
    assert!(!payung(at, &["doctor"]));
}
