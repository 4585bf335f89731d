//! Work that blocks or takes long, away from the threads that answer requests.

use std::future::Future;

use thiserror::Error;
use tokio::task::spawn_blocking;

/// The work was cut off: the service is stopping. Nothing of it counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the service is stopping: begin again")]
pub struct Stopping;

/// Starts the work at once; its result comes when it is waited for.
///
/// # Errors
/// [`Stopping`].
pub(crate) fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> impl Future<Output = Result<T, Stopping>> + Send {
    let task = spawn_blocking(work);
    async { task.await.map_err(|_| Stopping) }
}
