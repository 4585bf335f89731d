#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
use super::*;
use crate::domain::{DomainKey, Factor, Identification, MasterScalar};
use crate::hpke::HpkeSecret;
use crate::rng::Random;
use crate::sign::ListKey;
use crate::statistics::StatisticsSecret;

/// Two root keys, the second announced, and whoever signs what is listed.
pub(crate) struct Roots {
    pub(crate) root: RootKey,
    pub(crate) next: RootKey,
    pub(crate) list: ListKey,
    pub(crate) rng: Random,
}

pub(crate) fn public(rng: &mut Random) -> DomainPublic {
    let (master, factor) = (MasterScalar::random(rng), Factor::random(rng));
    DomainKey::<Identification>::compose(&master, &factor)
        .unwrap()
        .public()
}

pub(crate) fn day(text: &str) -> Day {
    text.parse().unwrap()
}

pub(crate) fn roots() -> Roots {
    let mut rng = Random::seeded([1; 32]);
    Roots {
        root: RootKey::generate(&mut rng).unwrap(),
        next: RootKey::generate(&mut rng).unwrap(),
        list: ListKey::generate(&mut rng).unwrap(),
        rng,
    }
}

pub(crate) fn core(roots: &mut Roots) -> Core {
    let issued = day("2026-01-01");
    let rng = &mut roots.rng;
    Core {
        programme: ProgrammeId::random(rng),
        serial: 5,
        issued,
        expires: issued.plus(MOST_DAYS),
        epoch: 1,
        issuers: vec![Issuer {
            kid: 7,
            key: Fixed([9; 32]),
        }],
        wraps: vec![Fixed(wrap_id(&WrapKey::from_bytes([2; 32])))],
        status_key: Fixed([3; 32]),
        domains: Domain::FIXED
            .map(|fixed| (fixed.to_string(), public(rng)))
            .into(),
        statistics: StatisticsKeys {
            elgamal: StatisticsSecret::random(rng).public(),
            hpke: HpkeSecret::generate(rng).public(),
        },
        release_key: Fixed([4; 32]),
        opaque_key: Fixed([5; 32]),
        envelope_min_bucket: 256,
        list_key: Fixed(roots.list.public()),
        next_root: Fixed(root_id(&roots.next.public())),
    }
}

#[test]
fn round_trip_through_json() {
    let mut roots = roots();
    let core = core(&mut roots);
    let text = serde_json::to_string(&core.sign(&roots.root, None).unwrap()).unwrap();
    let signed: SignedCore = serde_json::from_str(&text).unwrap();
    assert_eq!(
        signed.check_first(),
        Ok((core.clone(), roots.root.public()))
    );
    assert!(core.domain(&Domain::Card).is_some());
    assert!(core.domain(&Domain::Statistics).is_none());
    assert!(!text.contains(&crate::b64::encode(&[2; 32])), "no wrap key");
}

#[test]
fn every_altered_byte_and_another_root_are_refused() {
    let mut roots = roots();
    let core = core(&mut roots);
    let mut second = core.clone();
    second.serial += 1;
    let signed = second.sign(&roots.root, None).unwrap();
    let root = roots.root.public();
    assert!(signed.check_after(&root, &core).is_ok(), "the control");
    for at in 0..signed.payload.len() {
        let mut bad = signed.clone();
        bad.payload.0[at] ^= 1;
        assert_eq!(bad.check_first().err(), Some(BundleError::Signature));
    }
    for at in 0..64 {
        let mut bad = signed.clone();
        bad.signatures[0].signature.0[at] ^= 1;
        assert_eq!(bad.check_first().err(), Some(BundleError::Signature));
    }
    let refused = second.sign(&roots.next, None).unwrap();
    let refused = refused.check_after(&root, &core);
    assert_eq!(refused.err(), Some(BundleError::Signature));
    for signatures in [0, 3] {
        let mut bad = signed.clone();
        bad.signatures = vec![signed.signatures[0]; signatures];
        assert_eq!(bad.check_first().err(), Some(BundleError::Signature));
        let after = bad.check_after(&root, &core);
        assert_eq!(after.err(), Some(BundleError::Signature));
    }
}

