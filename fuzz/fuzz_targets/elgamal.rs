#![no_main]
//! Any 64 bytes as a statistics ciphertext, any 32 as a person or a public key.

use crypto::domain::{DomainKey, RotationFactor};
use crypto::rng::Random;
use crypto::statistics::{self, ElGamal, PersonElement, StatisticsPublic, StatisticsSecret};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: [u8; 64]| {
    let mut one = [0; 32];
    one[0] = 1;
    let (Ok(key), Ok(secret)) = (
        DomainKey::from_bytes(&one),
        StatisticsSecret::from_bytes(&one),
    ) else {
        panic!("one is a key");
    };
    let mut rng = Random::seeded([1; 32]);
    let ciphertext = ElGamal::from_bytes(data);
    let moved = statistics::reshuffle(&ciphertext, &key, &secret.public(), &mut rng);
    assert_eq!(moved.is_ok(), ciphertext.check().is_ok());
    if let Ok(moved) = moved {
        assert_eq!(
            statistics::decrypt(&secret, &moved),
            statistics::decrypt(&secret, &ciphertext)
        );
    }
    let mut half = [0; 32];
    half.copy_from_slice(&data[..32]);
    let person = PersonElement::from_bytes(half);
    assert_eq!(person.is_ok(), StatisticsPublic::try_from(half).is_ok());
    if let Ok(person) = person {
        assert_eq!(person.as_bytes(), &half);
        assert!(person.rotate(&RotationFactor::random(&mut rng)).is_ok());
    }
});
