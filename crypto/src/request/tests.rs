//! MACs: every part counts, nothing fits elsewhere.

use super::vectors::{answered, asked, keys, log_in};
use super::*;

const OTHER: SessionId = SessionId::from_bytes([5; 16]);

#[test]
fn every_part_of_a_request_counts() {
    let (keys, base) = (keys(), asked());
    let mac = keys.request(&base);
    assert_eq!(keys.check_request(&base, &mac), Ok(()));
    let altered = [
        Request {
            session: &OTHER,
            ..base
        },
        Request { number: 8, ..base },
        Request { number: 0, ..base },
        Request {
            method: "PUT",
            ..base
        },
        Request { method: "", ..base },
        Request {
            target: "/v1/roster?after=4",
            ..base
        },
        Request {
            target: "/v1/roster",
            ..base
        },
        Request {
            body: b"{ }",
            ..base
        },
        Request { body: b"", ..base },
    ];
    for (at, altered) in altered.iter().enumerate() {
        assert_eq!(keys.check_request(altered, &mac), Err(Unproven), "{at}");
    }
}

#[test]
fn the_same_bytes_with_the_border_elsewhere_are_another_request() {
    let (keys, base) = (keys(), asked());
    let mac = keys.request(&base);
    for (method, target) in [
        ("POST/", "v1/roster?after=3"),
        ("POS", "T/v1/roster?after=3"),
        ("", "POST/v1/roster?after=3"),
    ] {
        let moved = Request {
            method,
            target,
            ..base
        };
        assert_eq!(keys.check_request(&moved, &mac), Err(Unproven), "{method}");
    }
}

#[test]
fn every_part_of_an_answer_counts() {
    let (keys, base) = (keys(), answered());
    let mac = keys.answer(&base);
    assert_eq!(keys.check_answer(&base, &mac), Ok(()));
    let altered = [
        Answer {
            session: &OTHER,
            ..base
        },
        Answer { number: 8, ..base },
        Answer {
            number: LOGIN,
            ..base
        },
        Answer {
            status: 201,
            ..base
        },
        Answer {
            status: 404,
            ..base
        },
        Answer { body: b"", ..base },
        Answer {
            body: b"{}\n",
            ..base
        },
    ];
    for (at, altered) in altered.iter().enumerate() {
        assert_eq!(keys.check_answer(altered, &mac), Err(Unproven), "{at}");
    }
}

#[test]
fn every_bit_of_a_mac_counts() {
    let (keys, asked, answered) = (keys(), asked(), answered());
    let (one, two) = (keys.request(&asked), keys.answer(&answered));
    for bit in 0..256 {
        let flip = |mac: Mac| {
            let mut bytes = *mac.as_bytes();
            bytes[bit / 8] ^= 1 << (bit % 8);
            Mac::from_bytes(bytes)
        };
        assert!(keys.check_request(&asked, &flip(one)).is_err());
        assert!(keys.check_answer(&answered, &flip(two)).is_err());
    }
}

#[test]
fn keys_belong_to_one_log_in_one_terminal_and_one_person() {
    let (terminal, staff) = (
        TerminalId::from_bytes([2; 16]),
        StaffId::from_bytes([3; 16]),
    );
    let mut session_key = [1; 64];
    session_key[63] ^= 1;
    let others = [
        RequestKeys::derive(&SessionKey(Secret::new(session_key)), &terminal, &staff),
        RequestKeys::derive(&log_in(), &TerminalId::from_bytes([9; 16]), &staff),
        RequestKeys::derive(&log_in(), &terminal, &StaffId::from_bytes([9; 16])),
        // Terminal and person exchanged.
        RequestKeys::derive(
            &log_in(),
            &TerminalId::from_bytes([3; 16]),
            &StaffId::from_bytes([2; 16]),
        ),
    ];
    for other in others {
        assert!(
            other
                .check_request(&asked(), &keys().request(&asked()))
                .is_err()
        );
        assert!(
            other
                .check_answer(&answered(), &keys().answer(&answered()))
                .is_err()
        );
    }
}

/// What goes one way is worth nothing the other way.
#[test]
fn requests_and_answers_have_keys_of_their_own() {
    let keys = keys();
    assert_ne!(keys.request, keys.answer);
    assert!(
        keys.check_answer(&answered(), &keys.request(&asked()))
            .is_err()
    );
    assert!(
        keys.check_request(&asked(), &keys.answer(&answered()))
            .is_err()
    );
}

#[test]
fn nothing_secret_is_printed() {
    let keys = keys();
    assert_eq!(
        format!("{keys:?} {:?}", keys.request(&asked())),
        "RequestKeys { request: Secret(..), answer: Secret(..) } Mac(..)"
    );
}

/// The framing once more, written out: what a second implementation must do.
#[test]
fn the_framing_is_lengths_and_bytes() {
    let mut framed = Vec::new();
    for part in [
        &[4; 16][..],
        &7_u64.to_be_bytes(),
        b"POST",
        b"/v1/roster?after=3",
        &digest::hash(b"{}"),
    ] {
        framed.extend_from_slice(&(part.len() as u64).to_be_bytes());
        framed.extend_from_slice(part);
    }
    let keys = keys();
    let expected = digest::keyed(keys.request.expose(), &framed);
    assert_eq!(keys.request(&asked()).as_bytes(), &expected);
}
