//! Log-in (OPAQUE, RFC 9807, section 6), bound to the terminal by a knock before it and a signature over all that was said.
//!
//! Unknown names and terminals go through the same steps as known ones and get answers of the same shape; every failure
//! at the end is the same refusal. A log-in is counted as a wrong one before its name is looked up (`guess.rs`).
//!
//! **Who gets the real record.** KE2 already lets its receiver test a guess and, with the right password, derive the export
//! key that opens a terminal's file. So a name is answered like an unknown one unless the request comes from a live
//! terminal of that person's party: a stranger can test nothing, a revoked terminal opens nothing, and a stranger's name
//! reaches no statement of the database.

use std::sync::Arc;

use crypto::digest;
use crypto::id::{AttemptId, ProviderId, SessionId, StaffId, TerminalId};
use crypto::label;
use crypto::login::Transcript;
use crypto::opaque::{self, SessionKey, StoredRecord};
use crypto::request::RequestKeys;
use crypto::sign::TerminalKey;
use store::{DbError, fetch_one, fetch_optional, parsed, parsed_option};
use wire::{LoggedIn, LoginFinish, LoginStart, LoginStarted, Role};

use super::attempt::{self, Attempt};
use super::door::{self, Door};
use super::guess;
use super::handle::Handle;
use super::party::Party;
use super::session::{LIFETIME, Live, Prover, Session};
use super::tags::Tags;
use crate::memory::seen::SignIn;
use crate::{App, Refusal, trust};

/// The person of a name, or the row that stands in for one.
const PERSON: &str = "SELECT 1, staff, role, provider, credential, record FROM staff
        WHERE handle_tag = $1 AND revoked = 0
    UNION ALL SELECT 0, $2, $3, NULL, $4, $5 ORDER BY 1 DESC LIMIT 1";
const LIVE: &str = "SELECT 1 FROM terminal WHERE terminal = $1 AND revoked = 0";
const STAFF: &str = "SELECT role, provider, private_sealed, data_key_sealed FROM staff WHERE staff = $1 AND revoked = 0";

type PersonRow = (i32, Vec<u8>, String, Option<Vec<u8>>, Vec<u8>, Vec<u8>);
type StaffRow = (String, Option<Vec<u8>>, Vec<u8>, Option<Vec<u8>>);

struct Person {
    staff: StaffId,
    credential: Vec<u8>,
    record: StoredRecord,
    /// The name exists and belongs where the terminal belongs.
    fits: bool,
}

/// First half: counts, and answers KE1 with KE2, for unknown names and terminals as for known ones.
///
/// # Errors
/// [`Refusal::Malformed`], [`Refusal::BadValue`] for a malformed KE1, [`Refusal::Limit`] while the name must wait at this
/// terminal or the terminal has tried too often, [`Refusal::Locked`] after too many wrong ones in a row.
pub(crate) async fn start(app: &App, request: &LoginStart) -> Result<LoginStarted, Refusal> {
    let handle = Handle::parse(&request.handle)?.tag(app);
    let now = app.clock.unix_seconds();
    let door = door::look(app, request).await?;
    let often = app.limits.logins_per_minute;
    app.windows.take(door.window(), 1, often, now)?;
    let tags = Tags::new(&app.keys, &handle, &request.terminal, door.party);
    guess::count(app, &tags, door.live, now).await?;
    let person = person(app, &handle, &door).await?;
    // Unknown names get an identifier of their own that never changes, as a known name would.
    let own = digest::derive_id(label::STAFF_CREDENTIAL, &handle);
    let (record, credential) = match person.fits {
        true => (&person.record, &person.credential[..]),
        false => (&app.nobody.record, &own[..]),
    };
    let ke1 = &request.ke1.0;
    let setup = &app.keys.opaque;
    let (state, ke2) = opaque::login_start(setup, Some(record), ke1, credential, &mut app.rng())
        .map_err(|_| Refusal::BadValue)?;
    let attempt = AttemptId::random(&mut app.rng());
    let begun = Attempt {
        state,
        transcript: Transcript::new(&request.handle, &request.terminal, ke1, &ke2),
        who: person.fits.then_some((person.staff, door.public)),
        terminal: request.terminal,
        tags,
        ends: now + attempt::LIFETIME,
    };
    app.attempts.begin(attempt, begun);
    Ok(LoginStarted {
        attempt,
        ke2: ke2.into(),
    })
}

