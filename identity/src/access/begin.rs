//! A session begins, whatever the log-in was.

use std::sync::Arc;

use crypto::id::{ProviderId, SessionId, StaffId, TerminalId};
use crypto::opaque::SessionKey;
use crypto::request::RequestKeys;
use store::{DbError, fetch_optional, parsed_option};
use wire::Role;

use super::session::{Kind, LIFETIME, Live, Prover, Session};
use crate::{App, Refusal};

const LIVE: &str = "SELECT 1 FROM terminal WHERE terminal = $1 AND revoked = 0";
const STAFF: &str = "SELECT role, provider, private_sealed, data_key_sealed FROM staff WHERE staff = $1 AND revoked = 0";

type StaffRow = (String, Option<Vec<u8>>, Vec<u8>, Option<Vec<u8>>);

/// A session that has begun, and what its person is to be told.
pub(crate) struct Opened {
    pub(crate) session: SessionId,
    pub(crate) role: Role,
    pub(crate) provider: Option<ProviderId>,
    pub(crate) private_sealed: Vec<u8>,
    pub(crate) data_key_sealed: Option<Vec<u8>>,
    pub(crate) prover: Arc<Prover>,
}

/// Begins the session first and looks for revocation afterwards, so that a revocation in between ends it too.
///
/// # Errors
/// [`Refusal::Unauthorised`] when person or terminal was revoked meanwhile.
pub(crate) async fn session(
    app: &App,
    kind: Kind,
    (staff, terminal): (StaffId, TerminalId),
    key: &SessionKey,
) -> Result<Opened, Refusal> {
    let now = app.clock.unix_seconds();
    let id = SessionId::random(&mut app.rng());
    let keys = RequestKeys::derive(key, &terminal, &staff);
    let prover = Arc::new(Prover::new(id, keys));
    let waiting = Session {
        staff,
        terminal,
        role: Role::Funder,
        provider: None,
        kind,
        ends: now + LIFETIME,
    };
    let live = Live {
        session: waiting,
        prover: Arc::clone(&prover),
    };
    app.sessions.begin(live, now);
    let opened = open(app, (staff, terminal), prover, id).await;
    if opened.is_err() {
        app.sessions.end(&id);
    }
    opened
}

async fn open(
    app: &App,
    (staff, terminal): (StaffId, TerminalId),
    prover: Arc<Prover>,
    session: SessionId,
) -> Result<Opened, Refusal> {
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
    Ok(Opened {
        session,
        role,
        provider,
        private_sealed,
        data_key_sealed,
        prover,
    })
}
