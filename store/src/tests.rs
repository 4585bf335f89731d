//! Both databases hold the same tables, keep concurrent writers honest and refuse what they do not know.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeSet;
use std::sync::Arc;

use rand::SeedableRng as _;
use rand_chacha::ChaCha20Rng;

use crate::fixture::{TestDatabase, databases, postgres, sqlite};
use crate::{DbError, Pools, Room, Store, execute, fetch_one, retrying};

mod address;
mod days;
mod named;

type Columns = BTreeSet<(String, String, bool)>;

async fn sqlite_columns(test: &TestDatabase) -> Columns {
    const SQL: &str = "SELECT t.name, c.name, c.\"notnull\" = 1 FROM pragma_table_list t, pragma_table_info(t.name) c
        WHERE t.schema = 'main' AND t.type = 'table' AND t.name NOT LIKE 'sqlite%' AND t.name NOT LIKE '\\_sqlx%' ESCAPE '\\'";
    let Pools::Sqlite { read, .. } = test.store.pools() else {
        panic!("not SQLite")
    };
    sqlx::query_as(SQL)
        .fetch_all(read)
        .await
        .unwrap()
        .into_iter()
        .collect()
}

async fn postgres_columns(test: &TestDatabase) -> Columns {
    const SQL: &str = "SELECT table_name::text, column_name::text, is_nullable = 'NO' FROM information_schema.columns
        WHERE table_schema = current_schema() AND table_name NOT LIKE '\\_sqlx%'
        AND table_name NOT LIKE 'contribution\\___'"; // the parts of `contribution`
    let Pools::Postgres(pool) = test.store.pools() else {
        panic!("not PostgreSQL")
    };
    sqlx::query_as(SQL)
        .fetch_all(pool)
        .await
        .unwrap()
        .into_iter()
        .collect()
}

#[tokio::test]
async fn both_dialects_have_the_same_columns() {
    for room in [Room::Identity, Room::Analytics] {
        let Some(other) = postgres(room).await else {
            return;
        };
        let (left, right) = (
            sqlite_columns(&sqlite(room).await).await,
            postgres_columns(&other).await,
        );
        assert!(left.len() > 10, "{room:?}: the query finds the tables");
        assert_eq!(
            left, right,
            "{room:?}: columns differ between SQLite and PostgreSQL"
        );
    }
}

#[tokio::test]
async fn every_column_is_commented_and_every_sqlite_table_is_strict() {
    for room in ["identity", "analytics"] {
        for dialect in ["sqlite", "postgres"] {
            let folder = format!("{}/migrations/{dialect}/{room}", env!("CARGO_MANIFEST_DIR"));
            for file in std::fs::read_dir(folder).unwrap() {
                check_sql(
                    &std::fs::read_to_string(file.unwrap().path()).unwrap(),
                    dialect,
                    room,
                );
            }
        }
    }
}

fn check_sql(text: &str, dialect: &str, room: &str) {
    let mut inside = false;
    for line in text.lines() {
        let line = line.trim();
        if line.starts_with("CREATE TABLE") {
            inside = true;
        } else if line.starts_with(')') {
            inside = false;
            assert!(
                dialect != "sqlite" || line.contains("STRICT"),
                "{room}: a table without STRICT"
            );
        } else if inside {
            let rule = ["PRIMARY KEY (", "UNIQUE (", "CHECK (", "--", "FOREIGN KEY"]
                .iter()
                .any(|s| line.starts_with(s));
            assert!(
                rule || line.is_empty() || line.contains("--"),
                "{dialect}/{room}: no comment: {line}"
            );
        }
    }
}

