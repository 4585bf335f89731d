//! An older copy of what a terminal keeps, put back, and two copies used in turn.

use super::{Scene, activate, enrol, event, password, run};
use crate::answer::Answer;
use crate::error::Error;
use crate::local::Local;
use crate::notice::Notice;
use crate::session::Session;
use crate::state::{Closed, Open, StateKey};
use crate::testing::{Fake, today};
use crate::transport::{Request, Transport};
use crypto::id::{EntryId, SessionId};
use crypto::pseudonym::Pseudonym;
use crypto::report::Kind;
use crypto::rng::Random;
use crypto::roster::{EntryKind, RosterEntry};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

/// Which numbers of which sessions were ever used.
#[derive(Clone)]
struct Watched(Arc<Fake>, Arc<Mutex<Vec<(SessionId, u64)>>>);

impl Transport for Watched {
    async fn exchange(&self, request: Request) -> Result<Answer, Error> {
        let proof = request.proof;
        let numbers = proof.iter().map(|proof| (proof.session, proof.number));
        self.1.lock().unwrap().extend(numbers);
        Ok(self.0.pass(&request))
    }

    fn parallel(&self) -> usize {
        1
    }
}

type Signed = Session<Watched>;

/// A terminal's files, as somebody may copy them.
struct Terminal {
    watched: Watched,
    key: StateKey,
    rng: Random,
    card: String,
}

impl Terminal {
    /// Opens a copy and signs in with it.
    async fn signs_in(&mut self, copy: &[u8]) -> (Open, Signed) {
        let mut open = Closed::from_bytes(copy).unwrap().open(&self.key).unwrap();
        let (door, handle) = (open.device.door(), open.device.handle().clone());
        let (word, rng) = (password(), &mut self.rng);
        let begun = crate::login::begin(&self.watched, &door, &handle, &word, rng).await;
        let proved = begun.unwrap().prove(rng).unwrap();
        let transport = self.watched.clone();
        let session = proved.finish(transport, &mut open.device, today()).await;
        (open, session.unwrap())
    }

    fn saves(&mut self, open: &Open) -> Vec<u8> {
        open.seal(&mut self.rng).unwrap().to_vec()
    }

    /// A visit, with its report, that waits to be sent.
    async fn records(&mut self, open: &mut Open, session: &Signed, kind: Kind) {
        let (scene, rng) = (&open.local, &mut self.rng);
        let context = crate::present::Context {
            status: None,
            roster: &scene.roster,
            today: today(),
            seconds: 0,
            locker: false,
            withdrawals: &scene.withdrawals,
        };
        let list = super::newest(session).await;
        let context = crate::present::Context {
            status: Some(&list),
            ..context
        };
        let (card, kept) = (&self.card, &mut open.envelopes);
        let seen = crate::present::present(session, card, &context, kept, rng).await;
        let person = seen.unwrap().person().unwrap();
        let visit = event(kind);
        open.local.record(session, &person, &visit, rng).unwrap();
    }
}

/// An enrolled terminal that nobody has signed in at with a file, and its first copy.
async fn enrolled(scene: &mut Scene) -> (Terminal, Vec<u8>) {
    let card = scene.cards(1).await.remove(0);
    let (local, mut rng) = (Local::default(), Random::os());
    let context = scene.context(&local);
    let client = activate(&scene.session, &card, &context, &mut rng).await;
    drop(client.unwrap());
    let (handle, invitation) = ("staff.two".parse().unwrap(), scene.fake.invitation());
    let enrolled = enrol(&scene.fake, &invitation, &handle, &mut rng).await;
    let enrolled = enrolled.unwrap();
    let open = Open::new(enrolled.device, &enrolled.state_key, &mut rng).unwrap();
    let mut terminal = Terminal {
        watched: Watched(Arc::clone(&scene.fake), Arc::default()),
        key: enrolled.state_key,
        rng,
        card,
    };
    let copy = terminal.saves(&open);
    (terminal, copy)
}

fn forgotten(local: &Local) -> u32 {
    match local.notices()[..] {
        [] => 0,
        [Notice::Forgotten(entries)] => entries,
        ref other => panic!("{other:?}"),
    }
}

/// Everything that came, by its id: as often as it was sent.
fn arrived(fake: &Fake) -> (BTreeSet<EntryId>, usize) {
    let inner = fake.inner();
    let reports: BTreeSet<_> = inner.reports.iter().map(|report| report.id).collect();
    (inner.roster.iter().map(|it| it.id).collect(), reports.len())
}

#[test]
fn an_older_copy_sends_nothing_that_counts_twice_and_says_what_it_is() {
    run(async {
        let mut scene = Scene::new().await;
        let (mut terminal, first) = enrolled(&mut scene).await;
        let (mut open, session) = terminal.signs_in(&first).await;
        open.local.sync(&session).await.unwrap();
        let mut copies = vec![(first, 3), (terminal.saves(&open), 3)];
        for (left, kind) in [(2, Kind::Enrolled), (1, Kind::Contact), (0, Kind::Contact)] {
            terminal.records(&mut open, &session, kind).await;
            // Before it is sent, sent and not saved, and saved: the first two are one file.
            copies.push((terminal.saves(&open), left));
            open.local.sync(&session).await.unwrap();
            copies.push((terminal.saves(&open), left));
        }
        let newest = open.local.roster.clone();
        let there = arrived(&scene.fake);
        assert_eq!((there.0.len(), there.1), (3, 3));
        for (at, (copy, left)) in copies.iter().enumerate() {
            let (mut open, session) = terminal.signs_in(copy).await;
            let synced = open.local.sync(&session).await.unwrap();
            assert_eq!(arrived(&scene.fake), there, "copy {at}");
            assert_eq!((synced.forgotten, synced.forked), (*left as usize, 0));
            assert_eq!(forgotten(&open.local), *left, "copy {at}");
            assert_eq!(open.local.roster, newest);
            assert_eq!(open.local.waiting(), (0, 0));
            // It is said until somebody knows why.
            let copy = terminal.saves(&open);
            let (mut open, session) = terminal.signs_in(&copy).await;
            open.local.sync(&session).await.unwrap();
            assert_eq!(forgotten(&open.local), *left, "copy {at}");
            open.local.explained();
            assert_eq!(forgotten(&open.local), 0);
        }
    });
}

