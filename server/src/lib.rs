//! The binary `payung`, as a library so that tests and the demo start the same service in process.
//!
//! This is the only room that knows both `identity` and `analytics`, and it joins them by HTTP: the
//! forwarder takes sealed, shuffled items from the one and posts them to the other.
#![forbid(unsafe_code)]

pub mod audit;
pub mod cli;
pub mod command;
pub mod datadir;
pub mod demo;
pub mod error;
pub mod forward;
pub mod found;
pub mod http;
pub mod measure;
pub mod open;
pub mod output;
pub mod passphrase;
pub mod picture;
pub mod progress;
pub mod service;

use std::process::ExitCode;

use cli::{AnalyticsCommand, Cli, Command};
use datadir::DataDir;
use error::Failure;
use open::Opening;
pub(crate) use output::{complain, say};

/// Runs a command; 0 done, 1 failed with one line.
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
    match runtime.block_on(dispatch(cli)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            complain(&format!("payung: {failure}"));
            ExitCode::FAILURE
        }
    }
}

async fn dispatch(cli: Cli) -> Result<(), Failure> {
    let opening = Opening {
        dir: DataDir::new(&cli.data_dir),
        passphrase_file: cli.passphrase_file,
    };
    match cli.command {
        Command::Demo(args) => demo::run(&args).await,
        Command::Init(args) => command::init::run(&opening, &args).await,
        Command::Serve(args) => command::serve::run(&opening, args).await,
        Command::Replay(args) => command::replay::run(&opening, args).await,
        Command::Analytics(AnalyticsCommand::Import {
            input,
            register,
            store,
        }) => command::import::run(&opening, &store, &input, register).await,
        Command::Release(command) => command::release::run(&opening, command).await,
        Command::Ledger(args) => command::ledger::run(&opening, &args).await,
        Command::Doctor(store) => command::doctor::run(&opening, &store).await,
        Command::Bench => command::bench::run().await,
        Command::AuditDp(args) => command::audit::run(args).await,
        Command::Card(command) => command::card::run(&opening, command).await,
    }
}

/// Reads 64 hexadecimal digits.
pub(crate) fn parse_key(text: &str) -> Result<[u8; 32], Failure> {
    crypto::hex::decode(&text.to_ascii_lowercase())
        .ok_or_else(|| Failure::new("a key has 64 hexadecimal digits"))
}
