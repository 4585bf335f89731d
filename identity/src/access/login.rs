//! Log-in (OPAQUE, RFC 9807, section 6), bound to the terminal by a signature over all that was said.
//!
//! Unknown names and terminals go through the same steps as known ones and get answers of the same shape; every failure
//! at the end is the same refusal. Guesses are counted per name before they are answered, known or not.
//!
//! **Who gets the real record.** KE2 already lets its receiver test a guess and, with the right password, derive the export
//! key that opens a terminal's file. So a name is answered like an unknown one unless the request names a live terminal of
//! that person's provider: a stranger can test nothing, a revoked terminal opens nothing, and strangers use up a count of
//! their own, so that they cannot lock anybody out.

use std::sync::Arc;

use crypto::digest;
use crypto::id::{AttemptId, ProviderId, SessionId, StaffId, TerminalId};
use crypto::label;
use crypto::login::Transcript;
use crypto::opaque::{self, SessionKey, StoredRecord};
use crypto::request::RequestKeys;
use crypto::sign::TerminalKey;
use store::{DbError, Tx, fetch_optional, parsed, parsed_option};
use wire::{LoggedIn, LoginFinish, LoginStart, LoginStarted, Role};

use super::attempt::{self, Attempt};
use super::handle::Handle;
use super::session::{LIFETIME, Live, Prover, Session};
use crate::{App, Refusal, bundle};

const BY_HANDLE: &str =
    "SELECT staff, provider, credential, record FROM staff WHERE handle_tag = $1 AND revoked = 0";
const TERMINAL: &str = "SELECT provider, public FROM terminal WHERE terminal = $1 AND revoked = 0";
const STAFF: &str = "SELECT role, provider, private_sealed, data_key_sealed FROM staff WHERE staff = $1 AND revoked = 0";

type HandleRow = (Vec<u8>, Option<Vec<u8>>, Vec<u8>, Vec<u8>);
type StaffRow = (String, Option<Vec<u8>>, Vec<u8>, Option<Vec<u8>>);

struct Candidate {
    staff: StaffId,
    terminal_public: [u8; 32],
    credential: Vec<u8>,
    record: StoredRecord,
}

/// First half: answers KE1 with KE2, for unknown names and terminals as for known ones.
///
/// # Errors
/// [`Refusal::Malformed`], [`Refusal::BadValue`] for a malformed KE1, [`Refusal::Limit`] after too many tries for a name.
pub(crate) async fn start(app: &App, request: &LoginStart) -> Result<LoginStarted, Refusal> {
    let tag = Handle::parse(&request.handle)?.tag(app);
    let now = app.clock.unix_seconds();
    let mut tx = app.store.read().await?;
    let known = at_a_terminal(&mut tx, &tag, request.terminal).await?;
    drop(tx);
    app.windows.take(
        counted(&tag, known.is_some()),
        1,
        app.limits.logins_per_minute,
        now,
    )?;
    // Unknown names get an identifier of their own that never changes, as a known name would.
    let credential = match &known {
        Some(known) => known.credential.clone(),
        None => digest::derive_id(label::STAFF_CREDENTIAL, &tag).to_vec(),
    };
    let (state, ke2) = opaque::login_start(
        &app.keys.opaque,
        known.as_ref().map(|known| &known.record),
        &request.ke1.0,
        &credential,
        &mut app.rng(),
    )
    .map_err(|_| Refusal::BadValue)?;
    let attempt = AttemptId::random(&mut app.rng());
    let begun = Attempt {
        state,
        transcript: Transcript::new(&request.handle, &request.terminal, &request.ke1.0, &ke2),
        who: known.map(|known| (known.staff, known.terminal_public)),
        terminal: request.terminal,
        ends: now + attempt::LIFETIME,
    };
    app.attempts.begin(attempt, begun);
    Ok(LoginStarted {
        attempt,
        ke2: ke2.into(),
    })
}

/// Under which name a guess is counted: guesses from live terminals apart from all others.
fn counted(tag: &[u8; 32], fits: bool) -> [u8; 32] {
    let mut key = *tag;
    key[31] ^= u8::from(!fits);
    key
}

/// The person of this name, if the terminal is live and serves that person's provider. Both are always looked up.
async fn at_a_terminal(
    tx: &mut Tx,
    tag: &[u8; 32],
    id: TerminalId,
) -> Result<Option<Candidate>, DbError> {
    let person = fetch_optional!(tx, HandleRow, BY_HANDLE, &tag[..])?;
    let terminal = terminal(tx, id).await?;
    let (Some((staff, provider, credential, record)), Some((of, terminal_public))) =
        (person, terminal)
    else {
        return Ok(None);
    };
    if parsed_option(provider.as_ref())? != of {
        return Ok(None);
    }
    Ok(Some(Candidate {
        staff: parsed(&staff)?,
        terminal_public,
        credential,
        record: StoredRecord::from_bytes(&record).map_err(|_| DbError::Corrupt)?,
    }))
}

type Terminal = (Option<ProviderId>, [u8; 32]);

async fn terminal(tx: &mut Tx, id: TerminalId) -> Result<Option<Terminal>, DbError> {
    let row = fetch_optional!(tx, (Option<Vec<u8>>, Vec<u8>), TERMINAL, &id.as_bytes()[..])?;
    row.map(|(provider, public)| {
        let public = public.try_into().map_err(|_| DbError::Corrupt)?;
        Ok((parsed_option(provider.as_ref())?, public))
    })
    .transpose()
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
        .map_or(app.keys.root.public(), |(_, public)| public);
    let signed = TerminalKey::verify_login(&public, &message, &request.signature.0).is_ok();
    let password = attempt.state.finish(&request.ke3.0);
    let (Some((staff, _)), true, Ok(key)) = (attempt.who, signed, password) else {
        return Err(Refusal::Unauthorised);
    };
    begin(app, staff, attempt.terminal, &key, now).await
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
    self::terminal(&mut tx, terminal)
        .await?
        .ok_or(Refusal::Unauthorised)?;
    drop(tx);
    let role: Role = role.parse().map_err(|_| DbError::Corrupt)?;
    let provider: Option<ProviderId> = parsed_option(provider.as_ref())?;
    let bundle = bundle::current(app).await?;
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
        bundle,
    })
}
