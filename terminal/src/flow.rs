#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
//! Whole flows against a small server in this process that can also misbehave:
//! an honest server cannot show what a terminal refuses.

mod fake;
mod honest;
mod hostile;

use crate::http::{Connection, Options};
use crate::issue;
use crate::local::Local;
use crate::login::login;
use crate::present::Context;
use crate::report::Event;
use crate::session::Session;
use crate::{enroll, status};
use crypto::card::Card;
use crypto::day::{Day, Month};
use crypto::report::Kind;
use crypto::rng::Random;
use crypto::secret::SecretBytes;
use crypto::status::CheckedStatusList;
use fake::Fake;
use std::sync::Arc;

fn today() -> Day {
    "2026-11-22".parse().unwrap()
}

fn password() -> SecretBytes {
    SecretBytes::new(b"four plain words here".to_vec())
}

/// A signed-in terminal with its server, cards and list.
struct Scene {
    fake: Arc<Fake>,
    connection: Connection,
    enrolled: enroll::Enrolled,
    session: Session,
    list: CheckedStatusList,
    rng: Random,
}

impl Scene {
    async fn new() -> Self {
        let mut rng = Random::seeded([9; 32]);
        let fake = Fake::new(&mut rng);
        let base = fake.serve().await;
        let connection = Connection::open(&base, &Options::default()).unwrap();
        let handle = "staff.one".parse().unwrap();
        let invitation = fake.invitation();
        let mut enrolled =
            enroll::register(&connection, &invitation, &handle, &password(), &mut rng)
                .await
                .unwrap();
        let session = login(&connection, &mut enrolled.device, &password(), &mut rng)
            .await
            .unwrap();
        let list = status::fetch(&session).await.unwrap();
        Self {
            fake,
            connection,
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
            locker: true,
        }
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
        consent: true,
    }
}
