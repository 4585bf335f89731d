//! Guesses at a password: counted before they are answered, on disk, for everybody alike, and locking nobody out elsewhere.

use std::sync::Arc;

use crypto::id::TerminalId;
use crypto::opaque::ClientLogin;
use crypto::rng::Random;
use wire::{Empty, LoginStart, Role};

use super::harness::{House, Reply, Seat, houses, houses_with};
use super::people::{Person, invite, log_in, opens, register, strange};
use crate::access::{login, names};
use crate::{Limits, Refusal};

fn ke1() -> [u8; 96] {
    ClientLogin::start(b"wrong", &mut Random::os()).unwrap().1
}

/// Status and wait of a log-in that begins and is never ended: KE2 is the answer to its guess already.
async fn begin(house: &House, start: &LoginStart) -> (u16, Option<String>) {
    let Reply {
        status, headers, ..
    } = house.plain("/v1/login/start", start).await;
    let wait = headers.get("retry-after").map(|it| it.to_str().unwrap());
    (status.as_u16(), wait.map(str::to_owned))
}

/// One guess after another, each as soon as it may come.
async fn guess_on(house: &House, person: &Person, handle: &str, times: usize) {
    for _ in 0..times {
        house.clock.advance(3_601);
        let said = begin(house, &person.start(handle, ke1())).await;
        assert_eq!(said, (200, None), "{}", house.database.name);
    }
}

/// Rows of counts, and their sum.
async fn counts(house: &House) -> (i64, i64) {
    const ALL: &str = "SELECT COUNT(*), CAST(COALESCE(SUM(wrong), 0) AS BIGINT) FROM guess";
    let mut tx = house.app.store.read().await.unwrap();
    store::fetch_one!(&mut tx, (i64, i64), ALL).unwrap()
}

async fn operator(house: &House, handle: &'static str) -> Person {
    register(house, &invite(house, Role::Operator, None).await, handle).await
}

/// Two of one provider, each at a terminal of their own.
async fn colleagues(house: &House) -> (Person, Person, Seat) {
    let provider = house.provider("A").await;
    let text = invite(house, Role::ProviderAdministrator, Some(provider)).await;
    let one = register(house, &text, "sri").await;
    let text = invite(house, Role::Clinician, Some(provider)).await;
    let other = register(house, &text, "budi").await;
    let boss = house
        .seat(Role::ProviderAdministrator, Some(provider))
        .await;
    (one, other, boss)
}

#[tokio::test]
async fn a_guess_counts_from_its_beginning_and_a_restart_forgets_none() {
    for mut house in houses().await {
        let person = operator(&house, "known").await;
        for _ in 0..3 {
            assert_eq!(begin(&house, &person.start("known", ke1())).await.0, 200);
        }
        assert_eq!(counts(&house).await, (2, 6), "for the terminal and for all");
        house.restart();
        guess_on(&house, &person, "known", 97).await;
        house.clock.advance(3_601);
        for _ in 0..2 {
            let said = begin(&house, &person.start("known", ke1())).await;
            assert_eq!(said, (423, None));
            house.restart();
        }
        assert_eq!(counts(&house).await, (2, 200), "a refusal is not counted");
    }
}

#[tokio::test]
async fn a_log_in_that_succeeds_gives_its_guesses_back() {
    for house in houses().await {
        let person = operator(&house, "known").await;
        for _ in 0..3 {
            assert_eq!(begin(&house, &person.start("known", ke1())).await.0, 200);
        }
        log_in(&house, &person).await;
        assert_eq!(counts(&house).await, (0, 0));
        for _ in 0..4 {
            assert_eq!(begin(&house, &person.start("known", ke1())).await.0, 200);
        }
        assert_eq!(counts(&house).await, (2, 8), "counted from the beginning");
    }
}

/// What is answered to thirteen tries in a row says nothing about the name, nor about the terminal.
#[tokio::test]
async fn waits_grow_from_the_fifth_guess_on_for_known_unknown_and_strange_alike() {
    for house in houses().await {
        let person = operator(&house, "known").await;
        let nowhere = TerminalId::random(&mut Random::os());
        let mut seen = Vec::new();
        for (handle, here) in [("known", true), ("nobody", true), ("known", false)] {
            house.clock.advance(7_200);
            let mut said = Vec::new();
            for wait in [0, 0, 0, 0, 0, 0, 29, 1, 59, 1, 119, 1] {
                house.clock.advance(wait);
                let start = match here {
                    true => person.start(handle, ke1()),
                    false => strange(handle, nowhere, ke1()),
                };
                said.push(begin(&house, &start).await);
            }
            seen.push(said);
        }
        let wait = |seconds: u32| (429, Some(seconds.to_string()));
        let (good, last) = ((200, None), seen[0].split_off(5));
        assert!(seen[0].iter().all(|said| *said == good));
        let expected = [
            wait(30),
            wait(1),
            good.clone(),
            wait(1),
            good.clone(),
            wait(1),
            good,
        ];
        assert_eq!(last, expected);
        seen[0].extend(last);
        assert!(seen.windows(2).all(|pair| pair[0] == pair[1]), "{seen:?}");
    }
}

