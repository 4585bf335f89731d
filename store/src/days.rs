//! By which day something may be forgotten.
//!
//! What is deleted because its day is over is gone for ever, and a machine's clock can be wrong for a second. So nothing is
//! deleted by what the clock says now. A look ([`Days::look`]) notes the day that it sees. When the clock has gone on from there
//! by a day and by no more than 31, and the process ran for 24 hours in between by its other clock, which nobody can set,
//! the noted day is *sure*: two looks a running day apart agree on it. Forgetting goes by the sure day alone and so comes
//! a day or two late. The sure day never goes back, and a clock that is set back behind it is taken to stand on it.
//!
//! A day more than 31 days after the sure one is none until a person confirms it ([`confirm`]), however long the
//! clock keeps to it: a service that stood still for so long and one whose clock went wrong look alike from inside.
//!
//! Limits: a clock that is wrong by less than that, and stays so for a day, is believed. Running hours of several
//! processes on one database add up. Before the first sure day, in the first days of a programme, nothing is forgotten.

use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crypto::day::Day;
use crypto::rng::Random;

use crate::clock::Clock;
use crate::{DbError, Store, Tx, execute, fetch_optional, retrying};

/// Most days from one look to the next, and from the sure day to one that becomes sure.
pub const MOST_DAYS: i32 = 31;
/// Running hours between two looks that agree.
const HOURS: i64 = 24;
/// Seconds between two looks.
const HOUR: i64 = 3_600;
/// No day.
const NONE: i32 = i32::MIN;

const READ: &str = "SELECT seen, hours, sure FROM calendar";
const WRITE: &str = "INSERT INTO calendar (one, seen, hours, sure) VALUES (1, $1, $2, $3)
    ON CONFLICT (one) DO UPDATE SET seen = $1, hours = $2, sure = $3";

type Columns = (i64, i64, Option<i64>);

/// What is known of the days in a database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Known {
    /// The day that was noted.
    seen: Day,
    /// Whole hours for which processes ran since then.
    hours: i64,
    /// The last day that is sure.
    sure: Option<Day>,
}

/// When this process looked last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Last {
    day: Day,
    /// By the clock that cannot be set, in seconds.
    ran: i64,
}

/// The days of one room in one process. As a [`Clock`] it is the machine's, but never behind the sure day.
pub struct Days {
    clock: Arc<dyn Clock>,
    sure: AtomicI32,
    last: Mutex<Option<Last>>,
}

impl Days {
    /// Over the machine's clock.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            sure: AtomicI32::new(NONE),
            last: Mutex::default(),
        }
    }

    /// The last sure day, as far as this process has looked.
    #[must_use]
    pub fn sure(&self) -> Option<Day> {
        Day::from_number(self.sure.load(Ordering::Relaxed)).ok()
    }

    /// Whether it is time for a look: an hour ran, or the clock says another day.
    #[must_use]
    pub fn due(&self) -> bool {
        let now = self.now();
        self.last()
            .is_none_or(|last| last.day != now.day || now.ran - last.ran >= HOUR)
    }

    /// Notes the day and keeps the sure one in mind; false when the clock is too far ahead of that to be believed.
    ///
    /// # Errors
    /// Database errors: nothing was noted.
    pub async fn look(&self, store: &Store, rng: &mut Random) -> Result<bool, DbError> {
        let (last, now) = (self.last(), self.now());
        let hours = last.map_or(0, |last| (now.ran - last.ran).max(0) / HOUR);
        let known = retrying!(store, "look at the day", rng, |tx| {
            let known = step(read(tx).await?, last, now);
            write(tx, known).await?;
            Ok::<_, DbError>(known)
        })?;
        let ran = last.map_or(now.ran, |last| last.ran + hours * HOUR);
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(Last { ran, ..now });
        let sure = known.sure.map_or(NONE, Day::number);
        self.sure.store(sure, Ordering::Relaxed);
        Ok(!ahead(known.sure, now.day))
    }

    fn now(&self) -> Last {
        Last {
            day: self.clock.today(),
            ran: self.clock.ran_seconds(),
        }
    }

    fn last(&self) -> Option<Last> {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for Days {
    fn unix_seconds(&self) -> i64 {
        self.clock.unix_seconds()
    }

    fn ran_seconds(&self) -> i64 {
        self.clock.ran_seconds()
    }

    fn today(&self) -> Day {
        let today = self.clock.today();
        self.sure().map_or(today, |sure| sure.max(today))
    }

    fn zone(&self) -> &str {
        self.clock.zone()
    }

    fn latest(&self) -> Day {
        self.clock.latest().max(self.today())
    }
}

/// The last sure day of a database.
///
/// # Errors
/// Database errors.
pub async fn sure(tx: &mut Tx) -> Result<Option<Day>, DbError> {
    Ok(read(tx).await?.and_then(|known| known.sure))
}

/// Makes a day sure that a person has looked at, and notes it. A day before the sure one changes nothing.
///
/// # Errors
/// Database errors.
pub async fn confirm(tx: &mut Tx, day: Day) -> Result<(), DbError> {
    let before = sure(tx).await?;
    let known = Known {
        seen: day,
        hours: 0,
        sure: before.max(Some(day)),
    };
    write(tx, known).await
}

/// Whether a day is too far after the sure one to be believed.
#[must_use]
pub fn ahead(sure: Option<Day>, day: Day) -> bool {
    sure.is_some_and(|sure| day.since(sure) > MOST_DAYS)
}

/// What is known after a look.
fn step(known: Option<Known>, last: Option<Last>, now: Last) -> Known {
    let anew = |sure| Known {
        seen: now.day,
        hours: 0,
        sure,
    };
    let Some(known) = known else {
        return anew(None);
    };
    let ran = last.map_or(0, |last| (now.ran - last.ran).max(0) / HOUR);
    // Within one process the two clocks keep step.
    let steady = last.is_none_or(|last| {
        let gone = i64::from(now.day.since(last.day));
        (0..=ran / HOURS + 1).contains(&gone)
    });
    let gone = now.day.since(known.seen);
    if !steady || !(0..=MOST_DAYS).contains(&gone) {
        return anew(known.sure);
    }
    let hours = known.hours + ran;
    if gone == 0 || hours < HOURS {
        return Known { hours, ..known };
    }
    let agreed = known.sure.max(Some(known.seen));
    anew(match ahead(known.sure, known.seen) {
        true => known.sure,
        false => agreed,
    })
}

async fn read(tx: &mut Tx) -> Result<Option<Known>, DbError> {
    let day = |number: i64| {
        let number = i32::try_from(number).map_err(|_| DbError::Corrupt)?;
        Day::from_number(number).map_err(|_| DbError::Corrupt)
    };
    let row = fetch_optional!(tx, Columns, READ)?;
    row.map(|(seen, hours, sure)| {
        Ok(Known {
            seen: day(seen)?,
            hours,
            sure: sure.map(day).transpose()?,
        })
    })
    .transpose()
}

async fn write(tx: &mut Tx, known: Known) -> Result<(), DbError> {
    let number = |day: Day| i64::from(day.number());
    let (seen, sure) = (number(known.seen), known.sure.map(number));
    execute!(tx, WRITE, seen, known.hours, sure).map(drop)
}
