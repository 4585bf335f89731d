//! Padding to fixed lengths: two bytes of length (big endian), the content, zeros.

/// Bytes the length takes.
pub(crate) const LENGTH_BYTES: usize = 2;

/// Pads to exactly `size` bytes; `None` when the content does not fit.
pub(crate) fn pad(content: &[u8], size: usize) -> Option<Vec<u8>> {
    let length = u16::try_from(content.len()).ok()?;
    if LENGTH_BYTES + content.len() > size {
        return None;
    }
    let mut padded = Vec::with_capacity(size);
    padded.extend_from_slice(&length.to_be_bytes());
    padded.extend_from_slice(content);
    padded.resize(size, 0);
    Some(padded)
}

/// The content; `None` when the length is impossible or a padding byte is not zero.
pub(crate) fn unpad(padded: &[u8]) -> Option<&[u8]> {
    let (length, rest) = padded.split_first_chunk::<LENGTH_BYTES>()?;
    let (content, zeros) = rest.split_at_checked(u16::from_be_bytes(*length).into())?;
    zeros.iter().all(|byte| *byte == 0).then_some(content)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn round_trip(content in proptest::collection::vec(any::<u8>(), 0..300)) {
            match pad(&content, 256) {
                Some(padded) => {
                    prop_assert_eq!(padded.len(), 256);
                    prop_assert_eq!(unpad(&padded), Some(content.as_slice()));
                }
                None => prop_assert!(content.len() > 254),
            }
        }
    }

    #[test]
    fn impossible_lengths_and_marked_padding_are_refused() {
        assert_eq!(unpad(&[]), None);
        assert_eq!(unpad(&[0]), None);
        assert_eq!(unpad(&[0, 2, 7]), None);
        assert_eq!(unpad(&[0, 1, 7, 0, 1]), None);
        assert_eq!(unpad(&[0, 1, 7, 0, 0]), Some(&[7][..]));
    }
}
