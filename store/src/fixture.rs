//! Throw-away databases for tests (feature `test-util`).
//!
//! Every test gets SQLite on a temporary file and, when the environment variable `PAYUNG_TEST_POSTGRES` holds the address
//! of a throw-away server with a superuser, a PostgreSQL database of its own that is dropped with the handle. The server
//! must accept non-TLS connections; never point the variable at a server that holds anything.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "test support: a failure here must stop the test"
)]

use std::sync::atomic::{AtomicU64, Ordering};

use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

use crate::{Location, Room, Store};

/// Numbers the databases of this process.
static COUNT: AtomicU64 = AtomicU64::new(0);

/// One fresh database; removed when dropped.
pub struct TestDatabase {
    /// `sqlite` or `postgres`, for messages of assertions.
    pub name: &'static str,
    /// The open, migrated store.
    pub store: Store,
    /// Where it lies, to open it a second time.
    pub location: Location,
    cleanup: Cleanup,
}

enum Cleanup {
    /// Dropping the handle removes the folder.
    Folder { _folder: tempfile::TempDir },
    Database {
        server: Box<PgConnectOptions>,
        name: String,
    },
}

/// Opens a fresh database of `room` on every available dialect.
pub async fn databases(room: Room) -> Vec<TestDatabase> {
    let mut all = vec![sqlite(room).await];
    all.extend(postgres(room).await);
    all
}

/// A fresh SQLite database.
pub async fn sqlite(room: Room) -> TestDatabase {
    let folder = tempfile::tempdir().unwrap();
    let location = Location::in_folder(folder.path(), room);
    let store = Store::open(&location, room).await.unwrap();
    TestDatabase {
        name: "sqlite",
        store,
        location,
        cleanup: Cleanup::Folder { _folder: folder },
    }
}

/// A fresh PostgreSQL database, or `None` when no server is named.
pub async fn postgres(room: Room) -> Option<TestDatabase> {
    #[allow(
        clippy::disallowed_methods,
        reason = "tests have no configuration of their own"
    )]
    let url = std::env::var("PAYUNG_TEST_POSTGRES").ok()?;
    let server: PgConnectOptions = url
        .parse()
        .expect("PAYUNG_TEST_POSTGRES holds a postgres:// address");
    let number = COUNT.fetch_add(1, Ordering::SeqCst);
    let name = format!("payung_test_{}_{number}", std::process::id());
    let mut connection = PgConnection::connect_with(&server)
        .await
        .expect("the test server answers");
    for statement in [
        format!("DROP DATABASE IF EXISTS {name}"),
        format!("CREATE DATABASE {name} TEMPLATE template0"),
    ] {
        sqlx::query(AssertSqlSafe(statement))
            .execute(&mut connection)
            .await
            .unwrap();
    }
    connection.close().await.unwrap();
    let base = url
        .rsplit_once('/')
        .expect("the address names a database")
        .0;
    let location = Location::Postgres(format!("{base}/{name}"));
    let store = Store::open(&location, room).await.unwrap();
    Some(TestDatabase {
        name: "postgres",
        store,
        location,
        cleanup: Cleanup::Database {
            server: Box::new(server),
            name,
        },
    })
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let Cleanup::Database { server, name } = &self.cleanup else {
            return;
        };
        let (server, name) = (server.clone(), name.clone());
        // A thread of its own: a test's runtime cannot be blocked on from inside.
        let dropper = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            let Ok(runtime) = runtime else { return };
            runtime.block_on(async {
                if let Ok(mut connection) = PgConnection::connect_with(&server).await {
                    let statement = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
                    let _ = sqlx::query(AssertSqlSafe(statement))
                        .execute(&mut connection)
                        .await;
                }
            });
        });
        let _ = dropper.join();
    }
}
