//! Giving the data key to colleagues: a server that names keys of its own, and lists that leave out or change somebody.

use super::{Scene, run};
use crate::colleagues::{self, Compared};
use crate::error::Error;
use crate::fingerprint::Shown;
use crate::holders::Holders;
use crate::invited::Invited;
use crate::local::Local;
use crate::testing::{Append, today};
use crypto::b64::Fixed;
use crypto::handover::{self, Founding, Place};
use crypto::hpke::{HpkePublic, HpkeSecret};
use crypto::id::{EntryId, ProviderId, StaffId};
use crypto::invitation::{Invitation, InviterKind, ProofKey, Registrant};
use crypto::rng::Random;
use crypto::roster::staff::{How, StaffAct, StaffEntry};
use crypto::secret::Secret;
use wire::{Colleague, Role};

/// Whoever signed in, as an honest server lists them.
fn me(scene: &Scene) -> Colleague {
    Colleague {
        staff: scene.session.staff(),
        handle: "staff.one".to_owned(),
        role: Role::ProviderAdministrator,
        public: Fixed(*scene.session.staff_key().public().as_bytes()),
        proof: Fixed([0; 32]),
        invited: InviterKind::CommandLine,
        on: today(),
        first: true,
        has_data_key: true,
        revoked: false,
    }
}

/// Somebody who registered with an invitation of this terminal, as an honest server lists them.
struct Newcomer {
    key: HpkeSecret,
    listed: Colleague,
    proof: ProofKey,
}

async fn newcomer(scene: &mut Scene, invited: &mut Invited, handle: &str) -> Newcomer {
    let provider = scene.session.provider();
    let place = (Role::Clinician, provider);
    let mut rng = scene.rng.clone();
    let drawn = colleagues::invite(&scene.session, place, invited, today(), &mut rng).await;
    let proof = Invitation::read(drawn.unwrap().text()).unwrap().proof_key();
    let key = HpkeSecret::generate(&mut rng);
    let staff = StaffId::random(&mut rng);
    scene.rng = rng;
    let proved = proof.prove(&Registrant {
        provider: provider.as_ref(),
        role: Role::Clinician.code(),
        handle,
        public: &key.public(),
    });
    let listed = Colleague {
        staff,
        handle: handle.to_owned(),
        role: Role::Clinician,
        public: Fixed(*key.public().as_bytes()),
        proof: Fixed(proved),
        invited: InviterKind::Administrator,
        on: today(),
        first: false,
        has_data_key: false,
        revoked: false,
    };
    Newcomer { key, listed, proof }
}

fn fingerprint(provider: &ProviderId, key: &HpkeSecret) -> crate::fingerprint::Typed {
    let shown = Shown::of(provider, &key.public()).to_string();
    shown.parse().unwrap()
}

/// What a server can list in the place of somebody who proved an invitation: it has their proof, the hash and the opener.
fn bent(scene: &Scene, listed: &Colleague, theirs: &HpkePublic) -> Vec<Colleague> {
    let swapped = Colleague {
        public: Fixed(*theirs.as_bytes()),
        ..listed.clone()
    };
    let hash = scene.fake.inner().invited.last().unwrap().hash.0;
    let guessed = ProofKey::new(Secret::new(hash));
    let made_up = Colleague {
        proof: Fixed(proved(scene, &guessed, theirs)),
        ..swapped.clone()
    };
    let mut all = vec![swapped, made_up];
    all.extend([
        listed.clone(),
        listed.clone(),
        listed.clone(),
        listed.clone(),
    ]);
    all[2].handle = "ani".to_owned();
    all[3].role = Role::ProviderAdministrator;
    all[4].invited = InviterKind::Operator;
    all[5].on = today().plus(-1);
    all
}

/// That of a clinician called budi.
fn proved(scene: &Scene, key: &ProofKey, public: &HpkePublic) -> [u8; 32] {
    key.prove(&Registrant {
        provider: scene.session.provider().as_ref(),
        role: Role::Clinician.code(),
        handle: "budi",
        public,
    })
}

#[test]
fn a_colleague_is_known_by_the_invitation_that_was_drawn_here() {
    run(async {
        let mut scene = Scene::new().await;
        let mut invited = Invited::default();
        let Newcomer { listed, proof, .. } = newcomer(&mut scene, &mut invited, "budi").await;
        let theirs = HpkeSecret::generate(&mut scene.rng).public();
        let session = &scene.session;
        for wrong in bent(&scene, &listed, &theirs) {
            let refused = Compared::by_invitation(session, &mut invited, &wrong);
            assert!(matches!(refused, Err(Error::NotInvited)));
        }
        for _ in 0..2 {
            assert!(Compared::by_invitation(session, &mut invited, &listed).is_ok());
        }
        // Whoever else read the text comes second: one invitation, one key.
        let second = Colleague {
            public: Fixed(*theirs.as_bytes()),
            proof: Fixed(proved(&scene, &proof, &theirs)),
            ..listed
        };
        let refused = Compared::by_invitation(session, &mut invited, &second);
        assert!(matches!(refused, Err(Error::NotInvited)));
        let strange = Compared::by_invitation(session, &mut Invited::default(), &second);
        assert!(matches!(strange, Err(Error::NotInvited)), "not drawn there");
    });
}

