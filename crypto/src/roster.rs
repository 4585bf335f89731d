//! A provider's roster: an append-only log of sealed entries that the server cannot read.
//!
//! An entry is JSON, padded to 256, 512 or 1,024 bytes behind what its author had seen ([`crate::witness`], 76 bytes), and
//! sealed under the provider's roster key;
//! provider and entry id are associated data, so an entry can be neither moved nor renamed. The
//! size class is what the server learns of the content: only notes reach the largest.
//!
//! A line is about one client, or about staff ([`staff`]): who made the provider's data key and to whom it was given. Nobody takes a
//! line away without every later reader noticing, so these stay visible for ever.

use std::num::NonZeroU16;

use self::staff::{StaffAct, StaffEntry, StaffName};
use crate::day::Day;
use crate::error::FormatError;
use crate::hpke::HpkePublic;
use crate::id::{EntryId, ProviderId};
use crate::invitation::InviterKind;
use crate::json::{self, field::Field};
use crate::label;
use crate::padding;
use crate::provider::DataKey;
use crate::pseudonym::Pseudonym;
use crate::report::{ExitReason, Group, ResultCode, ServiceCode, Site};
use crate::rng::Rng;
use crate::seal;
use crate::witness::{WITNESS_BYTES, Witness};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

pub mod staff;

/// Padded lengths of an entry before sealing.
const SIZES: [usize; 3] = [256, 512, 1024];
/// Most bytes of UTF-8 in a note.
pub const MAX_NOTE_BYTES: usize = 400;

/// Why an entry was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RosterError {
    /// Longer than the largest size.
    #[error("the entry is too long: split it into several")]
    TooLong,
    /// Not sealed under this provider's key for this id, or altered.
    #[error("the entry cannot be opened: it belongs to another provider or was altered")]
    Sealed,
    /// Opened, but not an entry of a known form.
    #[error("the entry has an unknown form: update this software")]
    Malformed,
}

/// A free note: at most [`MAX_NOTE_BYTES`] bytes, no control characters but the line feed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct NoteText(String);

impl NoteText {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Redacted: a note may say anything.
impl std::fmt::Debug for NoteText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("NoteText(..)")
    }
}

impl TryFrom<String> for NoteText {
    type Error = FormatError;

    fn try_from(text: String) -> Result<Self, FormatError> {
        let control = |letter: char| letter.is_control() && letter != '\n';
        if text.len() > MAX_NOTE_BYTES || text.chars().any(control) {
            return Err(FormatError::new(
                "a note",
                "at most 400 bytes without control characters",
            ));
        }
        Ok(Self(text))
    }
}

impl From<NoteText> for String {
    fn from(note: NoteText) -> Self {
        note.0
    }
}

/// One entry about one client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RosterEntry {
    /// Whom it is about, by this provider's name.
    pub pseudonym: Pseudonym,
    /// The local programme day.
    pub day: Day,
    /// What it says.
    pub kind: EntryKind,
}

/// One line of a roster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, try_from = "AnyLine")]
pub enum Line {
    /// About a client.
    Client(RosterEntry),
    /// About staff.
    Staff(StaffEntry),
}

/// The fields of either line. Read at once: what serde makes of `untagged` reads everything a second time, in code of its own.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct AnyLine {
    pseudonym: Field<Pseudonym>,
    kind: Field<EntryKind>,
    day: Field<Day>,
    key: Field<HpkePublic>,
    name: Field<StaffName>,
    role: Field<u8>,
    invited: Field<InviterKind>,
    on: Field<Day>,
    act: Field<StaffAct>,
}

impl TryFrom<AnyLine> for Line {
    type Error = FormatError;

    fn try_from(mut it: AnyLine) -> Result<Self, FormatError> {
        let day = it.day.take()?;
        let of_client = it.pseudonym.is_absent() && it.kind.is_absent();
        let of_staff = it.key.is_absent() && it.name.is_absent() && it.role.is_absent();
        let of_staff = of_staff && it.invited.is_absent() && it.on.is_absent();
        if of_staff && it.act.is_absent() {
            return Ok(Self::Client(RosterEntry {
                pseudonym: it.pseudonym.take()?,
                day,
                kind: it.kind.take()?,
            }));
        }
        if !of_client {
            return Err(FormatError::new("a line", "about a client or about staff"));
        }
        Ok(Self::Staff(StaffEntry {
            key: it.key.take()?,
            name: it.name.take()?,
            role: it.role.take()?,
            invited: it.invited.take()?,
            on: it.on.take()?,
            day,
            act: it.act.take()?,
        }))
    }
}

