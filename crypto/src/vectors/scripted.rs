//! A random source that plays back given bytes, for vectors that fix what is drawn.

use std::collections::VecDeque;

use super::case::{Held, ensure};

/// A random source that plays back given bytes; see [`play`].
pub(crate) struct Scripted {
    left: VecDeque<u8>,
    /// More was drawn than there was.
    short: bool,
}

/// What `draw` makes of these bytes; an error if it draws less or more than all of them.
pub(crate) fn play<T>(bytes: &[u8], draw: impl FnOnce(&mut Scripted) -> Held<T>) -> Held<T> {
    let mut script = Scripted {
        left: bytes.iter().copied().collect(),
        short: false,
    };
    let drawn = draw(&mut script)?;
    ensure(script.left.is_empty() && !script.short, "what is drawn")?;
    Ok(drawn)
}

/// Each value as one draw of a scalar: 64 bytes that reduce to it.
pub(crate) fn scalars(values: &[[u8; 32]]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(64 * values.len());
    for value in values {
        bytes.extend_from_slice(value);
        bytes.extend_from_slice(&[0; 32]);
    }
    bytes
}

impl rand::RngCore for Scripted {
    fn next_u32(&mut self) -> u32 {
        let mut four = [0; 4];
        self.fill_bytes(&mut four);
        u32::from_le_bytes(four)
    }

    fn next_u64(&mut self) -> u64 {
        u64::from(self.next_u32()) | u64::from(self.next_u32()) << 32
    }

    fn fill_bytes(&mut self, dest: &mut [u8]) {
        for byte in dest {
            self.short |= self.left.is_empty();
            // Ones past the end: of zeros a scalar would be drawn again for ever.
            *byte = self.left.pop_front().unwrap_or(1);
        }
    }

    fn try_fill_bytes(&mut self, dest: &mut [u8]) -> Result<(), rand::Error> {
        self.fill_bytes(dest);
        Ok(())
    }
}

impl rand::CryptoRng for Scripted {}
