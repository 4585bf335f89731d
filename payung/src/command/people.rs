//! `payung terminal`, `payung staff`, `payung operator` and `payung passphrase`: for whoever holds the data folder, when no administrator can log in.

use std::collections::BTreeMap;
use std::sync::Arc;

use crypto::id::ProviderId;
use crypto::rng::Random;
use identity::access::terminals::{self, Reach};
use identity::access::{invitation, names};
use identity::{Actor, App, Limits, Refusal, registry};
use server::error::Failure;
use server::open;
use server::options::StoreArgs;
use wire::{Class, Enrolled};

use crate::ask;
use crate::cli::{OperatorCommand, PassphraseCommand, StaffCommand, TerminalCommand};
use crate::opening::Opening;
use crate::output::say;
use crate::passphrase;

async fn app(opening: &Opening, store: &StoreArgs) -> Result<Arc<App>, Failure> {
    opening.dir.programme()?;
    open::identity(
        &opening.dir,
        store,
        &opening.passphrase()?,
        Limits::default(),
    )
    .await
}

/// Lists or revokes terminals.
pub(crate) async fn terminal(opening: &Opening, command: TerminalCommand) -> Result<(), Failure> {
    match command {
        TerminalCommand::List { store } => list(&*app(opening, &store).await?).await,
        TerminalCommand::Revoke { label, id, store } => {
            let app = app(opening, &store).await?;
            let done = match (label, id) {
                (Some(label), _) => {
                    let label = match label.as_str() {
                        "-" => ask::line("What it is called: ")?.trim_end().to_owned(),
                        _ => label,
                    };
                    let (actor, reach) = (Actor::CommandLine, Reach::All);
                    terminals::revoke_labelled(&app, actor, reach, &label).await
                }
                (None, Some(id)) => terminals::revoke(&app, Actor::CommandLine, None, id)
                    .await
                    .map(|()| id),
                (None, None) => Err(Refusal::NotFound),
            };
            let id = done.map_err(not_revoked)?;
            say(&format!("revoked {id}; its sessions end within a minute"));
            Ok(())
        }
    }
}

fn not_revoked(refusal: Refusal) -> Failure {
    match refusal {
        Refusal::Conflict => Failure::new(
            "several terminals are called so: find the right one with `payung terminal list` and revoke it with --id",
        ),
        Refusal::NotFound => {
            Failure::new("no live terminal is called so: see `payung terminal list`")
        }
        other => Failure::of("the terminal was not revoked", other),
    }
}

async fn list(app: &App) -> Result<(), Failure> {
    let failed = |e: &dyn std::fmt::Display| Failure::of("the terminals cannot be read", e);
    let providers = registry::all(app, None)
        .await
        .map_err(|e| failed(&e))?
        .providers;
    let names: BTreeMap<ProviderId, String> =
        providers.into_iter().map(|it| (it.id, it.name)).collect();
    let mut all = terminals::list(app, Reach::All)
        .await
        .map_err(|e| failed(&e))?;
    all.sort_by_key(|one| (one.revoked, std::cmp::Reverse(one.last_day())));
    for one in &all {
        say(&line(one, &names));
    }
    Ok(())
}

/// One line: label, whose, last day, people, id.
fn line(one: &Enrolled, names: &BTreeMap<ProviderId, String>) -> String {
    let own = one.provider.and_then(|id| names.get(&id));
    let whose = match one.class {
        Class::Provider => own.map_or("a provider", String::as_str),
        Class::Operator => "operators",
        Class::Funder => "funders",
    };
    let people: Vec<String> = one
        .people
        .iter()
        .map(|who| format!("{} {}", who.handle, who.last_day))
        .collect();
    let state = if one.revoked { "revoked" } else { "live" };
    format!(
        "{state}  {}  [{whose}]  {}  {}",
        one.label,
        people.join(", "),
        one.terminal
    )
}

/// Opens a log-in name.
pub(crate) async fn staff(opening: &Opening, command: StaffCommand) -> Result<(), Failure> {
    let StaffCommand::Open { store } = command;
    let app = app(opening, &store).await?;
    let name = ask::line("Log-in name: ")?;
    names::open_typed(&app, &name)
        .await
        .map_err(|refusal| match refusal {
            Refusal::NotFound | Refusal::Malformed => {
                Failure::new("nobody who may log in has this name: nothing was changed")
            }
            other => Failure::of("the name was not opened", other),
        })?;
    say("the name is open; a service that runs may still let it wait, for an hour at most");
    Ok(())
}

/// Invites an operator.
pub(crate) async fn operator(opening: &Opening, command: OperatorCommand) -> Result<(), Failure> {
    let OperatorCommand::Invite { store } = command;
    let app = app(opening, &store).await?;
    let invitation = invitation::invite(&app, Actor::CommandLine, wire::Role::Operator, None)
        .await
        .map_err(|e| Failure::of("inviting an operator", e))?;
    say("an operator's invitation, good once and for 14 days; hand it over in person:");
    say(&format!("  {}", invitation.text()));
    Ok(())
}

/// Changes the passphrase of the key files.
pub(crate) fn change(opening: &Opening, command: &PassphraseCommand) -> Result<(), Failure> {
    let PassphraseCommand::Change {
        new_passphrase_file,
    } = command;
    opening.dir.programme()?;
    let old = opening.passphrase()?;
    let new = passphrase::choose(&passphrase::NEW, new_passphrase_file.as_deref())?;
    for name in opening.dir.reseal(&old, &new, &mut Random::os())? {
        say(&format!("{name} opens with the new passphrase"));
    }
    say(
        "copies of these files keep the old one: destroy them, and keep the new passphrase where the old one was",
    );
    Ok(())
}
