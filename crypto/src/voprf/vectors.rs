//! The vectors of RFC 9497 through this module, and the answers at the edge, from `vectors/edge`.

use ::voprf::{OprfClient, OprfServer, Ristretto255};
use serde_json::Value;

use super::{Blinded, Evaluation, evaluate, finalize};
use crate::domain::{DomainKey, DomainPublic, Identification};
use crate::secret::{Secret, SecretBytes};
use crate::vectors::case::{
    Held, array, arrays, bytes, each, ensure, fixed_parts, list, parts, same,
};
use crate::vectors::scripted::{play, scalars};

/// The suite of this house in one mode of the RFC.
fn suite(file: &Value, mode: u64) -> Held<&Value> {
    let ours =
        |suite: &&Value| suite["identifier"] == "ristretto255-SHA512" && suite["mode"] == mode;
    Ok(list(file)?
        .iter()
        .find(ours)
        .ok_or("the suite is missing")?)
}

fn exposed(outputs: &[Secret<64>]) -> Vec<Vec<u8>> {
    outputs
        .iter()
        .map(|output| output.expose().to_vec())
        .collect()
}

/// Mode 1, which every evaluation of this house is.
pub(crate) fn voprf_mode(file: &Value) -> Held<usize> {
    let suite = suite(file, 1)?;
    let key = DomainKey::<Identification>::from_bytes(&array(&suite["skSm"])?)?;
    same("pkSm", &key.public().as_bytes()[..], bytes(&suite["pkSm"])?)?;
    each(&suite["vectors"], |case| {
        let (inputs, blinds) = (parts(&case["Input"])?, fixed_parts(&case["Blind"])?);
        same("Blind", inputs.len(), blinds.len())?;
        let blinded = inputs
            .iter()
            .zip(blinds)
            .map(|(input, blind)| play(&scalars(&[blind]), |rng| Ok(Blinded::blind(input, rng)?)));
        let blinded = blinded.collect::<Held<Vec<_>>>()?;
        let elements: Vec<_> = blinded.iter().map(Blinded::element).collect();
        same(
            "BlindedElement",
            &elements,
            &fixed_parts(&case["BlindedElement"])?,
        )?;

        let random = scalars(&[array(&case["Proof"]["r"])?]);
        let answer = play(&random, |rng| Ok(evaluate(&key, rng, &elements)?))?;
        same(
            "EvaluationElement",
            &answer.elements,
            &fixed_parts(&case["EvaluationElement"])?,
        )?;
        same("proof", &answer.proof[..], bytes(&case["Proof"]["proof"])?)?;

        let outputs = finalize(blinded, &answer, &key.public())?;
        same("Output", exposed(&outputs), parts(&case["Output"])?)
    })
}

/// Mode 0 is what OPAQUE runs on; it has no function of its own here, so its pinned crate is held to the RFC.
pub(crate) fn base_mode(file: &Value) -> Held<usize> {
    let suite = suite(file, 0)?;
    let (seed, info) = (bytes(&suite["seed"])?, bytes(&suite["keyInfo"])?);
    let server = OprfServer::<Ristretto255>::new_from_seed(&seed, &info).map_err(|_| "seed")?;
    same("skSm", &server.serialize()[..], bytes(&suite["skSm"])?)?;
    each(&suite["vectors"], |case| {
        let input = bytes(&case["Input"])?;
        let blind = scalars(&[array(&case["Blind"])?]);
        let client = play(&blind, |rng| {
            let blinded = OprfClient::<Ristretto255>::blind(&input, rng);
            Ok(blinded.map_err(|_| "Input")?)
        })?;
        let element = client.message.serialize();
        same(
            "BlindedElement",
            &element[..],
            bytes(&case["BlindedElement"])?,
        )?;
        let answer = server.blind_evaluate(&client.message);
        let element = answer.serialize();
        same(
            "EvaluationElement",
            &element[..],
            bytes(&case["EvaluationElement"])?,
        )?;
        let expected = bytes(&case["Output"])?;
        let output = client.state.finalize(&input, &answer);
        same("Output", &output.map_err(|_| "Output")?[..], &expected[..])?;
        let output = server.evaluate(&input);
        same(
            "Output of the server",
            &output.map_err(|_| "Output")?[..],
            &expected[..],
        )
    })
}

/// One question and its answers: nothing of a wrong one may be used.
pub(crate) fn answers(file: &Value) -> Held<usize> {
    let public = DomainPublic::try_from(array::<32>(&file["public_key"])?)?;
    let answered = |case: &Value| -> Held<_> {
        let evaluation = Evaluation {
            elements: arrays(&case["elements"])?,
            proof: array(&case["proof"])?,
        };
        Ok(finalize(question(file)?, &evaluation, &public))
    };
    let outputs = answered(&file["control"])??;
    let expected = list(&file["control"]["outputs"])?.iter().map(bytes);
    same(
        "control",
        exposed(&outputs),
        expected.collect::<Held<Vec<_>>>()?,
    )?;
    each(&file["cases"], |case| {
        ensure(case["must"] == "refused", "must")?;
        ensure(answered(case)?.is_err(), "the answer")
    })
}

/// The question of these answers, as it lay in a queue.
fn question(file: &Value) -> Held<Vec<Blinded>> {
    let inputs = list(&file["inputs"])?.iter().map(bytes);
    let inputs = inputs.collect::<Held<Vec<_>>>()?;
    let blinds = arrays::<32>(&file["blinds"])?;
    let elements = arrays::<32>(&file["blinded"])?;
    same("the number of blinds", blinds.len(), inputs.len())?;
    same("the number of elements", elements.len(), inputs.len())?;
    let parts = blinds.iter().zip(&elements).zip(&inputs);
    let states = parts.map(|((blind, element), input)| [blind, element, &input[..]].concat());
    states
        .map(|state| Ok(Blinded::from_bytes(&SecretBytes::new(state))?))
        .collect()
}
