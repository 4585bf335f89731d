//! How long the service takes over a log-in says nothing about the name, nor about the terminal.
//!
//! Times of two kinds of log-in are taken in rounds, in random order within a round, and compared by ranks (Mann and
//! Whitney 1947). Were both kinds alike, the order within each round would be as good as drawn, whatever else the machine
//! does meanwhile: a burst of load falls on both. The standardised rank sum is then beyond 5.5 with a probability of 4e-8
//! (both sides of the normal distribution; pairs within a round move together, which makes it less); nine comparisons on each
//! of two databases give a false alarm in fewer than 8 of 10 million runs.

use std::time::Duration;

use crypto::b64::Fixed;
use crypto::id::TerminalId;
use crypto::json::Hidden;
use crypto::opaque::ClientLogin;
use crypto::rng::{self, Random};
use rand::RngCore as _;
use store::clock::Stopwatch;
use wire::{LoginFinish, LoginStart, Role};

use super::harness::{House, houses_with};
use super::people::{Person, invite, prepared, register, strange};
use crate::access::{login, registration};
use crate::{Limits, Refusal};

/// Rounds of a comparison.
pub(super) const ROUNDS: usize = 250;
/// Beyond this two kinds differ.
pub(super) const FAR: f64 = 5.5;

/// No try waits and none is refused.
fn open_limits() -> Limits {
    Limits {
        logins_per_minute: u32::MAX,
        wrong_in_a_row: u32::MAX,
        wrong_before_waiting: u32::MAX,
        ..Limits::default()
    }
}

/// The standardised rank sum of the first among both; 0 when neither tends to be larger.
pub(super) fn rank_sum(one: &[Duration], other: &[Duration]) -> f64 {
    let mut all: Vec<(Duration, bool)> = one.iter().map(|time| (*time, true)).collect();
    all.extend(other.iter().map(|time| (*time, false)));
    all.sort_unstable_by_key(|(time, _)| *time);
    let ranks: f64 = (1_u32..)
        .zip(&all)
        .filter(|(_, (_, first))| *first)
        .map(|(rank, _)| f64::from(rank))
        .sum();
    let size = |times: &[Duration]| f64::from(u32::try_from(times.len()).unwrap());
    let (n, m) = (size(one), size(other));
    let (mean, variance) = (n * (n + m + 1.0) / 2.0, n * m * (n + m + 1.0) / 12.0);
    (ranks - mean) / variance.sqrt()
}

/// Times of the beginning and of the end of one log-in that fails.
async fn fail(house: &House, at: &dyn Fn([u8; 96]) -> LoginStart) -> [Duration; 2] {
    let random = &mut Random::os();
    let (_, ke1) = ClientLogin::start(b"wrong", random).unwrap();
    let start = at(ke1);
    let watch = Stopwatch::start();
    let started = login::start(&house.app, &start).await.unwrap();
    let begun = watch.elapsed();
    let finish = LoginFinish {
        attempt: started.attempt,
        ke3: Fixed(rng::bytes(random)),
        signature: Fixed(rng::bytes(random)),
    };
    let watch = Stopwatch::start();
    let refused = login::finish(&house.app, &finish).await;
    assert!(refused.is_err());
    [begun, watch.elapsed()]
}

type Kind<'a> = &'a dyn Fn([u8; 96]) -> LoginStart;

