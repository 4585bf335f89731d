//! OPAQUE-3DH (RFC 9807), one fixed suite: log-ins in which the password never reaches the server.
//!
//! Suite [`SUITE`]: ristretto255-SHA512 for the OPRF, 3DH over ristretto255 with SHA-512, no identifiers, the context of its
//! [`Purpose`] in every log-in (RFC 9807, section 6.4.2: a run of another purpose never fits), key
//! stretching in the client alone: Argon2id, 3 passes, 64 MiB, one lane, a salt of 16 zero bytes, 64 bytes out.
//! (The zero salt is harmless: what is stretched is an OPRF output, already salted by the server's key.)
//! Every stored record begins with the suite byte, so that a later suite can stand beside this one.
//! An unknown user gets an answer of the same shape, from the same computation, as a wrong password.

use std::marker::PhantomData;

use argon2::{Algorithm, Argon2, Params, Version};
use generic_array::{ArrayLength, GenericArray};
use opaque_ke::errors::{InternalError, ProtocolError};
use opaque_ke::key_exchange::tripledh::TripleDh;
use opaque_ke::ksf::{Identity, Ksf};
use opaque_ke::{
    ClientLoginFinishParameters, ClientRegistrationFinishParameters, CredentialFinalization,
    CredentialRequest, CredentialResponse, Identifiers, RegistrationRequest, RegistrationResponse,
    RegistrationUpload, Ristretto255, ServerLogin, ServerLoginParameters, ServerRegistration,
};
use sha2::Sha512;
use thiserror::Error;
use zeroize::Zeroize;

use crate::label;
use crate::rng::Rng;
use crate::secret::{Secret, SecretBytes};

/// The suite described above, as the first byte of every stored record.
pub const SUITE: u8 = 1;
/// Length of a stored record in bytes, suite byte included.
pub const STORED_LENGTH: usize = 193;

/// Why a step was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum OpaqueError {
    /// A message of the protocol is malformed.
    #[error("this log-in message is malformed: start again")]
    Message,
    /// A stored record or setup is malformed or of an unknown suite.
    #[error("this stored record cannot be read: restore it from a backup or register again")]
    Record,
    /// Wrong password, unknown user or altered messages; which of them cannot be told apart.
    #[error("the log-in failed: check the handle and the password")]
    Refused,
    /// Key stretching failed, in practice for want of 64 MiB of memory.
    #[error("this device could not stretch the password: free some memory and try again")]
    Stretch,
}

impl From<ProtocolError> for OpaqueError {
    fn from(error: ProtocolError) -> Self {
        match error {
            ProtocolError::InvalidLoginError => Self::Refused,
            ProtocolError::LibraryError(InternalError::KsfError) => Self::Stretch,
            _ => Self::Message,
        }
    }
}

/// The suite with its key stretching function left open; the two halves differ in nothing else.
struct Suite<K>(PhantomData<K>);

impl<K: Ksf> opaque_ke::CipherSuite for Suite<K> {
    type OprfCs = Ristretto255;
    type KeyExchange = TripleDh<Ristretto255, Sha512>;
    type Ksf = K;
}

type ServerSuite = Suite<Identity>;
type ClientSuite = Suite<Stretch>;

/// Argon2id with the suite's parameters.
#[derive(Default)]
struct Stretch;

impl Ksf for Stretch {
    fn hash<L: ArrayLength<u8>>(
        &self,
        input: GenericArray<u8, L>,
    ) -> Result<GenericArray<u8, L>, InternalError> {
        let mut output = GenericArray::default();
        Params::new(65_536, 3, 1, None)
            .map(|params| Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
            .and_then(|argon2| argon2.hash_password_into(&input, &[0; 16], &mut output))
            .map_err(|_| InternalError::KsfError)?;
        Ok(output)
    }
}

/// What both sides bind a run to beyond the messages. Conformance vectors bring their own.
#[derive(Clone, Copy, Default)]
struct Binding<'a> {
    context: Option<&'a [u8]>,
    identifiers: Identifiers<'a>,
}

/// What a run is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// A log-in by password: `payung 2026-11 v1 staff log-in`.
    Password,
    /// A log-in by the PIN of one device: `payung 2026-11 v1 PIN log-in`.
    Pin,
}

impl Purpose {
    fn binding(self) -> Binding<'static> {
        let label = match self {
            Self::Password => label::STAFF_LOGIN,
            Self::Pin => label::PIN_LOGIN,
        };
        Binding {
            context: Some(label.as_bytes()),
            ..Binding::default()
        }
    }
}

