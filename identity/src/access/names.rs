//! Opening a log-in name again that too many wrong passwords have closed.
//!
//! An administrator opens names of the own provider; an operator those of administrators, operators and funders; whoever
//! holds the data folder any. It is written down each time, and a name is opened a few times a day at most, so that an
//! administrator who also holds a device gets no endless run of guesses at a colleague's password.

use crypto::id::{StaffId, TerminalId};
use store::{Tx, fetch_all, fetch_one, fetch_optional, parsed, retrying};
use wire::Role;

use super::guess;
use super::handle::Handle;
use super::party::Party;
use super::session::Session;
use super::tags::Tags;
use crate::guard::audit::{self, Act, Actor};
use crate::{App, Refusal};

/// Times a day that staff may open one name.
const A_DAY: i64 = 3;
/// Seconds a caller is told to wait after that.
const WAIT: u32 = 3_600;

const PERSON: &str =
    "SELECT handle_tag, role, provider FROM staff WHERE staff = $1 AND revoked = 0";
const NAMED: &str = "SELECT staff FROM staff WHERE handle_tag = $1 AND revoked = 0";
const TERMINALS: &str =
    "SELECT terminal, class, provider FROM terminal WHERE revoked = 0 ORDER BY terminal";
const OPENED: &str =
    "SELECT COUNT(*) FROM audit WHERE day = $1 AND act = $2 AND subject = $3 AND actor IS NOT NULL";

type Row = (Vec<u8>, String, Option<Vec<u8>>);

/// Opens the name of a member of staff.
///
/// # Errors
/// [`Refusal::Forbidden`] for other roles, [`Refusal::NotFound`] for staff out of reach, [`Refusal::Limit`] when the name
/// was opened too often today.
pub(crate) async fn open(app: &App, caller: &Session, staff: StaffId) -> Result<(), Refusal> {
    let within = caller.administers()?;
    let reaches = |party: Party, role: Role| match within {
        Some(own) => party == Party::Provider(own),
        None => role == Role::ProviderAdministrator || !role.has_provider(),
    };
    let actor = Actor::Staff(caller.staff);
    reopen(app, actor, staff, reaches).await
}

/// Opens a name that was typed at the machine which holds the keys.
///
/// # Errors
/// [`Refusal::Malformed`] for what cannot be a name, [`Refusal::NotFound`] for one that nobody has.
pub async fn open_typed(app: &App, name: &str) -> Result<(), Refusal> {
    let tag = Handle::typed(name)?.tag(app);
    let mut tx = app.store.read().await?;
    let row = fetch_optional!(&mut tx, (Vec<u8>,), NAMED, &tag[..])?;
    drop(tx);
    let (staff,) = row.ok_or(Refusal::NotFound)?;
    reopen(app, Actor::CommandLine, parsed(&staff)?, |_, _| true).await
}

async fn reopen(
    app: &App,
    actor: Actor,
    staff: StaffId,
    reaches: impl Fn(Party, Role) -> bool,
) -> Result<(), Refusal> {
    let opened = retrying!(app.store, "open name", &mut app.rng(), |tx| {
        let row = fetch_optional!(tx, Row, PERSON, &staff.as_bytes()[..])?;
        let (handle, role, provider) = row.ok_or(Refusal::NotFound)?;
        let party = Party::of_staff(&role, provider.as_ref())?;
        let role = role.parse().map_err(|_| Refusal::Internal)?;
        if !reaches(party, role) {
            return Err(Refusal::NotFound);
        }
        not_too_often(tx, app, actor, staff).await?;
        let tags = tags(tx, app, &parsed(&handle)?).await?;
        guess::clear_all(tx, &tags).await?;
        audit::note(tx, app, actor, Act::NameOpened, &staff.to_string()).await?;
        Ok(tags)
    })?;
    for tags in opened {
        app.waits.forget(&tags.pair).await;
    }
    Ok(())
}

async fn not_too_often(
    tx: &mut Tx,
    app: &App,
    actor: Actor,
    staff: StaffId,
) -> Result<(), Refusal> {
    let (day, subject) = (i64::from(app.clock.today().number()), staff.to_string());
    let act = Act::NameOpened.name();
    let (times,) = fetch_one!(tx, (i64,), OPENED, day, act, subject)?;
    if actor != Actor::CommandLine && times >= A_DAY {
        return Err(Refusal::Limit { retry_after: WAIT });
    }
    Ok(())
}

/// The tags of a name at every live terminal: a wrong log-in may have begun at any.
async fn tags(tx: &mut Tx, app: &App, handle: &[u8; 32]) -> Result<Vec<Tags>, Refusal> {
    fetch_all!(tx, (Vec<u8>, String, Option<Vec<u8>>), TERMINALS)?
        .iter()
        .map(|(id, class, provider)| {
            let terminal: TerminalId = parsed(id)?;
            let party = Party::of_terminal(class, provider.as_ref())?;
            Ok(Tags::new(&app.keys, handle, &terminal, party))
        })
        .collect()
}
