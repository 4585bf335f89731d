//! An older copy of the database that is put back voids every PIN.

use std::sync::{Arc, Mutex};

use store::{execute, fetch_one};

use super::harness::{House, houses};
use crate::Beside;

/// A place in memory that may refuse to be written.
#[derive(Default, Clone)]
struct Place(Arc<Mutex<(Vec<i64>, bool)>>);

impl Beside for Place {
    fn read(&self) -> Vec<i64> {
        self.0.lock().unwrap().0.clone()
    }

    fn write(&self, numbers: &[i64]) -> bool {
        let mut place = self.0.lock().unwrap();
        if !place.1 {
            place.0 = numbers.to_vec();
        }
        !place.1
    }
}

/// A record of somebody's, of whatever it may be.
async fn put(house: &House, tag: u8) {
    const PUT: &str = "INSERT INTO pin (tag, person, sealed, wrong) VALUES ($1, $1, $1, 9)";
    let mut tx = house.app.store.write().await.unwrap();
    execute!(&mut tx, PUT, &[tag; 32][..]).unwrap();
    tx.commit().await.unwrap();
}

async fn stamp(house: &House) -> (i64, i64) {
    const READ: &str =
        "SELECT value, (SELECT COUNT(*) FROM pin) FROM setting WHERE name = 'pin_stamp'";
    let mut tx = house.app.store.read().await.unwrap();
    fetch_one!(&mut tx, (i64, i64), READ).unwrap()
}

async fn set(house: &House, value: i64) {
    const SET: &str = "UPDATE setting SET value = $1 WHERE name = 'pin_stamp'";
    let mut tx = house.app.store.write().await.unwrap();
    execute!(&mut tx, SET, value).unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_database_that_was_put_back_voids_every_pin() {
    for mut house in houses().await {
        let place = Place::default();
        let mut app = house.another_service();
        app.beside = Some(Box::new(place.clone()));
        house.app = Arc::new(app);
        assert!(
            !house.app.look_for_a_restore().await.unwrap(),
            "there was none"
        );
        put(&house, 1).await;
        let (old, _) = stamp(&house).await;
        assert_eq!(place.read(), [old]);
        assert!(!house.app.look_for_a_restore().await.unwrap());
        let (new, rows) = stamp(&house).await;
        assert_eq!((place.read(), rows), (vec![new], 1), "both are drawn anew");
        assert_ne!(new, old);
        // The copy of before is put back, with a count that was lower.
        set(&house, old).await;
        assert!(house.app.look_for_a_restore().await.unwrap());
        let (now, rows) = stamp(&house).await;
        assert_eq!(
            (place.read(), rows),
            (vec![now], 0),
            "{}",
            house.database.name
        );
        // The place itself is lost, or was never there.
        put(&house, 2).await;
        place.write(&[]);
        assert!(house.app.look_for_a_restore().await.unwrap());
        assert_eq!(stamp(&house).await.1, 0);
    }
}

#[tokio::test]
async fn a_break_between_database_and_place_voids_nothing() {
    for mut house in houses().await {
        let place = Place::default();
        let mut app = house.another_service();
        app.beside = Some(Box::new(place.clone()));
        house.app = Arc::new(app);
        house.app.look_for_a_restore().await.unwrap();
        put(&house, 1).await;
        let (now, _) = stamp(&house).await;
        // Broken off before the database was written, and after it.
        for database in [now, 77] {
            place.write(&[now, 77]);
            set(&house, database).await;
            assert!(!house.app.look_for_a_restore().await.unwrap());
            assert_eq!(stamp(&house).await.1, 1, "{}", house.database.name);
            set(&house, now).await;
            place.write(&[now]);
        }
        // A place that cannot be written changes nothing.
        place.0.lock().unwrap().1 = true;
        assert!(house.app.look_for_a_restore().await.is_err());
        assert_eq!(stamp(&house).await, (now, 1));
    }
}
