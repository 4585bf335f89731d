//! Who signed in at which terminal, and on which day last: to find a device by what people know about it, and to keep the
//! count of a name from shutting a person out where she works.

use crypto::day::Day;
use store::{DbError, Tx, execute, fetch_one};

use super::tags::Tags;
use crate::App;
use crate::memory::seen::SignIn;

/// Days after a sign-in during which the count over all terminals does not close this one.
pub(crate) const FAMILIAR: i32 = 30;

/// Days by which a sign-in may lie ahead of the clock: it may have been set back a little.
const AHEAD: i32 = 1;

const WRITE: &str = "INSERT INTO sign_in (terminal, staff, pair, day) VALUES ($1, $2, $3, $4)
    ON CONFLICT (terminal, staff) DO UPDATE SET day = $4
    WHERE sign_in.day < $4 OR sign_in.day > $5";
/// One row, whether there is one or not.
const LAST: &str = "SELECT COALESCE(MAX(day), -1) FROM sign_in WHERE pair = $1";

/// Whether this name signed in at this terminal within thirty days.
pub(crate) async fn familiar(
    tx: &mut Tx,
    app: &App,
    tags: &Tags,
    today: Day,
) -> Result<bool, DbError> {
    let (last,) = fetch_one!(tx, (i64,), LAST, &tags.sign_in[..])?;
    // A day that has not come was written while the clock was wrong.
    let (from, to) = (today.plus(-FAMILIAR), today.plus(AHEAD));
    let lately = (i64::from(from.number())..=i64::from(to.number())).contains(&last);
    Ok(lately | app.seen.has(&tags.sign_in))
}

/// Writes a sign-in inside a transaction: over an earlier day, and over one that has not come.
pub(crate) async fn write(tx: &mut Tx, pair: &[u8; 32], note: &SignIn) -> Result<(), DbError> {
    execute!(
        tx,
        WRITE,
        &note.terminal.as_bytes()[..],
        &note.staff.as_bytes()[..],
        &pair[..],
        i64::from(note.day.number()),
        i64::from(note.day.plus(AHEAD).number())
    )?;
    Ok(())
}
