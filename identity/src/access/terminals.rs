//! Terminals: the list, and revocation by id or by what people call them.
//!
//! A device that was taken must be found by what people know about it: what it is called, who signs in there, and on which
//! day somebody last did. What it is called lies sealed, so that a database without its keys is no list of places.

use std::collections::{BTreeMap, BTreeSet};

use crypto::day::Day;
use crypto::id::{ProviderId, StaffId, TerminalId};
use crypto::{label, seal};
use store::{DbError, Tx, execute, fetch_all, fetch_optional, parsed, parsed_option, retrying};
use wire::{Enrolled, SignedIn, typed};

use super::handle::Handle;
use super::party::{Party, in_reach};
use super::pins;
use super::session::Session;
use crate::guard::audit::{self, Act, Actor};
use crate::{App, Refusal};

/// Bytes of a label before it is sealed: 40 characters of four bytes.
const PADDED: usize = 160;

const LIST: &str =
    "SELECT terminal, class, provider, label_sealed, revoked FROM terminal ORDER BY terminal";
const WHO: &str = "SELECT terminal, staff, day FROM sign_in ORDER BY pair";
const NAMES: &str = "SELECT staff, handle_sealed FROM staff ORDER BY staff";
const TERMINAL_OF: &str = "SELECT provider FROM terminal WHERE terminal = $1";
const REVOKE: &str = "UPDATE terminal SET revoked = 1, door_sealed = $1 WHERE terminal = $2";
const REVOKED: &str = "SELECT terminal FROM terminal WHERE revoked = 1";
const REVOKED_STAFF: &str = "SELECT staff FROM staff WHERE revoked = 1";

type Row = (Vec<u8>, String, Option<Vec<u8>>, Vec<u8>, i64);
type SignIns = BTreeMap<TerminalId, BTreeMap<StaffId, Day>>;

/// Whose terminals somebody is told of.
#[derive(Debug, Clone, Copy)]
pub enum Reach {
    /// One provider's.
    Provider(ProviderId),
    /// The operators' and the funders'.
    Operators,
    /// All, for whoever holds the data folder.
    All,
}

impl Reach {
    /// That of a caller who administers.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`] for other roles.
    pub(crate) fn of(caller: &Session) -> Result<Self, Refusal> {
        let within = caller.administers()?;
        Ok(within.map_or(Self::Operators, Self::Provider))
    }

    fn holds(self, party: Party) -> bool {
        match self {
            Self::Provider(own) => party == Party::Provider(own),
            Self::Operators => matches!(party, Party::Operators | Party::Funders),
            Self::All => true,
        }
    }
}

/// What a terminal is called, sealed for the disk.
pub(crate) fn seal_label(
    app: &App,
    terminal: &TerminalId,
    label: &str,
) -> Result<Vec<u8>, Refusal> {
    let mut plain = [0_u8; PADDED];
    let room = plain.get_mut(..label.len()).ok_or(Refusal::Malformed)?;
    room.copy_from_slice(label.as_bytes());
    let (key, id) = (app.keys.seal_key(), terminal.as_bytes());
    let (key, label) = (key.expose(), label::IDENTITY_LABEL_SEAL);
    seal::seal(key, label, id, &plain, &mut app.rng()).map_err(|_| Refusal::Internal)
}

/// The label again; an empty text when the key is another one.
fn open_label(app: &App, terminal: &TerminalId, sealed: &[u8]) -> String {
    let (key, id) = (app.keys.seal_key(), terminal.as_bytes());
    seal::open(key.expose(), label::IDENTITY_LABEL_SEAL, id, sealed)
        .ok()
        .and_then(|plain| String::from_utf8(plain).ok())
        .map(|text| text.trim_end_matches('\0').to_owned())
        .unwrap_or_default()
}

/// Every terminal within reach, revoked ones included, with who signed in there.
///
/// # Errors
/// Database errors.
pub async fn list(app: &App, reach: Reach) -> Result<Vec<Enrolled>, Refusal> {
    let mut tx = app.store.read().await?;
    let mut all = Vec::new();
    let mut who = who(&mut tx, app).await?;
    let names = names(&mut tx, app).await?;
    for (id, class, provider, label, revoked) in fetch_all!(&mut tx, Row, LIST)? {
        let terminal = parsed(&id)?;
        let party = Party::of_terminal(&class, provider.as_ref())?;
        if !reach.holds(party) {
            continue;
        }
        let here = who.remove(&terminal).unwrap_or_default();
        all.push(Enrolled {
            terminal,
            label: open_label(app, &terminal, &label),
            class: class.parse().map_err(|_| DbError::Corrupt)?,
            provider: parsed_option(provider.as_ref())?,
            people: people(here, &names),
            revoked: revoked != 0,
        });
    }
    Ok(all)
}

