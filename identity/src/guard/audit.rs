//! What operators and administrators did: the day, who, which act, to what. Never anything about a client.

use crypto::id::StaffId;
use store::{DbError, Tx, execute};

use crate::App;

/// Who acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Actor {
    /// A member of staff over HTTP.
    Staff(StaffId),
    /// The operator at the machine's command line.
    CommandLine,
}

/// One act that is written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Act {
    ProviderAdded,
    SiteAdded,
    ServicesSet,
    Invited,
    BlanksSigned,
    /// None of so many was signed that had been written down as signed.
    BlanksRefused,
    StaffRevoked,
    TerminalRevoked,
    DataKeyGiven,
    NameOpened,
    CapRaised,
    DayConfirmed,
    ClosingProposed,
    ClosingConfirmed,
    ClosingWithdrawn,
}

impl Act {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::ProviderAdded => "provider-added",
            Self::SiteAdded => "site-added",
            Self::ServicesSet => "services-set",
            Self::Invited => "invited",
            Self::BlanksSigned => "blanks-signed",
            Self::BlanksRefused => "blanks-refused",
            Self::StaffRevoked => "staff-revoked",
            Self::TerminalRevoked => "terminal-revoked",
            Self::DataKeyGiven => "data-key-given",
            Self::NameOpened => "name-opened",
            Self::CapRaised => "cap-raised",
            Self::DayConfirmed => "day-confirmed",
            Self::ClosingProposed => "closing-proposed",
            Self::ClosingConfirmed => "closing-confirmed",
            Self::ClosingWithdrawn => "closing-withdrawn",
        }
    }
}

const ADD: &str = "INSERT INTO audit (entry, day, actor, act, subject) VALUES ($1, $2, $3, $4, $5)";

/// Writes an act down inside the transaction that performs it. The key is random: storage order within a day says nothing.
pub(crate) async fn note(
    tx: &mut Tx,
    app: &App,
    actor: Actor,
    act: Act,
    subject: &str,
) -> Result<(), DbError> {
    let key: [u8; 16] = crypto::rng::bytes(&mut app.rng());
    let day = i64::from(app.clock.today().number());
    let actor = match &actor {
        Actor::Staff(staff) => Some(&staff.as_bytes()[..]),
        Actor::CommandLine => None,
    };
    execute!(tx, ADD, &key[..], day, actor, act.name(), subject)?;
    Ok(())
}
