//! Reading conformance vectors in tests.
#![allow(clippy::unwrap_used, clippy::print_stderr)]

use serde_json::Value;

/// A file of conformance data: the copy in this crate where there is one, else the shared folder beside the
/// repository; `None` (with a note) where neither has it.
pub(crate) fn vectors(path: &str) -> Option<Value> {
    let folder = env!("CARGO_MANIFEST_DIR");
    let text = std::fs::read_to_string(format!("{folder}/vectors/{path}"))
        .or_else(|_| std::fs::read_to_string(format!("{folder}/../../shared/vectors/{path}")));
    let Ok(text) = text else {
        eprintln!("skipped: {path} is not here");
        return None;
    };
    Some(serde_json::from_str(&text).unwrap())
}

/// Hexadecimal digits of a JSON string as bytes.
pub(crate) fn hex(value: &Value) -> Vec<u8> {
    let text = value.as_str().unwrap();
    assert!(text.len().is_multiple_of(2));
    (0..text.len() / 2)
        .map(|i| u8::from_str_radix(&text[2 * i..2 * i + 2], 16).unwrap())
        .collect()
}

/// The same for a fixed length.
pub(crate) fn hex_array<const N: usize>(value: &Value) -> [u8; N] {
    hex(value).try_into().unwrap()
}

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
