#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
use super::staff::{How, StaffAct, StaffName};
use super::*;
use crate::b64::Fixed;
use crate::hpke::HpkePublic;
use crate::invitation::InviterKind;
use crate::rng::Random;
use proptest::prelude::*;
use std::num::NonZeroU16;

fn entry(kind: EntryKind) -> Line {
    let entry = RosterEntry {
        pseudonym: Pseudonym::from_bytes([0xaa; 16]),
        day: "2026-03-01".parse().unwrap(),
        kind,
    };
    entry.into()
}

fn about_staff(name: &str, act: StaffAct) -> Line {
    let entry = StaffEntry {
        key: HpkePublic::from_bytes([4; 32]),
        name: name.to_owned().try_into().unwrap(),
        role: 3,
        invited: InviterKind::Operator,
        on: "2026-03-01".parse().unwrap(),
        day: "2026-03-02".parse().unwrap(),
        act,
    };
    entry.into()
}

fn witness() -> Witness {
    Witness::from_bytes(&std::array::from_fn(|at| u8::try_from(at).unwrap()))
}

fn note(text: &str) -> Line {
    entry(EntryKind::Note {
        text: text.to_owned().try_into().unwrap(),
    })
}

fn kinds() -> Vec<EntryKind> {
    let service = || "s".repeat(24).parse::<ServiceCode>().unwrap();
    let site = || format!("{0}/{0}", "x".repeat(32)).parse::<Site>().unwrap();
    let covered_until = Some("2026-03-29".parse().unwrap());
    vec![
        EntryKind::Visit {
            service: service(),
            site: site(),
            quantity: NonZeroU16::new(65_535),
            covered_until,
        },
        EntryKind::Exited {
            service: service(),
            site: site(),
            reason: ExitReason::Transferred,
        },
        EntryKind::Consent { given: true },
        EntryKind::Attempt {
            outcome: Attempt::NotReached,
        },
        EntryKind::Continued {
            previous: Pseudonym::from_bytes([1; 16]),
        },
        EntryKind::Enrolled {
            service: "nsp".parse().unwrap(),
            site: "medan/central".parse().unwrap(),
            consent: true,
            group: None,
            covered_until,
        },
        EntryKind::Result {
            service: "hts".parse().unwrap(),
            site: "medan/central".parse().unwrap(),
            code: "negative".parse().unwrap(),
        },
    ]
}

#[test]
fn ordinary_entries_share_two_sizes_and_round_trip() {
    let mut rng = Random::seeded([1; 32]);
    let (key, provider) = (DataKey::random(&mut rng), ProviderId::random(&mut rng));
    for kind in kinds() {
        let (id, entry) = (EntryId::random(&mut rng), entry(kind));
        let sealed = seal(&key, &provider, &id, &entry, &witness(), &mut rng).unwrap();
        assert!([372, 628].contains(&sealed.len()));
        assert_eq!(open(&key, &provider, &id, &sealed), Ok((entry, witness())));
    }
}

#[test]
fn lines_about_staff_round_trip_in_the_sizes_of_all_others() {
    let mut rng = Random::seeded([5; 32]);
    let (key, provider) = (DataKey::random(&mut rng), ProviderId::random(&mut rng));
    let by = HpkePublic::from_bytes([9; 32]);
    let given = |how| StaffAct::Given { by, how };
    for act in [
        StaffAct::Founded,
        given(How::Invitation(Fixed([7; 16]))),
        given(How::Typed),
    ] {
        for name in ["budi".to_owned(), "b".repeat(64)] {
            let (id, line) = (EntryId::random(&mut rng), about_staff(&name, act));
            let sealed = seal(&key, &provider, &id, &line, &witness(), &mut rng).unwrap();
            assert!([372, 628].contains(&sealed.len()));
            assert_eq!(open(&key, &provider, &id, &sealed), Ok((line, witness())));
        }
    }
    for bad in ["", "Budi", "b d", &"b".repeat(65), "b\u{7}"] {
        assert!(StaffName::try_from(bad.to_owned()).is_err());
    }
    let Line::Staff(line) = about_staff("budi", given(How::Typed)) else {
        panic!("made about staff");
    };
    assert!(line.founding().is_none());
    assert!(!format!("{line:?}").contains("budi"));
}

