//! Registration, log-in, sessions, colleagues.

use serde::{Deserialize, Serialize};

use crypto::b64::{B64, Fixed};
use crypto::day::Day;
use crypto::id::{AttemptId, ProviderId, SessionId, StaffId, TerminalId};
use crypto::invitation::InviterKind;
use crypto::json::Hidden;

use crate::Wraps;

#[cfg(feature = "openapi")]
use crate::form;

/// What a member of staff may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Serves clients in the field.
    OutreachWorker,
    /// Serves clients at a site.
    Clinician,
    /// Serves clients, invites and revokes colleagues of the own provider.
    ProviderAdministrator,
    /// Runs the programme; sees no client and no roster.
    Operator,
    /// Reads releases.
    Funder,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 5] = [
        Self::OutreachWorker,
        Self::Clinician,
        Self::ProviderAdministrator,
        Self::Operator,
        Self::Funder,
    ];

    /// The role's name, as in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OutreachWorker => "outreach-worker",
            Self::Clinician => "clinician",
            Self::ProviderAdministrator => "provider-administrator",
            Self::Operator => "operator",
            Self::Funder => "funder",
        }
    }

    /// The role's byte, where it is bound into bytes: its place in [`Role::ALL`], from 0.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::OutreachWorker => 0,
            Self::Clinician => 1,
            Self::ProviderAdministrator => 2,
            Self::Operator => 3,
            Self::Funder => 4,
        }
    }

    /// The role of a byte.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.code() == code)
    }

    /// Whose terminals the role signs in at.
    #[must_use]
    pub const fn class(self) -> Class {
        match self {
            Self::OutreachWorker | Self::Clinician | Self::ProviderAdministrator => Class::Provider,
            Self::Operator => Class::Operator,
            Self::Funder => Class::Funder,
        }
    }

    /// True for roles that scan cards and are given the wrap keys.
    #[must_use]
    pub const fn scans_cards(self) -> bool {
        self.has_provider()
    }

    /// True for roles that belong to a provider; the others belong to none.
    #[must_use]
    pub const fn has_provider(self) -> bool {
        matches!(self.class(), Class::Provider)
    }
}

/// Whose staff a terminal serves: the class of the role that was enrolled at it. No other class is answered there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// Staff of one provider.
    Provider,
    /// Operators.
    Operator,
    /// Funders.
    Funder,
}

impl Class {
    /// Every class.
    pub const ALL: [Self; 3] = [Self::Provider, Self::Operator, Self::Funder];

    /// The class's name, as in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Provider => "provider",
            Self::Operator => "operator",
            Self::Funder => "funder",
        }
    }
}

impl std::str::FromStr for Class {
    type Err = crypto::error::FormatError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|class| class.as_str() == text)
            .ok_or(crypto::error::FormatError::new(
                "a class of terminals",
                "provider, operator or funder",
            ))
    }
}

impl std::fmt::Display for Role {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for Role {
    type Err = crypto::error::FormatError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|role| role.as_str() == text)
            .ok_or(crypto::error::FormatError::new(
                "a role",
                "one of the five role names",
            ))
    }
}

/// `POST /v1/register/start`. The invitation is not used up yet.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RegisterStart {
    /// What opens the invitation (`crypto::invitation`); its text stays with the terminal.
    #[cfg_attr(feature = "openapi", schema(value_type = form::Bytes32))]
    pub opener: Hidden<32>,
    /// OPAQUE registration request.
    #[cfg_attr(feature = "openapi", schema(value_type = form::Bytes32))]
    pub request: Fixed<32>,
}

/// Answer to [`RegisterStart`].
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RegisterStarted {
    /// OPAQUE registration response.
    #[cfg_attr(feature = "openapi", schema(value_type = form::Bytes64))]
    pub response: Fixed<64>,
    /// Role that the invitation gives.
    pub role: Role,
    /// Provider that the invitation belongs to.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<form::Id>))]
    pub provider: Option<ProviderId>,
    /// Who made the invitation.
    #[cfg_attr(feature = "openapi", schema(value_type = form::InviterKind))]
    pub invited: InviterKind,
    /// The day that it bears.
    #[cfg_attr(feature = "openapi", schema(value_type = form::Day))]
    pub on: Day,
    /// True for the first administrator of a provider: make the data key and send `provider_public`,
    /// `provider_report` and `data_key_sealed` with [`RegisterFinish`]. False: send none of them.
    pub makes_data_key: bool,
}

