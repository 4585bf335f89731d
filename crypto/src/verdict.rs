//! The verdict on a scanned card, offline: one of five, with the age of the list it rests on.
//!
//! A revoked bit and a passed expiry month are final, so they count even on an old list. "Valid"
//! needs a list that is young enough. A clock set back cannot make an old list young or an expired
//! card good: a list issued after "today" proves that the clock is wrong, and the later of the two
//! days is taken.

use crate::card::{Card, CardKeys, OpenedCard};
use crate::day::{Day, Month};
use crate::status::CheckedStatusList;
use serde::Serialize;

/// What a terminal may say of a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Verdict {
    /// Genuine, within its time, not withdrawn on a list that is young enough.
    Valid {
        /// Days since the list was issued.
        list_age_days: u32,
    },
    /// Genuine and withdrawn.
    Revoked {
        /// Days since the list was issued; 0 when the clock is behind the list.
        list_age_days: u32,
    },
    /// Genuine, its last month is over.
    Expired {
        /// The last month in which it was good.
        expiry: Month,
        /// Days since the list was issued; `None` without a list or with the clock behind it.
        list_age_days: Option<u32>,
    },
    /// No card of this programme, or not read well.
    Unknown,
    /// Genuine, but the list is missing, too old, too short, or issued after today's date.
    Stale {
        /// Days since the list was issued; `None` without a list or with the clock behind it.
        list_age_days: Option<u32>,
    },
}

impl Verdict {
    /// What the worker does next, in plain words.
    #[must_use]
    pub const fn next_step(&self) -> &'static str {
        match self {
            Self::Valid { .. } => "The card is good. Go on with the visit.",
            Self::Revoked { .. } => {
                "This card was withdrawn, for example after it was lost or taken. Do not use it. \
                 If the person is its owner, restore their identity or make a new card with them."
            }
            Self::Expired { .. } => {
                "The card is past its date. Give the service as usual and make a new card for the \
                 person today, so that their record goes on."
            }
            Self::Unknown => {
                "This code is not a card of this programme, or it was not read well. Scan again \
                 in better light. If that fails, refresh this device or make a new card."
            }
            Self::Stale { .. } => {
                "This device cannot say whether the card was withdrawn: its list is too old, or \
                 its date is wrong. Check the date, go online, refresh and scan again. Do not \
                 turn the person away."
            }
        }
    }

    /// Days since the list was issued, where the verdict knows.
    #[must_use]
    pub const fn list_age_days(&self) -> Option<u32> {
        match self {
            Self::Valid { list_age_days } | Self::Revoked { list_age_days } => Some(*list_age_days),
            Self::Expired { list_age_days, .. } | Self::Stale { list_age_days } => *list_age_days,
            Self::Unknown => None,
        }
    }
}

/// Judges the text of a scanned code. The opened card comes along unless the verdict is
/// [`Verdict::Unknown`].
#[must_use]
pub fn verdict(
    text: &str,
    keys: &CardKeys,
    list: Option<&CheckedStatusList>,
    today: Day,
) -> (Verdict, Option<OpenedCard>) {
    match Card::from_text(text).and_then(|card| card.open(keys)) {
        Ok(card) => (judge(card.index, card.expiry, list, today), Some(card)),
        Err(_) => (Verdict::Unknown, None),
    }
}

/// Judges a genuine card.
fn judge(index: u32, expiry: Month, list: Option<&CheckedStatusList>, today: Day) -> Verdict {
    let age = list.and_then(|list| list.age_days(today));
    if list.and_then(|list| list.get(index)) == Some(true) {
        return Verdict::Revoked {
            list_age_days: age.unwrap_or(0),
        };
    }
    let latest = list.map_or(today, |list| today.max(list.issued()));
    if latest > expiry.last_day() {
        return Verdict::Expired {
            expiry,
            list_age_days: age,
        };
    }
    match (list, age) {
        (Some(list), Some(list_age_days)) if !list.is_stale(today) && list.get(index).is_some() => {
            Verdict::Valid { list_age_days }
        }
        _ => Verdict::Stale { list_age_days: age },
    }
}

#[cfg(test)]
mod tests;
