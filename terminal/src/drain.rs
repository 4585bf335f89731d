//! Emptying a queue: batch by batch, and an item that the server refuses for itself is set aside.

use crate::calls;
use crate::error::Error;
use crate::queue::{Queue, Queued, QueuedEntry, QueuedReport};
use crate::session::Session;
use crate::transport::Transport;
use crypto::id::{EntryId, SubmissionId};

/// Most items sent in one call.
const MOST_SENT: usize = 500;

/// Something that takes a batch and answers with the ids it has kept.
pub(crate) trait Link<T: Queued> {
    fn deliver(&self, items: &[T]) -> impl Future<Output = Result<Vec<T::Id>, Error>>;
}

impl<T: Transport> Link<QueuedEntry> for Session<T> {
    async fn deliver(&self, items: &[QueuedEntry]) -> Result<Vec<EntryId>, Error> {
        calls::send_entries(self, items).await
    }
}

impl<T: Transport> Link<QueuedReport> for Session<T> {
    async fn deliver(&self, items: &[QueuedReport]) -> Result<Vec<SubmissionId>, Error> {
        calls::send_reports(self, items).await
    }
}

/// Empties a queue batch by batch. A batch of which nothing is acknowledged is
/// halved until the one item that is refused for itself is found; it is set
/// aside. Returns how many were sent and how many set aside.
pub(crate) async fn drain<T: Queued + Clone>(
    queue: &mut Queue<T>,
    link: &impl Link<T>,
) -> Result<(usize, usize), Error> {
    let (mut sent, mut aside, mut size) = (0, 0, MOST_SENT);
    loop {
        let batch = queue.batch(size);
        let Some(first) = batch.first() else {
            return Ok((sent, aside));
        };
        let left = match link.deliver(&batch).await {
            Ok(acknowledged) => queue.acknowledge(&acknowledged),
            Err(error) if concerns_items(&error, batch.len()) => 0,
            Err(error) => return Err(error),
        };
        sent += left;
        size = match (left, batch.len()) {
            (0, 1) => {
                queue.set_aside(first.id());
                aside += 1;
                MOST_SENT
            }
            (0, many) => many.div_ceil(2),
            _ => MOST_SENT,
        };
    }
}

/// Whether the refusal is about what was sent, not about session or network.
/// "Too large" comes without a proof ([`crate::proof`]), so it may halve a batch
/// and never set the last item aside.
fn concerns_items(error: &Error, items: usize) -> bool {
    match error {
        Error::Conflict => true,
        Error::Refused { status: 413, .. } => items > 1,
        Error::Refused { status, .. } => matches!(status, 400 | 422),
        _ => false,
    }
}

#[cfg(test)]
mod tests;