impl<'a> Binding<'a> {
    fn server(self) -> ServerLoginParameters<'a, 'a> {
        ServerLoginParameters {
            context: self.context,
            identifiers: self.identifiers,
        }
    }
}

/// A key only the client ever has, the same at registration and at every log-in; 64 bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportKey(pub Secret<64>);

/// A key both sides have after a log-in; 64 bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionKey(pub Secret<64>);

/// What a client holds after registering.
#[derive(Debug)]
pub struct Registered {
    /// To be sent to the server.
    pub record: [u8; 192],
    /// To be kept.
    pub export_key: ExportKey,
    /// To be compared with the pinned one.
    pub server_public: [u8; 32],
}

/// What a client holds after logging in.
#[derive(Debug)]
pub struct LoggedIn {
    /// To be sent to the server.
    pub ke3: [u8; 64],
    /// The same as at registration.
    pub export_key: ExportKey,
    /// The same as the server's.
    pub session_key: SessionKey,
    /// To be compared with the pinned one.
    pub server_public: [u8; 32],
}

fn secret(mut output: GenericArray<u8, generic_array::typenum::U64>) -> Secret<64> {
    let secret = Secret::new(output.into());
    output.as_mut_slice().zeroize();
    secret
}

macro_rules! redacted {
    ($($name:ident),+) => {$(
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), "(..)"))
            }
        }
    )+};
}

redacted!(ClientRegistration, ClientLogin, ServerSetup, LoginState);

/// A registration begun by a client.
pub struct ClientRegistration {
    password: SecretBytes,
    state: opaque_ke::ClientRegistration<ClientSuite>,
}

impl ClientRegistration {
    /// Begins; the second value goes to the server.
    ///
    /// # Errors
    /// [`OpaqueError::Message`] for a password longer than 65,535 bytes.
    pub fn start(password: &[u8], rng: &mut impl Rng) -> Result<(Self, [u8; 32]), OpaqueError> {
        let (state, request) = registration_start(password, rng)?;
        let password = SecretBytes::from(password);
        Ok((Self { password, state }, request))
    }

    /// Ends with the server's response. Takes about 0.2 s and 64 MiB.
    ///
    /// # Errors
    /// [`OpaqueError::Message`] for a malformed response, [`OpaqueError::Stretch`] for want of memory.
    pub fn finish(
        self,
        response: &[u8; 64],
        rng: &mut impl Rng,
    ) -> Result<Registered, OpaqueError> {
        let binding = Binding::default();
        registration_finish(self.state, self.password.expose(), response, binding, rng)
    }
}

fn registration_start<K: Ksf>(
    password: &[u8],
    rng: &mut impl Rng,
) -> Result<(opaque_ke::ClientRegistration<Suite<K>>, [u8; 32]), OpaqueError> {
    let start = opaque_ke::ClientRegistration::start(rng, password)?;
    Ok((start.state, start.message.serialize().into()))
}

fn registration_finish<K: Ksf>(
    state: opaque_ke::ClientRegistration<Suite<K>>,
    password: &[u8],
    response: &[u8; 64],
    binding: Binding<'_>,
    rng: &mut impl Rng,
) -> Result<Registered, OpaqueError> {
    let response = RegistrationResponse::deserialize(response)?;
    let parameters = ClientRegistrationFinishParameters::new(binding.identifiers, None);
    let finish = state.finish(rng, password, response, parameters)?;
    let mut record = [0; 192];
    record.copy_from_slice(&finish.message.serialize());
    Ok(Registered {
        record,
        export_key: ExportKey(secret(finish.export_key)),
        server_public: finish.server_s_pk.serialize().into(),
    })
}

/// A log-in begun by a client.
pub struct ClientLogin {
    password: SecretBytes,
    state: opaque_ke::ClientLogin<ClientSuite>,
    purpose: Purpose,
}

impl ClientLogin {
    /// Begins a log-in by password; the second value (KE1) goes to the server.
    ///
    /// # Errors
    /// [`OpaqueError::Message`] for a password longer than 65,535 bytes.
    pub fn start(password: &[u8], rng: &mut impl Rng) -> Result<(Self, [u8; 96]), OpaqueError> {
        Self::start_for(Purpose::Password, password, rng)
    }

