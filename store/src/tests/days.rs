//! Clocks that are wrong for a moment, for a day and for good, on both databases.

use std::sync::Arc;

use crypto::day::Day;
use crypto::rng::Random;
use proptest::prelude::*;

use crate::clock::{Clock, FixedClock};
use crate::days::{self, Days};
use crate::fixture::{TestDatabase, databases, sqlite};
use crate::{Room, retrying};

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

/// A database with a clock, and the process that looks at it.
struct Desk {
    database: TestDatabase,
    clock: Arc<FixedClock>,
    days: Days,
}

async fn desks(room: Room) -> Vec<Desk> {
    let all = databases(room).await;
    all.into_iter().map(Desk::on).collect()
}

impl Desk {
    fn on(database: TestDatabase) -> Self {
        let clock = Arc::new(FixedClock::at(day("2026-03-10")));
        let days = Days::new(Arc::clone(&clock) as Arc<dyn Clock>);
        Self {
            database,
            clock,
            days,
        }
    }

    async fn look(&self) -> bool {
        let store = &self.database.store;
        self.days.look(store, &mut Random::os()).await.unwrap()
    }

    /// Runs for so many hours, with a look in each.
    async fn runs(&self, hours: i64) {
        for _ in 0..hours {
            self.clock.advance(3_600);
            self.look().await;
        }
    }

    fn restart(&mut self) {
        self.days = Days::new(Arc::clone(&self.clock) as Arc<dyn Clock>);
    }

    fn sure(&self) -> Option<String> {
        self.days.sure().map(|day| day.to_string())
    }
}

#[tokio::test]
async fn a_day_is_sure_when_two_looks_a_running_day_apart_agree() {
    for room in [Room::Identity, Room::Analytics] {
        for mut desk in desks(room).await {
            assert!(desk.look().await && desk.days.sure().is_none());
            desk.runs(23).await;
            assert_eq!(desk.sure(), None, "{}", desk.database.name);
            desk.runs(1).await;
            assert_eq!(desk.sure().as_deref(), Some("2026-03-10"));
            // One that is started anew each night runs a day in two halves.
            for _ in 0..4 {
                desk.restart();
                desk.look().await;
                desk.runs(12).await;
            }
            assert_eq!(desk.sure().as_deref(), Some("2026-03-12"));
        }
    }
}

/// A second in 2036, at whatever moment, and nothing comes of it.
#[tokio::test]
async fn a_clock_that_is_ahead_for_a_moment_makes_nothing_sure() {
    for desk in desks(Room::Identity).await {
        desk.look().await;
        desk.runs(24 * 3).await;
        for far in ["2036-01-01", "2036-12-31", "2199-12-31"] {
            let (now, before) = (desk.clock.today(), desk.sure());
            desk.clock.jump(day(far));
            assert!(!desk.look().await, "not believed");
            assert_eq!(desk.sure(), before, "{}", desk.database.name);
            // Also over midnight there.
            desk.clock.jump(day(far).plus(1));
            desk.look().await;
            desk.clock.jump(now);
            assert!(desk.look().await);
            assert_eq!(desk.sure(), before);
            desk.runs(48).await;
            assert!(desk.days.sure().unwrap() > before.unwrap().parse().unwrap());
            assert!(desk.days.sure().unwrap() <= desk.clock.today());
        }
    }
}

/// A clock that stays wrong by years is not believed by keeping to it, and one that was right all along needs one word.
#[tokio::test]
async fn a_far_day_is_sure_only_when_a_person_says_so() {
    for desk in desks(Room::Identity).await {
        desk.look().await;
        desk.runs(48).await;
        let before = desk.sure();
        desk.clock.jump(day("2036-01-01"));
        for _ in 0..100 {
            desk.runs(1).await;
            assert!(!desk.look().await);
        }
        assert_eq!(desk.sure(), before, "{}", desk.database.name);
        let today = desk.clock.today();
        retrying!(desk.database.store, "confirm", &mut Random::os(), |tx| {
            days::confirm(tx, today).await
        })
        .unwrap();
        assert!(desk.look().await);
        assert_eq!(desk.days.sure(), Some(today));
        desk.runs(48).await;
        assert!(desk.days.sure() > Some(today));
    }
}

#[tokio::test]
async fn a_clock_that_is_set_back_stands_on_the_sure_day() {
    for mut desk in desks(Room::Identity).await {
        desk.look().await;
        desk.runs(24 * 5).await;
        let sure = desk.days.sure().unwrap();
        for back in ["2026-03-09", "2020-01-01", "1970-01-01"] {
            desk.clock.jump(day(back));
            desk.restart();
            desk.look().await;
            desk.runs(50).await;
            assert_eq!(desk.days.today(), sure, "{}", desk.database.name);
            assert_eq!(desk.days.sure(), Some(sure));
        }
    }
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Runs(i64),
    Stands(i32),
    Blinks(i32),
    Restarts,
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    /// Whatever happens between, no day is sure that has not come, as long as the clock is wrong for moments alone.
    #[test]
    fn no_day_is_sure_that_has_not_come(
        steps in prop::collection::vec(
            prop_oneof![
                4 => (1i64..40).prop_map(Step::Runs),
                1 => (0i32..60).prop_map(Step::Stands),
                2 => (-9000i32..9000).prop_map(Step::Blinks),
                1 => Just(Step::Restarts),
            ],
            1..25,
        ),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut desk = Desk::on(sqlite(Room::Identity).await);
            desk.look().await;
            for step in steps {
                match step {
                    Step::Runs(hours) => desk.runs(hours).await,
                    Step::Stands(days) => {
                        desk.clock.jump(desk.clock.today().plus(days));
                        desk.restart();
                    }
                    Step::Blinks(days) => {
                        let now = desk.clock.today();
                        desk.clock.jump(now.plus(days));
                        desk.look().await;
                        desk.look().await;
                        desk.clock.jump(now);
                    }
                    Step::Restarts => desk.restart(),
                }
                desk.look().await;
                prop_assert!(desk.days.sure() <= Some(desk.clock.today()));
                let mut tx = desk.database.store.read().await.unwrap();
                prop_assert_eq!(days::sure(&mut tx).await.unwrap(), desk.days.sure());
            }
            Ok(())
        })?;
    }
}
