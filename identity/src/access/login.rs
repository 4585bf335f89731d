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
use crypto::id::{AttemptId, StaffId};
use crypto::label;
use crypto::login::Transcript;
use crypto::opaque::{self, Purpose, StoredRecord};
use store::{DbError, fetch_one, parsed};
use wire::{LoggedIn, LoginFinish, LoginStart, LoginStarted, Role};

use super::attempt::{self, Attempt};
use super::begin;
use super::door::{self, Door};
use super::guess;
use super::handle::Handle;
use super::party::Party;
use super::pins;
use super::session::{Kind, Prover};
use super::tags::Tags;
use crate::memory::seen::SignIn;
use crate::{App, Refusal, trust};

/// The person of a name, or the row that stands in for one.
const PERSON: &str = "SELECT 1, staff, role, provider, credential, record FROM staff
        WHERE handle_tag = $1 AND revoked = 0
    UNION ALL SELECT 0, $2, $3, NULL, $4, $5 ORDER BY 1 DESC LIMIT 1";

type PersonRow = (i32, Vec<u8>, String, Option<Vec<u8>>, Vec<u8>, Vec<u8>);

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
        given: tags,
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
    let attempt = app
        .attempts
        .take(&request.attempt, app.clock.unix_seconds())
        .ok_or(Refusal::Unauthorised)?;
    let nobody = app.nobody.terminal_public;
    let proved = attempt.prove(Purpose::Password, nobody, request)?;
    guess::give_back(app, &proved.given).await?;
    let who = (proved.staff, proved.terminal);
    let opened = begin::session(app, Kind::Password, who, &proved.key).await?;
    let sign_in = SignIn {
        terminal: proved.terminal,
        staff: proved.staff,
        day: app.clock.today(),
    };
    app.seen.note(proved.given.sign_in, sign_in);
    let logged_in = LoggedIn {
        session: opened.session,
        role: opened.role,
        staff: proved.staff,
        provider: opened.provider,
        staff_private_sealed: opened.private_sealed.into(),
        data_key_sealed: opened.data_key_sealed.map(Into::into),
        pin: pins::has(app, who).await?,
        wraps: trust::wraps(app, opened.role),
    };
    Ok((logged_in, opened.prover))
}
