//! Which numbers of a session were used: the highest, and one bit for each of the 256 that end there.
//!
//! Requests of one terminal overtake each other, so numbers come in any order; a repeated one is never taken. What lies
//! 256 or more below the highest counts as used. Move it only after the MAC was verified, or a stranger could push every
//! honest number out of it. Source: RFC 6347, section 4.1.2.6 (DTLS), after RFC 4303, section 3.4.3.

/// Numbers that a window remembers one by one.
pub const SIZE: u64 = 256;

const BITS: u64 = u64::BITS as u64;
const WORDS: usize = (SIZE / BITS) as usize;

/// The numbers of one session that were taken.
#[derive(Debug, Clone, Default)]
pub struct Window {
    highest: u64,
    /// Bit `n` of the whole stands for number `highest - n`.
    taken: [u64; WORDS],
}

impl Window {
    /// Whether a number would be taken now. 0 never is.
    #[must_use]
    pub fn is_fresh(&self, number: u64) -> bool {
        match self.highest.checked_sub(number) {
            None => true,
            Some(_) if number == 0 => false,
            Some(age) if age < SIZE => !self.has(age),
            Some(_) => false,
        }
    }

    /// Takes a number, for a request whose MAC was verified; false for one that was taken before, is too old, or is 0.
    #[must_use]
    pub fn take(&mut self, number: u64) -> bool {
        if !self.is_fresh(number) {
            return false;
        }
        if let Some(ahead) = number.checked_sub(self.highest) {
            self.age(ahead);
            self.highest = number;
        }
        let age = self.highest - number;
        self.taken[(age / BITS) as usize] |= 1 << (age % BITS);
        true
    }

    /// `age` is below [`SIZE`].
    fn has(&self, age: u64) -> bool {
        self.taken[(age / BITS) as usize] >> (age % BITS) & 1 == 1
    }

    /// Makes every number older by `by`; those that reach [`SIZE`] are forgotten.
    fn age(&mut self, by: u64) {
        if by >= SIZE {
            self.taken = [0; WORDS];
            return;
        }
        let (words, bits) = ((by / BITS) as usize, by % BITS);
        let old = self.taken;
        let word = |at: Option<usize>| at.map_or(0, |at| old[at]);
        self.taken = std::array::from_fn(|to| {
            let carried = word(to.checked_sub(words + 1)).checked_shr((BITS - bits) as u32);
            word(to.checked_sub(words)) << bits | carried.unwrap_or(0)
        });
    }
}

#[cfg(test)]
mod tests;
