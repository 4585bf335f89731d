//! The log of keys against whoever holds the whole service: its key file, its database and its address, but not the root key.

use crypto::domain::Domain;
use crypto::id::ProviderId;
use crypto::trust::{Listing, LogEntry, TrustError, beginning};
use store::{execute, fetch_all};
use terminal::Error;
use terminal::device::Device;
use tests::World;
use wire::Role;
use wire::typed::Chosen;

/// The log as it lies in the database.
type Rows = Vec<(i64, Vec<u8>, Vec<u8>)>;

async fn rows(world: &World) -> Rows {
    let mut tx = world.identity.store.read().await.unwrap();
    let sql = "SELECT seq, entry, hash FROM trust_log ORDER BY seq";
    fetch_all!(&mut tx, (i64, Vec<u8>, Vec<u8>), sql).unwrap()
}

/// Puts another log in the place of the one that is there.
async fn rewrite(world: &World, rows: &Rows) {
    let mut tx = world.identity.store.write().await.unwrap();
    execute!(&mut tx, "DELETE FROM trust_log").unwrap();
    for (seq, entry, hash) in rows {
        let sql = "INSERT INTO trust_log (seq, entry, hash) VALUES ($1, $2, $3)";
        execute!(&mut tx, sql, seq, &entry[..], &hash[..]).unwrap();
    }
    tx.commit().await.unwrap();
}

/// A log with these entries, its hashes as they should be.
fn chained(world: &World, entries: &[LogEntry]) -> Rows {
    let mut hash = beginning(&world.identity.keys.programme);
    let row = |(at, entry): (usize, &LogEntry)| {
        hash = entry.chain(&hash);
        let bytes = serde_json::to_vec(entry).unwrap();
        (at as i64 + 1, bytes, hash.to_vec())
    };
    entries.iter().enumerate().map(row).collect()
}

/// An entry for a provider under a key that the service has.
async fn listed(world: &World, provider: ProviderId, domain: Domain) -> LogEntry {
    let keys = &world.identity.keys;
    let key = identity::domains::identification(&world.identity, domain).await;
    let public = key.unwrap().public();
    LogEntry::Provider(Listing::sign(
        &keys.programme,
        provider,
        keys.epoch,
        public,
        &keys.list,
    ))
}

async fn sign_in(world: &mut World, device: &mut Device) -> Result<(), Error> {
    let word = Chosen::parse("four plain words here").unwrap();
    let (connection, today) = (world.connection(), world.identity.clock.today());
    desk::sign_in::login(&connection, device, word.entered(), today, &mut world.rng)
        .await
        .map(drop)
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_holds_the_service_changes_no_log_that_a_terminal_knows() {
    for mut world in World::each("2024-01-01").await {
        let stage = world.stage(&["medan/a", "medan/b"]).await;
        let word = Chosen::parse("four plain words here").unwrap();
        let invitation = world.invitation(Role::Operator).await;
        let (connection, handle) = (world.connection(), "operator.one".parse().unwrap());
        let label = "desk".parse().unwrap();
        let today = world.identity.clock.today();
        let rng = &mut world.rng.clone();
        let enrolled =
            desk::sign_in::register(&connection, &invitation, &handle, &word, &label, today, rng);
        let mut device = enrolled.await.unwrap().device;
        sign_in(&mut world, &mut device).await.unwrap();
        let honest = rows(&world).await;
        assert_eq!(honest.len(), 3, "a core and two providers");
        let entries: Vec<LogEntry> = honest
            .iter()
            .map(|(_, entry, _)| serde_json::from_slice(entry).unwrap())
            .collect();
        let known = stage.desks.values().next().unwrap();
        let provider = known.session().provider().unwrap();
        let stranger = ProviderId::from_bytes([9; 16]);
        let second = listed(&world, provider, Domain::Card).await;
        let other = listed(&world, stranger, Domain::Card).await;
        let [core, first, last] = &entries[..] else {
            panic!("three entries");
        };
        let own = |parts: &[&LogEntry]| -> Vec<LogEntry> {
            parts.iter().map(|entry| (*entry).clone()).collect()
        };
        for (bent, why) in [
            (own(&[core, first]), TrustError::Older),
            (own(&[core, last, first]), TrustError::Forked),
            (own(&[core, first, &other]), TrustError::Forked),
            (own(&[core, first, last, &second]), TrustError::SecondKey),
        ] {
            rewrite(&world, &chained(&world, &bent)).await;
            let refused = sign_in(&mut world, &mut device).await;
            assert!(
                matches!(&refused, Err(Error::Trust(error)) if *error == why),
                "{}: {why:?}, not {refused:?}",
                world.name
            );
        }
        rewrite(&world, &honest).await;
        sign_in(&mut world, &mut device).await.unwrap();
        stage.leave().await.unwrap();
        world.stop().await;
    }
}
