//! What can go wrong on a terminal, and what to do next.
//!
//! Messages never repeat input, a server's text, an address or a key, so every
//! error may be shown and logged. The server's problem type is kept only when
//! it is a short slug of its published list's form.

use crypto::status::StatusError;
use crypto::trust::TrustError;
use std::time::Duration;
use thiserror::Error;
use wire::NotClosed;
use wire::typed::TypedError;

/// Every failure of the terminal SDK.
#[derive(Debug, Error)]
pub enum Error {
    /// No connection, a broken one, or no answer in time.
    #[error(
        "the server cannot be reached: check the network and try again; what was recorded stays queued"
    )]
    Network,
    /// The address is not a base address this terminal accepts.
    #[error(
        "the server's address must be https, or http on this machine: correct it and try again"
    )]
    Address,
    /// 429: the terminal asked too often.
    #[error("too many requests from this terminal: wait {} s and try again", .retry_after.as_secs())]
    Limited {
        /// How long to wait, from Retry-After; at least one second.
        retry_after: Duration,
    },
    /// 423: too many wrong passwords in a row.
    #[error(
        "too many wrong passwords in a row: ask your administrator, or an operator, to open your name again"
    )]
    Locked,
    /// The provider has done as much of this today as it may.
    #[error(
        "the provider has done as much of this today as it may: ask an operator to raise the limit for today, else go on tomorrow"
    )]
    ProviderLimit,
    /// The whole programme has done as much of this today as it may.
    #[error("the programme has done as much of this today as it may: tell the operator")]
    ProgrammeLimit,
    /// 401: no session, an old one, or sign-in refused.
    #[error("not signed in: check handle, password and terminal, then sign in again")]
    NotSignedIn,
    /// 403: the session's role may not do this.
    #[error("your role may not do this: ask the provider's administrator or the operator")]
    NotAllowed,
    /// 404.
    #[error(
        "the server does not know this: it may have been removed already; refresh and try again"
    )]
    NotFound,
    /// 409: something else is stored there.
    #[error("something else is already stored there: refresh before trying again")]
    Conflict,
    /// A quarter is not closed.
    #[error(transparent)]
    NotClosed(#[from] NotClosed),
    /// Any other refusal.
    #[error("the server refused the request ({status}{}): update the terminal or tell the operator", .kind.suffix())]
    Refused {
        /// HTTP status, 400 to 599.
        status: u16,
        /// The problem type, when the server named one.
        kind: ProblemKind,
    },
    /// An answer that is not what the protocol says.
    #[error(
        "the server's answer cannot be used: update the terminal; if it stays, tell the operator"
    )]
    Answer,
    /// An answer that does not prove its session, where it must. As when none
    /// came, the request may have been done or not.
    #[error(
        "an answer came that the server did not prove: try again; if it stays, something between this terminal and the server alters what passes, tell the operator"
    )]
    Unproven,
    /// The server's OPAQUE key is not the pinned one.
    #[error(
        "this is not the server the terminal was enrolled at: do not enter the password again, tell the operator"
    )]
    WrongServer,
    /// The programme's keys, or the log that they stand in, cannot be believed.
    #[error(transparent)]
    Trust(#[from] TrustError),
    /// The server hands out another data key than this terminal has used before.
    #[error(
        "the server hands out another data key than before: record nothing, tell the provider's administrator"
    )]
    OtherDataKey,
    /// What the server hands out as the data key is not from whom it is expected.
    #[error(
        "the data key that the server hands out is not from whoever invited you or was compared: record nothing, meet that colleague and type the fingerprint that their terminal shows"
    )]
    OtherGiver,
    /// The server names another role, provider, inviter or key than the invitation did.
    #[error(
        "the server says another role, provider or inviter than the invitation: stop, tell who invited you"
    )]
    OtherPlace,
    /// What was typed is no fingerprint.
    #[error("a fingerprint has thirty digits: type all that the colleague's terminal shows")]
    Fingerprint,
    /// What was typed is the fingerprint of another key than the server named.
    #[error(
        "this is not the fingerprint of the key that the server names: read it again; if it stays, give nothing to this person and tell the operator"
    )]
    OtherFingerprint,
    /// No invitation of this terminal stands behind a colleague.
    #[error(
        "this colleague did not prove an invitation of this terminal: type the fingerprint that the colleague's terminal shows"
    )]
    NotInvited,
    /// The server's list of staff and the provider's own records contradict each other.
    #[error(
        "the server's list of staff contradicts what the provider's own records say of who has the data key: give it to nobody, tell the operator"
    )]
    Directory,
    /// The server acknowledged an entry of this terminal and does not show it where it said.
    #[error(
        "the server acknowledged an entry of this terminal and did not keep it: give the data key to nobody, ask the operator whether an older copy of the server was put back"
    )]
    Dropped,
    /// An evaluation without a valid proof under the pinned key.
    #[error("the server's evaluation has no valid proof: stop, tell the operator")]
    Proof,
    /// The server's status list may not take the place of the kept one.
    #[error("the server's new status list is refused, the one before goes on: {0}")]
    StatusList(#[from] StatusError),
    /// The server narrows requests down to single cards.
    #[error("the server's buckets are too small to hide a card: stop, tell the operator")]
    Bucket,
    /// The invitation cannot be read, is spent, or is too old.
    #[error(
        "the invitation is not complete or no longer good: copy it again, or ask for a new one"
    )]
    Invitation,
    /// Somebody has this handle.
    #[error("the handle is taken: choose another; the invitation stays good")]
    HandleTaken,
    /// What was typed as a name or password is not taken.
    #[error(transparent)]
    Typed(#[from] TypedError),
    /// Not the PIN of this device.
    #[error("this is not the PIN: try again; after some wrong ones only the password opens")]
    Pin,
    /// The PIN does not do for this: what it opened may not do it, or the last sign-in by password is too long ago.
    #[error("a PIN is not enough for this: sign in with your password")]
    PasswordNeeded,
    /// The PIN opens nothing any more.
    #[error("the PIN opens nothing any more: sign in with your password")]
    PinOver,
    /// The provider's data key is not sealed for this person yet.
    #[error(
        "the provider's data key is not open to you yet: ask the provider's administrator to admit you"
    )]
    NoDataKey,
    /// The staff belongs to no provider.
    #[error("this account belongs to no provider: sign in as staff of a provider")]
    NoProvider,
    /// The card is not genuine, or revoked, expired or not to be judged now.
    #[error("the card cannot be used: scan it again or give the client a new card")]
    Card,
    /// The card carries no identity (new, or killed).
    #[error("the card is genuine but not active: enrol the client or replace the card")]
    NotActive,
    /// The card is already active.
    #[error(
        "the card is already active: a client's own card is to be presented; a blank is withdrawn, throw it away and take another"
    )]
    AlreadyActive,
    /// The identity of this card goes on under another card.
    #[error(
        "this client's record goes on under another card: record nothing, ask how they came to this one"
    )]
    Superseded,
    /// No record is there to be continued, or to be separated.
    #[error(
        "there is no record that this card could continue, or it goes on elsewhere: synchronise and present the card again"
    )]
    NoClaim,
    /// There is no such event of this client here, or it was withdrawn.
    #[error(
        "there is no such event in this client's record here, or it is withdrawn already: synchronise and look again"
    )]
    NoEvent,
    /// The old card was replaced or killed meanwhile.
    #[error(
        "the old card was replaced or killed elsewhere a moment ago: present the card that was given there, keep this new one"
    )]
    Replaced,
    /// An envelope is still there after its deletion.
    #[error(
        "the server still shows the old card's envelope: the old card may still work; try again, and if it stays tell the operator"
    )]
    NotDeleted,
    /// The envelope of a new card is not there after the server said that it is.
    #[error(
        "the server does not show the new card's envelope: keep both cards, try again, and if it stays tell the operator"
    )]
    NotKept,
    /// Sealed material that does not open with this key.
    #[error("sealed data does not open with this key: sign in as the person who owns it")]
    Sealed,
    /// More items than one call takes.
    #[error("too many items in one call: split them and try again")]
    TooMany,
    /// The site does not offer the service.
    #[error(
        "this place does not offer the service: choose another service, or ask the operator to enter that it is offered here"
    )]
    NotOffered,
    /// A value the protocol cannot carry.
    #[error("a value is outside what the protocol carries: correct the input")]
    Value,
    /// Key stretching failed.
    #[error(transparent)]
    Memory(#[from] crypto::pin::NoMemory),
    /// What the terminal keeps.
    #[error(transparent)]
    State(#[from] StateError),
}

/// What can go wrong with what a terminal keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum StateError {
    /// It cannot be read or written.
    #[error(
        "what this terminal keeps cannot be read or written: check that there is room and that you may write there"
    )]
    Io,
    /// Not what a terminal keeps, or of a later version.
    #[error(
        "this is not what a terminal of this version keeps: update the terminal or enrol again"
    )]
    Format,
    /// No slot opens with this key, or the content was changed.
    #[error(
        "what this terminal keeps does not open: sign in as staff of this terminal, or enrol again"
    )]
    Closed,
    /// Something is kept already.
    #[error("a terminal is enrolled here already: use it, or remove what it keeps to enrol again")]
    Exists,
}

