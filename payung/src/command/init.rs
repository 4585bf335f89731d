//! `payung init`: found a programme and invite its first operator.

use crypto::rng::Random;
use crypto::secret::SecretBytes;
use privacy::budget::Budget;
use server::datadir::Programme;
use server::error::Failure;
use server::found::{self, Choices};
use server::open;
use server::settings::Settings;
use wire::Role;

use crate::cli::{BudgetChoice, InitArgs};
use crate::opening::Opening;
use crate::output::say;
use crate::passphrase;

/// Founds a programme.
pub(crate) async fn run(opening: &Opening, args: &InitArgs) -> Result<(), Failure> {
    let (passphrase, root) = passphrases(opening, args)?;
    let choices = Choices {
        start: args.start,
        budget: budget(args.budget),
        store: args.store.clone(),
        settings: settings(args)?,
    };
    let (dir, rng) = (&opening.dir, &mut Random::os());
    let facts = found::found(dir, &choices, &passphrase, &root, rng).await?;
    let limits = identity::Limits::default();
    let app = open::identity(dir, &args.store, &passphrase, limits).await?;
    let actor = identity::Actor::CommandLine;
    let invitation = identity::access::invitation::invite(&app, actor, Role::Operator, None)
        .await
        .map_err(|e| Failure::of("inviting the first operator", e))?;
    let trust = identity::trust::trust(&app)
        .await
        .map_err(|e| Failure::of("the log of keys", e))?;
    tell(&facts, &trust.mark().fingerprint(), invitation.text());
    say(&format!(
        "the release log lies in {}: keep it apart from copies of the data folder",
        dir.release_log()?.display()
    ));
    say("next: payung serve");
    Ok(())
}

/// What later commands need not be told again.
fn settings(args: &InitArgs) -> Result<Settings, Failure> {
    if let Some(url) = &args.analytics_url {
        server::forward::private_address(url)?;
    }
    let usual = Settings::default();
    Ok(Settings {
        role: args.role,
        listen: args.listen.unwrap_or(usual.listen),
        analytics_url: args.analytics_url.clone(),
        release_log: args.release_log.clone(),
        time_zone: args.time_zone.clone(),
        ..usual
    })
}

/// That of the service's keys and that of the root key.
fn passphrases(opening: &Opening, args: &InitArgs) -> Result<(SecretBytes, SecretBytes), Failure> {
    let file = opening.passphrase_file.as_deref();
    let passphrase = passphrase::choose(&passphrase::KEYS, file)?;
    let file = args.root_passphrase_file.as_deref();
    let root = passphrase::choose(&passphrase::ROOT, file)?;
    Ok((passphrase, root))
}

fn tell(facts: &Programme, fingerprint: &str, invitation: &str) {
    say(&format!("programme   {}", facts.programme));
    say(&format!(
        "release key {}   publish this: readers verify releases with it",
        facts.release_key
    ));
    say(&format!(
        "log of keys {fingerprint}   terminals show this: compare it now and then"
    ));
    say(
        "root.key and next-root.key lie in the data folder: carry each to a place of its own off this",
    );
    say("  machine, then delete them here; once a year somebody needs one (payung bundle sign)");
    say("first operator's invitation, good once and for 14 days; hand it over in person:");
    say(&format!("  {invitation}"));
    say(
        "payung.toml in the data folder remembers the role, the zone, the databases, the log and where to listen",
    );
}

/// The budget of the command line's word.
pub(crate) fn budget(choice: BudgetChoice) -> Budget {
    match choice {
        BudgetChoice::Strict => Budget::Strict,
        BudgetChoice::Default => Budget::Default,
        BudgetChoice::Wide => Budget::Wide,
    }
}