    /// The same for any purpose.
    ///
    /// # Errors
    /// As [`ClientLogin::start`].
    pub fn start_for(
        purpose: Purpose,
        secret: &[u8],
        rng: &mut impl Rng,
    ) -> Result<(Self, [u8; 96]), OpaqueError> {
        let (state, ke1) = login_begin(secret, rng)?;
        let begun = Self {
            password: SecretBytes::from(secret),
            state,
            purpose,
        };
        Ok((begun, ke1))
    }

    /// Ends with the server's answer (KE2). Takes about 0.2 s and 64 MiB.
    ///
    /// # Errors
    /// [`OpaqueError::Refused`] for a wrong password or an unknown user, [`OpaqueError::Message`] for a malformed
    /// answer, [`OpaqueError::Stretch`] for want of memory.
    pub fn finish(self, ke2: &[u8; 320], rng: &mut impl Rng) -> Result<LoggedIn, OpaqueError> {
        let binding = self.purpose.binding();
        login_end(self.state, self.password.expose(), ke2, binding, rng)
    }
}

fn login_begin<K: Ksf>(
    password: &[u8],
    rng: &mut impl Rng,
) -> Result<(opaque_ke::ClientLogin<Suite<K>>, [u8; 96]), OpaqueError> {
    let start = opaque_ke::ClientLogin::start(rng, password)?;
    let mut ke1 = [0; 96];
    ke1.copy_from_slice(&start.message.serialize());
    Ok((start.state, ke1))
}

fn login_end<K: Ksf>(
    state: opaque_ke::ClientLogin<Suite<K>>,
    password: &[u8],
    ke2: &[u8; 320],
    binding: Binding<'_>,
    rng: &mut impl Rng,
) -> Result<LoggedIn, OpaqueError> {
    let answer = CredentialResponse::deserialize(ke2)?;
    let parameters = ClientLoginFinishParameters::new(binding.context, binding.identifiers, None);
    let finish = state.finish(rng, password, answer, parameters)?;
    Ok(LoggedIn {
        ke3: finish.message.serialize().into(),
        export_key: ExportKey(secret(finish.export_key)),
        session_key: SessionKey(secret(finish.session_key)),
        server_public: finish.server_s_pk.serialize().into(),
    })
}

/// The server's long-term secrets: OPRF seed, key pair, and the stand-in for unknown users.
pub struct ServerSetup(opaque_ke::ServerSetup<ServerSuite>);

impl ServerSetup {
    /// Fresh secrets. Losing them makes every stored record useless.
    pub fn generate(rng: &mut impl Rng) -> Self {
        Self(opaque_ke::ServerSetup::new(rng))
    }

    /// The 128 bytes, for a key file.
    #[must_use]
    pub fn to_bytes(&self) -> Secret<128> {
        let mut serialized = self.0.serialize();
        let mut bytes = [0; 128];
        bytes.copy_from_slice(&serialized);
        serialized.as_mut_slice().zeroize();
        Secret::new(bytes)
    }

    /// Reads what [`ServerSetup::to_bytes`] wrote.
    ///
    /// # Errors
    /// [`OpaqueError::Record`] if the bytes are not a setup.
    pub fn from_bytes(bytes: &[u8; 128]) -> Result<Self, OpaqueError> {
        opaque_ke::ServerSetup::deserialize(bytes)
            .map(Self)
            .map_err(|_| OpaqueError::Record)
    }

    /// The server's public key, to be pinned by clients.
    #[must_use]
    pub fn public_key(&self) -> [u8; 32] {
        self.0.keypair().public().serialize().into()
    }
}

/// Answers a registration. `credential_id` must be unique to the user and the same at every log-in.
///
/// # Errors
/// [`OpaqueError::Message`] for a malformed request.
pub fn register(
    setup: &ServerSetup,
    request: &[u8; 32],
    credential_id: &[u8],
) -> Result<[u8; 64], OpaqueError> {
    let request = RegistrationRequest::deserialize(request)?;
    let start = ServerRegistration::start(&setup.0, request, credential_id)?;
    Ok(start.message.serialize().into())
}

/// What the server keeps of a user: the suite byte and the client's record, 193 bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredRecord([u8; STORED_LENGTH]);

impl StoredRecord {
    /// Checks what a client uploaded and prefixes the suite.
    ///
    /// # Errors
    /// [`OpaqueError::Message`] if it is malformed.
    pub fn from_upload(record: &[u8; 192]) -> Result<Self, OpaqueError> {
        RegistrationUpload::<ServerSuite>::deserialize(record)?;
        let mut bytes = [SUITE; STORED_LENGTH];
        bytes[1..].copy_from_slice(record);
        Ok(Self(bytes))
    }

