//! Files sealed with a passphrase: Argon2id, then XChaCha20-Poly1305.
//!
//! Layout: magic `payungkf` (8 bytes), version (1), Argon2id passes, memory in KiB and lanes (4 bytes each, big
//! endian), salt (16), then nonce, ciphertext and tag as in [`crate::seal`]. The whole header is authenticated.
//! Written with 3 passes, 64 MiB, one lane; read with whatever the header says up to 16 passes, 1 GiB, 4 lanes, so
//! that the cost can rise later and a forged header cannot exhaust the reader.

use thiserror::Error;

use crate::label;
use crate::rng::{self, Rng};
use crate::seal;
use crate::secret::SecretBytes;
use crate::stretch::{COST, Cost};

const MAGIC: &[u8; 8] = b"payungkf";
const VERSION: u8 = 1;
const HEADER: usize = 8 + 1 + 12 + 16;

/// Why a key file could not be written or read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum KeyFileError {
    /// The passphrase is empty.
    #[error("the passphrase is empty: choose one")]
    Empty,
    /// Not a key file of a known version.
    #[error("this is not a key file of a known version: check the path")]
    Format,
    /// Too little memory for the key stretching, or costs beyond the limits.
    #[error("the passphrase could not be stretched: free 64 MiB of memory and try again")]
    Stretch,
    /// Wrong passphrase or an altered file.
    #[error("the passphrase does not open this file, or the file was altered")]
    Refused,
}

/// Seals `plain` with a passphrase. Takes about 0.2 s and 64 MiB.
///
/// # Errors
/// [`KeyFileError::Empty`], [`KeyFileError::Stretch`].
pub fn seal_with_passphrase(
    passphrase: &SecretBytes,
    plain: &[u8],
    rng: &mut impl Rng,
) -> Result<Vec<u8>, KeyFileError> {
    seal_at(COST, passphrase, plain, rng)
}

fn seal_at(
    cost: Cost,
    passphrase: &SecretBytes,
    plain: &[u8],
    rng: &mut impl Rng,
) -> Result<Vec<u8>, KeyFileError> {
    refuse_empty(passphrase)?;
    let salt: [u8; 16] = rng::bytes(rng);
    let header = [
        &MAGIC[..],
        &[VERSION],
        &cost.passes.to_be_bytes(),
        &cost.memory_kib.to_be_bytes(),
        &cost.lanes.to_be_bytes(),
        &salt,
    ]
    .concat();
    let key = cost.stretch(passphrase.expose(), &salt);
    let key = key.ok_or(KeyFileError::Stretch)?;
    let sealed = seal::seal(key.expose(), label::KEY_FILE_SEAL, &header, plain, rng)
        .map_err(|_| KeyFileError::Stretch)?;
    Ok([header, sealed].concat())
}

/// Opens what [`seal_with_passphrase`] made.
///
/// # Errors
/// [`KeyFileError::Empty`], [`KeyFileError::Format`], [`KeyFileError::Stretch`], [`KeyFileError::Refused`].
pub fn open_with_passphrase(
    passphrase: &SecretBytes,
    file: &[u8],
) -> Result<SecretBytes, KeyFileError> {
    refuse_empty(passphrase)?;
    let (header, sealed) = file
        .split_first_chunk::<HEADER>()
        .ok_or(KeyFileError::Format)?;
    let (cost, salt) = read_header(header)?;
    let key = cost.stretch(passphrase.expose(), salt);
    let key = key.ok_or(KeyFileError::Stretch)?;
    seal::open(key.expose(), label::KEY_FILE_SEAL, header, sealed)
        .map(SecretBytes::new)
        .map_err(|_| KeyFileError::Refused)
}

fn read_header(header: &[u8; HEADER]) -> Result<(Cost, &[u8; 16]), KeyFileError> {
    let (magic, rest) = header.split_at(MAGIC.len());
    let (version, rest) = rest.split_at(1);
    if magic != MAGIC || version != [VERSION] {
        return Err(KeyFileError::Format);
    }
    let (numbers, salt) = rest.split_at(12);
    let number = |at: usize| {
        numbers[at..at + 4]
            .iter()
            .fold(0, |sum: u32, byte| sum << 8 | u32::from(*byte))
    };
    let cost = Cost {
        passes: number(0),
        memory_kib: number(4),
        lanes: number(8),
    };
    let salt = salt.try_into().map_err(|_| KeyFileError::Format)?;
    match cost.is_bearable() {
        true => Ok((cost, salt)),
        false => Err(KeyFileError::Format),
    }
}

fn refuse_empty(passphrase: &SecretBytes) -> Result<(), KeyFileError> {
    if passphrase.expose().is_empty() {
        Err(KeyFileError::Empty)
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
