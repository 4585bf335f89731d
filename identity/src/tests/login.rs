//! Registration and log-in with real passwords.

use std::sync::Arc;

use crypto::b64::{B64, Fixed};
use crypto::id::{AttemptId, TerminalId};
use crypto::invitation::InviterKind;
use crypto::login::Transcript;
use crypto::opaque::{self, ClientLogin, ClientRegistration};
use crypto::rng::{self, Random};
use crypto::sign::TerminalKey;
use store::clock::Clock as _;
use wire::{
    Colleague, DataKey, Empty, LoggedIn, LoginFinish, LoginStart, LoginStarted, ProviderAdded,
    RegisterFinish, RegisterStart, Registered, Role,
};

use super::harness::{House, Reply, Seat, houses};
use super::people::{
    PASSWORD, Person, drawn, finish, handed, invite, log_in, opener, opens, prepared, register,
    strange,
};
use crate::access::attempt::Attempt;
use crate::access::registration;
use crate::{Actor, Refusal};

#[tokio::test]
async fn a_programme_grows_from_its_first_operator() {
    for house in houses().await {
        let operator = register(
            &house,
            &invite(&house, Role::Operator, None).await,
            "operator",
        )
        .await;
        let (_, operator) = log_in(&house, &operator).await;
        let added: ProviderAdded = operator
            .post(
                &house,
                "/v1/providers",
                &serde_json::json!({ "name": "Rumah" }),
            )
            .await
            .good();
        let provider = added.provider;

        let (token, asked) = drawn(&house, Role::ProviderAdministrator, Some(provider)).await;
        let reply = operator.post(&house, "/v1/invitations", &asked).await;
        reply.good::<Empty>();
        let administrator = register(&house, token.text(), "ibu.sri").await;
        let (logged_in, administrator) = log_in(&house, &administrator).await;
        assert_eq!(logged_in.role, Role::ProviderAdministrator);
        assert_eq!(
            (logged_in.provider, logged_in.data_key_sealed.unwrap().0),
            (Some(provider), handed(3, 6).0)
        );
        assert_eq!(logged_in.staff_private_sealed.0, vec![4; 72]);

        let (token, asked) = drawn(&house, Role::Clinician, Some(provider)).await;
        let reply = administrator.post(&house, "/v1/invitations", &asked).await;
        reply.good::<Empty>();
        let clinician = register(&house, token.text(), "budi").await;
        assert!(log_in(&house, &clinician).await.0.data_key_sealed.is_none());
        hand_on_the_data_key(&house, &administrator, &clinician).await;
    }
}

async fn hand_on_the_data_key(house: &House, administrator: &Seat, clinician: &Person) {
    let staff: Vec<Colleague> = administrator.get(house, "/v1/staff").await.good();
    let mut seen: Vec<_> = staff
        .iter()
        .map(|it| (it.handle.as_str(), it.has_data_key))
        .collect();
    seen.sort_unstable();
    assert_eq!(seen, [("budi", false), ("ibu.sri", true)]);
    let mut invited: Vec<_> = staff.iter().map(|it| (it.first, it.invited)).collect();
    invited.sort_unstable();
    let (colleague, first) = (InviterKind::Administrator, InviterKind::Operator);
    assert_eq!(invited, [(false, colleague), (true, first)]);
    assert!(staff.iter().all(|it| it.on == house.clock.today()));
    assert!(staff.iter().all(|it| it.proof.0 == [7; 32]));
    let path = format!("/v1/staff/{}/data-key", clinician.registered.staff);
    let key = DataKey {
        sealed: handed(3, 9),
    };
    let (_, seat) = log_in(house, clinician).await;
    assert_eq!(
        seat.put(house, &path, &key).await.refused().0,
        403,
        "who has no data key cannot give one"
    );
    for _ in 0..2 {
        administrator
            .put(house, &path, &key)
            .await
            .good::<wire::Empty>();
    }
    // Not of the form, and in another giver's name: the giver's is that of [3; 32].
    for unfit in [B64(vec![3; 148]), handed(4, 9), B64(Vec::new())] {
        let unfit = DataKey { sealed: unfit };
        let refused = administrator.put(house, &path, &unfit).await.refused();
        assert_eq!(refused.1, "bad-value");
    }
    let other = DataKey {
        sealed: handed(3, 8),
    };
    assert_eq!(
        administrator.put(house, &path, &other).await.refused(),
        (409, "conflict".to_owned())
    );
    assert_eq!(
        log_in(house, clinician).await.0.data_key_sealed.unwrap().0,
        handed(3, 9).0
    );
}

