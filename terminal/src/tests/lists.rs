//! Status lists in every order in which a server can hand them out.

use super::{Scene, run, today};
use crate::error::Error;
use crate::status::KeptList;
use crypto::day::Day;
use crypto::status::StatusError;
use crypto::verdict::{Verdict, verdict};
use serde::Deserialize;

const SEQUENCES: &str = include_str!("../../../tests/data/edge/sequences.json");

#[derive(Deserialize)]
struct Sequences {
    status_list_order: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    what: String,
    kept: List,
    offered: List,
    today: String,
    must: String,
}

#[derive(Deserialize)]
struct List {
    issued: String,
    size: u32,
    set: Vec<u32>,
    subject: Option<String>,
}

impl List {
    fn token(&self, scene: &Scene) -> Vec<u8> {
        let called = self.subject.as_deref();
        let issued = self.issued.parse().unwrap();
        scene.fake.sign_list(self.size, &self.set, issued, called)
    }
}

/// What the server hands out now.
async fn offer(
    scene: &Scene,
    kept: &mut KeptList,
    token: Vec<u8>,
    today: Day,
) -> Result<(), Error> {
    scene.fake.inner().offered = Some(token);
    kept.refresh(&scene.session, today).await.map(drop)
}

#[test]
fn lists_follow_each_other_by_what_they_say() {
    run(async {
        let mut scene = Scene::new().await;
        let card = scene.cards(1).await.remove(0);
        let cases: Sequences = serde_json::from_str(SEQUENCES).unwrap();
        assert_eq!(cases.status_list_order.len(), 9);
        let mut taken = 0;
        for case in cases.status_list_order {
            let today: Day = case.today.parse().unwrap();
            let mut kept = KeptList::default();
            let day = case.kept.issued.parse().unwrap();
            let before = case.kept.token(&scene);
            offer(&scene, &mut kept, before, day).await.unwrap();
            let before = kept.open(scene.session.bundle()).unwrap();
            let offered = offer(&scene, &mut kept, case.offered.token(&scene), today).await;
            let after = kept.open(scene.session.bundle()).unwrap();
            if case.must.starts_with("refused") {
                assert!(
                    matches!(offered, Err(Error::StatusList(_))),
                    "{}",
                    case.what
                );
                assert_eq!(after, before, "{}: the kept list stays", case.what);
            } else {
                offered.unwrap();
                taken += 1;
                assert_eq!(after.issued().to_string(), case.offered.issued);
                assert_eq!(after.list().size(), case.offered.size);
            }
            let keys = scene.session.card_keys();
            let seen = verdict(&card, keys, Some(&after), today).0;
            match after.issued() > today {
                true => assert!(matches!(seen, Verdict::Stale { .. }), "{}", case.what),
                false => assert!(matches!(seen, Verdict::Valid { .. }), "{}", case.what),
            }
        }
        assert_eq!(taken, 3, "those that say more, and the one of tomorrow");
    });
}

/// Each refusal has its cause and is told as such.
#[test]
fn every_refusal_of_a_list_names_its_cause() {
    run(async {
        let scene = Scene::new().await;
        let (mut kept, day) = (KeptList::default(), today());
        let sign =
            |size, set: &[u32], issued, called| scene.fake.sign_list(size, set, issued, called);
        let first = sign(1024, &[5], day, None);
        offer(&scene, &mut kept, first.clone(), day).await.unwrap();
        let later = day.plus(3);
        let cut = first[..40].to_vec();
        for (token, today, cause) in [
            (sign(1024, &[], later, None), later, StatusError::TakenBack),
            (sign(512, &[5], later, None), later, StatusError::TakenBack),
            (
                sign(1024, &[5], day.plus(-1), None),
                day,
                StatusError::Older,
            ),
            (sign(1024, &[5], day, Some("a")), day, StatusError::Subject),
            (sign(1024, &[5], day.plus(2), None), day, StatusError::Ahead),
            (cut, day, StatusError::Malformed),
        ] {
            let refused = offer(&scene, &mut kept, token, today).await.unwrap_err();
            let text = refused.to_string();
            let named = matches!(refused, Error::StatusList(why) if why == cause);
            assert!(named && text.contains("goes on"), "{text}");
            assert!(!refused.is_passing());
        }
    });
}

#[test]
fn a_refused_list_changes_nothing_and_the_next_good_one_is_taken() {
    run(async {
        let mut scene = Scene::new().await;
        let card = scene.cards(1).await.remove(0);
        let (mut kept, day) = (KeptList::default(), today());
        let sign = |set: &[u32], issued| scene.fake.sign_list(1024, set, issued, None);
        offer(&scene, &mut kept, sign(&[5], day), day)
            .await
            .unwrap();
        for ahead in 2..10 {
            let today = day.plus(ahead);
            let refused = offer(&scene, &mut kept, sign(&[], today), today).await;
            assert!(matches!(refused, Err(Error::StatusList(_))));
            let list = kept.open(scene.session.bundle()).unwrap();
            let seen = verdict(&card, scene.session.card_keys(), Some(&list), today).0;
            match seen {
                Verdict::Valid { list_age_days } => assert!(list_age_days <= 7),
                seen => assert!(ahead > 7 && matches!(seen, Verdict::Stale { .. })),
            }
        }
        let good = sign(&[5, 6], day.plus(10));
        offer(&scene, &mut kept, good, day.plus(10)).await.unwrap();
        let list = kept.open(scene.session.bundle()).unwrap();
        assert_eq!((list.get(5), list.get(6)), (Some(true), Some(true)));
    });
}
