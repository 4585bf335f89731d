//! Domain keys: made once, gone when destroyed, one however many make them.

use std::collections::BTreeSet;

use crypto::domain::{Domain, DomainKey, DomainOf, Identification};
use crypto::factor;
use crypto::id::ProviderId;
use store::{Store, fetch_all, fetch_one, retrying};

use super::harness::{House, houses};
use crate::{IdentityKeys, Refusal, domains};

const RECORD: &str = "SELECT sealed FROM domain_factor WHERE domain = $1";
const COUNT: &str = "SELECT COUNT(*) FROM domain_factor WHERE domain = $1";
const ALL: &str = "SELECT domain, sealed FROM domain_factor";

async fn record(house: &House, domain: Domain) -> Vec<u8> {
    let mut tx = house.app.store.read().await.unwrap();
    let name = domain.to_string();
    fetch_one!(&mut tx, (Vec<u8>,), RECORD, name).unwrap().0
}

/// Makes the factor of a domain as a process of its own would.
async fn make(store: &Store, keys: &IdentityKeys, domain: Domain) -> Result<(), Refusal> {
    let mut rng = crypto::rng::Random::os();
    retrying!(*store, "make factor", &mut rng.clone(), |tx| {
        domains::make(tx, keys, domain, &mut rng).await
    })
}

#[tokio::test]
async fn a_destroyed_domain_key_is_not_made_again_from_all_that_is_left() {
    for mut house in houses().await {
        let provider = house.provider("A").await;
        let domain = Domain::Provider(provider);
        let key = domains::identification(&house.app, domain).await.unwrap();
        let sealed = record(&house, domain).await;
        assert!(domains::destroy(&house.app, domain).await.unwrap());
        assert!(!domains::destroy(&house.app, domain).await.unwrap());
        // Neither in this process nor in the next one, nor by founding again.
        for _ in 0..2 {
            let gone = domains::identification(&house.app, domain).await;
            assert_eq!(gone.err(), Some(Refusal::NotFound));
            house.restart();
            let founding = crate::trust::Founding {
                root: &house.root,
                next_root: house.next.public(),
                envelope_min_bucket: 256,
                today: store::clock::Clock::today(&*house.clock),
            };
            let (store, keys) = (&house.app.store, &house.app.keys);
            let again = crate::trust::found(store, keys, &founding, &mut house.app.rng()).await;
            assert_eq!(again.err(), Some(Refusal::Conflict));
        }
        // All other factors with the whole key file: no product of a factor left and the master scalar is the key.
        let mut tx = house.app.store.read().await.unwrap();
        for (name, left) in fetch_all!(&mut tx, (String, Vec<u8>), ALL).unwrap() {
            let name: Domain = name.parse().unwrap();
            let Ok(of) = DomainOf::<Identification>::try_from(name) else {
                continue;
            };
            let keys = &house.app.keys;
            let factor = factor::open(&keys.record_key(), &of, keys.epoch, &left).unwrap();
            let made = DomainKey::compose(&keys.identification, &factor).unwrap();
            assert_ne!(made.public(), key.public());
        }
        drop(tx);
        // The control: with its record the key is there again, so the record is what was destroyed.
        let of = DomainOf::<Identification>::try_from(domain).unwrap();
        let keys = &house.app.keys;
        let factor = factor::open(&keys.record_key(), &of, keys.epoch, &sealed).unwrap();
        let again = DomainKey::compose(&keys.identification, &factor).unwrap();
        assert_eq!(again.public(), key.public());
    }
}

/// A reader has the record in hand when the domain ends, and is ready a moment later.
#[tokio::test]
async fn a_reader_that_was_slow_brings_no_destroyed_key_back() {
    for house in houses().await {
        let domain = Domain::Provider(house.provider("A").await);
        let other = Domain::Provider(house.provider("B").await);
        let keys = &house.app.keys;
        let compose = |sealed: &[u8], domain: Domain| {
            let of = DomainOf::<Identification>::try_from(domain).unwrap();
            let factor = factor::open(&keys.record_key(), &of, keys.epoch, sealed).unwrap();
            DomainKey::compose(&keys.identification, &factor).unwrap()
        };
        let since = house.app.domains.since();
        let late = compose(&record(&house, domain).await, domain);
        assert!(domains::destroy(&house.app, domain).await.unwrap());
        assert!(house.app.domains.keep(domain, late, since).is_none());
        let gone = domains::identification(&house.app, domain).await;
        assert_eq!(gone.err(), Some(Refusal::NotFound));
        // A reader of another domain was overtaken too, and looks again.
        let late = compose(&record(&house, other).await, other);
        assert!(house.app.domains.keep(other, late, since).is_none());
        assert!(domains::identification(&house.app, other).await.is_ok());
        assert!(house.app.domains.of(&other).is_some());
    }
}

#[tokio::test]
async fn a_destroyed_record_is_on_no_page_of_the_file() {
    for house in houses().await {
        let store::Location::SqliteFile(path) = &house.database.location else {
            continue;
        };
        let domain = Domain::Provider(house.provider("A").await);
        let sealed = record(&house, domain).await;
        let holds = || {
            let mut found = false;
            for ending in ["", "-wal"] {
                let mut file = path.clone().into_os_string();
                file.push(ending);
                let bytes = std::fs::read(file).unwrap_or_default();
                found |= bytes.windows(sealed.len()).any(|window| window == sealed);
            }
            found
        };
        assert!(holds(), "the control: it was there");
        domains::destroy(&house.app, domain).await.unwrap();
        assert!(!holds());
    }
}

#[tokio::test]
async fn processes_that_make_the_same_factor_at_once_end_in_one() {
    for house in houses().await {
        let domain = Domain::Provider(ProviderId::random(&mut house.app.rng()));
        let bytes = house.app.keys.to_bytes().unwrap();
        let tasks = (0..8).map(|_| {
            let (store, bytes) = (house.app.store.clone(), bytes.clone());
            tokio::spawn(async move {
                let keys = IdentityKeys::from_bytes(&bytes).unwrap();
                make(&store, &keys, domain).await
            })
        });
        for task in tasks.collect::<Vec<_>>() {
            task.await.unwrap().unwrap();
        }
        let mut tx = house.app.store.read().await.unwrap();
        let (count,) = fetch_one!(&mut tx, (i64,), COUNT, domain.to_string()).unwrap();
        assert_eq!(count, 1);
        let (one, other) = (house.another_service(), house.another_service());
        let one = domains::identification(&one, domain).await.unwrap();
        let other = domains::identification(&other, domain).await.unwrap();
        assert_eq!(one.public(), other.public());
    }
}

#[tokio::test]
async fn every_domain_has_a_key_of_its_own_and_a_class_has_no_other() {
    for house in houses().await {
        let provider = Domain::Provider(house.provider("A").await);
        let mut seen = BTreeSet::new();
        let mut tx = house.app.store.read().await.unwrap();
        for domain in Domain::FIXED.into_iter().chain([provider]) {
            let public = domains::public(&mut tx, &house.app.keys, domain).await;
            assert!(seen.insert(public.unwrap()));
        }
        let statistics = domains::statistics(&house.app).await.unwrap();
        assert!(seen.insert(statistics.public()));
        for domain in [Domain::Recover, Domain::Statistics] {
            let refused = domains::identification(&house.app, domain).await;
            assert_eq!(refused.err(), Some(Refusal::Forbidden));
        }
    }
}
