//! The signed token around a status list, and the list a terminal keeps after checking it.

use super::error::StatusError;
use super::list::StatusList;
use super::packed::Packed;
use crate::cbor::{self, CborError, Major, Reader, Writer};
use crate::cose::{self, ALG_ED25519, CoseError, Sign1};
use crate::day::Day;
use crate::sign::StatusKey;

/// Type of the token (header label 16).
const TYPE: &str = "application/statuslist+cwt";
const CLAIM_SUBJECT: i64 = 2;
const CLAIM_EXPIRY: i64 = 4;
const CLAIM_ISSUED: i64 = 6;
const CLAIM_LIST: i64 = 65_533;
const CLAIM_TTL: i64 = 65_534;
const SECONDS_PER_DAY: i64 = 86_400;
/// Longest time to live: for so long at most can somebody withhold newer lists before a terminal notices.
const MAX_TTL_DAYS: u32 = 31;

impl From<CborError> for StatusError {
    fn from(_: CborError) -> Self {
        Self::Malformed
    }
}

impl StatusList {
    /// Signs the list as a token. `subject` names the list; it is good from `issued` for
    /// `ttl_days` further days (at most 31).
    ///
    /// # Errors
    /// [`StatusError::Range`] for a longer time, [`StatusError::Compression`].
    pub fn to_token(
        &self,
        key: &StatusKey,
        subject: &str,
        issued: Day,
        ttl_days: u32,
    ) -> Result<Vec<u8>, StatusError> {
        if ttl_days > MAX_TTL_DAYS {
            return Err(StatusError::Range);
        }
        let start = i64::from(issued.number()) * SECONDS_PER_DAY;
        let ttl = i64::from(ttl_days) * SECONDS_PER_DAY;
        let claims = Writer::new()
            .map(5)
            .integer(CLAIM_SUBJECT)
            .text(subject)
            .integer(CLAIM_EXPIRY)
            .integer(start + ttl + SECONDS_PER_DAY)
            .integer(CLAIM_ISSUED)
            .integer(start)
            .integer(CLAIM_LIST)
            .raw(&encode_list(&self.0)?)
            .integer(CLAIM_TTL)
            .integer(ttl)
            .finish();
        let protected = Writer::new()
            .map(2)
            .integer(1)
            .integer(ALG_ED25519)
            .integer(16)
            .text(TYPE)
            .finish();
        Ok(cose::sign1(true, &protected, b"", &claims, |bytes| {
            key.sign_cose(bytes)
        }))
    }
}

/// The `StatusList` map: `{"bits": n, "lst": h'..'}`.
pub(super) fn encode_list(list: &Packed) -> Result<Vec<u8>, StatusError> {
    Ok(Writer::new()
        .map(2)
        .text("bits")
        .integer(list.bits().into())
        .text("lst")
        .bytes(&list.deflate()?)
        .finish())
}

/// Reads a `StatusList` map; other members are skipped.
pub(super) fn read_list(reader: &mut Reader<'_>) -> Result<Packed, StatusError> {
    let (mut bits, mut list) = (None, None);
    for _ in 0..reader.map()? {
        match reader.text()? {
            "bits" if bits.is_none() => bits = Some(reader.unsigned()?),
            "lst" if list.is_none() => list = Some(reader.bytes()?),
            "bits" | "lst" => return Err(StatusError::Malformed),
            _ => reader.skip()?,
        }
    }
    let (bits, list) = bits.zip(list).ok_or(StatusError::Malformed)?;
    let bits = u8::try_from(bits).map_err(|_| StatusError::Malformed)?;
    Packed::inflate(bits, list)
}

/// A status list whose signature was verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckedStatusList {
    subject: String,
    issued: Day,
    ttl_days: u32,
    list: StatusList,
}

