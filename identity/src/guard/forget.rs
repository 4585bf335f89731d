//! What is deleted because its day is over: all of it here, once for each day that is sure (`store::days`), and nothing by
//! what the clock says now. A clock that was wrong for a moment would otherwise make the service forget for ever what it
//! must remember: commitments that it signed, guesses, counts of the day, submissions, invitations that were used.
//!
//! It is done in the moment of counts (`pen.rs`); what goes is days to years old and was written by nobody of today.

use crypto::day::{Day, Month, Quarter};
use store::{DbError, Tx, execute, retrying};

use super::audit::{self, Act, Actor};
use crate::App;
use crate::pen::Phase;

/// Days after which a count of log-ins that nobody added to is forgotten.
const GUESSES: i32 = 366;
/// Days for which counts of a day are kept.
const COUNTS: i32 = 31;
/// Quarters for which a submission is remembered; the statistics store knows repetitions of older ones by itself.
const SUBMISSIONS: i32 = 2;

const FORGET_COMMITMENTS: &str = "DELETE FROM signed_commitment WHERE month < $1";
const FORGET_GUESSES: &str = "DELETE FROM guess WHERE day < $1";
const FORGET_COUNTS: &str = "DELETE FROM allowance WHERE day < $1";
const FORGET_SUBMISSIONS: &str = "DELETE FROM submission WHERE quarter < $1";
const FORGET_INVITATIONS: &str = "DELETE FROM invitation WHERE last_day < $1";
/// What came while the clock was ahead, and would wait until that day.
const CAME_TODAY: &str = "UPDATE outbox SET received = $1 WHERE received > $1";

impl App {
    /// Looks at the day, by the hour, and forgets what is over when another day has become sure. Call it by the minute.
    ///
    /// # Errors
    /// Database errors; then it is done the next time.
    pub async fn look_at_the_day(&self) -> Result<(), DbError> {
        if self.days.due() {
            self.look().await?;
            self.look_for_a_restore().await?;
        }
        let Some(sure) = self.days.sure() else {
            return Ok(());
        };
        if self.forgotten.is(sure) {
            return Ok(());
        }
        let pen = self.pen.take(Phase::Counts).await;
        let done = retrying!(self.store, "forget what is over", &mut self.rng(), |tx| {
            forget(tx, sure).await
        });
        pen.put_down().await;
        done?;
        self.forgotten.set(sure);
        Ok(())
    }
}

impl App {
    /// A look; by a clock that can be believed, reports that bear a day to come are dated again.
    async fn look(&self) -> Result<(), DbError> {
        if !self.days.look(&self.store, &mut self.rng()).await? {
            tracing::warn!(
                "the machine's clock is more than 31 days ahead of the last day that is sure: nothing is forgotten; put \
                 the clock right, or say that it is: payung day --confirm"
            );
            return Ok(());
        }
        let today = i64::from(self.clock.today().number());
        retrying!(self.store, "date reports again", &mut self.rng(), |tx| {
            execute!(tx, CAME_TODAY, today).map(drop)
        })
    }
}

/// Makes a day sure that a person at the machine has looked at; it is written down.
///
/// # Errors
/// Database errors.
pub async fn confirm_day(app: &App, day: Day) -> Result<(), DbError> {
    retrying!(app.store, "confirm the day", &mut app.rng(), |tx| {
        store::days::confirm(tx, day).await?;
        let (actor, act) = (Actor::CommandLine, Act::DayConfirmed);
        audit::note(tx, app, actor, act, &day.to_string()).await
    })
}

async fn forget(tx: &mut Tx, sure: Day) -> Result<(), DbError> {
    let day = |ago: i32| i64::from(sure.number() - ago);
    let quarter = Quarter::of(sure).number() - SUBMISSIONS;
    execute!(tx, FORGET_COMMITMENTS, i64::from(Month::of(sure).number()))?;
    execute!(tx, FORGET_GUESSES, day(GUESSES))?;
    execute!(tx, FORGET_COUNTS, day(COUNTS))?;
    execute!(tx, FORGET_SUBMISSIONS, i64::from(quarter))?;
    execute!(tx, FORGET_INVITATIONS, day(0))?;
    Ok(())
}