/// Who signed in where, as far as it is written down and as it waits in this process.
async fn who(tx: &mut Tx, app: &App) -> Result<SignIns, DbError> {
    let mut all = SignIns::new();
    for (terminal, staff, day) in fetch_all!(tx, (Vec<u8>, Vec<u8>, i64), WHO)? {
        let day = i32::try_from(day)
            .ok()
            .and_then(|day| Day::from_number(day).ok());
        let here = all.entry(parsed(&terminal)?).or_default();
        here.insert(parsed(&staff)?, day.ok_or(DbError::Corrupt)?);
    }
    for (_, note) in app.seen.waiting() {
        let here = all.entry(note.terminal).or_default();
        here.insert(note.staff, note.day);
    }
    Ok(all)
}

async fn names(tx: &mut Tx, app: &App) -> Result<BTreeMap<StaffId, String>, DbError> {
    fetch_all!(tx, (Vec<u8>, Vec<u8>), NAMES)?
        .iter()
        .map(|(id, sealed)| {
            let staff = parsed(id)?;
            Ok((staff, Handle::open(app, &staff, sealed)))
        })
        .collect()
}

fn people(here: BTreeMap<StaffId, Day>, names: &BTreeMap<StaffId, String>) -> Vec<SignedIn> {
    let mut people: Vec<SignedIn> = here
        .into_iter()
        .map(|(staff, last_day)| SignedIn {
            staff,
            handle: names.get(&staff).cloned().unwrap_or_default(),
            last_day,
        })
        .collect();
    people.sort_by(|a, b| (b.last_day, &a.handle).cmp(&(a.last_day, &b.handle)));
    people
}

/// Revokes a terminal for ever and ends its sessions. `within`: `None` for operators, else the own provider.
///
/// # Errors
/// [`Refusal::NotFound`] for terminals of others.
pub async fn revoke(
    app: &App,
    actor: Actor,
    within: Option<ProviderId>,
    terminal: TerminalId,
) -> Result<(), Refusal> {
    retrying!(app.store, "revoke terminal", &mut app.rng(), |tx| {
        let id = &terminal.as_bytes()[..];
        let row = fetch_optional!(tx, (Option<Vec<u8>>,), TERMINAL_OF, id)?;
        in_reach(row, within)?;
        execute!(tx, REVOKE, &[][..] as &[u8], id)?;
        pins::of_terminal(tx, app, terminal).await?;
        audit::note(tx, app, actor, Act::TerminalRevoked, &terminal.to_string()).await?;
        Ok::<_, Refusal>(())
    })?;
    app.sessions.end_terminal(terminal);
    // Its sealed key must not stay readable in the write-ahead log.
    Ok(app.store.tidy().await?)
}

/// Revokes the one live terminal within reach that people call so, whatever the case of its letters.
///
/// # Errors
/// [`Refusal::Malformed`] for what cannot be a label, [`Refusal::NotFound`] when none is called so, [`Refusal::Conflict`]
/// when several are: revoke the right one by its id.
pub async fn revoke_labelled(
    app: &App,
    actor: Actor,
    reach: Reach,
    label: &str,
) -> Result<TerminalId, Refusal> {
    let wanted = typed::label(label)
        .map_err(|_| Refusal::Malformed)?
        .to_lowercase();
    let all = list(app, reach).await?;
    let mut called = all
        .iter()
        .filter(|one| !one.revoked && one.label.to_lowercase() == wanted);
    let one = called.next().ok_or(Refusal::NotFound)?;
    if called.next().is_some() {
        return Err(Refusal::Conflict);
    }
    revoke(app, actor, None, one.terminal).await?;
    Ok(one.terminal)
}

impl App {
    /// Ends the sessions of people and terminals that another process has revoked. Call it by the minute.
    ///
    /// # Errors
    /// Any database error; the next call tries again.
    pub async fn end_the_revoked(&self) -> Result<(), DbError> {
        if self.sessions.none() {
            return Ok(());
        }
        let mut tx = self.store.read().await?;
        let terminals = fetch_all!(&mut tx, (Vec<u8>,), REVOKED)?;
        let staff = fetch_all!(&mut tx, (Vec<u8>,), REVOKED_STAFF)?;
        drop(tx);
        let terminals = terminals.iter().map(|(id,)| parsed(id));
        let staff = staff.iter().map(|(id,)| parsed(id));
        self.sessions.end_all(
            &staff.collect::<Result<BTreeSet<_>, _>>()?,
            &terminals.collect::<Result<BTreeSet<_>, _>>()?,
        );
        Ok(())
    }
}