impl From<RosterEntry> for Line {
    fn from(entry: RosterEntry) -> Self {
        Self::Client(entry)
    }
}

impl From<StaffEntry> for Line {
    fn from(entry: StaffEntry) -> Self {
        Self::Staff(entry)
    }
}

/// What an entry says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    tag = "type",
    rename_all = "snake_case",
    deny_unknown_fields,
    try_from = "AnyKind"
)]
pub enum EntryKind {
    /// Enrolled in a service.
    Enrolled {
        /// The service.
        service: ServiceCode,
        /// Where.
        site: Site,
        /// Whether the person agreed to be followed up.
        consent: bool,
        /// Coarse group, where it was given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        group: Option<Group>,
        /// Last day of cover or next appointment.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        covered_until: Option<Day>,
    },
    /// Served.
    Visit {
        /// The service.
        service: ServiceCode,
        /// Where.
        site: Site,
        /// How many pieces were given, where they are counted; 1 to 65,535. It stays with the provider.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        quantity: Option<NonZeroU16>,
        /// Last day of cover or next appointment.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        covered_until: Option<Day>,
    },
    /// A coded result.
    Result {
        /// The service.
        service: ServiceCode,
        /// Where.
        site: Site,
        /// The result.
        code: ResultCode,
    },
    /// Left a service.
    Exited {
        /// The service.
        service: ServiceCode,
        /// Where.
        site: Site,
        /// Why.
        reason: ExitReason,
    },
    /// The person agreed to or refused follow-up.
    Consent {
        /// The answer.
        given: bool,
    },
    /// Somebody tried to reach the person, who had not come.
    Attempt {
        /// What came of it.
        outcome: Attempt,
    },
    /// A note.
    Note {
        /// Its text.
        text: NoteText,
    },
    /// The person's identity was rotated, and staff confirmed it: the record of `previous` goes on under this pseudonym.
    Continued {
        /// The pseudonym before.
        previous: Pseudonym,
    },
    /// That was a mistake: the two are different people again.
    Separated {
        /// The entry that had continued one record under the other.
        entry: EntryId,
    },
    /// An event was entered by mistake, and its report is withdrawn with it.
    Withdrawn {
        /// The entry that says what did not happen.
        entry: EntryId,
    },
}

/// The fields of every kind. Read at once: what serde makes of `tag` reads each kind in code of its own.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct AnyKind {
    #[serde(rename = "type")]
    word: Field<String>,
    service: Field<ServiceCode>,
    site: Field<Site>,
    consent: Field<bool>,
    group: Field<Option<Group>>,
    covered_until: Field<Option<Day>>,
    quantity: Field<Option<NonZeroU16>>,
    code: Field<ResultCode>,
    reason: Field<ExitReason>,
    given: Field<bool>,
    outcome: Field<Attempt>,
    text: Field<NoteText>,
    previous: Field<Pseudonym>,
    entry: Field<EntryId>,
}

impl AnyKind {
    fn kind(&mut self) -> Result<EntryKind, FormatError> {
        Ok(match &*self.word.take()? {
            "consent" => EntryKind::Consent {
                given: self.given.take()?,
            },
            "attempt" => EntryKind::Attempt {
                outcome: self.outcome.take()?,
            },
            "note" => EntryKind::Note {
                text: self.text.take()?,
            },
            "continued" => EntryKind::Continued {
                previous: self.previous.take()?,
            },
            "separated" => EntryKind::Separated {
                entry: self.entry.take()?,
            },
            "withdrawn" => EntryKind::Withdrawn {
                entry: self.entry.take()?,
            },
            word => self.of_service(word)?,
        })
    }

