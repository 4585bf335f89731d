//! BLAKE3: every derived key, identifier and tag.
//!
//! Inputs of `derive` are single values of known shape; where several values go in, use [`derive_parts`] or
//! [`keyed_parts`], which prefix each with its length.

use zeroize::Zeroize as _;

use crate::label::Label;
use crate::secret::Secret;

/// `derive_key` mode: 32 bytes bound to a label.
#[must_use]
pub fn derive(label: Label, input: &[u8]) -> [u8; 32] {
    wiped(blake3::Hasher::new_derive_key(label.as_str()), input)
}

/// The first 16 bytes of [`derive()`], for identifiers and commitments.
#[must_use]
pub fn derive_id(label: Label, input: &[u8]) -> [u8; 16] {
    let mut out = [0; 16];
    out.copy_from_slice(&derive(label, input)[..16]);
    out
}

/// [`derive()`] as a secret.
#[must_use]
pub fn derive_secret(label: Label, input: &[u8]) -> Secret<32> {
    Secret::new(derive(label, input))
}

/// [`derive()`] over several values, each prefixed with its length (8 bytes, big endian).
#[must_use]
pub fn derive_parts(label: Label, parts: &[&[u8]]) -> [u8; 32] {
    framed(blake3::Hasher::new_derive_key(label.as_str()), parts)
}

fn framed(mut hasher: blake3::Hasher, parts: &[&[u8]]) -> [u8; 32] {
    for part in parts {
        hasher.update(&(part.len() as u64).to_be_bytes());
        hasher.update(part);
    }
    finished(hasher)
}

fn wiped(mut hasher: blake3::Hasher, input: &[u8]) -> [u8; 32] {
    hasher.update(input);
    finished(hasher)
}

/// A hasher holds its key and the last bytes of its input, and does not wipe them by itself.
fn finished(mut hasher: blake3::Hasher) -> [u8; 32] {
    let out = hasher.finalize().into();
    hasher.zeroize();
    out
}

/// `keyed_hash` mode: a 32-byte tag under a secret key.
#[must_use]
pub fn keyed(key: &[u8; 32], input: &[u8]) -> [u8; 32] {
    wiped(blake3::Hasher::new_keyed(key), input)
}

/// [`keyed()`] over several values, each prefixed with its length as in [`derive_parts`].
#[must_use]
pub fn keyed_parts(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    framed(blake3::Hasher::new_keyed(key), parts)
}

/// `hash` mode, for public content (a request body, a release file).
#[must_use]
pub fn hash(input: &[u8]) -> [u8; 32] {
    blake3::hash(input).into()
}

#[cfg(test)]
mod tests;
#[cfg(any(test, feature = "vectors"))]
pub(crate) mod vectors;
