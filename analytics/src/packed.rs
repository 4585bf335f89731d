//! A person's history as one row keeps it: all events in one string of bytes.
//!
//! Booking a report needs everything that is known of its person, so what is read together lies together: one row instead of
//! one for each event. The events lie in [`Event::order`], never in the order of arrival, and each report is there once.
//!
//! ```text
//! 1   form, 1
//! 4   number of events, n
//! 4   number of withdrawals, m
//! 36  n times:  16 report   4 day   4 effective day   2 cover   4 site   2 city   1 service   1 kind   1 group   1 length of code
//! 36  m times:  4 first quarter that does not count the report   16 report that is withdrawn   16 own id
//! ..  the codes of results, one after another, in the order of the events
//! ```
//!
//! Numbers have their lowest byte first; days are signed and count from 1970-01-01, quarters from the year 0. Cover is 0 when the report gave none, and
//! else one more than the days from `day` to it. Group is 0 when the report carried none. Only a result has a code. The codes
//! stand at the end so that a changed length anywhere leaves too many bytes or too few: then nothing is read.

use crypto::day::{Day, Quarter};
use crypto::report::{MAX_COVER_DAYS, ResultCode};
use indicators::Indicators;
use indicators::history::{Event, History, Withdrawal};
use indicators::kind::EventKind;
use privacy::cell::{CityCode, GroupCode};

use crate::error::Error;

/// The only form there is.
const FORM: u8 = 1;
/// Bytes before the first event.
const HEAD: usize = 9;
/// Bytes of an event, without its code.
const WIDE: usize = 36;
/// Bytes of a withdrawal.
const GONE: usize = 36;
/// Place of the length of the code among an event's bytes, its last.
const LENGTH: usize = WIDE - 1;

/// An event with all that its report said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Told {
    /// What counts.
    pub(crate) event: Event,
    /// The code: every result has one, and nothing else.
    pub(crate) code: Option<ResultCode>,
}

/// What a report, or a row of a file, says of its person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Said {
    /// Something happened.
    Told(Told),
    /// What another said did not.
    Withdrawn(Withdrawal),
}

impl Said {
    /// The report's id.
    #[must_use]
    pub(crate) const fn report(&self) -> &[u8; 16] {
        match self {
            Self::Told(told) => &told.event.report,
            Self::Withdrawn(withdrawal) => &withdrawal.report,
        }
    }
}

/// One person's history, and the bytes that say the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Packed {
    bytes: Vec<u8>,
    history: History,
}

impl Default for Packed {
    /// Nothing happened yet.
    fn default() -> Self {
        Self {
            bytes: vec![FORM, 0, 0, 0, 0, 0, 0, 0, 0],
            history: History::default(),
        }
    }
}

impl Packed {
    /// Reads a stored history. What a result says follows from `indicators`, never from the bytes.
    ///
    /// # Errors
    /// [`Error::Damaged`] when the bytes are none: another form or length, a day, number or code that does not exist, an
    /// unknown service, events out of order, a report twice.
    pub(crate) fn read(bytes: Vec<u8>, indicators: &Indicators) -> Result<Self, Error> {
        let history = parse(&bytes, indicators).ok_or(Error::Damaged)?;
        Ok(Self { bytes, history })
    }

    /// The events.
    #[must_use]
    pub(crate) const fn history(&self) -> &History {
        &self.history
    }

    /// The events alone.
    #[must_use]
    pub(crate) fn into_history(self) -> History {
        self.history
    }

    /// The bytes to store.
    #[must_use]
    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// This history with more reports and withdrawals, which it lacks, each once and in any order. What was stored is copied as it
    /// is.
    #[must_use]
    pub(crate) fn with(&self, mut more: Vec<Told>, gone: &[Withdrawal]) -> Self {
        more.sort_unstable_by_key(|told| told.event.order());
        let events: Vec<Event> = more.iter().map(|told| told.event).collect();
        let history = self.history.with(&events, gone);
        let (mut old, rest) = self.bytes[HEAD..].split_at(self.history.events().len() * WIDE);
        let mut codes = &rest[self.history.withdrawals().len() * GONE..];
        let mut bytes = Vec::with_capacity(self.bytes.len() + more.len() * WIDE);
        let mut tail = Vec::with_capacity(codes.len());
        bytes.push(FORM);
        for count in [history.events().len(), history.withdrawals().len()] {
            // A history of more than 32 bits count would take 150 GB.
            let count = u32::try_from(count).unwrap_or(u32::MAX);
            bytes.extend_from_slice(&count.to_le_bytes());
        }
        let mut taken = 0;
        for told in &more {
            let place = self.history.place(&told.event);
            let (before, after) = old.split_at((place - taken) * WIDE);
            let (said, unsaid) = codes.split_at(lengths(before));
            bytes.extend_from_slice(before);
            tail.extend_from_slice(said);
            write(told, &mut bytes, &mut tail);
            (old, codes, taken) = (after, unsaid, place);
        }
        bytes.extend_from_slice(old);
        for withdrawal in history.withdrawals() {
            bytes.extend_from_slice(&withdrawal.from.number().to_le_bytes());
            bytes.extend_from_slice(&withdrawal.target);
            bytes.extend_from_slice(&withdrawal.report);
        }
        bytes.extend_from_slice(&tail);
        bytes.extend_from_slice(codes);
        Self { bytes, history }
    }
}

