//! A PIN of one terminal: counted before it is answered, destroyed by ten wrong tries, and enough for the daily work alone.

use crypto::b64::{B64, Fixed};
use crypto::id::TerminalId;
use crypto::login::{DoorKey, Transcript};
use crypto::opaque::{ClientLogin, ClientRegistration, ExportKey, Purpose};
use crypto::request::LOGIN;
use crypto::rng::Random;
use store::{execute, fetch_one};
use wire::{
    ChoosePin, DataKey, Empty, KeepPin, LoggedIn, LoginFinish, LoginStarted, PinAnswered,
    PinLoggedIn, PinStart, RevokeLabelled, Role, SignBlanks,
};

use super::harness::{House, Reply, Seat, houses};
use super::people::{PASSWORD, Person, drawn, invite, log_in, register};
use crate::Actor;
use crate::access::{staff, terminals};

const RIGHT: &[u8] = b"271828";
const WRONG: &[u8] = b"314159";

/// A worker at an enrolled terminal, signed in by password.
async fn worker(house: &House) -> (Person, Seat) {
    let provider = house.provider("A").await;
    let text = invite(house, Role::ProviderAdministrator, Some(provider)).await;
    let person = register(house, &text, "sri").await;
    let (_, seat) = log_in(house, &person).await;
    (person, seat)
}

async fn choose(house: &House, seat: &Seat, pin: &[u8]) -> ExportKey {
    let rng = &mut Random::os();
    let (client, request) = ClientRegistration::start(pin, rng).unwrap();
    let asked = ChoosePin {
        request: Fixed(request),
    };
    let reply = seat.post(house, "/v1/pin/choose/start", &asked).await;
    let answered: PinAnswered = reply.good();
    let made = client.finish(&answered.response.0, rng).unwrap();
    let kept = KeepPin {
        record: Fixed(made.record),
    };
    let reply = seat.post(house, "/v1/pin/choose/finish", &kept).await;
    reply.good::<Empty>();
    made.export_key
}

fn start(terminal: TerminalId, door: &DoorKey, ke1: [u8; 96]) -> PinStart {
    PinStart {
        terminal,
        ke1: Fixed(ke1),
        knock: Fixed(door.knock_pin(&terminal, &ke1)),
    }
}

/// The first half of a try, never ended.
async fn begin(house: &House, person: &Person, pin: &[u8]) -> Reply {
    let (_, ke1) = ClientLogin::start_for(Purpose::Pin, pin, &mut Random::os()).unwrap();
    let asked = start(person.registered.terminal, &person.door, ke1);
    house.plain("/v1/pin/login/start", &asked).await
}

/// A whole try; the export key, and the session's seat.
async fn open(
    house: &House,
    person: &Person,
    pin: &[u8],
) -> Result<(ExportKey, PinLoggedIn, Seat), (u16, String)> {
    let rng = &mut Random::os();
    let terminal = person.registered.terminal;
    let (client, ke1) = ClientLogin::start_for(Purpose::Pin, pin, rng).unwrap();
    let asked = start(terminal, &person.door, ke1);
    let reply = house.plain("/v1/pin/login/start", &asked).await;
    if !reply.status.is_success() {
        return Err(reply.refused());
    }
    let started: LoginStarted = reply.good();
    let done = client.finish(&started.ke2.0, rng);
    let done = done.map_err(|_| (0, "wrong".to_owned()))?;
    let said = Transcript::of_pin(&terminal, &ke1, &started.ke2.0);
    let finish = LoginFinish {
        attempt: started.attempt,
        ke3: Fixed(done.ke3),
        signature: Fixed(person.key.sign_login(&said.with(&done.ke3))),
    };
    let reply = house.plain("/v1/pin/login/finish", &finish).await;
    if !reply.status.is_success() {
        return Err(reply.refused());
    }
    let opened: PinLoggedIn = reply.good();
    let seat = Seat::new(opened.session, &done.session_key, opened.staff, terminal);
    assert!(seat.proves(LOGIN, &reply), "the answer is proved already");
    let again = house.plain("/v1/pin/login/finish", &finish).await;
    assert_eq!(again.refused().0, 401, "good for one try");
    Ok((done.export_key, opened, seat))
}