#[test]
fn a_typed_fingerprint_is_that_of_the_colleagues_own_terminal_or_nothing() {
    run(async {
        let mut scene = Scene::new().await;
        let mut invited = Invited::default();
        let it = newcomer(&mut scene, &mut invited, "budi").await;
        let provider = scene.session.provider().unwrap();
        let typed = fingerprint(&provider, &it.key);
        assert!(Compared::by_typing(&scene.session, &it.listed, &typed).is_ok());
        let theirs = HpkeSecret::generate(&mut scene.rng).public();
        let swapped = Colleague {
            public: Fixed(*theirs.as_bytes()),
            ..it.listed
        };
        let refused = Compared::by_typing(&scene.session, &swapped, &typed);
        assert!(matches!(refused, Err(Error::OtherFingerprint)));
        let own = scene.session.fingerprint().unwrap().to_string();
        let own = own.parse().unwrap();
        let refused = Compared::by_typing(&scene.session, &swapped, &own);
        assert!(matches!(refused, Err(Error::OtherFingerprint)));
    });
}

/// Before the data key leaves, the provider's log says so, and who made it; called again, it says nothing twice.
#[test]
fn who_is_given_the_data_key_stands_in_the_roster_before_it_leaves() {
    run(async {
        let mut scene = Scene::new().await;
        let (mut local, mut invited) = (Local::default(), Invited::default());
        let it = newcomer(&mut scene, &mut invited, "budi").await;
        let mut rng = scene.rng.clone();
        let compared = Compared::by_invitation(&scene.session, &mut invited, &it.listed).unwrap();
        for _ in 0..2 {
            let session = &scene.session;
            let given = colleagues::admit(session, &mut local, &compared, today(), &mut rng);
            given.await.unwrap();
        }
        let (staff, sealed) = {
            let inner = scene.fake.inner();
            assert_eq!((inner.roster.len(), inner.given.len()), (2, 2));
            let place = |it: &str| inner.seen.iter().position(|seen| seen.contains(it));
            assert!(place("POST /v1/roster").unwrap() < place("/data-key").unwrap());
            inner.given.last().cloned().unwrap()
        };
        assert_eq!(staff, it.listed.staff);
        let giver = scene.session.staff_key().public();
        let here = Place {
            provider: scene.fake.provider,
            role: Role::Clinician.code(),
            invited: InviterKind::Administrator,
        };
        let opened = handover::open(&it.key, &giver, &here, &sealed).unwrap();
        assert_eq!(Some(&opened.key), scene.session.data_key());
        assert_eq!(Some(&opened.founding), scene.session.founding());
        // Another terminal of the provider reads it for ever.
        let mut other = Local::default();
        other.sync(&scene.session).await.unwrap();
        assert_eq!(other.holders, local.holders);
        let lines = other.holders.lines();
        let acts: Vec<_> = lines.iter().map(|it| (it.name.as_str(), it.act)).collect();
        let how = How::Invitation(Fixed(it.proof.line_tag()));
        let given = StaffAct::Given { by: giver, how };
        assert!(acts.contains(&("staff.one", StaffAct::Founded)));
        assert!(acts.contains(&("budi", given)));
        assert!(!other.alarm());
    });
}

/// A line that the server acknowledges and drops, or does not take, is none: nobody is given anything, not at the next try either.
#[test]
fn the_data_key_leaves_when_its_line_was_read_back_and_not_before() {
    let bends: [(Append, bool); 3] = [
        (Box::new(|log, _| log.clear()), true),
        (Box::new(|log, _| drop(log.pop())), true),
        (Box::new(|log, acks| (log.clear(), acks.clear()).0), false),
    ];
    for (bend, acknowledged) in bends {
        run(async {
            let mut scene = Scene::new().await;
            let (mut local, mut invited) = (Local::default(), Invited::default());
            let it = newcomer(&mut scene, &mut invited, "budi").await;
            let mut rng = scene.rng.clone();
            let session = &scene.session;
            let compared = Compared::by_invitation(session, &mut invited, &it.listed).unwrap();
            scene.fake.inner().append = Some(bend);
            for _ in 0..2 {
                let given = colleagues::admit(session, &mut local, &compared, today(), &mut rng);
                match given.await {
                    Err(Error::Dropped) => assert!(acknowledged && local.alarm()),
                    Err(Error::Conflict) => assert!(!acknowledged && local.refused() == 2),
                    other => panic!("{other:?}"),
                }
                // An honest server from now on: what was refused is still not there.
                scene.fake.inner().append = None;
            }
            assert_eq!(scene.fake.inner().given.len(), 0);
        });
    }
}

