//! Alarms and warnings that stay until somebody has looked into them.

use std::fmt;

/// What a person is to be told until somebody has looked into it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    /// See [`crate::Local::alarm`].
    Forked,
    /// The server acknowledged an entry of this terminal and did not show it where it said that it lies: an alarm, too. The
    /// entry was queued again. A server that was restored from an older copy shows itself like this.
    Dropped,
    /// So many entries came back that this terminal made and does not remember: an older copy of what it keeps was put back, or
    /// somebody works with another copy of it. Nothing counts twice by that. What only the newer copy knew is gone: what was
    /// recorded there and never sent, and cards that it would have withdrawn.
    Forgotten(u32),
    /// Visits that were noted while this terminal was closed were changed, left out or added by somebody: what was not proved was
    /// not taken.
    Altered,
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Forked => f.write_str(
                "the server showed a colleague's terminal another roster, or another log of keys, than this one:                  record nothing, compare fingerprints, tell the operator",
            ),
            Self::Dropped => f.write_str(
                "the server acknowledged an entry of this terminal and did not keep it: the entry waits to be sent again;                  give nobody the data key, ask the operator whether an older copy of the server was put back",
            ),
            Self::Altered => f.write_str(
                "visits that were noted while this terminal was closed were changed, left out or added by somebody: what was not proved was not taken; find out who had the device",
            ),
            Self::Forgotten(entries) => write!(
                f,
                "this terminal made {entries} entries that it does not remember: an older copy of what it keeps was put back;                  withdraw again what cards were killed since, and record again what was never sent. If nobody put a copy back,                  somebody else uses one: have this terminal revoked",
            ),
        }
    }
}
