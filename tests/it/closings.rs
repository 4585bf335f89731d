//! Two operators close a quarter over HTTP, and one does not.

use std::sync::Arc;

use desk::{Connection, Session, sign_in};
use store::clock::FixedClock;
use terminal::closing;
use terminal::enroll::Enrolled;
use terminal::error::Error;
use tests::World;
use wire::typed::Chosen;
use wire::{NotClosed, Role};

/// The day before a quarter's last.
const FIRST: &str = "2026-03-30";
const CLOSES: &str = "2026-04-30";

/// An operator at a device of their own.
struct Operator {
    enrolled: Enrolled,
    password: Chosen,
}

impl Operator {
    async fn invited(world: &mut World, name: &str) -> Self {
        let invitation = world.invitation(Role::Operator).await;
        Self::by(world, invitation, name).await
    }

    async fn by(world: &mut World, invitation: String, name: &str) -> Self {
        let password = Chosen::parse("four plain words here").unwrap();
        let today = world.identity.clock.today();
        let enrolled = sign_in::register(
            &world.connection(),
            &invitation,
            &name.parse().unwrap(),
            &password,
            &name.parse().unwrap(),
            today,
            &mut world.rng,
        )
        .await
        .unwrap();
        Self { enrolled, password }
    }

    async fn signs_in(&mut self, world: &mut World, connection: &Connection) -> Session {
        let (device, word) = (&mut self.enrolled.device, self.password.entered());
        let today = world.identity.clock.today();
        sign_in::login(connection, device, word, today, &mut world.rng)
            .await
            .unwrap()
    }
}

fn why<T>(done: &Result<T, Error>) -> Option<NotClosed> {
    match done {
        Err(Error::NotClosed(why)) => Some(*why),
        _ => None,
    }
}

