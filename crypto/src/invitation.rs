//! Invitations: a text that goes from person to person and never through the service.
//!
//! ```text
//! text   = "pyi_" || base64url(secret 16 || root public key 32 || role 1 || provider 16 || kind of inviter 1 || inviter's staff key 32 || day 4)
//! opener = derive("invitation opener", all 102 bytes)           shown to the service at registration
//! hash   = derive("invitation token", opener)                   kept by the service
//! proof  = BLAKE3.keyed(derive("invitation proof key", all 102 bytes), provider, role, handle, staff public key)
//! ```
//!
//! Whoever invites draws it. It carries what the invited person's terminal must not be told by the service: the
//! programme's root key, the place that is given, and by whom. A data key is believed from an inviter who is an
//! administrator of the provider; the proof tells that inviter's terminal which staff key is the invited person's. From
//! opener and hash the service can make neither text nor proof. Limit: who reads a text before it is used can use it.

use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use crate::day::Day;
use crate::digest;
use crate::error::FormatError;
use crate::hpke::HpkePublic;
use crate::id::ProviderId;
use crate::label;
use crate::rng::Rng;
use crate::secret::Secret;
use crate::token::{self, INVITATION, Opener, Token, TokenError, TokenHash};

/// Length of an invitation in bytes, before base64url.
const BYTES: usize = 102;

/// What somebody is who invites.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum InviterKind {
    /// Whoever holds the service's data folder.
    CommandLine,
    /// An operator.
    Operator,
    /// An administrator of the provider.
    Administrator,
}

impl InviterKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::CommandLine, Self::Operator, Self::Administrator];

    /// The kind's name, as in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CommandLine => "command-line",
            Self::Operator => "operator",
            Self::Administrator => "administrator",
        }
    }

    /// The kind's byte: 0, 1, 2 in the order above.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::CommandLine => 0,
            Self::Operator => 1,
            Self::Administrator => 2,
        }
    }

    /// The kind of a byte.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

impl std::str::FromStr for InviterKind {
    type Err = FormatError;

    fn from_str(text: &str) -> Result<Self, FormatError> {
        let named = |kind: &Self| kind.as_str() == text;
        Self::ALL
            .into_iter()
            .find(named)
            .ok_or(FormatError::new("a kind of inviter", "one of three"))
    }
}

/// Who invites, with the staff key (HPKE) of whoever has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Inviter {
    /// Whoever holds the service's data folder.
    CommandLine,
    /// An operator, who gives nobody a data key.
    Operator(HpkePublic),
    /// An administrator of the provider, who gives the data key.
    Administrator(HpkePublic),
}

impl Inviter {
    /// The kind alone.
    #[must_use]
    pub const fn kind(&self) -> InviterKind {
        match self {
            Self::CommandLine => InviterKind::CommandLine,
            Self::Operator(_) => InviterKind::Operator,
            Self::Administrator(_) => InviterKind::Administrator,
        }
    }

    /// The staff key.
    #[must_use]
    pub const fn key(&self) -> Option<&HpkePublic> {
        match self {
            Self::CommandLine => None,
            Self::Operator(key) | Self::Administrator(key) => Some(key),
        }
    }

    fn read(code: u8, key: [u8; 32]) -> Option<Self> {
        let public = HpkePublic::from_bytes(key);
        match InviterKind::from_code(code)? {
            InviterKind::CommandLine if key == [0; 32] => Some(Self::CommandLine),
            InviterKind::CommandLine => None,
            InviterKind::Operator => Some(Self::Operator(public)),
            InviterKind::Administrator => Some(Self::Administrator(public)),
        }
    }
}

/// What an invitation says, all but its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// The programme's root public key, Ed25519.
    pub root: [u8; 32],
    /// The role's code.
    pub role: u8,
    /// The provider, for roles that belong to one.
    pub provider: Option<ProviderId>,
    /// Who invites.
    pub inviter: Inviter,
    /// The day on which it was drawn.
    pub day: Day,
}

/// An invitation.
#[derive(Clone)]
pub struct Invitation {
    secret: Secret<16>,
    terms: Terms,
}

impl Invitation {
    /// Draws one.
    pub fn draw(terms: Terms, rng: &mut impl Rng) -> Self {
        let secret = Secret::random(rng);
        Self { secret, terms }
    }

    /// Reads a text.
    ///
    /// # Errors
    /// [`TokenError`] if the text is not an invitation.
    pub fn read(text: &str) -> Result<Self, TokenError> {
        let bytes = token::read::<BYTES>(text, INVITATION)?;
        Self::from_bytes(bytes.expose()).ok_or(TokenError)
    }

