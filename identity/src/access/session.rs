//! Sessions: who is at which terminal, for at most twelve hours.
//!
//! **What proves a session.** Two keys of the log-in, which never travel, and numbers that are each taken once
//! (`crypto::request`). The session's id tells which keys to take and is no secret.
//!
//! **Why in memory.** A stored session would need its end as a time, and a time finer than a day, beside a member of staff
//! and a terminal, tells whoever seizes the disk when a person worked; its keys would let them work in that person's
//! name. So sessions live in memory only and end with the process; everybody logs in again after a restart.
//!
//! **Limits.** Sessions belong to one process: with several, a terminal must stay with one of them.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use crypto::id::{ProviderId, SessionId, StaffId, TerminalId};
use crypto::request::{Answer, Mac, Request, RequestKeys, Window};
use wire::Role;

use crate::Refusal;

/// Seconds a session lives: twelve hours.
pub(crate) const LIFETIME: i64 = 12 * 3_600;

/// What a session began with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The password.
    Password,
    /// The PIN of the terminal: daily work alone.
    Pin,
}

/// A logged-in member of staff at a terminal.
#[derive(Debug, Clone)]
pub struct Session {
    /// Who.
    pub(crate) staff: StaffId,
    /// At which terminal.
    pub(crate) terminal: TerminalId,
    /// In which role.
    pub(crate) role: Role,
    /// Of which provider, for roles that belong to one.
    pub(crate) provider: Option<ProviderId>,
    /// By what.
    pub(crate) kind: Kind,
    /// End, in seconds since 1970; never stored.
    pub(crate) ends: i64,
}

impl Session {
    /// The provider of a caller who serves clients.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`] for operators and funders.
    pub(crate) fn provider(&self) -> Result<ProviderId, Refusal> {
        self.provider
            .filter(|_| self.role.has_provider())
            .ok_or(Refusal::Forbidden)
    }

    /// Passes whoever logged in by password: for what lets people or devices in or out, hands on keys or makes cards.
    ///
    /// # Errors
    /// [`Refusal::PasswordNeeded`].
    pub(crate) fn by_password(&self) -> Result<(), Refusal> {
        (self.kind == Kind::Password)
            .then_some(())
            .ok_or(Refusal::PasswordNeeded)
    }

    /// Passes operators only.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`].
    pub fn operator(&self) -> Result<(), Refusal> {
        (self.role == Role::Operator)
            .then_some(())
            .ok_or(Refusal::Forbidden)
    }

    /// Passes administrators of a provider, with that provider.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`].
    pub(crate) fn administrator(&self) -> Result<ProviderId, Refusal> {
        self.provider
            .filter(|_| self.role == Role::ProviderAdministrator)
            .ok_or(Refusal::Forbidden)
    }

    /// Passes whoever administers: `None` is an operator (every provider), `Some` an administrator (that provider).
    ///
    /// # Errors
    /// [`Refusal::Forbidden`].
    pub(crate) fn administers(&self) -> Result<Option<ProviderId>, Refusal> {
        match self.role {
            Role::Operator => Ok(None),
            _ => self.administrator().map(Some),
        }
    }
}

/// How the requests of a session are checked, and its answers proved.
pub(crate) struct Prover {
    id: SessionId,
    keys: RequestKeys,
    window: Mutex<Window>,
}

impl Prover {
    pub(crate) fn new(id: SessionId, keys: RequestKeys) -> Self {
        Self {
            id,
            keys,
            window: Mutex::default(),
        }
    }

    /// Takes a request: its MAC must fit, and only then its number is looked at, and is taken whatever comes of the
    /// request.
    ///
    /// # Errors
    /// [`Refusal::Unauthorised`] for a MAC that does not fit, [`Refusal::Repeated`] for a number that is used up.
    pub(crate) fn take(&self, request: &Request<'_>, mac: &Mac) -> Result<(), Refusal> {
        self.keys
            .check_request(request, mac)
            .map_err(|_| Refusal::Unauthorised)?;
        let mut window = self.window.lock().unwrap_or_else(PoisonError::into_inner);
        window
            .take(request.number)
            .then_some(())
            .ok_or(Refusal::Repeated)
    }

    /// The MAC of the one answer to the request of this number.
    pub(crate) fn answer(&self, number: u64, status: u16, body: &[u8]) -> Mac {
        self.keys.answer(&Answer {
            session: &self.id,
            number,
            status,
            body,
        })
    }
}

/// A session and its proof.
#[derive(Clone)]
pub(crate) struct Live {
    pub(crate) session: Session,
    pub(crate) prover: Arc<Prover>,
}

/// Every session of this process, by its id.
#[derive(Default)]
pub(crate) struct Sessions(RwLock<HashMap<SessionId, Live>>);

impl Sessions {
    pub(crate) fn begin(&self, live: Live, now: i64) {
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, old| old.session.ends > now);
        all.insert(live.prover.id, live);
    }

    /// Forgets what has ended.
    pub(crate) fn sweep(&self, now: i64) {
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, old| old.session.ends > now);
    }

    /// Gives a session that has begun its role; false when it was ended in between.
    pub(crate) fn complete(
        &self,
        id: &SessionId,
        role: Role,
        provider: Option<ProviderId>,
    ) -> bool {
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let Some(Live { session, .. }) = all.get_mut(id) else {
            return false;
        };
        (session.role, session.provider) = (role, provider);
        true
    }

    pub(crate) fn find(&self, id: &SessionId, now: i64) -> Option<Live> {
        let all = self.0.read().unwrap_or_else(PoisonError::into_inner);
        all.get(id).filter(|live| live.session.ends > now).cloned()
    }

    pub(crate) fn end(&self, id: &SessionId) {
        self.0
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(id);
    }

    pub(crate) fn end_staff(&self, staff: StaffId) {
        self.0
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .retain(|_, live| live.session.staff != staff);
    }

    /// Whether nobody is logged in.
    pub(crate) fn none(&self) -> bool {
        let all = self.0.read().unwrap_or_else(PoisonError::into_inner);
        all.is_empty()
    }

    /// Ends the sessions of any of these people or terminals.
    pub(crate) fn end_all(&self, staff: &BTreeSet<StaffId>, terminals: &BTreeSet<TerminalId>) {
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, live| {
            let session = &live.session;
            !staff.contains(&session.staff) && !terminals.contains(&session.terminal)
        });
    }

    pub(crate) fn end_terminal(&self, terminal: TerminalId) {
        self.0
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .retain(|_, live| live.session.terminal != terminal);
    }
}
