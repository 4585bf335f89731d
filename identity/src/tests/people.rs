//! People who register and log in with real passwords.

use crypto::b64::{B64, Fixed};
use crypto::hpke::HpkePublic;
use crypto::id::{ProviderId, TerminalId};
use crypto::invitation::{Invitation, Inviter, Terms};
use crypto::json::Hidden;
use crypto::login::{DoorKey, Transcript};
use crypto::opaque::{ClientLogin, ClientRegistration};
use crypto::request::LOGIN;
use crypto::rng::Random;
use crypto::secret::Secret;
use crypto::sign::TerminalKey;
use crypto::token::Token;
use wire::{
    Invite, LoggedIn, LoginFinish, LoginStart, LoginStarted, RegisterFinish, RegisterStart,
    RegisterStarted, Registered, Role,
};

use super::harness::{House, Seat};
use crate::Actor;
use crate::access::invitation;
use store::clock::Clock as _;

pub(super) const PASSWORD: &[u8] = b"correct horse battery staple";

pub(super) struct Person {
    pub(super) handle: &'static str,
    pub(super) key: TerminalKey,
    pub(super) door: DoorKey,
    pub(super) registered: Registered,
}

/// The key that the terminals of these tests knock with.
pub(super) fn door(key: &TerminalKey) -> DoorKey {
    DoorKey::new(Secret::new(key.public()))
}

/// The beginning of a log-in, as a device with this door makes it.
pub(super) fn start_at(
    handle: &str,
    terminal: TerminalId,
    door: &DoorKey,
    ke1: [u8; 96],
) -> LoginStart {
    LoginStart {
        handle: handle.to_owned(),
        terminal,
        ke1: Fixed(ke1),
        knock: Fixed(door.knock(handle, &terminal, &ke1)),
    }
}

impl Person {
    /// The beginning of a log-in at the own terminal, under any name.
    pub(super) fn start(&self, handle: &str, ke1: [u8; 96]) -> LoginStart {
        start_at(handle, self.registered.terminal, &self.door, ke1)
    }
}

/// What a device sends that nobody enrolled.
pub(super) fn strange(handle: &str, terminal: TerminalId, ke1: [u8; 96]) -> LoginStart {
    start_at(handle, terminal, &DoorKey::random(&mut Random::os()), ke1)
}

pub(super) async fn invite(house: &House, role: Role, provider: Option<ProviderId>) -> String {
    invitation::invite(&house.app, Actor::CommandLine, role, provider)
        .await
        .unwrap()
        .text()
        .to_owned()
}

/// An invitation as an inviting terminal draws it, and what that terminal sends.
pub(super) async fn drawn(
    house: &House,
    role: Role,
    provider: Option<ProviderId>,
) -> (Token, Invite) {
    let mut tx = house.app.store.read().await.unwrap();
    let root = crate::trust::root(&mut tx).await.unwrap();
    let day = house.clock.today();
    let terms = Terms {
        root,
        role: role.code(),
        provider,
        inviter: Inviter::Operator(HpkePublic::from_bytes([1; 32])),
        day,
    };
    let invitation = Invitation::draw(terms, &mut Random::os());
    let asked = Invite {
        role,
        provider,
        hash: Fixed(*invitation.hash().as_bytes()),
        day,
    };
    (invitation.text(), asked)
}

/// What has the form of a data key that the holder of a staff key of this byte handed on.
pub(super) fn handed(giver: u8, filled: u8) -> B64 {
    let body = [filled; crypto::handover::HANDED_BYTES - 32];
    B64([&[giver; 32][..], &body].concat())
}

/// What a terminal shows of an invitation's text.
pub(super) fn opener(text: &str) -> Hidden<32> {
    Hidden::of(Invitation::read(text).unwrap().opener().expose())
}

/// The message that ends a registration, ready to be sent, and whether it makes the provider's data key.
pub(super) async fn prepared(
    house: &House,
    invitation: &str,
    handle: &str,
    key: &TerminalKey,
) -> RegisterFinish {
    let rng = &mut Random::os();
    let (client, request) = ClientRegistration::start(PASSWORD, rng).unwrap();
    let start = RegisterStart {
        opener: opener(invitation),
        request: Fixed(request),
    };
    let started: RegisterStarted = house.plain("/v1/register/start", &start).await.good();
    let finished = client.finish(&started.response.0, rng).unwrap();
    assert_eq!(finished.server_public, house.app.keys.opaque.public_key());
    RegisterFinish {
        opener: opener(invitation),
        handle: handle.to_owned(),
        record: Fixed(finished.record),
        staff_public: Fixed([3; 32]),
        proof: Fixed([7; 32]),
        staff_private_sealed: B64(vec![4; 72]),
        terminal_public: Fixed(key.public()),
        door: Hidden(door(key).secret().clone()),
        label: format!("laptop of {handle}"),
        provider_public: started.makes_data_key.then_some(Fixed([5; 32])),
        provider_report: started.makes_data_key.then_some(Fixed([6; 32])),
        data_key_sealed: started.makes_data_key.then(|| handed(3, 6)),
    }
}

pub(super) async fn register(house: &House, invitation: &str, handle: &'static str) -> Person {
    let key = TerminalKey::generate(&mut Random::os()).unwrap();
    let finish = prepared(house, invitation, handle, &key).await;
    let registered: Registered = house.plain("/v1/register/finish", &finish).await.good();
    Person {
        handle,
        door: door(&key),
        key,
        registered,
    }
}

/// The end of a log-in, signed as it was said.
pub(super) fn finish(
    key: &TerminalKey,
    start: &LoginStart,
    started: &LoginStarted,
    ke3: [u8; 64],
) -> LoginFinish {
    let said = Transcript::new(&start.handle, &start.terminal, &start.ke1.0, &started.ke2.0);
    LoginFinish {
        attempt: started.attempt,
        ke3: Fixed(ke3),
        signature: Fixed(key.sign_login(&said.with(&ke3))),
    }
}

pub(super) async fn log_in(house: &House, person: &Person) -> (LoggedIn, Seat) {
    let rng = &mut Random::os();
    let (client, ke1) = ClientLogin::start(PASSWORD, rng).unwrap();
    let terminal = person.registered.terminal;
    let start = person.start(person.handle, ke1);
    let started: LoginStarted = house.plain("/v1/login/start", &start).await.good();
    let done = client.finish(&started.ke2.0, rng).unwrap();
    let finish = finish(&person.key, &start, &started, done.ke3);
    let reply = house.plain("/v1/login/finish", &finish).await;
    let logged_in: LoggedIn = reply.good();
    let (id, staff) = (logged_in.session, logged_in.staff);
    let seat = Seat::new(id, &done.session_key, staff, terminal);
    assert!(seat.proves(LOGIN, &reply), "the answer is proved already");
    // An attempt is good for one try.
    assert_eq!(
        house.plain("/v1/login/finish", &finish).await.refused().0,
        401
    );
    (logged_in, seat)
}

/// Whether the right password opens the answer: then a guess can be tested, and the key of a terminal's file derived.
pub(super) async fn opens(house: &House, at: impl Fn([u8; 96]) -> LoginStart) -> bool {
    let rng = &mut Random::os();
    let (client, ke1) = ClientLogin::start(PASSWORD, rng).unwrap();
    let started: LoginStarted = house.plain("/v1/login/start", &at(ke1)).await.good();
    client.finish(&started.ke2.0, rng).is_ok()
}
