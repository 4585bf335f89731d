//! What works, and what the server then knows.

use super::{Scene, event, password, today};
use crate::error::Error;
use crate::issue;
use crate::local::Local;
use crate::login::{login, sign_in};
use crate::present::{Context, Outcome, present, present_many};
use crate::session::Session;
use crate::state::{Closed, StateFile};
use crate::status;
use crypto::day::Month;
use crypto::report::{Kind, Report};
use crypto::rng::Random;
use crypto::statistics::{ElGamal, decrypt};
use crypto::verdict::Verdict;

#[tokio::test]
async fn a_card_comes_to_life_and_is_known_the_second_time() {
    let mut scene = Scene::new().await;
    let cards = scene.cards(2).await;
    let (mut local, mut rng) = (Local::default(), scene.rng.clone());
    let blank = present(&scene.session, &cards[0], &scene.context(&local), &mut rng).await;
    assert!(matches!(blank.unwrap().outcome, Outcome::NotActive));

    let context = scene.context(&local);
    let person = issue::activate(&scene.session, &cards[0], &context, &mut rng)
        .await
        .unwrap();
    assert!(!person.known());
    local
        .record(&scene.session, &person, &event(Kind::Enrolled), &mut rng)
        .unwrap();
    let (alias, pseudonym) = (person.alias(), *person.pseudonym());

    let again = present(&scene.session, &cards[0], &scene.context(&local), &mut rng)
        .await
        .unwrap();
    assert!(matches!(again.verdict, Verdict::Valid { list_age_days: 0 }));
    let again = again.person().unwrap();
    assert!(again.known() && again.locker().is_some());
    assert_eq!((again.alias(), *again.pseudonym()), (alias, pseudonym));

    let context = scene.context(&local);
    let twice = issue::activate(&scene.session, &cards[0], &context, &mut rng).await;
    assert!(matches!(twice, Err(Error::AlreadyActive)));
    let noise = present(&scene.session, "not a card", &context, &mut rng)
        .await
        .unwrap();
    assert!(matches!(
        (noise.verdict, noise.outcome),
        (Verdict::Unknown, Outcome::Refused)
    ));
}

#[tokio::test]
async fn many_cards_go_through_in_two_evaluations_and_keep_their_order() {
    let mut scene = Scene::new().await;
    let cards = scene.cards(4).await;
    let (local, mut rng) = (Local::default(), scene.rng.clone());
    let context = scene.context(&local);
    let live = [cards[0].as_str(), cards[2].as_str()];
    let made = issue::activate_many(&scene.session, &live, &context, &mut rng)
        .await
        .unwrap();
    let made: Vec<_> = made.into_iter().map(|p| *p.unwrap().pseudonym()).collect();

    scene.fake.inner().seen.clear();
    let texts = [cards[2].as_str(), "noise", &cards[1], &cards[0], &cards[2]];
    let seen = present_many(&scene.session, &texts, &context, &mut rng)
        .await
        .unwrap();
    let found: Vec<_> = seen
        .into_iter()
        .map(|p| p.unwrap().person().map(|p| *p.pseudonym()).ok())
        .collect();
    assert_eq!(
        found,
        [Some(made[1]), None, None, Some(made[0]), Some(made[1])]
    );
    let calls = scene.fake.inner().seen.clone();
    assert_eq!(
        calls,
        [
            "POST /v1/evaluate",
            "GET /v1/envelopes/0-",
            "POST /v1/evaluate"
        ]
    );
}

#[tokio::test]
async fn a_replacement_keeps_the_person_and_kills_the_old_card() {
    let mut scene = Scene::new().await;
    let cards = scene.cards(3).await;
    let (local, mut rng) = (Local::default(), scene.rng.clone());
    let (session, context) = (&scene.session, scene.context(&local));
    let before = issue::activate(session, &cards[0], &context, &mut rng)
        .await
        .unwrap();
    issue::activate(session, &cards[2], &context, &mut rng)
        .await
        .unwrap();
    // The answer to the PUT is lost once: the same bytes are sent again.
    scene.fake.inner().fault = super::fake::Fault::LosesPutAnswer;
    let after = issue::replace(session, &cards[0], &cards[1], &context, &mut rng)
        .await
        .unwrap();
    assert_eq!(after.pseudonym(), before.pseudonym());
    let old = present(session, &cards[0], &context, &mut rng)
        .await
        .unwrap();
    assert!(matches!(old.outcome, Outcome::NotActive), "online at once");
    let list = status::fetch(session).await.unwrap();
    let offline = Context {
        status: Some(&list),
        ..context
    };
    let old = present(session, &cards[0], &offline, &mut rng)
        .await
        .unwrap();
    assert!(
        matches!(old.verdict, Verdict::Revoked { .. }),
        "offline with the next list"
    );
    // Called again, it finishes what it finds; onto somebody's card, it refuses.
    let again = issue::replace(session, &cards[0], &cards[1], &offline, &mut rng)
        .await
        .unwrap();
    assert_eq!(again.pseudonym(), before.pseudonym());
    let taken = issue::replace(session, &cards[1], &cards[2], &offline, &mut rng).await;
    assert!(matches!(taken, Err(Error::AlreadyActive)));
}

