//! The outbox: reports wait here, in no order, until the statistics store has them.
//!
//! Keys are random and the table is ordered by them, so storage order says nothing about arrival. The pseudonym is
//! multiplied by the statistics domain's key and rerandomised when a batch is taken, with fresh randomness each time:
//! what leaves cannot be matched to what came in, nor a second delivery to the first. With each goes the provider of the session
//! that handed it in, inside the seal. (PostgreSQL keeps dead rows and
//! physical order until its vacuum; the seal around each row makes them unreadable without the role's keys.)
//!
//! Beside each stands the day on which it came. A delivery takes everything that came before a day and nothing else, however much
//! that is: so no count of reports decides when any of them leaves. The day is read inside the transaction that lays a report
//! down (`arrive`), where [`delivered`] waits for it: what came before a day is there to be looked for once the day is over.

use crypto::day::Day;
use crypto::domain::{DomainKey, Statistics};
use crypto::id::ProviderId;
use crypto::label;
use crypto::rng::Random;
use crypto::seal;
use crypto::statistics::{self, ElGamal, StatisticsPublic};
use rand::seq::SliceRandom as _;
use sqlx::QueryBuilder;
use store::clock::Clock;
use store::{DbError, Held, Tx, fetch_all, fetch_one, on, parsed, retrying};
use tokio::sync::Mutex;

use crate::memory::laying::Waiting;
use crate::{App, Refusal, domains};

const AHEAD: &str = "SELECT item, sealed, received FROM outbox
    WHERE item > $1 AND received < $2 ORDER BY item LIMIT $3";
const BEHIND: &str = "SELECT item, sealed, received FROM outbox
    WHERE item > $1 AND item <= $2 AND received < $3 ORDER BY item LIMIT $4";
const COUNT: &str = "SELECT COUNT(*) FROM outbox";
const OLDER: &str = "SELECT COUNT(*) FROM outbox WHERE received < $1";
/// Two locks that exclude each other, and neither of them itself: reports arrive side by side, and a day is over when none that
/// read its date is under way. SQLite has one writer at a time, so there is nothing to hold.
const ARRIVES: &str = "LOCK TABLE outbox IN ROW EXCLUSIVE MODE";
const IS_OVER: &str = "LOCK TABLE outbox IN SHARE MODE";

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
    /// The day on which it came.
    pub received: Day,
}

/// A row of the outbox: its key, the sealed item, the day on which it came.
type Row = (Vec<u8>, Vec<u8>, i64);

/// A walk through the outbox, once around from a random place. What it hands out is disjoint, so that several deliveries
/// can be under way at once; where it stands is noted nowhere and forgotten with it. What arrives meanwhile is met if it
/// lies ahead, and left for the next walk if not.
pub struct Walk {
    start: [u8; 16],
    before: Day,
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
    /// Begins at a random place; meets what came before a day.
    #[must_use]
    pub fn begin(app: &App, before: Day) -> Self {
        let start: [u8; 16] = crypto::rng::bytes(&mut app.rng());
        Self {
            start,
            before,
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
        let (count, before) = (i64::from(count), i64::from(self.before.number()));
        let mut place = self.place.lock().await;
        let mut tx = app.store.read().await?;
        let mut rows: Vec<Row> = Vec::new();
        let missing = |rows: &[Row]| count - i64::try_from(rows.len()).unwrap_or(count);
        if let Place::Ahead(after) = &*place {
            rows = fetch_all!(&mut tx, Row, AHEAD, &after[..], before, count)?;
            *place = match rows.last() {
                Some((last, ..)) if missing(&rows) == 0 => Place::Ahead(last.clone()),
                _ => Place::Behind(Vec::new()),
            };
        }
        if let (Place::Behind(after), 1..) = (&*place, missing(&rows)) {
            let (start, missing) = (&self.start[..], missing(&rows));
            let more = fetch_all!(&mut tx, Row, BEHIND, &after[..], start, before, missing)?;
            *place = match more.last() {
                Some((last, ..)) if more.len() as i64 == missing => Place::Behind(last.clone()),
                _ => Place::Over,
            };
            rows.extend(more);
        }
        Ok(rows)
    }
}

/// Takes up to `count` items from a random place on, whenever they came, in random order. They stay until [`acknowledge`].
///
/// # Errors
/// As [`Walk::take`].
pub async fn take_batch(app: &App, count: u32) -> Result<Vec<OutboxItem>, Refusal> {
    let walk = Walk::begin(app, tomorrow(app));
    let items = walk.take(app, count).await?;
    Ok(items.unwrap_or_default())
}

/// The day before which everything came that is here.
#[must_use]
pub fn tomorrow(app: &App) -> Day {
    app.clock.today().plus(1)
}

/// The day on which what this transaction lays down came. Call it before anything is read or written in it.
///
/// # Errors
/// Database errors.
pub(crate) async fn arrive(tx: &mut Tx, clock: &dyn Clock) -> Result<Day, DbError> {
    if let Held::Postgres(t) = tx.held() {
        sqlx::query(ARRIVES).execute(&mut **t).await?;
    }
    Ok(clock.today())
}

/// Whether everything that came before a day, which has begun, was delivered.
///
/// # Errors
/// Database errors.
pub async fn delivered(app: &App, before: Day) -> Result<bool, DbError> {
    let day = i64::from(before.number());
    let left: Result<(i64,), DbError> =
        retrying!(app.store, "look for what waits", &mut app.rng(), |tx| {
            if let Held::Postgres(t) = tx.held() {
                sqlx::query(IS_OVER).execute(&mut **t).await?;
            }
            fetch_one!(tx, (i64,), OLDER, day)
        });
    Ok(left?.0 == 0)
}

struct Work {
    seal_key: crypto::secret::Secret<32>,
    domain: std::sync::Arc<DomainKey<Statistics>>,
    public: StatisticsPublic,
    rng: Random,
}

impl Work {
    /// Opens and reshuffles every row; rows that never can be come second.
    fn all(mut self, rows: Vec<Row>) -> (Vec<OutboxItem>, Vec<OutboxKey>) {
        let (mut items, mut broken) = (Vec::with_capacity(rows.len()), Vec::new());
        for (key, sealed, received) in rows {
            let Ok(key) = <[u8; 16]>::try_from(key) else {
                continue;
            };
            match self.one(key, &sealed, received) {
                Some(item) => items.push(item),
                None => broken.push(OutboxKey(key)),
            }
        }
        (items, broken)
    }

    fn one(&mut self, key: [u8; 16], sealed: &[u8], received: i64) -> Option<OutboxItem> {
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
            received: Day::from_number(i32::try_from(received).ok()?).ok()?,
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
