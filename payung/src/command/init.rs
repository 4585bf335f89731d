//! `payung init`: found a programme and invite its first operator.

use crypto::rng::Random;
use privacy::budget::Budget;
use server::error::Failure;
use server::found::{self, Choices};
use server::open;
use wire::Role;

use crate::cli::{BudgetChoice, InitArgs};
use crate::opening::Opening;
use crate::output::say;
use crate::passphrase;

/// Founds a programme.
pub(crate) async fn run(opening: &Opening, args: &InitArgs) -> Result<(), Failure> {
    let passphrase = passphrase::obtain(opening.passphrase_file.as_deref(), true)?;
    passphrase::strong_enough(&passphrase)?;
    let choices = Choices {
        start: args.start,
        budget: budget(args.budget),
        store: args.store.clone(),
    };
    let facts = found::found(&opening.dir, &choices, &passphrase, &mut Random::os()).await?;
    let limits = identity::Limits::default();
    let app = open::identity(&opening.dir, &args.store, &passphrase, limits).await?;
    let invitation = identity::access::invitation::invite(
        &app,
        identity::Actor::CommandLine,
        Role::Operator,
        None,
    )
    .await
    .map_err(|e| Failure::of("inviting the first operator", e))?;
    say(&format!("programme   {}", facts.programme));
    say(&format!(
        "release key {}   publish this: readers verify releases with it",
        facts.release_key
    ));
    say("first operator's invitation, good once and for 14 days; hand it over in person:");
    say(&format!("  {}", invitation.text()));
    say("next: payung serve");
    Ok(())
}

/// The budget of the command line's word.
pub(crate) fn budget(choice: BudgetChoice) -> Budget {
    match choice {
        BudgetChoice::Strict => Budget::Strict,
        BudgetChoice::Default => Budget::Default,
        BudgetChoice::Wide => Budget::Wide,
    }
}
