//! Progress of long work, on standard error and only when a person watches.

use std::io::IsTerminal;
use std::sync::{Mutex, MutexGuard, PoisonError};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A bar of `length` steps with a label; silent when standard error is not a terminal.
pub(crate) fn bar(label: &'static str, length: u64) -> ProgressBar {
    let target = if std::io::stderr().is_terminal() {
        ProgressDrawTarget::stderr()
    } else {
        ProgressDrawTarget::hidden()
    };
    let bar = ProgressBar::with_draw_target(Some(length), target);
    let style = ProgressStyle::with_template("{msg:28} [{bar:32}] {pos}/{len} {eta}")
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .progress_chars("=> ");
    bar.set_style(style);
    bar.set_message(label);
    bar
}

/// The bar of whatever runs now: at most one at a time.
#[derive(Default)]
pub(crate) struct Bar(Mutex<Option<ProgressBar>>);

impl Bar {
    fn now(&self) -> MutexGuard<'_, Option<ProgressBar>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Work of so many steps begins.
    pub(crate) fn begin(&self, label: &'static str, length: u64) {
        *self.now() = Some(bar(label, length));
    }

    /// Steps of it are done.
    pub(crate) fn step(&self, steps: u64) {
        if let Some(bar) = &*self.now() {
            bar.inc(steps);
        }
    }

    /// It is over, and leaves nothing on the screen.
    pub(crate) fn end(&self) {
        if let Some(bar) = self.now().take() {
            bar.finish_and_clear();
        }
    }
}
