//! Sessions: who is at which terminal, for at most twelve hours.
//!
//! **Why in memory.** A stored session would need its end as a time, and a time finer than a day, beside a member of staff
//! and a terminal, tells whoever seizes the disk when a person worked. So sessions live in memory only, as hashes of
//! their tokens, and end with the process; everybody logs in again after a restart.
//!
//! **Limits.** Sessions belong to one process: with several, a terminal must stay with one of them.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use crypto::id::{ProviderId, StaffId, TerminalId};
use crypto::token::TokenHash;
use wire::Role;

use crate::Refusal;

/// Seconds a session lives: twelve hours.
pub(crate) const LIFETIME: i64 = 12 * 3_600;

/// A logged-in member of staff at a terminal.
#[derive(Debug, Clone)]
pub struct Session {
    /// Who.
    pub(crate) staff: StaffId,
    /// At which terminal.
    pub(crate) terminal: TerminalId,
    /// The terminal's public key.
    pub(crate) terminal_public: [u8; 32],
    /// In which role.
    pub(crate) role: Role,
    /// Of which provider, for roles that belong to one.
    pub(crate) provider: Option<ProviderId>,
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

/// Every session of this process, by hash of its token.
#[derive(Default)]
pub(crate) struct Sessions(RwLock<HashMap<[u8; 32], Session>>);

impl Sessions {
    pub(crate) fn begin(&self, token: &TokenHash, session: Session, now: i64) {
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, old| old.ends > now);
        all.insert(*token.as_bytes(), session);
    }

    /// Gives a session that has begun its role; false when it was ended in between.
    pub(crate) fn complete(
        &self,
        token: &TokenHash,
        role: Role,
        provider: Option<ProviderId>,
    ) -> bool {
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let Some(session) = all.get_mut(token.as_bytes()) else {
            return false;
        };
        (session.role, session.provider) = (role, provider);
        true
    }

    pub(crate) fn find(&self, token: &TokenHash, now: i64) -> Option<Session> {
        let all = self.0.read().unwrap_or_else(PoisonError::into_inner);
        all.get(token.as_bytes())
            .filter(|session| session.ends > now)
            .cloned()
    }

    pub(crate) fn end(&self, token: &TokenHash) {
        self.0
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(token.as_bytes());
    }

    pub(crate) fn end_staff(&self, staff: StaffId) {
        self.0
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .retain(|_, session| session.staff != staff);
    }

    pub(crate) fn end_terminal(&self, terminal: TerminalId) {
        self.0
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .retain(|_, session| session.terminal != terminal);
    }
}