/// Rows, and the tries that are counted.
async fn counted(house: &House) -> (i64, i64) {
    const ALL: &str = "SELECT COUNT(*), CAST(COALESCE(SUM(wrong), 0) AS BIGINT) FROM pin";
    let mut tx = house.app.store.read().await.unwrap();
    fetch_one!(&mut tx, (i64, i64), ALL).unwrap()
}

fn refused(slug: &str, status: u16) -> Option<(u16, String)> {
    Some((status, slug.to_owned()))
}

#[tokio::test]
async fn a_pin_opens_its_terminal_and_gives_its_key_again() {
    for house in houses().await {
        let (person, seat) = worker(&house).await;
        let refusal = open(&house, &person, RIGHT).await.err();
        assert_eq!(refusal, refused("no-pin", 410), "none was chosen");
        let key = choose(&house, &seat, RIGHT).await;
        let (again, opened, by_pin) = open(&house, &person, RIGHT).await.unwrap();
        assert_eq!(again, key);
        assert_eq!(opened.staff, person.registered.staff);
        assert_eq!(opened.provider, person.registered.provider);
        assert!(!opened.wraps.wraps.is_empty() && opened.data_key_sealed.is_some());
        by_pin
            .get(&house, "/v1/roster?after=0")
            .await
            .good::<wire::RosterPage>();
        // The next one takes the place of the first, and has another key.
        let other = choose(&house, &seat, WRONG).await;
        assert_ne!(other, key);
        assert!(open(&house, &person, RIGHT).await.is_err());
        assert_eq!(open(&house, &person, WRONG).await.unwrap().0, other);
        assert_eq!(counted(&house).await, (1, 0));
        let (logged_in, _): (LoggedIn, _) = log_in(&house, &person).await;
        assert!(logged_in.pin);
    }
}

#[tokio::test]
async fn a_try_counts_on_disk_before_it_is_answered_and_a_right_one_gives_all_back() {
    for mut house in houses().await {
        let (person, seat) = worker(&house).await;
        choose(&house, &seat, RIGHT).await;
        for tries in 1..=4 {
            begin(&house, &person, WRONG).await.good::<LoginStarted>();
            assert_eq!(counted(&house).await, (1, tries), "{}", house.database.name);
        }
        house.app.flush_sign_ins().await.unwrap();
        house.restart();
        begin(&house, &person, RIGHT).await.good::<LoginStarted>();
        assert_eq!(
            counted(&house).await,
            (1, 5),
            "the right one too, and a restart forgets none"
        );
        assert!(open(&house, &person, RIGHT).await.is_ok());
        assert_eq!(counted(&house).await, (1, 0));
    }
}

#[tokio::test]
async fn ten_wrong_pins_leave_no_record_whatever_becomes_of_the_connection() {
    for house in houses().await {
        let (person, seat) = worker(&house).await;
        choose(&house, &seat, RIGHT).await;
        for _ in 0..9 {
            begin(&house, &person, WRONG).await.good::<LoginStarted>();
        }
        assert_eq!(counted(&house).await, (1, 9));
        // The tenth may be the right one.
        house.clock.advance(61);
        assert!(open(&house, &person, RIGHT).await.is_ok());
        assert_eq!(counted(&house).await, (1, 0));
        house.clock.advance(61);
        for _ in 0..10 {
            begin(&house, &person, WRONG).await.good::<LoginStarted>();
        }
        // Nobody ended any of them: the last one took the record away before it was answered.
        assert_eq!(counted(&house).await, (0, 0), "{}", house.database.name);
        house.clock.advance(61);
        let refusal = open(&house, &person, RIGHT).await.err();
        assert_eq!(refusal, refused("no-pin", 410));
        let (logged_in, seat) = log_in(&house, &person).await;
        assert!(!logged_in.pin, "and the device is told");
        choose(&house, &seat, RIGHT).await;
        assert!(open(&house, &person, RIGHT).await.is_ok());
    }
}

