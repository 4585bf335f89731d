//! What a terminal believes to be the provider's data key: a server that seals one of its own, in every way that it can.

use super::{Scene, enrol, password, run, sign_in};
use crate::device::Device;
use crate::error::Error;
use crate::fingerprint::Shown;
use crate::local::Local;
use crate::session::Session;
use crate::testing::{Fake, today};
use crypto::b64::B64;
use crypto::handover::{self, Founding, Handed, Place};
use crypto::hpke::{self, HpkePublic, HpkeSecret};
use crypto::id::ProviderId;
use crypto::invitation::{Inviter, InviterKind};
use crypto::label::DATA_KEY_HANDED;
use crypto::provider::DataKey;
use crypto::rng::Random;
use std::sync::Arc;
use wire::Role;

/// Somebody who was invited, and whoever gives the data key.
struct Receiver {
    fake: Arc<Fake>,
    device: Device,
    own: HpkePublic,
    giver: HpkeSecret,
    place: Place,
    handed: Handed,
    rng: Random,
}

impl Receiver {
    async fn invited(inviter: impl Fn(HpkePublic) -> Inviter) -> Self {
        let mut rng = Random::seeded([8; 32]);
        let fake = Fake::new(&mut rng);
        let giver = HpkeSecret::generate(&mut rng);
        let inviter = inviter(giver.public());
        let text = fake.invited_by(Role::Clinician, inviter);
        let handle = "budi".parse().unwrap();
        let enrolled = enrol(&fake, &text, &handle, &mut rng).await.unwrap();
        let own = fake.inner().registered.as_ref().unwrap().staff_public.0;
        let founding = Founding {
            key: giver.public(),
            invited: InviterKind::Operator,
            on: today(),
        };
        Self {
            device: enrolled.device,
            own: HpkePublic::from_bytes(own),
            giver,
            place: Place {
                provider: fake.provider,
                role: Role::Clinician.code(),
                invited: inviter.kind(),
            },
            handed: Handed {
                key: DataKey::random(&mut rng),
                founding,
            },
            fake,
            rng,
        }
    }

    /// What this giver seals of this for this place.
    fn sealed(&mut self, giver: &HpkeSecret, place: &Place, handed: &Handed) -> Vec<u8> {
        handover::seal(giver, &self.own, place, handed, &mut self.rng).unwrap()
    }

    fn honest(&mut self) -> Vec<u8> {
        let (giver, place, handed) = (self.giver.clone(), self.place, self.handed.clone());
        self.sealed(&giver, &place, &handed)
    }

    /// Signs in at a server that hands this out.
    async fn handed(&mut self, sealed: &[u8]) -> Result<Session<Arc<Fake>>, Error> {
        let sealed = Some(B64(sealed.to_vec()));
        let registered = |fake: &Fake| fake.inner().registered.clone().unwrap();
        let mut bent = registered(&self.fake);
        bent.data_key_sealed = sealed;
        self.fake.inner().registered = Some(bent);
        sign_in(&self.fake, &mut self.device, &password(), &mut self.rng).await
    }

    fn types(&mut self, provider: &ProviderId, key: &HpkePublic) {
        let shown = Shown::of(provider, key).to_string();
        self.device.expect_giver(shown.parse().unwrap());
    }

    /// Everything that a server can seal which has not the giver's private key, and what the giver sealed for others.
    fn forged(&mut self) -> Vec<(&'static str, Vec<u8>)> {
        let mut all = self.sealed_by_nobody();
        all.extend(self.sealed_for_others());
        all
    }

    fn sealed_by_nobody(&mut self) -> Vec<(&'static str, Vec<u8>)> {
        let (to, public, place) = (self.own, self.giver.public(), self.place);
        let theirs = HpkeSecret::generate(&mut self.rng);
        let own_value = Handed {
            key: DataKey::random(&mut self.rng),
            founding: self.handed.founding,
        };
        let under_theirs = self.sealed(&theirs, &place, &own_value);
        let named = |sealed: &[u8]| [&public.as_bytes()[..], sealed].concat();
        let renamed = named(&under_theirs[32..]);
        let bound = [
            &place.provider.as_bytes()[..],
            public.as_bytes(),
            to.as_bytes(),
            &[place.role, place.invited.code()],
        ]
        .concat();
        let plain = [own_value.key.expose().to_vec(), vec![0; 37]].concat();
        let rng = &mut self.rng;
        let mut base =
            |aad: &[u8], plain: &[u8]| hpke::seal(&to, DATA_KEY_HANDED, aad, plain, rng).unwrap();
        vec![
            ("under a key of the server's", under_theirs),
            ("under a key of the server's, renamed", renamed),
            ("in base mode", named(&base(&bound, &plain))),
            // Sealed to the public key, with it as associated data, and no word of who did.
            ("in base mode, alone", base(to.as_bytes(), &plain[..32])),
            ("nothing", Vec::new()),
        ]
    }