#[tokio::test]
async fn a_terminals_id_without_its_key_counts_against_nobody() {
    for house in houses().await {
        let person = operator(&house, "known").await;
        let here = person.registered.terminal;
        for _ in 0..40 {
            house.clock.advance(3_601);
            assert_eq!(begin(&house, &strange("known", here, ke1())).await.0, 200);
        }
        let (rows, _) = counts(&house).await;
        assert_eq!(rows, 2, "one stranger for all of them");
        log_in(&house, &person).await;
        for _ in 0..5 {
            let name = Random::os();
            let _ = begin(
                &house,
                &strange("known", TerminalId::random(&mut name.clone()), ke1()),
            )
            .await;
        }
        assert_eq!(counts(&house).await.0, 2);
    }
}

#[tokio::test]
async fn one_locked_laptop_locks_nobody_out_elsewhere() {
    for house in houses().await {
        let (victim, thief, boss) = colleagues(&house).await;
        // All that a thief of the colleague's laptop can do to the administrator's name.
        guess_on(&house, &thief, "sri", 100).await;
        assert_eq!(begin(&house, &thief.start("sri", ke1())).await.0, 429);
        house.clock.advance(3_601);
        assert_eq!(begin(&house, &thief.start("sri", ke1())).await.0, 423);
        log_in(&house, &victim).await;
        // The colleague's own name on that laptop is another count.
        log_in(&house, &thief).await;
        // At a terminal where she was not seen for thirty days the count over all of them holds.
        house.app.flush_sign_ins().await.unwrap();
        house.clock.advance(30 * 86_400);
        assert!(opens(&house, |ke1| victim.start("sri", ke1)).await);
        house.clock.advance(86_400);
        assert_eq!(begin(&house, &victim.start("sri", ke1())).await.0, 423);
        let path = format!("/v1/staff/{}/open", victim.registered.staff);
        drop(boss);
        let boss = house.seat(Role::Operator, None).await;
        boss.post(&house, &path, &Empty {}).await.good::<Empty>();
        assert_eq!(counts(&house).await, (0, 0));
        log_in(&house, &victim).await;
    }
}

/// At a terminal of another party a name is nobody's: no guess is tested there, so none counts against her.
#[tokio::test]
async fn laptops_of_another_party_close_no_name() {
    for house in houses().await {
        let (victim, colleague, _) = colleagues(&house).await;
        let foreign = house.provider("B").await;
        let text = invite(&house, Role::OutreachWorker, Some(foreign)).await;
        let thief = register(&house, &text, "thief").await;
        guess_on(&house, &thief, "sri", 60).await;
        let first = operator(&house, "operator").await;
        guess_on(&house, &first, "sri", 60).await;
        // Also where she was never seen.
        assert!(opens(&house, |ke1| colleague.start("sri", ke1)).await);
        log_in(&house, &victim).await;
    }
}

#[tokio::test]
async fn a_name_is_opened_by_whoever_administers_it_a_few_times_a_day() {
    for house in houses().await {
        let (admin, clinician, boss) = colleagues(&house).await;
        let first = operator(&house, "operator").await;
        let foreign = house.provider("B").await;
        let stranger = house.seat(Role::ProviderAdministrator, Some(foreign)).await;
        let above = house.seat(Role::Operator, None).await;
        let path = |person: &Person| format!("/v1/staff/{}/open", person.registered.staff);
        for (who, whom, status) in [
            (&boss, &clinician, 200),
            (&boss, &admin, 200),
            (&boss, &first, 404),
            (&stranger, &clinician, 404),
            (&above, &clinician, 404),
            (&above, &admin, 200),
            (&above, &first, 200),
        ] {
            let reply = who.post(&house, &path(whom), &Empty {}).await;
            assert_eq!(reply.status.as_u16(), status);
        }
        guess_on(&house, &clinician, "budi", 9).await;
        for status in [200, 200, 429] {
            let reply = boss.post(&house, &path(&clinician), &Empty {}).await;
            assert_eq!(reply.status.as_u16(), status, "{}", house.database.name);
        }
        for _ in 0..4 {
            names::open_typed(&house.app, "budi").await.unwrap();
        }
        let unknown = names::open_typed(&house.app, "nobody").await;
        assert_eq!(unknown, Err(Refusal::NotFound));
        const NOTED: &str = "SELECT COUNT(*) FROM audit WHERE act = 'name-opened'";
        let mut tx = house.app.store.read().await.unwrap();
        let (noted,) = store::fetch_one!(&mut tx, (i64,), NOTED).unwrap();
        assert_eq!(noted, 4 + 2 + 4);
    }
}

