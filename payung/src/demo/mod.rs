//! `payung demo`: a real table through the real protocol, from the first card to a signed release, and pages to try it all.
//!
//! Everything happens as it would in the field: a programme is founded in a folder, a
//! server listens on the loopback, terminals talk HTTP to it, reports pass the outbox, quarters
//! close. Only the counters' staff is played by this program; it admits whoever comes to the pages with an invitation.

mod cards;
pub mod people;
mod recent;
mod show;
pub mod stage;
pub mod table;
mod written;

use std::path::{Path, PathBuf};
use std::time::Duration;

use crypto::rng::Random;
use server::error::Failure;
use server::local::Devices;

use crate::cli::DemoArgs;
use crate::output::say;
use crate::signals::Signals;
use crate::temporary::Temporary;
use people::People;
use stage::Told;

/// How often the counters look whether a colleague has come.
const LOOK: Duration = Duration::from_secs(2);

/// Where a demo lies.
enum Folder {
    /// Deleted at the end.
    Passing(Temporary),
    /// Chosen by a person; it stays.
    Chosen(PathBuf),
}

/// Runs the demo.
pub async fn run(args: &DemoArgs) -> Result<(), Failure> {
    let folder = Folder::make(args)?;
    let mut signals = Signals::catch()?;
    let devices = Devices::default();
    let story = args.story || args.no_serve;
    let mut told = tokio::select! {
        told = tell(folder.path(), &devices, story) => told?,
        () = signals.next() => {
            return Err(Failure::new("ended by a signal before the demo was ready"));
        }
    };
    if args.no_serve {
        told.scene.stop().await?;
        return folder.leave();
    }
    open(&mut told, &devices, folder.path()).await?;
    while tokio::select! {
        () = signals.next() => false,
        () = tokio::time::sleep(LOOK) => true,
    } {
        admit(&mut told).await;
    }
    told.scene.stop().await?;
    folder.leave()
}

impl Folder {
    fn make(args: &DemoArgs) -> Result<Self, Failure> {
        let Some(chosen) = &args.folder else {
            return Temporary::make().map(Self::Passing);
        };
        if std::fs::read_dir(chosen).is_ok_and(|mut entries| entries.next().is_some()) {
            return Err(Failure::new(
                "the folder is not empty: choose another --folder",
            ));
        }
        server::datadir::make_private(chosen)?;
        // Pictures are named by their whole path.
        let whole = chosen.canonicalize();
        whole
            .map(Self::Chosen)
            .map_err(|e| Failure::of("the folder", e.kind()))
    }

    fn path(&self) -> &Path {
        match self {
            Self::Passing(folder) => folder.path(),
            Self::Chosen(path) => path,
        }
    }

    fn leave(self) -> Result<(), Failure> {
        match self {
            Self::Passing(folder) => {
                say("The demo's folder is deleted.");
                folder.remove()
            }
            Self::Chosen(_) => Ok(()),
        }
    }
}

/// Plays the story, and shows it when asked to.
async fn tell(folder: &Path, devices: &Devices, story: bool) -> Result<Told, Failure> {
    let mut rng = Random::os();
    show::opening();
    let scene = stage::Scene::set_offering(folder, &mut rng, Some(devices)).await?;
    let told = stage::play(scene).await?;
    if story {
        show::releases(&told)?;
        show::ledger(&told);
        show::parties(&told);
    }
    Ok(told)
}

/// Readies the pages: recent visits, staff, cards, and the file that says where all of it is.
async fn open(told: &mut Told, devices: &Devices, folder: &Path) -> Result<(), Failure> {
    recent::visits(told).await?;
    let url = told.scene.url();
    let People { humans, offered } = people::hire(&mut told.stage, &url).await?;
    devices.offer(offered);
    let cards = cards::draw(told, folder).await?;
    let file = written::write(folder, &url, &humans, &cards)?;
    show::where_to_look(told, &humans, &cards, &file);
    Ok(())
}

/// Lets in whoever came with an invitation of a counter. What fails now is tried again at the next look.
async fn admit(told: &mut Told) {
    let today = told.stage.today;
    for desk in told.stage.desks.values_mut() {
        let _ = desk.admit_invited(today).await;
    }
}
