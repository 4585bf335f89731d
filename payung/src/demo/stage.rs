//! What happens in the demo, without a word about it.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use crypto::day::{Day, Month, Quarter};
use crypto::report::Site;
use crypto::rng::Random;
use crypto::secret::SecretBytes;
use crypto::verdict::Verdict;
use desk::replay::{Keeper, Known, Plan, Replayed, Stage, hire};
use desk::{Connection, Options};
use privacy::budget::Budget;
use privacy::ledger::View;
use release::object::Release;
use release::seal::SignedRelease;
use server::datadir::{DataDir, Programme};
use server::error::Failure;
use server::found::{self, Choices};
use server::local::Devices;
use server::open;
use server::options::{LimitChoice, StoreArgs};
use server::service::{Beside, Rooms, Running};
use server::settings::Settings;
use terminal::present::Outcome;
use terminal::replace::{Reason, Replacement};
use wire::Role as StaffRole;
use wire::rows::Rows;

use super::table::{self, Patient};
use crate::progress;

/// Every tenth person shows the card at the other clinic.
const VISITORS: usize = 10;

/// A programme with its server, before anybody comes.
pub struct Scene {
    /// The data folder.
    pub dir: DataDir,
    /// Public facts.
    pub facts: Programme,
    /// The passphrase of the key files.
    pub passphrase: SecretBytes,
    /// The statistics role, to close quarters.
    pub analytics: Arc<analytics::App>,
    /// The identity role, to invite the first operator.
    pub identity: Arc<identity::App>,
    running: Running,
    rng: Random,
}

impl Scene {
    /// Founds a programme in `folder` and serves it on a free loopback port.
    pub async fn set(folder: &Path, rng: &mut Random) -> Result<Self, Failure> {
        Self::set_offering(folder, rng, None).await
    }

    /// The same, and offers devices to browsers of this machine.
    pub async fn set_offering(
        folder: &Path,
        rng: &mut Random,
        devices: Option<&Devices>,
    ) -> Result<Self, Failure> {
        let dir = DataDir::new(&folder.join("payung-data"));
        let passphrase = SecretBytes::new(hire::password(rng).into_bytes());
        let choices = Choices {
            start: Some(first_day(&table::patients()?)),
            budget: Budget::Default,
            store: StoreArgs::default(),
            settings: Settings::default(),
        };
        let root = SecretBytes::new(hire::password(rng).into_bytes());
        let facts = found::found(&dir, &choices, &passphrase, &root, rng).await?;
        let limits = open::limits(LimitChoice::Bulk);
        let identity = open::identity(&dir, &choices.store, &passphrase, limits).await?;
        let analytics = open::analytics(&dir, &choices.store, &passphrase).await?;
        let rooms = Rooms::All(Arc::clone(&identity), Arc::clone(&analytics));
        let beside = Beside {
            folder: Some(dir.clone()),
            devices,
        };
        let running = Running::start_beside(rooms, ([127, 0, 0, 1], 0).into(), beside).await?;
        Ok(Self {
            dir,
            facts,
            passphrase,
            analytics,
            identity,
            running,
            rng: rng.clone(),
        })
    }

    /// Where the server answers.
    pub fn url(&self) -> String {
        self.running.url()
    }

    /// Stops the server.
    ///
    /// # Errors
    /// As [`Running::stop`].
    pub async fn stop(self) -> Result<(), Failure> {
        self.running.stop().await
    }
}

/// What the demo did and saw.
pub struct Told {
    /// The programme and its server, still running.
    pub scene: Scene,
    /// The counters and cards.
    pub stage: Stage,
    /// The replay's outcome.
    pub replayed: Replayed,
    /// Cards shown at the other clinic, and how many of those were valid and new there.
    pub visitors: (usize, usize),
    /// The first card's verdict after its replacement.
    pub old_card: Verdict,
    /// Aliases of one person at both clinics.
    pub aliases: [String; 2],
    /// Reports that reached the statistics store.
    pub delivered: u64,
    /// Every release, in order.
    pub releases: Vec<Release>,
    /// The ledger.
    pub ledger: View,
}

/// Plays the whole demo.
pub async fn play(mut scene: Scene) -> Result<Told, Failure> {
    let patients = table::patients()?;
    let mut stage = open_clinics(&mut scene).await?;
    let csv = table::replay_csv(&patients);
    let plan = Plan::read(Rows::new(csv.as_bytes()).map_err(|e| Failure::of("the table", e))?)
        .map_err(Failure::said)?;
    let known = Known {
        services: open::services()?,
        latest: scene.identity.clock.latest(),
        start: scene.facts.start,
    };
    let bar = progress::bar("presenting cards", plan.rows.len() as u64);
    let replayed = stage
        .play(plan, &known, &mut |rows| bar.inc(rows))
        .await
        .map_err(Failure::said)?;
    bar.finish_and_clear();
    let (visitors, aliases) = visit_the_other_clinic(&mut stage, &replayed, &patients).await?;
    let old_card = replace_first_card(&mut stage, &replayed, &patients).await?;
    let delivered = stage.flush().await.map_err(Failure::said)?;
    let releases = close_quarters(&scene, &patients).await?;
    let ledger = analytics::ledger::view(&scene.analytics.store, Budget::Default)
        .await
        .map_err(|e| Failure::of("the ledger", e))?;
    Ok(Told {
        scene,
        stage,
        replayed,
        visitors,
        old_card,
        aliases,
        delivered,
        releases,
        ledger,
    })
}

