//! What happens to cards that must never be good again.

use super::{Scene, activate, activate_many, event, run, today, worn};
use crate::envelopes::Envelopes;
use crate::error::Error;
use crate::local::Local;
use crate::present::present;
use crate::replace::{self, Reason, Replacement};
use crate::testing::Fault;
use crypto::card::Card;
use crypto::report::Kind;

fn index(scene: &Scene, text: &str) -> u32 {
    let card = Card::from_text(text).unwrap();
    card.open(scene.session.card_keys()).unwrap().index
}

/// The printing station, or whoever saw the pile, put an envelope before the first use.
#[test]
fn a_blank_that_is_active_already_is_withdrawn_and_presented_to_nobody() {
    run(async {
        let mut scene = Scene::new().await;
        let cards = scene.cards(2).await;
        let (mut here, elsewhere) = (Local::default(), Local::default());
        here.sync(&scene.session).await.unwrap();
        let mut rng = scene.rng.clone();
        let station = scene.context(&elsewhere);
        let known = activate(&scene.session, &cards[0], &station, &mut rng).await;
        drop(known.unwrap());
        let texts = [cards[0].as_str(), cards[1].as_str()];
        let context = scene.context(&here);
        let first = activate_many(&scene.session, &texts, &context, &mut rng).await;
        let first = first.unwrap();
        assert!(matches!(first[0], Err(Error::AlreadyActive)));
        assert!(first[1].is_ok(), "the others go on");
        assert_eq!(scene.fake.inner().revoked, [index(&scene, &cards[0])]);
        assert_eq!(here.withdrawals.waiting(), 1, "until a list shows it");
        here.refresh(&scene.session, today()).await.unwrap();
        assert_eq!(here.withdrawals.waiting(), 0);
    });
}

/// The same when it is to replace a card: the client keeps the old one.
#[test]
fn a_replacement_by_a_blank_that_is_active_already_is_refused() {
    run(async {
        let mut scene = Scene::new().await;
        let cards = scene.cards(2).await;
        let (mut here, elsewhere) = (Local::default(), Local::default());
        here.sync(&scene.session).await.unwrap();
        let mut rng = scene.rng.clone();
        let (session, station) = (&scene.session, scene.context(&elsewhere));
        let known = activate(session, &cards[1], &station, &mut rng).await;
        drop(known.unwrap());
        let context = scene.context(&here);
        let client = activate(session, &cards[0], &context, &mut rng).await;
        let client = *client.unwrap().pseudonym();
        let onto = replace::replace(
            session,
            &worn(&cards[0], &cards[1]),
            &context,
            &mut Envelopes::default(),
            &mut rng,
        )
        .await;
        assert!(matches!(onto, Err(Error::AlreadyActive)));
        assert_eq!(scene.fake.inner().revoked, [index(&scene, &cards[1])]);
        let still = present(
            session,
            &cards[0],
            &context,
            &mut Envelopes::default(),
            &mut rng,
        )
        .await;
        assert_eq!(*still.unwrap().person().unwrap().pseudonym(), client);
    });
}

/// Staff took a client's own card for a blank: nothing happens to it.
#[test]
fn a_card_of_an_own_client_is_not_withdrawn_by_mistake() {
    run(async {
        let mut scene = Scene::new().await;
        let cards = scene.cards(2).await;
        let (mut local, mut rng) = (Local::default(), scene.rng.clone());
        local.sync(&scene.session).await.unwrap();
        for card in &cards {
            let context = scene.context(&local);
            let person = activate(&scene.session, card, &context, &mut rng).await;
            let person = person.unwrap();
            let visit = event(Kind::Enrolled);
            local
                .record(&scene.session, &person, &visit, &mut rng)
                .unwrap();
        }
        let (session, context) = (&scene.session, scene.context(&local));
        let again = activate(session, &cards[0], &context, &mut rng).await;
        assert!(matches!(again, Err(Error::AlreadyActive)));
        let onto = replace::replace(
            session,
            &worn(&cards[0], &cards[1]),
            &context,
            &mut Envelopes::default(),
            &mut rng,
        )
        .await;
        assert!(matches!(onto, Err(Error::AlreadyActive)));
        assert_eq!(local.withdrawals.waiting(), 0);
        assert!(scene.fake.inner().revoked.is_empty());
    });
}

/// The same for one whose secret rotated, before anybody here has said that the record goes on.
#[test]
fn a_card_that_claims_a_record_is_no_blank() {
    run(async {
        let mut scene = Scene::new().await;
        let cards = scene.cards(2).await;
        let (mut local, mut rng) = (Local::default(), scene.rng.clone());
        local.sync(&scene.session).await.unwrap();
        let (session, kept) = (&scene.session, &mut Envelopes::default());
        let context = scene.context(&local);
        let person = activate(session, &cards[0], &context, &mut rng).await;
        let person = person.unwrap();
        let enrolled = event(Kind::Enrolled);
        local.record(session, &person, &enrolled, &mut rng).unwrap();
        let context = scene.context(&local);
        let taken = Replacement {
            old: &cards[0],
            new: &cards[1],
            reason: Reason::Taken,
        };
        let after = replace::replace(session, &taken, &context, kept, &mut rng).await;
        assert!(after.unwrap().claim().is_some());
        let again = activate(session, &cards[1], &context, &mut rng).await;
        assert!(matches!(again, Err(Error::AlreadyActive)));
        assert_eq!(scene.fake.inner().revoked, [index(&scene, &cards[0])]);
    });
}

/// An answer says nothing, so the terminal asks the list, and asks again each day until it shows.
#[test]
fn a_withdrawal_waits_until_a_list_shows_it() {
    run(async {
        let mut scene = Scene::new().await;
        let cards = scene.cards(1).await;
        let (mut local, mut rng) = (Local::default(), scene.rng.clone());
        scene.fake.inner().fault = Fault::WithdrawsNothing;
        let context = scene.context(&local);
        let killed = replace::kill(
            &scene.session,
            &cards[0],
            &context,
            &mut Envelopes::default(),
            &mut rng,
        )
        .await;
        killed.unwrap();
        let asked = || {
            let inner = scene.fake.inner();
            let posts = |line: &&String| line.ends_with("/v1/status/revoke");
            inner.seen.iter().filter(posts).count()
        };
        let day = today();
        for (today, times) in [(day, 1), (day, 1), (day.plus(1), 2), (day.plus(1), 2)] {
            local.refresh(&scene.session, today).await.unwrap();
            assert_eq!((asked(), local.withdrawals.waiting()), (times, 1));
        }
        // It is kept with everything else, sealed, and outlives the day.
        let kept = serde_json::to_vec(&local).unwrap();
        let mut local: Local = serde_json::from_slice(&kept).unwrap();
        scene.fake.inner().fault = Fault::None;
        local.refresh(&scene.session, day.plus(2)).await.unwrap();
        assert_eq!(scene.fake.inner().revoked, [index(&scene, &cards[0])]);
        local.refresh(&scene.session, day.plus(2)).await.unwrap();
        assert_eq!((asked(), local.withdrawals.waiting()), (3, 0));
    });
}
