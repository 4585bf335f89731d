//! Replacement and killing: one call, of two at once one, and no status code that counts as a deletion.

use super::{Scene, activate, event, run, shown, today, worn};
use crate::envelopes::Envelopes;
use crate::error::Error;
use crate::local::Local;
use crate::present::{Outcome, present};
use crate::replace::{self, Reason, Replacement};
use crate::testing::Fault;

/// "There is no such thing", or "done", and a fetch that still finds the old envelope: not done.
#[test]
fn a_deletion_is_done_when_a_fetch_does_not_find_it() {
    run(async {
        let mut scene = Scene::new().await;
        let cards = scene.cards(2).await;
        let (local, mut rng) = (Local::default(), scene.rng.clone());
        let mut kept = Envelopes::default();
        let (session, context) = (&scene.session, scene.context(&local));
        let before = activate(session, &cards[0], &context, &mut rng)
            .await
            .unwrap();
        scene.fake.inner().fault = Fault::KeepsDeleted;
        let killed = replace::kill(session, &cards[0], &context, &mut kept, &mut rng).await;
        assert!(matches!(killed, Err(Error::NotDeleted)));
        assert!(scene.fake.inner().revoked.is_empty(), "not half done");
        let both = worn(&cards[0], &cards[1]);
        let replaced = replace::replace(session, &both, &context, &mut kept, &mut rng).await;
        assert!(matches!(replaced, Err(Error::NotDeleted)));
        assert!(replaced.unwrap_err().is_passing(), "to be tried again");
        assert!(scene.fake.inner().revoked.is_empty());
        // An honest service again, which never did the first half.
        {
            let mut inner = scene.fake.inner();
            inner.fault = Fault::None;
            let new = inner
                .envelopes
                .keys()
                .copied()
                .find(|id| *id != inner.put[0]);
            inner.envelopes.remove(&new.unwrap());
        }
        let after = replace::replace(session, &both, &context, &mut kept, &mut rng)
            .await
            .unwrap();
        assert_eq!(after.pseudonym(), before.pseudonym());
        assert_eq!(scene.fake.inner().revoked.len(), 1);
        // A card that never had an envelope is killed all the same.
        let blank = scene.cards(1).await;
        let context = scene.context(&local);
        replace::kill(&scene.session, &blank[0], &context, &mut kept, &mut rng)
            .await
            .unwrap();
        assert_eq!(scene.fake.inner().revoked.len(), 2);
    });
}

/// Two counters give one client a new card each: one of the two lives.
#[test]
fn of_two_replacements_at_once_one_is_told_so() {
    run(async {
        let mut scene = Scene::new().await;
        let cards = scene.cards(4).await;
        let (local, mut rng) = (Local::default(), scene.rng.clone());
        let (mut kept, mut other) = (Envelopes::default(), Envelopes::default());
        let (session, context) = (&scene.session, scene.context(&local));
        for card in [&cards[0], &cards[3]] {
            activate(session, card, &context, &mut rng).await.unwrap();
        }
        // The slower one has looked before the faster one was done.
        let slow = worn(&cards[0], &cards[2]);
        scene.fake.inner().before_replace = Some(Box::new({
            let bytes = crypto::b64::B64(vec![3; 105]);
            move |inner| {
                let (old, new) = (inner.put[0], crypto::id::EnvelopeId::from_bytes([1; 16]));
                let mut put = inner.envelopes.remove(&old).unwrap();
                put.sealed = bytes.clone();
                inner.killed.insert(old);
                inner.envelopes.insert(new, put);
            }
        }));
        let told = replace::replace(session, &slow, &context, &mut kept, &mut rng).await;
        assert!(matches!(told, Err(Error::Replaced)));
        let seen = present(session, &cards[2], &context, &mut other, &mut rng).await;
        assert!(matches!(seen.unwrap().outcome, Outcome::NotActive));
        assert!(scene.fake.inner().revoked.is_empty());
        // Another client's is not touched by it.
        let again = worn(&cards[3], &cards[1]);
        replace::replace(session, &again, &context, &mut kept, &mut rng)
            .await
            .unwrap();
        assert_eq!(scene.fake.inner().revoked.len(), 1);
        assert_eq!(scene.fake.inner().envelopes.len(), 2);
    });
}

