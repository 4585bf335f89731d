//! What happens to people: the kinds of events, their stored numbers and their words.

use crypto::report::{ExitReason, Kind};

/// What happened, as far as episodes care; what a result says is in the event's finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EventKind {
    /// Enrolled in the service.
    Enrolled,
    /// Any contact.
    Contact,
    /// A coded result; counts as a contact.
    Result,
    /// Left the service.
    Exited(Exit),
}

/// Why somebody left; ordered and numbered for storage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Exit {
    /// Treatment or case completed.
    Completed = 11,
    /// Handed over to another provider.
    Transferred = 12,
    /// Died.
    Died = 13,
    /// Imprisoned or in closed rehabilitation.
    Imprisoned = 14,
    /// Moved away.
    Moved = 15,
    /// Withdrew consent.
    Withdrew = 16,
    /// Given up as lost by the provider; the only exit that is a drop-out.
    DroppedOut = 17,
}

impl Exit {
    /// Every reason, in stored order.
    pub const ALL: [Self; 7] = [
        Self::Completed,
        Self::Transferred,
        Self::Died,
        Self::Imprisoned,
        Self::Moved,
        Self::Withdrew,
        Self::DroppedOut,
    ];

    /// The word in reports.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Transferred => "transferred",
            Self::Died => "died",
            Self::Imprisoned => "imprisoned",
            Self::Moved => "moved",
            Self::Withdrew => "withdrew",
            Self::DroppedOut => "dropped_out",
        }
    }

    /// True when the reason speaks of one site only: it ends nothing for a person whose latest contact was elsewhere.
    #[must_use]
    pub const fn is_local(self) -> bool {
        matches!(self, Self::Transferred | Self::Moved | Self::DroppedOut)
    }

    /// True when the reason ends the programme too, once no service is active.
    #[must_use]
    pub const fn ends_programme(self) -> bool {
        matches!(
            self,
            Self::Died | Self::Imprisoned | Self::Moved | Self::Withdrew
        )
    }
}

impl From<ExitReason> for Exit {
    fn from(reason: ExitReason) -> Self {
        match reason {
            ExitReason::Completed => Self::Completed,
            ExitReason::Transferred => Self::Transferred,
            ExitReason::Died => Self::Died,
            ExitReason::Imprisoned => Self::Imprisoned,
            ExitReason::Moved => Self::Moved,
            ExitReason::Withdrew => Self::Withdrew,
            ExitReason::DroppedOut => Self::DroppedOut,
        }
    }
}

impl From<&Kind> for EventKind {
    fn from(kind: &Kind) -> Self {
        match kind {
            Kind::Enrolled => Self::Enrolled,
            Kind::Contact => Self::Contact,
            Kind::Result(_) => Self::Result,
            Kind::Exited(reason) => Self::Exited((*reason).into()),
        }
    }
}

impl EventKind {
    /// Every kind.
    pub const ALL: [Self; 10] = [
        Self::Enrolled,
        Self::Contact,
        Self::Result,
        Self::Exited(Exit::Completed),
        Self::Exited(Exit::Transferred),
        Self::Exited(Exit::Died),
        Self::Exited(Exit::Imprisoned),
        Self::Exited(Exit::Moved),
        Self::Exited(Exit::Withdrew),
        Self::Exited(Exit::DroppedOut),
    ];

    /// Reads a kind's word in the definitions file: as in reports, a result without its code.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        match word.split_once(':') {
            None if word == "enrolled" => Some(Self::Enrolled),
            None if word == "contact" => Some(Self::Contact),
            None if word == "result" => Some(Self::Result),
            Some(("exited", reason)) => Exit::ALL
                .into_iter()
                .find(|exit| exit.word() == reason)
                .map(Self::Exited),
            _ => None,
        }
    }

    /// The stored number: 1 enrolled, 2 contact, 3 result, 11..=17 exited.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Enrolled => 1,
            Self::Contact => 2,
            Self::Result => 3,
            Self::Exited(reason) => reason as u8,
        }
    }

    /// Reads a stored number; `None` when it is none.
    #[must_use]
    pub fn from_number(number: u8) -> Option<Self> {
        match number {
            1 => Some(Self::Enrolled),
            2 => Some(Self::Contact),
            3 => Some(Self::Result),
            other => Exit::ALL
                .into_iter()
                .find(|exit| *exit as u8 == other)
                .map(Self::Exited),
        }
    }
}
