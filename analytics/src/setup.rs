//! Facts fixed when the programme is made: its first day, its budget, the version of its indicator definitions.

use crypto::day::{Day, Quarter};
use crypto::hex;
use indicators::Indicators;
use privacy::budget::Budget;
use store::{DbError, Held, Store, Tx, execute, fetch_one, fetch_optional, retrying};

use crate::App;
use crate::error::Error;
use crate::meta;

const EPOCH: &str = "SELECT value FROM meta WHERE key = 'epoch'";
const FOUNDED: &str = "SELECT value FROM meta WHERE key = 'founded'";
const DELIVERED: &str = "SELECT value FROM meta WHERE key = 'delivered'";
const OWNER: &str = "SELECT value FROM meta WHERE key = 'release-key'";
const USED: &str = "SELECT (SELECT COUNT(*) FROM site) + (SELECT COUNT(*) FROM provider)
    + (SELECT COUNT(*) FROM person) + (SELECT COUNT(*) FROM closed_period)";
const CLEAR: &str = "DELETE FROM meta";
const CLOSED: &str = "SELECT MIN(period), MAX(period) FROM closed_period";
/// The row at which bookings and closings meet on PostgreSQL; it is there in every founded database.
const HOLD: &str = "SELECT value FROM meta WHERE key = 'start' FOR SHARE";
const SHUT: &str = "UPDATE meta SET value = value WHERE key = 'start'";
/// What `meta` holds for a programme without a first day.
const NO_START: &str = "none";

/// The epoch in which every programme begins.
const FIRST_EPOCH: &str = "1";

/// The programme's fixed facts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Founding {
    /// First day of the programme; earlier reports are refused. Without it, every past day is taken and
    /// the first quarter that is closed begins the series.
    pub start: Option<Day>,
    /// The privacy budget of a person and year.
    pub budget: Budget,
}

impl Founding {
    /// The first quarter that can hold an event.
    #[must_use]
    pub(crate) fn earliest(&self) -> Quarter {
        self.start.map_or(Quarter::FIRST, Quarter::of)
    }
}

/// Writes the facts and whose they are into a fresh database; the same again changes nothing. What a founding that broke off left
/// there is replaced.
///
/// # Errors
/// [`Error::SetUpDiffers`] when other facts are there, [`Error::OtherProgramme`] when they are another programme's,
/// [`Error::Database`].
pub async fn set_up(app: &App, facts: Founding) -> Result<(), Error> {
    let indicators = Indicators::shipped()?;
    let mut rng = app.rng.clone();
    let own = hex::encode(&app.keys.release.public());
    retrying!(app.store, "set up", &mut rng, |tx| {
        if let Some((owner,)) = fetch_optional!(tx, (String,), OWNER)?
            && owner != own
        {
            if used(tx).await? {
                return Err(Error::OtherProgramme);
            }
            execute!(tx, CLEAR)?;
        }
        match read(tx, &indicators).await {
            Ok(found) if found == facts => return Ok(()),
            Ok(_) => return Err(Error::SetUpDiffers),
            Err(Error::NotSetUp) => {}
            Err(other) => return Err(other),
        }
        let start = facts
            .start
            .map_or_else(|| NO_START.to_owned(), |day| day.to_string());
        meta::add(tx, "start", &start).await?;
        meta::add(tx, "budget", &facts.budget.to_string()).await?;
        meta::add(tx, "indicators", &indicators.pin()).await?;
        meta::add(tx, "epoch", FIRST_EPOCH).await?;
        meta::add(tx, "founded", &app.today().to_string()).await?;
        meta::add(tx, "release-key", &own).await?;
        Ok(())
    })
}

/// Whose programme was founded in this database: its release key in hexadecimal digits; `None` when none was.
///
/// # Errors
/// Any database error.
pub async fn owner(store: &Store) -> Result<Option<String>, DbError> {
    let mut tx = store.read().await?;
    let row = fetch_optional!(&mut tx, (String,), OWNER)?;
    Ok(row.map(|(owner,)| owner))
}

/// Whether anything was entered into, booked or closed in this database.
///
/// # Errors
/// Any database error.
pub async fn is_used(store: &Store) -> Result<bool, DbError> {
    used(&mut store.read().await?).await
}

async fn used(tx: &mut Tx) -> Result<bool, DbError> {
    Ok(fetch_one!(tx, (i64,), USED)?.0 > 0)
}

/// Reads the facts and refuses a database written with other definitions.
///
/// # Errors
/// [`Error::NotSetUp`], [`Error::IndicatorsDiffer`], [`Error::Damaged`], [`Error::Database`].
pub async fn read(tx: &mut Tx, indicators: &Indicators) -> Result<Founding, Error> {
    let meta = meta::read(tx).await?;
    let find = |key: &str| meta.get(key).map(String::as_str);
    let (Some(start), Some(budget)) = (find("start"), find("budget")) else {
        return Err(Error::NotSetUp);
    };
    if find("indicators") != Some(indicators.pin().as_str()) {
        return Err(Error::IndicatorsDiffer);
    }
    Ok(Founding {
        start: match start {
            NO_START => None,
            day => Some(day.parse().map_err(|_| Error::Damaged)?),
        },
        budget: budget.parse().map_err(|_| Error::Damaged)?,
    })
}

