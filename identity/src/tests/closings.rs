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
        let own = closings::confirm(&house.app, &one, period(), PLAN, false).await;
        assert_eq!(why(&own), Some(NotClosed::SamePerson));
        let changed = closings::confirm(&house.app, &other, period(), OTHER, false).await;
        assert_eq!(why(&changed), Some(NotClosed::Changed));
        // It is on the disk.
        house.restart();
        let seen = closings::all(&house.app, &other).await.unwrap();
        assert!(matches!(&seen[..], [only] if !only.own && !only.confirmed));
        closings::confirm(&house.app, &other, period(), PLAN, false)
            .await
            .unwrap();
        // Should it break off now, either of them goes on.
        assert!(closings::all(&house.app, &one).await.unwrap()[0].confirmed);
        closings::confirm(&house.app, &one, period(), PLAN, true)
            .await
            .unwrap();
        let subject = format!("2025Q4 {}", "07".repeat(32));
        for act in ["closing-proposed", "closing-confirmed"] {
            assert_eq!(acts(&house, act).await, [(subject.clone(), true)]);
        }
        closings::forget(&house.app, period()).await.unwrap();
        assert!(closings::all(&house.app, &one).await.unwrap().is_empty());
        let late = closings::confirm(&house.app, &other, period(), PLAN, false).await;
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
        closings::confirm(&house.app, &other, period(), PLAN, false)
            .await
            .unwrap();
        // What was confirmed is confirmed no more.
        let changed = closings::propose(&house.app, &other, period(), OTHER).await;
        assert!(changed.unwrap().own);
        let seen = closings::all(&house.app, &one).await.unwrap();
        assert!(matches!(&seen[..], [only] if only.digest.0 == OTHER && !only.confirmed));
        for (by, expected) in [(&other, NotClosed::SamePerson), (&one, NotClosed::Changed)] {
            let digest = if by.staff == one.staff { PLAN } else { OTHER };
            let done = closings::confirm(&house.app, by, period(), digest, false).await;
            assert_eq!(why(&done), Some(expected), "{}", house.database.name);
        }
        closings::confirm(&house.app, &one, period(), OTHER, false)
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
        let late = closings::confirm(&house.app, &other, period(), PLAN, false).await;
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

/// Somebody registered on this day, by the service's clock, whatever their invitation says.
async fn registered(house: &House, staff: &Session, day: i64) {
    const REGISTERED: &str = "UPDATE staff SET registered = $1 WHERE staff = $2";
    let mut tx = house.app.store.write().await.unwrap();
    execute!(&mut tx, REGISTERED, day, &staff.staff.as_bytes()[..]).unwrap();
    tx.commit().await.unwrap();
}

