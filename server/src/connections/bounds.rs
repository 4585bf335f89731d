//! How many connections there may be, and how long each may make the service wait.

use std::time::Duration;

use crate::error::Failure;

/// Files that are left for the databases (readers, writer, logs of writes), the release log, the forwarder and what a
/// library opens for a moment.
const KEPT: u64 = 96;
/// Most connections, however many files the system allows: each may hold some ten kilobytes.
const MOST: u64 = 1_024;
/// Fewer make no service.
const FEWEST: u64 = 16;

/// The bounds of the connections of one service.
#[derive(Debug, Clone)]
pub struct Bounds {
    /// Connections at the same time.
    pub connections: usize,
    /// From the first byte of a request, or from the connection's beginning, to the end of the head.
    pub head: Duration,
    /// From the end of the head to the end of the body.
    pub body: Duration,
    /// Between an answer and the next request.
    pub idle: Duration,
    /// Without one byte of an answer that the other side takes.
    pub answer: Duration,
}

impl Bounds {
    /// Those of a service in this process: as many connections as the system's limit of open files leaves room for, at most
    /// 1,024. Raises the limit as far as that needs and the system allows.
    ///
    /// # Errors
    /// [`Failure`] when the limit leaves no room.
    pub fn of_this_process() -> Result<Self, Failure> {
        Self::of_files(files())
    }

    /// Those of a process that may open this many files; `None` is no limit.
    fn of_files(files: Option<u64>) -> Result<Self, Failure> {
        let room = files.unwrap_or(u64::MAX).saturating_sub(KEPT).min(MOST);
        if room < FEWEST {
            return Err(Failure::new(format!(
                "the system lets this process open too few files: allow it at least {} (LimitNOFILE, ulimit -n)",
                KEPT + FEWEST
            )));
        }
        Ok(Self {
            connections: usize::try_from(room).unwrap_or(usize::MAX),
            head: Duration::from_secs(10),
            body: Duration::from_secs(60),
            idle: Duration::from_secs(60),
            answer: Duration::from_secs(30),
        })
    }
}

/// The limit of open files, raised to what [`MOST`] connections need where the system allows it.
#[cfg(unix)]
fn files() -> Option<u64> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let wanted = limit.maximum.unwrap_or(u64::MAX).min(MOST + KEPT);
    if limit.current.is_none_or(|current| current >= wanted) {
        return limit.current;
    }
    let raised = Rlimit {
        current: Some(wanted),
        maximum: limit.maximum,
    };
    match setrlimit(Resource::Nofile, raised) {
        Ok(()) => Some(wanted),
        Err(_) => limit.current,
    }
}

/// Nothing is known of such a limit on this system.
#[cfg(not(unix))]
fn files() -> Option<u64> {
    None
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn connections_leave_the_databases_their_files() {
        let of = |files| Bounds::of_files(files).map(|bounds| bounds.connections);
        assert_eq!(of(Some(200)).unwrap(), 104);
        assert_eq!(of(Some(112)).unwrap(), 16);
        assert_eq!(of(Some(1 << 20)).unwrap(), 1_024);
        assert_eq!(of(None).unwrap(), 1_024);
        assert!(of(Some(111)).unwrap_err().to_string().contains("112"));
    }
}