    fn of_service(&mut self, word: &str) -> Result<EntryKind, FormatError> {
        let (service, site) = (self.service.take()?, self.site.take()?);
        Ok(match word {
            "enrolled" => EntryKind::Enrolled {
                service,
                site,
                consent: self.consent.take()?,
                group: self.group.take_any(),
                covered_until: self.covered_until.take_any(),
            },
            "visit" => EntryKind::Visit {
                service,
                site,
                quantity: self.quantity.take_any(),
                covered_until: self.covered_until.take_any(),
            },
            "result" => EntryKind::Result {
                service,
                site,
                code: self.code.take()?,
            },
            "exited" => EntryKind::Exited {
                service,
                site,
                reason: self.reason.take()?,
            },
            _ => return Err(FormatError::new("an entry", "of a known kind")),
        })
    }

    /// Whether every field was taken.
    const fn is_empty(&self) -> bool {
        let of_service = self.service.is_absent() && self.site.is_absent();
        let of_service = of_service && self.consent.is_absent() && self.group.is_absent();
        let of_service = of_service && self.covered_until.is_absent() && self.quantity.is_absent();
        let of_service = of_service && self.code.is_absent() && self.reason.is_absent();
        let other = self.given.is_absent() && self.outcome.is_absent() && self.text.is_absent();
        of_service && other && self.previous.is_absent() && self.entry.is_absent()
    }
}

impl TryFrom<AnyKind> for EntryKind {
    type Error = FormatError;

    fn try_from(mut it: AnyKind) -> Result<Self, FormatError> {
        let kind = it.kind()?;
        let other = FormatError::new("an entry", "without the fields of another kind");
        it.is_empty().then_some(kind).ok_or(other)
    }
}

/// What came of trying to reach a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Attempt {
    /// Spoken to.
    Reached,
    /// Nobody was there.
    NotReached,
    /// Asked not to be followed up.
    Declined,
}

/// Provider and entry, as the id of the seal.
fn place(provider: &ProviderId, entry: &EntryId) -> [u8; 32] {
    let mut id = [0; 32];
    id[..16].copy_from_slice(provider.as_bytes());
    id[16..].copy_from_slice(entry.as_bytes());
    id
}

/// Seals an entry with what its author had seen: 372, 628 or 1,140 bytes.
///
/// # Errors
/// [`RosterError::TooLong`].
pub fn seal(
    data_key: &DataKey,
    provider: &ProviderId,
    id: &EntryId,
    line: &Line,
    witness: &Witness,
    rng: &mut impl Rng,
) -> Result<Vec<u8>, RosterError> {
    let json = json::write(line).map_err(|_| RosterError::TooLong)?;
    let padded = SIZES
        .iter()
        .find_map(|size| padding::pad(&json, *size))
        .ok_or(RosterError::TooLong)?;
    let padded = Zeroizing::new(padded);
    let plain = Zeroizing::new([&witness.to_bytes()[..], &padded].concat());
    let (key, place) = (data_key.roster_key(), place(provider, id));
    seal::seal(key.expose(), label::ROSTER_SEAL, &place, &plain, rng)
        .map_err(|_| RosterError::TooLong)
}

/// Opens an entry, and what its author had seen.
///
/// # Errors
/// [`RosterError::Sealed`] or [`RosterError::Malformed`].
pub fn open(
    data_key: &DataKey,
    provider: &ProviderId,
    id: &EntryId,
    sealed: &[u8],
) -> Result<(Line, Witness), RosterError> {
    let (key, place) = (data_key.roster_key(), place(provider, id));
    let plain = seal::open(key.expose(), label::ROSTER_SEAL, &place, sealed)
        .map_err(|_| RosterError::Sealed)?;
    let plain = Zeroizing::new(plain);
    let (witness, padded) = plain
        .split_first_chunk::<WITNESS_BYTES>()
        .ok_or(RosterError::Malformed)?;
    if !SIZES.contains(&padded.len()) {
        return Err(RosterError::Malformed);
    }
    let content = padding::unpad(padded).ok_or(RosterError::Malformed)?;
    let line = json::read(content).map_err(|_| RosterError::Malformed)?;
    Ok((line, Witness::from_bytes(witness)))
}

#[cfg(test)]
mod derived;
#[cfg(test)]
mod tests;
