//! Colleagues: the list, handing the data key on, revocation of people.
//!
//! Revocation is for ever and at once: sessions end, and the stored record, private key and data key are overwritten, so
//! that what was sealed under that person's password can never be opened again, not even on a seized laptop.

use crypto::id::{ProviderId, StaffId};
use store::{DbError, Tx, execute, fetch_all, fetch_optional, parsed, retrying};
use wire::Colleague;

use super::handle::Handle;
use super::invitation;
use super::party::in_reach;
use super::pins;
use super::registration::handed_by;
use super::session::Session;
use crate::guard::audit::{self, Act, Actor};
use crate::{App, Refusal};

const LIST: &str = "SELECT staff, handle_sealed, role, public, CASE WHEN data_key_sealed IS NULL THEN 0 ELSE 1 END, revoked,
    proof, inviter, invited, made_key FROM staff WHERE provider = $1 ORDER BY staff";
const PUBLIC: &str = "SELECT public FROM staff WHERE staff = $1";
const DATA_KEY: &str =
    "SELECT data_key_sealed FROM staff WHERE staff = $1 AND provider = $2 AND revoked = 0";
const GIVE: &str = "UPDATE staff SET data_key_sealed = $1 WHERE staff = $2";
const STAFF_OF: &str = "SELECT provider FROM staff WHERE staff = $1";
const REVOKE_STAFF: &str =
    "UPDATE staff SET revoked = 1, record = $1, private_sealed = $1, data_key_sealed = NULL
    WHERE staff = $2";

type Row = (
    Vec<u8>,
    Vec<u8>,
    String,
    Vec<u8>,
    i32,
    i64,
    Vec<u8>,
    String,
    i64,
    i64,
);

/// Everybody of one provider, revoked people included.
///
/// # Errors
/// Database errors.
pub(crate) async fn list(app: &App, provider: ProviderId) -> Result<Vec<Colleague>, Refusal> {
    let mut tx = app.store.read().await?;
    let rows = fetch_all!(&mut tx, Row, LIST, &provider.as_bytes()[..])?;
    Ok(rows
        .into_iter()
        .map(|row| colleague(app, row))
        .collect::<Result<_, DbError>>()?)
}

fn colleague(
    app: &App,
    (staff, handle, role, public, has_data_key, revoked, proof, inviter, invited, made_key): Row,
) -> Result<Colleague, DbError> {
    let staff = parsed(&staff)?;
    Ok(Colleague {
        staff,
        handle: Handle::open(app, &staff, &handle),
        role: role.parse().map_err(|_| DbError::Corrupt)?,
        public: parsed(&public)?,
        proof: parsed(&proof)?,
        invited: inviter.parse().map_err(|_| DbError::Corrupt)?,
        on: invitation::day(invited)?,
        first: made_key != 0,
        has_data_key: has_data_key == 1,
        revoked: revoked != 0,
    })
}

/// Stores the data key that `giver` handed on to a colleague. Giving the same bytes again changes nothing.
///
/// # Errors
/// [`Refusal::BadValue`] when it is not of that form or bears another staff key than the giver's, [`Refusal::Forbidden`] when the giver has no data key, [`Refusal::NotFound`] for staff of others or revoked staff,
/// [`Refusal::Conflict`] when the colleague has another one already.
pub(crate) async fn give_data_key(
    app: &App,
    giver: &Session,
    to: StaffId,
    sealed: &[u8],
) -> Result<(), Refusal> {
    let provider = giver.provider()?;
    retrying!(app.store, "give data key", &mut app.rng(), |tx| {
        data_key(tx, giver.staff, provider)
            .await?
            .flatten()
            .ok_or(Refusal::Forbidden)?;
        let public = fetch_optional!(tx, (Vec<u8>,), PUBLIC, &giver.staff.as_bytes()[..])?;
        if !public.is_some_and(|(public,)| handed_by(sealed, &public)) {
            return Err(Refusal::BadValue);
        }
        match data_key(tx, to, provider).await?.ok_or(Refusal::NotFound)? {
            Some(there) if there == sealed => return Ok(()),
            Some(_) => return Err(Refusal::Conflict),
            None => {}
        }
        execute!(tx, GIVE, sealed, &to.as_bytes()[..])?;
        audit::note(
            tx,
            app,
            Actor::Staff(giver.staff),
            Act::DataKeyGiven,
            &to.to_string(),
        )
        .await?;
        Ok(())
    })
}

/// The stored data key of a member of staff of this provider; the outer `None` means no such (live) staff.
async fn data_key(
    tx: &mut Tx,
    staff: StaffId,
    provider: ProviderId,
) -> Result<Option<Option<Vec<u8>>>, DbError> {
    let row = fetch_optional!(
        tx,
        (Option<Vec<u8>>,),
        DATA_KEY,
        &staff.as_bytes()[..],
        &provider.as_bytes()[..]
    )?;
    Ok(row.map(|(sealed,)| sealed))
}

/// Revokes a member of staff for ever and ends the sessions. `within`: `None` for operators, else the own provider.
///
/// # Errors
/// [`Refusal::NotFound`] for staff of others.
pub(crate) async fn revoke(
    app: &App,
    actor: Actor,
    within: Option<ProviderId>,
    staff: StaffId,
) -> Result<(), Refusal> {
    retrying!(app.store, "revoke staff", &mut app.rng(), |tx| {
        let row = fetch_optional!(tx, (Option<Vec<u8>>,), STAFF_OF, &staff.as_bytes()[..])?;
        in_reach(row, within)?;
        execute!(tx, REVOKE_STAFF, &[][..] as &[u8], &staff.as_bytes()[..])?;
        pins::of_staff(tx, app, staff).await?;
        audit::note(tx, app, actor, Act::StaffRevoked, &staff.to_string()).await?;
        Ok::<_, Refusal>(())
    })?;
    app.sessions.end_staff(staff);
    // The sealed key must not stay readable in the write-ahead log.
    Ok(app.store.tidy().await?)
}
