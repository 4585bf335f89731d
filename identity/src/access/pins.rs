//! The records of PINs, one for a terminal at most, and how their tries are counted.
//!
//! A try counts on disk before its answer leaves ([`try_one`]), and a right one sets the count back. The tenth takes the record off
//! the disk before it is answered: only when it was right does the record come back ([`was_right`]). So ten wrong tries leave
//! nothing, also when the connection breaks or the process ends. A row names nobody without the keys.
//!
//! A PIN opens on the day of the last log-in by password there and on the next one, and what it opened ends within twelve hours: never
//! more than 72 hours after the password, 60 at most. That day is the
//! one of `sign_in`, with what waits to be written there; a crash forgets a day at most, and then the password is needed sooner.

use crypto::day::Day;
use crypto::id::{StaffId, TerminalId};
use crypto::opaque::{STORED_LENGTH, StoredRecord};
use crypto::{digest, label, seal};
use store::{DbError, Tx, execute, fetch_one, fetch_optional, retrying};

use crate::keys::IdentityKeys;
use crate::memory::tried::Try;
use crate::{App, Refusal};

/// Tries in a row of which the last is the last of all.
const MOST: i64 = 10;
/// Days after that of a log-in by password on which a PIN still opens.
const FRESH: i32 = 1;
/// Staff, credential, record.
const PLAIN: usize = 16 + 16 + STORED_LENGTH;

const PUT: &str = "INSERT INTO pin (tag, person, sealed, wrong) VALUES ($1, $2, $3, 0)
    ON CONFLICT (tag) DO UPDATE SET person = $2, sealed = $3, wrong = 0";
const PUT_BACK: &str = "INSERT INTO pin (tag, person, sealed, wrong) VALUES ($1, $2, $3, 0)
    ON CONFLICT (tag) DO NOTHING";
const COUNT: &str = "UPDATE pin SET wrong = wrong + 1 WHERE tag = $1 RETURNING wrong, sealed";
const RIGHT: &str = "UPDATE pin SET wrong = 0 WHERE tag = $1 AND sealed = $2";
const HAS: &str = "SELECT 1 FROM pin WHERE tag = $1 AND person = $2";
const DROP: &str = "DELETE FROM pin WHERE tag = $1";
const DROP_PERSON: &str = "DELETE FROM pin WHERE person = $1";
const DROP_ALL: &str = "DELETE FROM pin";
const BOTH_LIVE: &str = "SELECT 1 FROM terminal, staff
    WHERE terminal.terminal = $1 AND terminal.revoked = 0 AND staff.staff = $2 AND staff.revoked = 0";
const LAST: &str = "SELECT COALESCE(MAX(day), -1) FROM sign_in WHERE terminal = $1 AND staff = $2";

/// Who at which terminal.
type Who = (StaffId, TerminalId);

/// What the service knows of a PIN.
pub(crate) struct PinRecord {
    pub(crate) staff: StaffId,
    pub(crate) credential: [u8; 16],
    pub(crate) record: StoredRecord,
}

/// Tags of rows: keyed hashes.
struct Tags {
    key: crypto::secret::Secret<32>,
}

impl Tags {
    fn new(keys: &IdentityKeys) -> Self {
        let key = digest::derive_secret(label::IDENTITY_PIN_TAG, keys.sealing.expose());
        Self { key }
    }

    fn of(&self, terminal: TerminalId) -> [u8; 32] {
        digest::keyed_parts(self.key.expose(), &[b"terminal", terminal.as_bytes()])
    }

    fn person(&self, staff: StaffId) -> [u8; 32] {
        digest::keyed_parts(self.key.expose(), &[b"staff", staff.as_bytes()])
    }
}

impl PinRecord {
    fn seal(&self, app: &App, tag: &[u8; 32]) -> Result<Vec<u8>, Refusal> {
        let parts = [
            self.staff.as_bytes(),
            &self.credential[..],
            self.record.as_bytes(),
        ];
        let (key, rng) = (app.keys.seal_key(), &mut app.rng());
        let plain = parts.concat();
        seal::seal(key.expose(), label::IDENTITY_PIN_SEAL, tag, &plain, rng)
            .map_err(|_| Refusal::Internal)
    }

    fn open(app: &App, tag: &[u8; 32], sealed: &[u8]) -> Result<Self, DbError> {
        let key = app.keys.seal_key();
        let plain = seal::open(key.expose(), label::IDENTITY_PIN_SEAL, tag, sealed)
            .map_err(|_| DbError::Corrupt)?;
        let plain: [u8; PLAIN] = plain.try_into().map_err(|_| DbError::Corrupt)?;
        let (staff, rest) = plain.split_first_chunk().ok_or(DbError::Corrupt)?;
        let (credential, record) = rest.split_first_chunk().ok_or(DbError::Corrupt)?;
        Ok(Self {
            staff: StaffId::from_bytes(*staff),
            credential: *credential,
            record: StoredRecord::from_bytes(record).map_err(|_| DbError::Corrupt)?,
        })
    }
}

