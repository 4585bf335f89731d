//! What the process writes besides a command's own output: the one list of who may, and what becomes of a fault.
//!
//! Libraries speak too: a database driver tells which statement was slow and what the server notices, a panic repeats the
//! value that it met. Nobody decided on those words and they may be about a person, so only the rooms of the house are
//! let through, at warnings and errors, and of a panic only its place. `docs/logging.md` says what the rooms may write.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, PanicHookInfo};

use tracing::{Level, Metadata, Subscriber};
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt as _;

use crate::output::complain;

/// Who may write. Whoever is not in it is silent, whatever it has to say.
const MAY_WRITE: [&str; 4] = ["analytics", "identity", "payung", "server"];

/// Warnings and errors of the rooms go to standard error from now on.
pub(crate) fn to_standard_error() {
    // Already set when a test started a service before: nothing to do then.
    let _ = tracing::subscriber::set_global_default(subscriber(std::io::stderr));
}

fn subscriber(writer: impl for<'a> MakeWriter<'a> + Send + Sync + 'static) -> impl Subscriber {
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(writer)
        .with_ansi(false)
        .without_time()
        .with_target(false)
        .with_filter(filter_fn(may_write));
    tracing_subscriber::registry().with(lines)
}

fn may_write(about: &Metadata<'_>) -> bool {
    let room = about.target().split("::").next().unwrap_or_default();
    MAY_WRITE.contains(&room) && *about.level() <= Level::WARN
}

/// A panic says from now on where it happened and nothing of what it met.
pub fn tell_only_where_it_panicked() {
    std::panic::set_hook(Box::new(|fault| {
        if !CONTAINED.get() {
            complain(&place(fault));
        }
    }));
}

thread_local! {
    /// Whether this thread is in other people's code whose panics are awaited.
    static CONTAINED: Cell<bool> = const { Cell::new(false) };
}

/// Runs other people's code on input that nobody has checked: where it panics there is no result, and nothing is told, for it
/// is no fault of this program that its user could report. Such code must not start threads or leave anything half done.
pub(crate) fn contained<T>(foreign: impl FnOnce() -> T) -> Option<T> {
    let before = CONTAINED.replace(true);
    let result = std::panic::catch_unwind(AssertUnwindSafe(foreign));
    CONTAINED.set(before);
    result.ok()
}

fn place(fault: &PanicHookInfo<'_>) -> String {
    let place = fault
        .location()
        .map_or_else(String::new, |at| format!(" at {}:{}", at.file(), at.line()));
    format!("payung: a fault in the program{place}: report this line to those who maintain it")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl Write for Written {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn only_the_rooms_of_the_house_are_let_through() {
        let written = Written::default();
        let writer = written.clone();
        let subscriber = subscriber(move || writer.clone());
        tracing::subscriber::with_default(subscriber, || {
            tracing::warn!(target: "sqlx::query", "slow statement: needle");
            tracing::error!(target: "sqlx::postgres::notice", "needle");
            tracing::error!(target: "hyper", "needle");
            tracing::error!(target: "identityless", "needle");
            tracing::info!(target: "identity::access", "needle");
            tracing::warn!(target: "identity::access", "a refusal");
            tracing::error!(target: "server::forward", "a failure");
        });
        let text = String::from_utf8(written.0.lock().unwrap().clone()).unwrap();
        assert_eq!(text, " WARN a refusal\nERROR a failure\n");
    }

    #[test]
    fn a_contained_panic_is_no_result() {
        assert_eq!(contained(|| 7), Some(7));
        let fallen: Option<u8> =
            contained(|| contained(|| panic!("inner")).unwrap_or_else(|| panic!("outer")));
        assert_eq!(fallen, None);
        assert!(!CONTAINED.get(), "later panics are told again");
    }

    #[test]
    fn a_panic_tells_its_place_and_not_what_it_met() {
        static TOLD: Mutex<String> = Mutex::new(String::new());
        std::panic::set_hook(Box::new(|fault| *TOLD.lock().unwrap() = place(fault)));
        let fell = std::panic::catch_unwind(|| panic!("needle {}", 7));
        let _ = std::panic::take_hook();
        assert!(fell.is_err());
        let told = TOLD.lock().unwrap().clone();
        assert!(told.contains("log.rs:"), "{told}");
        assert!(!told.contains("needle"), "{told}");
    }
}
