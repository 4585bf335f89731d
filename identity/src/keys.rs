//! The secrets of the identity role, and the form in which a key file holds them (JSON, inside a sealed file).
//!
//! None of them is ever in the database. A master scalar and the factor of a domain, which lies in the database as a sealed
//! record ([`crate::domains`]), together make the domain's key: neither the file nor the database alone does.

use crypto::b64::Fixed;
use crypto::bundle::StatisticsKeys;
use crypto::card::{IssuerKey, WrapKey};
use crypto::digest;
use crypto::domain::{Guessing, Identification, MasterScalar, Statistics};
use crypto::id::{ProgrammeId, TerminalId};
use crypto::label;
use crypto::login::DoorKey;
use crypto::opaque::ServerSetup;
use crypto::rng::Rng;
use crypto::seal;
use crypto::secret::{Secret, SecretBytes};
use crypto::sign::{ListKey, StatusKey};
use crypto::token::Token;
use serde::{Deserialize, Serialize};
use store::DbError;
use zeroize::{Zeroize, Zeroizing};

/// Everything the identity role must keep secret, with the public keys it hands out.
pub struct IdentityKeys {
    /// The programme.
    pub programme: ProgrammeId,
    /// Epoch of the domain keys, from 1.
    pub epoch: u32,
    /// `K_id`: cards, lockers, providers.
    pub identification: MasterScalar<Identification>,
    /// `K_guess`: whatever can be guessed.
    pub guessing: MasterScalar<Guessing>,
    /// `K_stat`: statistics pseudonyms.
    pub pseudonyms: MasterScalar<Statistics>,
    /// OPAQUE server keys.
    pub opaque: ServerSetup,
    /// Identifier of the issuer key in use.
    pub issuer_kid: u8,
    /// Key that signs blanks.
    pub issuer: IssuerKey,
    /// Key that wraps cards.
    pub wrap: WrapKey,
    /// Key that signs status lists.
    pub status: StatusKey,
    /// Key that signs the keys of providers and the head of the log. The root key is not here.
    pub list: ListKey,
    /// Text of the token that opens the statistics role to this one.
    pub role_token: SecretBytes,
    /// Public keys of the statistics store.
    pub statistics: StatisticsKeys,
    /// Public key that releases are signed with.
    pub release_key: [u8; 32],
    /// Root of every key for what is sealed or hashed at rest.
    pub sealing: Secret<32>,
}

/// The bytes are not a key file of this role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not a key file of the identity role: restore the right one")]
pub struct KeyFileError;

/// What the identity role learns from the statistics role when a programme is founded.
#[derive(Debug, Clone)]
pub struct Founding {
    /// Public keys that terminals encrypt to.
    pub statistics: StatisticsKeys,
    /// Public key that releases are signed with.
    pub release_key: [u8; 32],
    /// Text of the role token (`pyr_...`); made here when absent.
    pub role_token: Option<SecretBytes>,
}

impl IdentityKeys {
    /// Fresh keys for a new programme.
    ///
    /// # Errors
    /// [`KeyFileError`] if the signing library refuses a random seed, which does not happen.
    pub fn generate(founding: Founding, rng: &mut impl Rng) -> Result<Self, KeyFileError> {
        let role_token = founding.role_token.unwrap_or_else(|| {
            let (token, _) = Token::role(rng);
            SecretBytes::from(token.text().as_bytes())
        });
        Ok(Self {
            programme: ProgrammeId::random(rng),
            epoch: 1,
            identification: MasterScalar::random(rng),
            guessing: MasterScalar::random(rng),
            pseudonyms: MasterScalar::random(rng),
            opaque: ServerSetup::generate(rng),
            issuer_kid: 1,
            issuer: IssuerKey::generate(rng).map_err(|_| KeyFileError)?,
            wrap: WrapKey::random(rng),
            status: StatusKey::generate(rng).map_err(|_| KeyFileError)?,
            list: ListKey::generate(rng).map_err(|_| KeyFileError)?,
            role_token,
            statistics: founding.statistics,
            release_key: founding.release_key,
            sealing: Secret::random(rng),
        })
    }

    /// The keys as bytes, to be sealed at once.
    ///
    /// # Errors
    /// [`KeyFileError`] if they cannot be written, which does not happen.
    pub fn to_bytes(&self) -> Result<SecretBytes, KeyFileError> {
        let form = Form {
            programme: self.programme,
            epoch: self.epoch,
            identification: Fixed(*self.identification.to_bytes().expose()),
            guessing: Fixed(*self.guessing.to_bytes().expose()),
            pseudonyms: Fixed(*self.pseudonyms.to_bytes().expose()),
            opaque: Fixed(*self.opaque.to_bytes().expose()),
            issuer_kid: self.issuer_kid,
            issuer: Fixed(*self.issuer.seed().expose()),
            wrap: Fixed(*self.wrap.expose()),
            status: Fixed(*self.status.seed().expose()),
            list: Fixed(*self.list.seed().expose()),
            role_token: String::from_utf8(self.role_token.expose().to_vec())
                .map_err(|_| KeyFileError)?,
            statistics: self.statistics.clone(),
            release_key: Fixed(self.release_key),
            sealing: Fixed(*self.sealing.expose()),
        };
        serde_json::to_vec(&form)
            .map(SecretBytes::new)
            .map_err(|_| KeyFileError)
    }

