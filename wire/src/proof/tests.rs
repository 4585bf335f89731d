//! One text for each value, one value for each text.
#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;

const SESSION: &str = "000102030405060708090a0b0c0d0e0f";

fn text(number: &str) -> String {
    format!("{SESSION}.{number}.{}", b64::encode(&[7; 32]))
}

#[test]
fn what_is_written_is_read_again() {
    for number in [1, 9, 10, 256, u64::MAX] {
        let proof = RequestProof {
            session: SESSION.parse().unwrap(),
            number,
            mac: Mac::from_bytes([7; 32]),
        };
        assert_eq!(proof.to_string(), text(&number.to_string()));
        assert_eq!(proof.to_string().parse(), Ok(proof));
    }
}

#[test]
fn any_other_text_is_refused() {
    for number in [
        "0",
        "00",
        "01",
        "+1",
        "-1",
        "",
        " 1",
        "1 ",
        "1.0",
        "0x1",
        "1e3",
        "١",
        "18446744073709551616",
        "99999999999999999999999",
    ] {
        assert_eq!(
            text(number).parse::<RequestProof>(),
            Err(ProofError),
            "{number}"
        );
    }
    let good = text("1");
    for bad in [
        String::new(),
        ".".to_owned(),
        "..".to_owned(),
        format!("{good}."),
        format!("{good}.1"),
        format!(" {good}"),
        format!("{good} "),
        format!("{good}="),
        good.to_uppercase(),
        good[1..].to_owned(),
        good[..good.len() - 1].to_owned(),
        good.replace('.', " "),
        format!("Bearer {good}"),
    ] {
        assert_eq!(bad.parse::<RequestProof>(), Err(ProofError), "{bad}");
    }
}

#[test]
fn an_answer_bears_one_mac_of_32_bytes() {
    let mac = Mac::from_bytes([9; 32]);
    assert_eq!(read_mac(&mac_text(&mac)), Ok(mac));
    for length in [0, 16, 31, 33, 64] {
        assert_eq!(read_mac(&b64::encode(&vec![9; length])), Err(ProofError));
    }
    assert_eq!(read_mac(&format!("{}=", mac_text(&mac))), Err(ProofError));
}

proptest! {
    #[test]
    fn any_text_is_refused_or_canonical(text in "[0-9a-f]{31,33}\\.[0-9]{1,21}\\.[A-Za-z0-9_-]{42,44}") {
        if let Ok(proof) = text.parse::<RequestProof>() {
            prop_assert_eq!(proof.to_string(), text);
            prop_assert_ne!(proof.number, 0);
        }
    }

    #[test]
    fn no_text_at_all_makes_it_fail_otherwise(text: String) {
        prop_assert!(text.parse::<RequestProof>().is_err());
        let _ = read_mac(&text);
    }
}
