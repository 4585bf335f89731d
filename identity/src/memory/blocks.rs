//! What each terminal has left of what was reserved for it in the database ahead of use; and of some acts what its
//! provider and the programme have left for all their terminals.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crypto::day::Day;
use crypto::id::{ProviderId, TerminalId};
use wire::Counted;

/// What is reserved in blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum What {
    /// Cards whose elements are evaluated.
    Presentation,
    /// Envelopes put.
    Activation,
    /// Reports handed in.
    Report,
    /// Entries of rosters.
    Entry,
}

impl What {
    pub(crate) const ALL: [Self; 4] = [
        Self::Presentation,
        Self::Activation,
        Self::Report,
        Self::Entry,
    ];

    /// What of it a provider and the programme may do in a day, if that is limited: a terminal's limit is none to an
    /// administrator, who can make terminals.
    pub(crate) const fn shared(self) -> Option<Counted> {
        match self {
            Self::Presentation | Self::Report => None,
            Self::Activation => Some(Counted::Activations),
            Self::Entry => Some(Counted::Entries),
        }
    }

    /// What of it is reserved in blocks and limited like this; `None` for what is counted when it is done.
    pub(crate) fn of(counted: Counted) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|what| what.shared() == Some(counted))
    }

    /// The word under which it is counted in the database.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Presentation => "presentation",
            Self::Activation => "activation",
            Self::Report => "report",
            Self::Entry => "entry",
        }
    }
}

/// Who has a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Whose {
    /// A terminal.
    Terminal(TerminalId),
    /// All terminals of a provider together.
    Provider(ProviderId),
    /// All terminals.
    Programme,
}

/// Whose block, and of what.
pub(crate) type Key = (Whose, What);

/// Blocks of the day.
#[derive(Default)]
pub(crate) struct Blocks(Mutex<HashMap<Key, (Day, u32)>>);

impl Blocks {
    fn all(&self) -> MutexGuard<'_, HashMap<Key, (Day, u32)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes `amount` from each of today's blocks, if each has that much left.
    pub(crate) fn take(&self, keys: &[Key], day: Day, amount: u32) -> bool {
        let mut all = self.all();
        let enough = keys.iter().all(|key| left(&all, key, day) >= amount);
        if enough {
            lessen(&mut all, keys, amount);
        }
        enough
    }

    /// Takes up to `most` of what every one of today's blocks has left; answers how many.
    pub(crate) fn take_most(&self, keys: &[Key], day: Day, most: u32) -> u32 {
        let mut all = self.all();
        let lefts = keys.iter().map(|key| left(&all, key, day));
        let taken = lefts.fold(most, u32::min);
        lessen(&mut all, keys, taken);
        taken
    }

    /// What is left of today's block.
    pub(crate) fn left(&self, key: Key, day: Day) -> u32 {
        left(&self.all(), &key, day)
    }

    /// Adds to today's block. Hand over what is left of other days first: it is dropped here.
    pub(crate) fn add(&self, key: Key, day: Day, amount: u32) {
        let mut all = self.all();
        let block = all.entry(key).or_insert((day, 0));
        let kept = if block.0 == day { block.1 } else { 0 };
        *block = (day, kept.saturating_add(amount));
    }

    /// Puts back what was taken on a day, unless that day's block is gone.
    pub(crate) fn put_back(&self, key: Key, day: Day, amount: u32) {
        if let Some((of, left)) = self.all().get_mut(&key)
            && *of == day
        {
            *left = left.saturating_add(amount);
        }
    }

    /// Hands over what is left of every day but this one.
    pub(crate) fn hand_over_but(&self, today: Day) -> Vec<(Key, Day, u32)> {
        self.hand_over(|day| day != today)
    }

    /// Hands over everything that is left.
    pub(crate) fn hand_over_all(&self) -> Vec<(Key, Day, u32)> {
        self.hand_over(|_| true)
    }

    fn hand_over(&self, which: impl Fn(Day) -> bool) -> Vec<(Key, Day, u32)> {
        let mut all = self.all();
        let of = all.iter().filter(|(_, (day, _))| which(*day));
        let over: Vec<_> = of.map(|(key, (day, left))| (*key, *day, *left)).collect();
        all.retain(|_, (day, _)| !which(*day));
        over
    }
}

fn left(all: &HashMap<Key, (Day, u32)>, key: &Key, day: Day) -> u32 {
    match all.get(key) {
        Some((of, left)) if *of == day => *left,
        _ => 0,
    }
}

fn lessen(all: &mut HashMap<Key, (Day, u32)>, keys: &[Key], amount: u32) {
    for key in keys {
        if let Some((_, left)) = all.get_mut(key) {
            *left = left.saturating_sub(amount);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_block_is_of_one_day_and_handed_over_once() {
        let (blocks, key) = (
            Blocks::default(),
            (
                Whose::Terminal(TerminalId::from_bytes([1; 16])),
                What::Report,
            ),
        );
        let (today, tomorrow) = (
            Day::from_number(20_000).unwrap(),
            Day::from_number(20_001).unwrap(),
        );
        blocks.add(key, today, 5);
        assert!(!blocks.take(&[key], today, 6) && blocks.take(&[key], today, 2));
        assert_eq!(
            (blocks.left(key, today), blocks.left(key, tomorrow)),
            (3, 0)
        );
        assert!(!blocks.take(&[key], tomorrow, 1));
        assert_eq!(blocks.hand_over_but(today), []);
        assert_eq!(blocks.hand_over_but(tomorrow), [(key, today, 3)]);
        assert_eq!(blocks.take_most(&[key], today, 1), 0);
        blocks.add(key, tomorrow, 4);
        assert_eq!(blocks.take_most(&[key], tomorrow, 9), 4);
        blocks.put_back(key, today, 9);
        assert_eq!(blocks.left(key, tomorrow), 0, "another day's is gone");
        assert_eq!(blocks.hand_over_all(), [(key, tomorrow, 0)]);
        assert_eq!(blocks.hand_over_all(), []);
    }
}
