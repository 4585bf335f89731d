//! Enrolling a person and a terminal with an invitation, in three steps.
//!
//! [`begin`] shows what opens the invitation, [`Begun::prove`] hardens the password
//! (Argon2id, a fifth of a second and 64 MiB) on whatever thread the host has for
//! it and makes the keys, [`Proved::finish`] registers them. The invitation
//! carries a one-time secret and the programme's root key; the log of keys must
//! lead to that key and name the OPAQUE key that answered, or the invitation is
//! not used up and nothing is kept. It also says role, provider and who invites: a
//! server that says otherwise is refused. Made here and never sent: the terminal's Ed25519 key, the
//! person's HPKE private key in the clear, the provider's data key in the clear.
//! The first administrator of a provider makes the data key; everybody else waits
//! until a colleague gives it to them. What is sent proves to who invited, and to
//! nobody else, that this staff key came with the invitation. Source: RFC 9807
//! section 3.2 (registration).

use crate::calls;
use crate::device::{self, Device, Door, Handle, Label, Pinned, Pins};
use crate::error::Error;
use crate::staff_key;
use crate::state::StateKey;
use crate::transport::Transport;
use crypto::b64::{B64, Fixed};
use crypto::day::Day;
use crypto::handover::{self, Founding, Handed, Place};
use crypto::hpke::{HpkePublic, HpkeSecret};
use crypto::id::{ProviderId, StaffId};
use crypto::invitation::{Invitation, InviterKind, Registrant, Terms};
use crypto::json::Hidden;
use crypto::login::DoorKey;
use crypto::opaque::{ClientRegistration, ExportKey};
use crypto::provider::DataKey;
use crypto::rng::Rng;
use crypto::sign::TerminalKey;
use crypto::trust::Trust;
use wire::typed::Chosen;
use wire::{RegisterFinish, RegisterStart, RegisterStarted, Role};

/// What an enrolment yields. Keep `device` under `state_key`.
#[derive(Debug)]
pub struct Enrolled {
    /// The person's id.
    pub staff: StaffId,
    /// The person's role.
    pub role: Role,
    /// The provider, unless an operator was enrolled.
    pub provider: Option<ProviderId>,
    /// The terminal's key and pins.
    pub device: Device,
    /// The key of the person's slot in what the terminal keeps.
    pub state_key: StateKey,
}

/// An enrolment whose invitation the server has taken note of.
pub struct Begun {
    invitation: Invitation,
    handle: Handle,
    label: Label,
    state: ClientRegistration,
    started: RegisterStarted,
}

/// An enrolment with all its keys; the server has not been given any yet.
pub struct Proved {
    root: [u8; 32],
    enrolled: device::Enrolled,
    data_key: Option<Pinned>,
    handle: Handle,
    terminal_key: TerminalKey,
    door: DoorKey,
    export_key: ExportKey,
    server_key: [u8; 32],
    asked: RegisterFinish,
}

/// Shows the invitation to the server; it is not used up yet. `label` is what
/// people will call this terminal.
///
/// # Errors
/// `Invitation` when it cannot be read, is spent or unknown, `OtherPlace` when the
/// server says another role or provider, or lets somebody whom a colleague invited
/// make a data key; transport errors.
pub async fn begin<R: Rng>(
    transport: &impl Transport,
    invitation: &str,
    handle: &Handle,
    password: &Chosen,
    label: &Label,
    rng: &mut R,
) -> Result<Begun, Error> {
    let invitation = Invitation::read(invitation).map_err(|_| Error::Invitation)?;
    let (state, request) = ClientRegistration::start(password.entered().bytes().expose(), rng)
        .map_err(|_| Error::Value)?;
    let asked = RegisterStart {
        opener: Hidden::of(invitation.opener().expose()),
        request: Fixed(request),
    };
    let started = calls::register_start(transport, &asked).await?;
    check_place(invitation.terms(), &started)?;
    Ok(Begun {
        started,
        invitation,
        handle: handle.clone(),
        label: label.clone(),
        state,
    })
}

/// The server must say what the invitation says. A data key is made by an
/// administrator whom no colleague invited: colleagues have one.
fn check_place(terms: &Terms, started: &RegisterStarted) -> Result<(), Error> {
    let colleague = terms.inviter.kind() == InviterKind::Administrator;
    let may_make = !colleague && started.role == Role::ProviderAdministrator;
    let same = started.role.code() == terms.role
        && started.provider == terms.provider
        && started.invited == terms.inviter.kind()
        && started.on == terms.day;
    let good = same && (may_make || !started.makes_data_key);
    good.then_some(()).ok_or(Error::OtherPlace)
}

