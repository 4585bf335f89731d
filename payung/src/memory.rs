//! The process's memory, which holds keys: no core file, and no reader of the same user.

/// Switches core files off and closes the process's memory to others, as far as the system knows how. Call it before the
/// first secret is read.
///
/// # Errors
/// A sentence when the system refuses.
#[cfg(target_os = "linux")]
pub fn close() -> Result<(), &'static str> {
    use rustix::process::{DumpableBehavior, Resource, Rlimit};
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    let refused = |_| "the system does not let this program switch core files off";
    rustix::process::setrlimit(Resource::Core, none).map_err(refused)?;
    rustix::process::set_dumpable_behavior(DumpableBehavior::NotDumpable).map_err(refused)
}

/// Nothing is known to be done on this system.
///
/// # Errors
/// Never.
#[cfg(not(target_os = "linux"))]
pub fn close() -> Result<(), &'static str> {
    Ok(())
}
