//! How much one terminal may do.
//!
//! Limits keep a stolen session from emptying a city: they bound how many clients one terminal can touch before somebody
//! notices. Windows of a minute live in memory only (`memory/windows.rs`); counts of a day are in the database (`allowance.rs`).

/// What one terminal may do; every number counts whole things.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Card elements evaluated in a minute.
    pub presentations_per_minute: u32,
    /// Card elements evaluated in a day.
    pub presentations_per_day: u32,
    /// Envelopes created in a day.
    pub activations_per_day: u32,
    /// Cards revoked in a day.
    pub revocations_per_day: u32,
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
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            presentations_per_minute: 30,
            presentations_per_day: 600,
            activations_per_day: 50,
            revocations_per_day: 20,
            logins_per_minute: 10,
            wrong_in_a_row: 100,
            wrong_before_waiting: 5,
            envelope_min_bucket: 256,
            first_indices: 131_072,
        }
    }
}
