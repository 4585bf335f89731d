//! How much one terminal may do, and of some acts how much its provider and the whole programme may.
//!
//! Limits keep a stolen session from emptying a city: they bound how many clients one terminal can touch before somebody
//! notices. Windows of a minute live in memory only (`memory/windows.rs`); counts of a day are in the database
//! (`reserve.rs`, `caps.rs`).

use wire::Counted;

use crate::pen::Beat;

/// How many of an act there may be in a day. An administrator can make accounts and terminals, so a limit for each
/// terminal alone would be none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caps {
    /// Of one terminal.
    pub terminal: u32,
    /// Of all terminals of one provider.
    pub provider: u32,
    /// Of the whole programme.
    pub programme: u32,
}

impl Caps {
    /// No practical limit.
    pub const NONE: Self = Self {
        terminal: u32::MAX,
        provider: u32::MAX,
        programme: u32::MAX,
    };
}

/// What one terminal may do, every number counts whole things; and how fast the service writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Card elements evaluated in a minute.
    pub presentations_per_minute: u32,
    /// Card elements evaluated in a day.
    pub presentations_per_day: u32,
    /// Reports for each day since the terminal is known, at most thirty days (`balance.rs`).
    pub reports_per_day: u32,
    /// Reports for each presentation of the last thirty days, besides.
    pub reports_per_presentation: u32,
    /// Envelopes created in a day.
    pub activations: Caps,
    /// Entries of rosters written in a day, also those that are sent again.
    pub entries: Caps,
    /// Blanks signed in a day.
    pub blanks: Caps,
    /// Cards withdrawn in a day; of a terminal also what it tried in vain.
    pub revocations: Caps,
    /// Invitations made in a day; not counted by terminal.
    pub invitations: Caps,
    /// Log-ins begun at one terminal in a minute.
    pub logins_per_minute: u32,
    /// Log-ins for one name that may begin in a row without one that succeeds; then the name is closed.
    pub wrong_in_a_row: u32,
    /// From which of them on the next must wait.
    pub wrong_before_waiting: u32,
    /// Fewest envelopes a bucket may hold on average, so that fetching one does not say which.
    pub envelope_min_bucket: u32,
    /// Status indices to begin with; doubled whenever three quarters are used. A multiple of 4096.
    pub first_indices: u32,
    /// Changes of envelopes and batches of roster entries of one terminal that wait for their moment at once.
    pub waiting: u32,
    /// When which kind of rows is written; [`Beat::NONE`] but in a service.
    pub beat: Beat,
}

impl Limits {
    /// The caps of an act.
    #[must_use]
    pub const fn caps(&self, what: Counted) -> Caps {
        match what {
            Counted::Blanks => self.blanks,
            Counted::Revocations => self.revocations,
            Counted::Invitations => self.invitations,
            Counted::Activations => self.activations,
            Counted::Entries => self.entries,
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            presentations_per_minute: 30,
            presentations_per_day: 600,
            reports_per_day: 20,
            reports_per_presentation: 4,
            activations: Caps {
                terminal: 50,
                provider: 200,
                programme: 2_000,
            },
            entries: Caps {
                terminal: 4_000,
                provider: 20_000,
                programme: 100_000,
            },
            blanks: Caps {
                terminal: 1_000,
                provider: 2_000,
                programme: 10_000,
            },
            revocations: Caps {
                terminal: 20,
                provider: 50,
                programme: 300,
            },
            invitations: Caps {
                terminal: 20,
                provider: 20,
                programme: 100,
            },
            logins_per_minute: 10,
            wrong_in_a_row: 100,
            wrong_before_waiting: 5,
            envelope_min_bucket: 256,
            first_indices: 131_072,
            waiting: 16,
            beat: Beat::NONE,
        }
    }
}