#[tokio::test]
async fn what_is_recorded_arrives_once_and_only_its_readers_read_it() {
    let mut scene = Scene::new().await;
    let cards = scene.cards(1).await;
    let (mut local, mut rng) = (Local::default(), scene.rng.clone());
    let context = scene.context(&local);
    let person = issue::activate(&scene.session, &cards[0], &context, &mut rng)
        .await
        .unwrap();
    for kind in [Kind::Enrolled, Kind::Contact] {
        local
            .record(&scene.session, &person, &event(kind), &mut rng)
            .unwrap();
    }
    scene.fake.inner().fault = super::fake::Fault::LosesRosterAnswer;
    assert!(local.sync(&scene.session).await.unwrap_err().is_passing());
    assert_eq!(local.waiting(), (2, 2));
    let synced = local.sync(&scene.session).await.unwrap();
    assert_eq!(
        (synced.sent, synced.received, local.waiting()),
        (4, 0, (0, 0))
    );

    let (entries, reports) = {
        let inner = scene.fake.inner();
        (inner.roster.len(), inner.reports.clone())
    };
    assert_eq!((entries, reports.len()), (2, 2));
    let people: Vec<_> = reports
        .iter()
        .map(|r| decrypt(&scene.fake.statistics, &ElGamal::from_bytes(r.elgamal.0)).unwrap())
        .collect();
    assert_eq!(people[0], people[1]);
    assert_ne!(reports[0].elgamal, reports[1].elgamal);
    let report = Report::open(&scene.fake.bodies, &reports[0].body).unwrap();
    assert_ne!(report.id.as_bytes(), reports[0].id.as_bytes());

    // Another terminal of the provider reads the same roster.
    let mut other = Local::default();
    let synced = other.sync(&scene.session).await.unwrap();
    assert_eq!((synced.received, synced.unreadable), (2, 0));
    assert_eq!(other.roster, local.roster);
    assert!(other.roster.knows(person.pseudonym()));
}

#[tokio::test]
async fn a_state_file_opens_by_signing_in_and_keeps_the_queue() {
    let mut scene = Scene::new().await;
    let cards = scene.cards(1).await;
    let mut rng = scene.rng.clone();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("terminal.json");
    let device = scene.enrolled.device.clone();
    let mut file = StateFile::create(&path, device, &scene.enrolled.state_key, &mut rng).unwrap();
    let context = scene.context(&file.local);
    let person = issue::activate(&scene.session, &cards[0], &context, &mut rng)
        .await
        .unwrap();
    file.local
        .record(&scene.session, &person, &event(Kind::Enrolled), &mut rng)
        .unwrap();
    file.save(&mut rng).unwrap();
    drop(file);

    let handle = "staff.one".parse().unwrap();
    let (session, mut file) = sign_in(&scene.connection, &path, &handle, &password(), &mut rng)
        .await
        .unwrap();
    assert_eq!(file.local.waiting(), (1, 1));
    assert!(file.local.roster.knows(person.pseudonym()));
    file.local.status.refresh(&session).await.unwrap();
    assert_eq!(file.local.sync(&session).await.unwrap().sent, 2);
    assert!(Closed::read(&path).is_ok());
    assert_eq!(
        file.local.status.open(session.bundle()).unwrap().issued(),
        today()
    );
}

#[tokio::test]
async fn wrong_passwords_and_unknown_handles_look_alike() {
    let mut scene = Scene::new().await;
    let mut rng = scene.rng.clone();
    let wrong = crypto::secret::SecretBytes::new(b"wrong".to_vec());
    let refused = login(
        &scene.connection,
        &mut scene.enrolled.device,
        &wrong,
        &mut rng,
    )
    .await;
    assert!(matches!(refused, Err(Error::NotSignedIn)));
    let terminal = scene.enrolled.device.terminal();
    let nobody = "nobody".parse().unwrap();
    let refused =
        crate::login::Attempt::start(&scene.connection, terminal, &nobody, &password(), &mut rng)
            .await;
    assert!(matches!(refused, Err(Error::NotSignedIn)));
}

/// A demo or a load test moves these to other tasks.
#[test]
fn the_futures_can_move_between_threads() {
    fn movable<T: Send>(_: impl FnOnce(&'static Session, &'static mut Random) -> T) {}
    fn context() -> Context<'static> {
        unreachable!()
    }
    movable(|session, rng| async move { present(session, "", &context(), rng).await });
    movable(|session, rng| async move { present_many(session, &[], &context(), rng).await });
    movable(
        |session, rng| async move { issue::activate_many(session, &[], &context(), rng).await },
    );
    movable(|session, rng| async move { issue::replace(session, "", "", &context(), rng).await });
    movable(|session, rng| async move { issue::issue(session, 1, Month::of(today()), rng).await });
    movable(|session, _| async move { Local::default().sync(session).await });
}
