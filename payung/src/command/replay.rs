//! `payung replay`: the rows of a file through the whole protocol.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::BufReader;

use crate::cli::ReplayArgs;
use crate::ending::Ending;
use crate::opening::Opening;
use crate::output::{complain, say};
use crate::{ask, edited, progress};
use analytics::registry;
use crypto::day::Day;
use crypto::report::ServiceCode;
use crypto::rng::Random;
use crypto::secret::SecretBytes;
use desk::replay::{Keeper, Known, Plan, Reason, ReplayError, Replayed, Stage, hire};
use desk::{Connection, Options, Session};
use server::error::Failure;
use server::open;
use server::options::LimitChoice;
use server::service::{Rooms, Running};
use wire::Role;
use wire::rows::Rows;

/// What of the file's services the statistics store can count, and what it would have to be told first.
struct Countable {
    known: BTreeSet<String>,
    new: Vec<ServiceCode>,
}

/// Replays a file.
pub(crate) async fn run(opening: &Opening, args: ReplayArgs) -> Result<Ending, Failure> {
    let plan = read(&args)?;
    let passphrase = opening.passphrase()?;
    let services = countable(opening, &args, &plan, &passphrase).await?;
    let invitation = invitation(opening, &args, &passphrase).await?;
    let running = match &args.server {
        Some(_) => None,
        None => Some(start(opening, &args, &passphrase).await?),
    };
    let url = match (&args.server, &running) {
        (Some(url), _) => url.clone(),
        (None, Some(running)) => running.url(),
        (None, None) => return Err(Failure::new("no server: give --server URL")),
    };
    let file = (plan, services);
    let outcome = play(opening, &args, file, &url, &invitation, passphrase).await;
    let stopped = match running {
        Some(running) => running.stop().await,
        None => Ok(()),
    };
    outcome.and_then(|done| stopped.map(|()| done))
}

fn read(args: &ReplayArgs) -> Result<Plan, Failure> {
    let file = File::open(&args.table.input)
        .map_err(|_| Failure::new("the input file cannot be read: check its path"))?;
    let rows = Rows::new(BufReader::new(file)).map_err(|e| Failure::of("the input file", e))?;
    Plan::read(rows).map_err(Failure::said)
}

/// Codes that the statistics store can count, and with `--register` those of the file that it lacks. The registry of services
/// belongs to the statistics store, so with `--server` only the shipped ones are known here.
async fn countable(
    opening: &Opening,
    args: &ReplayArgs,
    plan: &Plan,
    passphrase: &SecretBytes,
) -> Result<Countable, Failure> {
    if args.server.is_some() {
        let (known, new) = (open::services()?, Vec::new());
        return Ok(Countable { known, new });
    }
    let failed = |e| Failure::of("the registry of services", e);
    opening.dir.programme()?;
    let app = open::analytics(&opening.dir, &args.store, passphrase).await?;
    let known = registry::known(&app).await.map_err(failed)?;
    let new = match args.table.register {
        true => registry::lacking(&app, &plan.services())
            .await
            .map_err(failed)?,
        false => Vec::new(),
    };
    Ok(Countable {
        known: known.iter().map(ToString::to_string).collect(),
        new,
    })
}

/// Enters the services that were agreed to.
async fn enter(
    opening: &Opening,
    args: &ReplayArgs,
    services: &mut Countable,
    passphrase: &SecretBytes,
) -> Result<(), Failure> {
    if services.new.is_empty() {
        return Ok(());
    }
    let app = open::analytics(&opening.dir, &args.store, passphrase).await?;
    registry::register(&app, &services.new)
        .await
        .map_err(|e| Failure::of("the registry of services", e))?;
    let new = services.new.drain(..).map(|code| code.to_string());
    services.known.extend(new);
    Ok(())
}

async fn invitation(
    opening: &Opening,
    args: &ReplayArgs,
    passphrase: &SecretBytes,
) -> Result<String, Failure> {
    if let Some(path) = &args.invitation_file {
        return Ok(edited::read(path, "the invitation file")?.trim().to_owned());
    }
    opening.dir.programme()?;
    let app = open::identity(
        &opening.dir,
        &args.store,
        passphrase,
        open::limits(LimitChoice::Bulk),
    )
    .await?;
    let token = identity::access::invitation::invite(
        &app,
        identity::Actor::CommandLine,
        Role::Operator,
        None,
    )
    .await
    .map_err(|e| Failure::of("inviting an operator", e))?;
    Ok(token.text().to_owned())
}

