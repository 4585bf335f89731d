#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
use super::*;
use crate::rng::Random;
use crate::secret::Secret;
use crate::tests::outside;
use proptest::prelude::*;

pub(crate) fn issuer(byte: u8) -> IssuerKey {
    IssuerKey::from_seed(&Secret::new([byte; 32])).unwrap()
}

pub(crate) fn keys() -> CardKeys {
    CardKeys {
        issuers: vec![(6, issuer(9).public()), (7, issuer(1).public())],
        wraps: vec![WrapKey::from_bytes([1; 32]), WrapKey::from_bytes([2; 32])],
    }
}

fn month(number: u16) -> Month {
    Month::from_number(number).unwrap()
}

pub(crate) fn card(index: u32, expiry: u16) -> Card {
    let secret = CardSecret::from_bytes(std::array::from_fn(|at| u8::try_from(at).unwrap()));
    let blank = issuer(1)
        .sign_blank(7, index, month(expiry), &secret.commitment())
        .unwrap();
    Card::assemble(&secret, &blank, &WrapKey::from_bytes([2; 32]))
}

#[test]
fn lengths_are_fixed_whatever_the_values() {
    for (index, expiry) in [(0, 0), (23, 23), (u32::MAX, 255), (73_208, 46)] {
        let card = card(index, expiry);
        assert_eq!(card.expose().len(), 100);
        assert_eq!(card.to_text().len(), 150);
        let opened = card.open(&keys()).unwrap();
        assert_eq!((opened.index, opened.expiry), (index, month(expiry)));
        assert_eq!(opened.kid, 7);
    }
    let secret = CardSecret::from_bytes([0; 16]);
    let late = issuer(1).sign_blank(7, 0, month(256), &secret.commitment());
    assert_eq!(late, Err(CardError::Expiry));
}

#[test]
fn every_flipped_bit_is_refused() {
    let good = card(73_208, 46);
    assert!(good.open(&keys()).is_ok());
    for at in 0..CARD_BYTES {
        for bit in 0..8 {
            let mut bytes = *good.expose();
            bytes[at] ^= 1 << bit;
            assert!(Card(bytes).open(&keys()).is_err(), "byte {at} bit {bit}");
        }
    }
}

#[test]
fn every_other_text_is_refused() {
    let text = card(73_208, 46).to_text();
    for end in 0..text.len() {
        assert_eq!(Card::from_text(&text[..end]), Err(CardError::NotACard));
    }
    for longer in [format!("{text}0"), format!(" {text}"), format!("{text}\n")] {
        assert_eq!(Card::from_text(&longer), Err(CardError::NotACard));
    }
    assert_eq!(
        Card::from_text(&text.to_lowercase()),
        Err(CardError::NotACard)
    );
    for naughty in outside::naughty_strings() {
        assert_eq!(Card::from_text(&naughty), Err(CardError::NotACard));
        // The same padded to the length of a card.
        let padded: String = naughty.chars().cycle().take(150).collect();
        if let Ok(card) = Card::from_text(&padded) {
            assert!(card.open(&keys()).is_err());
        }
    }
}

#[test]
fn foreign_issuers_and_wraps_are_refused() {
    let card = card(1, 30);
    let mut foreign = keys();
    foreign.issuers = vec![(7, issuer(3).public())];
    assert_eq!(card.open(&foreign), Err(CardError::Forged));
    foreign.issuers = vec![(6, issuer(1).public())];
    assert_eq!(card.open(&foreign), Err(CardError::Unrecognised));
    let mut unwrapped = keys();
    unwrapped.wraps = vec![WrapKey::from_bytes([3; 32])];
    assert_eq!(card.open(&unwrapped), Err(CardError::Unrecognised));
    assert_eq!(
        card.open(&CardKeys::default()),
        Err(CardError::Unrecognised)
    );
}

/// A blank signed for one commitment is worth nothing on another secret.
#[test]
fn a_blank_belongs_to_its_secret() {
    let mut rng = Random::seeded([1; 32]);
    let (one, two) = (CardSecret::random(&mut rng), CardSecret::random(&mut rng));
    let blank = issuer(1).sign_blank(7, 1, month(30), &one.commitment());
    let wrap = WrapKey::from_bytes([2; 32]);
    let blank = blank.unwrap();
    assert!(Card::assemble(&one, &blank, &wrap).open(&keys()).is_ok());
    assert_eq!(
        Card::assemble(&two, &blank, &wrap).open(&keys()),
        Err(CardError::Forged)
    );
}

/// Who issued, carried or printed the commitment cannot withdraw the card; who read it can, and no other one.
#[test]
fn only_a_reader_of_the_card_can_withdraw_it() {
    let issuers = keys().issuers;
    let opened = card(73_208, 46).open(&keys()).unwrap();
    let proof = opened.revocation();
    assert_eq!(proof.check(&issuers), Ok(73_208));
    assert_eq!(proof.token.commitment(), opened.secret.commitment());
    // The commitment itself, padded or repeated, is no token; nor is the secret, which the terminal never sends.
    let commitment = *opened.secret.commitment().as_bytes();
    let secret = *opened.secret.expose();
    for half in [commitment, secret] {
        for other in [[half, half], [half, [0; 16]], [[0; 16], half]] {
            let bytes: [u8; 32] = other.concat().try_into().unwrap();
            let token = RevokeToken::from_bytes(bytes);
            let forged = Revocation {
                blank: proof.blank,
                token,
            };
            assert_eq!(forged.check(&issuers), Err(CardError::Forged));
        }
    }
    // Every bit of the token counts; another card's blank does not go with it.
    for bit in 0..256 {
        let mut bytes = *proof.token.expose();
        bytes[bit / 8] ^= 1 << (bit % 8);
        let token = RevokeToken::from_bytes(bytes);
        let forged = Revocation {
            blank: proof.blank,
            token,
        };
        assert_eq!(forged.check(&issuers), Err(CardError::Forged));
    }
    let other = CardSecret::from_bytes([8; 16]);
    let blank = issuer(1).sign_blank(7, 9, month(46), &other.commitment());
    let moved = Revocation {
        blank: blank.unwrap(),
        token: proof.token.clone(),
    };
    assert_eq!(moved.check(&issuers), Err(CardError::Forged));
    let foreign = [(7, issuer(3).public())];
    assert_eq!(proof.check(&foreign), Err(CardError::Forged));
    assert_eq!(proof.check(&[]), Err(CardError::Unrecognised));
}

