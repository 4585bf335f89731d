//! Two operators close a quarter: one proposes, another confirms just that, in time.

use store::{execute, fetch_all};
use wire::{NotClosed, Role};

use super::harness::{House, Seat, houses};
use crate::access::session::Session;
use crate::{Refusal, closings};
use crypto::day::Quarter;

const PLAN: [u8; 32] = [7; 32];
const OTHER: [u8; 32] = [8; 32];

fn period() -> Quarter {
    "2025Q4".parse().unwrap()
}

fn session(house: &House, seat: &Seat) -> Session {
    let now = store::clock::Clock::unix_seconds(&*house.clock);
    house.app.sessions.find(&seat.id, now).unwrap().session
}

async fn two(house: &House) -> (Session, Session) {
    let one = house.seat(Role::Operator, None).await;
    let other = house.seat(Role::Operator, None).await;
    (session(house, &one), session(house, &other))
}

fn why<T>(done: &Result<T, Refusal>) -> Option<NotClosed> {
    match done {
        Err(Refusal::NotClosed(why)) => Some(*why),
        _ => None,
    }
}

/// Acts of this kind, each with its subject and whether somebody is named.
async fn acts(house: &House, act: &str) -> Vec<(String, bool)> {
    const ACTS: &str = "SELECT subject, actor FROM audit WHERE act = $1";
    let mut tx = house.app.store.read().await.unwrap();
    let rows = fetch_all!(&mut tx, (String, Option<Vec<u8>>), ACTS, act).unwrap();
    rows.into_iter()
        .map(|(subject, actor)| (subject, actor.is_some()))
        .collect()
}

#[tokio::test]
async fn a_second_person_confirms_what_the_first_proposed() {
    for mut house in houses().await {
        let (one, other) = two(&house).await;
        let proposed = closings::propose(&house.app, &one, period(), PLAN).await;
        let proposed = proposed.unwrap();
        assert!(proposed.own && !proposed.confirmed);
        assert_eq!(proposed.until.since(proposed.day), 1);
        // Said again it is no act; by somebody else it is a mistake.
        let again = closings::propose(&house.app, &one, period(), PLAN).await;
        assert_eq!(again.unwrap(), proposed);
        let by_other = closings::propose(&house.app, &other, period(), PLAN).await;
        assert_eq!(why(&by_other), Some(NotClosed::Proposed));
        let own = closings::confirm(&house.app, &one, period(), PLAN).await;
        assert_eq!(why(&own), Some(NotClosed::SamePerson));
        let changed = closings::confirm(&house.app, &other, period(), OTHER).await;
        assert_eq!(why(&changed), Some(NotClosed::Changed));
        // It is on the disk.
        house.restart();
        let seen = closings::all(&house.app, &other).await.unwrap();
        assert!(matches!(&seen[..], [only] if !only.own && !only.confirmed));
        closings::confirm(&house.app, &other, period(), PLAN)
            .await
            .unwrap();
        // Should it break off now, either of them goes on.
        assert!(closings::all(&house.app, &one).await.unwrap()[0].confirmed);
        closings::confirm(&house.app, &one, period(), PLAN)
            .await
            .unwrap();
        let subject = format!("2025Q4 {}", "07".repeat(32));
        for act in ["closing-proposed", "closing-confirmed"] {
            assert_eq!(acts(&house, act).await, [(subject.clone(), true)]);
        }
        closings::forget(&house.app, period()).await.unwrap();
        assert!(closings::all(&house.app, &one).await.unwrap().is_empty());
        let late = closings::confirm(&house.app, &other, period(), PLAN).await;
        assert_eq!(why(&late), Some(NotClosed::NotProposed));
    }
}

#[tokio::test]
async fn a_changed_plan_asks_anew() {
    for house in houses().await {
        let (one, other) = two(&house).await;
        closings::propose(&house.app, &one, period(), PLAN)
            .await
            .unwrap();
        closings::confirm(&house.app, &other, period(), PLAN)
            .await
            .unwrap();
        // What was confirmed is confirmed no more.
        let changed = closings::propose(&house.app, &other, period(), OTHER).await;
        assert!(changed.unwrap().own);
        let seen = closings::all(&house.app, &one).await.unwrap();
        assert!(matches!(&seen[..], [only] if only.digest.0 == OTHER && !only.confirmed));
        for (by, expected) in [(&other, NotClosed::SamePerson), (&one, NotClosed::Changed)] {
            let digest = if by.staff == one.staff { PLAN } else { OTHER };
            let done = closings::confirm(&house.app, by, period(), digest).await;
            assert_eq!(why(&done), Some(expected), "{}", house.database.name);
        }
        closings::confirm(&house.app, &one, period(), OTHER)
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn a_proposal_is_good_for_two_days_and_no_longer() {
    for house in houses().await {
        let (one, other) = two(&house).await;
        closings::propose(&house.app, &one, period(), PLAN)
            .await
            .unwrap();
        house.clock.advance(24 * 3_600);
        assert_eq!(closings::all(&house.app, &one).await.unwrap().len(), 1);
        house.clock.advance(24 * 3_600);
        assert!(closings::all(&house.app, &one).await.unwrap().is_empty());
        let late = closings::confirm(&house.app, &other, period(), PLAN).await;
        assert_eq!(why(&late), Some(NotClosed::NotProposed));
        // Anybody may propose it again, and the old one is gone from the disk.
        let next: Quarter = "2026Q1".parse().unwrap();
        closings::propose(&house.app, &other, next, PLAN)
            .await
            .unwrap();
        let mut tx = house.app.store.read().await.unwrap();
        let rows = fetch_all!(&mut tx, (i64,), "SELECT period FROM closing").unwrap();
        assert_eq!(rows, [(i64::from(next.number()),)]);
    }
}

#[tokio::test]
async fn whoever_came_since_cannot_confirm_and_whoever_was_revoked_proposed_nothing() {
    for house in houses().await {
        let (one, other) = two(&house).await;
        let today = i64::from(store::clock::Clock::today(&*house.clock).number());
        const INVITED: &str = "UPDATE staff SET invited = $1 WHERE staff = $2";
        const REVOKED: &str = "UPDATE staff SET revoked = 1 WHERE staff = $1";
        let invited = async |day: i64| {
            let mut tx = house.app.store.write().await.unwrap();
            execute!(&mut tx, INVITED, day, &other.staff.as_bytes()[..]).unwrap();
            tx.commit().await.unwrap();
        };
        closings::propose(&house.app, &one, period(), PLAN)
            .await
            .unwrap();
        for day in [today, today + 1] {
            invited(day).await;
            let new = closings::confirm(&house.app, &other, period(), PLAN).await;
            assert_eq!(why(&new), Some(NotClosed::NewPerson));
        }
        invited(today - 1).await;
        let mut tx = house.app.store.write().await.unwrap();
        execute!(&mut tx, REVOKED, &one.staff.as_bytes()[..]).unwrap();
        tx.commit().await.unwrap();
        let gone = closings::confirm(&house.app, &other, period(), PLAN).await;
        assert_eq!(why(&gone), Some(NotClosed::NotProposed));
        assert!(acts(&house, "closing-confirmed").await.is_empty());
    }
}