/// The epoch of the key under which the pseudonyms of this store were made. Whatever rotates them moves it in the same transaction.
///
/// # Errors
/// [`Error::NotSetUp`], [`Error::Damaged`], [`Error::Database`].
pub(crate) async fn epoch(tx: &mut Tx) -> Result<u32, Error> {
    let row = fetch_optional!(tx, (String,), EPOCH)?;
    let (epoch,) = row.ok_or(Error::NotSetUp)?;
    epoch.parse().map_err(|_| Error::Damaged)
}

/// The day on which the programme was founded.
///
/// # Errors
/// [`Error::NotSetUp`], [`Error::Damaged`], [`Error::Database`].
pub(crate) async fn founded(tx: &mut Tx) -> Result<Day, Error> {
    let row = fetch_optional!(tx, (String,), FOUNDED)?;
    let (day,) = row.ok_or(Error::NotSetUp)?;
    day.parse().map_err(|_| Error::Damaged)
}

/// The day before which everything that the identity role received is here; `None` until it said so.
///
/// # Errors
/// [`Error::Damaged`], [`Error::Database`].
pub(crate) async fn delivered(tx: &mut Tx) -> Result<Option<Day>, Error> {
    let row = fetch_optional!(tx, (String,), DELIVERED)?;
    let day = row.map(|(day,)| day.parse().map_err(|_| Error::Damaged));
    day.transpose()
}

/// Notes that everything received before a day is here; an earlier day changes nothing.
///
/// # Errors
/// [`Error::Damaged`], [`Error::Database`].
pub(crate) async fn note_delivered(tx: &mut Tx, before: Day) -> Result<(), Error> {
    if delivered(tx).await?.is_none_or(|known| known < before) {
        meta::put(tx, "delivered", &before.to_string()).await?;
    }
    Ok(())
}

/// Keeps the first open quarter open until this transaction ends: a closing waits for it, other bookings do not. Call it
/// before anything is read; a transaction that began before a closing and comes here after it is asked to begin again.
/// SQLite has one writer at a time, so there is nothing to hold.
///
/// # Errors
/// [`DbError::Retry`] when a closing came first.
pub(crate) async fn hold(tx: &mut Tx) -> Result<(), DbError> {
    if let Held::Postgres(t) = tx.held() {
        sqlx::query(HOLD).fetch_optional(&mut **t).await?;
    }
    Ok(())
}

/// Waits for every booking under way and lets none begin until this transaction ends: what they book is there to be
/// counted, and who comes later finds the quarter closed. One row, however many contributions there are.
///
/// # Errors
/// [`DbError::Retry`] when another closing came first.
pub(crate) async fn shut(tx: &mut Tx) -> Result<(), DbError> {
    if let Held::Postgres(t) = tx.held() {
        sqlx::query(SHUT).execute(&mut **t).await?;
    }
    Ok(())
}

/// The first and the last closed quarter.
///
/// # Errors
/// [`Error::Damaged`], [`Error::Database`].
pub(crate) async fn closed(tx: &mut Tx) -> Result<Option<(Quarter, Quarter)>, Error> {
    let ends = fetch_one!(tx, (Option<i64>, Option<i64>), CLOSED)?;
    let quarter = |number: i64| {
        let number = i32::try_from(number).map_err(|_| Error::Damaged)?;
        Quarter::from_number(number).map_err(|_| Error::Damaged)
    };
    match ends {
        (Some(first), Some(last)) => Ok(Some((quarter(first)?, quarter(last)?))),
        _ => Ok(None),
    }
}

/// The first quarter not closed: the one after the latest closed, or the earliest there is.
///
/// # Errors
/// [`Error::Damaged`], [`Error::Database`].
pub(crate) async fn first_open(tx: &mut Tx, facts: &Founding) -> Result<Quarter, Error> {
    match closed(tx).await? {
        Some((_, last)) => Ok(last.next()),
        None => Ok(facts.earliest()),
    }
}

/// The quarter that begins the series of releases, when it is known: of the programme's first day, or
/// the first that was closed.
///
/// # Errors
/// [`Error::Damaged`], [`Error::Database`].
pub(crate) async fn first_released(
    tx: &mut Tx,
    facts: &Founding,
) -> Result<Option<Quarter>, Error> {
    match facts.start {
        Some(start) => Ok(Some(Quarter::of(start))),
        None => Ok(closed(tx).await?.map(|(first, _)| first)),
    }
}