/// Keeps the record of a PIN in place of the one before.
///
/// # Errors
/// [`Refusal::Unauthorised`] when person or terminal was revoked meanwhile.
pub(crate) async fn keep(
    app: &App,
    terminal: TerminalId,
    record: &PinRecord,
) -> Result<(), Refusal> {
    let tags = Tags::new(&app.keys);
    let (tag, person) = (tags.of(terminal), tags.person(record.staff));
    let sealed = record.seal(app, &tag)?;
    // A try of the one before could bring that back.
    app.pin_attempts.end_terminal(terminal);
    retrying!(app.store, "keep a PIN", &mut app.rng(), |tx| {
        both_live(tx, (record.staff, terminal)).await?;
        execute!(tx, PUT, &tag[..], &person[..], &sealed[..])?;
        Ok::<_, Refusal>(())
    })?;
    Ok(app.store.tidy().await?)
}

/// Counts a try of the terminal's PIN and answers what it is tried on, or refuses and counts nothing.
///
/// # Errors
/// [`Refusal::NoPin`] where there is none, [`Refusal::PasswordNeeded`] when the last log-in by password was too long ago.
pub(crate) async fn try_one(app: &App, terminal: TerminalId) -> Result<(PinRecord, Try), Refusal> {
    let tag = Tags::new(&app.keys).of(terminal);
    let today = app.clock.today();
    let tried = retrying!(app.store, "count PIN", &mut app.rng(), |tx| {
        let row = fetch_optional!(tx, (i64, Vec<u8>), COUNT, &tag[..])?;
        let (wrong, sealed) = row.ok_or(Refusal::NoPin)?;
        let record = PinRecord::open(app, &tag, &sealed)?;
        if !fresh(tx, app, (record.staff, terminal), today).await? {
            return Err(Refusal::PasswordNeeded);
        }
        let last = wrong >= MOST;
        if last {
            execute!(tx, DROP, &tag[..])?;
        }
        Ok::<_, Refusal>((record, Try { sealed, last }))
    })?;
    if tried.1.last {
        // What the last try may destroy for good must not stay readable in the write-ahead log.
        app.store.tidy().await?;
    }
    Ok(tried)
}

/// Takes back what was counted: the PIN was right.
///
/// # Errors
/// [`Refusal::Unauthorised`] when the record was destroyed or replaced meanwhile, or person or terminal revoked.
pub(crate) async fn was_right(app: &App, who: Who, it: &Try) -> Result<(), Refusal> {
    let tags = Tags::new(&app.keys);
    let (tag, person) = (tags.of(who.1), tags.person(who.0));
    retrying!(app.store, "give PIN back", &mut app.rng(), |tx| {
        both_live(tx, who).await?;
        let done = match it.last {
            true => execute!(tx, PUT_BACK, &tag[..], &person[..], &it.sealed[..])?,
            false => execute!(tx, RIGHT, &tag[..], &it.sealed[..])?,
        };
        (done == 1).then_some(()).ok_or(Refusal::Unauthorised)
    })
}

/// Whether a PIN of this person opens this terminal.
///
/// # Errors
/// Database errors.
pub(crate) async fn has(app: &App, (staff, terminal): Who) -> Result<bool, DbError> {
    let tags = Tags::new(&app.keys);
    let (tag, person) = (tags.of(terminal), tags.person(staff));
    let mut tx = app.store.read().await?;
    Ok(fetch_optional!(&mut tx, (i32,), HAS, &tag[..], &person[..])?.is_some())
}

/// Destroys the PIN of a terminal.
///
/// # Errors
/// Database errors.
pub(crate) async fn drop_one(app: &App, terminal: TerminalId) -> Result<(), Refusal> {
    app.pin_attempts.end_terminal(terminal);
    retrying!(app.store, "drop a PIN", &mut app.rng(), |tx| {
        of_terminal(tx, app, terminal).await
    })?;
    Ok(app.store.tidy().await?)
}

/// Destroys the PIN of a terminal, inside a transaction.
pub(crate) async fn of_terminal(
    tx: &mut Tx,
    app: &App,
    terminal: TerminalId,
) -> Result<(), DbError> {
    let tag = Tags::new(&app.keys).of(terminal);
    execute!(tx, DROP, &tag[..]).map(drop)
}

/// Destroys every PIN of a person, inside a transaction.
pub(crate) async fn of_staff(tx: &mut Tx, app: &App, staff: StaffId) -> Result<(), DbError> {
    let person = Tags::new(&app.keys).person(staff);
    execute!(tx, DROP_PERSON, &person[..]).map(drop)
}

/// Destroys all, inside a transaction; whether there was any.
pub(crate) async fn all(tx: &mut Tx) -> Result<bool, DbError> {
    Ok(execute!(tx, DROP_ALL)? > 0)
}

async fn both_live(tx: &mut Tx, (staff, terminal): Who) -> Result<(), Refusal> {
    let (terminal, staff) = (&terminal.as_bytes()[..], &staff.as_bytes()[..]);
    fetch_optional!(tx, (i32,), BOTH_LIVE, terminal, staff)?.ok_or(Refusal::Unauthorised)?;
    Ok(())
}

/// Whether this person logged in by password at this terminal lately.
async fn fresh(
    tx: &mut Tx,
    app: &App,
    (staff, terminal): Who,
    today: Day,
) -> Result<bool, DbError> {
    let (at, who) = (&terminal.as_bytes()[..], &staff.as_bytes()[..]);
    let (written,) = fetch_one!(tx, (i64,), LAST, at, who)?;
    let lately = i64::from(today.plus(-FRESH).number())..=i64::from(today.number());
    let waits = app.seen.day(staff, terminal);
    let waits = waits.is_some_and(|day| lately.contains(&i64::from(day.number())));
    Ok(waits | lately.contains(&written))
}
