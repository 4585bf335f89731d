//! The outbox: reports wait here, in no order, until the statistics store has them.
//!
//! Keys are random and the table is ordered by them, so storage order says nothing about arrival. The pseudonym is
//! multiplied by the statistics domain's key and rerandomised when a batch is taken, with fresh randomness each time:
//! what leaves cannot be matched to what came in, nor a second delivery to the first. With each goes the provider of the session
//! that handed it in, inside the seal. (PostgreSQL keeps dead rows and
//! physical order until its vacuum; the seal around each row makes them unreadable without the role's keys.)

use crypto::domain::{DomainKey, Statistics};
use crypto::id::ProviderId;
use crypto::label;
use crypto::rng::Random;
use crypto::seal;
use crypto::statistics::{self, ElGamal, StatisticsPublic};
use rand::seq::SliceRandom as _;
use sqlx::QueryBuilder;
use store::{DbError, Tx, fetch_all, fetch_one, on, parsed, retrying};
use tokio::sync::Mutex;

use crate::memory::laying::Waiting;
use crate::{App, Refusal, domains};

const AHEAD: &str = "SELECT item, sealed FROM outbox WHERE item > $1 ORDER BY item LIMIT $2";
const BEHIND: &str =
    "SELECT item, sealed FROM outbox WHERE item > $1 AND item <= $2 ORDER BY item LIMIT $3";
const COUNT: &str = "SELECT COUNT(*) FROM outbox";

/// Most items of one batch.
const MOST_ITEMS: u32 = 2_000;

/// Items removed by one statement.
const REMOVED: usize = 256;

/// Reason under which an item that can never be delivered is counted.
const UNDELIVERABLE: &str = "undeliverable";

/// Epoch of the key under which [`Walk::take`] makes pseudonyms; it goes with what is delivered.
#[must_use]
pub fn epoch(app: &App) -> u32 {
    app.keys.epoch
}

/// Seals a provider's report for its time here, under a fresh random key.
pub(crate) fn seal(
    app: &App,
    provider: ProviderId,
    elgamal: &ElGamal,
    body: &[u8],
) -> Result<Waiting, Refusal> {
    let key: [u8; 16] = crypto::rng::bytes(&mut app.rng());
    let plain = [&provider.as_bytes()[..], elgamal.as_bytes(), body].concat();
    let sealed = seal::seal(
        app.keys.seal_key().expose(),
        label::IDENTITY_OUTBOX_SEAL,
        &key,
        &plain,
        &mut app.rng(),
    );
    Ok(Waiting {
        key,
        sealed: sealed.map_err(|_| Refusal::Internal)?,
    })
}

/// Names an item towards [`acknowledge`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct OutboxKey([u8; 16]);

/// A report ready for the statistics store.
#[derive(Debug, Clone)]
pub struct OutboxItem {
    /// Its name here; not part of what is delivered.
    pub key: OutboxKey,
    /// Whose report it is.
    pub provider: ProviderId,
    /// The statistics pseudonym, encrypted to the store, freshly rerandomised.
    pub elgamal: ElGamal,
    /// The sealed report.
    pub body: Vec<u8>,
}

/// A row of the outbox: its key, and the sealed item.
type Row = (Vec<u8>, Vec<u8>);

/// A walk through the outbox, once around from a random place. What it hands out is disjoint, so that several deliveries
/// can be under way at once; where it stands is noted nowhere and forgotten with it. What arrives meanwhile is met if it
/// lies ahead, and left for the next walk if not.
pub struct Walk {
    start: [u8; 16],
    place: Mutex<Place>,
}

/// Where a walk stands; keys up to and including the one named are behind it.
enum Place {
    /// Between the start and the end of the table.
    Ahead(Vec<u8>),
    /// Between the beginning of the table and the start.
    Behind(Vec<u8>),
    /// Everywhere.
    Over,
}

impl Walk {
    /// Begins at a random place.
    #[must_use]
    pub fn begin(app: &App) -> Self {
        let start: [u8; 16] = crypto::rng::bytes(&mut app.rng());
        Self {
            start,
            place: Mutex::new(Place::Ahead(start.to_vec())),
        }
    }

    /// Hands out nothing more.
    pub async fn end(&self) {
        *self.place.lock().await = Place::Over;
    }

    /// Takes up to `count` items in random order; none when the walk is over. They stay until [`acknowledge`].
    ///
    /// # Errors
    /// Database errors; [`Refusal::Internal`] if the key cannot be composed.
    pub async fn take(&self, app: &App, count: u32) -> Result<Option<Vec<OutboxItem>>, Refusal> {
        let rows = self.pick(app, count.min(MOST_ITEMS)).await?;
        if rows.is_empty() {
            return Ok(None);
        }
        let work = Work {
            seal_key: app.keys.seal_key(),
            domain: domains::statistics(app).await?,
            public: app.keys.statistics.elgamal,
            rng: app.rng(),
        };
        let (mut items, broken) = tokio::task::spawn_blocking(move || work.all(rows))
            .await
            .map_err(|_| Refusal::Internal)?;
        if !broken.is_empty() {
            let day = app.clock.today();
            for _ in &broken {
                app.refusals.note(day, UNDELIVERABLE);
            }
            acknowledge(app, &broken).await?;
        }
        items.shuffle(&mut app.rng());
        Ok(Some(items))
    }

