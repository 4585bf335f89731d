//! `payung demo`: a real table through the real protocol, from the first card to a signed release.
//!
//! Everything happens as it would in the field: a programme is founded in a temporary folder, a
//! server listens on the loopback, terminals talk HTTP to it, reports pass the outbox, quarters
//! close. Only the counters' staff is played by this program.

mod show;
pub mod stage;
pub mod table;

use crypto::rng::Random;
use server::error::Failure;

use crate::cli::DemoArgs;
use crate::output::say;
use crate::signals::Signals;
use crate::temporary::Temporary;

/// Runs the demo.
pub async fn run(args: &DemoArgs) -> Result<(), Failure> {
    let folder = Temporary::make()?;
    let mut signals = Signals::catch()?;
    let told = tokio::select! {
        told = tell(&folder) => told?,
        () = signals.next() => {
            return Err(Failure::new("ended by a signal: the demo's folder is deleted"));
        }
    };
    if args.no_serve {
        told.scene.stop().await?;
        return folder.remove();
    }
    show::where_to_look(&told);
    signals.next().await;
    told.scene.stop().await?;
    say("The demo's folder is deleted.");
    folder.remove()
}

/// Plays the story and shows it.
async fn tell(folder: &Temporary) -> Result<stage::Told, Failure> {
    let mut rng = Random::os();
    show::opening();
    let scene = stage::Scene::set(folder.path(), &mut rng).await?;
    let told = stage::play(scene).await?;
    show::releases(&told)?;
    show::ledger(&told);
    show::parties(&told);
    Ok(told)
}
