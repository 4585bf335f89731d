//! Named transactions: ended for certain, repeated when asked, counted in memory.

use std::cell::Cell;
use std::time::Duration;

use rand::SeedableRng as _;
use rand_chacha::ChaCha20Rng;

use crate::fixture::{databases, sqlite};
use crate::{DbError, Room, Store, Tx, execute, fetch_one, retrying};

const ADD: &str = "INSERT INTO meta (key, value) VALUES ($1, 'x')";
const COUNT: &str = "SELECT COUNT(*) FROM meta WHERE value = 'x'";

fn rng() -> ChaCha20Rng {
    ChaCha20Rng::from_seed([1; 32])
}

fn busy() -> DbError {
    DbError::Retry {
        code: "5".to_owned(),
    }
}

async fn add(tx: &mut Tx, key: &str) -> Result<(), DbError> {
    execute!(tx, ADD, key).map(drop)
}

async fn kept(store: &Store) -> i64 {
    let mut tx = store.read().await.unwrap();
    fetch_one!(&mut tx, (i64,), COUNT).unwrap().0
}

#[tokio::test]
async fn repeats_only_what_asks_for_it() {
    for test in databases(Room::Analytics).await {
        let runs = Cell::new(0);
        let done: Result<u32, DbError> = retrying!(test.store, "count to four", &mut rng(), |tx| {
            runs.set(runs.get() + 1);
            add(tx, "once").await?;
            if runs.get() < 4 {
                return Err(busy());
            }
            Ok(runs.get())
        });
        assert_eq!(done, Ok(4), "{}", test.name);
        assert_eq!(
            kept(&test.store).await,
            1,
            "{}: every try but the last is undone",
            test.name
        );

        runs.set(0);
        let failed: Result<u32, DbError> = retrying!(test.store, "fail", &mut rng(), |tx| {
            runs.set(runs.get() + 1);
            add(tx, "lost").await?;
            Err(DbError::NotFound)
        });
        assert_eq!((failed, runs.get()), (Err(DbError::NotFound), 1));
        assert_eq!(kept(&test.store).await, 1, "{}: an error undoes", test.name);
    }
}

#[tokio::test]
async fn a_transaction_that_is_never_let_in_gives_up() {
    let test = sqlite(Room::Analytics).await;
    let runs = Cell::new(0);
    // Draws nothing but zeros: no pauses.
    let mut rng = rand::rngs::mock::StepRng::new(0, 0);
    let done: Result<(), DbError> = retrying!(test.store, "never", &mut rng, |_tx| {
        runs.set(runs.get() + 1);
        Err(busy())
    });
    assert_eq!((done, runs.get()), (Err(busy()), 21));
}

#[tokio::test]
async fn runs_and_repetitions_are_counted_by_name_for_all_clones() {
    let test = sqlite(Room::Analytics).await;
    let clone = test.store.clone();
    for _ in 0..2 {
        let tries = Cell::new(0);
        let done: Result<(), DbError> = retrying!(clone, "take reports", &mut rng(), |_tx| {
            tries.set(tries.get() + 1);
            tokio::time::sleep(Duration::from_millis(2)).await;
            if tries.get() < 3 { Err(busy()) } else { Ok(()) }
        });
        done.unwrap();
    }
    let failed: Result<(), DbError> = retrying!(clone, "close quarter", &mut rng(), |_tx| Err(
        DbError::Corrupt
    ));
    assert_eq!(failed, Err(DbError::Corrupt));
    let all = test.store.transactions();
    let counts: Vec<_> = all
        .iter()
        .map(|one| (one.name, one.runs, one.retries))
        .collect();
    assert_eq!(counts, [("close quarter", 1, 0), ("take reports", 2, 4)]);
    let reports = &all[1];
    assert!(reports.longest >= Duration::from_millis(6), "{reports:?}");
    assert!(
        reports.total >= reports.longest + Duration::from_millis(6),
        "{reports:?}"
    );
}

/// A client that goes away in the middle of a request: its task is dropped where it stands.
#[tokio::test]
async fn a_task_broken_off_is_undone_and_trips_nothing() {
    for test in databases(Room::Analytics).await {
        let mut rng = rng();
        let work = async {
            retrying!(test.store, "broken off", &mut rng, |tx| {
                add(tx, "lost").await?;
                std::future::pending::<()>().await;
                Ok::<_, DbError>(())
            })
        };
        let waited = tokio::time::timeout(Duration::from_millis(200), work).await;
        assert!(waited.is_err(), "{}", test.name);
        assert_eq!(kept(&test.store).await, 0, "{}", test.name);
        let after: Result<(), DbError> =
            retrying!(test.store, "after", &mut self::rng(), |tx| add(tx, "kept")
                .await);
        assert_eq!(after, Ok(()), "{}: the writer is free again", test.name);
        let broken = &test.store.transactions()[1];
        assert_eq!(
            (broken.name, broken.runs),
            ("broken off", 1),
            "{}",
            test.name
        );
    }
}

#[tokio::test]
async fn a_panic_inside_stays_the_only_one() {
    let test = sqlite(Room::Analytics).await;
    let store = test.store.clone();
    let task = tokio::spawn(async move {
        let by_hand = store.write().await.unwrap();
        if kept(&store).await == 0 {
            panic!("on purpose");
        }
        by_hand.commit().await
    });
    let panic = task.await.unwrap_err().into_panic();
    assert_eq!(panic.downcast_ref::<&str>(), Some(&"on purpose"));
    let after: Result<(), DbError> =
        retrying!(test.store, "after", &mut rng(), |tx| add(tx, "kept").await);
    assert_eq!(after, Ok(()));
}

#[cfg(debug_assertions)]
#[tokio::test]
#[should_panic(expected = "dropped without commit or rollback")]
async fn a_forgotten_transaction_is_noticed() {
    let test = sqlite(Room::Analytics).await;
    drop(test.store.write().await.unwrap());
}

#[tokio::test]
async fn what_ends_by_hand_trips_nothing() {
    for test in databases(Room::Analytics).await {
        for (key, keep) in [("kept", true), ("lost", false)] {
            let mut tx = test.store.write().await.unwrap();
            add(&mut tx, key).await.unwrap();
            let ended = if keep {
                tx.commit().await
            } else {
                tx.rollback().await
            };
            assert_eq!(ended, Ok(()), "{}", test.name);
        }
        drop(test.store.read().await.unwrap());
        assert_eq!(kept(&test.store).await, 1, "{}", test.name);
    }
}
