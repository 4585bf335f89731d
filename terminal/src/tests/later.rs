//! Visits that could not be bound to their client at once, and what is taken back.

use super::{Scene, activate, event, run, shown};
use crate::bind::Now;
use crate::envelopes::Envelopes;
use crate::error::Error;
use crate::later::{MOST_LATER, Obstacle};
use crate::local::Local;
use crate::present::Outcome;
use crate::testing::today;
use crypto::report::Kind;

async fn bind(scene: &mut Scene, local: &mut Local) -> Result<usize, Error> {
    let now = Now {
        status: Some(&scene.list),
        today: today(),
        seconds: 0,
    };
    let kept = &mut Envelopes::default();
    local.bind(&scene.session, &now, kept, &mut scene.rng).await
}

async fn a_client(scene: &mut Scene, local: &Local) -> String {
    let card = scene.cards(1).await.remove(0);
    let mut rng = scene.rng.clone();
    let context = scene.context(local);
    activate(&scene.session, &card, &context, &mut rng)
        .await
        .unwrap();
    card
}

#[test]
fn a_visit_without_a_network_finds_its_client() {
    run(async {
        let (mut scene, mut local) = (Scene::new().await, Local::default());
        let card = a_client(&mut scene, &local).await;
        let visit = vec![event(Kind::Enrolled), event(Kind::Contact)];
        local
            .later
            .keep(&card, false, visit, &mut scene.rng)
            .unwrap();
        assert_eq!(bind(&mut scene, &mut local).await.unwrap(), 1);
        assert!(local.later.is_empty());
        assert_eq!(local.waiting(), (2, 2));
        let person = shown(
            &scene,
            &card,
            &local,
            &mut Envelopes::default(),
            &mut scene.rng.clone(),
        )
        .await
        .person()
        .unwrap();
        assert!(person.known());
        assert_eq!(local.roster.history(person.pseudonym()).len(), 2);
        assert_eq!(bind(&mut scene, &mut local).await.unwrap(), 0);
        assert_eq!(local.waiting(), (2, 2));
    });
}

#[test]
fn a_new_clients_blank_that_came_to_life_in_a_broken_try_is_theirs() {
    run(async {
        let (mut scene, mut local) = (Scene::new().await, Local::default());
        let blanks = scene.cards(2).await;
        for card in &blanks {
            let visit = vec![event(Kind::Enrolled)];
            local.later.keep(card, true, visit, &mut scene.rng).unwrap();
        }
        // Of an earlier try only the envelope arrived.
        let mut rng = scene.rng.clone();
        let context = scene.context(&local);
        activate(&scene.session, &blanks[0], &context, &mut rng)
            .await
            .unwrap();
        assert_eq!(bind(&mut scene, &mut local).await.unwrap(), 2);
        assert_eq!(local.withdrawals.waiting(), 0);
        assert_eq!(local.roster.len(), 2);
    });
}

#[test]
fn a_visit_that_finds_nobody_is_kept_for_a_person_and_holds_up_no_other() {
    run(async {
        let (mut scene, mut local) = (Scene::new().await, Local::default());
        let good = a_client(&mut scene, &local).await;
        let nobodys = scene.cards(1).await.remove(0);
        for card in ["POSTER", &nobodys, &good] {
            let visit = vec![event(Kind::Contact)];
            local
                .later
                .keep(card, false, visit, &mut scene.rng)
                .unwrap();
        }
        assert_eq!(bind(&mut scene, &mut local).await.unwrap(), 1);
        let told: Vec<_> = local.later.visits().map(|it| it.obstacle()).collect();
        assert_eq!(told, [Some(Obstacle::Refused), Some(Obstacle::NotActive)]);
        let first = local.later.visits().next().unwrap().id();
        assert!(local.later.delete(&first));
        assert!(!local.later.delete(&first));
        local.later.retry();
        assert!(local.later.visits().all(|it| it.obstacle().is_none()));
    });
}

#[test]
fn what_one_event_cannot_carry_leaves_nothing_of_the_visit() {
    run(async {
        let (mut scene, mut local) = (Scene::new().await, Local::default());
        let card = a_client(&mut scene, &local).await;
        let mut late = event(Kind::Contact);
        late.covered_until = Some(today().plus(4_000));
        let visit = vec![event(Kind::Contact), late];
        local
            .later
            .keep(&card, false, visit, &mut scene.rng)
            .unwrap();
        assert_eq!(bind(&mut scene, &mut local).await.unwrap(), 0);
        assert_eq!(local.waiting(), (0, 0));
        assert!(local.roster.is_empty());
        let told = local.later.visits().next().unwrap().obstacle();
        assert_eq!(told, Some(Obstacle::Value));
    });
}

#[test]
fn what_is_recorded_can_be_taken_back_until_it_is_sent() {
    run(async {
        let (mut scene, mut local) = (Scene::new().await, Local::default());
        let card = a_client(&mut scene, &local).await;
        let mut rng = scene.rng.clone();
        let met = shown(&scene, &card, &local, &mut Envelopes::default(), &mut rng).await;
        let Outcome::Person(person) = met.outcome else {
            panic!("no person");
        };
        let mut record = |local: &mut Local| {
            let event = event(Kind::Contact);
            local
                .record(&scene.session, &person, &event, &mut scene.rng)
                .unwrap()
        };
        let kept = record(&mut local);
        let mistake = record(&mut local);
        assert!(local.take_back(&mistake));
        assert!(!local.take_back(&mistake));
        assert_eq!(local.waiting(), (1, 1));
        assert_eq!(local.roster.history(person.pseudonym()).len(), 1);
        local.send(&scene.session).await.unwrap();
        assert!(!local.take_back(&kept));
        assert_eq!(local.roster.history(person.pseudonym()).len(), 1);
    });
}

#[test]
fn visits_that_wait_are_bounded() {
    let mut rng = crypto::rng::Random::seeded([1; 32]);
    let mut local = Local::default();
    for _ in 0..MOST_LATER {
        local
            .later
            .keep("CARD", false, Vec::new(), &mut rng)
            .unwrap();
    }
    let more = local.later.keep("CARD", false, Vec::new(), &mut rng);
    assert!(matches!(more, Err(Error::TooMany)));
}