#[test]
fn a_broken_replacement_is_finished_by_the_same_call() {
    run(async {
        for reason in [Reason::Worn, Reason::Taken] {
            let mut scene = Scene::new().await;
            let cards = scene.cards(2).await;
            let (local, mut rng) = (Local::default(), scene.rng.clone());
            let mut kept = Envelopes::default();
            let (session, context) = (&scene.session, scene.context(&local));
            activate(session, &cards[0], &context, &mut rng)
                .await
                .unwrap();
            let both = Replacement {
                old: &cards[0],
                new: &cards[1],
                reason,
            };
            // The withdrawal does not arrive: it waits, and goes with the next call.
            scene.fake.inner().fault = Fault::RefusesRevocation;
            let broken = replace::replace(session, &both, &context, &mut kept, &mut rng).await;
            assert!(broken.is_ok() && scene.fake.inner().revoked.is_empty());
            assert_eq!(local.withdrawals.waiting(), 1);
            scene.fake.inner().fault = Fault::None;
            let once = scene.fake.inner().envelopes.clone();
            let after = replace::replace(session, &both, &context, &mut kept, &mut rng)
                .await
                .unwrap();
            let seen = present(session, &cards[1], &context, &mut kept, &mut rng).await;
            let seen = seen.unwrap().person().unwrap();
            assert_eq!(seen.pseudonym(), after.pseudonym());
            let inner = scene.fake.inner();
            assert_eq!(inner.revoked.len(), 1);
            let same = once.keys().eq(inner.envelopes.keys());
            assert!(same && once.len() == 1, "put once");
        }
    });
}

/// What opens from old bytes after a card was taken is not the secret in use.
#[test]
fn a_taken_card_rotates_the_secret() {
    run(async {
        let mut scene = Scene::new().await;
        let cards = scene.cards(2).await;
        let (mut local, mut rng) = (Local::default(), scene.rng.clone());
        let mut kept = Envelopes::default();
        let session = &scene.session;
        let before = activate(session, &cards[0], &scene.context(&local), &mut rng)
            .await
            .unwrap();
        let enrolled = event(crypto::report::Kind::Enrolled);
        local.record(session, &before, &enrolled, &mut rng).unwrap();
        kept.sync(session, 0).await.unwrap();
        let mut thief = kept.clone();
        let taken = Replacement {
            old: &cards[0],
            new: &cards[1],
            reason: Reason::Taken,
        };
        let context = scene.context(&local);
        let after = replace::replace(session, &taken, &context, &mut kept, &mut rng)
            .await
            .unwrap();
        assert_ne!(after.pseudonym(), before.pseudonym());
        assert!(!after.known());
        assert_eq!(after.claim(), Some(before.pseudonym()));
        let confirmed = local.confirm(session, &after, today(), &mut rng);
        assert!(confirmed.is_ok());
        // Who kept the bytes and never asks again opens the old secret with the old card.
        let old = shown(&scene, &cards[0], &local, &mut thief, &mut rng).await;
        assert!(matches!(old.outcome, Outcome::Superseded));
        let new = shown(&scene, &cards[1], &local, &mut kept, &mut rng).await;
        let new = new.person().unwrap();
        assert!(new.claim().is_none() && !scene.fake.inner().envelopes.is_empty());
        assert_eq!(local.roster.len(), 1);
        assert_eq!(local.roster.history(new.pseudonym()).len(), 2);
    });
}

/// No status code counts as a replacement: what the service did not keep is put again, and until it is there the old card is
/// not withdrawn.
#[test]
fn a_replacement_is_done_when_the_new_envelope_is_found() {
    run(async {
        let mut scene = Scene::new().await;
        let cards = scene.cards(2).await;
        let (local, mut rng) = (Local::default(), scene.rng.clone());
        let mut kept = Envelopes::default();
        let (session, context) = (&scene.session, scene.context(&local));
        let before = activate(session, &cards[0], &context, &mut rng)
            .await
            .unwrap();
        scene.fake.inner().fault = Fault::KeepsNothing;
        let both = worn(&cards[0], &cards[1]);
        let after = replace::replace(session, &both, &context, &mut kept, &mut rng)
            .await
            .unwrap();
        assert_eq!(after.pseudonym(), before.pseudonym());
        assert_eq!(scene.fake.inner().envelopes.len(), 1);
        let new = shown(&scene, &cards[1], &local, &mut kept, &mut rng).await;
        assert!(new.person().is_ok());
    });
}