/// Bytes of the codes of these events.
fn lengths(events: &[u8]) -> usize {
    let lengths = events.chunks_exact(WIDE).map(|one| one[LENGTH]);
    lengths.map(usize::from).sum()
}

fn write(told: &Told, bytes: &mut Vec<u8>, tail: &mut Vec<u8>) {
    let event = &told.event;
    let code = told.code.as_ref().map_or("", ResultCode::as_str);
    // Zero to MAX_COVER_DAYS, by the rules of intake.
    let cover = event
        .covered_until
        .map_or(0, |until| until.since(event.day) + 1);
    bytes.extend_from_slice(&event.report);
    bytes.extend_from_slice(&event.day.number().to_le_bytes());
    bytes.extend_from_slice(&event.effective.number().to_le_bytes());
    bytes.extend_from_slice(&u16::try_from(cover).unwrap_or(0).to_le_bytes());
    bytes.extend_from_slice(&event.site.to_le_bytes());
    bytes.extend_from_slice(&event.city.number().to_le_bytes());
    bytes.push(event.service.number());
    bytes.push(event.kind.number());
    bytes.push(event.group.map_or(0, GroupCode::number));
    // A code has 24 bytes at most.
    bytes.push(u8::try_from(code.len()).unwrap_or(0));
    tail.extend_from_slice(code.as_bytes());
}

fn parse(bytes: &[u8], indicators: &Indicators) -> Option<History> {
    let mut rest = bytes;
    if take(&mut rest)? != [FORM] {
        return None;
    }
    let count = usize::try_from(u32::from_le_bytes(take(&mut rest)?)).ok()?;
    let gone = usize::try_from(u32::from_le_bytes(take(&mut rest)?)).ok()?;
    let (records, rest) = rest.split_at_checked(count.checked_mul(WIDE)?)?;
    let (gone, mut codes) = rest.split_at_checked(gone.checked_mul(GONE)?)?;
    let mut events = Vec::with_capacity(count);
    for record in records.chunks_exact(WIDE) {
        let (code, unsaid) = codes.split_at_checked(usize::from(record[LENGTH]))?;
        codes = unsaid;
        events.push(event(record, code, indicators)?);
    }
    if !codes.is_empty() {
        return None;
    }
    let gone: Option<Vec<Withdrawal>> = gone.chunks_exact(GONE).map(withdrawal).collect();
    History::in_order(events, gone?)
}

fn withdrawal(record: &[u8]) -> Option<Withdrawal> {
    let mut rest = record;
    let from = i32::from_le_bytes(take(&mut rest)?);
    Some(Withdrawal {
        from: Quarter::from_number(from).ok()?,
        target: take(&mut rest)?,
        report: take(&mut rest)?,
    })
}

fn event(record: &[u8], code: &[u8], indicators: &Indicators) -> Option<Event> {
    let mut rest = record;
    let report = take(&mut rest)?;
    let day = next_day(&mut rest)?;
    let effective = next_day(&mut rest).filter(|effective| *effective >= day)?;
    let cover = i32::from(u16::from_le_bytes(take(&mut rest)?));
    let site = u32::from_le_bytes(take(&mut rest)?);
    let city = CityCode::new(u16::from_le_bytes(take(&mut rest)?)).ok()?;
    let [service, kind, group, _] = take(&mut rest)?;
    let service = indicators.by_number(service)?.number;
    let kind = EventKind::from_number(kind)?;
    let finding = match kind {
        EventKind::Result => {
            let code: ResultCode = std::str::from_utf8(code).ok()?.parse().ok()?;
            indicators.finding(service, code.as_str())
        }
        _ if code.is_empty() => None,
        _ => return None,
    };
    let covered_until = match cover {
        0 => None,
        days if days <= MAX_COVER_DAYS + 1 => Some(day.plus(days - 1)),
        _ => return None,
    };
    let group = match group {
        0 => None,
        number => Some(GroupCode::new(number).ok()?),
    };
    Some(Event {
        report,
        day,
        effective,
        service,
        kind,
        rank: indicators.rank(kind),
        covered_until,
        site,
        city,
        group,
        finding,
    })
}

fn next_day(rest: &mut &[u8]) -> Option<Day> {
    Day::from_number(i32::from_le_bytes(take(rest)?)).ok()
}

/// The next `N` bytes.
fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (next, after) = rest.split_first_chunk()?;
    *rest = after;
    Some(*next)
}

#[cfg(test)]
mod tests;