#[test]
fn an_entry_cannot_be_moved_renamed_or_altered() {
    let mut rng = Random::seeded([2; 32]);
    let (key, provider) = (DataKey::random(&mut rng), ProviderId::random(&mut rng));
    let id = EntryId::random(&mut rng);
    let sealed = seal(&key, &provider, &id, &note("x"), &witness(), &mut rng).unwrap();
    let refused = Err(RosterError::Sealed);
    let other = EntryId::random(&mut rng);
    assert_eq!(open(&key, &provider, &other, &sealed), refused);
    let elsewhere = ProviderId::random(&mut rng);
    assert_eq!(open(&key, &elsewhere, &id, &sealed), refused);
    let another_key = DataKey::random(&mut rng);
    assert_eq!(open(&another_key, &provider, &id, &sealed), refused);
    for at in 0..sealed.len() {
        let mut bad = sealed.clone();
        bad[at] ^= 0x40;
        assert_eq!(open(&key, &provider, &id, &bad), refused);
        assert_eq!(open(&key, &provider, &id, &sealed[..at]), refused);
    }
}

#[test]
fn sealed_nonsense_is_refused() {
    let mut rng = Random::seeded([3; 32]);
    let (key, provider) = (DataKey::random(&mut rng), ProviderId::random(&mut rng));
    let id = EntryId::random(&mut rng);
    let named = r#"{"pseudonym":"00000000000000000000000000000000","day":"2026-01-01","kind":{"type":"consent","given":true},"name":"x"}"#;
    for plain in [
        padding::pad(b"{}", 256).unwrap(),
        padding::pad(named.as_bytes(), 256).unwrap(),
        padding::pad(b"{}", 300).unwrap(),
        vec![0xff; 512],
        Vec::new(),
    ] {
        let place = place(&provider, &id);
        let roster_key = key.roster_key();
        let plain = [&[0; WITNESS_BYTES][..], &plain].concat();
        let sealed = crate::seal::seal(
            roster_key.expose(),
            label::ROSTER_SEAL,
            &place,
            &plain,
            &mut rng,
        );
        assert_eq!(
            open(&key, &provider, &id, &sealed.unwrap()),
            Err(RosterError::Malformed)
        );
    }
}

#[test]
fn notes_are_bounded_and_not_printed() {
    assert!(NoteText::try_from("x".repeat(MAX_NOTE_BYTES + 1)).is_err());
    assert!(NoteText::try_from("a\u{7}b".to_owned()).is_err());
    assert!(NoteText::try_from("a\nb é".to_owned()).is_ok());
    assert!(!format!("{:?}", note("secret words")).contains("secret"));
    let json = format!(r#"{{"type":"note","text":"{}"}}"#, "x".repeat(401));
    assert!(serde_json::from_str::<EntryKind>(&json).is_err());
}

proptest! {
    #[test]
    fn any_note_fits(text in "\\PC{0,133}") {
        prop_assume!(text.len() <= MAX_NOTE_BYTES && !text.chars().any(char::is_control));
        let mut rng = Random::seeded([4; 32]);
        let (key, provider) = (DataKey::random(&mut rng), ProviderId::random(&mut rng));
        let id = EntryId::random(&mut rng);
        let sealed = seal(&key, &provider, &id, &note(&text), &witness(), &mut rng).unwrap();
        prop_assert!([372, 628, 1140].contains(&sealed.len()));
        prop_assert_eq!(open(&key, &provider, &id, &sealed).unwrap(), (note(&text), witness()));
    }

    #[test]
    fn arbitrary_bytes_never_open(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let key = DataKey::from_bytes([1; 32]);
        let provider = ProviderId::from_bytes([2; 16]);
        prop_assert!(open(&key, &provider, &EntryId::from_bytes([3; 16]), &bytes).is_err());
    }
}