/// The same fields in shorter or longer heads, in another order, tagged, or with an unprotected
/// header: all refused although the signature would verify.
#[test]
fn one_encoding_only() {
    use crate::cbor::Writer;
    use crate::cose::sign1;
    use crate::sign::SigningKey;
    let secret = CardSecret::from_bytes([0; 16]);
    let commitment = secret.commitment();
    let signer = SigningKey::from_seed(&Secret::new([1; 32])).unwrap();
    let protected = outside::hex("a20132044107");
    let make = |tagged, protected: &[u8], payload: &[u8]| {
        sign1(tagged, protected, commitment.as_bytes(), payload, |bytes| {
            signer.sign_raw(bytes)
        })
    };
    let good = make(false, &protected, &outside::hex("821a00000001181e"));
    assert!(SignedBlank::parse(&good).is_some());
    for payload in [
        "8201181e",
        "820117",
        "831a00000001181e00",
        "821a000000011900001e",
    ] {
        let bytes = make(false, &protected, &outside::hex(payload));
        assert!(SignedBlank::parse(&bytes).is_none(), "{payload}");
    }
    // Eight bytes of payload in another split: index in two bytes, month in four.
    let swapped = make(false, &protected, &outside::hex("821900011a0000001e"));
    assert!(SignedBlank::parse(&swapped).is_none());
    let tagged = make(true, &protected, &outside::hex("821a00000001181e"));
    assert!(SignedBlank::parse(&tagged).is_none());
    let reordered = outside::hex("a20441070132");
    let bytes = make(false, &reordered, &outside::hex("821a00000001181e"));
    assert_eq!(bytes.len(), 84);
    assert!(SignedBlank::parse(&bytes).is_none());
    let eddsa = outside::hex("a20127044107");
    let bytes = make(false, &eddsa, &outside::hex("821a00000001181e"));
    assert!(SignedBlank::parse(&bytes).is_none());
    let crowded = Writer::new().array(4).bytes(&protected).map(1).integer(4);
    let crowded = crowded.bytes(&[7]).bytes(b"").bytes(&[0; 64]).finish();
    assert!(SignedBlank::parse(&crowded).is_none());
}

#[test]
fn nothing_secret_is_printed() {
    let card = card(73_208, 46);
    let opened = card.open(&keys()).unwrap();
    assert_eq!(format!("{card:?}"), "Card(..)");
    assert!(format!("{opened:?}").contains("Secret(..)"));
    assert!(!format!("{:?}", keys().wraps).contains('2'));
}

/// Without the wrap key a card shows no structure: all its bytes change with the secret.
#[test]
fn cards_look_random() {
    let mut rng = Random::seeded([8; 32]);
    let mut counts = [[0u16; 2]; CARD_BYTES];
    for _ in 0..200 {
        let secret = CardSecret::random(&mut rng);
        let blank = issuer(1).sign_blank(7, 1, month(30), &secret.commitment());
        let card = Card::assemble(&secret, &blank.unwrap(), &WrapKey::from_bytes([2; 32]));
        for (count, byte) in counts.iter_mut().zip(card.expose()) {
            count[usize::from(byte & 1)] += 1;
        }
    }
    for (at, [zero, one]) in counts.iter().enumerate() {
        assert!(zero.min(one) > &50, "byte {at}: {zero} {one}");
    }
}

proptest! {
    #[test]
    fn arbitrary_cards_never_open(first in any::<[u8; 32]>(), rest in any::<[u8; 32]>()) {
        let bytes: [u8; CARD_BYTES] = std::array::from_fn(|at| first[at % 32] ^ rest[at % 31]);
        prop_assert!(Card(bytes).open(&keys()).is_err());
    }

    #[test]
    fn arbitrary_blanks_never_panic(bytes in proptest::collection::vec(any::<u8>(), 84)) {
        prop_assert!(SignedBlank::parse(&bytes).is_none());
    }

    #[test]
    fn text_round_trip(index: u32, expiry in 0u16..256) {
        let card = card(index, expiry);
        prop_assert_eq!(Card::from_text(&card.to_text()).unwrap(), card);
    }
}

#[test]
fn every_doubtful_signature_is_refused_behind_the_wrap() {
    let file = outside::kept("edge/card-signatures.json");
    assert_eq!(edge::signatures(&file).unwrap(), 30);
}

#[test]
fn every_other_encoding_is_refused_behind_the_wrap() {
    let file = outside::kept("edge/card-cbor.json");
    assert_eq!(edge::encodings(&file).unwrap(), 30);
}