#[tokio::test]
async fn an_invitation_lets_one_person_in_even_when_eight_try_at_once() {
    for house in houses().await {
        let text = invite(&house, Role::Operator, None).await;
        let key = TerminalKey::generate(&mut Random::os()).unwrap();
        let message = prepared(&house, &text, "first", &key).await;
        let tries: Vec<_> = (0..8)
            .map(|n| {
                let (app, message) = (Arc::clone(&house.app), message.clone());
                let message = RegisterFinish {
                    handle: format!("person-{n}"),
                    ..message
                };
                tokio::spawn(async move { registration::finish(&app, &message).await.map(drop) })
            })
            .collect();
        let mut good = 0;
        for one in tries {
            match one.await.unwrap() {
                Ok(()) => good += 1,
                Err(refusal) => assert_eq!(refusal, Refusal::Invitation, "{}", house.database.name),
            }
        }
        assert_eq!(good, 1, "{}", house.database.name);
    }
}

#[tokio::test]
async fn a_taken_name_leaves_the_invitation_good_and_time_ends_it() {
    for house in houses().await {
        let key = TerminalKey::generate(&mut Random::os()).unwrap();
        let first = prepared(
            &house,
            &invite(&house, Role::Operator, None).await,
            "sama",
            &key,
        )
        .await;
        house
            .plain("/v1/register/finish", &first)
            .await
            .good::<Registered>();
        let text = invite(&house, Role::Funder, None).await;
        let second = RegisterFinish {
            opener: opener(&text),
            ..first.clone()
        };
        let refused = house.plain("/v1/register/finish", &second).await.refused();
        assert_eq!(refused, (409, "handle-taken".to_owned()));
        let third = RegisterFinish {
            handle: "lain".to_owned(),
            ..second.clone()
        };
        house
            .plain("/v1/register/finish", &third)
            .await
            .good::<Registered>();
        assert_eq!(
            house.plain("/v1/register/finish", &third).await.refused().1,
            "invitation"
        );

        let late = RegisterFinish {
            opener: opener(&invite(&house, Role::Funder, None).await),
            ..second
        };
        house.clock.advance(15 * 86_400);
        assert_eq!(
            house.plain("/v1/register/finish", &late).await.refused().1,
            "invitation"
        );
    }
}

