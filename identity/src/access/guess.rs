//! Log-ins that began and have not succeeded, counted on disk under keyed tags.
//!
//! KE2 lets its receiver test a password, so a log-in counts as a wrong guess from the moment it begins: the count is
//! committed before KE2 is made, and given back when KE3 verifies. Two counts, for a name at a terminal and for the name
//! over all terminals of the terminal's party; the second is the sum of the first ones, and of those that were forgotten after a year. Each ends at a hundred (NIST SP 800-63B, section 5.2.2), and
//! then an administrator opens the name again. From the fifth on the next must wait (`memory/waits.rs`).
//!
//! **Nobody is shut out elsewhere.** At terminals of another party a name is nobody's (`login.rs`), so a count there
//! closes nothing of the person's. The count over all terminals does not close a terminal at which the person signed in
//! within thirty days, and a log-in that does not come from a live terminal is counted in memory alone.
//!
//! **Nothing tells which names exist.** Counting comes before the name is looked up, for names that are nobody's too. A
//! stranger's log-in runs the same statements, on rows that stand for nobody; one stranger's at a time, so that a
//! flood of them does not keep others from writing.

use crypto::day::Day;
use store::{DbError, Tx, execute, fetch_one, fetch_optional, retrying};

use super::sign_in;
use super::tags::Tags;
use crate::{App, Refusal};

const COUNT: &str = "INSERT INTO guess (tag, wrong, day) VALUES ($1, 1, $2)
    ON CONFLICT (tag) DO UPDATE SET wrong = guess.wrong + 1, day = $2 RETURNING wrong";
const GIVE_BACK: &str = "DELETE FROM guess WHERE tag = $1 RETURNING wrong";
const LESS: &str = "UPDATE guess SET wrong = wrong - $1 WHERE tag = $2";
const NONE_LEFT: &str = "DELETE FROM guess WHERE tag = $1 AND wrong <= 0";

/// Counts a log-in that begins, or refuses it.
///
/// # Errors
/// [`Refusal::Limit`] while the name must wait at this terminal, [`Refusal::Locked`] after too many in a row.
pub(crate) async fn count(app: &App, tags: &Tags, live: bool, now: i64) -> Result<(), Refusal> {
    let free = app.limits.wrong_before_waiting;
    if live {
        let turn = app.waits.turn(tags.pair, now).await?;
        let wrong = on_disk(app, tags, i64::from(app.limits.wrong_in_a_row)).await?;
        turn.note(u32::try_from(wrong).unwrap_or(u32::MAX), free, now);
        return Ok(());
    }
    let turn = app.strangers.turn(tags.pair, now).await?;
    let wrong = turn.wrong().saturating_add(1);
    {
        let _one = app.one_stranger.lock().await;
        on_disk(app, &app.nobody.tags, i64::MAX).await?;
    }
    turn.note(wrong, free, now);
    Ok(())
}

/// Counts both and commits; the number for the name at the terminal.
async fn on_disk(app: &App, tags: &Tags, most: i64) -> Result<i64, Refusal> {
    let today = app.clock.today();
    retrying!(app.store, "count log-in", &mut app.rng(), |tx| {
        let here = add(tx, &tags.pair, today).await?;
        let everywhere = add(tx, &tags.name, today).await?;
        let familiar = sign_in::familiar(tx, app, tags, today).await?;
        if here > most || (everywhere > most && !familiar) {
            return Err(Refusal::Locked);
        }
        Ok(here)
    })
}

async fn add(tx: &mut Tx, tag: &[u8; 32], today: Day) -> Result<i64, DbError> {
    let day = i64::from(today.number());
    let (wrong,) = fetch_one!(tx, (i64,), COUNT, &tag[..], day)?;
    Ok(wrong)
}

/// Takes back what was counted for a name at a terminal: its log-in succeeded.
///
/// # Errors
/// Database errors; the count then stays.
pub(crate) async fn give_back(app: &App, tags: &Tags) -> Result<(), Refusal> {
    retrying!(app.store, "give log-in back", &mut app.rng(), |tx| {
        clear(tx, tags).await?;
        Ok::<_, Refusal>(())
    })?;
    app.waits.forget(&tags.pair).await;
    Ok(())
}

/// Takes back what was counted for a name at a terminal, inside a transaction.
pub(crate) async fn clear(tx: &mut Tx, tags: &Tags) -> Result<(), DbError> {
    let gone = fetch_optional!(tx, (i64,), GIVE_BACK, &tags.pair[..])?;
    let wrong = gone.map_or(0, |(wrong,)| wrong);
    execute!(tx, LESS, wrong, &tags.name[..])?;
    execute!(tx, NONE_LEFT, &tags.name[..])?;
    Ok(())
}

/// Takes back all that was counted for a name, at these terminals and over all of them, inside a transaction.
pub(crate) async fn clear_all(tx: &mut Tx, tags: &[Tags]) -> Result<(), DbError> {
    for tags in tags {
        for tag in [&tags.pair, &tags.name] {
            fetch_optional!(tx, (i64,), GIVE_BACK, &tag[..])?;
        }
    }
    Ok(())
}