/// Of two tries that are under way at once the one that began before the record went cannot bring it back.
#[tokio::test]
async fn a_right_pin_that_comes_after_the_tenth_wrong_one_opens_nothing() {
    for house in houses().await {
        let (person, seat) = worker(&house).await;
        choose(&house, &seat, RIGHT).await;
        let rng = &mut Random::os();
        let terminal = person.registered.terminal;
        let (client, ke1) = ClientLogin::start_for(Purpose::Pin, RIGHT, rng).unwrap();
        let asked = start(terminal, &person.door, ke1);
        let started = house.plain("/v1/pin/login/start", &asked).await;
        let started: LoginStarted = started.good();
        for _ in 0..9 {
            begin(&house, &person, WRONG).await.good::<LoginStarted>();
        }
        let done = client.finish(&started.ke2.0, rng).unwrap();
        let said = Transcript::of_pin(&terminal, &ke1, &started.ke2.0);
        let finish = LoginFinish {
            attempt: started.attempt,
            ke3: Fixed(done.ke3),
            signature: Fixed(person.key.sign_login(&said.with(&done.ke3))),
        };
        let reply = house.plain("/v1/pin/login/finish", &finish).await;
        assert_eq!(reply.refused().0, 401, "{}", house.database.name);
        assert_eq!(counted(&house).await, (0, 0));
    }
}

/// Who knows the terminal's id and has not the device cannot count, cannot test a PIN, and sees what everybody sees for any id.
#[tokio::test]
async fn a_stranger_with_a_terminals_id_changes_nothing_and_learns_nothing() {
    for house in houses().await {
        let (person, seat) = worker(&house).await;
        choose(&house, &seat, RIGHT).await;
        let rng = &mut Random::os();
        let here = person.registered.terminal;
        let nowhere = TerminalId::random(rng);
        for terminal in [here, nowhere] {
            for _ in 0..9 {
                let (client, ke1) = ClientLogin::start_for(Purpose::Pin, RIGHT, rng).unwrap();
                let asked = start(terminal, &DoorKey::random(rng), ke1);
                let started = house.plain("/v1/pin/login/start", &asked).await;
                let started: LoginStarted = started.good();
                assert!(client.finish(&started.ke2.0, rng).is_err());
            }
            house.clock.advance(61);
        }
        // A knock for the password is none for the PIN.
        let (_, ke1) = ClientLogin::start_for(Purpose::Pin, RIGHT, rng).unwrap();
        let mut asked = start(here, &person.door, ke1);
        asked.knock = Fixed(person.door.knock("", &here, &ke1));
        house
            .plain("/v1/pin/login/start", &asked)
            .await
            .good::<LoginStarted>();
        assert_eq!(counted(&house).await, (1, 0), "{}", house.database.name);
        assert!(open(&house, &person, RIGHT).await.is_ok());
    }
}

#[tokio::test]
async fn neither_log_in_ends_the_other() {
    for house in houses().await {
        let (person, seat) = worker(&house).await;
        choose(&house, &seat, RIGHT).await;
        let rng = &mut Random::os();
        let terminal = person.registered.terminal;
        // The PIN's first half, ended where passwords are.
        let (client, ke1) = ClientLogin::start_for(Purpose::Pin, RIGHT, rng).unwrap();
        let asked = start(terminal, &person.door, ke1);
        let started: LoginStarted = house.plain("/v1/pin/login/start", &asked).await.good();
        let done = client.finish(&started.ke2.0, rng).unwrap();
        let said = Transcript::of_pin(&terminal, &ke1, &started.ke2.0);
        let finish = LoginFinish {
            attempt: started.attempt,
            ke3: Fixed(done.ke3),
            signature: Fixed(person.key.sign_login(&said.with(&done.ke3))),
        };
        let elsewhere = house.plain("/v1/login/finish", &finish).await;
        assert_eq!(elsewhere.refused().0, 401);
        // A PIN that is the password opens no password's log-in, nor the other way round.
        choose(&house, &seat, PASSWORD).await;
        let (client, ke1) = ClientLogin::start(PASSWORD, rng).unwrap();
        let asked = start(terminal, &person.door, ke1);
        let started: LoginStarted = house.plain("/v1/pin/login/start", &asked).await.good();
        assert!(
            client.finish(&started.ke2.0, rng).is_err(),
            "another context"
        );
    }
}