/// Two processes, eight tries at once in each: as many answers as are allowed, and not one more.
#[tokio::test(flavor = "multi_thread")]
async fn tries_at_once_in_two_processes_get_no_more_than_the_limit() {
    let limits = Limits {
        logins_per_minute: u32::MAX,
        wrong_in_a_row: 10,
        wrong_before_waiting: u32::MAX,
        ..Limits::default()
    };
    for house in houses_with(limits).await {
        let person = operator(&house, "known").await;
        let apps = [Arc::clone(&house.app), Arc::new(house.another_service())];
        for handle in ["known", "nobody"] {
            let tries: Vec<_> = (0..32)
                .map(|number| {
                    let (app, start) = (Arc::clone(&apps[number % 2]), person.start(handle, ke1()));
                    tokio::spawn(async move { login::start(&app, &start).await.map(drop) })
                })
                .collect();
            let mut answered = 0;
            for one in tries {
                match one.await.unwrap() {
                    Ok(()) => answered += 1,
                    Err(refusal) => assert_eq!(refusal, Refusal::Locked, "{handle}"),
                }
            }
            assert_eq!(answered, 10, "{handle} on {}", house.database.name);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn eight_tries_at_once_wait_as_one_after_the_other() {
    for house in houses().await {
        let person = operator(&house, "known").await;
        let tries: Vec<_> = (0..8)
            .map(|_| {
                let (app, start) = (Arc::clone(&house.app), person.start("known", ke1()));
                tokio::spawn(async move { login::start(&app, &start).await.is_ok() })
            })
            .collect();
        let mut answered = 0;
        for one in tries {
            answered += u32::from(one.await.unwrap());
        }
        assert_eq!(answered, 5, "{}", house.database.name);
    }
}

/// Without keys a count is a random number beside a small one: no column says whose it is, nor where.
#[tokio::test]
async fn a_count_bears_no_tag_of_a_name_or_terminal() {
    for house in houses().await {
        let person = operator(&house, "known").await;
        assert_eq!(begin(&house, &person.start("known", ke1())).await.0, 200);
        house.app.flush_sign_ins().await.unwrap();
        const SHARED: &str =
            "SELECT COUNT(*) FROM guess WHERE tag IN (SELECT handle_tag FROM staff)
            OR tag IN (SELECT pair FROM sign_in) OR tag IN (SELECT public FROM terminal)";
        let mut tx = house.app.store.read().await.unwrap();
        let (shared,) = store::fetch_one!(&mut tx, (i64,), SHARED).unwrap();
        assert_eq!(shared, 0);
        drop(tx);
        assert_eq!(counts(&house).await.0, 2);
    }
}

/// Written at the log-in, a row would lie in the order of commits beside what clients cause.
#[tokio::test]
async fn sign_ins_are_written_when_their_day_is_over_and_all_together() {
    const DAYS: &str = "SELECT day FROM sign_in ORDER BY pair";
    for house in houses().await {
        let (one, other, _) = colleagues(&house).await;
        let days = async || -> Vec<(i64,)> {
            let mut tx = house.app.store.read().await.unwrap();
            store::fetch_all!(&mut tx, (i64,), DAYS).unwrap()
        };
        let enrolled = days().await;
        house.clock.advance(86_400);
        for person in [&one, &other, &one] {
            log_in(&house, person).await;
            house.app.note_the_day().await.unwrap();
            assert_eq!(days().await, enrolled, "{}", house.database.name);
        }
        house.clock.advance(86_400);
        house.app.note_the_day().await.unwrap();
        let next: Vec<(i64,)> = enrolled.iter().map(|(day,)| (day + 1,)).collect();
        assert_eq!(days().await, next);
        let all = house.app.store.transactions();
        let noted = all.iter().find(|one| one.name == "note sign-ins").unwrap();
        assert_eq!(noted.runs, 1);
    }
}

/// Who may open a colleague's name and also holds a device of the provider: all that is answered to them within one day.
#[tokio::test]
async fn an_administrator_with_a_device_gets_few_guesses_at_a_colleague_in_a_day() {
    for house in houses().await {
        let (admin, victim, _) = colleagues(&house).await;
        house.clock.advance(12 * 3_600);
        let provider = admin.registered.provider;
        let boss = house.seat(Role::ProviderAdministrator, provider).await;
        let path = format!("/v1/staff/{}/open", victim.registered.staff);
        let (mut answered, mut opened) = (0, 0);
        let day = store::clock::Clock::today(&*house.clock);
        while store::clock::Clock::today(&*house.clock) == day {
            match begin(&house, &admin.start("budi", ke1())).await {
                (200, _) => answered += 1,
                (429, Some(wait)) => {
                    let open = boss.post(&house, &path, &Empty {}).await;
                    match open.status.as_u16() {
                        200 => opened += 1,
                        _ => house.clock.advance(wait.parse().unwrap()),
                    }
                }
                other => panic!("{other:?}"),
            }
            // No faster than a terminal may.
            house.clock.advance(6);
        }
        assert_eq!(opened, 3);
        assert!((20..60).contains(&answered), "{answered}");
    }
}
