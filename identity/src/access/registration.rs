//! Registration of a member of staff and a terminal, by a one-time invitation (OPAQUE, RFC 9807, section 5).
//!
//! The credential identifier is derived from the invitation, because the log-in name is chosen only at the end; it is
//! kept with the record.

use crypto::b64::B64;
use crypto::digest;
use crypto::handover;
use crypto::id::{ProviderId, StaffId, TerminalId};
use crypto::label;
use crypto::login::DoorKey;
use crypto::opaque::{self, StoredRecord};
use crypto::token::TokenHash;
use store::{DbError, Tx, execute, fetch_optional, retrying};
use wire::{RegisterFinish, RegisterStart, RegisterStarted, Registered, Role, typed};

use super::handle::Handle;
use super::invitation::{self, Invitation};
use super::party::Party;
use super::sign_in;
use super::tags::Tags;
use super::terminals;
use crate::memory::seen::SignIn;
use crate::{App, Refusal};

/// Most bytes of a sealed private key.
const MOST_SEALED: usize = 1_024;

const HAS_KEY: &str = "SELECT 1 FROM provider WHERE provider = $1 AND public IS NOT NULL";
const SET_KEY: &str =
    "UPDATE provider SET public = $1, report_key = $2 WHERE provider = $3 AND public IS NULL";
const ADD_STAFF: &str = "INSERT INTO staff
    (staff, handle_tag, handle_sealed, role, provider, credential, record, public, private_sealed, data_key_sealed,
    proof, inviter, invited, made_key, registered)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) ON CONFLICT (handle_tag) DO NOTHING";
const ADD_TERMINAL: &str =
    "INSERT INTO terminal (terminal, class, provider, public, door_sealed, label_sealed)
    VALUES ($1, $2, $3, $4, $5, $6)";

/// The OPAQUE credential identifier of whoever registers with this invitation.
fn credential(hash: &TokenHash) -> [u8; 16] {
    digest::derive_id(label::STAFF_CREDENTIAL, hash.as_bytes())
}

/// First half: answers the OPAQUE request and says what the invitation gives. Uses nothing up.
///
/// # Errors
/// [`Refusal::Invitation`] (also after too many starts), [`Refusal::BadValue`] for a malformed request.
pub(crate) async fn start(app: &App, request: &RegisterStart) -> Result<RegisterStarted, Refusal> {
    let hash = invitation::hash(&request.opener);
    let mut tx = app.store.read().await?;
    let invited = invitation::peek(&mut tx, app, &hash).await?;
    let makes_data_key = makes_data_key(&mut tx, &invited).await?;
    app.starts.take(&hash)?;
    let response = opaque::register(&app.keys.opaque, &request.request.0, &credential(&hash))
        .map_err(|_| Refusal::BadValue)?;
    Ok(RegisterStarted {
        response: response.into(),
        role: invited.role,
        provider: invited.provider,
        invited: invited.inviter,
        on: invited.drawn,
        makes_data_key,
    })
}

/// True for the first administrator of a provider.
async fn makes_data_key(tx: &mut Tx, invited: &Invitation) -> Result<bool, DbError> {
    match invited
        .provider
        .filter(|_| invited.role == Role::ProviderAdministrator)
    {
        Some(provider) => {
            Ok(fetch_optional!(tx, (i32,), HAS_KEY, &provider.as_bytes()[..])?.is_none())
        }
        None => Ok(false),
    }
}

/// Second half: uses the invitation up and enters staff and terminal, or changes nothing.
///
/// # Errors
/// [`Refusal::Invitation`] (also for the loser of a race), [`Refusal::HandleTaken`], [`Refusal::Malformed`] when the data
/// key is missing or not asked for, [`Refusal::BadValue`].
pub(crate) async fn finish(app: &App, request: &RegisterFinish) -> Result<Registered, Refusal> {
    let new = NewStaff::read(app, request)?;
    let invited = retrying!(app.store, "register staff", &mut app.rng(), |tx| {
        enter(tx, app, &new, request).await
    })?;
    app.starts.forget(&new.hash);
    if request.provider_report.is_some() {
        app.registry_news.notify_one();
    }
    let Invitation { role, provider, .. } = invited;
    Ok(Registered {
        staff: new.staff,
        terminal: new.terminal,
        role,
        provider,
    })
}

/// Whether this has the form of a data key that the holder of a staff key handed on.
pub(crate) fn handed_by(sealed: &[u8], public: &[u8]) -> bool {
    handover::claimed(sealed).is_some_and(|giver| giver.as_bytes() == public)
}