#[tokio::test]
async fn a_pin_opens_on_the_day_of_the_password_and_the_next() {
    for mut house in houses().await {
        let (person, seat) = worker(&house).await;
        choose(&house, &seat, RIGHT).await;
        house.app.flush_sign_ins().await.unwrap();
        house.restart();
        house.clock.set("2026-03-11".parse().unwrap());
        assert!(open(&house, &person, RIGHT).await.is_ok());
        house.app.flush_sign_ins().await.unwrap();
        // The log-in by PIN made it last no longer.
        house.clock.set("2026-03-12".parse().unwrap());
        for _ in 0..9 {
            let refusal = open(&house, &person, RIGHT).await.err();
            assert_eq!(refusal, refused("password-needed", 403));
        }
        assert_eq!(
            counted(&house).await,
            (1, 0),
            "what is refused is not counted"
        );
        log_in(&house, &person).await;
        assert!(open(&house, &person, RIGHT).await.is_ok());
        house.app.flush_sign_ins().await.unwrap();
        // A day that has not come was written while the clock was wrong.
        house.clock.set("2026-03-11".parse().unwrap());
        let refusal = open(&house, &person, RIGHT).await.err();
        assert_eq!(refusal, refused("password-needed", 403));
    }
}

/// What every answer begins with is the evaluation of what was asked, under the key of the PIN's identifier.
#[tokio::test]
async fn no_stranger_has_a_pin_evaluated_whatever_terminal_they_name() {
    for house in houses().await {
        let (person, seat) = worker(&house).await;
        choose(&house, &seat, RIGHT).await;
        let rng = &mut Random::os();
        let (_, ke1) = ClientLogin::start_for(Purpose::Pin, RIGHT, rng).unwrap();
        let here = person.registered.terminal;
        let mut seen = Vec::new();
        for (terminal, door) in [
            (here, person.door.clone()),
            (here, DoorKey::random(rng)),
            // A session's id is no secret, and as long as a terminal's.
            (
                TerminalId::from_bytes(*seat.id.as_bytes()),
                DoorKey::random(rng),
            ),
        ] {
            let asked = start(terminal, &door, ke1);
            let reply = house.plain("/v1/pin/login/start", &asked).await;
            let started: LoginStarted = reply.good();
            seen.push(started.ke2.0[..32].to_vec());
        }
        let [own, ..] = &seen[..] else {
            panic!("three")
        };
        assert_eq!(seen.iter().filter(|it| *it == own).count(), 1);
    }
}

#[tokio::test]
async fn a_try_that_is_open_brings_no_dropped_pin_back() {
    for house in houses().await {
        let (person, seat) = worker(&house).await;
        choose(&house, &seat, RIGHT).await;
        for _ in 0..9 {
            begin(&house, &person, WRONG).await.good::<LoginStarted>();
        }
        house.clock.advance(61);
        // The tenth takes the record off the disk; its right end would put it back.
        let rng = &mut Random::os();
        let terminal = person.registered.terminal;
        let (client, ke1) = ClientLogin::start_for(Purpose::Pin, RIGHT, rng).unwrap();
        let asked = start(terminal, &person.door, ke1);
        let reply = house.plain("/v1/pin/login/start", &asked).await;
        let started: LoginStarted = reply.good();
        let done = client.finish(&started.ke2.0, rng).unwrap();
        seat.post(&house, "/v1/pin/drop", &Empty {})
            .await
            .good::<Empty>();
        let said = Transcript::of_pin(&terminal, &ke1, &started.ke2.0);
        let finish = LoginFinish {
            attempt: started.attempt,
            ke3: Fixed(done.ke3),
            signature: Fixed(person.key.sign_login(&said.with(&done.ke3))),
        };
        let reply = house.plain("/v1/pin/login/finish", &finish).await;
        assert_eq!(reply.refused().0, 401);
        assert_eq!(counted(&house).await.0, 0);
    }
}