    /// The next rows; the place moves only when they were read.
    async fn pick(&self, app: &App, count: u32) -> Result<Vec<Row>, DbError> {
        let count = i64::from(count);
        let mut place = self.place.lock().await;
        let mut tx = app.store.read().await?;
        let mut rows: Vec<Row> = Vec::new();
        let missing = |rows: &[Row]| count - i64::try_from(rows.len()).unwrap_or(count);
        if let Place::Ahead(after) = &*place {
            rows = fetch_all!(&mut tx, Row, AHEAD, &after[..], count)?;
            *place = match rows.last() {
                Some((last, _)) if missing(&rows) == 0 => Place::Ahead(last.clone()),
                _ => Place::Behind(Vec::new()),
            };
        }
        if let (Place::Behind(after), 1..) = (&*place, missing(&rows)) {
            let (start, missing) = (&self.start[..], missing(&rows));
            let more = fetch_all!(&mut tx, Row, BEHIND, &after[..], start, missing)?;
            *place = match more.last() {
                Some((last, _)) if more.len() as i64 == missing => Place::Behind(last.clone()),
                _ => Place::Over,
            };
            rows.extend(more);
        }
        Ok(rows)
    }
}

/// Takes up to `count` items from a random place on, in random order. They stay until [`acknowledge`].
///
/// # Errors
/// As [`Walk::take`].
pub async fn take_batch(app: &App, count: u32) -> Result<Vec<OutboxItem>, Refusal> {
    let items = Walk::begin(app).take(app, count).await?;
    Ok(items.unwrap_or_default())
}

struct Work {
    seal_key: crypto::secret::Secret<32>,
    domain: std::sync::Arc<DomainKey<Statistics>>,
    public: StatisticsPublic,
    rng: Random,
}

impl Work {
    /// Opens and reshuffles every row; rows that never can be come second.
    fn all(mut self, rows: Vec<(Vec<u8>, Vec<u8>)>) -> (Vec<OutboxItem>, Vec<OutboxKey>) {
        let (mut items, mut broken) = (Vec::with_capacity(rows.len()), Vec::new());
        for (key, sealed) in rows {
            let Ok(key) = <[u8; 16]>::try_from(key) else {
                continue;
            };
            match self.one(key, &sealed) {
                Some(item) => items.push(item),
                None => broken.push(OutboxKey(key)),
            }
        }
        (items, broken)
    }

    fn one(&mut self, key: [u8; 16], sealed: &[u8]) -> Option<OutboxItem> {
        let plain = seal::open(
            self.seal_key.expose(),
            label::IDENTITY_OUTBOX_SEAL,
            &key,
            sealed,
        )
        .ok()?;
        let (provider, rest) = plain.split_at_checked(16)?;
        let (elgamal, body) = rest.split_at_checked(64)?;
        let elgamal: ElGamal = parsed(elgamal).ok()?;
        let elgamal =
            statistics::reshuffle(&elgamal, &self.domain, &self.public, &mut self.rng).ok()?;
        Some(OutboxItem {
            key: OutboxKey(key),
            provider: parsed(provider).ok()?,
            elgamal,
            body: body.to_vec(),
        })
    }
}

/// Removes items that the statistics store has taken, or has refused for ever.
///
/// # Errors
/// Database errors.
pub async fn acknowledge(app: &App, keys: &[OutboxKey]) -> Result<(), DbError> {
    if keys.is_empty() {
        return Ok(());
    }
    retrying!(
        app.store,
        "remove delivered reports",
        &mut app.rng(),
        |tx| {
            for chunk in keys.chunks(REMOVED) {
                remove(tx, chunk).await?;
            }
            Ok(())
        }
    )
}

async fn remove(tx: &mut Tx, keys: &[OutboxKey]) -> Result<(), DbError> {
    on!(tx, |t| {
        let mut query = QueryBuilder::new("DELETE FROM outbox WHERE item IN (");
        let mut list = query.separated(", ");
        for key in keys {
            list.push_bind(key.0.to_vec());
        }
        query.push(")");
        query.build().execute(&mut **t).await.map(drop)
    })?;
    Ok(())
}

/// How many reports wait.
///
/// # Errors
/// Database errors.
pub async fn waiting(app: &App) -> Result<u64, DbError> {
    let mut tx = app.store.read().await?;
    let (count,) = fetch_one!(&mut tx, (i64,), COUNT)?;
    u64::try_from(count).map_err(|_| DbError::Corrupt)
}
