#![no_main]
//! Any bytes as elements to evaluate, and as the answer to a question.

use crypto::domain::{DomainKey, Identification};
use crypto::rng::Random;
use crypto::voprf::{Blinded, Evaluation, evaluate, finalize};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: (Vec<[u8; 32]>, [u8; 32], [u8; 32])| {
    let (elements, challenge, response) = data;
    let mut rng = Random::seeded([1; 32]);
    let mut two = [0; 32];
    two[0] = 2;
    let Ok(key) = DomainKey::<Identification>::from_bytes(&two) else {
        return;
    };
    if let Ok(answer) = evaluate(&key, &mut rng, &elements) {
        assert_eq!(answer.elements.len(), elements.len());
    }
    let blinded = elements
        .iter()
        .take(4)
        .map(|input| Blinded::blind(input, &mut rng));
    let Ok(blinded) = blinded.collect::<Result<Vec<_>, _>>() else {
        return;
    };
    let mut proof = [0; 64];
    proof[..32].copy_from_slice(&challenge);
    proof[32..].copy_from_slice(&response);
    let elements = elements.into_iter().take(4).collect();
    let answer = Evaluation { elements, proof };
    assert!(finalize(blinded, &answer, &key.public()).is_err());
});