/// An older copy of what a terminal keeps does not know with which key an invitation was answered; the roster does.
#[test]
fn an_invitation_that_was_answered_is_nobody_elses_though_an_older_copy_was_put_back() {
    run(async {
        let mut scene = Scene::new().await;
        let (mut local, mut invited) = (Local::default(), Invited::default());
        let it = newcomer(&mut scene, &mut invited, "budi").await;
        let older = serde_json::to_vec(&invited).unwrap();
        let (mut rng, session) = (scene.rng.clone(), &scene.session);
        let compared = Compared::by_invitation(session, &mut invited, &it.listed).unwrap();
        let given = colleagues::admit(session, &mut local, &compared, today(), &mut rng);
        given.await.unwrap();
        let theirs = HpkeSecret::generate(&mut rng).public();
        for name in ["budi", "ani"] {
            let proved = it.proof.prove(&Registrant {
                provider: session.provider().as_ref(),
                role: Role::Clinician.code(),
                handle: name,
                public: &theirs,
            });
            let second = Colleague {
                staff: StaffId::random(&mut rng),
                handle: name.to_owned(),
                public: Fixed(*theirs.as_bytes()),
                proof: Fixed(proved),
                ..it.listed.clone()
            };
            let mut invited: Invited = serde_json::from_slice(&older).unwrap();
            let compared = Compared::by_invitation(session, &mut invited, &second).unwrap();
            let mut local = Local::default();
            let given = colleagues::admit(session, &mut local, &compared, today(), &mut rng);
            assert!(matches!(given.await, Err(Error::NotInvited)), "{name}");
        }
        // The one who came first is given it again, as after a lost answer.
        let mut invited: Invited = serde_json::from_slice(&older).unwrap();
        let compared = Compared::by_invitation(session, &mut invited, &it.listed).unwrap();
        let given = colleagues::admit(session, &mut local, &compared, today(), &mut rng);
        given.await.unwrap();
        let given = scene.fake.inner().given.clone();
        assert!(given.iter().all(|(staff, _)| *staff == it.listed.staff));
    });
}

/// A provider with a colleague who has the data key, and its honest list.
async fn staffed() -> (Scene, Local, Vec<Colleague>) {
    let mut scene = Scene::new().await;
    let (mut local, mut invited) = (Local::default(), Invited::default());
    let mut it = newcomer(&mut scene, &mut invited, "budi").await;
    let provider = scene.session.provider().unwrap();
    let typed = fingerprint(&provider, &it.key);
    // As if an operator had let this one in: the giver compared by typing.
    it.listed.invited = InviterKind::Operator;
    let mut rng = scene.rng.clone();
    let compared = Compared::by_typing(&scene.session, &it.listed, &typed).unwrap();
    let given = colleagues::admit(&scene.session, &mut local, &compared, today(), &mut rng);
    given.await.unwrap();
    it.listed.has_data_key = true;
    let listed = vec![me(&scene), it.listed];
    (scene, local, listed)
}

type Bend = fn(&mut Vec<Colleague>);

/// What a server can say otherwise of the two.
const BENDS: [(&str, Bend); 12] = [
    ("the first administrator is left out", |it| {
        drop(it.remove(0));
    }),
    ("nobody is the first", |it| it[0].first = false),
    ("the first was invited by a colleague", |it| {
        it[0].invited = InviterKind::Administrator;
    }),
    ("the first was invited on another day", |it| {
        it[0].on = it[0].on.plus(-1);
    }),
    ("the first has another name", |it| it[0].handle.push('2')),
    ("a second first", |it| it[1].first = true),
    ("another first", |it| {
        (it[0].first, it[1].first) = (false, true);
    }),
    ("somebody is left out", |it| drop(it.pop())),
    ("nobody let them in from outside", |it| {
        it[1].invited = InviterKind::Administrator;
    }),
    ("another role", |it| it[1].role = Role::OutreachWorker),
    ("another key", |it| it[1].public = Fixed([5; 32])),
    ("somebody has it of whom nothing is written", |it| {
        let mut more = it[1].clone();
        (more.staff, more.public) = (StaffId::from_bytes([9; 16]), Fixed([6; 32]));
        it.push(more);
    }),
];

#[test]
fn a_list_of_staff_that_leaves_out_or_changes_somebody_is_an_alarm() {
    run(async {
        let (scene, _, honest) = staffed().await;
        for (what, bend) in BENDS {
            let mut bent = honest.clone();
            bend(&mut bent);
            scene.fake.inner().staff = bent;
            let mut local = Local::default();
            let refused = colleagues::colleagues(&scene.session, &mut local).await;
            assert!(matches!(refused, Err(Error::Directory)), "{what}");
        }
        scene.fake.inner().staff = honest;
        let mut local = Local::default();
        let listed = colleagues::colleagues(&scene.session, &mut local).await;
        assert_eq!(listed.unwrap().len(), 2);
        assert!(!local.alarm());
    });
}