async fn start(
    opening: &Opening,
    args: &ReplayArgs,
    passphrase: &SecretBytes,
) -> Result<Running, Failure> {
    let limits = open::limits(LimitChoice::Bulk);
    let rooms = Rooms::All(
        open::identity(&opening.dir, &args.store, passphrase, limits).await?,
        open::analytics(&opening.dir, &args.store, passphrase).await?,
    );
    Running::start(rooms, ([127, 0, 0, 1], 0).into()).await
}

async fn play(
    opening: &Opening,
    args: &ReplayArgs,
    (plan, mut services): (Plan, Countable),
    url: &str,
    invitation: &str,
    passphrase: SecretBytes,
) -> Result<Ending, Failure> {
    let clock = open::clock(&opening.dir)?;
    let (mut rng, today, latest) = (Random::os(), clock.today(), clock.latest());
    let connection =
        Connection::open(url, &Options::default()).map_err(|e| Failure::of("the server", e))?;
    let operator = hire::operator(&connection, invitation, today, &mut rng)
        .await
        .map_err(Failure::said)?;
    if let Err(refusal) = agree(args, &operator, &plan, &services).await {
        Stage::retire(&operator).await.map_err(Failure::said)?;
        return Err(refusal);
    }
    enter(opening, args, &mut services, &passphrase).await?;
    let mut keeper =
        Keeper::open(opening.dir.path(), passphrase, &mut rng).map_err(Failure::said)?;
    let (sites, register) = (plan.sites(), args.table.register);
    let desks = hire::desks(
        &connection,
        &operator,
        &sites,
        register,
        &mut keeper,
        today,
        &mut rng,
    )
    .await
    .map_err(Failure::said)?;
    let known = known(opening, services.known, latest);
    let stage = Stage {
        operator,
        desks,
        keeper,
        today,
        rng,
    };
    present(stage, plan, &known, args.table.allow_refused).await
}

/// What rows are held against.
fn known(opening: &Opening, services: BTreeSet<String>, latest: Day) -> Known {
    let start = opening.dir.programme().ok().and_then(|facts| facts.start);
    Known {
        services,
        latest,
        start,
    }
}

/// With `--register`, shows what would be entered and asks, unless told not to.
async fn agree(
    args: &ReplayArgs,
    operator: &Session,
    plan: &Plan,
    services: &Countable,
) -> Result<(), Failure> {
    if !args.table.register || args.table.yes {
        return Ok(());
    }
    let new = hire::unknown_sites(operator, &plan.sites()).await;
    let new = new.map_err(Failure::said)?;
    let nothing = new.is_empty() && services.new.is_empty();
    if nothing || ask::enter(&[], &new, &services.new) {
        return Ok(());
    }
    Err(Failure::said(ReplayError::NotEntered))
}

async fn present(
    mut stage: Stage,
    plan: Plan,
    known: &Known,
    allowed: bool,
) -> Result<Ending, Failure> {
    let bar = progress::bar("presenting cards", plan.rows.len() as u64);
    let played = stage.play(plan, known, &mut |rows| bar.inc(rows)).await;
    let replayed = played.map_err(Failure::said)?;
    bar.finish_and_clear();
    let delivered = stage.flush().await.map_err(Failure::said)?;
    let refused = told(&replayed, delivered);
    stage.leave().await.map_err(Failure::said)?;
    Ok(Ending::of(refused, allowed))
}

/// Names what was refused and counts the rest; answers how many rows were refused.
fn told(replayed: &Replayed, delivered: u64) -> u64 {
    for refused in &replayed.rejected {
        let hint = match refused.reason {
            Reason::Site => "; check the spelling or give --register",
            Reason::Service => "; check the code or give --register",
            _ => "",
        };
        complain(&format!("{refused}{hint}"));
    }
    let refused = replayed.rejected.iter().map(|one| one.lines).sum();
    say(&format!(
        "{} people, {} new cards, {} rows presented, {} presented before, {refused} refused, {delivered} reports delivered",
        replayed.cards.len(),
        replayed.new.len(),
        replayed.rows,
        replayed.before,
    ));
    if !replayed.new.is_empty() {
        say(
            "kept in the folder `replay` of the data folder, sealed: these cards, and which rows were presented",
        );
    }
    refused
}
