//! RFC 9497 vectors through this module, and everything that must be refused.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::domain::{Factor, Identification, MasterScalar};
use crate::rng::Random;
use crate::tests::outside::{hex, hex_array, hex_of, vectors};
use crate::tests::scripted::Scripted;
use proptest::prelude::*;
use serde_json::Value;

fn suite(mode: u64) -> Option<Value> {
    let file = vectors("rfc9497/allVectors.json")?;
    file.as_array()
        .unwrap()
        .iter()
        .find(|suite| suite["identifier"] == "ristretto255-SHA512" && suite["mode"] == mode)
        .cloned()
}

/// A comma-separated list of hexadecimal values.
fn list(value: &Value) -> Vec<Vec<u8>> {
    value.as_str().unwrap().split(',').map(hex).collect()
}

fn arrays(value: &Value) -> Vec<[u8; 32]> {
    list(value)
        .into_iter()
        .map(|item| item.try_into().unwrap())
        .collect()
}

#[test]
fn rfc_9497_voprf() {
    let Some(suite) = suite(1) else { return };
    let key = DomainKey::<Identification>::from_bytes(&hex_array(&suite["skSm"])).unwrap();
    assert_eq!(key.public().as_bytes()[..], hex_of(&suite["pkSm"]));
    let cases = suite["vectors"].as_array().unwrap();
    assert_eq!(cases.len(), 3);
    for case in cases {
        let blinded: Vec<Blinded> = list(&case["Input"])
            .iter()
            .zip(arrays(&case["Blind"]))
            .map(|(input, blind)| Blinded::blind(input, &mut Scripted::scalars(&[blind])).unwrap())
            .collect();
        let elements: Vec<_> = blinded.iter().map(Blinded::element).collect();
        assert_eq!(elements, arrays(&case["BlindedElement"]));

        let random = hex_array(&case["Proof"]["r"]);
        let answer = evaluate(&key, &mut Scripted::scalars(&[random]), &elements).unwrap();
        assert_eq!(answer.elements, arrays(&case["EvaluationElement"]));
        assert_eq!(answer.proof[..], hex_of(&case["Proof"]["proof"]));

        let outputs = finalize(blinded, &answer, &key.public()).unwrap();
        let outputs: Vec<_> = outputs.iter().map(|o| o.expose().to_vec()).collect();
        assert_eq!(outputs, list(&case["Output"]));
    }
}

/// The base mode is what OPAQUE runs on; it has no function of its own here, so its pinned crate is held to the RFC.
#[test]
fn rfc_9497_oprf_under_opaque() {
    use ::voprf::{OprfClient, OprfServer};
    let Some(suite) = suite(0) else { return };
    let server = OprfServer::<Ristretto255>::new_from_seed(
        &hex_of(&suite["seed"]),
        &hex_of(&suite["keyInfo"]),
    )
    .unwrap();
    assert_eq!(server.serialize()[..], hex_of(&suite["skSm"]));
    let cases = suite["vectors"].as_array().unwrap();
    assert_eq!(cases.len(), 2);
    for case in cases {
        let mut rng = Scripted::scalars(&[hex_array(&case["Blind"])]);
        let input = hex_of(&case["Input"]);
        let client = OprfClient::<Ristretto255>::blind(&input, &mut rng).unwrap();
        assert_eq!(
            client.message.serialize()[..],
            hex_of(&case["BlindedElement"])
        );
        let answer = server.blind_evaluate(&client.message);
        assert_eq!(answer.serialize()[..], hex_of(&case["EvaluationElement"]));
        let output = client.state.finalize(&input, &answer).unwrap();
        assert_eq!(output[..], hex_of(&case["Output"]));
        assert_eq!(
            server.evaluate(&input).unwrap()[..],
            hex_of(&case["Output"])
        );
    }
}

type Key = DomainKey<Identification>;

fn key(seed: u8) -> Key {
    let mut rng = Random::seeded([seed; 32]);
    let (master, factor) = (MasterScalar::random(&mut rng), Factor::random(&mut rng));
    DomainKey::compose(&master, &factor).unwrap()
}

/// Blinds some inputs and returns the question and the answer.
fn exchange(key: &Key, inputs: &[&[u8]], rng: &mut Random) -> (Vec<Blinded>, Evaluation) {
    let blinded: Vec<_> = inputs
        .iter()
        .map(|input| Blinded::blind(input, rng).unwrap())
        .collect();
    let elements: Vec<_> = blinded.iter().map(Blinded::element).collect();
    let answer = evaluate(key, rng, &elements).unwrap();
    (blinded, answer)
}

