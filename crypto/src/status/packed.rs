//! Packed statuses of 1, 2, 4 or 8 bits, least significant bits first, and their compression
//! (draft-ietf-oauth-status-list, sections 4.1 to 4.3).

use super::error::StatusError;
use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;
use std::io::{Read, Write};

/// Most bytes a list unpacks to.
pub const MAX_LIST_BYTES: u32 = 1 << 20;
/// Most cards of a list: one bit each.
pub const MAX_LIST_ENTRIES: u32 = MAX_LIST_BYTES * 8;

/// Statuses side by side in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Packed {
    bits: u8,
    bytes: Vec<u8>,
}

impl Packed {
    /// All statuses 0. `bits` is 1, 2, 4 or 8.
    pub(super) fn new(bits: u8, entries: u32) -> Result<Self, StatusError> {
        let bits = width(bits)?;
        let length = (u64::from(entries) * u64::from(bits)).div_ceil(8);
        if length > u64::from(MAX_LIST_BYTES) {
            return Err(StatusError::Range);
        }
        let length = usize::try_from(length).map_err(|_| StatusError::Range)?;
        Ok(Self {
            bits,
            bytes: vec![0; length],
        })
    }

    pub(super) const fn bits(&self) -> u8 {
        self.bits
    }

    /// Byte, shift and mask of an index.
    fn place(&self, index: u32) -> Option<(usize, u8, u8)> {
        let bit = u64::from(index) * u64::from(self.bits);
        let byte = usize::try_from(bit / 8).ok()?;
        let shift = u8::try_from(bit % 8).ok()?;
        (byte < self.bytes.len()).then_some((byte, shift, 0xff >> (8 - self.bits)))
    }

    pub(super) fn get(&self, index: u32) -> Option<u8> {
        let (byte, shift, mask) = self.place(index)?;
        Some((self.bytes[byte] >> shift) & mask)
    }

    pub(super) fn set(&mut self, index: u32, value: u8) -> Result<(), StatusError> {
        let (byte, shift, mask) = self.place(index).ok_or(StatusError::Range)?;
        if value & !mask != 0 {
            return Err(StatusError::Range);
        }
        let cleared = self.bytes[byte] & !(mask << shift);
        self.bytes[byte] = cleared | (value << shift);
        Ok(())
    }

    pub(super) fn entries(&self) -> u32 {
        let entries = self.bytes.len() * 8 / usize::from(self.bits);
        u32::try_from(entries).unwrap_or(u32::MAX)
    }

    /// As long as `other` at least, and every bit that is set there set here too. Byte by byte.
    pub(super) fn covers(&self, other: &Self) -> bool {
        self.bits == other.bits
            && self.bytes.len() >= other.bytes.len()
            && other
                .bytes
                .iter()
                .zip(&self.bytes)
                .all(|(before, now)| before & !now == 0)
    }

    #[cfg(test)]
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The zlib stream at the best compression.
    pub(super) fn deflate(&self) -> Result<Vec<u8>, StatusError> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
        let written = encoder.write_all(&self.bytes);
        written
            .and_then(|()| encoder.finish())
            .map_err(|_| StatusError::Compression)
    }

    /// Unpacks a zlib stream, stopping at [`MAX_LIST_BYTES`]; nothing may follow the stream.
    pub(super) fn inflate(bits: u8, compressed: &[u8]) -> Result<Self, StatusError> {
        let bits = width(bits)?;
        let mut decoder = ZlibDecoder::new(compressed);
        let mut bytes = Vec::new();
        let limit = u64::from(MAX_LIST_BYTES) + 1;
        let read = decoder.by_ref().take(limit).read_to_end(&mut bytes);
        read.map_err(|_| StatusError::Malformed)?;
        let whole = decoder.total_in() == compressed.len() as u64;
        if bytes.len() as u64 >= limit || !whole {
            return Err(StatusError::Malformed);
        }
        Ok(Self { bits, bytes })
    }
}

fn width(bits: u8) -> Result<u8, StatusError> {
    match bits {
        1 | 2 | 4 | 8 => Ok(bits),
        _ => Err(StatusError::Malformed),
    }
}