    /// Reads a stored record.
    ///
    /// # Errors
    /// [`OpaqueError::Record`] for another length or suite, or a malformed record.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, OpaqueError> {
        let bytes: [u8; STORED_LENGTH] = bytes.try_into().map_err(|_| OpaqueError::Record)?;
        let stored = Self(bytes);
        stored.registration().map(|_| stored)
    }

    /// A record of nobody: of a real one's form, so that reading it and answering with it costs the same, and no password
    /// fits it.
    pub fn of_nobody(rng: &mut impl Rng) -> Self {
        let mut bytes = [SUITE; STORED_LENGTH];
        rng.fill_bytes(&mut bytes[1..]);
        // A public key whose private half is dropped here; masking key and envelope are random.
        bytes[1..33].copy_from_slice(&ServerSetup::generate(rng).public_key());
        Self(bytes)
    }

    /// The bytes to store.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; STORED_LENGTH] {
        &self.0
    }

    fn registration(&self) -> Result<ServerRegistration<ServerSuite>, OpaqueError> {
        match self.0.split_first() {
            Some((&SUITE, record)) => {
                ServerRegistration::deserialize(record).map_err(|_| OpaqueError::Record)
            }
            _ => Err(OpaqueError::Record),
        }
    }
}

impl std::fmt::Debug for StoredRecord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("StoredRecord(..)")
    }
}

/// A log-in that the server has answered and not yet seen the end of.
pub struct LoginState(ServerLogin<ServerSuite>);

/// Answers KE1 with KE2 in a log-in by password. `None` stands for an unknown user and is answered in the same shape and time.
///
/// # Errors
/// [`OpaqueError::Message`] for a malformed KE1, whoever the user.
pub fn login_start(
    setup: &ServerSetup,
    record: Option<&StoredRecord>,
    ke1: &[u8; 96],
    credential_id: &[u8],
    rng: &mut impl Rng,
) -> Result<(LoginState, [u8; 320]), OpaqueError> {
    login_start_for(Purpose::Password, setup, record, ke1, credential_id, rng)
}

/// The same for any purpose.
///
/// # Errors
/// As [`login_start`].
pub fn login_start_for(
    purpose: Purpose,
    setup: &ServerSetup,
    record: Option<&StoredRecord>,
    ke1: &[u8; 96],
    credential_id: &[u8],
    rng: &mut impl Rng,
) -> Result<(LoginState, [u8; 320]), OpaqueError> {
    let binding = purpose.binding();
    login_answer(setup, record, ke1, credential_id, binding, rng)
}

fn login_answer(
    setup: &ServerSetup,
    record: Option<&StoredRecord>,
    ke1: &[u8; 96],
    credential_id: &[u8],
    binding: Binding<'_>,
    rng: &mut impl Rng,
) -> Result<(LoginState, [u8; 320]), OpaqueError> {
    let request = CredentialRequest::deserialize(ke1)?;
    let record = record.map(StoredRecord::registration).transpose()?;
    let start = ServerLogin::start(
        rng,
        &setup.0,
        record,
        request,
        credential_id,
        binding.server(),
    )?;
    let mut ke2 = [0; 320];
    ke2.copy_from_slice(&start.message.serialize());
    Ok((LoginState(start.state), ke2))
}

impl LoginState {
    /// Checks KE3 for the purpose that it began with; only now is the user logged in.
    ///
    /// # Errors
    /// [`OpaqueError::Refused`] for a wrong password, an unknown user, another purpose or an altered message.
    pub fn finish(self, purpose: Purpose, ke3: &[u8; 64]) -> Result<SessionKey, OpaqueError> {
        self.end(ke3, purpose.binding())
    }

    fn end(self, ke3: &[u8; 64], binding: Binding<'_>) -> Result<SessionKey, OpaqueError> {
        let message = CredentialFinalization::deserialize(ke3).map_err(|_| OpaqueError::Refused)?;
        let finish = self
            .0
            .finish(message, binding.server())
            .map_err(|_| OpaqueError::Refused)?;
        Ok(SessionKey(secret(finish.session_key)))
    }
}

#[cfg(test)]
mod tests;
#[cfg(any(test, feature = "vectors"))]
pub(crate) mod vectors;
