#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
use super::*;
use crate::hpke::HpkeSecret;
use crate::rng::Random;
use proptest::prelude::*;

fn terms(inviter: Inviter) -> Terms {
    Terms {
        root: [9; 32],
        role: 3,
        provider: Some(ProviderId::from_bytes([7; 16])),
        inviter,
        day: "2026-11-22".parse().unwrap(),
    }
}

fn inviters() -> [Inviter; 3] {
    let key = HpkeSecret::generate(&mut Random::seeded([4; 32])).public();
    [
        Inviter::CommandLine,
        Inviter::Operator(key),
        Inviter::Administrator(key),
    ]
}

#[test]
fn an_invitation_carries_root_key_place_and_inviter() {
    let mut rng = Random::seeded([1; 32]);
    for inviter in inviters() {
        let drawn = Invitation::draw(terms(inviter), &mut rng);
        let text = drawn.text();
        assert!(text.text().starts_with("pyi_"));
        assert_eq!(text.text().len(), 4 + 136);
        let read = Invitation::read(text.text()).unwrap();
        assert_eq!(read.terms(), &terms(inviter));
        assert_eq!(read.hash(), drawn.hash());
        assert_eq!(read.proof_key(), drawn.proof_key());
        assert_eq!(format!("{read:?}"), "Invitation(..)");
    }
    let operators = Terms {
        provider: None,
        ..terms(Inviter::CommandLine)
    };
    let drawn = Invitation::draw(operators.clone(), &mut rng);
    let read = Invitation::read(drawn.text().text()).unwrap();
    assert_eq!(read.terms(), &operators);
}

/// What is altered on its way is another invitation, of which the service has no hash, or none.
#[test]
fn every_altered_byte_is_another_invitation_or_none() {
    let mut rng = Random::seeded([2; 32]);
    let drawn = Invitation::draw(terms(inviters()[2]), &mut rng);
    let bytes = drawn.to_bytes();
    let proof = drawn.proof_key();
    for at in 0..BYTES {
        let mut altered = bytes.to_vec();
        altered[at] ^= 1;
        let text = Token::write(INVITATION, &altered);
        if let Ok(other) = Invitation::read(text.text()) {
            assert_ne!(other.hash(), drawn.hash(), "byte {at}");
            assert_ne!(other.proof_key(), proof, "byte {at}");
        }
    }
    // One text for one invitation: nobody's key beside the command line is refused.
    let mut keyed = Invitation::draw(terms(Inviter::CommandLine), &mut rng)
        .to_bytes()
        .to_vec();
    keyed[70] = 1;
    assert!(Invitation::read(Token::write(INVITATION, &keyed).text()).is_err());
    keyed[70] = 0;
    assert!(Invitation::read(Token::write(INVITATION, &keyed).text()).is_ok());
    keyed[65] = 3;
    assert!(Invitation::read(Token::write(INVITATION, &keyed).text()).is_err());
}

#[test]
fn a_proof_is_good_for_one_invitation_place_name_and_key() {
    let mut rng = Random::seeded([3; 32]);
    let drawn = Invitation::draw(terms(inviters()[2]), &mut rng);
    let key = drawn.proof_key();
    let (public, provider) = (
        HpkeSecret::generate(&mut rng).public(),
        ProviderId::from_bytes([7; 16]),
    );
    let who = Registrant {
        provider: Some(&provider),
        role: 2,
        handle: "budi",
        public: &public,
    };
    let proof = key.prove(&who);
    assert!(key.proves(&who, &proof));
    let (other, elsewhere) = (
        HpkeSecret::generate(&mut rng).public(),
        ProviderId::from_bytes([8; 16]),
    );
    let with = |public, provider, handle| Registrant {
        public,
        provider,
        handle,
        ..who
    };
    for wrong in [
        with(&other, Some(&provider), "budi"),
        with(&public, Some(&elsewhere), "budi"),
        with(&public, None, "budi"),
        with(&public, Some(&provider), "budi2"),
        Registrant { role: 3, ..who },
    ] {
        assert!(!key.proves(&wrong, &proof));
    }
    let another = Invitation::draw(drawn.terms().clone(), &mut rng);
    assert!(!another.proof_key().proves(&who, &proof));
    // What the service is shown makes no proof.
    for known in [*drawn.opener().expose(), *drawn.hash().as_bytes()] {
        let guess = ProofKey::new(Secret::new(known));
        assert!(!key.proves(&who, &guess.prove(&who)));
    }
}

#[test]
fn kinds_do_not_mix() {
    let mut rng = Random::seeded([1; 32]);
    let (role, _) = Token::role(&mut rng);
    let invitation = Invitation::draw(terms(Inviter::CommandLine), &mut rng).text();
    assert_eq!(token::role_hash(invitation.text()), Err(TokenError));
    assert!(Invitation::read(role.text()).is_err());
    for (token, from, to) in [(&role, "pyr_", "pyi_"), (&invitation, "pyi_", "pyr_")] {
        let renamed = token.text().replace(from, to);
        assert!(token::role_hash(&renamed).is_err() && Invitation::read(&renamed).is_err());
    }
    for kind in InviterKind::ALL {
        assert_eq!(kind.as_str().parse::<InviterKind>().unwrap(), kind);
        assert_eq!(InviterKind::from_code(kind.code()), Some(kind));
        let json = serde_json::to_string(&kind).unwrap();
        assert_eq!(json, format!("\"{}\"", kind.as_str()));
    }
}

proptest! {
    #[test]
    fn what_is_read_is_written_again(bytes in prop::collection::vec(any::<u8>(), BYTES)) {
        let text = Token::write(INVITATION, &bytes);
        if let Ok(read) = Invitation::read(text.text()) {
            prop_assert_eq!(&read.to_bytes()[..], &bytes[..]);
        }
    }

    #[test]
    fn any_text_is_refused_or_canonical(text in "(pyr_|pyi_)?[A-Za-z0-9_-]{130,140}") {
        if let Ok(read) = Invitation::read(&text) {
            let written = read.text();
            prop_assert_eq!(written.text(), &text[..]);
        }
    }
}
