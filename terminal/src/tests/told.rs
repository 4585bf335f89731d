//! Two terminals of one provider, and a service that shows each of them its own.

use super::{Scene, password, run, sign_in};
use crate::device::Device;
use crate::error::Error;
use crate::local::{Local, Synced};
use crate::session::Session;
use crate::testing::{Fake, today};
use crypto::id::ProviderId;
use crypto::pseudonym::Pseudonym;
use crypto::roster::{EntryKind, RosterEntry};
use crypto::trust::LogEntry;
use std::sync::Arc;

type Signed = Session<Arc<Fake>>;

impl Scene {
    /// A listing of some other provider.
    pub(super) fn another(&self, number: u8) -> LogEntry {
        let provider = ProviderId::from_bytes([number; 16]);
        self.fake.joined(provider)
    }

    /// Signs a terminal in that is shown this log.
    pub(super) async fn shown(&mut self, device: &mut Device, log: Vec<LogEntry>) -> Signed {
        self.fake.inner().log = log;
        sign_in(&self.fake, device, &password(), &mut self.rng)
            .await
            .unwrap()
    }

    /// Writes one entry and sends it.
    async fn writes(&mut self, session: &Signed, local: &mut Local) {
        let entry = RosterEntry {
            pseudonym: Pseudonym::from_bytes([1; 16]),
            day: today(),
            kind: EntryKind::Consent { given: true },
        };
        local.enter(session, entry, &mut self.rng).unwrap();
        local.send(session).await.unwrap();
    }
}

async fn reads(session: &Signed) -> (Result<Synced, Error>, bool) {
    let mut local = Local::default();
    let synced = local.sync(session).await;
    (synced, local.alarm())
}

#[test]
fn a_log_made_for_one_terminal_is_noticed_by_the_next_of_its_provider() {
    run(async {
        let mut scene = Scene::new().await;
        let (mut first, mut second) =
            (scene.enrolled.device.clone(), scene.enrolled.device.clone());
        let common = scene.fake.inner().log.clone();
        let own = [common.clone(), vec![scene.another(8)]].concat();
        let other = [common.clone(), vec![scene.another(9)]].concat();
        let session = scene.shown(&mut first, own.clone()).await;
        scene.writes(&session, &mut Local::default()).await;

        let session = scene.shown(&mut second.clone(), other).await;
        let (synced, alarm) = reads(&session).await;
        assert_eq!((synced.unwrap().forked, alarm), (1, true));
        // The control: both are shown the same.
        let session = scene.shown(&mut second, own).await;
        let (synced, alarm) = reads(&session).await;
        assert_eq!((synced.unwrap().forked, alarm), (0, false));
    });
}

#[test]
fn a_terminal_that_is_kept_behind_notices_or_catches_up() {
    run(async {
        let mut scene = Scene::new().await;
        let (mut first, mut second) =
            (scene.enrolled.device.clone(), scene.enrolled.device.clone());
        let common = scene.fake.inner().log.clone();
        let longer = [common.clone(), vec![scene.another(8)]].concat();
        let session = scene.shown(&mut first, longer.clone()).await;
        scene.writes(&session, &mut Local::default()).await;
        let session = scene.shown(&mut second, common.clone()).await;
        // The service shows nothing more, shows something else, and at last what it showed the first.
        let (synced, alarm) = reads(&session).await;
        assert_eq!((synced.unwrap().forked, alarm), (1, true));
        scene.fake.inner().log = [common, vec![scene.another(9)]].concat();
        let (synced, alarm) = reads(&session).await;
        assert_eq!((synced.unwrap().forked, alarm), (1, true));
        scene.fake.inner().log = longer;
        let (synced, alarm) = reads(&session).await;
        assert_eq!((synced.unwrap().forked, alarm), (0, false));
    });
}

#[test]
fn an_entry_that_is_left_out_is_noticed_by_what_comes_after_it() {
    run(async {
        let mut scene = Scene::new().await;
        let mut device = scene.enrolled.device.clone();
        let log = scene.fake.inner().log.clone();
        let session = scene.shown(&mut device, log).await;
        let mut author = Local::default();
        for _ in 0..3 {
            scene.writes(&session, &mut author).await;
            assert_eq!(author.sync(&session).await.unwrap().forked, 0);
        }
        let whole = scene.fake.inner().roster.clone();
        let (synced, alarm) = reads(&session).await;
        assert_eq!((synced.unwrap().forked, alarm), (0, false), "the control");
        // Without its number a gap is left.
        scene.fake.inner().roster.remove(1);
        assert!(matches!(reads(&session).await.0, Err(Error::Answer)));
        // With the numbers closed up, or two entries in each other's place, the next author saw something else.
        scene.fake.inner().roster[1].seq = 2;
        let (synced, alarm) = reads(&session).await;
        assert_eq!((synced.unwrap().forked, alarm), (1, true));
        let mut swapped = whole;
        swapped.swap(0, 1);
        (swapped[0].seq, swapped[1].seq) = (1, 2);
        scene.fake.inner().roster = swapped;
        let (synced, alarm) = reads(&session).await;
        assert!(synced.unwrap().forked > 0 && alarm);
    });
}

/// What the service shows to calm a terminal down is no log that it must stand by: the next sign-in may bring another.
#[test]
fn a_log_that_was_shown_once_and_then_another_is_noticed() {
    run(async {
        let mut scene = Scene::new().await;
        let (mut first, mut second) =
            (scene.enrolled.device.clone(), scene.enrolled.device.clone());
        let common = scene.fake.inner().log.clone();
        let longer = [common.clone(), vec![scene.another(8)]].concat();
        let session = scene.shown(&mut first, longer.clone()).await;
        scene.writes(&session, &mut Local::default()).await;
        let session = scene.shown(&mut second, common.clone()).await;
        scene.fake.inner().log = longer;
        let mut local = Local::default();
        assert_eq!(local.sync(&session).await.unwrap().forked, 0);
        assert!(!local.alarm());
        let other = [common, vec![scene.another(9)]].concat();
        let session = scene.shown(&mut second, other).await;
        assert_eq!(local.sync(&session).await.unwrap().forked, 1);
        assert!(local.alarm());
    });
}

#[test]
fn an_alarm_stays_and_is_kept() {
    run(async {
        let mut scene = Scene::new().await;
        let mut device = scene.enrolled.device.clone();
        let log = scene.fake.inner().log.clone();
        let other = [log.clone(), vec![scene.another(8)]].concat();
        let session = scene.shown(&mut device.clone(), other).await;
        scene.writes(&session, &mut Local::default()).await;
        let session = scene.shown(&mut device, log).await;
        let mut local = Local::default();
        assert_eq!(local.sync(&session).await.unwrap().forked, 1);
        assert_eq!(local.sync(&session).await.unwrap().forked, 0);
        assert!(local.alarm());
        let kept = serde_json::to_string(&local).unwrap();
        assert!(serde_json::from_str::<Local>(&kept).unwrap().alarm());
    });
}
