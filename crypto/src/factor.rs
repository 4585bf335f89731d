//! The sealed record of one domain's factor.
//!
//! A record is `nonce (24) || ciphertext (32) || tag (16)`: the factor under the record key of whoever holds it, bound to domain
//! and epoch. It is the only form in which a factor exists outside of memory, and no other value leads to it: whoever destroys
//! the record and its copies has destroyed the domain's key, whatever else is kept.

use zeroize::Zeroizing;

use crate::domain::{Class, DomainOf, Factor, KeyError};
use crate::label;
use crate::rng::Rng;
use crate::seal;
use crate::secret::Secret;

/// Length of a record in bytes.
pub const RECORD_BYTES: usize = 72;

/// Domain and epoch, as the id of the seal: the name has no zero byte.
fn place<C: Class>(domain: &DomainOf<C>, epoch: u32) -> Vec<u8> {
    let name = domain.get().to_string();
    [name.as_bytes(), &[0], &epoch.to_be_bytes()].concat()
}

/// Seals a factor into its record: [`RECORD_BYTES`] bytes.
///
/// # Errors
/// [`KeyError::Record`] if it cannot be sealed, which does not happen.
pub fn seal<C: Class>(
    key: &Secret<32>,
    domain: &DomainOf<C>,
    epoch: u32,
    factor: &Factor<C>,
    rng: &mut impl Rng,
) -> Result<Vec<u8>, KeyError> {
    let place = place(domain, epoch);
    let plain = factor.to_bytes();
    seal::seal(
        key.expose(),
        label::DOMAIN_FACTOR_SEAL,
        &place,
        plain.expose(),
        rng,
    )
    .map_err(|_| KeyError::Record)
}

/// Opens the record of this domain and epoch.
///
/// # Errors
/// [`KeyError::Record`] for another key, domain or epoch and for altered bytes.
pub fn open<C: Class>(
    key: &Secret<32>,
    domain: &DomainOf<C>,
    epoch: u32,
    record: &[u8],
) -> Result<Factor<C>, KeyError> {
    let place = place(domain, epoch);
    let plain = seal::open(key.expose(), label::DOMAIN_FACTOR_SEAL, &place, record)
        .map(Zeroizing::new)
        .map_err(|_| KeyError::Record)?;
    let plain = Secret::<32>::try_from(&plain[..]).map_err(|_| KeyError::Record)?;
    Factor::from_bytes(plain.expose())
}

#[cfg(test)]
mod tests;
