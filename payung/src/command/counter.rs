//! `payung terminal --server URL`: the pages of this very program on this machine, over a service elsewhere.

use server::error::Failure;
use server::local::Relay;
use server::pages;

use crate::cli::CounterArgs;
use crate::log;
use crate::output::say;
use crate::signals::Signals;

/// Serves the pages on the loopback until Ctrl-C.
pub(crate) async fn run(args: &CounterArgs) -> Result<(), Failure> {
    log::to_standard_error();
    if !pages::are_built() {
        return Err(Failure::new(
            "this program was built without pages: type `cargo xtask web` and build it again",
        ));
    }
    let mut signals = Signals::catch()?;
    let relay = Relay::to(&args.server)?;
    let here = relay.start(args.port).await?;
    let url = here.url();
    say(&format!("Counter       {url}/counter/"));
    say(&format!("Operator      {url}/operator/"));
    say("Pages come from this program, calls go to the service. Ctrl-C ends it.");
    signals.next().await;
    here.stop().await;
    Ok(())
}
