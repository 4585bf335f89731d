//! What works, and what the server then knows.

use super::{
    Scene, activate, activate_many, enrol, event, newest, password, run, shown, sign_in, worn,
};
use crate::envelopes::Envelopes;
use crate::error::Error;
use crate::invited::Invited;
use crate::local::Local;
use crate::present::{Outcome, present_many};
use crate::testing::{Fault, today};
use crate::{colleagues, login, replace};
use crypto::invitation::{Invitation, Inviter};
use crypto::report::{Kind, Report};
use crypto::statistics::{ElGamal, decrypt};
use crypto::verdict::Verdict;

#[test]
fn a_card_comes_to_life_and_is_known_the_second_time() {
    run(async {
        let mut scene = Scene::new().await;
        let mut kept = Envelopes::default();
        let cards = scene.cards(2).await;
        let (mut local, mut rng) = (Local::default(), scene.rng.clone());
        let blank = shown(&scene, &cards[0], &local, &mut kept, &mut rng).await;
        assert!(matches!(blank.outcome, Outcome::NotActive));

        let context = scene.context(&local);
        let person = activate(&scene.session, &cards[0], &context, &mut rng)
            .await
            .unwrap();
        assert!(!person.known());
        local
            .record(&scene.session, &person, &event(Kind::Enrolled), &mut rng)
            .unwrap();
        let (alias, pseudonym) = (person.alias(), *person.pseudonym());

        let again = shown(&scene, &cards[0], &local, &mut kept, &mut rng).await;
        assert!(matches!(again.verdict, Verdict::Valid { list_age_days: 0 }));
        let again = again.person().unwrap();
        assert!(again.known() && again.locker().is_some());
        assert_eq!((again.alias(), *again.pseudonym()), (alias, pseudonym));

        let context = scene.context(&local);
        let twice = activate(&scene.session, &cards[0], &context, &mut rng).await;
        assert!(matches!(twice, Err(Error::AlreadyActive)));
        let noise = shown(&scene, "not a card", &local, &mut kept, &mut rng).await;
        assert!(matches!(
            (noise.verdict, noise.outcome),
            (Verdict::Unknown, Outcome::Refused)
        ));
    });
}

#[test]
fn many_cards_go_through_in_two_evaluations_and_keep_their_order() {
    run(async {
        let mut scene = Scene::new().await;
        let mut kept = Envelopes::default();
        let cards = scene.cards(4).await;
        let (local, mut rng) = (Local::default(), scene.rng.clone());
        let context = scene.context(&local);
        let live = [cards[0].as_str(), cards[2].as_str()];
        let made = activate_many(&scene.session, &live, &context, &mut rng)
            .await
            .unwrap();
        let made: Vec<_> = made.into_iter().map(|p| *p.unwrap().pseudonym()).collect();

        scene.fake.inner().seen.clear();
        let texts = [cards[2].as_str(), "noise", &cards[1], &cards[0], &cards[2]];
        let seen = present_many(&scene.session, &texts, &context, &mut kept, &mut rng)
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
                "GET /v1/envelopes/digests",
                "POST /v1/envelopes/buckets",
                "POST /v1/evaluate",
                "GET /v1/envelopes/digests",
                "POST /v1/evaluate"
            ]
        );
    });
}

#[test]
fn a_replacement_keeps_the_person_and_kills_the_old_card() {
    run(async {
        let mut scene = Scene::new().await;
        let mut kept = Envelopes::default();
        let cards = scene.cards(3).await;
        let (local, mut rng) = (Local::default(), scene.rng.clone());
        let context = scene.context(&local);
        let before = activate(&scene.session, &cards[0], &context, &mut rng).await;
        let before = *before.unwrap().pseudonym();
        activate(&scene.session, &cards[2], &context, &mut rng)
            .await
            .unwrap();
        // The answer to the replacement is lost once: the same bytes are sent again.
        scene.fake.inner().fault = Fault::LosesReplaceAnswer;
        let cards_of = |old: usize, new: usize| worn(&cards[old], &cards[new]);
        let kept = &mut kept;
        let moved = cards_of(0, 1);
        let after = replace::replace(&scene.session, &moved, &context, kept, &mut rng).await;
        assert_eq!(*after.unwrap().pseudonym(), before);
        let old = shown(&scene, &cards[0], &local, kept, &mut rng).await;
        assert!(matches!(old.outcome, Outcome::NotActive), "online at once");
        scene.list = newest(&scene.session).await;
        let old = shown(&scene, &cards[0], &local, kept, &mut rng).await;
        let offline = matches!(old.verdict, Verdict::Revoked { .. });
        assert!(offline, "with the next list");
        // Called again, it finishes what it finds; onto somebody's card, it refuses.
        let context = scene.context(&local);
        let again = replace::replace(&scene.session, &moved, &context, kept, &mut rng).await;
        assert_eq!(*again.unwrap().pseudonym(), before);
        let onto = cards_of(1, 2);
        let taken = replace::replace(&scene.session, &onto, &context, kept, &mut rng).await;
        assert!(matches!(taken, Err(Error::AlreadyActive)));
    });
}