async fn bump(store: &Store, rng: &mut ChaCha20Rng) -> Result<(), DbError> {
    const READ: &str = "SELECT value FROM setting WHERE name = $1";
    const WRITE: &str = "UPDATE setting SET value = $1 WHERE name = $2";
    retrying!(store, "bump", rng, |tx| {
        let (value,) = fetch_one!(tx, (i64,), READ, "status_revision")?;
        tokio::task::yield_now().await;
        execute!(tx, WRITE, value + 1, "status_revision")?;
        Ok(())
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn thirty_two_concurrent_writers_lose_nothing() {
    for test in databases(Room::Identity).await {
        let store = Arc::new(test.store.clone());
        let writers: Vec<_> = (0..32_u8)
            .map(|n| {
                let store = Arc::clone(&store);
                tokio::spawn(async move {
                    let mut rng = ChaCha20Rng::from_seed([n; 32]);
                    bump(&store, &mut rng).await
                })
            })
            .collect();
        for writer in writers {
            assert_eq!(writer.await.unwrap(), Ok(()), "{}", test.name);
        }
        let mut tx = store.read().await.unwrap();
        const READ: &str = "SELECT value FROM setting WHERE name = 'status_revision'";
        let (value,) = fetch_one!(&mut tx, (i64,), READ).unwrap();
        assert_eq!(value, 33, "{}", test.name);
    }
}

/// Runs one statement with a key and a text in a transaction of its own. A foreign key may be checked at commit.
async fn run(store: &Store, sql: &'static str, key: [u8; 16], text: &str) -> Result<(), DbError> {
    let mut tx = store.write().await?;
    let done = execute!(&mut tx, sql, &key[..], text);
    match done {
        Ok(_) => tx.commit().await,
        Err(error) => tx.rollback().await.and(Err(error)),
    }
}

#[tokio::test]
async fn errors_keep_a_code_and_no_value() {
    const ADD: &str = "INSERT INTO provider (provider, name) VALUES ($1, $2)";
    const SITE: &str = "INSERT INTO site (provider, site) VALUES ($1, $2)";
    for test in databases(Room::Identity).await {
        assert_eq!(run(&test.store, ADD, [1; 16], "secret").await, Ok(()));
        let twice = run(&test.store, ADD, [2; 16], "secret").await.unwrap_err();
        let orphan = run(&test.store, SITE, [9; 16], "secret/secret")
            .await
            .unwrap_err();
        assert!(
            matches!(twice, DbError::Conflict { .. }),
            "{}: {twice:?}",
            test.name
        );
        assert!(
            matches!(orphan, DbError::Constraint { .. }),
            "{}: {orphan:?}",
            test.name
        );
        let shown = format!("{twice:?} {twice} {orphan:?} {orphan}");
        assert!(!shown.contains("secret"), "{}", test.name);
    }
}

#[tokio::test]
async fn a_newer_schema_is_refused_and_named() {
    for test in databases(Room::Identity).await {
        let mut tx = test.store.write().await.unwrap();
        const PRETEND: &str = "UPDATE _sqlx_migrations SET version = 99 WHERE version = 1";
        execute!(&mut tx, PRETEND).unwrap();
        tx.commit().await.unwrap();
        let refused = Store::open(&test.location, Room::Identity).await.err();
        let carried = crate::migrations::sqlite(Room::Identity);
        let known = carried.iter().map(|step| step.version).max().unwrap();
        assert_eq!(
            refused,
            Some(DbError::NewerSchema { found: 99, known }),
            "{}",
            test.name
        );
        assert!(
            refused
                .unwrap()
                .to_string()
                .contains("install the newer program")
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn eight_openers_of_a_new_file_all_succeed() {
    for round in 0..4 {
        let folder = tempfile::tempdir().unwrap();
        let location = crate::Location::in_folder(folder.path(), Room::Identity);
        let openers: Vec<_> = (0..8)
            .map(|_| {
                let location = location.clone();
                tokio::spawn(async move { Store::open(&location, Room::Identity).await.map(drop) })
            })
            .collect();
        for opener in openers {
            assert_eq!(opener.await.unwrap(), Ok(()), "round {round}");
        }
    }
}

#[cfg(unix)]
#[tokio::test]
async fn every_file_of_the_database_belongs_to_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let test = sqlite(Room::Identity).await;
    bump(&test.store, &mut ChaCha20Rng::from_seed([1; 32]))
        .await
        .unwrap();
    let crate::Location::SqliteFile(path) = &test.location else {
        panic!("not SQLite")
    };
    let mut names = Vec::new();
    for entry in std::fs::read_dir(path.parent().unwrap()).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(
            entry.metadata().unwrap().permissions().mode() & 0o777,
            0o600,
            "{:?}",
            entry.file_name()
        );
        names.push(entry.file_name().into_string().unwrap());
    }
    assert!(
        names.iter().any(|name| name.ends_with("-wal")),
        "the write-ahead log was looked at: {names:?}"
    );
}

#[tokio::test]
async fn deleted_content_leaves_the_files_after_tidying() {
    let test = sqlite(Room::Identity).await;
    let needle = b"needle-in-the-stack!needle-in-the-stack!";
    for sql in [
        "INSERT INTO envelope (envelope, sealed, delete_hash) VALUES ($1, $2, $1)",
        "DELETE FROM envelope WHERE sealed = $2 OR envelope = $1",
    ] {
        let mut tx = test.store.write().await.unwrap();
        execute!(&mut tx, sql, &[7_u8; 16][..], &needle[..]).unwrap();
        tx.commit().await.unwrap();
    }
    test.store.tidy().await.unwrap();
    let crate::Location::SqliteFile(path) = &test.location else {
        panic!("not SQLite")
    };
    for entry in std::fs::read_dir(path.parent().unwrap()).unwrap() {
        let entry = entry.unwrap();
        let bytes = std::fs::read(entry.path()).unwrap();
        assert!(
            !bytes.windows(needle.len()).any(|w| w == needle),
            "{:?} still holds it",
            entry.file_name()
        );
    }
}

/// Within a page SQLite puts rows where there is room, in the order in which they come.
#[tokio::test]
async fn rows_laid_anew_do_not_say_in_which_order_they_came() {
    let mut files = Vec::new();
    for backwards in [false, true] {
        let test = sqlite(Room::Identity).await;
        let mut ids: Vec<u8> = (0..200).collect();
        if backwards {
            ids.reverse();
        }
        for id in ids {
            let mut tx = test.store.write().await.unwrap();
            let row = "INSERT INTO envelope (envelope, sealed, delete_hash) VALUES ($1, $2, $2)";
            execute!(&mut tx, row, &[id; 16][..], &[id; 32][..]).unwrap();
            tx.commit().await.unwrap();
        }
        let crate::Location::SqliteFile(path) = &test.location else {
            panic!("not SQLite")
        };
        test.store.tidy().await.unwrap();
        let before = std::fs::read(path).unwrap();
        test.store.forget_order().await.unwrap();
        files.push((before, std::fs::read(path).unwrap()));
    }
    // The first page counts changes; one other says when the schema was made.
    let differ = |a: &[u8], b: &[u8]| {
        let pages = a.chunks(4_096).zip(b.chunks(4_096)).skip(1);
        pages.filter(|(a, b)| a != b).count()
    };
    let [(one, laid), (other, laid_too)] = &files[..] else {
        panic!("two files")
    };
    assert!(differ(one, other) > 2, "it shows before");
    assert!(differ(laid, laid_too) <= 1);
}

/// Somebody who reads an old state keeps the log from being emptied: that is said, never passed over.
#[tokio::test]
async fn a_log_that_is_in_use_is_not_called_empty() {
    let test = sqlite(Room::Identity).await;
    let crate::Location::SqliteFile(path) = &test.location else {
        panic!("not SQLite")
    };
    let log = path.with_extension("db-wal");
    let mut reader = test.store.read().await.unwrap();
    let count = "SELECT COUNT(*) FROM setting";
    let before: (i64,) = fetch_one!(&mut reader, (i64,), count).unwrap();
    let mut tx = test.store.write().await.unwrap();
    let row = "INSERT INTO setting (name, value) VALUES ('needle', 1)";
    execute!(&mut tx, row).unwrap();
    tx.commit().await.unwrap();
    let busy = test.store.tidy().await;
    assert!(matches!(busy, Err(DbError::Retry { .. })), "{busy:?}");
    assert!(std::fs::metadata(&log).unwrap().len() > 0);
    let again: (i64,) = fetch_one!(&mut reader, (i64,), count).unwrap();
    assert_eq!(again, before, "it really read an old state");
    // Whoever stops reading within the patience is waited for.
    let store = test.store.clone();
    let waits = tokio::spawn(async move { store.tidy().await });
    tokio::time::sleep(std::time::Duration::from_millis(400)).await;
    drop(reader);
    waits.await.unwrap().unwrap();
    assert_eq!(std::fs::metadata(&log).unwrap().len(), 0);
}

#[test]
fn an_address_is_never_printed() {
    let location = crate::Location::Postgres("postgres://user:hunter2@db/x".to_owned());
    assert_eq!(format!("{location:?}"), "Postgres(..)");
}

/// A full disk fails the transaction that met it and no later one.
#[tokio::test]
async fn the_writer_goes_on_after_a_full_disk() {
    let test = sqlite(Room::Analytics).await;
    let mut tx = test.store.write().await.unwrap();
    let pages = "PRAGMA max_page_count = 60";
    execute!(&mut tx, pages).unwrap();
    let fill = "INSERT INTO meta (key, value) VALUES ($1, hex(zeroblob(4000)))";
    let mut full = false;
    for number in 0..200_i64 {
        let key = format!("k{number}");
        let filled = execute!(&mut tx, fill, &key);
        if filled.is_err() {
            full = true;
            break;
        }
    }
    assert!(full, "the disk never fills");
    // SQLite has undone it already and says so.
    let _ = tx.rollback().await;
    for _ in 0..3 {
        let mut tx = test.store.write().await.unwrap();
        let one = "INSERT INTO meta (key, value) VALUES ('one', 'x') ON CONFLICT DO NOTHING";
        execute!(&mut tx, one).unwrap();
        tx.commit().await.unwrap();
    }
}