    /// Reads what [`IdentityKeys::to_bytes`] wrote.
    ///
    /// # Errors
    /// [`KeyFileError`] for anything else.
    pub fn from_bytes(bytes: &SecretBytes) -> Result<Self, KeyFileError> {
        let form: Form = serde_json::from_slice(bytes.expose()).map_err(|_| KeyFileError)?;
        let secret = |bytes: &Fixed<32>| Secret::new(bytes.0);
        Ok(Self {
            programme: form.programme,
            epoch: form.epoch,
            identification: MasterScalar::from_bytes(&form.identification.0)
                .map_err(|_| KeyFileError)?,
            guessing: MasterScalar::from_bytes(&form.guessing.0).map_err(|_| KeyFileError)?,
            pseudonyms: MasterScalar::from_bytes(&form.pseudonyms.0).map_err(|_| KeyFileError)?,
            opaque: ServerSetup::from_bytes(&form.opaque.0).map_err(|_| KeyFileError)?,
            issuer_kid: form.issuer_kid,
            issuer: IssuerKey::from_seed(&secret(&form.issuer)).map_err(|_| KeyFileError)?,
            wrap: WrapKey::from_bytes(form.wrap.0),
            status: StatusKey::from_seed(&secret(&form.status)).map_err(|_| KeyFileError)?,
            list: ListKey::from_seed(&secret(&form.list)).map_err(|_| KeyFileError)?,
            role_token: SecretBytes::from(form.role_token.as_bytes()),
            statistics: form.statistics.clone(),
            release_key: form.release_key.0,
            sealing: secret(&form.sealing),
        })
    }

    /// The key under which the factors of domains are sealed.
    pub(crate) fn record_key(&self) -> Secret<32> {
        digest::derive_secret(label::IDENTITY_FACTOR_KEY, self.sealing.expose())
    }

    /// The key that a terminal knocks with, sealed for the disk; empty when it cannot be, which does not happen.
    pub(crate) fn seal_door(
        &self,
        terminal: &TerminalId,
        door: &DoorKey,
        rng: &mut impl Rng,
    ) -> Vec<u8> {
        let (key, plain) = (self.seal_key(), door.secret().expose());
        let (label, id) = (label::IDENTITY_DOOR_SEAL, terminal.as_bytes());
        seal::seal(key.expose(), label, id, plain, rng).unwrap_or_default()
    }

    /// Opens what [`IdentityKeys::seal_door`] made.
    pub(crate) fn open_door(
        &self,
        terminal: &TerminalId,
        sealed: &[u8],
    ) -> Result<DoorKey, DbError> {
        let (key, id) = (self.seal_key(), terminal.as_bytes());
        let plain = seal::open(key.expose(), label::IDENTITY_DOOR_SEAL, id, sealed)
            .map(Zeroizing::new)
            .map_err(|_| DbError::Corrupt)?;
        let bytes = Secret::try_from(&plain[..]).map_err(|_| DbError::Corrupt)?;
        Ok(DoorKey::new(bytes))
    }

    /// The key under which rows are sealed.
    pub(crate) fn seal_key(&self) -> Secret<32> {
        digest::derive_secret(label::IDENTITY_SEAL_KEY, self.sealing.expose())
    }
}

impl std::fmt::Debug for IdentityKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("IdentityKeys(..)")
    }
}

/// The JSON form; wiped when dropped.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    programme: ProgrammeId,
    epoch: u32,
    identification: Fixed<32>,
    guessing: Fixed<32>,
    pseudonyms: Fixed<32>,
    opaque: Fixed<128>,
    issuer_kid: u8,
    issuer: Fixed<32>,
    wrap: Fixed<32>,
    status: Fixed<32>,
    list: Fixed<32>,
    role_token: String,
    statistics: StatisticsKeys,
    release_key: Fixed<32>,
    sealing: Fixed<32>,
}

impl Drop for Form {
    fn drop(&mut self) {
        let parts = [
            &mut self.identification,
            &mut self.guessing,
            &mut self.pseudonyms,
            &mut self.issuer,
            &mut self.wrap,
            &mut self.status,
            &mut self.list,
        ];
        for part in parts.into_iter().chain([&mut self.sealing]) {
            part.0.zeroize();
        }
        self.opaque.0.zeroize();
        self.role_token.zeroize();
    }
}
