//! `payung replay`: the rows of a file through the whole protocol.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::BufReader;

use crate::cli::ReplayArgs;
use crate::opening::Opening;
use crate::output::{complain, say};
use crate::progress;
use analytics::registry;
use crypto::rng::Random;
use crypto::secret::SecretBytes;
use desk::replay::{Keeper, Known, Plan, Reason, Replayed, Stage, hire};
use desk::{Connection, Options};
use server::error::Failure;
use server::open;
use server::options::LimitChoice;
use server::service::{Rooms, Running};
use wire::Role;
use wire::rows::Rows;

/// Replays a file.
pub(crate) async fn run(opening: &Opening, args: ReplayArgs) -> Result<(), Failure> {
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
    let outcome = play(
        opening,
        &args,
        (plan, services),
        &url,
        &invitation,
        passphrase,
    )
    .await;
    let stopped = match running {
        Some(running) => running.stop().await,
        None => Ok(()),
    };
    outcome.and_then(|done| stopped.map(|()| done))
}

fn read(args: &ReplayArgs) -> Result<Plan, Failure> {
    let file = File::open(&args.input)
        .map_err(|_| Failure::new("the input file cannot be read: check its path"))?;
    let rows = Rows::new(BufReader::new(file)).map_err(|e| Failure::of("the input file", e))?;
    Plan::read(rows).map_err(Failure::said)
}

/// Codes that the statistics store can count; with `--register` the file's are entered first. The registry of services
/// belongs to the statistics store, so with `--server` only the shipped ones are known here.
async fn countable(
    opening: &Opening,
    args: &ReplayArgs,
    plan: &Plan,
    passphrase: &SecretBytes,
) -> Result<BTreeSet<String>, Failure> {
    if args.server.is_some() {
        return open::services();
    }
    let failed = |e| Failure::of("the registry of services", e);
    opening.dir.programme()?;
    let app = open::analytics(&opening.dir, &args.store, passphrase).await?;
    if args.register {
        registry::register(&app, &plan.services())
            .await
            .map_err(failed)?;
    }
    let known = registry::known(&app).await.map_err(failed)?;
    Ok(known.iter().map(ToString::to_string).collect())
}

async fn invitation(
    opening: &Opening,
    args: &ReplayArgs,
    passphrase: &SecretBytes,
) -> Result<String, Failure> {
    if let Some(path) = &args.invitation_file {
        let text = std::fs::read_to_string(path)
            .map_err(|_| Failure::new("the invitation file cannot be read: check its path"))?;
        return Ok(text.trim().to_owned());
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
    (plan, services): (Plan, BTreeSet<String>),
    url: &str,
    invitation: &str,
    passphrase: SecretBytes,
) -> Result<(), Failure> {
    let (mut rng, today) = (Random::os(), open::clock().today());
    let connection =
        Connection::open(url, &Options::default()).map_err(|e| Failure::of("the server", e))?;
    let operator = hire::operator(&connection, invitation, today, &mut rng)
        .await
        .map_err(Failure::said)?;
    let mut keeper = Keeper::open(opening.dir.path(), passphrase).map_err(Failure::said)?;
    let desks = hire::desks(
        &connection,
        &operator,
        &plan.sites(),
        args.register,
        &mut keeper,
        today,
        &mut rng,
    )
    .await
    .map_err(Failure::said)?;
    let known = Known {
        services,
        today,
        start: opening.dir.programme().ok().and_then(|facts| facts.start),
    };
    let bar = progress::bar("presenting cards", plan.rows.len() as u64);
    let mut stage = Stage {
        operator,
        desks,
        today,
        rng,
    };
    let played = stage.play(plan, &known, &mut |rows| bar.inc(rows)).await;
    let replayed = played.map_err(Failure::said)?;
    bar.finish_and_clear();
    let delivered = stage.flush().await.map_err(Failure::said)?;
    told(&replayed, delivered);
    stage.leave().await.map_err(Failure::said)
}

/// Names what was refused and counts the rest.
fn told(replayed: &Replayed, delivered: u64) {
    for refused in &replayed.rejected {
        let hint = match refused.reason {
            Reason::Site => "; check the spelling or give --register",
            Reason::Service => "; check the code or give --register",
            _ => "",
        };
        complain(&format!("line {}: {}{hint}", refused.line, refused.reason));
    }
    say(&format!(
        "{} cards, {} rows presented, {} rows refused, {delivered} reports delivered",
        replayed.cards.len(),
        replayed.rows,
        replayed.rejected.len()
    ));
}