    fn sealed_for_others(&mut self) -> Vec<(&'static str, Vec<u8>)> {
        let (giver, place, good) = (self.giver.clone(), self.place, self.handed.clone());
        let elsewhere = Place {
            provider: ProviderId::from_bytes([3; 16]),
            ..place
        };
        let role = Place {
            role: Role::OutreachWorker.code(),
            ..place
        };
        let invited = Place {
            invited: InviterKind::CommandLine,
            ..place
        };
        let other = HpkeSecret::generate(&mut self.rng).public();
        let others = handover::seal(&giver, &other, &place, &good, &mut self.rng).unwrap();
        let mut sealed = |place| self.sealed(&giver, &place, &good);
        vec![
            ("by the giver for another provider", sealed(elsewhere)),
            ("by the giver for another role", sealed(role)),
            ("by the giver for another inviter", sealed(invited)),
            ("by the giver for somebody else", others),
        ]
    }
}

#[test]
fn a_data_key_is_believed_from_the_inviter_alone() {
    run(async {
        let mut it = Receiver::invited(Inviter::Administrator).await;
        for (what, sealed) in it.forged() {
            let refused = it.handed(&sealed).await;
            assert!(matches!(refused, Err(Error::OtherGiver)), "{what}");
            assert!(!it.device.has_pinned(), "{what}");
        }
        let honest = it.honest();
        let session = it.handed(&honest).await.unwrap();
        assert_eq!(session.data_key(), Some(&it.handed.key));
        assert_eq!(session.founding(), Some(&it.handed.founding));
        let origin = session.origin().unwrap();
        let founder = Shown::of(&it.fake.provider, &it.giver.public()).to_string();
        assert!(origin.contains(&founder) && origin.contains("invited by an operator"));
        assert!(origin.contains(&today().to_string()) && !origin.contains("you"));
    });
}

/// Not even the giver changes it later, nor what it is said to come from; and a terminal that believed it once refuses what
/// it refused before.
#[test]
fn what_was_believed_once_is_never_replaced() {
    run(async {
        let mut it = Receiver::invited(Inviter::Administrator).await;
        let honest = it.honest();
        it.handed(&honest).await.unwrap();
        let (giver, place) = (it.giver.clone(), it.place);
        let another = Handed {
            key: DataKey::random(&mut it.rng),
            founding: it.handed.founding,
        };
        let other_origin = Handed {
            key: it.handed.key.clone(),
            founding: Founding {
                invited: InviterKind::CommandLine,
                ..it.handed.founding
            },
        };
        for later in [another, other_origin] {
            let sealed = it.sealed(&giver, &place, &later);
            let refused = it.handed(&sealed).await;
            assert!(matches!(refused, Err(Error::OtherDataKey)));
        }
        for (what, sealed) in it.forged() {
            assert!(it.handed(&sealed).await.is_err(), "{what}");
        }
        // The same value again, sealed anew: that is no other.
        let again = it.honest();
        assert!(it.handed(&again).await.unwrap().data_key().is_some());
    });
}

#[test]
fn where_no_colleague_invited_the_data_key_waits_until_the_fingerprint_is_typed() {
    run(async {
        let operator = HpkeSecret::generate(&mut Random::seeded([6; 32])).public();
        let mut it = Receiver::invited(|_| Inviter::Operator(operator)).await;
        let provider = it.fake.provider;
        let honest = it.honest();
        for (what, sealed) in it.forged() {
            let waits = it.handed(&sealed).await;
            let waits = waits.is_ok_and(|it| it.data_key().is_none());
            assert!(waits || sealed.len() != honest.len(), "{what}");
        }
        let session = it.handed(&honest).await.unwrap();
        assert!(session.waits_for_comparison() && session.data_key().is_none());
        assert!(!it.device.has_pinned());
        let mut local = Local::default();
        let nothing = local.sync(&session).await;
        assert!(matches!(nothing, Err(Error::NoDataKey)));
        // The operator's own key, and one for another provider, are other fingerprints.
        let giver = it.giver.public();
        it.types(&provider, &operator);
        assert!(matches!(it.handed(&honest).await, Err(Error::OtherGiver)));
        it.types(&ProviderId::from_bytes([3; 16]), &giver);
        assert!(matches!(it.handed(&honest).await, Err(Error::OtherGiver)));
        it.types(&provider, &giver);
        for (what, sealed) in it.forged() {
            let refused = it.handed(&sealed).await;
            assert!(matches!(refused, Err(Error::OtherGiver)), "{what}");
        }
        let session = it.handed(&honest).await.unwrap();
        assert!(session.data_key().is_some() && !session.waits_for_comparison());
    });
}