async fn open_clinics(scene: &mut Scene) -> Result<Stage, Failure> {
    let connection = Connection::open(&scene.url(), &Options::default())
        .map_err(|e| Failure::of("the server", e))?;
    let today = scene.identity.clock.today();
    let actor = identity::Actor::CommandLine;
    let invitation =
        identity::access::invitation::invite(&scene.identity, actor, StaffRole::Operator, None)
            .await
            .map_err(|e| Failure::of("inviting the operator", e))?;
    let operator = hire::operator(&connection, invitation.text(), today, &mut scene.rng)
        .await
        .map_err(Failure::said)?;
    let mut keeper = Keeper::open(scene.dir.path(), scene.passphrase.clone(), &mut scene.rng)
        .map_err(Failure::said)?;
    let sites: BTreeSet<Site> = clinics()?.into_iter().collect();
    let desks = hire::desks(
        &connection,
        &operator,
        &sites,
        true,
        &mut keeper,
        today,
        &mut scene.rng,
    )
    .await
    .map_err(Failure::said)?;
    Ok(Stage {
        operator,
        desks,
        keeper,
        today,
        rng: scene.rng.clone(),
    })
}

/// The two clinics, in the table's order.
pub(super) fn clinics() -> Result<[Site; 2], Failure> {
    let site = |text: &str| {
        text.parse::<Site>()
            .map_err(|e| Failure::of("the demo's sites", e))
    };
    Ok([site(table::SITES[0])?, site(table::SITES[1])?])
}

async fn visit_the_other_clinic(
    stage: &mut Stage,
    replayed: &Replayed,
    patients: &[Patient],
) -> Result<((usize, usize), [String; 2]), Failure> {
    let sites = clinics()?;
    let (mut shown, mut new) = (0, 0);
    let mut aliases = [String::new(), String::new()];
    for patient in patients.iter().step_by(VISITORS) {
        let home = alias_at(stage, replayed, patient, &sites[patient.clinic]).await?;
        let away = alias_at(stage, replayed, patient, &sites[1 - patient.clinic]).await?;
        shown += 1;
        new += usize::from(!away.known && home.known && away.alias != home.alias);
        if shown == 1 {
            aliases = [home.alias, away.alias];
        }
    }
    Ok(((shown, new), aliases))
}

struct Seen {
    alias: String,
    known: bool,
}

async fn alias_at(
    stage: &mut Stage,
    replayed: &Replayed,
    patient: &Patient,
    site: &Site,
) -> Result<Seen, Failure> {
    let today = stage.today;
    let card = card_of(replayed, patient)?;
    let desk = stage.desk(site).map_err(Failure::said)?;
    let met = desk
        .look(card, today)
        .await
        .map_err(|e| Failure::of("showing a card", e))?;
    match met.outcome {
        Outcome::Person(person) => Ok(Seen {
            alias: person.alias(),
            known: person.known(),
        }),
        Outcome::Refused | Outcome::NotActive | Outcome::Superseded => {
            Err(Failure::new("a good card was not recognised"))
        }
    }
}

pub(super) fn card_of<'a>(replayed: &'a Replayed, patient: &Patient) -> Result<&'a str, Failure> {
    let card = replayed.cards.get(&patient.number.to_string());
    card.map(|text| text.as_str())
        .ok_or_else(|| Failure::new("a person of the table has no card"))
}

/// The first person's card is lost: a new one keeps everything, the old one dies.
async fn replace_first_card(
    stage: &mut Stage,
    replayed: &Replayed,
    patients: &[Patient],
) -> Result<Verdict, Failure> {
    let failed = |e: terminal::error::Error| Failure::of("replacing a card", e);
    let first = patients
        .first()
        .ok_or_else(|| Failure::new("the table is empty"))?;
    let (today, site) = (stage.today, clinics()?[first.clinic].clone());
    let expiry = Month::of(today.plus(730));
    let new = stage.cards(1, expiry).await.map_err(Failure::said)?;
    let new = new
        .first()
        .map(crypto::card::Card::to_text)
        .unwrap_or_default();
    let old = card_of(replayed, first)?.to_owned();
    let desk = stage.desk(&site).map_err(Failure::said)?;
    let cards = Replacement {
        old: &old,
        new: &new,
        reason: Reason::Worn,
    };
    desk.replace(&cards, today).await.map_err(failed)?;
    desk.refresh(today).await.map_err(failed)?;
    Ok(desk.look(&old, today).await.map_err(failed)?.verdict)
}

fn first_day(patients: &[Patient]) -> Day {
    patients
        .iter()
        .map(|patient| patient.enrolled)
        .min()
        .unwrap_or(Day::from_unix(0))
}

/// Closes every quarter from the first enrolment to the last observed day.
async fn close_quarters(scene: &Scene, patients: &[Patient]) -> Result<Vec<Release>, Failure> {
    let failed = |e: &dyn std::fmt::Display| Failure::of("closing a quarter", e);
    let last = patients
        .iter()
        .map(|p| p.enrolled.plus(p.days))
        .max()
        .unwrap_or(Day::from_unix(0));
    let mut period = Quarter::of(first_day(patients));
    let count = Quarter::of(last).number() - period.number() + 1;
    let bar = progress::bar("closing quarters", u64::from(count.unsigned_abs()));
    let mut releases = Vec::new();
    while period <= Quarter::of(last) {
        analytics::close::close(&scene.analytics, period)
            .await
            .map_err(|e| failed(&e))?;
        let found =
            analytics::stored::newest(&scene.analytics.store, &scene.analytics.log_dir, period)
                .await
                .map_err(|e| failed(&e))?;
        let (_, body) = found.ok_or_else(|| Failure::new("a closed quarter has no release"))?;
        let signed = SignedRelease::from_bytes(&body).map_err(|e| failed(&e))?;
        releases.push(signed.open().map_err(|e| failed(&e))?);
        bar.inc(1);
        period = period.next();
    }
    bar.finish_and_clear();
    Ok(releases)
}
