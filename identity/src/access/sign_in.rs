//! Who signed in at which terminal, and on which day last: to find a device by what people know about it, and to keep the
//! count of a name from shutting a person out where she works.

use crypto::day::Day;
use store::{DbError, Tx, execute, fetch_one};

use super::tags::Tags;
use crate::App;
use crate::memory::seen::SignIn;

/// Days after a sign-in during which the count over all terminals does not close this one.
pub(crate) const FAMILIAR: i32 = 30;

const WRITE: &str = "INSERT INTO sign_in (terminal, staff, pair, day) VALUES ($1, $2, $3, $4)
    ON CONFLICT (terminal, staff) DO UPDATE SET day = $4 WHERE sign_in.day < $4";
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
    let lately = last >= i64::from(today.number() - FAMILIAR);
    Ok(lately | app.seen.has(&tags.sign_in))
}

/// Writes a sign-in inside a transaction.
pub(crate) async fn write(tx: &mut Tx, pair: &[u8; 32], note: &SignIn) -> Result<(), DbError> {
    execute!(
        tx,
        WRITE,
        &note.terminal.as_bytes()[..],
        &note.staff.as_bytes()[..],
        &pair[..],
        i64::from(note.day.number())
    )?;
    Ok(())
}
