//! A PIN: chosen in a session by password, and logged in with where the device was closed (OPAQUE, RFC 9807).
//!
//! A try counts only when it bears the knock of the device; who merely knows the terminal's id gets the answer that everybody gets
//! for any id, from a record of nobody's, and changes nothing. The session that a PIN begins may do the daily work alone
//! ([`super::session::Kind`]), and the log-in is no sign-in: it makes the PIN last no longer.

use std::sync::Arc;

use crypto::digest;
use crypto::id::{AttemptId, SessionId, TerminalId};
use crypto::label;
use crypto::login::Transcript;
use crypto::opaque::{self, Purpose, StoredRecord};
use wire::{ChoosePin, KeepPin, LoginFinish, LoginStarted, PinAnswered, PinLoggedIn, PinStart};

use super::attempt::{self, Attempt};
use super::begin;
use super::door;
use super::pins::{self, PinRecord};
use super::session::{Kind, Prover, Session};
use crate::{App, Refusal, trust};

/// The OPAQUE credential identifier of the PIN that is chosen in a session: another one for each. It is keyed, because a session's
/// id is no secret: whoever could name the identifier could have it evaluated by the way of a stranger, which counts nowhere.
fn credential(app: &App, session: SessionId) -> [u8; 16] {
    keyed(app, &[b"session", session.as_bytes()])
}

/// The identifier under which a stranger's request is evaluated, the same for a terminal each time, as a known one's would be. Never
/// that of a PIN, whatever the stranger names.
fn of_stranger(app: &App, terminal: TerminalId) -> [u8; 16] {
    keyed(app, &[b"stranger", terminal.as_bytes()])
}

fn keyed(app: &App, parts: &[&[u8]]) -> [u8; 16] {
    let key = digest::derive_secret(label::IDENTITY_PIN_CREDENTIAL, app.keys.sealing.expose());
    let all = digest::keyed_parts(key.expose(), parts);
    let mut id = [0; 16];
    id.copy_from_slice(&all[..16]);
    id
}

/// Answers the OPAQUE request of a PIN. Changes nothing.
///
/// # Errors
/// [`Refusal::PasswordNeeded`] in a session by PIN, [`Refusal::Forbidden`] for operators and funders, [`Refusal::BadValue`]
/// for a malformed request.
pub(crate) fn choose(
    app: &App,
    caller: &Session,
    session: SessionId,
    request: &ChoosePin,
) -> Result<PinAnswered, Refusal> {
    caller.by_password()?;
    caller.provider()?;
    let setup = &app.keys.opaque;
    let id = credential(app, session);
    let response = opaque::register(setup, &request.request.0, &id);
    let response = response.map_err(|_| Refusal::BadValue)?;
    Ok(PinAnswered {
        response: response.into(),
    })
}

/// Keeps the PIN of the caller's terminal; the one before is gone.
///
/// # Errors
/// As [`choose`], and [`Refusal::Unauthorised`] when person or terminal was revoked meanwhile.
pub(crate) async fn keep(
    app: &App,
    caller: &Session,
    session: SessionId,
    request: &KeepPin,
) -> Result<(), Refusal> {
    caller.by_password()?;
    caller.provider()?;
    let record = StoredRecord::from_upload(&request.record.0).map_err(|_| Refusal::BadValue)?;
    let chosen = PinRecord {
        staff: caller.staff,
        credential: credential(app, session),
        record,
    };
    pins::keep(app, caller.terminal, &chosen).await
}

/// First half of a log-in: counts, and answers KE1 with KE2; a stranger's is answered from nobody's record and counts nowhere.
///
/// # Errors
/// [`Refusal::BadValue`] for a malformed KE1, [`Refusal::Limit`] when the terminal has tried too often, and to the device itself
/// [`Refusal::NoPin`] and [`Refusal::PasswordNeeded`].
pub(crate) async fn start(app: &App, request: &PinStart) -> Result<LoginStarted, Refusal> {
    let now = app.clock.unix_seconds();
    let door = door::look_for_pin(app, request).await?;
    let often = app.limits.logins_per_minute;
    app.windows.take(door.pin_window(), 1, often, now)?;
    let tried = match door.live {
        true => Some(pins::try_one(app, request.terminal).await?),
        false => None,
    };
    let own = of_stranger(app, request.terminal);
    let (record, credential) = match &tried {
        Some((pin, _)) => (&pin.record, &pin.credential),
        None => (&app.nobody.record, &own),
    };
    let (ke1, setup) = (&request.ke1.0, &app.keys.opaque);
    let rng = &mut app.rng();
    let begun = opaque::login_start_for(Purpose::Pin, setup, Some(record), ke1, credential, rng);
    let (state, ke2) = begun.map_err(|_| Refusal::BadValue)?;
    let attempt = AttemptId::random(rng);
    let begun = Attempt {
        state,
        transcript: Transcript::of_pin(&request.terminal, ke1, &ke2),
        who: tried.as_ref().map(|(pin, _)| (pin.staff, door.public)),
        terminal: request.terminal,
        given: tried.map(|(_, counted)| counted),
        ends: now + attempt::LIFETIME,
    };
    app.pin_attempts.begin(attempt, begun);
    Ok(LoginStarted {
        attempt,
        ke2: ke2.into(),
    })
}

/// Second half: checks PIN and terminal, and begins a session of lesser rights. The answer is proved by it.
///
/// # Errors
/// [`Refusal::Unauthorised`] for every reason alike.
pub(crate) async fn finish(
    app: &App,
    request: &LoginFinish,
) -> Result<(PinLoggedIn, Arc<Prover>), Refusal> {
    let attempt = app
        .pin_attempts
        .take(&request.attempt, app.clock.unix_seconds())
        .ok_or(Refusal::Unauthorised)?;
    let proved = attempt.prove(Purpose::Pin, app.nobody.terminal_public, request)?;
    let (who, counted) = ((proved.staff, proved.terminal), proved.given);
    let counted = counted.ok_or(Refusal::Unauthorised)?;
    pins::was_right(app, who, &counted).await?;
    let opened = begin::session(app, Kind::Pin, who, &proved.key).await?;
    let logged_in = PinLoggedIn {
        session: opened.session,
        role: opened.role,
        staff: proved.staff,
        provider: opened.provider,
        data_key_sealed: opened.data_key_sealed.map(Into::into),
        wraps: trust::wraps(app, opened.role),
    };
    Ok((logged_in, opened.prover))
}
