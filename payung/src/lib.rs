//! The binary `payung`, as a library so that the tests run its commands in process.
//!
//! Here is everything that is for a person at a terminal: what can be typed, what is printed, the passphrase that is asked
//! for, progress, pictures of cards, the demo. What a command does is done in the rooms below.
#![forbid(unsafe_code)]

mod ask;
pub mod cli;
pub mod command;
pub mod demo;
mod edited;
pub mod ending;
pub mod log;
pub mod memory;
pub mod opening;
mod output;
mod passphrase;
pub mod picture;
mod progress;
mod settle;
mod signals;
mod temporary;

use std::process::ExitCode;

use cli::{AnalyticsCommand, Cli, Command};
use ending::Ending;
use opening::Opening;
use output::complain;
use server::datadir::DataDir;
use server::error::Failure;
use signals::Signals;

/// Runs a command; 0 done, 1 failed with one line, 3 done except for refused rows.
pub fn run(cli: Cli) -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            complain(&format!(
                "payung: the runtime did not start: {}",
                error.kind()
            ));
            return ExitCode::FAILURE;
        }
    };
    let dir = DataDir::new(&cli.data_dir);
    // A service ends by itself and empties its own logs, and one that is told to end at once does not wait for it.
    let serves = match &cli.command {
        Command::Serve(_) | Command::Demo(_) => true,
        Command::Terminal(args) => args.counter.is_some(),
        _ => false,
    };
    let done = match serves {
        true => runtime.block_on(dispatch(cli)),
        false => runtime.block_on(command(cli, &dir)),
    };
    match done {
        Ok(ending) => ending.into(),
        Err(failure) => {
            complain(&format!("payung: {failure}"));
            ExitCode::FAILURE
        }
    }
}

/// Runs a command to its end or to the first signal, and leaves no order of writes behind.
async fn command(cli: Cli, dir: &DataDir) -> Result<Ending, Failure> {
    let mut signals = Signals::catch()?;
    let found = settle::Found::look(dir);
    let done = tokio::select! {
        done = dispatch(cli) => done,
        () = signals.next() => Err(Failure::new(
            "ended by a signal: what was finished before is kept, the rest was not done",
        )),
    };
    found.settle().await;
    done
}

/// Says why nothing was begun.
#[must_use]
pub fn refuse(reason: &str) -> ExitCode {
    complain(&format!("payung: {reason}: nothing was done"));
    ExitCode::FAILURE
}

async fn dispatch(cli: Cli) -> Result<Ending, Failure> {
    let opening = Opening {
        dir: DataDir::new(&cli.data_dir),
        passphrase_file: cli.passphrase_file,
    };
    match cli.command {
        Command::Demo(args) => demo::run(&args).await,
        Command::Init(args) => command::init::run(&opening, &args).await,
        Command::Serve(args) => command::serve::run(&opening, args).await,
        Command::Replay(args) => return command::replay::run(&opening, args).await,
        Command::Analytics(AnalyticsCommand::Import(args)) => {
            return command::import::run(&opening, &args).await;
        }
        Command::Release(command) => command::release::run(&opening, command).await,
        Command::Bundle(command) => command::bundle::run(&opening, command).await,
        Command::Ledger(args) => command::ledger::run(&opening, &args).await,
        Command::Limits(args) => command::limits::run(&opening, &args).await,
        Command::Day(args) => command::day::run(&opening, &args).await,
        Command::Backup(command) => command::backup::run(&opening, &command),
        Command::Doctor(store) => command::doctor::run(&opening, &store).await,
        Command::Bench(args) => command::bench::run(args).await,
        Command::AuditDp(args) => command::audit::run(args).await,
        Command::Card(command) => command::card::run(&opening, command).await,
        Command::Terminal(args) => match (args.counter, args.command) {
            (Some(counter), _) => command::counter::run(&counter).await,
            (None, Some(command)) => command::people::terminal(&opening, command).await,
            (None, None) => Ok(()),
        },
        Command::Staff(command) => command::people::staff(&opening, command).await,
        Command::Operator(command) => command::people::operator(&opening, command).await,
        Command::Passphrase(command) => command::people::change(&opening, &command),
    }?;
    Ok(Ending::Done)
}