#[test]
fn composed_keys_evaluate_like_whole_ones() {
    let mut rng = Random::seeded([9; 32]);
    let key = key(1);
    let whole =
        ::voprf::VoprfServer::<Ristretto255>::new_with_key(key.to_bytes().expose()).unwrap();
    let (blinded, answer) = exchange(&key, &[b"one", b"two", b""], &mut rng);
    let outputs = finalize(blinded, &answer, &key.public()).unwrap();
    for (input, output) in [&b"one"[..], b"two", b""].iter().zip(&outputs) {
        assert_eq!(whole.evaluate(input).unwrap()[..], output.expose()[..]);
    }
}

#[test]
fn wrong_answers_are_refused() {
    let mut rng = Random::seeded([9; 32]);
    let (right, wrong) = (key(1), key(2));
    let inputs: [&[u8]; 2] = [b"one", b"two"];
    let attempt = |spoil: &dyn Fn(&mut Evaluation), public: &DomainPublic, rng: &mut Random| {
        let (blinded, mut answer) = exchange(&right, &inputs, rng);
        spoil(&mut answer);
        finalize(blinded, &answer, public).unwrap_err()
    };
    let public = right.public();
    let swap = |answer: &mut Evaluation| answer.elements.swap(0, 1);
    assert_eq!(attempt(&swap, &public, &mut rng), VoprfError::Proof);
    let other_key = |_: &mut Evaluation| ();
    assert_eq!(
        attempt(&other_key, &wrong.public(), &mut rng),
        VoprfError::Proof
    );
    let replace = |answer: &mut Evaluation| answer.elements[1] = answer.elements[0];
    assert_eq!(attempt(&replace, &public, &mut rng), VoprfError::Proof);
    let identity = |answer: &mut Evaluation| answer.elements[1] = [0; 32];
    assert_eq!(attempt(&identity, &public, &mut rng), VoprfError::Element);
    let garbage = |answer: &mut Evaluation| answer.elements[1] = [0xff; 32];
    assert_eq!(attempt(&garbage, &public, &mut rng), VoprfError::Element);
    let shorter = |answer: &mut Evaluation| answer.elements.truncate(1);
    assert_eq!(attempt(&shorter, &public, &mut rng), VoprfError::Count);
    let zero = |answer: &mut Evaluation| answer.proof = [0; 64];
    assert_eq!(attempt(&zero, &public, &mut rng), VoprfError::Proof);
    let unreduced = |answer: &mut Evaluation| answer.proof[63] |= 0xf0;
    assert_eq!(attempt(&unreduced, &public, &mut rng), VoprfError::Proof);
    for place in 0..64 {
        let flip = move |answer: &mut Evaluation| answer.proof[place] ^= 1;
        assert_eq!(attempt(&flip, &public, &mut rng), VoprfError::Proof);
    }
}

#[test]
fn an_answer_under_another_key_is_refused() {
    let mut rng = Random::seeded([9; 32]);
    let (blinded, answer) = exchange(&key(2), &[b"one"], &mut rng);
    let refused = finalize(blinded, &answer, &key(1).public()).unwrap_err();
    assert_eq!(refused, VoprfError::Proof);
}

#[test]
fn malformed_questions_are_refused() {
    let mut rng = Random::seeded([9; 32]);
    let key = key(1);
    let good = Blinded::blind(b"x", &mut rng).unwrap().element();
    let mut ask = |elements: &[[u8; 32]]| evaluate(&key, &mut rng, elements).map(|_| ());
    assert_eq!(ask(&[]), Err(VoprfError::Empty));
    assert_eq!(ask(&[good; BATCH_LIMIT + 1]), Err(VoprfError::TooMany));
    assert_eq!(ask(&[good; BATCH_LIMIT]), Ok(()));
    assert_eq!(ask(&[good, [0; 32]]), Err(VoprfError::Element));
    assert_eq!(ask(&[good, [0xff; 32]]), Err(VoprfError::Element));
    let mut negative = good;
    negative[0] ^= 1;
    assert_eq!(ask(&[negative]), Err(VoprfError::Element));
    let long = vec![0; INPUT_LIMIT + 1];
    assert_eq!(
        Blinded::blind(&long, &mut rng).unwrap_err(),
        VoprfError::Input
    );
    assert!(Blinded::blind(&long[1..], &mut rng).is_ok());
}

#[test]
fn blinding_hides_and_is_never_repeated() {
    let mut rng = Random::seeded([9; 32]);
    let one = Blinded::blind(b"same", &mut rng).unwrap();
    let two = Blinded::blind(b"same", &mut rng).unwrap();
    assert_ne!(one.element(), two.element());
    assert_eq!(format!("{one:?}"), "Blinded(..)");
}

