//! `payung limits`: what was done today of what is limited for a provider, and raising one for the day.

use std::collections::BTreeMap;

use clap::{Args, ValueEnum};
use crypto::id::ProviderId;
use identity::{Actor, App, Limits, caps, registry};
use server::error::Failure;
use server::open;
use server::options::StoreArgs;
use wire::{Allowance, Counted};

use crate::opening::Opening;
use crate::output::say;

/// `payung limits`.
#[derive(Debug, Args)]
pub struct LimitsArgs {
    /// Name of the provider whose limit to raise for today.
    #[arg(long, value_name = "NAME", requires = "of", requires = "to")]
    pub raise: Option<String>,
    /// Which of its limits.
    #[arg(long, value_enum, value_name = "LIMIT", requires = "raise")]
    pub of: Option<LimitOf>,
    /// How many there may be today, more than usually.
    #[arg(long, value_name = "N", requires = "raise")]
    pub to: Option<u32>,
    /// Where the data lie.
    #[command(flatten)]
    pub store: StoreArgs,
}

/// What is limited by the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LimitOf {
    /// Blanks signed.
    Blanks,
    /// Cards withdrawn.
    Revocations,
    /// Invitations made.
    Invitations,
    /// Envelopes put: cards that come to life.
    Activations,
    /// Entries of the roster.
    Entries,
}

impl LimitOf {
    const fn counted(self) -> Counted {
        match self {
            Self::Blanks => Counted::Blanks,
            Self::Revocations => Counted::Revocations,
            Self::Invitations => Counted::Invitations,
            Self::Activations => Counted::Activations,
            Self::Entries => Counted::Entries,
        }
    }
}

/// Shows what was done today, or raises a limit.
///
/// # Errors
/// [`Failure`] when the programme does not open, the provider is unknown, or the number is no more than usual.
pub async fn run(opening: &Opening, args: &LimitsArgs) -> Result<(), Failure> {
    opening.dir.programme()?;
    let passphrase = opening.passphrase()?;
    let limits = Limits::default();
    let app = open::identity(&opening.dir, &args.store, &passphrase, limits).await?;
    let known = registry::all(&app, None).await;
    let known = known.map_err(|e| Failure::of("the registry", e))?.providers;
    let names: BTreeMap<ProviderId, String> =
        known.into_iter().map(|it| (it.id, it.name)).collect();
    match (&args.raise, args.of, args.to) {
        (Some(name), Some(of), Some(to)) => raise(&app, &names, name, of.counted(), to).await,
        _ => show(&app, &names).await,
    }
}

async fn raise(
    app: &App,
    names: &BTreeMap<ProviderId, String>,
    name: &str,
    what: Counted,
    to: u32,
) -> Result<(), Failure> {
    let found = names.iter().find(|(_, known)| *known == name);
    let (provider, _) = found.ok_or_else(|| {
        Failure::new(
            "no provider has this name: `payung limits` lists those that did something today",
        )
    })?;
    if to <= app.limits.caps(what).provider {
        return Err(Failure::new(
            "that is no more than every provider may do each day: give a higher number",
        ));
    }
    caps::raise(app, Actor::CommandLine, *provider, what, to)
        .await
        .map_err(|e| Failure::of("raising the limit", e))?;
    say("Raised for today; tomorrow the usual limit holds again. This is written down.");
    Ok(())
}

async fn show(app: &App, names: &BTreeMap<ProviderId, String>) -> Result<(), Failure> {
    let told = caps::list(app, None).await;
    let told = told.map_err(|e| Failure::of("the limits", e))?;
    for allowance in &told.today {
        say(&line(allowance, names));
    }
    Ok(())
}

fn line(allowance: &Allowance, names: &BTreeMap<ProviderId, String>) -> String {
    let whose = match &allowance.provider {
        Some(provider) => names.get(provider).map_or("a provider", String::as_str),
        None => "the programme",
    };
    let end = if allowance.reached() { "  reached" } else { "" };
    let (taken, cap, what) = (allowance.taken, allowance.cap, allowance.what.as_str());
    format!("{what:<12} {taken:>7} of {cap:>7}  {whose}{end}")
}