impl CheckedStatusList {
    /// Verifies a token under the programme's status key. Whether its list may be used is another question: see
    /// [`CheckedStatusList::take`].
    ///
    /// # Errors
    /// [`StatusError::Signature`] or [`StatusError::Malformed`].
    pub fn from_token(token: &[u8], key: &[u8; 32]) -> Result<Self, StatusError> {
        let message = Sign1::parse(token, true).map_err(|_| StatusError::Malformed)?;
        if message.protected.typ != Some(TYPE) {
            return Err(StatusError::Malformed);
        }
        let payload = message
            .verify(key, ALG_ED25519, b"")
            .map_err(|error| match error {
                CoseError::Signature => StatusError::Signature,
                CoseError::Malformed | CoseError::Algorithm => StatusError::Malformed,
            })?;
        read_claims(payload)
    }

    /// What the list is called.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// The day it was issued.
    #[must_use]
    pub const fn issued(&self) -> Day {
        self.issued
    }

    /// Days after the day of issue for which it is good.
    #[must_use]
    pub const fn ttl_days(&self) -> u32 {
        self.ttl_days
    }

    /// Whether a card is withdrawn; `None` beyond the list.
    #[must_use]
    pub fn get(&self, index: u32) -> Option<bool> {
        self.list.get(index)
    }

    /// The bits.
    #[must_use]
    pub const fn list(&self) -> &StatusList {
        &self.list
    }

    /// Days since the list was issued; `None` when `today` lies before, which means that this
    /// device's clock is wrong.
    #[must_use]
    pub fn age_days(&self, today: Day) -> Option<u32> {
        u32::try_from(today.since(self.issued)).ok()
    }

    /// Whether the list is too old to say that a card is good, or `today` lies before its issue.
    #[must_use]
    pub fn is_stale(&self, today: Day) -> bool {
        self.age_days(today).is_none_or(|age| age > self.ttl_days)
    }
}

#[derive(Default)]
struct Claims<'a> {
    subject: Option<&'a str>,
    expiry: Option<i64>,
    issued: Option<i64>,
    ttl: Option<i64>,
    list: Option<Packed>,
}

fn read_claims(payload: &[u8]) -> Result<CheckedStatusList, StatusError> {
    cbor::check(payload)?;
    let mut reader = Reader::new(payload);
    let mut claims = Claims::default();
    let mut seen = Vec::new();
    for _ in 0..reader.map()? {
        // Text labels belong to nobody we know; their values do not matter here.
        if reader.peek()? == Major::Text {
            reader.skip()?;
            reader.skip()?;
            continue;
        }
        let label = reader.integer()?;
        if seen.contains(&label) {
            return Err(StatusError::Malformed);
        }
        seen.push(label);
        match label {
            CLAIM_SUBJECT => claims.subject = Some(reader.text()?),
            CLAIM_EXPIRY => claims.expiry = Some(reader.integer()?),
            CLAIM_ISSUED => claims.issued = Some(reader.integer()?),
            CLAIM_TTL => claims.ttl = Some(reader.integer()?),
            CLAIM_LIST => claims.list = Some(read_list(&mut reader)?),
            _ => reader.skip()?,
        }
    }
    reader.finish()?;
    claims.check().ok_or(StatusError::Malformed)
}

impl Claims<'_> {
    /// All claims are there, whole days, and consistent; one bit per card.
    fn check(self) -> Option<CheckedStatusList> {
        let issued = day(self.issued?)?;
        let ttl_days = u32::try_from(whole_days(self.ttl?)?).ok()?;
        let last = issued.plus(i32::try_from(ttl_days).ok()?);
        let list = self.list.filter(|list| list.bits() == 1)?;
        let ends = day(self.expiry?)?.plus(-1);
        if ttl_days > MAX_TTL_DAYS || ends != last {
            return None;
        }
        Some(CheckedStatusList {
            subject: self.subject?.to_owned(),
            issued,
            ttl_days,
            list: StatusList(list),
        })
    }
}

fn whole_days(seconds: i64) -> Option<i64> {
    (seconds % SECONDS_PER_DAY == 0).then_some(seconds / SECONDS_PER_DAY)
}

fn day(seconds: i64) -> Option<Day> {
    let number = i32::try_from(whole_days(seconds)?).ok()?;
    Day::from_number(number).ok()
}
