//! Events that were entered by mistake.

use super::{Scene, activate, event, run, today};
use crate::error::Error;
use crate::local::Local;
use crate::present::Person;
use crypto::id::EntryId;
use crypto::report::{ExitReason, Kind, Report, Statement};
use crypto::rng::Random;

/// What the statistics store can read of everything that was sent, in order.
fn read(scene: &Scene) -> Vec<Report> {
    let (provider, key) = scene.session.provider_and_key().unwrap();
    let public = key.report_key().unwrap().public();
    let sent = scene.fake.inner().reports.clone();
    let open = |sent: &wire::Submission| {
        Report::open(&scene.fake.bodies, &provider, &public, &sent.body).unwrap()
    };
    sent.iter().map(open).collect()
}

/// Two clients, and the first one's enrolment and death as one terminal sent them.
async fn dead_by_mistake(scene: &mut Scene, rng: &mut Random) -> (Local, Person, Person) {
    let cards = scene.cards(2).await;
    let mut here = Local::default();
    let context = scene.context(&here);
    let person = activate(&scene.session, &cards[0], &context, rng).await;
    let other = activate(&scene.session, &cards[1], &context, rng).await;
    let (person, other) = (person.unwrap(), other.unwrap());
    for kind in [Kind::Enrolled, Kind::Exited(ExitReason::Died)] {
        here.record(&scene.session, &person, &event(kind), rng)
            .unwrap();
    }
    here.sync(&scene.session).await.unwrap();
    (here, person, other)
}

/// A death that one terminal wrote down is taken back at another, by a colleague before whom the client stands.
#[test]
fn any_terminal_of_the_provider_takes_an_event_back_and_names_its_report() {
    run(async {
        let mut scene = Scene::new().await;
        let mut rng = scene.rng.clone();
        let (mut here, person, _) = dead_by_mistake(&mut scene, &mut rng).await;
        let session = &scene.session;
        let mut there = Local::default();
        there.sync(session).await.unwrap();
        let events = there.roster.events(person.pseudonym());
        assert_eq!(events.len(), 2);
        let (enrolled, died) = (events[0].0, events[1].0);
        there
            .withdraw(session, &person, &died, today(), &mut rng)
            .unwrap();
        there.sync(session).await.unwrap();
        here.sync(session).await.unwrap();
        for local in [&here, &there] {
            let events = local.roster.events(person.pseudonym());
            assert_eq!(events.len(), 1);
            assert_eq!(events[0].0, enrolled);
            let left = local.roster.history(person.pseudonym());
            assert_eq!(
                left.len(),
                2,
                "the enrolment, and that something was taken back"
            );
        }
        let reports = read(&scene);
        assert_eq!(reports.len(), 3);
        assert_eq!(reports[2].kind, Statement::Withdrawn(reports[1].id));
        assert_ne!(reports[2].id, reports[1].id);
        let place = |report: &Report| (report.site.clone(), report.service.clone(), report.day);
        assert_eq!(place(&reports[2]), place(&reports[1]));
        assert_eq!((reports[2].covered_until, reports[2].group), (None, None));
    });
}

#[test]
fn an_event_is_taken_back_once_and_as_its_own_clients() {
    run(async {
        let mut scene = Scene::new().await;
        let mut rng = scene.rng.clone();
        let (mut local, person, other) = dead_by_mistake(&mut scene, &mut rng).await;
        let session = &scene.session;
        let entry = local.roster.events(person.pseudonym())[1].0;
        for (who, entry) in [(&other, entry), (&person, EntryId::from_bytes([7; 16]))] {
            let not = local.withdraw(session, who, &entry, today(), &mut rng);
            assert!(matches!(not, Err(Error::NoEvent)));
        }
        let said = local.withdraw(session, &person, &entry, today(), &mut rng);
        // What says so is no event itself.
        for entry in [entry, said.unwrap()] {
            let not = local.withdraw(session, &person, &entry, today(), &mut rng);
            assert!(matches!(not, Err(Error::NoEvent)));
        }
        assert_eq!(local.waiting(), (1, 1));
    });
}

#[test]
fn a_withdrawal_that_was_not_sent_is_taken_back_like_anything_else() {
    run(async {
        let mut scene = Scene::new().await;
        let mut rng = scene.rng.clone();
        let (mut local, person, _) = dead_by_mistake(&mut scene, &mut rng).await;
        let session = &scene.session;
        let entry = local.roster.events(person.pseudonym())[1].0;
        let said = local.withdraw(session, &person, &entry, today(), &mut rng);
        assert_eq!(local.roster.events(person.pseudonym()).len(), 1);
        assert!(local.take_back(&said.unwrap()));
        assert_eq!(
            local.waiting(),
            (0, 0),
            "neither its entry nor its report is sent"
        );
        assert_eq!(local.roster.events(person.pseudonym()).len(), 2);
        local
            .withdraw(session, &person, &entry, today(), &mut rng)
            .unwrap();
    });
}