/// The inviter left before giving it: a colleague does, whose fingerprint is typed; from then on the inviter is not believed.
#[test]
fn a_typed_fingerprint_takes_the_inviters_place() {
    run(async {
        let mut it = Receiver::invited(Inviter::Administrator).await;
        let colleague = HpkeSecret::generate(&mut it.rng);
        let (place, handed, provider) = (it.place, it.handed.clone(), it.fake.provider);
        let sealed = it.sealed(&colleague, &place, &handed);
        assert!(matches!(it.handed(&sealed).await, Err(Error::OtherGiver)));
        it.types(&provider, &colleague.public());
        assert!(it.handed(&sealed).await.unwrap().data_key().is_some());
        let honest = it.honest();
        assert!(matches!(it.handed(&honest).await, Err(Error::OtherGiver)));
    });
}

/// The server holds the person's public key, so it can seal a data key of its own to it, and would read every record from
/// then on.
#[test]
fn another_data_key_than_the_own_one_is_refused() {
    run(async {
        let mut scene = Scene::new().await;
        let mut rng = scene.rng.clone();
        let own = scene.fake.inner().registered.clone().unwrap();
        let to = HpkePublic::from_bytes(own.staff_public.0);
        let place = Place {
            provider: scene.fake.provider,
            role: Role::ProviderAdministrator.code(),
            invited: InviterKind::CommandLine,
        };
        let handed = Handed {
            key: DataKey::random(&mut rng),
            founding: *scene.session.founding().unwrap(),
        };
        let theirs = HpkeSecret::generate(&mut rng);
        let sealed = handover::seal(&theirs, &to, &place, &handed, &mut rng).unwrap();
        let renamed = [&to.as_bytes()[..], &sealed[32..]].concat();
        for bad in [sealed, renamed] {
            let bent = wire::RegisterFinish {
                data_key_sealed: Some(B64(bad)),
                ..own.clone()
            };
            scene.fake.inner().registered = Some(bent);
            let device = &mut scene.enrolled.device;
            let refused = sign_in(&scene.fake, device, &password(), &mut rng).await;
            assert!(matches!(refused, Err(Error::OtherGiver)));
        }
        // The control: the key made at enrolment is still taken, and its maker is told to be the first.
        scene.fake.inner().registered = Some(own);
        let device = &mut scene.enrolled.device;
        let taken = sign_in(&scene.fake, device, &password(), &mut rng).await;
        let taken = taken.unwrap();
        assert!(taken.data_key().is_some());
        let words = taken.origin().unwrap();
        assert!(words.contains("(you), invited at the service's machine"));
    });
}

/// Role, provider, inviter and day are those of the text that a person handed over.
#[test]
fn a_server_that_says_another_place_than_the_invitation_is_refused() {
    run(async {
        let mut rng = Random::seeded([4; 32]);
        let fake = Fake::new(&mut rng);
        let colleague = HpkeSecret::generate(&mut rng).public();
        let text = fake.invited_by(Role::Clinician, Inviter::Administrator(colleague));
        let says = fake.says();
        let role = Role::ProviderAdministrator;
        let elsewhere = Some(ProviderId::from_bytes([3; 16]));
        let mut wrong = vec![says; 6];
        wrong[0].role = role;
        wrong[1].provider = elsewhere;
        wrong[2].provider = None;
        wrong[3].invited = InviterKind::Operator;
        wrong[4].on = today().plus(1);
        wrong[5].makes_data_key = true;
        for wrong in wrong {
            fake.inner().said = Some(wrong);
            let handle = "budi".parse().unwrap();
            let refused = enrol(&fake, &text, &handle, &mut rng).await;
            assert!(matches!(refused, Err(Error::OtherPlace)));
            assert!(fake.inner().registered.is_none(), "not used up");
        }
        // A colleague's invitation as an administrator: they have a data key, so none is made.
        let text = fake.invited_by(role, Inviter::Administrator(colleague));
        fake.inner().said = None;
        let makes = wire::RegisterStarted {
            makes_data_key: true,
            ..fake.says()
        };
        fake.inner().said = Some(makes);
        let refused = enrol(&fake, &text, &"budi".parse().unwrap(), &mut rng).await;
        assert!(matches!(refused, Err(Error::OtherPlace)));
    });
}

/// Later too: a server cannot move somebody to another provider or role, nor exchange their key.
#[test]
fn a_terminal_stays_where_its_invitation_put_it() {
    run(async {
        let mut it = Receiver::invited(Inviter::Administrator).await;
        let honest = it.honest();
        it.handed(&honest).await.unwrap();
        let says = it.fake.says();
        let role = Role::ProviderAdministrator;
        let elsewhere = Some(ProviderId::from_bytes([3; 16]));
        for wrong in [
            wire::RegisterStarted {
                role,
                ..says.clone()
            },
            wire::RegisterStarted {
                provider: elsewhere,
                ..says.clone()
            },
            wire::RegisterStarted {
                provider: None,
                ..says.clone()
            },
        ] {
            it.fake.inner().said = Some(wrong);
            let refused = it.handed(&honest).await;
            assert!(matches!(refused, Err(Error::OtherPlace)));
        }
        it.fake.inner().said = Some(says);
        assert!(it.handed(&honest).await.is_ok());
    });
}
