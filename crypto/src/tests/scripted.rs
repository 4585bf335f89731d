//! A random source that plays back given bytes, for vectors that fix what is drawn.
#![allow(clippy::unwrap_used)]

/// A random source that plays back given bytes and fails the test when they run out.
pub(crate) struct Scripted(std::collections::VecDeque<u8>);

impl Scripted {
    pub(crate) fn new(bytes: &[u8]) -> Self {
        Self(bytes.iter().copied().collect())
    }

    /// Each value as one draw of a scalar: 64 bytes that reduce to it.
    pub(crate) fn scalars(values: &[[u8; 32]]) -> Self {
        Self(
            values
                .iter()
                .flat_map(|value| value.iter().copied().chain([0; 32]))
                .collect(),
        )
    }
}

impl Drop for Scripted {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            assert!(self.0.is_empty(), "not all scripted bytes were drawn");
        }
    }
}

impl rand::RngCore for Scripted {
    fn next_u32(&mut self) -> u32 {
        rand_core_bytes(self)
    }

    fn next_u64(&mut self) -> u64 {
        u64::from(self.next_u32()) | u64::from(self.next_u32()) << 32
    }

    fn fill_bytes(&mut self, dest: &mut [u8]) {
        for byte in dest {
            *byte = self.0.pop_front().unwrap();
        }
    }

    fn try_fill_bytes(&mut self, dest: &mut [u8]) -> Result<(), rand::Error> {
        self.fill_bytes(dest);
        Ok(())
    }
}

fn rand_core_bytes(source: &mut Scripted) -> u32 {
    let mut four = [0; 4];
    rand::RngCore::fill_bytes(source, &mut four);
    u32::from_le_bytes(four)
}

impl rand::CryptoRng for Scripted {}