async fn revoked(house: &House, staff: &Session) {
    const REVOKED: &str = "UPDATE staff SET revoked = 1 WHERE staff = $1";
    let mut tx = house.app.store.write().await.unwrap();
    execute!(&mut tx, REVOKED, &staff.staff.as_bytes()[..]).unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn neither_of_the_two_came_after_the_quarter() {
    for house in houses().await {
        let (old, new) = two(&house).await;
        let last = i64::from(period().last_day().number());
        for day in [last, last + 1, last + 200] {
            registered(&house, &new, day).await;
            // The new one proposes, and the old one would confirm.
            let proposed = closings::propose(&house.app, &new, period(), PLAN).await;
            assert_eq!(why(&proposed), Some(NotClosed::NewPerson));
            // The old one proposes, and the new one would confirm, today or tomorrow.
            closings::propose(&house.app, &old, period(), PLAN)
                .await
                .unwrap();
            let confirmed = closings::confirm(&house.app, &new, period(), PLAN, false).await;
            assert_eq!(why(&confirmed), Some(NotClosed::NewPerson));
            closings::forget(&house.app, period()).await.unwrap();
        }
        assert!(acts(&house, "closing-confirmed").await.is_empty());
        // What stands there already is judged again.
        registered(&house, &new, last - 1).await;
        closings::propose(&house.app, &new, period(), PLAN)
            .await
            .unwrap();
        registered(&house, &new, last).await;
        let confirmed = closings::confirm(&house.app, &old, period(), PLAN, false).await;
        assert_eq!(why(&confirmed), Some(NotClosed::NewPerson));
        registered(&house, &new, last - 1).await;
        let seen = closings::all(&house.app, &old).await.unwrap();
        assert_eq!(i64::from(seen[0].registered.number()), last - 1);
        closings::confirm(&house.app, &old, period(), PLAN, false)
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn whoever_was_revoked_proposed_nothing_and_confirmed_nothing() {
    for house in houses().await {
        let (one, other) = two(&house).await;
        let third = session(&house, &house.seat(Role::Operator, None).await);
        closings::propose(&house.app, &one, period(), PLAN)
            .await
            .unwrap();
        closings::confirm(&house.app, &other, period(), PLAN, false)
            .await
            .unwrap();
        revoked(&house, &other).await;
        assert!(!closings::all(&house.app, &one).await.unwrap()[0].confirmed);
        let alone = closings::confirm(&house.app, &one, period(), PLAN, true).await;
        assert_eq!(why(&alone), Some(NotClosed::SamePerson));
        revoked(&house, &one).await;
        let gone = closings::confirm(&house.app, &third, period(), PLAN, false).await;
        assert_eq!(why(&gone), Some(NotClosed::NotProposed));
        assert_eq!(acts(&house, "closing-confirmed").await.len(), 1);
    }
}

#[tokio::test]
async fn a_confirmation_of_which_nothing_came_does_not_stay() {
    for house in houses().await {
        let (one, other) = two(&house).await;
        closings::propose(&house.app, &one, period(), PLAN)
            .await
            .unwrap();
        closings::confirm(&house.app, &other, period(), PLAN, false)
            .await
            .unwrap();
        // Nothing was debited: the confirmation is not the proposer's to use.
        let alone = closings::confirm(&house.app, &one, period(), PLAN, false).await;
        assert_eq!(why(&alone), Some(NotClosed::SamePerson));
        closings::unconfirm(&house.app, period()).await.unwrap();
        assert!(!closings::all(&house.app, &one).await.unwrap()[0].confirmed);
        let alone = closings::confirm(&house.app, &one, period(), PLAN, true).await;
        assert_eq!(why(&alone), Some(NotClosed::SamePerson));
    }
}

#[tokio::test]
async fn any_operator_takes_a_proposal_back() {
    for house in houses().await {
        let (one, other) = two(&house).await;
        for by in [&one, &other] {
            let nothing = closings::withdraw(&house.app, by, period(), PLAN).await;
            assert_eq!(why(&nothing), Some(NotClosed::NotProposed));
            closings::propose(&house.app, &one, period(), PLAN)
                .await
                .unwrap();
            let strange = closings::withdraw(&house.app, by, period(), OTHER).await;
            assert_eq!(why(&strange), Some(NotClosed::Changed));
            closings::withdraw(&house.app, by, period(), PLAN)
                .await
                .unwrap();
            assert!(closings::all(&house.app, &one).await.unwrap().is_empty());
        }
        let subject = format!("2025Q4 {}", "07".repeat(32));
        let taken_back = acts(&house, "closing-withdrawn").await;
        assert_eq!(taken_back, [(subject.clone(), true), (subject, true)]);
    }
}

#[tokio::test]
async fn only_a_proposal_of_something_else_is_forgotten() {
    for house in houses().await {
        let (one, _) = two(&house).await;
        closings::propose(&house.app, &one, period(), PLAN)
            .await
            .unwrap();
        closings::forget_others(&house.app, period(), &PLAN)
            .await
            .unwrap();
        assert_eq!(closings::all(&house.app, &one).await.unwrap().len(), 1);
        closings::forget_others(&house.app, period(), &OTHER)
            .await
            .unwrap();
        assert!(closings::all(&house.app, &one).await.unwrap().is_empty());
    }
}