async fn guess(house: &House, at: impl Fn([u8; 96]) -> LoginStart) -> (Reply, Reply) {
    let rng = &mut Random::os();
    let (_, ke1) = ClientLogin::start(b"wrong", rng).unwrap();
    let first = house.plain("/v1/login/start", &at(ke1)).await;
    let started: LoginStarted = first.good();
    let finish = LoginFinish {
        attempt: started.attempt,
        ke3: Fixed(rng::bytes(rng)),
        signature: Fixed(rng::bytes(rng)),
    };
    (first, house.plain("/v1/login/finish", &finish).await)
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_name_look_the_same() {
    for house in houses().await {
        let person = register(&house, &invite(&house, Role::Operator, None).await, "known").await;
        let nowhere = TerminalId::random(&mut Random::os());
        let mut seen = Vec::new();
        for (handle, here) in [
            ("known", true),
            ("unknown", true),
            ("known", false),
            ("unknown", false),
        ] {
            let (first, last) = guess(&house, |ke1| match here {
                true => person.start(handle, ke1),
                false => strange(handle, nowhere, ke1),
            })
            .await;
            assert_eq!(last.status, 401);
            let started: serde_json::Value = first.good();
            let keys: Vec<String> = started.as_object().unwrap().keys().cloned().collect();
            seen.push((
                first.body.len(),
                first.headers,
                keys,
                last.body,
                last.headers,
            ));
        }
        assert!(seen.windows(2).all(|pair| pair[0] == pair[1]));
    }
}

#[tokio::test]
async fn the_right_password_at_a_wrong_terminal_is_refused() {
    for house in houses().await {
        let person = register(&house, &invite(&house, Role::Operator, None).await, "known").await;
        let rng = &mut Random::os();
        let (client, ke1) = ClientLogin::start(PASSWORD, rng).unwrap();
        let start = person.start("known", ke1);
        let started: LoginStarted = house.plain("/v1/login/start", &start).await.good();
        let done = client.finish(&started.ke2.0, rng).unwrap();
        let stranger = TerminalKey::generate(rng).unwrap();
        let finish = finish(&stranger, &start, &started, done.ke3);
        assert_eq!(
            house.plain("/v1/login/finish", &finish).await.refused(),
            (401, "unauthorised".to_owned())
        );
    }
}

/// A signature over less could be carried from one log-in to another by whoever relays both.
#[tokio::test]
async fn the_terminal_signs_everything_that_was_said() {
    for house in houses().await {
        let person = register(&house, &invite(&house, Role::Operator, None).await, "known").await;
        let rng = &mut Random::os();
        for part in 0..6 {
            let (client, ke1) = ClientLogin::start(PASSWORD, rng).unwrap();
            let start = person.start("known", ke1);
            let mut started: LoginStarted = house.plain("/v1/login/start", &start).await.good();
            let done = client.finish(&started.ke2.0, rng).unwrap();
            let mut said = start.clone();
            let mut ke3 = done.ke3;
            match part {
                1 => said.handle = "other".to_owned(),
                2 => said.terminal = TerminalId::random(rng),
                3 => said.ke1.0[95] ^= 1,
                4 => started.ke2.0[319] ^= 1,
                5 => ke3[63] ^= 1,
                _ => {}
            }
            let mut finish = finish(&person.key, &said, &started, ke3);
            finish.ke3 = Fixed(done.ke3);
            let reply = house.plain("/v1/login/finish", &finish).await;
            assert_eq!(reply.status.is_success(), part == 0, "{part}");
        }
    }
}

#[tokio::test]
async fn a_terminal_serves_the_staff_of_its_own_provider_only() {
    for house in houses().await {
        let provider = house.provider("A").await;
        let text = invite(&house, Role::ProviderAdministrator, Some(provider)).await;
        let insider = register(&house, &text, "insider").await;
        let outside = register(
            &house,
            &invite(&house, Role::Operator, None).await,
            "outside",
        )
        .await;
        let rng = &mut Random::os();
        let (client, ke1) = ClientLogin::start(PASSWORD, rng).unwrap();
        let start = outside.start(insider.handle, ke1);
        let started: LoginStarted = house.plain("/v1/login/start", &start).await.good();
        assert!(
            client.finish(&started.ke2.0, rng).is_err(),
            "the person of another provider is answered like an unknown name"
        );
        let ke3 = rng::bytes(rng);
        let finish = finish(&outside.key, &start, &started, ke3);
        let refused = house.plain("/v1/login/finish", &finish).await.refused();
        assert_eq!(refused, (401, "unauthorised".to_owned()));
    }
}

/// Two who belong to no provider do not belong together by that.
#[tokio::test]
async fn a_name_is_answered_at_terminals_of_its_own_class_only() {
    for house in houses().await {
        let text = invite(&house, Role::Operator, None).await;
        let operator = register(&house, &text, "operator").await;
        let text = invite(&house, Role::Funder, None).await;
        let funder = register(&house, &text, "funder").await;
        for (at, own, other) in [
            (&operator, "operator", "funder"),
            (&funder, "funder", "operator"),
        ] {
            assert!(opens(&house, |ke1| at.start(own, ke1)).await);
            assert!(!opens(&house, |ke1| at.start(other, ke1)).await, "{other}");
        }
    }
}

#[tokio::test]
async fn without_a_live_terminal_not_even_the_right_password_opens_anything() {
    for house in houses().await {
        let person = register(&house, &invite(&house, Role::Operator, None).await, "known").await;
        let here = person.registered.terminal;
        let own = |ke1| person.start("known", ke1);
        assert!(opens(&house, own).await, "the control: at the own terminal");
        let nowhere = TerminalId::random(&mut Random::os());
        assert!(!opens(&house, |ke1| strange("known", nowhere, ke1)).await);
        assert!(
            !opens(&house, |ke1| strange("known", here, ke1)).await,
            "the terminal's id alone, without its key"
        );
        crate::access::terminals::revoke(&house.app, Actor::CommandLine, None, here)
            .await
            .unwrap();
        assert!(
            !opens(&house, own).await,
            "the file of a revoked terminal stays closed"
        );
    }
}

#[tokio::test]
async fn strangers_neither_lock_a_name_nor_push_out_a_log_in() {
    for house in houses().await {
        let person = register(&house, &invite(&house, Role::Operator, None).await, "known").await;
        let nowhere = TerminalId::random(&mut Random::os());
        let rng = &mut Random::os();
        let (client, ke1) = ClientLogin::start(PASSWORD, rng).unwrap();
        let here = person.start("known", ke1);
        let begun: LoginStarted = house.plain("/v1/login/start", &here).await.good();
        for answered in [true, true, true, true, true, false, false] {
            let start = strange("known", nowhere, ke1);
            let guess = house.plain("/v1/login/start", &start).await;
            assert_eq!(guess.status.is_success(), answered);
        }
        // More attempts than are kept.
        for _ in 0..4_200 {
            let setup = &house.app.keys.opaque;
            let (state, ke2) = opaque::login_start(setup, None, &ke1, b"one", rng).unwrap();
            let attempt = Attempt {
                state,
                transcript: Transcript::new("name", &nowhere, &ke1, &ke2),
                who: None,
                terminal: nowhere,
                given: house.app.nobody.tags,
                ends: i64::MAX,
            };
            let id = AttemptId::random(rng);
            house.app.attempts.begin(id, attempt);
        }
        let done = client.finish(&begun.ke2.0, rng).unwrap();
        let finish = finish(&person.key, &here, &begun, done.ke3);
        house
            .plain("/v1/login/finish", &finish)
            .await
            .good::<LoggedIn>();
        log_in(&house, &person).await;
    }
}

/// Of an attempt that nobody finishes nothing is left after its minute, and of one that was finished nothing at all.
#[tokio::test]
async fn attempts_are_forgotten() {
    for house in houses().await {
        let person = register(&house, &invite(&house, Role::Operator, None).await, "known").await;
        log_in(&house, &person).await;
        let (_, ke1) = ClientLogin::start(PASSWORD, &mut Random::os()).unwrap();
        for handle in ["known", "stranger"] {
            let start = person.start(handle, ke1);
            let begun = house.plain("/v1/login/start", &start).await;
            begun.good::<LoginStarted>();
        }
        house.app.forget_the_ended();
        assert_eq!(house.app.attempts.remembered(), 4, "two attempts, in order");
        house.clock.advance(crate::access::attempt::LIFETIME);
        house.app.forget_the_ended();
        assert_eq!(house.app.attempts.remembered(), 0);
    }
}

/// Otherwise whoever reads an invitation on its way could collect answers to a dictionary of guesses, let the invited person
/// register, and test them all offline against one log-in.
#[tokio::test]
async fn an_invitation_answers_a_few_beginnings_only() {
    for house in houses().await {
        let text = invite(&house, Role::Operator, None).await;
        let begin = async |guess: &str| {
            let (_, request) =
                ClientRegistration::start(guess.as_bytes(), &mut Random::os()).unwrap();
            let start = RegisterStart {
                opener: opener(&text),
                request: Fixed(request),
            };
            house.plain("/v1/register/start", &start).await
        };
        let mut answered = 0;
        for number in 0..100 {
            answered += u32::from(begin(&format!("guess {number}")).await.status.is_success());
        }
        assert_eq!(answered, 20);
        assert_eq!(begin("one more").await.refused().1, "invitation");
        // Another invitation is not touched by that.
        register(&house, &invite(&house, Role::Operator, None).await, "other").await;
    }
}

#[tokio::test]
async fn revoked_staff_cannot_log_in_again_and_their_keys_are_gone() {
    for house in houses().await {
        let person = register(&house, &invite(&house, Role::Operator, None).await, "known").await;
        let (_, seat) = log_in(&house, &person).await;
        crate::access::staff::revoke(&house.app, Actor::CommandLine, None, seat.staff)
            .await
            .unwrap();
        assert_eq!(seat.get(&house, "/v1/registry").await.refused().0, 401);
        let rng = &mut Random::os();
        let (client, ke1) = ClientLogin::start(PASSWORD, rng).unwrap();
        let start = person.start("known", ke1);
        let started: LoginStarted = house.plain("/v1/login/start", &start).await.good();
        assert!(
            client.finish(&started.ke2.0, rng).is_err(),
            "answered like an unknown name"
        );
        const LEFT: &str = "SELECT record, private_sealed FROM staff WHERE staff = $1";
        let mut tx = house.app.store.read().await.unwrap();
        let id = &seat.staff.as_bytes()[..];
        let left = store::fetch_one!(&mut tx, (Vec<u8>, Vec<u8>), LEFT, id).unwrap();
        assert_eq!(left, (Vec::new(), Vec::new()));
    }
}