/// A problem type's slug (`urn:payung:problem:<slug>`), or nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProblemKind(Option<String>);

impl ProblemKind {
    const PREFIX: &'static str = "urn:payung:problem:";
    const LONGEST: usize = 40;

    /// Keeps the slug only when it is 1 to 40 of `a-z` and `-`.
    #[must_use]
    pub fn from_type(text: &str) -> Self {
        let slug = text.strip_prefix(Self::PREFIX).filter(|slug| {
            (1..=Self::LONGEST).contains(&slug.len())
                && slug.bytes().all(|b| b.is_ascii_lowercase() || b == b'-')
        });
        Self(slug.map(str::to_owned))
    }

    /// The slug.
    #[must_use]
    pub fn slug(&self) -> Option<&str> {
        self.0.as_deref()
    }

    fn suffix(&self) -> String {
        self.0
            .as_ref()
            .map(|slug| format!(", {slug}"))
            .unwrap_or_default()
    }
}

impl Error {
    /// How long to wait before the same call can succeed.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Limited { retry_after } => Some(*retry_after),
            _ => None,
        }
    }

    /// Whether a limit was reached, the terminal's or one that it shares.
    #[must_use]
    pub const fn is_a_limit(&self) -> bool {
        matches!(
            self,
            Self::Limited { .. } | Self::ProviderLimit | Self::ProgrammeLimit
        )
    }

    /// Whether the same call may succeed later without any change.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Network | Self::Unproven | Self::NotDeleted | Self::Limited { .. } => true,
            Self::Refused { status, .. } => *status >= 500,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn a_problem_type_never_carries_the_servers_text() {
        let good = ProblemKind::from_type("urn:payung:problem:expired-blank");
        assert_eq!(good.slug(), Some("expired-blank"));
        for bad in [
            "about:blank",
            "urn:payung:problem:",
            "urn:payung:problem:Aisyah 0812",
        ] {
            assert_eq!(ProblemKind::from_type(bad).slug(), None);
        }
        let long = format!("urn:payung:problem:{}", "a".repeat(41));
        assert_eq!(ProblemKind::from_type(&long).slug(), None);
    }

    #[test]
    fn only_network_unproven_answers_limits_and_server_faults_pass() {
        let refused = |status| Error::Refused {
            status,
            kind: ProblemKind::default(),
        };
        assert!(Error::Network.is_passing() && Error::Unproven.is_passing());
        assert!(
            Error::Limited {
                retry_after: Duration::from_secs(1)
            }
            .is_passing()
                && refused(503).is_passing()
        );
        assert!(!refused(422).is_passing() && !Error::NotSignedIn.is_passing());
    }
}