#[tokio::test]
async fn revoking_destroys_the_record_of_the_terminal_and_of_the_person() {
    for house in houses().await {
        let (person, seat) = worker(&house).await;
        let (terminal, id) = (person.registered.terminal, person.registered.staff);
        choose(&house, &seat, RIGHT).await;
        let (_, _, by_pin) = open(&house, &person, RIGHT).await.unwrap();
        let actor = Actor::CommandLine;
        terminals::revoke(&house.app, actor, None, terminal)
            .await
            .unwrap();
        assert_eq!(counted(&house).await.0, 0, "{}", house.database.name);
        assert_eq!(by_pin.get(&house, "/v1/bundle").await.refused().0, 401);
        // The thief of a revoked device is a stranger.
        assert_eq!(
            open(&house, &person, RIGHT).await.err(),
            refused("wrong", 0)
        );

        let text = invite(&house, Role::Clinician, person.registered.provider).await;
        let other = register(&house, &text, "budi").await;
        let (_, seat) = log_in(&house, &other).await;
        choose(&house, &seat, RIGHT).await;
        staff::revoke(&house.app, actor, None, id).await.unwrap();
        assert_eq!(counted(&house).await.0, 1, "somebody else's");
        staff::revoke(&house.app, actor, None, other.registered.staff)
            .await
            .unwrap();
        assert_eq!(counted(&house).await.0, 0);
        let refusal = open(&house, &other, RIGHT).await.err();
        assert_eq!(refusal, refused("no-pin", 410));
    }
}

/// Revoked between the two halves of the last try: what it took off the disk does not come back.
#[tokio::test]
async fn the_last_try_brings_no_revoked_terminals_record_back() {
    for house in houses().await {
        let (person, seat) = worker(&house).await;
        choose(&house, &seat, RIGHT).await;
        for _ in 0..9 {
            begin(&house, &person, WRONG).await.good::<LoginStarted>();
        }
        house.clock.advance(61);
        let rng = &mut Random::os();
        let terminal = person.registered.terminal;
        let (client, ke1) = ClientLogin::start_for(Purpose::Pin, RIGHT, rng).unwrap();
        let asked = start(terminal, &person.door, ke1);
        let started: LoginStarted = house.plain("/v1/pin/login/start", &asked).await.good();
        terminals::revoke(&house.app, Actor::CommandLine, None, terminal)
            .await
            .unwrap();
        let done = client.finish(&started.ke2.0, rng).unwrap();
        let said = Transcript::of_pin(&terminal, &ke1, &started.ke2.0);
        let finish = LoginFinish {
            attempt: started.attempt,
            ke3: Fixed(done.ke3),
            signature: Fixed(person.key.sign_login(&said.with(&done.ke3))),
        };
        let reply = house.plain("/v1/pin/login/finish", &finish).await;
        assert_eq!(reply.refused().0, 401);
        assert_eq!(counted(&house).await, (0, 0), "{}", house.database.name);
    }
}

