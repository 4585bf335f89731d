#![no_main]
//! Any text as the header of a request and of its answer, and any order of numbers in a session's window.

use crypto::request::{SIZE, Window};
use libfuzzer_sys::fuzz_target;
use std::collections::BTreeSet;
use wire::RequestProof;
use wire::proof::{mac_text, read_mac};

fuzz_target!(|input: (&str, Vec<u16>)| {
    let (text, numbers) = input;
    if let Ok(proof) = text.parse::<RequestProof>() {
        assert_ne!(proof.number, 0);
        assert_eq!(proof.to_string(), text);
    }
    if let Ok(mac) = read_mac(text) {
        assert_eq!(mac_text(&mac), text);
    }
    let (mut window, mut taken) = (Window::default(), BTreeSet::new());
    for number in numbers.into_iter().map(u64::from) {
        let highest = taken.last().copied().unwrap_or(0);
        let fresh = number > 0 && number + SIZE > highest && taken.insert(number);
        assert_eq!(window.take(number), fresh);
    }
});
