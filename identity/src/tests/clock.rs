//! A machine whose clock is wrong.

use crypto::card::Commitment;
use crypto::day::{Day, Month};
use store::{execute, fetch_one};
use wire::Role;

use super::harness::{House, houses};
use super::people::{invite, log_in, register};
use super::reports::{flood, outreach};
use crate::{Actor, Refusal, access, cards};

/// Where something stands that is forgotten some day, and how a test finds what it entered.
const KEPT: [&str; 5] = [
    "SELECT COUNT(*) FROM signed_commitment WHERE month > 0",
    "SELECT COUNT(*) FROM guess WHERE wrong = 99",
    "SELECT COUNT(*) FROM submission WHERE quarter = 8104",
    "SELECT COUNT(*) FROM invitation WHERE used = 1",
    "SELECT COUNT(*) FROM allowance WHERE what = 'report' AND day = 20522",
];

async fn kept(house: &House) -> [i64; 5] {
    let mut tx = house.app.store.read().await.unwrap();
    let mut all = [0; 5];
    for (of, text) in all.iter_mut().zip(KEPT) {
        (*of,) = fetch_one!(&mut tx, (i64,), text).unwrap();
    }
    all
}

fn month() -> Month {
    "2026-12".parse().unwrap()
}

fn commitments(first: u8) -> [Commitment; 3] {
    std::array::from_fn(|n| Commitment::from_bytes([first + u8::try_from(n).unwrap(); 16]))
}

/// One or more of everything, entered on the house's first day: 2026-03-10.
async fn fill(house: &House) {
    let app = &house.app;
    cards::blanks::sign(app, &commitments(1), month())
        .await
        .unwrap();
    const GUESS: &str = "INSERT INTO guess (tag, wrong, day) VALUES ($1, 99, 20522)";
    const SENT: &str = "INSERT INTO submission (hash, quarter) VALUES ($1, 8104)";
    const INVITED: &str = "INSERT INTO invitation (hash, role, inviter, drawn, last_day, used)
        VALUES ($1, 'funder', 'command-line', 20522, 20536, 1)";
    let mut tx = app.store.write().await.unwrap();
    execute!(&mut tx, GUESS, &[7_u8; 32][..]).unwrap();
    execute!(&mut tx, SENT, &[7_u8; 16][..]).unwrap();
    execute!(&mut tx, INVITED, &[7_u8; 32][..]).unwrap();
    tx.commit().await.unwrap();
}

/// Whatever a service does by itself and for others, with its clock as it is.
async fn live(house: &House, first: u8) {
    let app = &house.app;
    let later = Month::of(store::clock::Clock::today(&*house.clock)).plus(9);
    cards::blanks::sign(app, &commitments(first), later)
        .await
        .unwrap();
    let role = Role::Funder;
    access::invitation::invite(app, Actor::CommandLine, role, None)
        .await
        .unwrap();
    app.forget_the_ended();
    app.reserve_by_the_hour().await.unwrap();
    app.settle_counts().await.unwrap();
    app.note_the_day().await.unwrap();
    app.flush_sign_ins().await.unwrap();
    app.look_at_the_day().await.unwrap();
}

#[tokio::test]
async fn a_moment_in_2036_forgets_nothing_that_must_be_remembered() {
    for house in houses().await {
        let (name, provider) = (house.database.name, house.provider("A").await);
        let today: Day = "2026-03-10".parse().unwrap();
        fill(&house).await;
        let (seat, _) = outreach(&house, provider).await;
        assert_eq!(flood(&house, &seat).await, 20, "{name}");
        house.app.look_at_the_day().await.unwrap();
        let before = kept(&house).await;
        assert!(before.iter().all(|count| *count > 0), "{name}: {before:?}");
        for (year, first) in [("2036-01-01", 10), ("2036-01-02", 20)] {
            house.clock.jump(year.parse().unwrap());
            assert!(flood(&house, &seat).await <= 20, "{name}");
            live(&house, first).await;
        }
        house.clock.jump(today);
        live(&house, 30).await;
        const WAITS: &str = "SELECT COUNT(*) FROM outbox WHERE received > 20522";
        let mut tx = house.app.store.read().await.unwrap();
        let (waits,) = fetch_one!(&mut tx, (i64,), WAITS).unwrap();
        drop(tx);
        assert_eq!(waits, 0, "{name}: reports wait for no day of 2036");
        let after = kept(&house).await;
        assert!(
            after.iter().zip(before).all(|(now, then)| *now >= then),
            "{name}: {after:?}"
        );
        let again = cards::blanks::sign(&house.app, &commitments(1), month()).await;
        assert!(matches!(again, Err(Refusal::Conflict)), "{name}");
        assert_eq!(
            flood(&house, &seat).await,
            0,
            "{name}: the day's are used up"
        );
    }
}

#[tokio::test]
async fn what_is_over_is_forgotten_when_its_day_is_sure() {
    for house in houses().await {
        let provider = house.provider("A").await;
        fill(&house).await;
        let (seat, _) = outreach(&house, provider).await;
        flood(&house, &seat).await;
        house.is_sure("2026-03-24").await;
        assert_eq!(kept(&house).await, [3, 1, 21, 1, 1]);
        house.is_sure("2026-04-10").await;
        assert_eq!(kept(&house).await, [3, 1, 21, 0, 1]);
        house.is_sure("2026-04-11").await;
        assert_eq!(kept(&house).await, [3, 1, 21, 0, 0]);
        house.is_sure("2026-10-01").await;
        assert_eq!(kept(&house).await, [3, 1, 0, 0, 0]);
        house.is_sure("2027-03-11").await;
        assert_eq!(kept(&house).await, [0, 1, 0, 0, 0]);
        house.is_sure("2027-03-12").await;
        assert_eq!(kept(&house).await, [0; 5], "{}", house.database.name);
    }
}

#[tokio::test]
async fn a_clock_that_is_set_back_doubles_no_limit() {
    for house in houses().await {
        let (name, provider) = (house.database.name, house.provider("A").await);
        house.is_sure("2026-03-10").await;
        let (seat, _) = outreach(&house, provider).await;
        assert_eq!(flood(&house, &seat).await, 20, "{name}");
        for back in ["2026-03-09", "2026-01-01", "2020-01-01", "2026-03-10"] {
            house.clock.jump(back.parse().unwrap());
            house.app.look_at_the_day().await.unwrap();
            assert_eq!(flood(&house, &seat).await, 0, "{name}: {back}");
        }
    }
}

/// A sign-in that bears a day to come would keep a terminal familiar until then.
#[tokio::test]
async fn a_sign_in_of_a_day_to_come_is_not_believed_and_written_over() {
    const LAST: &str = "SELECT day FROM sign_in";
    for house in houses().await {
        let invitation = invite(&house, Role::Funder, None).await;
        let person = register(&house, &invitation, "ani").await;
        let last = async || -> i64 {
            let mut tx = house.app.store.read().await.unwrap();
            fetch_one!(&mut tx, (i64,), LAST).unwrap().0
        };
        let today: Day = "2026-03-10".parse().unwrap();
        house.clock.jump("2036-01-01".parse().unwrap());
        log_in(&house, &person).await;
        house.app.flush_sign_ins().await.unwrap();
        assert!(last().await > i64::from(today.number()));
        house.clock.jump(today);
        log_in(&house, &person).await;
        house.app.flush_sign_ins().await.unwrap();
        assert_eq!(
            last().await,
            i64::from(today.number()),
            "{}",
            house.database.name
        );
    }
}