#[test]
fn a_queued_question_can_be_answered_later() {
    let mut rng = Random::seeded([9; 32]);
    let key = key(1);
    let (blinded, answer) = exchange(&key, &[b"queued"], &mut rng);
    let stored = blinded[0].to_bytes();
    let direct = finalize(blinded, &answer, &key.public()).unwrap();
    let again = vec![Blinded::from_bytes(&stored).unwrap()];
    assert_eq!(finalize(again, &answer, &key.public()).unwrap(), direct);
    let cut = SecretBytes::from(&stored.expose()[..63]);
    assert!(Blinded::from_bytes(&cut).is_err());
    assert!(Blinded::from_bytes(&SecretBytes::new(vec![0; 70])).is_err());
}

/// Why unblinded elements must never leave: evaluation commutes, so raw elements of two providers could be compared.
#[test]
fn evaluation_commutes_but_outputs_do_not_reveal_it() {
    let mut rng = Random::seeded([9; 32]);
    let (a, b) = (key(1), key(2));
    let start = Blinded::blind(b"person", &mut rng).unwrap().element();
    let mut step = |key: &Key, element| evaluate(key, &mut rng, &[element]).unwrap().elements[0];
    let ab = step(&a, start);
    let ab = step(&b, ab);
    let ba = step(&b, start);
    assert_eq!(step(&a, ba), ab);
    let master = MasterScalar::from_bytes(a.to_bytes().expose()).unwrap();
    let factor = Factor::from_bytes(b.to_bytes().expose()).unwrap();
    let moved = DomainKey::compose(&master, &factor).unwrap();
    assert_eq!(step(&moved, start), ab);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn outputs_depend_on_key_and_input_alone(seed: [u8; 32], inputs in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 1..5)) {
        let mut rng = Random::seeded(seed);
        let key = key(3);
        let inputs: Vec<&[u8]> = inputs.iter().map(Vec::as_slice).collect();
        let (blinded, answer) = exchange(&key, &inputs, &mut rng);
        let together = finalize(blinded, &answer, &key.public()).unwrap();
        for (input, expected) in inputs.iter().zip(&together) {
            let (blinded, answer) = exchange(&key, &[input], &mut rng);
            prop_assert_eq!(&finalize(blinded, &answer, &key.public()).unwrap()[0], expected);
        }
    }

    #[test]
    fn any_answer_is_refused_without_a_panic(elements: Vec<[u8; 32]>, first: [u8; 32], second: [u8; 32]) {
        let mut rng = Random::seeded([4; 32]);
        let blinded = elements.iter().map(|e| Blinded::blind(e, &mut rng).unwrap()).collect();
        let mut proof = [0; 64];
        proof[..32].copy_from_slice(&first);
        proof[32..].copy_from_slice(&second);
        let answer = Evaluation { elements, proof };
        prop_assert!(finalize(blinded, &answer, &key(1).public()).is_err());
    }
}

/// One question and its answers at the edge, from `vectors/edge`: nothing of a wrong one may be used.
#[test]
fn every_answer_that_is_not_the_right_one_is_refused() {
    let file = vectors("edge/voprf-answers.json").expect("the vectors are in the tree");
    let list = |name: &str| file[name].as_array().unwrap().clone();
    let question = || -> Vec<Blinded> {
        let parts = list("blinds").into_iter().zip(list("blinded"));
        let states = parts.zip(list("inputs")).map(|((blind, element), input)| {
            [hex_of(&blind), hex_of(&element), hex_of(&input)].concat()
        });
        states
            .map(|state| Blinded::from_bytes(&SecretBytes::new(state)).unwrap())
            .collect()
    };
    let public = DomainPublic::try_from(hex_array::<32>(&file["public_key"])).unwrap();
    let answer = |case: &Value| {
        let elements = case["elements"].as_array().unwrap();
        let evaluation = Evaluation {
            elements: elements.iter().map(hex_array).collect(),
            proof: hex_array(&case["proof"]),
        };
        finalize(question(), &evaluation, &public)
    };
    let outputs = answer(&file["control"]).unwrap();
    let expected = file["control"]["outputs"].as_array().unwrap();
    let outputs: Vec<Vec<u8>> = outputs.iter().map(|one| one.expose().to_vec()).collect();
    assert_eq!(outputs, expected.iter().map(hex_of).collect::<Vec<_>>());
    let cases = list("cases");
    assert_eq!(cases.len(), 19);
    for case in &cases {
        assert_eq!(case["must"], "refused");
        assert!(answer(case).is_err(), "{}", case["what"]);
    }
}
