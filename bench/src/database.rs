//! Databases of a PostgreSQL server that live as long as the benchmark. The server's user must be allowed to make them.

use crypto::rng::Random;
use server::error::Failure;
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

/// A database that holds nothing yet.
pub(crate) struct Database {
    server: PgConnectOptions,
    name: String,
    /// Its address.
    pub url: String,
}

impl Database {
    /// Makes one beside the database that `url` names, which is not touched.
    ///
    /// # Errors
    /// [`Failure`] when the server does not answer or refuses.
    pub(crate) async fn make(url: &str) -> Result<Self, Failure> {
        let server: PgConnectOptions = url
            .parse()
            .map_err(|_| Failure::new("--database is no postgres:// address"))?;
        let (base, _) = url
            .rsplit_once('/')
            .ok_or_else(|| Failure::new("--database names no database"))?;
        let number: [u8; 8] = crypto::rng::bytes(&mut Random::os());
        let name = format!("payung_bench_{:016x}", u64::from_le_bytes(number));
        let made = Self {
            server,
            url: format!("{base}/{name}"),
            name,
        };
        made.say(format!("CREATE DATABASE {}", made.name)).await?;
        Ok(made)
    }

    /// Drops it.
    ///
    /// # Errors
    /// [`Failure`] when the server refuses.
    pub(crate) async fn remove(self) -> Result<(), Failure> {
        self.say(format!("DROP DATABASE {} WITH (FORCE)", self.name))
            .await
    }

    async fn say(&self, statement: String) -> Result<(), Failure> {
        // What the server answers may repeat the address, and that holds a password.
        let failed = |_| Failure::new("the database server did not do as asked");
        let mut connection = PgConnection::connect_with(&self.server)
            .await
            .map_err(failed)?;
        let done = sqlx::query(AssertSqlSafe(statement))
            .execute(&mut connection)
            .await;
        connection.close().await.map_err(failed)?;
        done.map(drop).map_err(failed)
    }
}