#[test]
fn after_a_contradiction_nobody_is_given_the_data_key() {
    run(async {
        let (mut scene, mut local, honest) = staffed().await;
        let mut bent = honest.clone();
        bent[0].first = false;
        scene.fake.inner().staff = bent;
        let refused = colleagues::colleagues(&scene.session, &mut local).await;
        assert!(matches!(refused, Err(Error::Directory)) && local.alarm());
        // It is kept, and honest lists end nothing.
        let kept = serde_json::to_string(&local).unwrap();
        let mut local: Local = serde_json::from_str(&kept).unwrap();
        scene.fake.inner().staff = honest;
        assert!(local.alarm());
        let mut invited = Invited::default();
        let it = newcomer(&mut scene, &mut invited, "ani").await;
        let mut rng = scene.rng.clone();
        let compared = Compared::by_invitation(&scene.session, &mut invited, &it.listed).unwrap();
        let session = &scene.session;
        let refused = colleagues::admit(session, &mut local, &compared, today(), &mut rng).await;
        assert!(matches!(refused, Err(Error::Directory)));
        assert_eq!(scene.fake.inner().given.len(), 1, "as before");
    });
}

fn keys() -> [HpkePublic; 3] {
    let mut rng = Random::seeded([2; 32]);
    std::array::from_fn(|_| HpkeSecret::generate(&mut rng).public())
}

fn line(key: HpkePublic, act: StaffAct) -> StaffEntry {
    StaffEntry {
        key,
        name: "budi".to_owned().try_into().unwrap(),
        role: 2,
        invited: InviterKind::Operator,
        on: today(),
        day: today(),
        act,
    }
}

/// Whoever was given the data key finds in the roster who made it, and that it was given to them.
#[test]
fn an_origin_that_the_roster_does_not_tell_or_contradicts_is_an_alarm() {
    let [founder, own, operator] = keys();
    let founding = Founding {
        key: founder,
        invited: InviterKind::Operator,
        on: today(),
    };
    let how = How::Typed;
    let given = StaffAct::Given { by: founder, how };
    let good = [line(founder, StaffAct::Founded), line(own, given)];
    let alarm = |lines: &[StaffEntry], own: &HpkePublic| {
        let mut holders = Holders::default();
        for (at, line) in lines.iter().enumerate() {
            let id = EntryId::from_bytes([u8::try_from(at).unwrap(); 16]);
            assert!(holders.insert(id, line.clone()) && !holders.insert(id, line.clone()));
        }
        holders.agree(&founding, own);
        holders.alarm
    };
    assert!(!alarm(&good, &own));
    assert!(alarm(&good[..1], &own), "not told that it was given");
    assert!(alarm(&good[1..], &own), "not told who made it");
    assert!(alarm(&[], &own));
    assert!(!alarm(&[], &founder), "who made it and gave it to nobody");
    let second = line(operator, StaffAct::Founded);
    let later = [good[0].clone(), good[1].clone(), second.clone()];
    assert!(alarm(&later, &own), "a second maker is seen by everybody");
    assert!(alarm(&later, &founder));
    assert!(alarm(&[second, good[1].clone()], &own));
}

#[test]
fn what_is_kept_of_invitations_ends_and_is_bounded() {
    run(async {
        let mut scene = Scene::new().await;
        let mut invited = Invited::default();
        let first = newcomer(&mut scene, &mut invited, "budi").await;
        let provider = scene.session.provider().unwrap();
        let text = serde_json::to_string(&invited).unwrap();
        let mut read: Invited = serde_json::from_str(&text).unwrap();
        let own = scene.session.staff_key().public();
        assert!(read.meet(&provider, &own, &first.listed).is_ok(), "kept");
        let other = read.meet(&provider, &first.key.public(), &first.listed);
        assert!(matches!(other, Err(Error::NotInvited)), "another's");
        for _ in 0..256 {
            newcomer(&mut scene, &mut invited, "ani").await;
        }
        assert_eq!(invited.len(), 256);
        let gone = invited.meet(&provider, &own, &first.listed);
        assert!(matches!(gone, Err(Error::NotInvited)));
        let late = today().plus(91);
        let (session, place) = (&scene.session, (Role::Clinician, Some(provider)));
        let later = colleagues::invite(session, place, &mut invited, late, &mut scene.rng);
        later.await.unwrap();
        assert_eq!(invited.len(), 1);
        assert!(!invited.is_empty() && !format!("{invited:?}").contains("secret: ["));
    });
}