/// `POST /v1/register/finish`. Uses the invitation up, or changes nothing.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RegisterFinish {
    /// What opens the same invitation.
    #[cfg_attr(feature = "openapi", schema(value_type = form::Bytes32))]
    pub opener: Hidden<32>,
    /// Log-in name: 3 to 64 characters of `a-z 0-9 . _ -`.
    #[cfg_attr(feature = "openapi", schema(pattern = "^[a-z0-9._-]{3,64}$"))]
    pub handle: String,
    /// OPAQUE registration record.
    #[cfg_attr(feature = "openapi", schema(value_type = form::Bytes192))]
    pub record: Fixed<192>,
    /// Public key (HPKE) to which colleagues seal the data key.
    #[cfg_attr(feature = "openapi", schema(value_type = form::Bytes32))]
    pub staff_public: Fixed<32>,
    /// `ProofKey::prove`: tells the inviter's terminal that this is the invited person's key. The service cannot check it.
    #[cfg_attr(feature = "openapi", schema(value_type = form::Bytes32))]
    pub proof: Fixed<32>,
    /// Its private half, sealed under the OPAQUE export key; at most 1,024 bytes.
    #[cfg_attr(feature = "openapi", schema(value_type = form::BytesUpTo1024))]
    pub staff_private_sealed: B64,
    /// Public key (Ed25519) of this terminal.
    #[cfg_attr(feature = "openapi", schema(value_type = form::Bytes32))]
    pub terminal_public: Fixed<32>,
    /// The key that this terminal knocks with (`crypto::login::DoorKey`).
    #[cfg_attr(feature = "openapi", schema(value_type = form::Bytes32))]
    pub door: Hidden<32>,
    /// What people call this terminal (`typed::label`): 1 to 40 characters.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 40))]
    pub label: String,
    /// Public key of the provider's inbox; only from the first administrator.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<form::Bytes32>))]
    pub provider_public: Option<Fixed<32>>,
    /// Public half of the key that signs the provider's reports (Ed25519); only from the first administrator.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<form::Bytes32>))]
    pub provider_report: Option<Fixed<32>>,
    /// The provider's data key, handed on to oneself (`crypto::handover`, 149 bytes); only from the first administrator.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<form::Bytes149>))]
    pub data_key_sealed: Option<B64>,
}

/// Answer to [`RegisterFinish`]. Read the log of keys ([`crate::LogPage`]) with the root key from the invitation before
/// asking. Then log in.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Registered {
    /// The new member of staff.
    #[cfg_attr(feature = "openapi", schema(value_type = form::Id))]
    pub staff: StaffId,
    /// The newly enrolled terminal.
    #[cfg_attr(feature = "openapi", schema(value_type = form::Id))]
    pub terminal: TerminalId,
    /// Role.
    pub role: Role,
    /// Provider, for roles that belong to one.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<form::Id>))]
    pub provider: Option<ProviderId>,
}

/// `POST /v1/login/start`.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct LoginStart {
    /// Log-in name.
    #[cfg_attr(feature = "openapi", schema(pattern = "^[a-z0-9._-]{3,64}$"))]
    pub handle: String,
    /// This terminal.
    #[cfg_attr(feature = "openapi", schema(value_type = form::Id))]
    pub terminal: TerminalId,
    /// OPAQUE KE1.
    #[cfg_attr(feature = "openapi", schema(value_type = form::Bytes96))]
    pub ke1: Fixed<96>,
    /// `DoorKey::knock` over name, terminal and KE1: without the right one this is no terminal's message.
    #[cfg_attr(feature = "openapi", schema(value_type = form::Bytes32))]
    pub knock: Fixed<32>,
}

/// Answer to [`LoginStart`]; for unknown names of the same shape. Good for one minute and one try.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LoginStarted {
    /// Names this attempt.
    #[cfg_attr(feature = "openapi", schema(value_type = form::Id))]
    pub attempt: AttemptId,
    /// OPAQUE KE2.
    #[cfg_attr(feature = "openapi", schema(value_type = form::Bytes320))]
    pub ke2: Fixed<320>,
}

/// `POST /v1/login/finish`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct LoginFinish {
    /// The attempt.
    #[cfg_attr(feature = "openapi", schema(value_type = form::Id))]
    pub attempt: AttemptId,
    /// OPAQUE KE3.
    #[cfg_attr(feature = "openapi", schema(value_type = form::Bytes64))]
    pub ke3: Fixed<64>,
    /// `TerminalKey::sign_login` over `crypto::login::Transcript`.
    #[cfg_attr(feature = "openapi", schema(value_type = form::Bytes64))]
    pub signature: Fixed<64>,
}

/// Answer to [`LoginFinish`], proved by the session that it begins: its MAC is that of answer 0. A session lives 12 hours
/// at most.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LoggedIn {
    /// Names the session; no secret.
    #[cfg_attr(feature = "openapi", schema(value_type = form::Id))]
    pub session: SessionId,
    /// Role.
    pub role: Role,
    /// Member of staff.
    #[cfg_attr(feature = "openapi", schema(value_type = form::Id))]
    pub staff: StaffId,
    /// Provider, for roles that belong to one.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<form::Id>))]
    pub provider: Option<ProviderId>,
    /// Private key, sealed under the OPAQUE export key.
    #[cfg_attr(feature = "openapi", schema(value_type = form::BytesUpTo1024))]
    pub staff_private_sealed: B64,
    /// The provider's data key, handed on to this member of staff (`crypto::handover`, 149 bytes); absent until a colleague
    /// gives it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<form::Bytes149>))]
    pub data_key_sealed: Option<B64>,
    /// Whether a PIN of this person opens this terminal after it was closed ([`crate::KeepPin`]).
    #[serde(default)]
    pub pin: bool,
    /// The wrap keys, for roles that scan cards.
    #[serde(flatten)]
    pub wraps: Wraps,
}

