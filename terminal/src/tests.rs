#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
//! Whole flows against a small server in this process that can also misbehave:
//! an honest server cannot show what a terminal refuses.

mod acknowledged;
mod between;
mod colleagues;
mod continued;
mod envelopes;
mod handed;
mod honest;
mod hostile;
mod later;
mod lists;
mod locked;
mod offered;
mod outside;
mod put_back;
mod reopened;
mod replaced;
mod side_by_side;
mod taken_back;
mod told;
mod trust;
mod withdrawn;

use crate::device::{Device, Handle};
use crate::enroll::Enrolled;
use crate::envelopes::Envelopes;
use crate::error::Error;
use crate::local::Local;
use crate::present::{Context, Person, Presentation, present};
use crate::replace::{Reason, Replacement};
use crate::report::Event;
use crate::session::Session;
use crate::status::KeptList;
use crate::testing::{Fake, today};
use crate::transport::Transport;
use crate::{enroll, issue, login};
use crypto::card::Card;
use crypto::day::Month;
use crypto::report::Kind;
use crypto::rng::Random;
use crypto::status::CheckedStatusList;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context as Polling, Poll, Waker};
use wire::typed::{Chosen, Entered};

/// Runs a flow to its end on this thread: whatever waits is asked again.
pub(crate) fn run<F: Future>(flow: F) -> F::Output {
    let mut flow = pin!(flow);
    let mut polling = Polling::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(done) = flow.as_mut().poll(&mut polling) {
            return done;
        }
    }
}

const WORDS: &str = "four plain words here";

fn password() -> Entered {
    Entered::parse(WORDS).unwrap()
}

/// The three steps of an enrolment.
async fn enrol(
    fake: &Arc<Fake>,
    invitation: &str,
    handle: &Handle,
    rng: &mut Random,
) -> Result<Enrolled, Error> {
    let begun = enroll::begin(
        fake,
        invitation,
        handle,
        &Chosen::parse(WORDS).unwrap(),
        &"desk".parse()?,
        rng,
    )
    .await?;
    begun.prove(rng)?.finish(fake, today()).await
}

/// The three steps of a sign-in.
async fn sign_in(
    fake: &Arc<Fake>,
    device: &mut Device,
    password: &Entered,
    rng: &mut Random,
) -> Result<Session<Arc<Fake>>, Error> {
    let (door, handle) = (device.door(), device.handle().clone());
    let begun = login::begin(fake, &door, &handle, password, rng).await?;
    begun
        .prove(rng)?
        .finish(Arc::clone(fake), device, today())
        .await
}

/// The server's list, at a terminal that keeps none yet.
async fn newest(session: &Session<impl Transport>) -> CheckedStatusList {
    let mut kept = KeptList::default();
    kept.refresh(session, today()).await.unwrap()
}

/// A signed-in terminal with its server, cards and list.
struct Scene {
    fake: Arc<Fake>,
    enrolled: Enrolled,
    session: Session<Arc<Fake>>,
    list: CheckedStatusList,
    rng: Random,
}

impl Scene {
    async fn new() -> Self {
        let mut rng = Random::seeded([9; 32]);
        let fake = Fake::new(&mut rng);
        let handle = "staff.one".parse().unwrap();
        let invitation = fake.invitation();
        let mut enrolled = enrol(&fake, &invitation, &handle, &mut rng).await.unwrap();
        let session = sign_in(&fake, &mut enrolled.device, &password(), &mut rng)
            .await
            .unwrap();
        let list = newest(&session).await;
        Self {
            fake,
            enrolled,
            session,
            list,
            rng,
        }
    }

    async fn cards(&mut self, count: usize) -> Vec<String> {
        let expiry = Month::of(today()).plus(24);
        let cards = issue::issue(&self.session, count, expiry, &mut self.rng).await;
        cards.unwrap().iter().map(Card::to_text).collect()
    }

    fn context<'a>(&'a self, local: &'a Local) -> Context<'a> {
        Context {
            status: Some(&self.list),
            roster: &local.roster,
            today: today(),
            seconds: 0,
            locker: true,
            withdrawals: &local.withdrawals,
        }
    }
}

/// Presents a card that can be judged.
async fn shown(
    scene: &Scene,
    card: &str,
    local: &Local,
    kept: &mut Envelopes,
    rng: &mut Random,
) -> Presentation {
    let context = scene.context(local);
    let seen = present(&scene.session, card, &context, kept, rng).await;
    seen.unwrap()
}

/// A first use, by a terminal that keeps no envelope yet.
async fn activate(
    session: &Session<impl Transport>,
    card: &str,
    context: &Context<'_>,
    rng: &mut Random,
) -> Result<Person, Error> {
    issue::activate(session, card, context, &mut Envelopes::default(), rng).await
}

/// The same of several cards.
async fn activate_many(
    session: &Session<impl Transport>,
    cards: &[&str],
    context: &Context<'_>,
    rng: &mut Random,
) -> Result<Vec<Result<Person, Error>>, Error> {
    issue::activate_many(session, cards, context, &mut Envelopes::default(), rng).await
}

fn worn<'a>(old: &'a str, new: &'a str) -> Replacement<'a> {
    Replacement {
        old,
        new,
        reason: Reason::Worn,
    }
}

fn event(kind: Kind) -> Event {
    Event {
        site: "medan/a".parse().unwrap(),
        service: "art".parse().unwrap(),
        kind,
        day: today(),
        covered_until: Some(today().plus(30)),
        group: None,
        quantity: None,
        consent: true,
    }
}
