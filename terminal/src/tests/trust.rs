//! What a terminal refuses of a service that signs with all of its own keys, and what it says.

use super::{Scene, enrol, password, run, sign_in};
use crate::error::Error;
use crate::testing::{Fake, today};
use crypto::b64::Fixed;
use crypto::bundle::BundleError;
use crypto::domain::Domain;
use crypto::id::ProviderId;
use crypto::json::Hidden;
use crypto::sign::RootKey;
use crypto::trust::{LogEntry, Seen, TrustError};

/// Signs in after the log was bent, and says why that was refused.
async fn refused(scene: &mut Scene, bend: impl FnOnce(&Fake, &mut Vec<LogEntry>)) -> Error {
    let honest = scene.fake.inner().log.clone();
    let mut bent = honest.clone();
    bend(&scene.fake, &mut bent);
    scene.fake.inner().log = bent;
    let (fake, device) = (&scene.fake, &mut scene.enrolled.device);
    let before = device.trust().mark();
    let refused = sign_in(fake, device, &password(), &mut scene.rng).await;
    assert_eq!(device.trust().mark(), before, "nothing was taken over");
    scene.fake.inner().log = honest;
    refused.map(drop).expect_err("the log was bent")
}

fn is(error: &Error, expected: TrustError) -> bool {
    matches!(error, Error::Trust(found) if *found == expected)
}

#[test]
fn a_core_that_the_root_did_not_sign_is_refused() {
    run(async {
        let mut scene = Scene::new().await;
        let stranger = RootKey::generate(&mut scene.rng).unwrap();
        let own = RootKey::from_seed(scene.fake.list.seed()).unwrap();
        let signature = TrustError::Core(BundleError::Signature);
        for key in [stranger, own] {
            let error = refused(&mut scene, |fake, log| {
                log.push(LogEntry::Core(fake.core(9).sign(&key, None).unwrap()));
            });
            assert!(is(&error.await, signature));
        }
        // An older core of the right root, and the control.
        let error = refused(&mut scene, |fake, log| {
            log.push(LogEntry::Core(fake.core(1).sign(&fake.root, None).unwrap()));
        });
        assert!(is(&error.await, TrustError::Core(BundleError::Older)));
        scene.fake.renew();
        let (fake, device) = (&scene.fake, &mut scene.enrolled.device);
        sign_in(fake, device, &password(), &mut scene.rng)
            .await
            .unwrap();
        assert_eq!(device.trust().core().serial, 3);
    });
}

#[test]
fn a_shortened_a_forked_and_an_older_log_are_refused() {
    run(async {
        let mut scene = Scene::new().await;
        let error = refused(&mut scene, |_, log| drop(log.pop())).await;
        assert!(is(&error, TrustError::Older));
        // The same length, another history: what one terminal was shown is not what the next is shown.
        let error = refused(&mut scene, |fake, log| {
            log.pop();
            let other = ProviderId::from_bytes([9; 16]);
            log.push(fake.joined(other));
        });
        assert!(is(&error.await, TrustError::Forked));
        let error = refused(&mut scene, |fake, log| {
            let other = ProviderId::from_bytes([9; 16]);
            log.insert(1, fake.joined(other));
        });
        // What comes after the known length is the own provider's key once more.
        assert!(is(&error.await, TrustError::SecondKey));
        scene.fake.inner().head_age = 2;
        let error = refused(&mut scene, |_, _| {}).await;
        assert!(is(&error, TrustError::Older), "a head of before");
        scene.fake.inner().head_age = -2;
        let error = refused(&mut scene, |_, _| {}).await;
        assert!(is(&error, TrustError::Future));
    });
}

#[test]
fn a_second_key_for_the_own_provider_is_refused() {
    run(async {
        let mut scene = Scene::new().await;
        for domain in [Domain::Mail, Domain::Card] {
            let error = refused(&mut scene, |fake, log| {
                log.push(fake.listed(fake.provider, &domain));
            });
            assert!(is(&error.await, TrustError::SecondKey));
        }
    });
}

#[test]
fn a_provider_under_a_key_that_another_domain_has_is_refused() {
    run(async {
        let mut scene = Scene::new().await;
        let own = Domain::Provider(scene.fake.provider);
        for domain in [Domain::Card, Domain::Mail, own] {
            let error = refused(&mut scene, |fake, log| {
                log.push(fake.listed(ProviderId::from_bytes([9; 16]), &domain));
            });
            assert!(is(&error.await, TrustError::SameKey));
        }
    });
}

