//! RFC 9497 vectors through this module, and everything that must be refused.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::domain::{Factor, Identification, MasterScalar};
use crate::rng::Random;
use crate::tests::outside::kept;
use proptest::prelude::*;

#[test]
fn rfc_9497_voprf() {
    let file = kept("rfc9497/allVectors.json");
    assert_eq!(vectors::voprf_mode(&file).unwrap(), 3);
}

#[test]
fn rfc_9497_oprf_under_opaque() {
    let file = kept("rfc9497/allVectors.json");
    assert_eq!(vectors::base_mode(&file).unwrap(), 2);
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

#[test]
fn every_answer_that_is_not_the_right_one_is_refused() {
    let file = kept("edge/voprf-answers.json");
    assert_eq!(vectors::answers(&file).unwrap(), 19);
}