/// Both operators of a world, at work on the day on which its first quarter may close; and one who came that day.
async fn at_work(world: &mut World, clock: &Arc<FixedClock>) -> [Session; 3] {
    let mut one = Operator::invited(world, "operator.one").await;
    let mut other = Operator::invited(world, "operator.other").await;
    let connection = world.connection();
    let early = one.signs_in(world, &connection).await;
    let refused = closing::plan(&early, "2026Q1".parse().unwrap()).await;
    assert_eq!(why(&refused), Some(NotClosed::Early));
    clock.set(CLOSES.parse().unwrap());
    let mut new = Operator::invited(world, "operator.new").await;
    [
        one.signs_in(world, &connection).await,
        other.signs_in(world, &connection).await,
        new.signs_in(world, &connection).await,
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quarter_closes_by_two_people_and_not_by_one() {
    for (mut world, clock) in World::each_standing(FIRST).await {
        let name = world.name;
        let [one, other, new] = at_work(&mut world, &clock).await;
        let period = "2026Q1".parse().unwrap();
        let next = closing::plan(&one, "2026Q2".parse().unwrap()).await;
        assert_eq!(why(&next), Some(NotClosed::Order), "{name}");
        let plan = closing::plan(&one, period).await.unwrap();
        assert!(plan.tables > 0 && plan.spends > 0);
        assert!(plan.spent == 0 && plan.spends < plan.budget);
        let digest = plan.digest.0;
        let nobody = closing::confirm(&other, period, digest).await;
        assert_eq!(why(&nobody), Some(NotClosed::NotProposed), "{name}");
        let strange = closing::propose(&one, period, [7; 32]).await;
        assert_eq!(why(&strange), Some(NotClosed::Changed), "{name}");
        let proposed = closing::propose(&one, period, digest).await.unwrap();
        let seen = closing::waiting(&other).await.unwrap();
        assert!(
            matches!(&seen[..], [only] if only.digest == proposed.digest && !only.own
            && only.proposer == "operator.one" && only.registered.to_string() == FIRST)
        );
        for (session, expected) in [(&one, NotClosed::SamePerson), (&new, NotClosed::NewPerson)] {
            let done = closing::confirm(session, period, digest).await;
            assert_eq!(why(&done), Some(expected), "{name}");
        }
        let listed = analytics::stored::list(&world.analytics.store, &world.analytics.log_dir);
        assert!(listed.await.unwrap().is_empty(), "{name}");
        let closed = closing::confirm(&other, period, digest).await.unwrap();
        let listed = analytics::stored::list(&world.analytics.store, &world.analytics.log_dir);
        let listed = listed.await.unwrap();
        assert!(
            matches!(&listed[..], [only] if only.hash == closed.hash.0),
            "{name}"
        );
        assert!(closing::waiting(&one).await.unwrap().is_empty());
        let again = closing::plan(&one, period).await;
        assert_eq!(why(&again), Some(NotClosed::Closed), "{name}");
        world.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_that_changed_after_it_was_proposed_is_not_closed() {
    for (mut world, clock) in World::each_standing(FIRST).await {
        let [one, other, _] = at_work(&mut world, &clock).await;
        let period = "2026Q1".parse().unwrap();
        let digest = closing::plan(&one, period).await.unwrap().digest.0;
        closing::propose(&one, period, digest).await.unwrap();
        analytics::choices::turn_off(&world.analytics, "E")
            .await
            .unwrap();
        let changed = closing::confirm(&other, period, digest).await;
        assert_eq!(why(&changed), Some(NotClosed::Changed), "{}", world.name);
        // Nothing is left to be confirmed: what would be done now is read and proposed anew.
        assert!(closing::waiting(&one).await.unwrap().is_empty());
        let now = closing::plan(&other, period).await.unwrap().digest.0;
        closing::propose(&other, period, now).await.unwrap();
        closing::confirm(&one, period, now).await.unwrap();
        world.stop().await;
    }
}

/// Everything that one person could do who invites the second: in both orders, on that day, the next, and with a day of their own.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_closes_a_quarter_with_whom_they_invited_for_it() {
    for (mut world, clock) in World::each_standing(FIRST).await {
        let name = world.name;
        let mut old = Operator::invited(&mut world, "operator.old").await;
        let connection = world.connection();
        let period = "2026Q1".parse().unwrap();
        // Drawn the day before, and good: what counts is the day of the registration.
        let invitation = world.invitation(Role::Operator).await;
        clock.set("2026-03-31".parse().unwrap());
        let mut new = Operator::by(&mut world, invitation, "operator.new").await;
        for day in [CLOSES, "2026-05-01"] {
            clock.set(day.parse().unwrap());
            let old = old.signs_in(&mut world, &connection).await;
            let new = new.signs_in(&mut world, &connection).await;
            let digest = closing::plan(&old, period).await.unwrap().digest.0;
            let proposed = closing::propose(&new, period, digest).await;
            assert_eq!(why(&proposed), Some(NotClosed::NewPerson), "{name} {day}");
            closing::propose(&old, period, digest).await.unwrap();
            let confirmed = closing::confirm(&new, period, digest).await;
            assert_eq!(why(&confirmed), Some(NotClosed::NewPerson), "{name} {day}");
            closing::withdraw(&new, period, digest).await.unwrap();
            assert!(closing::waiting(&old).await.unwrap().is_empty());
        }
        world.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_confirmation_is_not_kept_when_nothing_began() {
    for (mut world, clock) in World::each_standing(FIRST).await {
        let name = world.name;
        let [one, other, _] = at_work(&mut world, &clock).await;
        let period = "2026Q1".parse().unwrap();
        let digest = closing::plan(&one, period).await.unwrap().digest.0;
        closing::propose(&one, period, digest).await.unwrap();
        let log = world.analytics.log_dir.join(analytics::log::FILE);
        std::fs::write(&log, "not a log\n").unwrap();
        let failed = closing::confirm(&other, period, digest).await;
        assert_eq!(why(&failed), Some(NotClosed::Host), "{name}");
        std::fs::remove_file(&log).unwrap();
        assert!(!closing::waiting(&one).await.unwrap()[0].confirmed);
        let alone = closing::confirm(&one, period, digest).await;
        assert_eq!(why(&alone), Some(NotClosed::SamePerson), "{name}");
        closing::confirm(&other, period, digest).await.unwrap();
        world.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quarter_that_the_host_closed_is_proposed_no_more() {
    for (mut world, clock) in World::each_standing(FIRST).await {
        let [one, _, _] = at_work(&mut world, &clock).await;
        let period = "2026Q1".parse().unwrap();
        let digest = closing::plan(&one, period).await.unwrap().digest.0;
        closing::propose(&one, period, digest).await.unwrap();
        analytics::close::close(&world.analytics, period)
            .await
            .unwrap();
        assert!(closing::waiting(&one).await.unwrap().is_empty());
        let left = closing::withdraw(&one, period, digest).await;
        assert_eq!(why(&left), Some(NotClosed::NotProposed), "{}", world.name);
        world.stop().await;
    }
}
