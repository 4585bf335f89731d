//! Blinding here, evaluating there, checking and finishing here.
//!
//! The server sees blinded points only. One batched DLEQ proof per domain is
//! verified under the key pinned in the trust bundle, so that a wrong key can
//! neither tag a client nor fork an identity. Source: RFC 9497 sections 3.3.2
//! and 2.2.

use crate::calls;
use crate::error::Error;
use crate::session::Session;
use crate::transport::Transport;
use crypto::domain::Domain;
use crypto::rng::Rng;
use crypto::secret::Secret;
use crypto::voprf::{Blinded, finalize};

/// Evaluates the inputs of several domains in one call; the outputs keep both
/// orders.
///
/// # Errors
/// `TooMany` above the server's batch size, `Proof` for a wrong proof, and the
/// transport errors.
pub(crate) async fn evaluate<R: Rng>(
    session: &Session<impl Transport>,
    domains: &[(Domain, &[&[u8]])],
    rng: &mut R,
) -> Result<Vec<Vec<Secret<64>>>, Error> {
    let mut blinded = Vec::with_capacity(domains.len());
    let mut asked = Vec::with_capacity(domains.len());
    for (domain, inputs) in domains {
        let blinds = inputs
            .iter()
            .map(|input| Blinded::blind(input, rng).map_err(|_| Error::Value))
            .collect::<Result<Vec<Blinded>, Error>>()?;
        asked.push((*domain, blinds.iter().map(Blinded::element).collect()));
        blinded.push(blinds);
    }
    let answers = calls::evaluate(session, asked).await?;
    if answers.len() != domains.len() {
        return Err(Error::Answer);
    }
    let mut outputs = Vec::with_capacity(domains.len());
    for (((domain, _), blinds), answer) in domains.iter().zip(blinded).zip(answers) {
        let public = session.domain_public(domain)?;
        outputs.push(finalize(blinds, &answer, public).map_err(|_| Error::Proof)?);
    }
    Ok(outputs)
}
