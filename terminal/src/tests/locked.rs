//! A device that is locked and opened by its PIN.

use std::sync::Arc;

use super::{Scene, activate, event, run};
use crate::error::Error;
use crate::lock::{Lock, Locking, MOST_AGE, MOST_WRONG};
use crate::session::Session;
use crate::state::{Closed, Open};
use crate::testing::Fake;
use crypto::pin::Pin;
use crypto::report::Kind;
use crypto::rng::Random;

/// Seconds of a clock.
const NOW: u64 = 1_800_000_000;

fn pin(digits: &[u8; 6]) -> Pin {
    Pin::from_bytes(*digits)
}

/// What the device keeps: opened here, and as it lies there.
fn kept(scene: &Scene, digits: Option<&[u8; 6]>, rng: &mut Random) -> (Open, Vec<u8>) {
    let enrolled = &scene.enrolled;
    let mut open = Open::new(enrolled.device.clone(), &enrolled.state_key, rng).unwrap();
    if let Some(digits) = digits {
        open.set_pin(&scene.session, &pin(digits), rng).unwrap();
    }
    let bytes = open.seal(rng).unwrap().to_vec();
    (open, bytes)
}

fn locked(scene: &Scene, rng: &mut Random) -> (Locking, Vec<u8>) {
    let (open, bytes) = kept(scene, Some(b"271828"), rng);
    let locking = open.lock(&scene.session, NOW, rng).unwrap();
    (locking.expect("there is a PIN"), bytes)
}

fn unlock(
    lock: &mut Lock,
    digits: &[u8; 6],
    (sealed, bytes): (&[u8], &[u8]),
    fake: &Arc<Fake>,
) -> Result<(Session<Arc<Fake>>, Open), Error> {
    let closed = Closed::from_bytes(bytes).unwrap();
    lock.open(&pin(digits), NOW, sealed, closed, Arc::clone(fake))
}

#[test]
fn a_pin_opens_the_session_and_what_is_kept_without_asking_anybody() {
    run(async {
        let mut scene = Scene::new().await;
        let mut rng = scene.rng.clone();
        let cards = scene.cards(1).await;
        let (Locking { mut lock, sealed }, bytes) = locked(&scene, &mut rng);
        let opened = unlock(&mut lock, b"271828", (&sealed, &bytes), &scene.fake);
        let (session, mut open) = opened.unwrap();
        // Nobody can have been asked: what opens it waits for nothing.
        assert_eq!(session.staff(), scene.session.staff());
        assert_eq!(session.role(), scene.session.role());
        assert_eq!(session.data_key(), scene.session.data_key());
        assert_eq!(session.founding(), scene.session.founding());
        // The session goes on: its next number is one that the service has not seen.
        let context = scene.context(&open.local);
        let person = activate(&session, &cards[0], &context, &mut rng).await;
        let person = person.unwrap();
        open.local
            .record(&session, &person, &event(Kind::Enrolled), &mut rng)
            .unwrap();
        open.local.sync(&session).await.unwrap();
        assert_eq!(scene.fake.inner().reports.len(), 1);
    });
}

#[test]
fn five_wrong_pins_and_the_right_one_opens_nothing() {
    run(async {
        let scene = Scene::new().await;
        let mut rng = scene.rng.clone();
        let (Locking { mut lock, sealed }, bytes) = locked(&scene, &mut rng);
        for try_number in 1..=MOST_WRONG {
            let refused = unlock(&mut lock, b"271829", (&sealed, &bytes), &scene.fake).err();
            match refused.unwrap() {
                Error::Pin => assert!(try_number < MOST_WRONG),
                Error::PinOver => assert_eq!(try_number, MOST_WRONG),
                other => panic!("{other}"),
            }
        }
        let refused = unlock(&mut lock, b"271828", (&sealed, &bytes), &scene.fake).err();
        assert!(matches!(refused, Some(Error::PinOver)));
    });
}

#[test]
fn who_has_no_pin_here_locks_with_nothing_left() {
    run(async {
        let scene = Scene::new().await;
        let mut rng = scene.rng.clone();
        let (open, _) = kept(&scene, None, &mut rng);
        assert!(!open.has_pin(&scene.session));
        assert!(open.lock(&scene.session, NOW, &mut rng).unwrap().is_none());

        let (mut open, bytes) = kept(&scene, Some(b"271828"), &mut rng);
        assert!(open.has_pin(&scene.session));
        let again = Closed::from_bytes(&bytes).unwrap();
        let again = again.open(&scene.enrolled.state_key).unwrap();
        assert!(again.has_pin(&scene.session), "it is kept");
        open.drop_pin();
        assert!(open.lock(&scene.session, NOW, &mut rng).unwrap().is_none());
    });
}

#[test]
fn what_a_lock_holds_is_sealed_and_of_one_device() {
    run(async {
        let scene = Scene::new().await;
        let mut rng = scene.rng.clone();
        let (Locking { mut lock, sealed }, bytes) = locked(&scene, &mut rng);
        assert!(sealed.len() < 1024);
        let own = scene.session.data_key().unwrap().expose();
        for secret in [own, scene.session.staff_key().expose()] {
            let text = crypto::b64::encode(secret);
            let shown = |what: &[u8]| sealed.windows(what.len()).any(|part| part == what);
            assert!(!shown(secret) && !shown(&text.as_bytes()[..8]));
        }
        assert!(!format!("{lock:?}").contains("271828"));
        // What another device keeps does not open with it.
        let other = Scene::new().await;
        let (_, strange) = kept(&other, None, &mut Random::seeded([77; 32]));
        let refused = unlock(&mut lock, b"271828", (&sealed, &strange), &scene.fake).err();
        assert!(matches!(refused, Some(Error::State(_))));
        assert!(unlock(&mut lock, b"271828", (&sealed, &bytes), &scene.fake).is_ok());
    });
}

#[test]
fn a_lock_is_as_old_as_its_session_at_most_and_never_from_tomorrow() {
    run(async {
        let scene = Scene::new().await;
        let mut rng = scene.rng.clone();
        let (Locking { mut lock, sealed }, bytes) = locked(&scene, &mut rng);
        let most = MOST_AGE.as_secs();
        let mut at = |now| {
            let closed = Closed::from_bytes(&bytes).unwrap();
            lock.open(
                &pin(b"271828"),
                now,
                &sealed,
                closed,
                Arc::clone(&scene.fake),
            )
        };
        assert!(matches!(at(NOW + most + 1).err(), Some(Error::PinOver)));
        assert!(matches!(at(NOW - 1).err(), Some(Error::PinOver)));
        let (session, open) = at(NOW + most).unwrap();
        // Locked once more, it is no younger.
        assert_eq!(lock.since(), NOW);
        let again = open.lock(&session, lock.since(), &mut rng).unwrap();
        let Locking { mut lock, sealed } = again.unwrap();
        let closed = Closed::from_bytes(&bytes).unwrap();
        let fake = Arc::clone(&scene.fake);
        let late = lock.open(&pin(b"271828"), NOW + most + 1, &sealed, closed, fake);
        assert!(matches!(late.err(), Some(Error::PinOver)));
    });
}
