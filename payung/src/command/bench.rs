//! `payung bench`: the figures of this machine, each beside its bare operations.

use bench::progress::Progress;
use bench::{Plan, figure, watch};
use server::error::Failure;

use crate::cli::BenchArgs;
use crate::output::say;
use crate::progress::Bar;
use crate::temporary::Temporary;

/// Measures and prints one table.
///
/// # Errors
/// [`Failure`] when something cannot be set up.
pub(crate) async fn run(args: BenchArgs) -> Result<(), Failure> {
    let plan = Plan {
        long: args.long,
        database: args.database,
    };
    let time = match (plan.long, plan.database.is_some()) {
        (false, false) => "about three minutes",
        _ => "several minutes",
    };
    say(&format!(
        "Measuring on {} cores, in a temporary folder; this takes {time}.",
        watch::cores()
    ));
    if cfg!(debug_assertions) {
        say(
            "This is a build without optimisation: the figures mean nothing. Build with --release.",
        );
    }
    let folder = Temporary::make()?;
    let done = bench::run(&plan, folder.path(), &Shown(Bar::default())).await;
    folder.remove()?;
    for line in figure::table(&done?) {
        say(&line);
    }
    Ok(())
}

/// What the person at the terminal sees of it.
struct Shown(Bar);

impl Progress for Shown {
    fn begin(&self, what: &'static str, steps: u64) {
        self.0.begin(what, steps);
    }

    fn step(&self, steps: u64) {
        self.0.step(steps);
    }

    fn end(&self) {
        self.0.end();
    }
}