#[test]
fn two_copies_in_turn_share_no_number_and_no_nonce_and_both_say_so() {
    run(async {
        let mut scene = Scene::new().await;
        let (mut terminal, first) = enrolled(&mut scene).await;
        let mut copies = [first.clone(), first];
        let mut sealed = Vec::new();
        for turn in 0..6 {
            let (mut open, session) = terminal.signs_in(&copies[turn % 2]).await;
            open.local.sync(&session).await.unwrap();
            terminal.records(&mut open, &session, Kind::Contact).await;
            copies[turn % 2] = terminal.saves(&open);
            sealed.push(copies[turn % 2].clone());
            open.local.sync(&session).await.unwrap();
            assert!(!open.local.alarm());
            assert_eq!(forgotten(&open.local), turn.div_ceil(2) as u32, "{turn}");
        }
        let (entries, reports) = arrived(&scene.fake);
        assert_eq!((entries.len(), reports), (6, 6));
        let used = terminal.watched.1.lock().unwrap();
        let different: BTreeSet<_> = used.iter().collect();
        assert_eq!(different.len(), used.len());
        let inner = scene.fake.inner();
        let mut nonces: Vec<[u8; 24]> = inner
            .roster
            .iter()
            .map(|it| it.sealed[..24].try_into().unwrap())
            .collect();
        // The ephemeral keys of reports, and of persons; what was sent again is the same bytes.
        let reports: BTreeMap<_, _> = inner.reports.iter().map(|it| (it.id, it)).collect();
        nonces.extend(reports.values().map(|it| *it.body.first_chunk().unwrap()));
        nonces.extend(
            reports
                .values()
                .map(|it| *it.elgamal.first_chunk().unwrap()),
        );
        nonces.extend(sealed.iter().map(|file| body_nonce(file)));
        let different: BTreeSet<_> = nonces.iter().collect();
        assert_eq!((nonces.len(), different.len()), (24, 24));
    });
}

fn body_nonce(file: &[u8]) -> [u8; 24] {
    let outer: serde_json::Value = serde_json::from_slice(file).unwrap();
    let body = crypto::b64::decode(outer["body"].as_str().unwrap()).unwrap();
    *body.first_chunk().unwrap()
}

/// The log of keys is read on from where the older copy stood, so the service could show another one from there: the terminal's
/// own entries say what it had seen.
#[test]
fn another_log_shown_to_an_older_copy_is_noticed_by_its_own_entries() {
    run(async {
        let mut scene = Scene::new().await;
        let (mut newer, mut older) = (scene.enrolled.device.clone(), scene.enrolled.device.clone());
        let common = scene.fake.inner().log.clone();
        let longer = [common.clone(), vec![scene.another(8)]].concat();
        let session = scene.shown(&mut newer, longer).await;
        let entry = RosterEntry {
            pseudonym: Pseudonym::from_bytes([1; 16]),
            day: today(),
            kind: EntryKind::Consent { given: true },
        };
        let mut local = Local::default();
        local.enter(&session, entry, &mut scene.rng).unwrap();
        local.send(&session).await.unwrap();
        let other = [common, vec![scene.another(9)]].concat();
        let session = scene.shown(&mut older, other).await;
        let mut local = Local::default();
        local.sync(&session).await.unwrap();
        let notices = local.notices();
        assert_eq!(notices, [Notice::Forked, Notice::Forgotten(1)]);
        let words: Vec<String> = notices.iter().map(Notice::to_string).collect();
        assert!(words[0].contains("fingerprints") && words[1].contains("revoked"));
    });
}

/// A client whom only the newer copy knows brings a card, and staff take it for a blank.
#[test]
fn an_older_copy_withdraws_no_card_of_a_client_that_it_has_forgotten() {
    run(async {
        let mut scene = Scene::new().await;
        let card = scene.cards(1).await.remove(0);
        let (mut newer, mut older, mut rng) =
            (Local::default(), Local::default(), scene.rng.clone());
        let context = scene.context(&newer);
        let person = activate(&scene.session, &card, &context, &mut rng).await;
        let enrolled = event(Kind::Enrolled);
        newer
            .record(&scene.session, &person.unwrap(), &enrolled, &mut rng)
            .unwrap();
        newer.send(&scene.session).await.unwrap();
        for read in [false, true] {
            if read {
                older.sync(&scene.session).await.unwrap();
            }
            let context = scene.context(&older);
            let blank = activate(&scene.session, &card, &context, &mut rng).await;
            assert!(matches!(blank, Err(Error::AlreadyActive)));
            assert_eq!(older.withdrawals.waiting(), 0, "read: {read}");
        }
        assert!(scene.fake.inner().revoked.is_empty());
    });
}
