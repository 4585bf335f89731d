//! Lines of a roster about staff: who made the provider's data key, and to whom it was given.

use serde::{Deserialize, Serialize};

use crate::b64::Fixed;
use crate::day::Day;
use crate::error::FormatError;
use crate::handover::Founding;
use crate::hpke::HpkePublic;
use crate::invitation::InviterKind;

/// Most letters of a log-in name.
const MOST: usize = 64;

/// A log-in name as it is written into a roster: 1 to 64 of `a-z 0-9 . _ -`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct StaffName(String);

impl StaffName {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Redacted: it says who works there.
impl std::fmt::Debug for StaffName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("StaffName(..)")
    }
}

impl TryFrom<String> for StaffName {
    type Error = FormatError;

    fn try_from(text: String) -> Result<Self, FormatError> {
        let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-".contains(&b);
        if text.is_empty() || text.len() > MOST || !text.bytes().all(fits) {
            let rule = "1 to 64 of a-z 0-9 . _ -";
            return Err(FormatError::new("a log-in name", rule));
        }
        Ok(Self(text))
    }
}

impl From<StaffName> for String {
    fn from(name: StaffName) -> Self {
        name.0
    }
}

/// How a staff key was compared before the data key was given to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// Its holder proved the giver's own invitation, of this tag ([`crate::invitation::ProofKey::line_tag`]).
    Invitation(Fixed<16>),
    /// The giver typed its fingerprint.
    Typed,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum StaffAct {
    /// They made the data key: a provider's first administrator.
    Founded,
    /// They were given the data key.
    Given {
        /// Staff key of the giver.
        by: HpkePublic,
        /// How it was compared.
        how: How,
    },
}

/// One line about a member of staff.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StaffEntry {
    /// Their staff key.
    pub key: HpkePublic,
    /// Their log-in name.
    pub name: StaffName,
    /// The code of their role.
    pub role: u8,
    /// Who invited them: an operator can let anybody in, and that stays written here.
    pub invited: InviterKind,
    /// The day of that invitation.
    pub on: Day,
    /// The day of this line.
    pub day: Day,
    /// What happened.
    pub act: StaffAct,
}

impl StaffEntry {
    /// What this line says of the data key's origin, if it says anything of it.
    #[must_use]
    pub fn founding(&self) -> Option<Founding> {
        let (key, invited, on) = (self.key, self.invited, self.on);
        (self.act == StaffAct::Founded).then_some(Founding { key, invited, on })
    }
}
