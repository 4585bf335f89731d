//! A server that acknowledges entries and does not keep them, at a whole terminal.

use super::{Scene, run};
use crate::local::Local;
use crate::notice::Notice;
use crate::testing::{Append, today};
use crypto::pseudonym::Pseudonym;
use crypto::roster::{EntryKind, RosterEntry};

/// What a server does to the entries of one call, of which there are two.
fn bends() -> Vec<(&'static str, Append)> {
    vec![
        ("drops both", Box::new(|log, _| log.clear())),
        (
            "drops the last",
            Box::new(|log, _| {
                log.pop();
            }),
        ),
        (
            "exchanges the bytes",
            Box::new(|log, _| log[0].sealed = vec![7; 372].into()),
        ),
        (
            "swaps their numbers",
            Box::new(|log, acks| {
                (log[0].seq, log[1].seq) = (2, 1);
                log.swap(0, 1);
                assert_eq!((acks[0].seq, acks[1].seq), (1, 2));
            }),
        ),
        (
            "names numbers far ahead",
            Box::new(|_, acks| acks.iter_mut().for_each(|ack| ack.seq += 9)),
        ),
        ("names no number", Box::new(|_, acks| acks[1].seq = 0)),
        (
            "names one number twice",
            Box::new(|_, acks| acks[1].seq = 1),
        ),
    ]
}

fn note(n: u8) -> RosterEntry {
    RosterEntry {
        pseudonym: Pseudonym::from_bytes([n; 16]),
        day: today(),
        kind: EntryKind::Note {
            text: "seen".to_owned().try_into().unwrap(),
        },
    }
}

#[test]
fn an_entry_that_is_acknowledged_and_not_kept_is_an_alarm_and_sent_again() {
    run(async {
        for (what, bend) in bends() {
            let mut scene = Scene::new().await;
            let mut local = Local::default();
            let mut ids = Vec::new();
            for n in [1, 2] {
                ids.push(
                    local
                        .enter(&scene.session, note(n), &mut scene.rng)
                        .unwrap(),
                );
            }
            scene.fake.inner().append = Some(bend);
            let synced = local.sync(&scene.session).await.unwrap();
            assert!(synced.dropped > 0, "{what}");
            assert_eq!(local.notices(), [Notice::Dropped], "{what}");
            assert!(local.alarm(), "{what}");
            // It is kept, and a server that keeps what it is sent ends nothing.
            let kept = serde_json::to_string(&local).unwrap();
            let mut local: Local = serde_json::from_str(&kept).unwrap();
            scene.fake.inner().append = None;
            local.sync(&scene.session).await.unwrap();
            assert!(local.alarm(), "{what}");
            if what != "exchanges the bytes" {
                assert_eq!(local.waiting(), (0, 0), "{what}");
                let inner = scene.fake.inner();
                for id in &ids {
                    let times = inner.roster.iter().filter(|it| it.id == *id).count();
                    assert_eq!(times, 1, "{what}");
                }
            }
        }
    });
}

/// Neither lost answers nor colleagues who write at the same time are an alarm.
#[test]
fn an_honest_server_is_no_alarm() {
    run(async {
        let mut scene = Scene::new().await;
        let (mut local, mut other) = (Local::default(), Local::default());
        for n in 0..9 {
            local
                .enter(&scene.session, note(n), &mut scene.rng)
                .unwrap();
            other
                .enter(&scene.session, note(n + 9), &mut scene.rng)
                .unwrap();
            if n % 3 == 0 {
                scene.fake.inner().fault = crate::testing::Fault::LosesRosterAnswer;
                assert!(local.sync(&scene.session).await.is_err());
            }
            other.sync(&scene.session).await.unwrap();
            let synced = local.sync(&scene.session).await.unwrap();
            assert_eq!((synced.dropped, local.alarm()), (0, false));
        }
        assert_eq!((local.waiting(), local.refused()), ((0, 0), 0));
        other.sync(&scene.session).await.unwrap();
        assert!(!other.alarm() && other.roster == local.roster);
    });
}
