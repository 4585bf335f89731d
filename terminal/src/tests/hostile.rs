//! What a terminal refuses from a server that has turned.

use super::{Scene, activate, activate_many, event, password, run, sign_in};
use crate::envelopes::Envelopes;
use crate::error::Error;
use crate::local::Local;
use crate::present::{Outcome, present, present_many};
use crate::testing::Fault;
use crypto::report::Kind;

#[test]
fn a_wrong_key_and_swapped_answers_have_no_proof() {
    run(async {
        let mut scene = Scene::new().await;
        let mut kept = Envelopes::default();
        let cards = scene.cards(2).await;
        let (local, mut rng) = (Local::default(), scene.rng.clone());
        let (session, context) = (&scene.session, scene.context(&local));
        let texts: Vec<&str> = cards.iter().map(String::as_str).collect();
        for fault in [Fault::WrongKey, Fault::Swapped] {
            scene.fake.inner().fault = fault;
            let refused = present_many(session, &texts, &context, &mut kept, &mut rng).await;
            assert!(matches!(refused, Err(Error::Proof)), "{fault:?}");
            let refused = activate_many(session, &texts, &context, &mut rng).await;
            assert!(matches!(refused, Err(Error::Proof)), "{fault:?}");
            assert!(scene.fake.inner().envelopes.is_empty());
        }
    });
}

#[test]
fn tampered_envelopes_and_entries_are_refused_or_counted() {
    run(async {
        let mut scene = Scene::new().await;
        let mut kept = Envelopes::default();
        let cards = scene.cards(2).await;
        let (mut local, mut rng) = (Local::default(), scene.rng.clone());
        let context = scene.context(&local);
        let person = activate(&scene.session, &cards[0], &context, &mut rng)
            .await
            .unwrap();
        activate(&scene.session, &cards[1], &context, &mut rng)
            .await
            .unwrap();
        local
            .record(&scene.session, &person, &event(Kind::Enrolled), &mut rng)
            .unwrap();
        local.send(&scene.session).await.unwrap();
        {
            let mut inner = scene.fake.inner();
            inner.roster[0].sealed.0[50] ^= 1;
            // The two envelopes change places: each card would open the other's person.
            let ids: Vec<_> = inner.envelopes.keys().copied().collect();
            let first = inner.envelopes[&ids[0]].clone();
            let second = inner.envelopes.insert(ids[1], first).unwrap();
            inner.envelopes.insert(ids[0], second);
        }
        let refused = present(
            &scene.session,
            &cards[0],
            &scene.context(&local),
            &mut kept,
            &mut rng,
        )
        .await;
        assert!(matches!(refused, Err(Error::Sealed)));
        let mut other = Local::default();
        let synced = other.sync(&scene.session).await.unwrap();
        assert_eq!((synced.received, synced.unreadable), (0, 1));
        assert!(other.roster.is_empty());
    });
}

#[test]
fn without_the_terminals_key_or_after_the_end_a_session_is_nothing() {
    run(async {
        let mut scene = Scene::new().await;
        let mut kept = Envelopes::default();
        let cards = scene.cards(1).await;
        let (local, mut rng) = (Local::default(), scene.rng.clone());
        let device = &mut scene.enrolled.device;
        // A second sign-in ends the first one here.
        sign_in(&scene.fake, device, &password(), &mut rng)
            .await
            .unwrap();
        let refused = present(
            &scene.session,
            &cards[0],
            &scene.context(&local),
            &mut kept,
            &mut rng,
        )
        .await;
        assert!(matches!(refused, Err(Error::NotSignedIn)));
        // Nothing was sent for a card that is none.
        let noise = present(
            &scene.session,
            "x",
            &scene.context(&local),
            &mut kept,
            &mut rng,
        )
        .await
        .unwrap();
        assert!(matches!(noise.outcome, Outcome::Refused));
    });
}

#[test]
fn a_cursor_beyond_what_was_handed_out_is_refused() {
    run(async {
        let mut scene = Scene::new().await;
        let cards = scene.cards(1).await;
        let (mut local, mut rng) = (Local::default(), scene.rng.clone());
        let context = scene.context(&local);
        let person = activate(&scene.session, &cards[0], &context, &mut rng)
            .await
            .unwrap();
        local
            .record(&scene.session, &person, &event(Kind::Enrolled), &mut rng)
            .unwrap();
        local.send(&scene.session).await.unwrap();
        let mut other = Local::default();
        scene.fake.inner().fault = Fault::SkipsAhead;
        assert!(matches!(
            other.sync(&scene.session).await,
            Err(Error::Answer)
        ));
        scene.fake.inner().fault = Fault::None;
        let synced = other.sync(&scene.session).await.unwrap();
        assert_eq!(synced.received, 1, "nothing was skipped");
    });
}