/// Compares two kinds; the rank sums of beginning and end.
async fn compare(house: &House, kinds: [Kind<'_>; 2]) -> [f64; 2] {
    let mut times: [[Vec<Duration>; 2]; 2] = Default::default();
    for kind in kinds {
        fail(house, kind).await;
    }
    for _ in 0..ROUNDS {
        let first = usize::from(Random::os().next_u32().is_multiple_of(2));
        for which in [first, 1 - first] {
            let taken = fail(house, kinds[which]).await;
            for (step, time) in taken.into_iter().enumerate() {
                times[step][which].push(time);
            }
        }
    }
    times.map(|[one, other]| rank_sum(&one, &other))
}

async fn people(house: &House) -> (Person, Person) {
    let operator = invite(house, Role::Operator, None).await;
    let gone = invite(house, Role::Operator, None).await;
    let gone = register(house, &gone, "other").await;
    let terminal = gone.registered.terminal;
    let actor = crate::Actor::CommandLine;
    crate::access::terminals::revoke(&house.app, actor, None, terminal)
        .await
        .unwrap();
    (register(house, &operator, "known").await, gone)
}

#[tokio::test]
async fn neither_a_name_nor_a_terminal_shows_in_the_time_that_a_log_in_takes() {
    for house in houses_with(open_limits()).await {
        let (person, gone) = people(&house).await;
        let nowhere = TerminalId::random(&mut Random::os());
        let kind = |handle: &'static str| {
            let person = &person;
            move |ke1| person.start(handle, ke1)
        };
        let stranger = |handle: &'static str| move |ke1| strange(handle, nowhere, ke1);
        let revoked = |ke1| gone.start("known", ke1);
        let pairs: [(&str, [Kind<'_>; 2]); 4] = [
            (
                "names at a live terminal",
                [&kind("known"), &kind("nobody")],
            ),
            (
                "names of strangers",
                [&stranger("known"), &stranger("nobody")],
            ),
            (
                "a live terminal and none",
                [&kind("known"), &stranger("known")],
            ),
            ("a live and a revoked one", [&kind("nobody"), &revoked]),
        ];
        for (what, kinds) in pairs {
            let far = compare(&house, kinds).await;
            let name = house.database.name;
            assert!(far.iter().all(|z| z.abs() < FAR), "{what}, {name}: {far:?}");
        }
    }
}

/// What is asked of the database does not depend on name or terminal either: the same transactions, as often.
#[tokio::test]
async fn every_log_in_that_fails_runs_the_same_transactions() {
    for house in houses_with(open_limits()).await {
        let (person, gone) = people(&house).await;
        let here = person.registered.terminal;
        let runs = || -> Vec<(&str, u64)> {
            let all = house.app.store.transactions();
            all.iter().map(|one| (one.name, one.runs)).collect()
        };
        let kinds: [Kind<'_>; 5] = [
            &|ke1| person.start("known", ke1),
            &|ke1| person.start("nobody", ke1),
            &|ke1| strange("known", here, ke1),
            &|ke1| strange("nobody", here, ke1),
            &|ke1| gone.start("known", ke1),
        ];
        let mut last = runs();
        let mut seen = Vec::new();
        for kind in kinds {
            fail(&house, kind).await;
            let now = runs();
            let more = |(name, runs): &(&'static str, u64)| {
                let before = last.iter().find(|(it, _)| it == name);
                (*name, runs - before.map_or(0, |(_, runs)| *runs))
            };
            seen.push(now.iter().map(more).collect::<Vec<_>>());
            last = now;
        }
        assert!(seen[0].contains(&("count log-in", 1)), "{seen:?}");
        assert!(seen[1..].iter().all(|one| *one == seen[0]), "{seen:?}");
    }
}

/// A taken name is told to whoever holds an invitation, and to nobody else, in words or in time.
#[tokio::test]
async fn without_an_invitation_a_registration_says_nothing_of_a_name() {
    for house in houses_with(open_limits()).await {
        let (person, _) = people(&house).await;
        let text = invite(&house, Role::Operator, None).await;
        let mut finish = prepared(&house, &text, "known", &person.key).await;
        finish.opener = Hidden::of(&[7; 32]);
        let mut times: [Vec<Duration>; 2] = Default::default();
        for round in 0..2 * ROUNDS {
            let first = usize::from(Random::os().next_u32().is_multiple_of(2));
            for which in [first, 1 - first] {
                finish.handle = ["known", "nobody"][which].to_owned();
                let watch = Stopwatch::start();
                let refused = registration::finish(&house.app, &finish).await;
                let taken = watch.elapsed();
                assert_eq!(refused.err(), Some(Refusal::Invitation));
                // The first rounds fill caches.
                if round >= ROUNDS {
                    times[which].push(taken);
                }
            }
        }
        let far = rank_sum(&times[0], &times[1]);
        assert!(far.abs() < FAR, "{}: {far}", house.database.name);
    }
}

#[test]
fn the_statistic_finds_a_shift_and_none_where_there_is_none() {
    let random = &mut Random::seeded([1; 32]);
    let mut times = |shift: u64| -> Vec<Duration> {
        let noise = |random: &mut Random| u64::from(random.next_u32() % 1_000);
        (0..ROUNDS)
            .map(|_| Duration::from_micros(noise(random) + shift))
            .collect()
    };
    let (one, same, later) = (times(0), times(0), times(250));
    assert!(rank_sum(&one, &same).abs() < FAR);
    assert!(rank_sum(&later, &one) > FAR);
    assert!(rank_sum(&one, &later) < -FAR);
}
