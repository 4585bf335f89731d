//! COSE_Sign1 (RFC 9052, section 4.2) with Ed25519, and nothing else of COSE.
//!
//! A message is an array of protected header (a map inside a byte string), unprotected header,
//! payload and signature; the signature covers the `Sig_structure` with `external_aad`. We write
//! algorithm -19 (Ed25519, RFC 9864). The reader refuses critical headers, repeated labels, a
//! detached payload and everything that is not in its shortest form. Verification is strict: no
//! small-order key, no second encoding of a signature.

#[cfg(test)]
mod tests;

use crate::cbor::{self, CborError, Major, Reader, Writer};
use crate::sign;

/// Ed25519 as a fully specified algorithm (RFC 9864).
pub const ALG_ED25519: i64 = -19;
/// EdDSA of any curve (RFC 9053), deprecated by RFC 9864; read only where a caller names it.
pub const ALG_EDDSA: i64 = -8;
/// Tag of a COSE_Sign1 message.
pub const TAG_SIGN1: u64 = 18;

const LABEL_ALG: i64 = 1;
const LABEL_CRIT: i64 = 2;
const LABEL_KID: i64 = 4;
const LABEL_TYP: i64 = 16;

/// Why a message was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CoseError {
    /// Not a COSE_Sign1 message of the accepted shape.
    #[error("the signed message is malformed: fetch it again")]
    Malformed,
    /// Signed with another algorithm than the caller accepts.
    #[error("the signed message uses another algorithm: update this software")]
    Algorithm,
    /// The signature does not belong to this key, these bytes and this context.
    #[error("the signature does not verify: do not use this message")]
    Signature,
}

impl From<CborError> for CoseError {
    fn from(_: CborError) -> Self {
        Self::Malformed
    }
}

/// Headers of a message that this programme reads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Headers<'a> {
    /// Label 1, the algorithm; only the protected one is read.
    pub algorithm: Option<i64>,
    /// Label 4, the key identifier.
    pub kid: Option<&'a [u8]>,
    /// Label 16, the type of the message, when it is text.
    pub typ: Option<&'a str>,
}

impl<'a> Headers<'a> {
    fn read(reader: &mut Reader<'a>) -> Result<Self, CoseError> {
        let mut headers = Self::default();
        let mut seen = Vec::new();
        for _ in 0..reader.map()? {
            let label = reader.integer()?;
            if label == LABEL_CRIT || seen.contains(&label) {
                return Err(CoseError::Malformed);
            }
            seen.push(label);
            match label {
                LABEL_ALG => headers.algorithm = Some(reader.integer()?),
                LABEL_KID => headers.kid = Some(reader.bytes()?),
                LABEL_TYP if reader.peek()? == Major::Text => headers.typ = Some(reader.text()?),
                _ => reader.skip()?,
            }
        }
        Ok(headers)
    }
}

/// A parsed message, not verified yet.
#[derive(Clone, Copy, Debug)]
pub struct Sign1<'a> {
    protected_bytes: &'a [u8],
    /// Protected header.
    pub protected: Headers<'a>,
    /// Unprotected header: anybody may have written it.
    pub unprotected: Headers<'a>,
    payload: &'a [u8],
    signature: &'a [u8],
}

impl<'a> Sign1<'a> {
    /// Parses a message without the tag 18 (`tagged = false`) or with it.
    ///
    /// # Errors
    /// [`CoseError::Malformed`].
    pub fn parse(bytes: &'a [u8], tagged: bool) -> Result<Self, CoseError> {
        cbor::check(bytes)?;
        let mut reader = Reader::new(bytes);
        if tagged && reader.tag()? != TAG_SIGN1 {
            return Err(CoseError::Malformed);
        }
        if reader.array()? != 4 {
            return Err(CoseError::Malformed);
        }
        let protected_bytes = reader.bytes()?;
        let protected = read_protected(protected_bytes)?;
        let unprotected = Headers::read(&mut reader)?;
        let (payload, signature) = (reader.bytes()?, reader.bytes()?);
        reader.finish()?;
        Ok(Self {
            protected_bytes,
            protected,
            unprotected,
            payload,
            signature,
        })
    }

    /// The payload before verification: for checks of form only.
    pub(crate) const fn payload(&self) -> &'a [u8] {
        self.payload
    }

    /// The signature bytes.
    pub(crate) const fn signature(&self) -> &'a [u8] {
        self.signature
    }

    /// The payload, if the signature over it, the protected header and `external_aad` verifies
    /// under `key` and the algorithm is `algorithm` ([`ALG_ED25519`] or [`ALG_EDDSA`]).
    ///
    /// # Errors
    /// [`CoseError::Algorithm`] or [`CoseError::Signature`].
    pub fn verify(
        &self,
        key: &[u8; 32],
        algorithm: i64,
        external_aad: &[u8],
    ) -> Result<&'a [u8], CoseError> {
        if self.protected.algorithm != Some(algorithm) {
            return Err(CoseError::Algorithm);
        }
        let message = signature_structure(self.protected_bytes, None, external_aad, self.payload);
        verify_raw(key, algorithm, &message, self.signature)?;
        Ok(self.payload)
    }
}

fn read_protected(bytes: &[u8]) -> Result<Headers<'_>, CoseError> {
    if bytes.is_empty() {
        return Ok(Headers::default());
    }
    cbor::check(bytes)?;
    let mut reader = Reader::new(bytes);
    let headers = Headers::read(&mut reader)?;
    reader.finish()?;
    Ok(headers)
}

/// Verifies an Ed25519 signature over a finished `Sig_structure`, whatever header named it.
fn verify_raw(
    key: &[u8; 32],
    algorithm: i64,
    message: &[u8],
    signature: &[u8],
) -> Result<(), CoseError> {
    if algorithm != ALG_ED25519 && algorithm != ALG_EDDSA {
        return Err(CoseError::Algorithm);
    }
    let signature: &[u8; 64] = signature.try_into().map_err(|_| CoseError::Signature)?;
    sign::verify_raw(key, message, signature).map_err(|_| CoseError::Signature)
}

/// The `Sig_structure` of RFC 9052, section 4.4: of a COSE_Sign1, or of one signer of a COSE_Sign
/// when the signer's own protected header is given.
fn signature_structure(
    body_protected: &[u8],
    sign_protected: Option<&[u8]>,
    external_aad: &[u8],
    payload: &[u8],
) -> Vec<u8> {
    let writer = match sign_protected {
        None => Writer::new()
            .array(4)
            .text("Signature1")
            .bytes(body_protected),
        Some(signer) => Writer::new()
            .array(5)
            .text("Signature")
            .bytes(body_protected)
            .bytes(signer),
    };
    writer.bytes(external_aad).bytes(payload).finish()
}

/// Builds and signs a message with an empty unprotected header.
///
/// `protected` is the encoded map; `sign` gives the raw Ed25519 signature of the bytes it gets.
pub(crate) fn sign1(
    tagged: bool,
    protected: &[u8],
    external_aad: &[u8],
    payload: &[u8],
    sign: impl FnOnce(&[u8]) -> [u8; 64],
) -> Vec<u8> {
    let signature = sign(&signature_structure(protected, None, external_aad, payload));
    let writer = if tagged {
        Writer::new().tag(TAG_SIGN1)
    } else {
        Writer::new()
    };
    writer
        .array(4)
        .bytes(protected)
        .map(0)
        .bytes(payload)
        .bytes(&signature)
        .finish()
}
