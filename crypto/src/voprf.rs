//! The verifiable oblivious pseudorandom function of RFC 9497 (VOPRF mode, ristretto255-SHA512), in plain types.
//!
//! The client blinds, the server evaluates and proves, the client checks the proof against the pinned public key and
//! finalizes. One batched proof covers up to [`BATCH_LIMIT`] elements under one key.
//! Unblinded elements never leave this module: two providers could link them. Only `Finalize` outputs do.

use ::voprf::{BlindedElement, EvaluationElement, Proof, Ristretto255, VoprfClient};
use thiserror::Error;
use zeroize::Zeroize;

use crate::domain::{DomainKey, DomainPublic, Evaluated};
use crate::rng::Rng;
use crate::secret::{Secret, SecretBytes};

/// Most elements under one proof.
pub const BATCH_LIMIT: usize = 256;
/// Longest input in bytes.
pub const INPUT_LIMIT: usize = 65_535;

/// Why a step of the protocol was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum VoprfError {
    /// Longer than [`INPUT_LIMIT`], or one that hashes to the identity.
    #[error("this input cannot be blinded: it is too long")]
    Input,
    /// No element at all.
    #[error("send at least one element")]
    Empty,
    /// More than [`BATCH_LIMIT`] elements.
    #[error("send at most 256 elements at a time")]
    TooMany,
    /// The identity, or not the canonical form of a group element.
    #[error(
        "an element is malformed: send canonical ristretto255 elements other than the identity"
    )]
    Element,
    /// The answer has another number of elements than the question.
    #[error("the answer does not match the question: ask again")]
    Count,
    /// The proof does not fit the pinned public key: the answer was altered or made under another key.
    #[error("the proof does not fit the pinned key: do not use this answer")]
    Proof,
}

/// A blinded input, kept by the client until the answer arrives.
pub struct Blinded {
    input: SecretBytes,
    client: VoprfClient<Ristretto255>,
    element: [u8; 32],
}

impl Blinded {
    /// Blinds an input with a fresh random scalar.
    ///
    /// # Errors
    /// [`VoprfError::Input`] if it is too long.
    pub fn blind(input: &[u8], rng: &mut impl Rng) -> Result<Self, VoprfError> {
        if input.len() > INPUT_LIMIT {
            return Err(VoprfError::Input);
        }
        let blinded =
            VoprfClient::<Ristretto255>::blind(input, rng).map_err(|_| VoprfError::Input)?;
        Ok(Self {
            input: SecretBytes::from(input),
            client: blinded.state,
            element: blinded.message.serialize().into(),
        })
    }

    /// What goes to the server: a uniformly random element, whatever the input.
    #[must_use]
    pub const fn element(&self) -> [u8; 32] {
        self.element
    }

    /// The state for a sealed queue: blind (32 bytes), element (32 bytes), input. As secret as the input.
    #[must_use]
    pub fn to_bytes(&self) -> SecretBytes {
        let mut state = self.client.serialize();
        let out = SecretBytes::new([state.as_slice(), self.input.expose()].concat());
        state.as_mut_slice().zeroize();
        out
    }

    /// Reads what [`Blinded::to_bytes`] wrote, from storage that nobody else can write.
    ///
    /// # Errors
    /// [`VoprfError::Element`] for malformed state, [`VoprfError::Input`] for an input that is too long.
    pub fn from_bytes(bytes: &SecretBytes) -> Result<Self, VoprfError> {
        let (state, input) = bytes
            .expose()
            .split_first_chunk::<64>()
            .ok_or(VoprfError::Element)?;
        if input.len() > INPUT_LIMIT {
            return Err(VoprfError::Input);
        }
        let client = VoprfClient::deserialize(state).map_err(|_| VoprfError::Element)?;
        let mut element = [0; 32];
        element.copy_from_slice(&state[32..]);
        Ok(Self {
            input: SecretBytes::from(input),
            client,
            element,
        })
    }
}

impl std::fmt::Debug for Blinded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Blinded(..)")
    }
}

/// The server's answer: evaluated elements in the order asked, and one proof over all of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evaluation {
    /// 32 bytes each; still blinded, so useless to anyone but the client.
    pub elements: Vec<[u8; 32]>,
    /// The DLEQ proof: challenge and response, 32 bytes each.
    pub proof: [u8; 64],
}

/// `BlindEvaluate` over a batch, with one proof (RFC 9497, sections 3.3.2 and 2.2.1).
///
/// # Errors
/// [`VoprfError::Empty`], [`VoprfError::TooMany`], [`VoprfError::Element`].
pub fn evaluate<C: Evaluated>(
    key: &DomainKey<C>,
    rng: &mut impl Rng,
    elements: &[[u8; 32]],
) -> Result<Evaluation, VoprfError> {
    check_count(elements.len())?;
    let blinded = elements
        .iter()
        .map(|element| BlindedElement::deserialize(element))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|_| VoprfError::Element)?;
    let answer = key
        .server()
        .batch_blind_evaluate(rng, &blinded)
        .map_err(|_| VoprfError::TooMany)?;
    Ok(Evaluation {
        elements: answer
            .messages
            .iter()
            .map(|element| element.serialize().into())
            .collect(),
        proof: answer.proof.serialize().into(),
    })
}

/// Checks the proof against the pinned key, unblinds and finalizes; outputs in the order of `blinded`.
///
/// # Errors
/// [`VoprfError::Count`] if question and answer differ in length, [`VoprfError::Element`] for malformed elements,
/// [`VoprfError::Proof`] if the proof does not fit: then nothing of the answer may be used.
pub fn finalize(
    blinded: Vec<Blinded>,
    evaluation: &Evaluation,
    public: &DomainPublic,
) -> Result<Vec<Secret<64>>, VoprfError> {
    check_count(blinded.len())?;
    if blinded.len() != evaluation.elements.len() {
        return Err(VoprfError::Count);
    }
    let answers = evaluation
        .elements
        .iter()
        .map(|element| EvaluationElement::<Ristretto255>::deserialize(element))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|_| VoprfError::Element)?;
    let proof = Proof::deserialize(&evaluation.proof).map_err(|_| VoprfError::Proof)?;
    let public = public.point().ok_or(VoprfError::Element)?;
    let (inputs, clients): (Vec<_>, Vec<_>) = blinded
        .into_iter()
        .map(|one| (one.input, one.client))
        .unzip();
    let inputs: Vec<&[u8]> = inputs.iter().map(SecretBytes::expose).collect();
    VoprfClient::batch_finalize(&inputs, &clients, &answers, &proof, public)
        .map_err(|_| VoprfError::Proof)?
        .map(|output| {
            let mut output = output.map_err(|_| VoprfError::Input)?;
            let secret = Secret::new(output.into());
            output.as_mut_slice().zeroize();
            Ok(secret)
        })
        .collect()
}

const fn check_count(count: usize) -> Result<(), VoprfError> {
    match count {
        0 => Err(VoprfError::Empty),
        1..=BATCH_LIMIT => Ok(()),
        _ => Err(VoprfError::TooMany),
    }
}

#[cfg(test)]
mod tests;
#[cfg(any(test, feature = "vectors"))]
pub(crate) mod vectors;