#[test]
fn a_lower_serial_another_programme_and_a_second_content_are_refused() {
    let mut roots = roots();
    let current = core(&mut roots);
    let root = roots.root.public();
    let mut check = |serial: u32, change: fn(&mut Core, &mut Random)| {
        let mut next = current.clone();
        next.serial = serial;
        change(&mut next, &mut roots.rng);
        let signed = next.sign(&roots.root, None).unwrap();
        signed.check_after(&root, &current).err()
    };
    let same: fn(&mut Core, &mut Random) = |_, _| {};
    assert_eq!(check(4, same), Some(BundleError::Older));
    assert_eq!(check(5, same), Some(BundleError::Older));
    assert_eq!(check(6, same), None);
    let changes: [fn(&mut Core, &mut Random); 5] = [
        |core, rng| core.programme = ProgrammeId::random(rng),
        |core, _| core.epoch = 0,
        |core, _| {
            core.issued = core.issued.plus(-1);
            core.expires = core.expires.plus(-1);
        },
        |core, _| core.next_root.0[0] ^= 1,
        |core, rng| {
            let key = public(rng);
            core.domains.insert("card".to_owned(), key);
        },
    ];
    for change in changes {
        assert_eq!(check(6, change), Some(BundleError::Conflict));
    }
    // A new epoch has new keys.
    let epoch = |core: &mut Core, rng: &mut Random| {
        core.epoch = 2;
        core.domains.insert("card".to_owned(), public(rng));
    };
    assert_eq!(check(6, epoch), None);
}

#[test]
fn a_root_is_replaced_by_both_and_only_by_the_announced_one() {
    let mut roots = roots();
    let current = core(&mut roots);
    let root = roots.root.public();
    let mut next = current.clone();
    next.serial += 1;
    next.next_root = Fixed([8; 32]);
    let both = next.sign(&roots.root, Some(&roots.next)).unwrap();
    let taken = both.check_after(&root, &current).unwrap();
    assert_eq!(taken, (next.clone(), roots.next.public()));
    // What the old root signs alone afterwards counts no more.
    let mut late = next.clone();
    late.serial += 1;
    let late = late.sign(&roots.root, None).unwrap();
    let refused = late.check_after(&taken.1, &taken.0);
    assert_eq!(refused.err(), Some(BundleError::Signature));

    let stranger = RootKey::generate(&mut roots.rng).unwrap();
    let refused = |signed: SignedCore| signed.check_after(&root, &current).err();
    let signature = Some(BundleError::Signature);
    assert_eq!(refused(next.sign(&roots.next, None).unwrap()), signature);
    let unannounced = next.sign(&roots.root, Some(&stranger)).unwrap();
    assert_eq!(refused(unannounced), signature);
    let order = next.sign(&roots.next, Some(&roots.root)).unwrap();
    assert_eq!(refused(order), signature);
    let mut forged = both.clone();
    forged.signatures[1].signature.0[0] ^= 1;
    assert_eq!(refused(forged), signature);
    // The one that replaces must name another key for the next time.
    let mut again = current.clone();
    again.serial += 1;
    let again = again.sign(&roots.root, Some(&roots.next)).unwrap();
    assert_eq!(refused(again), Some(BundleError::Conflict));
    assert_eq!(both.check_first().err(), signature, "no log begins so");
}

#[test]
fn signed_nonsense_is_refused() {
    let mut roots = roots();
    let core = core(&mut roots);
    let malformed = Some(BundleError::Malformed);
    let mut more = core.clone();
    more.domains
        .insert("anal".to_owned(), public(&mut roots.rng));
    let mut fewer = core.clone();
    fewer.domains.remove("mail");
    let (mut longer, mut over) = (core.clone(), core.clone());
    longer.expires = core.issued.plus(MOST_DAYS + 1);
    over.expires = core.issued.plus(-1);
    let signed = |payload: Vec<u8>| SignedCore {
        signatures: vec![RootSignature {
            root: Fixed(roots.root.public()),
            signature: Fixed(roots.root.sign(&payload)),
        }],
        payload: B64(payload),
    };
    for bad in [more, fewer, longer, over] {
        assert_eq!(bad.sign(&roots.root, None).err(), malformed);
        let forced = signed(serde_json::to_vec(&bad).unwrap());
        assert_eq!(forced.check_first().err(), malformed);
    }
    for payload in [&b""[..], b"{}", b"[]", b"\xff"] {
        assert_eq!(signed(payload.to_vec()).check_first().err(), malformed);
    }
}
