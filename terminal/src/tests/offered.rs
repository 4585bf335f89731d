//! What a site does not offer is not recorded there; what was recorded before goes on.

use super::{Scene, activate, event, run};
use crate::bind::Now;
use crate::envelopes::Envelopes;
use crate::error::Error;
use crate::local::Local;
use crate::rules::Rules;
use crate::testing::today;
use crypto::id::ProviderId;
use crypto::report::{ExitReason, Kind};
use wire::RegisteredProvider;

/// The registry as it says that the site of the tests offers these alone.
fn registered(services: &[&str]) -> RegisteredProvider {
    let site: crypto::report::Site = "medan/a".parse().unwrap();
    let offered = services.iter().map(|code| code.parse().unwrap()).collect();
    RegisteredProvider {
        id: ProviderId::from_bytes([1; 16]),
        name: "A".to_owned(),
        sites: vec![site.clone()],
        zones: [].into(),
        offers: [(site, offered)].into(),
    }
}

#[test]
fn what_a_site_does_not_offer_is_refused_and_leaves_nothing() {
    run(async {
        let (mut scene, mut local) = (Scene::new().await, Local::default());
        let card = scene.cards(1).await.remove(0);
        let context = scene.context(&local);
        let mut rng = scene.rng.clone();
        let person = activate(&scene.session, &card, &context, &mut rng)
            .await
            .unwrap();
        local.own = Some(registered(&["nsp"]));
        for kind in [
            Kind::Enrolled,
            Kind::Contact,
            Kind::Result("hiv-negative".parse().unwrap()),
        ] {
            let refused = local.record(&scene.session, &person, &event(kind), &mut rng);
            assert!(matches!(refused, Err(Error::NotOffered)));
        }
        let both = vec![event(Kind::Contact), event(Kind::Contact)];
        let refused = local.record_later(&card, false, both, &mut rng);
        assert!(matches!(refused, Err(Error::NotOffered)));
        assert!(local.later.is_empty() && local.roster.is_empty());
        assert_eq!(local.waiting(), (0, 0));
        // Whoever came for it before can leave it.
        let leaves = event(Kind::Exited(ExitReason::Moved));
        local
            .record(&scene.session, &person, &leaves, &mut rng)
            .unwrap();
        local.own = Some(registered(&["nsp", "art"]));
        local
            .record(&scene.session, &person, &event(Kind::Contact), &mut rng)
            .unwrap();
        // Before the registry was read nothing is known to be missing.
        local.own = None;
        local
            .record(&scene.session, &person, &event(Kind::Contact), &mut rng)
            .unwrap();
        assert_eq!(local.waiting(), (3, 3));
    });
}

#[test]
fn what_was_recorded_before_the_change_is_bound_and_sent() {
    run(async {
        let (mut scene, mut local) = (Scene::new().await, Local::default());
        let card = scene.cards(1).await.remove(0);
        let mut rng = scene.rng.clone();
        local
            .record_later(&card, true, vec![event(Kind::Enrolled)], &mut rng)
            .unwrap();
        local.own = Some(registered(&["nsp"]));
        let now = Now {
            status: Some(&scene.list),
            today: today(),
            seconds: 0,
        };
        let kept = &mut Envelopes::default();
        let bound = local.bind(&scene.session, &now, kept, &mut scene.rng).await;
        assert_eq!(bound.unwrap(), 1);
        assert_eq!(local.waiting(), (1, 1));
        local.send(&scene.session).await.unwrap();
        assert_eq!(local.waiting().1, 0);
    });
}

#[test]
fn what_was_offered_when_a_visit_was_begun_is_recorded_after_the_change() {
    run(async {
        let (mut scene, mut local) = (Scene::new().await, Local::default());
        let card = scene.cards(1).await.remove(0);
        let context = scene.context(&local);
        let mut rng = scene.rng.clone();
        let person = activate(&scene.session, &card, &context, &mut rng)
            .await
            .unwrap();
        let rules = Rules::built_in().unwrap();
        local.learn(Some(&registered(&["nsp", "art"])), &rules);
        // A synchronisation in the middle of the visit, and one more.
        for _ in 0..2 {
            local.learn(Some(&registered(&["nsp"])), &rules);
        }
        let visit = event(Kind::Contact);
        assert!(!local.offers(&visit.site, &visit.service));
        local
            .record(&scene.session, &person, &visit, &mut rng)
            .unwrap();
        local
            .record_later(&card, false, vec![visit], &mut rng)
            .unwrap();
        // What was not offered then either is refused, as it is once the terminal was closed.
        local.learn(Some(&registered(&["hts"])), &rules);
        let bytes = serde_json::to_vec(&local).unwrap();
        let mut again: Local = serde_json::from_slice(&bytes).unwrap();
        for local in [&mut local, &mut again] {
            let refused = local.record(&scene.session, &person, &event(Kind::Contact), &mut rng);
            assert!(matches!(refused, Err(Error::NotOffered)));
        }
    });
}

#[test]
fn a_site_whose_offers_name_nothing_that_is_known_offers_everything() {
    let mut local = Local::default();
    let rules = Rules::built_in().unwrap();
    let visit = event(Kind::Contact);
    local.learn(Some(&registered(&["nothing-known"])), &rules);
    assert!(local.offers(&visit.site, &visit.service));
    local.learn(Some(&registered(&["nothing-known", "nsp"])), &rules);
    assert!(!local.offers(&visit.site, &visit.service));
}