    fn from_bytes(bytes: &[u8; BYTES]) -> Option<Self> {
        let (secret, rest) = bytes.split_first_chunk::<16>()?;
        let (root, rest) = rest.split_first_chunk::<32>()?;
        let (&[role], rest) = rest.split_first_chunk::<1>()?;
        let (provider, rest) = rest.split_first_chunk::<16>()?;
        let (&[kind], rest) = rest.split_first_chunk::<1>()?;
        let (key, day) = rest.split_first_chunk::<32>()?;
        let day = i32::from_be_bytes(day.try_into().ok()?);
        let terms = Terms {
            root: *root,
            role,
            provider: (*provider != [0; 16]).then(|| ProviderId::from_bytes(*provider)),
            inviter: Inviter::read(kind, *key)?,
            day: Day::from_number(day).ok()?,
        };
        Some(Self {
            secret: Secret::new(*secret),
            terms,
        })
    }

    fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let Terms {
            root,
            role,
            provider,
            inviter,
            day,
        } = &self.terms;
        // Room for all of it: a vector that grows leaves copies behind.
        let mut bytes = Zeroizing::new(Vec::with_capacity(BYTES));
        bytes.extend_from_slice(self.secret.expose());
        bytes.extend_from_slice(root);
        bytes.push(*role);
        bytes.extend_from_slice(provider.as_ref().map_or(&[0; 16], |id| id.as_bytes()));
        bytes.push(inviter.kind().code());
        bytes.extend_from_slice(inviter.key().map_or(&[0; 32], |key| key.as_bytes()));
        bytes.extend_from_slice(&day.number().to_be_bytes());
        bytes
    }

    /// What it says.
    #[must_use]
    pub fn terms(&self) -> &Terms {
        &self.terms
    }

    /// Its text, to be handed over in person.
    #[must_use]
    pub fn text(&self) -> Token {
        Token::write(INVITATION, &self.to_bytes())
    }

    /// What opens it at the service.
    #[must_use]
    pub fn opener(&self) -> Opener {
        Opener::new(digest::derive_secret(label::TOKEN_OPENER, &self.to_bytes()))
    }

    /// What the service keeps of it.
    #[must_use]
    pub fn hash(&self) -> TokenHash {
        self.opener().hash()
    }

    /// What proves who registered with it.
    #[must_use]
    pub fn proof_key(&self) -> ProofKey {
        ProofKey(digest::derive_secret(
            label::INVITATION_PROOF,
            &self.to_bytes(),
        ))
    }
}

impl std::fmt::Debug for Invitation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Invitation(..)")
    }
}

/// Who registers, as the invited person's terminal proves it and the inviter's checks it.
#[derive(Clone, Copy)]
pub struct Registrant<'a> {
    /// The provider, for roles that belong to one.
    pub provider: Option<&'a ProviderId>,
    /// The role's code.
    pub role: u8,
    /// The log-in name.
    pub handle: &'a str,
    /// The staff key.
    pub public: &'a HpkePublic,
}

/// The key of an invitation's proofs, 32 bytes: known to whoever drew the text and whoever read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProofKey(Secret<32>);

impl ProofKey {
    /// As it was kept.
    #[must_use]
    pub const fn new(secret: Secret<32>) -> Self {
        Self(secret)
    }

    /// By which the provider's roster says that the invitation was answered, 16 bytes: one invitation, one key. Whoever
    /// reads it learns nothing of the invitation.
    #[must_use]
    pub fn line_tag(&self) -> [u8; 16] {
        let whole = digest::derive(label::INVITATION_LINE, self.0.expose());
        std::array::from_fn(|at| whole[at])
    }

    /// To be kept, sealed.
    #[must_use]
    pub const fn secret(&self) -> &Secret<32> {
        &self.0
    }

    /// Proves that whoever registers holds the invitation.
    #[must_use]
    pub fn prove(&self, who: &Registrant<'_>) -> [u8; 32] {
        let provider = who.provider.map_or(&[][..], |id| id.as_bytes());
        let parts = [
            provider,
            &[who.role],
            who.handle.as_bytes(),
            who.public.as_bytes(),
        ];
        digest::keyed_parts(self.0.expose(), &parts)
    }

    /// Whether a proof is that of whoever registered, in constant time.
    #[must_use]
    pub fn proves(&self, who: &Registrant<'_>, proof: &[u8; 32]) -> bool {
        self.prove(who).ct_eq(proof).into()
    }
}

#[cfg(test)]
mod tests;