#[test]
fn what_is_recorded_arrives_once_and_only_its_readers_read_it() {
    run(async {
        let mut scene = Scene::new().await;
        let cards = scene.cards(1).await;
        let (mut local, mut rng) = (Local::default(), scene.rng.clone());
        let context = scene.context(&local);
        let person = activate(&scene.session, &cards[0], &context, &mut rng)
            .await
            .unwrap();
        for kind in [Kind::Enrolled, Kind::Contact] {
            let done = local.record(&scene.session, &person, &event(kind), &mut rng);
            done.unwrap();
        }
        scene.fake.inner().fault = Fault::LosesRosterAnswer;
        assert!(local.sync(&scene.session).await.unwrap_err().is_passing());
        assert_eq!(local.waiting(), (2, 2));
        let synced = local.sync(&scene.session).await.unwrap();
        assert_eq!((synced.sent, synced.received), (4, 0));
        assert_eq!(local.waiting(), (0, 0));
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
        let (provider, data_key) = scene.session.provider_and_key().unwrap();
        let public = data_key.report_key().unwrap().public();
        let body = &reports[0].body;
        let report = Report::open(&scene.fake.bodies, &provider, &public, body).unwrap();
        assert_ne!(report.id.as_bytes(), reports[0].id.as_bytes());

        // Another terminal of the provider reads the same roster.
        let mut other = Local::default();
        let synced = other.sync(&scene.session).await.unwrap();
        assert_eq!((synced.received, synced.unreadable), (2, 0));
        assert_eq!(other.roster, local.roster);
        assert!(other.roster.knows(person.pseudonym()));
    });
}

#[test]
fn reports_beyond_the_balance_wait_and_the_roster_is_read_all_the_same() {
    run(async {
        let mut scene = Scene::new().await;
        let cards = scene.cards(1).await;
        let (mut local, mut rng) = (Local::default(), scene.rng.clone());
        let context = scene.context(&local);
        let person = activate(&scene.session, &cards[0], &context, &mut rng)
            .await
            .unwrap();
        for _ in 0..3 {
            local
                .record(&scene.session, &person, &event(Kind::Contact), &mut rng)
                .unwrap();
        }
        let mut other = Local::default();
        other
            .record(&scene.session, &person, &event(Kind::Contact), &mut rng)
            .unwrap();
        other.sync(&scene.session).await.unwrap();
        scene.fake.inner().reports.clear();
        scene.fake.inner().fault = Fault::TakesOneReport;
        for _ in 0..2 {
            local.sync(&scene.session).await.unwrap();
            assert_eq!(local.waiting(), (0, 2), "the first was taken, none is lost");
        }
        assert_eq!(local.refused(), 0);
        let entries = local.roster.history(person.pseudonym()).len();
        assert_eq!(entries, 4, "the other's entry was read");
        scene.fake.inner().fault = Fault::None;
        assert_eq!(local.sync(&scene.session).await.unwrap().sent, 2);
        let ids: std::collections::BTreeSet<_> = scene
            .fake
            .inner()
            .reports
            .iter()
            .map(|one| one.id)
            .collect();
        assert_eq!((ids.len(), scene.fake.inner().reports.len()), (3, 3));
    });
}

#[test]
fn wrong_passwords_and_unknown_handles_look_alike() {
    run(async {
        let mut scene = Scene::new().await;
        let mut rng = scene.rng.clone();
        let wrong = wire::typed::Entered::parse("wrong").unwrap();
        let refused = sign_in(&scene.fake, &mut scene.enrolled.device, &wrong, &mut rng).await;
        assert!(matches!(refused, Err(Error::NotSignedIn)));
        let door = scene.enrolled.device.door();
        let nobody = "nobody".parse().unwrap();
        let begun = login::begin(&scene.fake, &door, &nobody, &password(), &mut rng).await;
        let refused = begun.unwrap().prove(&mut rng);
        assert!(matches!(refused, Err(Error::NotSignedIn)));
    });
}

/// The inviting terminal draws the secret and writes the root key that it has pinned; of a text nothing leaves it, nor the
/// terminal that registers with it.
#[test]
fn an_invitation_is_drawn_here_and_its_text_never_leaves() {
    run(async {
        let mut scene = Scene::new().await;
        let mut rng = scene.rng.clone();
        scene.fake.inner().fault = Fault::LosesInviteAnswer;
        let provider = scene.session.provider();
        let mut kept = Invited::default();
        let place = (wire::Role::Clinician, provider);
        let invite = colleagues::invite(&scene.session, place, &mut kept, today(), &mut rng);
        let token = invite.await.unwrap();
        let drawn = Invitation::read(token.text()).unwrap();
        let terms = drawn.terms();
        assert_eq!(&terms.root, scene.session.root());
        let own = scene.session.staff_key().public();
        assert_eq!(terms.inviter, Inviter::Administrator(own));
        assert_eq!(kept.len(), 1);
        let invited = scene.fake.inner().invited.clone();
        assert_eq!(invited.len(), 2, "told again, because no answer came");
        let hash = drawn.hash();
        for one in invited {
            assert_eq!(&one.hash.0, hash.as_bytes());
        }
        let handle = "budi".parse().unwrap();
        scene.fake.says_of(terms);
        enrol(&scene.fake, token.text(), &handle, &mut scene.rng)
            .await
            .unwrap();
        let heard = scene.fake.inner().heard.to_vec();
        let heard = String::from_utf8(heard).unwrap();
        let opener = drawn.opener();
        assert!(
            heard.contains(&crypto::b64::encode(opener.expose())),
            "the control"
        );
        assert!(!heard.contains("pyi_"));
        assert!(!heard.contains(&token.text()[4..24]), "the secret");
    });
}
