//! Enrolling a person and a terminal with an invitation.
//!
//! The invitation carries a one-time secret and the programme's root key; the
//! trust bundle in the answer must be signed by that key and name the OPAQUE
//! key that answered, or nothing is kept. Made here and never sent: the
//! terminal's Ed25519 key, the person's HPKE private key in the clear, the
//! provider's data key in the clear. The first administrator of a provider
//! makes the data key; everybody else waits until a colleague seals it to them. Source: RFC 9807 section 3.2 (registration).

use crate::calls;
use crate::device::{Device, Handle, Pins};
use crate::error::Error;
use crate::http::Connection;
use crate::staff_key;
use crate::state::StateKey;
use crypto::b64::{B64, Fixed};
use crypto::hpke::HpkeSecret;
use crypto::id::{ProviderId, StaffId};
use crypto::opaque::{self, ClientRegistration, ExportKey};
use crypto::provider::DataKey;
use crypto::rng::{Random, Rng};
use crypto::secret::SecretBytes;
use crypto::sign::TerminalKey;
use crypto::token;
use wire::{RegisterFinish, RegisterStarted, Role};

/// What an enrolment yields. Keep `device` in a state file under `state_key`.
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
    /// The key of the person's slot in the state file.
    pub state_key: StateKey,
}

/// Registers `handle` with `password` and this terminal.
///
/// # Errors
/// `Invitation` when it cannot be read, is spent or unknown,
/// `HandleTaken`, `WrongServer` and
/// `BundleUntrusted` when the server is not the invitation's; transport errors.
pub async fn register<R: Rng>(
    connection: &Connection,
    invitation: &str,
    handle: &Handle,
    password: &SecretBytes,
    rng: &mut R,
) -> Result<Enrolled, Error> {
    let root = token::invitation_root(invitation).map_err(|_| Error::Invitation)?;
    let (started, finished) = opaque(connection, invitation, password, rng).await?;
    let terminal_key = TerminalKey::generate(rng).map_err(|_| Error::Value)?;
    let export_key = finished.export_key;
    let (staff, data_key) = make_keys(&export_key, handle, started.makes_data_key, rng)?;
    let body = RegisterFinish {
        invitation: invitation.to_owned(),
        handle: handle.as_str().to_owned(),
        record: Fixed(finished.record),
        staff_public: Fixed(staff.public),
        staff_private_sealed: B64(staff.private_sealed),
        terminal_public: Fixed(terminal_key.public()),
        provider_public: data_key.as_ref().map(|key| Fixed(key.inbox_public)),
        data_key_sealed: data_key.map(|key| B64(key.sealed)),
    };
    let answer = calls::register_finish(connection, &body).await?;
    let bundle = answer
        .bundle
        .check(&root)
        .map_err(|_| Error::BundleUntrusted)?;
    if bundle.opaque_key.0 != finished.server_public {
        return Err(Error::WrongServer);
    }
    Ok(Enrolled {
        staff: answer.staff,
        role: answer.role,
        provider: answer.provider,
        device: Device::new(Pins {
            handle: handle.clone(),
            terminal: answer.terminal,
            seed: terminal_key.seed().clone(),
            root,
            opaque_key: finished.server_public,
            bundle: answer.bundle,
            inbox: body.provider_public.map(|key| key.0),
        }),
        state_key: StateKey::derive(&export_key),
    })
}

/// The OPAQUE part: what the invitation gives, and record and export key.
async fn opaque<R: Rng>(
    connection: &Connection,
    invitation: &str,
    password: &SecretBytes,
    rng: &mut R,
) -> Result<(RegisterStarted, opaque::Registered), Error> {
    let (state, request) =
        ClientRegistration::start(password.expose(), rng).map_err(|_| Error::Value)?;
    let started = calls::register_start(connection, invitation, &request).await?;
    // The other thread gets a stream of its own, seeded from the caller's.
    let mut own = Random::seeded(crypto::rng::bytes(rng));
    let response = started.response.0;
    let finished = tokio::task::spawn_blocking(move || state.finish(&response, &mut own))
        .await
        .map_err(|_| Error::Answer)?
        .map_err(|_| Error::Answer)?;
    Ok((started, finished))
}

struct StaffKeys {
    public: [u8; 32],
    private_sealed: Vec<u8>,
}

struct OfferedDataKey {
    inbox_public: [u8; 32],
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
    let offered = OfferedDataKey {
        inbox_public: *data_key.inbox().public().as_bytes(),
        sealed: staff_key::seal_data_key(&public, &data_key, rng)?,
    };
    Ok((staff, Some(offered)))
}