/// The person of this name, as a live terminal may learn of them; a stranger's name is not looked for.
async fn person(app: &App, handle: &[u8; 32], door: &Door) -> Result<Person, Refusal> {
    let nobody = &app.nobody;
    let asked = if door.live { handle } else { &nobody.handle };
    let mut tx = app.store.read().await?;
    let (found, staff, role, provider, credential, record) = fetch_one!(
        &mut tx,
        PersonRow,
        PERSON,
        &asked[..],
        &nobody.staff.as_bytes()[..],
        Role::Operator.as_str(),
        &nobody.handle[..16],
        &nobody.record.as_bytes()[..]
    )?;
    drop(tx);
    let party = Party::of_staff(&role, provider.as_ref())?;
    Ok(Person {
        staff: parsed(&staff)?,
        credential,
        record: StoredRecord::from_bytes(&record).map_err(|_| DbError::Corrupt)?,
        fits: (found == 1) & door.live & (party == door.party),
    })
}

/// Second half: checks password and terminal, and begins a session. The answer is proved by it.
///
/// # Errors
/// [`Refusal::Unauthorised`] for every reason alike.
pub(crate) async fn finish(
    app: &App,
    request: &LoginFinish,
) -> Result<(LoggedIn, Arc<Prover>), Refusal> {
    let now = app.clock.unix_seconds();
    let attempt = app
        .attempts
        .take(&request.attempt, now)
        .ok_or(Refusal::Unauthorised)?;
    let message = attempt.transcript.with(&request.ke3.0);
    // Both checks run in every case; the stand-in key verifies nothing.
    let public = attempt
        .who
        .map_or(app.nobody.terminal_public, |(_, public)| public);
    let signed = TerminalKey::verify_login(&public, &message, &request.signature.0).is_ok();
    let password = attempt.state.finish(&request.ke3.0);
    let (Some((staff, _)), true, Ok(key)) = (attempt.who, signed, password) else {
        return Err(Refusal::Unauthorised);
    };
    guess::give_back(app, &attempt.tags).await?;
    let begun = begin(app, staff, attempt.terminal, &key, now).await?;
    let sign_in = SignIn {
        terminal: attempt.terminal,
        staff,
        day: app.clock.today(),
    };
    app.seen.note(attempt.tags.sign_in, sign_in);
    Ok(begun)
}

/// Begins the session first and looks for revocation afterwards, so that a revocation in between ends it too.
async fn begin(
    app: &App,
    staff: StaffId,
    terminal: TerminalId,
    key: &SessionKey,
    now: i64,
) -> Result<(LoggedIn, Arc<Prover>), Refusal> {
    let id = SessionId::random(&mut app.rng());
    let keys = RequestKeys::derive(key, &terminal, &staff);
    let prover = Arc::new(Prover::new(id, keys));
    let waiting = Session {
        staff,
        terminal,
        role: Role::Funder,
        provider: None,
        ends: now + LIFETIME,
    };
    let live = Live {
        session: waiting,
        prover: Arc::clone(&prover),
    };
    app.sessions.begin(live, now);
    match open(app, id, staff, terminal).await {
        Ok(logged_in) => Ok((logged_in, prover)),
        Err(refusal) => {
            app.sessions.end(&id);
            Err(refusal)
        }
    }
}

async fn open(
    app: &App,
    session: SessionId,
    staff: StaffId,
    terminal: TerminalId,
) -> Result<LoggedIn, Refusal> {
    let mut tx = app.store.read().await?;
    let row = fetch_optional!(&mut tx, StaffRow, STAFF, &staff.as_bytes()[..])?;
    let (role, provider, private_sealed, data_key_sealed) = row.ok_or(Refusal::Unauthorised)?;
    fetch_optional!(&mut tx, (i32,), LIVE, &terminal.as_bytes()[..])?
        .ok_or(Refusal::Unauthorised)?;
    drop(tx);
    let role: Role = role.parse().map_err(|_| DbError::Corrupt)?;
    let provider: Option<ProviderId> = parsed_option(provider.as_ref())?;
    // A session that was revoked meanwhile is gone and must not come back.
    if !app.sessions.complete(&session, role, provider) {
        return Err(Refusal::Unauthorised);
    }
    Ok(LoggedIn {
        session,
        role,
        staff,
        provider,
        staff_private_sealed: private_sealed.into(),
        data_key_sealed: data_key_sealed.map(Into::into),
        wraps: trust::wraps(app, role),
    })
}