impl Begun {
    /// Hardens the password (Argon2id: about a fifth of a second and 64 MiB) and
    /// makes the keys of person and terminal.
    ///
    /// # Errors
    /// `Answer` when the server's part is malformed.
    pub fn prove(self, rng: &mut impl Rng) -> Result<Proved, Error> {
        let secret = HpkeSecret::generate(rng);
        let (enrolled, proof) = self.place(&secret.public());
        let (root, opener) = (self.invitation.terms().root, self.invitation.opener());
        let made = match self.started.makes_data_key {
            true => make_data_key(self.invitation.terms(), &secret, rng)?,
            false => None,
        };
        let finished = self.state.finish(&self.started.response.0, rng);
        let finished = finished.map_err(|_| Error::Answer)?;
        let terminal_key = TerminalKey::generate(rng).map_err(|_| Error::Value)?;
        let door = DoorKey::random(rng);
        let private = staff_key::seal(&finished.export_key, &self.handle, &secret, rng)?;
        let data_key = made.as_ref().map(|it| it.pinned);
        let asked = RegisterFinish {
            opener: Hidden::of(opener.expose()),
            handle: self.handle.as_str().to_owned(),
            record: Fixed(finished.record),
            staff_public: Fixed(*enrolled.key.as_bytes()),
            proof: Fixed(proof),
            staff_private_sealed: B64(private),
            terminal_public: Fixed(terminal_key.public()),
            door: Hidden(door.secret().clone()),
            label: self.label.as_str().to_owned(),
            provider_public: data_key.map(|it| Fixed(*it.inbox.as_bytes())),
            provider_report: made.as_ref().map(|it| Fixed(it.report_public)),
            data_key_sealed: made.map(|it| B64(it.sealed)),
        };
        Ok(Proved {
            root,
            enrolled,
            data_key,
            handle: self.handle,
            terminal_key,
            door,
            export_key: finished.export_key,
            server_key: finished.server_public,
            asked,
        })
    }

    /// Where the invitation puts this person, and what proves to who invited, and to
    /// nobody else, that this staff key came with it.
    fn place(&self, key: &HpkePublic) -> (device::Enrolled, [u8; 32]) {
        let terms = self.invitation.terms();
        let proof = self.invitation.proof_key().prove(&Registrant {
            provider: terms.provider.as_ref(),
            role: terms.role,
            handle: self.handle.as_str(),
            public: key,
        });
        let enrolled = device::Enrolled {
            role: self.started.role,
            provider: terms.provider,
            inviter: terms.inviter,
            key: *key,
        };
        (enrolled, proof)
    }
}

struct MadeDataKey {
    pinned: Pinned,
    report_public: [u8; 32],
    sealed: Vec<u8>,
}

impl Proved {
    /// Reads the log of keys, then registers the person and this terminal, which
    /// uses the invitation up.
    ///
    /// # Errors
    /// `Invitation`, `HandleTaken`, `WrongServer`, `Trust` and `OtherPlace` when the
    /// server is not the invitation's; transport errors.
    pub async fn finish(self, transport: &impl Transport, today: Day) -> Result<Enrolled, Error> {
        let (entries, head) = calls::trust_log(transport, 0).await?;
        let trust = Trust::read(&self.root, &entries, &head, today)?;
        if trust.core().opaque_key.0 != self.server_key {
            return Err(Error::WrongServer);
        }
        let answer = calls::register_finish(transport, &self.asked).await?;
        if (answer.role, answer.provider) != (self.enrolled.role, self.enrolled.provider) {
            return Err(Error::OtherPlace);
        }
        Ok(Enrolled {
            staff: answer.staff,
            role: answer.role,
            provider: answer.provider,
            device: Device::new(Pins {
                handle: self.handle,
                door: Door {
                    terminal: answer.terminal,
                    key: self.door,
                },
                seed: self.terminal_key.seed().clone(),
                opaque_key: self.server_key,
                trust,
                enrolled: self.enrolled,
                data_key: self.data_key,
            }),
            state_key: StateKey::derive(&self.export_key),
        })
    }
}

/// The data key of a provider's first administrator, sealed to themselves.
fn make_data_key(
    terms: &Terms,
    own: &HpkeSecret,
    rng: &mut impl Rng,
) -> Result<Option<MadeDataKey>, Error> {
    let Some(provider) = terms.provider else {
        return Ok(None);
    };
    let invited = terms.inviter.kind();
    let founding = Founding {
        key: own.public(),
        invited,
        on: terms.day,
    };
    let key = DataKey::random(rng);
    let report_key = key.report_key().map_err(|_| Error::Value)?;
    let pinned = Pinned {
        inbox: key.inbox().public(),
        founding,
    };
    let place = Place {
        provider,
        role: terms.role,
        invited,
    };
    let handed = Handed { key, founding };
    let sealed = handover::seal(own, &founding.key, &place, &handed, rng);
    Ok(Some(MadeDataKey {
        pinned,
        report_public: report_key.public(),
        sealed: sealed.map_err(|_| Error::Value)?,
    }))
}
