//! Doing once, for everybody who waits, what costs the database the same for one as for many.
//!
//! Jobs queue; one task at a time takes whole batches, in order of arrival, and answers each job. A quiet service takes
//! every job alone and at once. When jobs wait by the time a batch is done the service is busy, and the task gathers for
//! [`GATHER`] before it takes the next: a commit or a hop to the database's thread costs more processor time than the
//! little longer wait costs anybody. The queue is no store: whoever waits is answered only after the work is done.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;

/// How long a busy service gathers.
const GATHER: Duration = Duration::from_millis(3);

/// A queue of jobs with at most one task that takes them.
pub(crate) struct Together<J>(Mutex<State<J>>);

struct State<J> {
    jobs: Vec<J>,
    /// A task takes jobs, or is about to.
    running: bool,
}

impl<J> Default for Together<J> {
    fn default() -> Self {
        let state = State {
            jobs: Vec::new(),
            running: false,
        };
        Self(Mutex::new(state))
    }
}

impl<J> Together<J> {
    fn state(&self) -> MutexGuard<'_, State<J>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Queues a job. When no task takes jobs, the caller must start one with the turn it is given.
    pub(crate) fn push(self: &Arc<Self>, job: J) -> Option<Turn<J>> {
        let mut state = self.state();
        state.jobs.push(job);
        let idle = !std::mem::replace(&mut state.running, true);
        idle.then(|| Turn {
            queue: Arc::clone(self),
            first: true,
        })
    }
}

/// A job, and the way to tell whoever waits for it.
pub(crate) struct Asked<J, A> {
    pub(crate) job: J,
    answer: oneshot::Sender<A>,
}

impl<J, A> Asked<J, A> {
    /// Tells whoever waits; one who went away does not need it.
    pub(crate) fn answer(self, answer: A) {
        let _ = self.answer.send(answer);
    }
}

impl<J, A> Together<Asked<J, A>> {
    /// Queues a job and waits for its answer; `begin` starts a task when none takes jobs. `None` when that task died.
    pub(crate) async fn ask(
        self: &Arc<Self>,
        job: J,
        begin: impl FnOnce(Turn<Asked<J, A>>),
    ) -> Option<A> {
        let (answer, waits) = oneshot::channel();
        if let Some(turn) = self.push(Asked { job, answer }) {
            begin(turn);
        }
        waits.await.ok()
    }
}

/// The right to take jobs. Should its task die, the next job's caller gets another; jobs left are dropped, which tells
/// those who wait for them.
pub(crate) struct Turn<J> {
    queue: Arc<Together<J>>,
    first: bool,
}

impl<J> Turn<J> {
    /// The next batch: jobs while `room` says that one more fits. None ends the turn.
    pub(crate) async fn next(&mut self, room: impl FnMut(&J) -> bool) -> Vec<J> {
        if !self.first && !self.queue.state().jobs.is_empty() {
            tokio::time::sleep(GATHER).await;
        }
        self.first = false;
        let mut room = room;
        let mut state = self.queue.state();
        let count = state.jobs.iter().take_while(|job| room(job)).count();
        state.running = count > 0;
        state.jobs.drain(..count).collect()
    }
}

impl<J> Drop for Turn<J> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let mut state = self.queue.state();
            state.running = false;
            state.jobs.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[tokio::test]
    async fn one_turn_takes_everything_and_the_next_job_starts_another() {
        let queue = Arc::new(Together::default());
        let mut turn = queue.push(1).expect("nobody takes jobs yet");
        assert!(queue.push(2).is_none() && queue.push(3).is_none());
        let mut left = 2;
        let two = |_: &i32| {
            left -= 1;
            left >= 0
        };
        assert_eq!(turn.next(two).await, [1, 2]);
        assert_eq!(turn.next(|_| true).await, [3]);
        assert!(turn.next(|_| true).await.is_empty());
        assert!(queue.push(4).is_some());
    }

    #[tokio::test]
    async fn a_task_that_dies_drops_its_jobs_and_blocks_nobody() {
        let queue = Arc::new(Together::default());
        let (told, answer) = tokio::sync::oneshot::channel::<()>();
        let turn = queue.push(told).unwrap();
        let died = tokio::spawn(async move {
            let _turn = turn;
            panic!("on purpose");
        });
        assert!(died.await.is_err() && answer.await.is_err());
        assert!(queue.push(tokio::sync::oneshot::channel().0).is_some());
    }
}
