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
use crypto::json::{self, Hidden, HiddenText};
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
use zeroize::Zeroizing;

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
            identification: Hidden::of(self.identification.to_bytes().expose()),
            guessing: Hidden::of(self.guessing.to_bytes().expose()),
            pseudonyms: Hidden::of(self.pseudonyms.to_bytes().expose()),
            opaque: Hidden::of(self.opaque.to_bytes().expose()),
            issuer_kid: self.issuer_kid,
            issuer: Hidden::of(self.issuer.seed().expose()),
            wrap: Hidden::of(self.wrap.expose()),
            status: Hidden::of(self.status.seed().expose()),
            list: Hidden::of(self.list.seed().expose()),
            role_token: HiddenText::new(
                String::from_utf8(self.role_token.expose().to_vec()).map_err(|_| KeyFileError)?,
            ),
            statistics: self.statistics.clone(),
            release_key: Fixed(self.release_key),
            sealing: Hidden::of(self.sealing.expose()),
        };
        let mut bytes = json::write(&form).map_err(|_| KeyFileError)?;
        Ok(SecretBytes::new(std::mem::take(&mut *bytes)))
    }

    /// Reads what [`IdentityKeys::to_bytes`] wrote.
    ///
    /// # Errors
    /// [`KeyFileError`] for anything else.
    pub fn from_bytes(bytes: &SecretBytes) -> Result<Self, KeyFileError> {
        let form: Form = json::read(bytes.expose()).map_err(|_| KeyFileError)?;
        Ok(Self {
            programme: form.programme,
            epoch: form.epoch,
            identification: MasterScalar::from_bytes(form.identification.expose())
                .map_err(|_| KeyFileError)?,
            guessing: MasterScalar::from_bytes(form.guessing.expose()).map_err(|_| KeyFileError)?,
            pseudonyms: MasterScalar::from_bytes(form.pseudonyms.expose())
                .map_err(|_| KeyFileError)?,
            opaque: ServerSetup::from_bytes(form.opaque.expose()).map_err(|_| KeyFileError)?,
            issuer_kid: form.issuer_kid,
            issuer: IssuerKey::from_seed(&form.issuer.0).map_err(|_| KeyFileError)?,
            wrap: WrapKey::from_bytes(*form.wrap.expose()),
            status: StatusKey::from_seed(&form.status.0).map_err(|_| KeyFileError)?,
            list: ListKey::from_seed(&form.list.0).map_err(|_| KeyFileError)?,
            role_token: SecretBytes::from(form.role_token.expose().as_bytes()),
            statistics: form.statistics,
            release_key: form.release_key.0,
            sealing: form.sealing.0,
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

/// The JSON form; every secret in it wipes itself.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    programme: ProgrammeId,
    epoch: u32,
    identification: Hidden<32>,
    guessing: Hidden<32>,
    pseudonyms: Hidden<32>,
    opaque: Hidden<128>,
    issuer_kid: u8,
    issuer: Hidden<32>,
    wrap: Hidden<32>,
    status: Hidden<32>,
    list: Hidden<32>,
    role_token: HiddenText,
    statistics: StatisticsKeys,
    release_key: Fixed<32>,
    sealing: Hidden<32>,
}