#[test]
fn another_programme_and_another_server_are_refused_before_the_invitation_is_used_up() {
    run(async {
        let mut scene = Scene::new().await;
        let mut rng = scene.rng.clone();
        let other = Fake::new(&mut rng);
        let handle = scene.enrolled.device.handle().clone();
        // An invitation of one programme at the server of another.
        let foreign = scene.fake.invitation();
        other.inner().said = Some(scene.fake.says());
        let refused = enrol(&other, &foreign, &handle, &mut rng).await;
        assert!(is(&refused.unwrap_err(), TrustError::OtherProgramme));
        assert!(other.inner().registered.is_none());
        // The right log in front of another OPAQUE key.
        let log = scene.fake.inner().log.clone();
        other.inner().log = log;
        let refused = enrol(&other, &foreign, &handle, &mut rng).await;
        assert!(refused.is_err());
        assert!(other.inner().registered.is_none());
        // The same handle and password at a look-alike.
        let other = Fake::new(&mut rng);
        let invitation = other.invitation();
        enrol(&other, &invitation, &handle, &mut rng).await.unwrap();
        let device = &mut scene.enrolled.device;
        let refused = sign_in(&other, device, &password(), &mut rng).await;
        assert!(matches!(refused, Err(Error::WrongServer)));
    });
}

#[test]
fn wrap_keys_are_those_of_the_core_all_of_them() {
    run(async {
        let mut scene = Scene::new().await;
        let device = &mut scene.enrolled.device;
        scene.fake.inner().wraps = Some(vec![Hidden::of(&[7; 32])]);
        let other = sign_in(&scene.fake, device, &password(), &mut scene.rng).await;
        let conflict = TrustError::Core(BundleError::Conflict);
        assert!(is(&other.map(drop).unwrap_err(), conflict));
        scene.fake.inner().wraps = Some(Vec::new());
        let kept_back = sign_in(&scene.fake, device, &password(), &mut scene.rng).await;
        assert!(matches!(kept_back, Err(Error::Answer)));
        scene.fake.inner().wraps = None;
        let session = sign_in(&scene.fake, device, &password(), &mut scene.rng).await;
        assert_eq!(session.unwrap().card_keys().wraps.len(), 1);
    });
}

#[test]
fn an_expired_core_opens_nothing_and_an_old_head_is_told() {
    run(async {
        let mut scene = Scene::new().await;
        let session = &scene.session;
        assert_eq!(session.trust().age_to_tell(today()), None);
        // The clock goes on and the server keeps newer heads back.
        assert_eq!(session.trust().age_to_tell(today().plus(8)), Some(8));
        let last = session.trust().core().expires;
        let device = &mut scene.enrolled.device;
        let (door, handle) = (device.door(), device.handle().clone());
        for (day, good) in [(last, true), (last.plus(1), false)] {
            let rng = &mut scene.rng;
            let word = password();
            let begun = crate::login::begin(&scene.fake, &door, &handle, &word, rng).await;
            let proved = begun.unwrap().prove(rng).unwrap();
            let done = proved.finish(scene.fake.clone(), device, day).await;
            match done {
                Ok(_) => assert!(good),
                Err(error) => assert!(!good && is(&error, TrustError::Expired)),
            }
        }
    });
}

#[test]
fn a_replaced_root_is_followed_and_the_old_one_counts_no_more() {
    run(async {
        let mut scene = Scene::new().await;
        let mut core = scene.fake.core(5);
        core.next_root = Fixed([8; 32]);
        let both = core.sign(&scene.fake.root, Some(&scene.fake.next_root));
        scene.fake.inner().log.push(LogEntry::Core(both.unwrap()));
        let device = &mut scene.enrolled.device;
        sign_in(&scene.fake, device, &password(), &mut scene.rng)
            .await
            .unwrap();
        assert_eq!(device.trust().root(), &scene.fake.next_root.public());
        let error = refused(&mut scene, |fake, log| {
            let mut late = fake.core(6);
            late.next_root = Fixed([8; 32]);
            log.push(LogEntry::Core(late.sign(&fake.root, None).unwrap()));
        });
        assert!(is(&error.await, TrustError::Core(BundleError::Signature)));
    });
}

/// A log made for one terminal, with every key that the service has.
#[test]
fn a_log_made_for_one_terminal_is_not_that_of_the_next() {
    run(async {
        let mut scene = Scene::new().await;
        let honest = scene.enrolled.device.trust().clone();
        let log = scene.fake.inner().log.clone();
        let other = ProviderId::from_bytes([9; 16]);
        let made = scene.fake.joined(other);
        scene.fake.inner().log.insert(1, made);
        let handle = "staff.two".parse().unwrap();
        let invitation = scene.fake.invitation();
        let enrolled = enrol(&scene.fake, &invitation, &handle, &mut scene.rng).await;
        let deceived = enrolled.unwrap().device.trust().mark();
        scene.fake.inner().log = log;
        assert_eq!(honest.compare(&deceived), Seen::Ahead);
        // Whatever the honest log becomes, it never holds what the other terminal saw.
        scene.fake.renew();
        let longer = scene.fake.trust();
        assert_eq!(longer.mark().length, deceived.length);
        assert_eq!(longer.compare(&deceived), Seen::Forked);
    });
}
