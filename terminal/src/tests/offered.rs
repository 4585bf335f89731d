//! What a site does not offer is not recorded there; what was recorded before goes on.

use super::{Scene, activate, event, run};
use crate::bind::Now;
use crate::envelopes::Envelopes;
use crate::error::Error;
use crate::local::Local;
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
