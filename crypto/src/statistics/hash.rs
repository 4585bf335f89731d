//! `hash_to_ristretto255` with SHA-512 (RFC 9380, appendix B, on section 5.3.1).

use crate::label::STATISTICS_H2C_DST;
use curve25519_dalek::ristretto::RistrettoPoint;
use sha2::{Digest, Sha512};
use zeroize::Zeroizing;

const BLOCK: usize = 128;
const OUTPUT: usize = 64;

/// Maps an identity secret to its group element `M`.
pub(super) fn to_group(input: &[u8]) -> RistrettoPoint {
    hash_to_ristretto255(input, STATISTICS_H2C_DST)
}

pub(super) fn hash_to_ristretto255(input: &[u8], dst: &[u8]) -> RistrettoPoint {
    let uniform = Zeroizing::new(expand_message_xmd::<64>(input, dst));
    RistrettoPoint::from_uniform_bytes(&uniform)
}

/// `expand_message_xmd`. `dst` has at most 255 bytes and `N` is at most 65,535; the callers' are
/// constants.
fn expand_message_xmd<const N: usize>(input: &[u8], dst: &[u8]) -> [u8; N] {
    let dst_length = u8::try_from(dst.len()).unwrap_or(u8::MAX);
    let length = u16::try_from(N).unwrap_or(u16::MAX);
    let first = Sha512::new()
        .chain_update([0; BLOCK])
        .chain_update(input)
        .chain_update(length.to_be_bytes())
        .chain_update([0])
        .chain_update(dst)
        .chain_update([dst_length])
        .finalize();
    let mut output = [0; N];
    let mut previous = [0; OUTPUT];
    for (index, part) in (1..=u8::MAX).zip(output.chunks_mut(OUTPUT)) {
        let mixed: Zeroizing<[u8; OUTPUT]> =
            Zeroizing::new(std::array::from_fn(|at| first[at] ^ previous[at]));
        let block = Sha512::new()
            .chain_update(mixed.as_slice())
            .chain_update([index])
            .chain_update(dst)
            .chain_update([dst_length])
            .finalize();
        previous = block.into();
        part.copy_from_slice(&previous[..part.len()]);
    }
    output
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::tests::outside::kept;

    /// RFC 9380, appendix K.3 (SHA-512, output of 32 bytes).
    #[test]
    fn expander_matches_the_rfc() {
        let dst = b"QUUX-V01-CS02-with-expander-SHA512-256";
        let cases = [
            (
                "",
                "6b9a7312411d92f921c6f68ca0b6380730a1a4d982c507211a90964c394179ba",
            ),
            (
                "abc",
                "0da749f12fbe5483eb066a5f595055679b976e93abe9be6f0f6318bce7aca8dc",
            ),
        ];
        for (input, expected) in cases {
            let output = expand_message_xmd::<32>(input.as_bytes(), dst);
            assert_eq!(crate::hex::encode(&output), expected);
        }
    }

    #[test]
    fn hash_to_group_matches_rfc_9497() {
        let file = kept("rfc9497/allVectors.json");
        assert_eq!(super::super::vectors::hashed(&file).unwrap(), 10);
    }

    #[test]
    fn long_outputs_chain_and_differ_by_dst() {
        let long = expand_message_xmd::<200>(b"x", b"a");
        assert_ne!(long[..64], long[64..128]);
        assert_ne!(
            expand_message_xmd::<64>(b"x", b"a"),
            expand_message_xmd::<64>(b"x", b"b")
        );
    }
}