impl std::fmt::Debug for LoggedIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LoggedIn")
            .field("role", &self.role)
            .finish_non_exhaustive()
    }
}

/// `POST /v1/invitations`: good for 14 days and one registration. The terminal draws the invitation and keeps its text; the
/// same request again changes nothing.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Invite {
    /// Role of the invited person. A provider administrator may invite the three roles of the own provider.
    pub role: Role,
    /// Provider, exactly for roles that belong to one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<form::Id>))]
    pub provider: Option<ProviderId>,
    /// What the service keeps of it (`Opener::hash`).
    #[cfg_attr(feature = "openapi", schema(value_type = form::Bytes32))]
    pub hash: Fixed<32>,
    /// The day that the invitation bears: today, or a day beside it where clocks differ.
    #[cfg_attr(feature = "openapi", schema(value_type = form::Day))]
    pub day: Day,
}

/// One line of `GET /v1/staff` (a JSON array of these).
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Colleague {
    /// Member of staff.
    #[cfg_attr(feature = "openapi", schema(value_type = form::Id))]
    pub staff: StaffId,
    /// Log-in name.
    pub handle: String,
    /// Role.
    pub role: Role,
    /// Public key (HPKE) to seal the data key to.
    #[cfg_attr(feature = "openapi", schema(value_type = form::Bytes32))]
    pub public: Fixed<32>,
    /// What they proved at registration; only the terminal that invited them can check it.
    #[cfg_attr(feature = "openapi", schema(value_type = form::Bytes32))]
    pub proof: Fixed<32>,
    /// Who invited them.
    #[cfg_attr(feature = "openapi", schema(value_type = form::InviterKind))]
    pub invited: InviterKind,
    /// The day of that invitation.
    #[cfg_attr(feature = "openapi", schema(value_type = form::Day))]
    pub on: Day,
    /// True for whoever made the provider's data key.
    pub first: bool,
    /// False: someone who has the data key should give it with [`DataKey`].
    pub has_data_key: bool,
    /// Revoked for ever.
    pub revoked: bool,
}

/// One line of `GET /v1/terminals` (a JSON array of these): the own provider's, or the operators' and funders'.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Enrolled {
    /// The terminal.
    #[cfg_attr(feature = "openapi", schema(value_type = form::Id))]
    pub terminal: TerminalId,
    /// What people call it; several may be called the same.
    pub label: String,
    /// Whose staff signs in there.
    pub class: Class,
    /// The provider, for terminals of one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<form::Id>))]
    pub provider: Option<ProviderId>,
    /// Who signed in there, the latest first.
    pub people: Vec<SignedIn>,
    /// Revoked for ever.
    pub revoked: bool,
}

impl Enrolled {
    /// The last day on which anybody signed in there.
    #[must_use]
    pub fn last_day(&self) -> Option<Day> {
        self.people.iter().map(|one| one.last_day).max()
    }
}

/// Somebody who signed in at a terminal.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignedIn {
    /// Who.
    #[cfg_attr(feature = "openapi", schema(value_type = form::Id))]
    pub staff: StaffId,
    /// Log-in name.
    pub handle: String,
    /// On which day last.
    #[cfg_attr(feature = "openapi", schema(value_type = form::Day))]
    pub last_day: Day,
}

/// `POST /v1/terminals/revoke`: the one live terminal of the list that is called so, whatever the case of its letters.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RevokeLabelled {
    /// What people call it.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 40))]
    pub label: String,
}

/// Answer to [`RevokeLabelled`].
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TerminalRevoked {
    /// Which one it was.
    #[cfg_attr(feature = "openapi", schema(value_type = form::Id))]
    pub terminal: TerminalId,
}

/// `PUT /v1/staff/{id}/data-key`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct DataKey {
    /// The provider's data key, handed on to that member of staff (`crypto::handover`, 149 bytes).
    #[cfg_attr(feature = "openapi", schema(value_type = form::Bytes149))]
    pub sealed: B64,
}

/// What opens an invitation lets people in and log-in names endanger who bears them: neither is ever printed.
macro_rules! unprinted {
    ($($name:ident),+) => {$(
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), "(..)"))
            }
        }
    )+};
}

unprinted!(
    RegisterStart,
    RegisterFinish,
    LoginStart,
    Enrolled,
    SignedIn,
    RevokeLabelled,
    Colleague
);
