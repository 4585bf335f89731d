//! RFC 9180, appendix A.2.1 (first encryption), and the binding of info and associated data.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::label;
use crate::rng::Random;
use crate::tests::outside::hex;
use crate::tests::scripted::Scripted;
use proptest::prelude::*;

#[test]
fn rfc_9180_base_mode() {
    let seed = hex("1ac01f181fdf9f352797655161c58b75c656a6cc2716dcb66372da835542e1df");
    let secret = HpkeSecret::from_seed(&Secret::try_from(&seed[..]).unwrap());
    assert_eq!(
        secret.expose().to_vec(),
        hex("8057991eef8f1f1af18f4a9491d16a1ce333f695d4db8e38da75975c4478e0fb")
    );
    assert_eq!(
        secret.public().as_bytes().to_vec(),
        hex("4310ee97d88cc1f088a5576c77ab0cf5c3ac797f3d95139c6c84b5429c59662a")
    );
    let info = hex("4f6465206f6e2061204772656369616e2055726e");
    let plain = hex("4265617574792069732074727574682c20747275746820626561757479");
    let expected = [
        hex("1afa08d3dec047a643885163f1180476fa7ddb54c6a8029ea33f95796bf2ac4a"),
        hex("1c5250d8034ec2b784ba2cfd69dbdb8af406cfe3ff938e131f0def8c8b60b4db21993c62ce81883d2dd1b51a28"),
    ]
    .concat();
    let ephemeral = hex("909a9b35d3dc4713a5e72a4da274b55d3d3821a37e5d099e74a647db583a904b");
    let mut rng = Scripted::new(&ephemeral);
    let sealed = seal_with(&secret.public(), &info, b"Count-0", &plain, &mut rng).unwrap();
    assert_eq!(sealed, expected);
    assert_eq!(
        open_with(&secret, &info, b"Count-0", &sealed).unwrap(),
        plain
    );
}

#[test]
fn every_part_is_bound() {
    let mut rng = Random::seeded([1; 32]);
    let secret = HpkeSecret::generate(&mut rng);
    let sealed = seal(
        &secret.public(),
        label::REPORT_HPKE,
        b"aad",
        b"plain",
        &mut rng,
    )
    .unwrap();
    assert_eq!(sealed.len(), 5 + OVERHEAD);
    assert_eq!(
        open(&secret, label::REPORT_HPKE, b"aad", &sealed).unwrap(),
        b"plain"
    );
    assert!(open(&secret, label::INBOX_HPKE, b"aad", &sealed).is_err());
    assert!(open(&secret, label::REPORT_HPKE, b"", &sealed).is_err());
    let other = HpkeSecret::generate(&mut rng);
    assert!(open(&other, label::REPORT_HPKE, b"aad", &sealed).is_err());
    for place in 0..sealed.len() {
        let mut altered = sealed.clone();
        altered[place] ^= 1;
        assert!(open(&secret, label::REPORT_HPKE, b"aad", &altered).is_err());
    }
    for length in 0..sealed.len() {
        assert!(open(&secret, label::REPORT_HPKE, b"aad", &sealed[..length]).is_err());
    }
}

#[test]
fn small_order_receivers_are_refused() {
    let mut rng = Random::seeded([1; 32]);
    let mut one = [0; 32];
    one[0] = 1;
    for weak in [[0; 32], one] {
        let receiver = HpkePublic::from_bytes(weak);
        let refused = seal(&receiver, label::REPORT_HPKE, b"", b"plain", &mut rng);
        assert_eq!(refused, Err(HpkeError::Receiver));
    }
}

#[test]
fn debug_is_redacted() {
    let secret = HpkeSecret::new(Secret::new([0x41; 32]));
    assert_eq!(format!("{secret:?}"), "HpkeSecret(..)");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn round_trip(seed: [u8; 32], aad: Vec<u8>, plain: Vec<u8>) {
        let mut rng = Random::seeded(seed);
        let secret = HpkeSecret::generate(&mut rng);
        let sealed = seal(&secret.public(), label::DATA_KEY_HPKE, &aad, &plain, &mut rng).unwrap();
        prop_assert_eq!(sealed.len(), plain.len() + OVERHEAD);
        prop_assert_eq!(open(&secret, label::DATA_KEY_HPKE, &aad, &sealed).unwrap(), plain);
        let json = serde_json::to_string(&secret.public()).unwrap();
        prop_assert_eq!(serde_json::from_str::<HpkePublic>(&json).unwrap(), secret.public());
    }
}
