#![no_main]
//! Any bytes as a data key that was handed on, and as what is inside one.

use crypto::handover::{self, HANDED_BYTES, Place};
use crypto::hpke::{self, HpkeSecret};
use crypto::id::ProviderId;
use crypto::invitation::InviterKind;
use crypto::label::DATA_KEY_HANDED;
use crypto::rng::Random;
use crypto::secret::Secret;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let giver = HpkeSecret::from_seed(&Secret::new([1; 32]));
    let own = HpkeSecret::from_seed(&Secret::new([2; 32]));
    let place = Place {
        provider: ProviderId::from_bytes([3; 16]),
        role: 1,
        invited: InviterKind::Administrator,
    };
    assert_eq!(handover::claimed(data).is_some(), data.len() == HANDED_BYTES);
    assert!(handover::open(&own, &giver.public(), &place, data).is_err());
    let (from, to) = (giver.public(), own.public());
    let bound = [&[3; 16][..], from.as_bytes(), to.as_bytes(), &[1, 2]].concat();
    let rng = &mut Random::seeded([4; 32]);
    let Ok(sealed) = hpke::auth_seal(&giver, &to, DATA_KEY_HANDED, &bound, data, rng) else {
        panic!("it seals to a good key");
    };
    let sealed = [&from.as_bytes()[..], &sealed].concat();
    if let Ok(handed) = handover::open(&own, &from, &place, &sealed) {
        let Ok(again) = handover::seal(&giver, &to, &place, &handed, rng) else {
            panic!("what opens seals");
        };
        assert_eq!(handover::open(&own, &from, &place, &again), Ok(handed));
    }
});
