//! RFC 9180, appendix A.2.1 and A.2.3 (first encryptions), and the binding of info, associated data, sender and mode.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::label;
use crate::rng::Random;
use crate::tests::outside::hex;
use crate::vectors::scripted::play;
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
    let to = secret.public();
    let sealed = play(&ephemeral, |rng| {
        Ok(seal_with(
            &OpModeS::Base,
            &to,
            &info,
            b"Count-0",
            &plain,
            rng,
        )?)
    })
    .unwrap();
    assert_eq!(sealed, expected);
    assert_eq!(
        open_with(&OpModeR::Base, &secret, &info, b"Count-0", &sealed).unwrap(),
        plain
    );
}

/// Receiver, sender and what is expected of RFC 9180, A.2.3.
struct AuthVector {
    receiver: HpkeSecret,
    sender: HpkeSecret,
    info: Vec<u8>,
    plain: Vec<u8>,
    sealed: Vec<u8>,
}

fn auth_vector() -> AuthVector {
    let secret = |seed: &str| HpkeSecret::from_seed(&Secret::try_from(&hex(seed)[..]).unwrap());
    let body = "ab1a13c9d4f01a87ec3440dbd756e2677bd2ecf9df0ce7ed73869b98e00c09be111cb9fdf077347aeb88e61bdf";
    let enc = "f7674cc8cd7baa5872d1f33dbaffe3314239f6197ddf5ded1746760bfc847e0e";
    AuthVector {
        receiver: secret("64835d5ee64aa7aad57c6f2e4f758f7696617f8829e70bc9ac7a5ef95d1c756c"),
        sender: secret("9d8f94537d5a3ddef71234c0baedfad4ca6861634d0b94c3007fed557ad17df6"),
        info: hex("4f6465206f6e2061204772656369616e2055726e"),
        plain: hex("4265617574792069732074727574682c20747275746820626561757479"),
        sealed: [hex(enc), hex(body)].concat(),
    }
}

#[test]
fn rfc_9180_auth_mode() {
    let it = auth_vector();
    assert_eq!(
        it.sender.expose().to_vec(),
        hex("2def0cb58ffcf83d1062dd085c8aceca7f4c0c3fd05912d847b61f3e54121f05")
    );
    assert_eq!(
        it.sender.public().as_bytes().to_vec(),
        hex("f0f4f9e96c54aeed3f323de8534fffd7e0577e4ce269896716bcb95643c8712b")
    );
    let to = it.receiver.public();
    assert_eq!(
        to.as_bytes().to_vec(),
        hex("1a478716d63cb2e16786ee93004486dc151e988b34b475043d3e0175bdb01c44")
    );
    let ephemeral = hex("938d3daa5a8904540bc24f48ae90eed3f4f7f11839560597b55e7c9598c996c0");
    let mode = it.sender.sends().unwrap();
    let sealed = play(&ephemeral, |rng| {
        Ok(seal_with(&mode, &to, &it.info, b"Count-0", &it.plain, rng)?)
    })
    .unwrap();
    assert_eq!(sealed, it.sealed);
    let mode = it.sender.public().receives().unwrap();
    let opened = open_with(&mode, &it.receiver, &it.info, b"Count-0", &sealed);
    assert_eq!(opened.unwrap(), it.plain);
    let base = open_with(&OpModeR::Base, &it.receiver, &it.info, b"Count-0", &sealed);
    assert_eq!(base, Err(HpkeError::Refused));
}

#[test]
fn auth_mode_opens_for_its_sender_alone_and_the_modes_do_not_mix() {
    let mut rng = Random::seeded([6; 32]);
    let (sender, other) = (
        HpkeSecret::generate(&mut rng),
        HpkeSecret::generate(&mut rng),
    );
    let receiver = HpkeSecret::generate(&mut rng);
    let to = receiver.public();
    let label = label::DATA_KEY_HANDED;
    let sealed = auth_seal(&sender, &to, label, b"aad", b"plain", &mut rng).unwrap();
    let opened = |from: &HpkeSecret, info, aad: &[u8], sealed: &[u8]| {
        auth_open(&receiver, &from.public(), info, aad, sealed)
    };
    assert_eq!(opened(&sender, label, b"aad", &sealed).unwrap(), b"plain");
    assert!(opened(&other, label, b"aad", &sealed).is_err());
    assert!(opened(&sender, label::INBOX_HPKE, b"aad", &sealed).is_err());
    assert!(opened(&sender, label, b"", &sealed).is_err());
    assert!(open(&receiver, label, b"aad", &sealed).is_err());
    let base = seal(&to, label, b"aad", b"plain", &mut rng).unwrap();
    assert!(opened(&sender, label, b"aad", &base).is_err());
    assert!(open(&receiver, label, b"aad", &base).is_ok());
    // A sender of small order would let anybody seal in that name.
    let mut one = [0; 32];
    one[0] = 1;
    for weak in [[0; 32], one] {
        let weak = HpkePublic::from_bytes(weak);
        assert!(auth_open(&receiver, &weak, label, b"aad", &sealed).is_err());
        let refused = auth_seal(&sender, &weak, label, b"", b"plain", &mut rng);
        assert_eq!(refused, Err(HpkeError::Receiver));
    }
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
        let sealed = seal(&secret.public(), label::INBOX_HPKE, &aad, &plain, &mut rng).unwrap();
        prop_assert_eq!(sealed.len(), plain.len() + OVERHEAD);
        prop_assert_eq!(open(&secret, label::INBOX_HPKE, &aad, &sealed).unwrap(), plain);
        let json = serde_json::to_string(&secret.public()).unwrap();
        prop_assert_eq!(serde_json::from_str::<HpkePublic>(&json).unwrap(), secret.public());
    }
}
