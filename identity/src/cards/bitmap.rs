//! The set of status indices: which are given out, which are revoked. Pages of 4,096 bits, least significant bit first.
//!
//! **Privacy.** An index is a global name of a card, so it is never stored beside anything: no day, no batch, no card, no
//! staff. What is stored is only the *set* of indices given out, which is what uniqueness needs. An index is drawn at
//! random from the whole range, so neither its value nor its neighbours say when it was given. (Who holds two copies of
//! the database from different days learns the set given out in between, and nothing finer.)

use std::collections::{BTreeMap, BTreeSet};

use crypto::rng::Rng;
use crypto::status::MAX_LIST_ENTRIES;
use store::{DbError, Tx, execute, fetch_all, fetch_optional};

/// Indices of one page.
pub(crate) const PAGE: u32 = 4_096;
const BYTES: usize = 512;

const LOAD: &str = "SELECT page, used, revoked FROM card_index ORDER BY page";
const LOAD_ONE: &str = "SELECT page, used, revoked FROM card_index WHERE page = $1";
const SAVE: &str = "INSERT INTO card_index (page, used, revoked) VALUES ($1, $2, $3)
    ON CONFLICT (page) DO UPDATE SET used = $2, revoked = $3";

type Row = (i64, Vec<u8>, Vec<u8>);

#[derive(Clone)]
struct Page {
    used: [u8; BYTES],
    revoked: [u8; BYTES],
}

impl Page {
    const EMPTY: Self = Self {
        used: [0; BYTES],
        revoked: [0; BYTES],
    };

    fn read(used: &[u8], revoked: &[u8]) -> Result<Self, DbError> {
        Ok(Self {
            used: used.try_into().map_err(|_| DbError::Corrupt)?,
            revoked: revoked.try_into().map_err(|_| DbError::Corrupt)?,
        })
    }

    async fn save(&self, tx: &mut Tx, number: u32) -> Result<(), DbError> {
        execute!(
            tx,
            SAVE,
            i64::from(number),
            &self.used[..],
            &self.revoked[..]
        )?;
        Ok(())
    }
}

/// Byte and bit of an index inside its page.
fn place(index: u32) -> (usize, u8) {
    let inside = index % PAGE;
    ((inside / 8) as usize, 1 << (inside % 8))
}

/// Every page, in memory.
pub(crate) struct Indices {
    pages: BTreeMap<u32, Page>,
    touched: BTreeSet<u32>,
    size: u32,
}

impl Indices {
    /// Loads all pages; `first` is the smallest size of the range.
    pub(crate) async fn load(tx: &mut Tx, first: u32) -> Result<Self, DbError> {
        let mut pages = BTreeMap::new();
        for (number, used, revoked) in fetch_all!(tx, Row, LOAD)? {
            let number = u32::try_from(number).map_err(|_| DbError::Corrupt)?;
            pages.insert(number, Page::read(&used, &revoked)?);
        }
        let highest = pages
            .last_key_value()
            .map_or(0, |(number, _)| (number + 1) * PAGE);
        // The range only ever doubles from `first`, so the highest page says how far it has come.
        let mut size = first.max(PAGE);
        while size < highest {
            size = size.saturating_mul(2);
        }
        Ok(Self {
            pages,
            touched: BTreeSet::new(),
            size,
        })
    }

    /// Length of the status list.
    pub(crate) fn size(&self) -> u32 {
        self.size
    }

    fn used(&self) -> u32 {
        self.pages
            .values()
            .flat_map(|page| &page.used)
            .map(|byte| byte.count_ones())
            .sum()
    }

    /// Draws `count` fresh random indices and marks them as given out; `None` when a status list could not hold them, which
    /// would leave every terminal without a list.
    pub(crate) fn draw(&mut self, count: u32, rng: &mut impl Rng) -> Option<Vec<u32>> {
        let after = self.used().saturating_add(count);
        while after > self.size / 4 * 3 {
            self.size = self
                .size
                .checked_mul(2)
                .filter(|size| *size <= MAX_LIST_ENTRIES)?;
        }
        Some((0..count).map(|_| self.draw_one(rng)).collect())
    }

    fn draw_one(&mut self, rng: &mut impl Rng) -> u32 {
        loop {
            let index = rand::Rng::gen_range(rng, 0..self.size);
            let page = self.pages.entry(index / PAGE).or_insert(Page::EMPTY);
            let (byte, bit) = place(index);
            if page.used[byte] & bit == 0 {
                page.used[byte] |= bit;
                self.touched.insert(index / PAGE);
                return index;
            }
        }
    }

