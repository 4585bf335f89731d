//! Enrolling a person and a terminal with an invitation, in three steps.
//!
//! [`begin`] shows what opens the invitation, [`Begun::prove`] hardens the password
//! (Argon2id, a fifth of a second and 64 MiB) on whatever thread the host has for
//! it and makes the keys, [`Proved::finish`] registers them. The invitation
//! carries a one-time secret and the programme's root key; the log of keys must
//! lead to that key and name the OPAQUE key that answered, or the invitation is
//! not used up and nothing is kept. Made here and never sent: the terminal's Ed25519 key, the
//! person's HPKE private key in the clear, the provider's data key in the clear.
//! The first administrator of a provider makes the data key; everybody else waits
//! until a colleague seals it to them. Source: RFC 9807 section 3.2
//! (registration).

use crate::calls;
use crate::device::{Device, Door, Handle, Label, Pins};
use crate::error::Error;
use crate::staff_key;
use crate::state::StateKey;
use crate::transport::Transport;
use crypto::b64::{B64, Fixed};
use crypto::day::Day;
use crypto::hpke::HpkeSecret;
use crypto::id::{ProviderId, StaffId};
use crypto::login::DoorKey;
use crypto::opaque::{ClientRegistration, ExportKey};
use crypto::provider::DataKey;
use crypto::rng::Rng;
use crypto::sign::TerminalKey;
use crypto::token::{self, Opener};
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
    opener: Opener,
    root: [u8; 32],
    handle: Handle,
    label: Label,
    state: ClientRegistration,
    started: RegisterStarted,
}

/// An enrolment with all its keys; the server has not been given any yet.
pub struct Proved {
    root: [u8; 32],
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
/// `Invitation` when it cannot be read, is spent or unknown; transport errors.
pub async fn begin<R: Rng>(
    transport: &impl Transport,
    invitation: &str,
    handle: &Handle,
    password: &Chosen,
    label: &Label,
    rng: &mut R,
) -> Result<Begun, Error> {
    let root = token::invitation_root(invitation).map_err(|_| Error::Invitation)?;
    let opener = Opener::read(invitation).map_err(|_| Error::Invitation)?;
    let (state, request) = ClientRegistration::start(password.entered().bytes().expose(), rng)
        .map_err(|_| Error::Value)?;
    let asked = RegisterStart {
        opener: Fixed(*opener.expose()),
        request: Fixed(request),
    };
    Ok(Begun {
        started: calls::register_start(transport, &asked).await?,
        opener,
        root,
        handle: handle.clone(),
        label: label.clone(),
        state,
    })
}

impl Begun {
    /// Hardens the password (Argon2id: about a fifth of a second and 64 MiB) and
    /// makes the keys of person and terminal.
    ///
    /// # Errors
    /// `Answer` when the server's part is malformed.
    pub fn prove(self, rng: &mut impl Rng) -> Result<Proved, Error> {
        let finished = self
            .state
            .finish(&self.started.response.0, rng)
            .map_err(|_| Error::Answer)?;
        let terminal_key = TerminalKey::generate(rng).map_err(|_| Error::Value)?;
        let door = DoorKey::random(rng);
        let makes_data_key = self.started.makes_data_key;
        let (staff, data_key) = make_keys(&finished.export_key, &self.handle, makes_data_key, rng)?;
        Ok(Proved {
            asked: RegisterFinish {
                opener: Fixed(*self.opener.expose()),
                handle: self.handle.as_str().to_owned(),
                record: Fixed(finished.record),
                staff_public: Fixed(staff.public),
                staff_private_sealed: B64(staff.private_sealed),
                terminal_public: Fixed(terminal_key.public()),
                door: Fixed(*door.secret().expose()),
                label: self.label.as_str().to_owned(),
                provider_public: data_key.as_ref().map(|key| Fixed(key.inbox_public)),
                provider_report: data_key.as_ref().map(|key| Fixed(key.report_public)),
                data_key_sealed: data_key.map(|key| B64(key.sealed)),
            },
            root: self.root,
            handle: self.handle,
            terminal_key,
            door,
            export_key: finished.export_key,
            server_key: finished.server_public,
        })
    }
}

impl Proved {
    /// Reads the log of keys, then registers the person and this terminal, which
    /// uses the invitation up.
    ///
    /// # Errors
    /// `Invitation`, `HandleTaken`, `WrongServer` and `Trust` when the server is
    /// not the invitation's; transport errors.
    pub async fn finish(self, transport: &impl Transport, today: Day) -> Result<Enrolled, Error> {
        let (entries, head) = calls::trust_log(transport, 0).await?;
        let trust = Trust::read(&self.root, &entries, &head, today)?;
        if trust.core().opaque_key.0 != self.server_key {
            return Err(Error::WrongServer);
        }
        let answer = calls::register_finish(transport, &self.asked).await?;
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
                inbox: self.asked.provider_public.map(|key| key.0),
            }),
            state_key: StateKey::derive(&self.export_key),
        })
    }
}

struct StaffKeys {
    public: [u8; 32],
    private_sealed: Vec<u8>,
}

struct OfferedDataKey {
    inbox_public: [u8; 32],
    report_public: [u8; 32],
    sealed: Vec<u8>,
}

/// The person's key pair and, for the first of a provider, the data key.
fn make_keys<R: Rng>(
    export_key: &ExportKey,
    handle: &Handle,
    makes_data_key: bool,
    rng: &mut R,
) -> Result<(StaffKeys, Option<OfferedDataKey>), Error> {
    let secret = HpkeSecret::generate(rng);
    let public = secret.public();
    let staff = StaffKeys {
        public: *public.as_bytes(),
        private_sealed: staff_key::seal(export_key, handle, &secret, rng)?,
    };
    if !makes_data_key {
        return Ok((staff, None));
    }
    let data_key = DataKey::random(rng);
    let report_key = data_key.report_key().map_err(|_| Error::Value)?;
    let offered = OfferedDataKey {
        report_public: report_key.public(),
        inbox_public: *data_key.inbox().public().as_bytes(),
        sealed: staff_key::seal_data_key(&public, &data_key, rng)?,
    };
    Ok((staff, Some(offered)))
}
