//! A previous secret is a claim: it moves no record by itself.

use super::{Scene, activate, event, run, shown, today};
use crate::calls::{self, NewEnvelope};
use crate::envelopes::Envelopes;
use crate::error::Error;
use crate::local::Local;
use crate::present::{Outcome, Person, envelope_keys, present};
use crypto::card::Card;
use crypto::envelope::IdentitySecret;
use crypto::json::Wiped;
use crypto::report::Kind;
use crypto::rng::Random;

/// A roster with two clients who have nothing to do with each other.
async fn two_clients(scene: &Scene, cards: &[String], rng: &mut Random) -> (Local, Vec<Person>) {
    let (mut local, mut people) = (Local::default(), Vec::new());
    for card in &cards[..2] {
        let context = scene.context(&local);
        let person = activate(&scene.session, card, &context, rng).await.unwrap();
        local
            .record(&scene.session, &person, &event(Kind::Enrolled), rng)
            .unwrap();
        people.push(person);
    }
    (local, people)
}

/// An envelope of form 2 for a card, whoever makes it.
async fn form_two(
    scene: &Scene,
    card: &str,
    current: &IdentitySecret,
    previous: &IdentitySecret,
    rng: &mut Random,
) {
    let opened = Card::from_text(card).unwrap();
    let opened = opened.open(scene.session.card_keys()).unwrap();
    let keys = envelope_keys(&scene.session, &[&opened], rng)
        .await
        .unwrap();
    let new = NewEnvelope::seal(&keys[0], current, Some(previous), rng).unwrap();
    let done = calls::put_envelopes(&scene.session, &[&new]).await;
    assert!(done.iter().all(Result::is_ok));
}

/// Somebody who has read two clients' secrets makes a card that says the one continues the other.
#[test]
fn a_made_up_previous_secret_moves_no_record() {
    run(async {
        let mut scene = Scene::new().await;
        let cards = scene.cards(4).await;
        let (mut kept, mut rng) = (Envelopes::default(), scene.rng.clone());
        let (mut local, people) = two_clients(&scene, &cards, &mut rng).await;
        let (a, b) = (people[0].secret().clone(), people[1].secret().clone());
        form_two(&scene, &cards[2], &b, &a, &mut rng).await;
        let seen = shown(&scene, &cards[2], &local, &mut kept, &mut rng).await;
        let seen = seen.person().unwrap();
        assert!(seen.known());
        assert_eq!(seen.claim(), Some(people[0].pseudonym()));
        local
            .record(&scene.session, &seen, &event(Kind::Contact), &mut rng)
            .unwrap();
        assert_eq!(local.roster.len(), 2, "two people, as before");
        assert_eq!(local.roster.history(people[1].pseudonym()).len(), 2);
        // Staff are deceived, and find out: the entry is named and taken back.
        let entry = local.confirm(&scene.session, &seen, today(), &mut rng);
        let entry = entry.unwrap();
        assert_eq!(local.roster.len(), 1);
        let link = *local.roster.continuation(seen.pseudonym()).unwrap();
        assert_eq!((link.entry, link.previous), (entry, *people[0].pseudonym()));
        let victim = shown(&scene, &cards[0], &local, &mut kept, &mut rng).await;
        assert!(matches!(victim.outcome, Outcome::Superseded));
        let own = seen.pseudonym();
        local
            .separate(&scene.session, own, today(), &mut rng)
            .unwrap();
        assert_eq!(local.roster.len(), 2);
        let nothing = local.separate(&scene.session, own, today(), &mut rng);
        assert!(matches!(nothing, Err(Error::NoClaim)));
        let victim = shown(&scene, &cards[0], &local, &mut kept, &mut rng).await;
        assert!(victim.person().unwrap().known());
        // Another terminal reads the same, in whatever order the entries come.
        local.sync(&scene.session).await.unwrap();
        let mut other = Local::default();
        other.sync(&scene.session).await.unwrap();
        assert_eq!(other.roster, local.roster);
    });
}

#[test]
fn a_record_that_went_on_goes_on_nowhere_else() {
    run(async {
        let mut scene = Scene::new().await;
        let cards = scene.cards(4).await;
        let (mut kept, mut rng) = (Envelopes::default(), scene.rng.clone());
        let (mut local, people) = two_clients(&scene, &cards, &mut rng).await;
        let a = people[0].secret().clone();
        for card in &cards[2..] {
            let fresh = IdentitySecret::random(&mut rng);
            form_two(&scene, card, &fresh, &a, &mut rng).await;
        }
        let mut claims = Vec::new();
        for card in &cards[2..] {
            let context = scene.context(&local);
            let seen = present(&scene.session, card, &context, &mut kept, &mut rng).await;
            claims.push(seen.unwrap().person().unwrap());
        }
        assert!(
            claims.iter().all(|one| !one.known()),
            "nothing is known of them"
        );
        assert!(
            claims
                .iter()
                .all(|one| one.claim() == Some(people[0].pseudonym()))
        );
        let session = &scene.session;
        local
            .confirm(session, &claims[0], today(), &mut rng)
            .unwrap();
        let second = local.confirm(session, &claims[1], today(), &mut rng);
        assert!(matches!(second, Err(Error::NoClaim)));
        let context = scene.context(&local);
        let again = present(session, &cards[3], &context, &mut kept, &mut rng).await;
        assert!(again.unwrap().person().unwrap().claim().is_none());
        // The card whose own secret went on: superseded, never known.
        let old = present(session, &cards[0], &context, &mut kept, &mut rng).await;
        assert!(matches!(old.unwrap().person(), Err(Error::Superseded)));
        let unclaimed = local.confirm(session, &people[1], today(), &mut rng);
        assert!(matches!(unclaimed, Err(Error::NoClaim)));
    });
}

/// What the service is asked about a client whose card was taken is what it is asked about everybody.
#[test]
fn no_request_says_whose_card_was_taken() {
    use crate::replace::{self, Reason, Replacement};
    run(async {
        let mut scene = Scene::new().await;
        let cards = scene.cards(3).await;
        let (mut kept, mut rng) = (Envelopes::default(), scene.rng.clone());
        let local = Local::default();
        let context = scene.context(&local);
        for card in [&cards[0], &cards[2]] {
            activate(&scene.session, card, &context, &mut rng)
                .await
                .unwrap();
        }
        let taken = Replacement {
            old: &cards[0],
            new: &cards[1],
            reason: Reason::Taken,
        };
        replace::replace(&scene.session, &taken, &context, &mut kept, &mut rng)
            .await
            .unwrap();
        let mut lengths = Vec::new();
        for card in [&cards[1], &cards[2]] {
            scene.fake.inner().heard = Wiped::default();
            let seen = shown(&scene, card, &local, &mut kept, &mut rng).await;
            assert!(matches!(seen.outcome, Outcome::Person(_)));
            lengths.push(scene.fake.inner().heard.len());
        }
        assert!(lengths[0] > 0);
        assert_eq!(lengths[0], lengths[1]);
    });
}