#[tokio::test]
async fn a_session_by_pin_may_do_the_daily_work_alone() {
    for house in houses().await {
        let (person, seat) = worker(&house).await;
        let provider = person.registered.provider;
        choose(&house, &seat, RIGHT).await;
        let (_, _, by_pin) = open(&house, &person, RIGHT).await.unwrap();
        let somebody = person.registered.staff;
        let elsewhere = TerminalId::random(&mut Random::os());
        let (_, invited) = drawn(&house, Role::Clinician, provider).await;
        let blanks = SignBlanks {
            commitments: vec![Fixed([9; 16])],
            expiry: "2027-12".parse().unwrap(),
        };
        let handed = DataKey {
            sealed: B64(vec![7; crypto::handover::HANDED_BYTES]),
        };
        let labelled = RevokeLabelled {
            label: "laptop of sri".to_owned(),
        };
        let choosing = ChoosePin {
            request: ClientRegistration::start(WRONG, &mut Random::os())
                .map(|it| Fixed(it.1))
                .unwrap(),
        };
        let kept = KeepPin {
            record: Fixed([1; 192]),
        };
        let all = [
            by_pin.post(&house, "/v1/invitations", &invited).await,
            by_pin
                .put(&house, &format!("/v1/staff/{somebody}/data-key"), &handed)
                .await,
            by_pin
                .post(&house, &format!("/v1/staff/{somebody}/revoke"), &Empty {})
                .await,
            by_pin
                .post(&house, &format!("/v1/staff/{somebody}/open"), &Empty {})
                .await,
            by_pin
                .post(
                    &house,
                    &format!("/v1/terminals/{elsewhere}/revoke"),
                    &Empty {},
                )
                .await,
            by_pin.post(&house, "/v1/terminals/revoke", &labelled).await,
            by_pin.post(&house, "/v1/blanks", &blanks).await,
            by_pin.get(&house, "/v1/staff").await,
            by_pin.get(&house, "/v1/terminals").await,
            by_pin.get(&house, "/v1/allowances").await,
            by_pin.post(&house, "/v1/pin/choose/start", &choosing).await,
            by_pin.post(&house, "/v1/pin/choose/finish", &kept).await,
        ];
        for (place, reply) in all.iter().enumerate() {
            let said = reply.refused();
            assert_eq!(said, (403, "password-needed".to_owned()), "{place}");
        }
        // Nothing of it was done, and the same person may do it by password.
        assert!(open(&house, &person, RIGHT).await.is_ok());
        seat.post(&house, "/v1/invitations", &invited)
            .await
            .good::<Empty>();
        seat.post(&house, "/v1/blanks", &blanks)
            .await
            .good::<wire::BlanksSigned>();
        // A PIN may be dropped by whoever is in.
        by_pin
            .post(&house, "/v1/pin/drop", &Empty {})
            .await
            .good::<Empty>();
        assert_eq!(counted(&house).await.0, 0);
    }
}

#[tokio::test]
async fn who_runs_the_programme_has_no_pin() {
    for house in houses().await {
        let seat = house.seat(Role::Operator, None).await;
        let (_, request) = ClientRegistration::start(RIGHT, &mut Random::os()).unwrap();
        let asked = ChoosePin {
            request: Fixed(request),
        };
        let reply = seat.post(&house, "/v1/pin/choose/start", &asked).await;
        assert_eq!(reply.refused(), (403, "forbidden".to_owned()));
    }
}

/// A row names neither terminal nor person, and holds no record that opens without the keys.
#[tokio::test]
async fn a_row_names_nobody_without_the_keys() {
    for house in houses().await {
        let (person, seat) = worker(&house).await;
        choose(&house, &seat, RIGHT).await;
        const ROW: &str = "SELECT tag, person, sealed FROM pin";
        let mut tx = house.app.store.read().await.unwrap();
        let (tag, who, sealed) = fetch_one!(&mut tx, (Vec<u8>, Vec<u8>, Vec<u8>), ROW).unwrap();
        let all = [tag, who, sealed].concat();
        for id in [
            person.registered.terminal.as_bytes(),
            person.registered.staff.as_bytes(),
        ] {
            assert!(!all.windows(16).any(|part| part == id));
        }
        assert_eq!(all.len(), 32 + 32 + 40 + 225, "of one length");
        drop(tx);
        // A row that was moved to another terminal opens nothing.
        let mut tx = house.app.store.write().await.unwrap();
        execute!(&mut tx, "UPDATE pin SET sealed = $1", &[0_u8; 265][..]).unwrap();
        tx.commit().await.unwrap();
        assert_eq!(begin(&house, &person, RIGHT).await.refused().0, 500);
    }
}