struct NewStaff {
    staff: StaffId,
    terminal: TerminalId,
    handle: Handle,
    label: String,
    hash: TokenHash,
    record: StoredRecord,
}

impl NewStaff {
    /// Reads what was sent, and draws the ids.
    fn read(app: &App, request: &RegisterFinish) -> Result<Self, Refusal> {
        let private = &request.staff_private_sealed;
        let fits = !private.is_empty() && private.len() <= MOST_SEALED;
        let own = |sealed: &B64| handed_by(sealed, &request.staff_public.0);
        if !fits || !request.data_key_sealed.as_ref().is_none_or(own) {
            return Err(Refusal::BadValue);
        }
        Ok(Self {
            staff: StaffId::random(&mut app.rng()),
            terminal: TerminalId::random(&mut app.rng()),
            handle: Handle::parse(&request.handle)?,
            label: typed::label(&request.label).map_err(|_| Refusal::Malformed)?,
            hash: invitation::hash(&request.opener),
            record: StoredRecord::from_upload(&request.record.0).map_err(|_| Refusal::BadValue)?,
        })
    }
}

async fn enter(
    tx: &mut Tx,
    app: &App,
    new: &NewStaff,
    request: &RegisterFinish,
) -> Result<Invitation, Refusal> {
    let invited = invitation::use_up(tx, app, &new.hash).await?;
    let first = makes_data_key(tx, &invited).await?;
    let made = [
        request.provider_public.is_some(),
        request.provider_report.is_some(),
        request.data_key_sealed.is_some(),
    ];
    if made != [first; 3] {
        return Err(Refusal::Malformed);
    }
    let publics = request.provider_public.zip(request.provider_report);
    if let (Some((inbox, report)), Some(provider)) = (publics, invited.provider) {
        let provider = &provider.as_bytes()[..];
        execute!(tx, SET_KEY, &inbox.0[..], &report.0[..], provider)?;
    }
    add_staff(tx, app, new, &invited, request).await?;
    add_terminal(tx, app, new, &invited, request).await?;
    Ok(invited)
}

/// The terminal, and that its owner was there today.
async fn add_terminal(
    tx: &mut Tx,
    app: &App,
    new: &NewStaff,
    invited: &Invitation,
    request: &RegisterFinish,
) -> Result<(), Refusal> {
    let door = DoorKey::new(request.door.0.clone());
    let door = app.keys.seal_door(&new.terminal, &door, &mut app.rng());
    execute!(
        tx,
        ADD_TERMINAL,
        &new.terminal.as_bytes()[..],
        invited.role.class().as_str(),
        owner(invited.provider.as_ref()),
        &request.terminal_public.0[..],
        door,
        terminals::seal_label(app, &new.terminal, &new.label)?
    )?;
    let party = Party::of(invited.role.class(), invited.provider).ok_or(Refusal::Malformed)?;
    let tags = Tags::new(&app.keys, &new.handle.tag(app), &new.terminal, party);
    let enrolled = SignIn {
        terminal: new.terminal,
        staff: new.staff,
        day: app.clock.today(),
    };
    Ok(sign_in::write(tx, &tags.sign_in, &enrolled).await?)
}

fn owner(provider: Option<&ProviderId>) -> Option<&[u8]> {
    provider.map(|id| &id.as_bytes()[..])
}

async fn add_staff(
    tx: &mut Tx,
    app: &App,
    new: &NewStaff,
    invited: &Invitation,
    request: &RegisterFinish,
) -> Result<(), Refusal> {
    // An invitation bears the inviter's day; this one is the service's own.
    let today = i64::from(app.clock.today().number());
    let registered = (invited.role == Role::Operator).then_some(today);
    let added = execute!(
        tx,
        ADD_STAFF,
        &new.staff.as_bytes()[..],
        &new.handle.tag(app)[..],
        new.handle.seal(app, &new.staff)?,
        invited.role.as_str(),
        owner(invited.provider.as_ref()),
        &credential(&new.hash)[..],
        &new.record.as_bytes()[..],
        &request.staff_public.0[..],
        &request.staff_private_sealed.0[..],
        request.data_key_sealed.as_ref().map(|sealed| &sealed.0[..]),
        &request.proof.0[..],
        invited.inviter.as_str(),
        i64::from(invited.drawn.number()),
        i64::from(request.data_key_sealed.is_some()),
        registered,
    );
    // An error would stand in PostgreSQL's own log, with the tag.
    match added? {
        0 => Err(Refusal::HandleTaken),
        _ => Ok(()),
    }
}
