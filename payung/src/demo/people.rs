//! The people of the demo who are there for a person at a browser: two at each provider, and an operator.
//!
//! Of the two at a provider one is enrolled already, at a device whose sealed state the demo's own server offers to any browser
//! that has none (`/local/devices`); the other has an open invitation. The counters of the replay admit whoever comes with one.

use std::cell::RefCell;

use crypto::b64::B64;
use crypto::day::Day;
use crypto::pseudonym::{Pseudonym, alias};
use crypto::rng::Random;
use desk::Connection;
use desk::replay::Stage;
use serde::Serialize;
use server::error::Failure;
use server::local::Device;
use terminal::device::{Handle, Label};
use terminal::error::StateError;
use terminal::invited::Invited;
use terminal::keep::Keep;
use terminal::state::Open;
use wire::Role;
use wire::typed::Chosen;

/// Somebody whom the demo prints.
#[derive(Serialize)]
pub struct Human {
    /// What they may do.
    pub role: Role,
    /// Where they work; none for operators.
    pub provider: Option<String>,
    /// To sign in, or to be chosen with the invitation.
    pub name: String,
    /// To sign in, or to be chosen with the invitation.
    pub password: String,
    /// Where to open an invitation that is still good.
    pub invitation: Option<String>,
}

/// Who is there, and which devices.
#[derive(Default)]
pub struct People {
    /// In the order in which they are printed.
    pub humans: Vec<Human>,
    /// Those of them that are enrolled.
    pub offered: Vec<Device>,
}

/// Names of the two at each provider, in the order of the sites.
const NAMES: [[&str; 2]; 2] = [["ani", "budi"], ["citra", "dewi"]];
const OPERATOR: &str = "eko";

/// Bytes in memory.
#[derive(Default)]
struct Kept(RefCell<Option<Vec<u8>>>);

impl Keep for Kept {
    async fn load(&self) -> Result<Option<Vec<u8>>, StateError> {
        Ok(self.0.borrow().clone())
    }

    async fn replace(&self, bytes: &[u8]) -> Result<(), StateError> {
        *self.0.borrow_mut() = Some(bytes.to_vec());
        Ok(())
    }
}

/// Hires them; `url` is where the pages are.
pub async fn hire(stage: &mut Stage, url: &str) -> Result<People, Failure> {
    let failed = |e: terminal::Error| Failure::of("hiring the demo's staff", e);
    let (today, mut rng) = (stage.today, stage.rng.clone());
    let mut people = People::default();
    for ((site, desk), [first, second]) in stage.desks.iter_mut().zip(NAMES) {
        let provider = Some(site.to_string());
        let role = Role::ProviderAdministrator;
        let invitation = desk.invite(role, today).await.map_err(failed)?;
        let enrolled = (role, provider.clone(), first);
        people
            .enrol(url, enrolled, invitation.text(), today, &mut rng)
            .await?;
        desk.admit_invited(today).await.map_err(failed)?;
        let role = Role::OutreachWorker;
        let invitation = desk.invite(role, today).await.map_err(failed)?;
        let link = format!("{url}/counter/#i={}", invitation.text());
        people.humans.push(Human {
            role,
            provider,
            name: second.to_owned(),
            password: password(&mut rng),
            invitation: Some(link),
        });
    }
    let (place, kept) = ((Role::Operator, None), &mut Invited::default());
    let invitation = terminal::colleagues::invite(&stage.operator, place, kept, today, &mut rng);
    let invitation = invitation.await.map_err(failed)?;
    let operator = (Role::Operator, None, OPERATOR);
    people
        .enrol(url, operator, invitation.text(), today, &mut rng)
        .await?;
    Ok(people)
}

impl People {
    /// Accepts an invitation for one of them, at a device of their own.
    async fn enrol(
        &mut self,
        url: &str,
        (role, provider, name): (Role, Option<String>, &str),
        invitation: &str,
        today: Day,
        rng: &mut Random,
    ) -> Result<(), Failure> {
        let failed = |e: terminal::Error| Failure::of("enrolling the demo's staff", e);
        let connection = Connection::open(url, &desk::Options::default()).map_err(failed)?;
        let word = password(rng);
        let secret = Chosen::parse(&word).map_err(|e| failed(e.into()))?;
        let handle: Handle = name.parse().map_err(failed)?;
        let label: Label = format!("device of {name}").parse().map_err(failed)?;
        let enrolled = desk::sign_in::register(
            &connection,
            invitation,
            &handle,
            &secret,
            &label,
            today,
            rng,
        );
        let enrolled = enrolled.await.map_err(failed)?;
        let kept = Kept::default();
        let made = Open::create(&kept, enrolled.device, &enrolled.state_key, rng).await;
        made.map_err(failed)?;
        self.offered.push(Device {
            name: name.to_owned(),
            state: B64(kept.0.take().unwrap_or_default()),
        });
        self.humans.push(Human {
            role,
            provider,
            name: name.to_owned(),
            password: word,
            invitation: None,
        });
        Ok(())
    }
}

/// Two words and a number, twice: to be typed by hand on this machine.
fn password(rng: &mut Random) -> String {
    let mut words = || alias(&Pseudonym::from_bytes(crypto::rng::bytes(rng)));
    let (first, second) = (words(), words());
    format!("{first} {second}")
}