    /// Writes the pages that changed.
    pub(crate) async fn save(&self, tx: &mut Tx) -> Result<(), DbError> {
        for number in &self.touched {
            if let Some(page) = self.pages.get(number) {
                page.save(tx, *number).await?;
            }
        }
        Ok(())
    }

    /// Every revoked index, ascending.
    pub(crate) fn revoked(&self) -> impl Iterator<Item = u32> + '_ {
        self.pages.iter().flat_map(|(number, page)| {
            (0..PAGE)
                .map(move |inside| number * PAGE + inside)
                .filter(|index| {
                    let (byte, bit) = place(*index);
                    page.revoked[byte] & bit != 0
                })
        })
    }
}

/// Whether an index is revoked.
pub(crate) async fn is_revoked(tx: &mut Tx, index: u32) -> Result<bool, DbError> {
    let row = fetch_optional!(tx, Row, LOAD_ONE, i64::from(index / PAGE))?;
    let Some((_, used, revoked)) = row else {
        return Ok(false);
    };
    let (byte, bit) = place(index);
    Ok(Page::read(&used, &revoked)?.revoked[byte] & bit != 0)
}

/// Marks one index as revoked; false when it was before. The issuer's signature says that it was given out, whatever an
/// older copy of the database remembers of it.
pub(crate) async fn revoke(tx: &mut Tx, index: u32) -> Result<bool, DbError> {
    let number = index / PAGE;
    let row = fetch_optional!(tx, Row, LOAD_ONE, i64::from(number))?;
    let mut page = match row {
        Some((_, used, revoked)) => Page::read(&used, &revoked)?,
        None => Page::EMPTY,
    };
    let (byte, bit) = place(index);
    if page.revoked[byte] & bit != 0 {
        return Ok(false);
    }
    page.used[byte] |= bit;
    page.revoked[byte] |= bit;
    page.save(tx, number).await?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crypto::rng::Random;

    #[test]
    fn no_index_is_drawn_twice_and_the_range_grows_in_time() {
        let mut indices = Indices {
            pages: BTreeMap::new(),
            touched: BTreeSet::new(),
            size: PAGE,
        };
        let mut seen = BTreeSet::new();
        let mut rng = Random::seeded([3; 32]);
        for _ in 0..20 {
            for index in indices.draw(500, &mut rng).unwrap() {
                assert!(seen.insert(index), "drawn twice");
                assert!(index < indices.size());
            }
        }
        assert_eq!(
            (seen.len(), indices.size(), indices.used()),
            (10_000, 4 * PAGE, 10_000)
        );
    }

    #[test]
    fn no_more_blanks_than_a_status_list_can_speak_of() {
        let full = |number| {
            let used = [0xff; BYTES];
            let revoked = [0; BYTES];
            (number, Page { used, revoked })
        };
        // Three quarters of the largest list, but ten.
        let mut pages: BTreeMap<u32, Page> =
            (0..MAX_LIST_ENTRIES / PAGE / 4 * 3).map(full).collect();
        pages.get_mut(&0).unwrap().used[0] = 0;
        pages.get_mut(&0).unwrap().used[1] = 0b1111_1100;
        let mut indices = Indices {
            pages,
            touched: BTreeSet::new(),
            size: MAX_LIST_ENTRIES,
        };
        let mut rng = Random::seeded([5; 32]);
        assert_eq!(indices.draw(11, &mut rng), None);
        assert_eq!(
            indices.draw(10, &mut rng).map(|drawn| drawn.len()),
            Some(10)
        );
        assert_eq!(indices.draw(1, &mut rng), None);
        assert!(crypto::status::StatusList::new(indices.size()).is_ok());
    }

    #[test]
    fn draws_are_spread_over_the_whole_range() {
        let mut indices = Indices {
            pages: BTreeMap::new(),
            touched: BTreeSet::new(),
            size: 131_072,
        };
        let drawn = indices.draw(400, &mut Random::seeded([4; 32])).unwrap();
        assert!(
            drawn.windows(2).filter(|pair| pair[1] > pair[0]).count() < 260,
            "not in order"
        );
        for quarter in 0..4 {
            let inside = drawn
                .iter()
                .filter(|index| **index / 32_768 == quarter)
                .count();
            assert!((60..=140).contains(&inside), "quarter {quarter}: {inside}");
        }
    }
}
