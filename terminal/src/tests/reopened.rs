//! A device that was closed and opens by its PIN.

use std::sync::Arc;

use super::{Scene, activate, event, password, run, sign_in};
use crate::error::Error;
use crate::reopen::{self, KeptPin};
use crate::session::{Kind, Session};
use crate::state::{Closed, Open};
use crate::testing::{Fake, today};
use crypto::json::{read, write};
use crypto::pin::Pin;
use crypto::report;
use crypto::rng::Random;
use serde_json::Value;

fn pin(digits: &[u8; 6]) -> Pin {
    Pin::from_bytes(*digits)
}

/// A device with a PIN: what it keeps, sealed, and what lies beside it.
async fn chosen(scene: &Scene, rng: &mut Random) -> (Vec<u8>, Vec<u8>) {
    let enrolled = &scene.enrolled;
    let mut open = Open::new(enrolled.device.clone(), &enrolled.state_key, rng).unwrap();
    let digits = pin(b"271828");
    open.set_pin(&scene.session, &digits, rng).unwrap();
    assert!(open.reopens(&scene.session).is_none(), "nobody was asked");
    let registered = open.register_pin(&scene.session, &digits, rng).await;
    registered.unwrap();
    let kept = open.reopens(&scene.session).unwrap().to_vec();
    (open.seal(rng).unwrap().to_vec(), kept)
}

async fn reopen(
    fake: &Arc<Fake>,
    digits: &[u8; 6],
    (state, kept): (&[u8], &[u8]),
    rng: &mut Random,
) -> Result<(Session<Arc<Fake>>, Open), Error> {
    let closed = Closed::from_bytes(state)?;
    let kept = KeptPin::from_bytes(kept).unwrap();
    let begun = reopen::begin(fake, &closed.door(), &pin(digits), rng).await?;
    let (opened, mut open) = begun.prove(rng)?.open(&kept, closed)?;
    let session = opened.finish(Arc::clone(fake), &mut open.device, today());
    Ok((session.await?, open))
}

#[test]
fn a_pin_opens_what_was_closed_and_the_work_goes_on() {
    run(async {
        let mut scene = Scene::new().await;
        let mut rng = scene.rng.clone();
        let cards = scene.cards(1).await;
        let (state, kept) = chosen(&scene, &mut rng).await;
        let wrong = reopen(&scene.fake, b"314159", (&state, &kept), &mut rng).await;
        assert!(matches!(wrong.err(), Some(Error::Pin)));
        let opened = reopen(&scene.fake, b"271828", (&state, &kept), &mut rng).await;
        let (session, mut open) = opened.unwrap();
        assert_eq!(session.kind(), Kind::Pin);
        assert_eq!(session.staff(), scene.session.staff());
        assert_eq!(session.data_key(), scene.session.data_key());
        assert_eq!(session.founding(), scene.session.founding());
        let context = scene.context(&open.local);
        let person = activate(&session, &cards[0], &context, &mut rng).await;
        let person = person.unwrap();
        open.local
            .record(&session, &person, &event(report::Kind::Enrolled), &mut rng)
            .unwrap();
        open.local.sync(&session).await.unwrap();
        assert_eq!(scene.fake.inner().reports.len(), 1);
        // It locks as one by password does, and stays what it is.
        let locking = open.lock(&session, 1_800_000_000, &mut rng).unwrap();
        let mut locking = locking.unwrap();
        let closed = Closed::from_bytes(&state).unwrap();
        let fake = Arc::clone(&scene.fake);
        let again = locking.lock.open(
            &pin(b"271828"),
            1_800_000_000,
            &locking.sealed,
            closed,
            fake,
        );
        let (session, mut open) = again.unwrap();
        assert_eq!(session.kind(), Kind::Pin);
        // A PIN is chosen by password alone.
        let refused = open.set_pin(&session, &pin(b"161803"), &mut rng);
        assert!(matches!(refused, Err(Error::PasswordNeeded)));
        let refused = open.register_pin(&session, &pin(b"161803"), &mut rng).await;
        assert!(matches!(refused, Err(Error::PasswordNeeded)));
    });
}

#[test]
fn the_pin_opens_nothing_without_the_devices_secret_or_the_services_record() {
    run(async {
        let scene = Scene::new().await;
        let mut rng = scene.rng.clone();
        let (state, kept) = chosen(&scene, &mut rng).await;
        // Another secret, as somebody has who took the sealed part alone.
        let mut bent: Value = read(&kept).unwrap();
        bent["secret"] = crypto::b64::encode(&[9; 32]).into();
        let bent = write(&bent).unwrap();
        let refused = reopen(&scene.fake, b"271828", (&state, &bent), &mut rng).await;
        assert!(matches!(refused.err(), Some(Error::PinOver)));
        // The same PIN chosen anew is another record: the wrap of before is of no use.
        let (_, newer) = chosen(&scene, &mut rng).await;
        let refused = reopen(&scene.fake, b"271828", (&state, &kept), &mut rng).await;
        assert!(matches!(refused.err(), Some(Error::PinOver)));
        // What the newer one opens is another state.
        let refused = reopen(&scene.fake, b"271828", (&state, &newer), &mut rng).await;
        assert!(matches!(refused.err(), Some(Error::State(_))));
        scene.fake.inner().pin = None;
        let refused = reopen(&scene.fake, b"271828", (&state, &kept), &mut rng).await;
        assert!(matches!(refused.err(), Some(Error::PinOver)));
    });
}

#[test]
fn what_lies_outside_names_nobody_and_holds_no_key_in_clear() {
    run(async {
        let scene = Scene::new().await;
        let mut rng = scene.rng.clone();
        let (_, kept) = chosen(&scene, &mut rng).await;
        assert!(kept.len() < 1024);
        let shown = |what: &[u8]| kept.windows(what.len()).any(|part| part == what);
        assert!(!shown(scene.enrolled.device.handle().as_str().as_bytes()));
        let key = crypto::b64::encode(scene.session.staff_key().expose());
        assert!(!shown(&key.as_bytes()[..12]));
        assert!(KeptPin::from_bytes(b"").is_none());
        assert!(KeptPin::from_bytes(&kept[1..]).is_none());
    });
}

/// Signing out takes the outer part away; the next sign-in by password puts it back, unless the service has destroyed its part.
#[test]
fn a_sign_in_by_password_brings_the_pin_back_or_forgets_it_with_the_service() {
    run(async {
        let scene = Scene::new().await;
        let mut rng = scene.rng.clone();
        let (state, kept) = chosen(&scene, &mut rng).await;
        let mut device = scene.enrolled.device.clone();
        let open = |bytes: &[u8]| {
            let closed = Closed::from_bytes(bytes).unwrap();
            closed.open(&scene.enrolled.state_key).unwrap()
        };
        let session = sign_in(&scene.fake, &mut device, &password(), &mut rng).await;
        let session = session.unwrap();
        let mut again = open(&state);
        again.compare_pin(&session);
        assert_eq!(again.reopens(&session).unwrap().to_vec(), kept);
        scene.fake.inner().pin = None;
        let session = sign_in(&scene.fake, &mut device, &password(), &mut rng).await;
        let session = session.unwrap();
        let mut again = open(&state);
        again.compare_pin(&session);
        assert!(again.reopens(&session).is_none() && !again.has_pin(&session));
        // One that the service never had goes on to open locks.
        again.set_pin(&session, &pin(b"161803"), &mut rng).unwrap();
        again.compare_pin(&session);
        assert!(again.has_pin(&session));
    });
}
