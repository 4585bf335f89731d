//! The trials: fresh instances with and without the canaries, closed and exported side by side on all cores.
//!
//! Sealing keys under a passphrase is slow by design, so a programme is founded and filled once for each data set, and each
//! trial is a copy of that folder in which nothing was ever drawn. Copies share keys and data: noise that follows from
//! either is the same in all of them, and test 1 finds that.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;

use crate::collect::Collected;
use crate::dataset::Arm;
use crate::instance::{Binary, Instance};
use crate::no_verdict::NoVerdict;
use crate::progress::Progress;
use crate::reading::{self, Reading};

/// Runs `trials` instances of each data set.
///
/// # Errors
/// [`NoVerdict`] of the first instance that did not work.
pub(crate) fn run(
    binary: &Binary,
    folder: &Path,
    trials: usize,
    cities: usize,
    progress: &dyn Progress,
) -> Result<Collected, NoVerdict> {
    let mut all = Collected::new(cities);
    let founded = binary.found(folder.join("founded"))?;
    let without = founded.copy(folder.join("without"))?;
    let with = founded.copy(folder.join("with"))?;
    without.import(all.rows(Arm::Without))?;
    with.import(all.rows(Arm::With))?;
    progress.begin("trials", 2 * trials as u64);
    let next = AtomicUsize::new(0);
    let (send, receive) = mpsc::channel();
    std::thread::scope(|scope| {
        for _ in 0..cores() {
            let (send, next, without, with) = (send.clone(), &next, &without, &with);
            scope.spawn(move || {
                let numbers = std::iter::repeat_with(|| next.fetch_add(1, Ordering::Relaxed));
                for number in numbers.take_while(|number| *number < 2 * trials) {
                    let (arm, from) = if number % 2 == 0 {
                        (Arm::Without, without)
                    } else {
                        (Arm::With, with)
                    };
                    let done = trial(from, folder.join(format!("trial-{number}")));
                    let failed = done.is_err();
                    if send.send(done.map(|readings| (arm, readings))).is_err() || failed {
                        return;
                    }
                }
            });
        }
        drop(send);
        receive.iter().try_for_each(|trial| {
            let (arm, readings) = trial?;
            all.add_read(arm, &readings);
            progress.step();
            Ok(())
        })
    })?;
    progress.end();
    Ok(all)
}

/// One instance: a copy of the unclosed folder, four closings, four exports.
fn trial(from: &Instance<'_>, to: PathBuf) -> Result<Vec<Reading>, NoVerdict> {
    let fresh = from.copy(to)?;
    let readings = fresh.year()?.iter().map(reading::read).collect();
    fresh.remove();
    Ok(readings)
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}
