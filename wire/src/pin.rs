//! A PIN that opens one device after it was closed: choosing it, and logging in by it.

use serde::{Deserialize, Serialize};

use crypto::b64::{B64, Fixed};
use crypto::id::{ProviderId, SessionId, StaffId, TerminalId};

use crate::{Role, Wraps};

#[cfg(feature = "openapi")]
use crate::form;

/// `POST /v1/pin/choose/start`: the OPAQUE request of a PIN of this terminal.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ChoosePin {
    /// OPAQUE registration request.
    #[cfg_attr(feature = "openapi", schema(value_type = form::Bytes32))]
    pub request: Fixed<32>,
}

/// Answer to [`ChoosePin`].
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PinAnswered {
    /// OPAQUE registration response.
    #[cfg_attr(feature = "openapi", schema(value_type = form::Bytes64))]
    pub response: Fixed<64>,
}

/// `POST /v1/pin/choose/finish`, in the same session: this record is the terminal's from now on, and the one before is gone.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct KeepPin {
    /// OPAQUE registration record.
    #[cfg_attr(feature = "openapi", schema(value_type = form::Bytes192))]
    pub record: Fixed<192>,
}

/// `POST /v1/pin/login/start`, answered by [`crate::LoginStarted`] and ended by [`crate::LoginFinish`] at
/// `/v1/pin/login/finish`. Without the right knock it is nobody's try: it counts nowhere and opens nothing.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PinStart {
    /// This terminal.
    #[cfg_attr(feature = "openapi", schema(value_type = form::Id))]
    pub terminal: TerminalId,
    /// OPAQUE KE1.
    #[cfg_attr(feature = "openapi", schema(value_type = form::Bytes96))]
    pub ke1: Fixed<96>,
    /// `DoorKey::knock_pin` over terminal and KE1.
    #[cfg_attr(feature = "openapi", schema(value_type = form::Bytes32))]
    pub knock: Fixed<32>,
}

impl std::fmt::Debug for PinStart {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PinStart(..)")
    }
}

/// Answer to the end of a log-in by PIN, proved by the session that it begins. That session lives 12 hours at most and may not do
/// what needs the password.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PinLoggedIn {
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
    /// The provider's data key, handed on to this member of staff (`crypto::handover`, 149 bytes); absent until a colleague
    /// gives it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<form::Bytes149>))]
    pub data_key_sealed: Option<B64>,
    /// The wrap keys, for roles that scan cards.
    #[serde(flatten)]
    pub wraps: Wraps,
}

impl std::fmt::Debug for PinLoggedIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PinLoggedIn")
            .field("role", &self.role)
            .finish_non_exhaustive()
    }
}
