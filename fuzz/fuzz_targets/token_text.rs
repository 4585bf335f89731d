#![no_main]
//! Any text as a token, an invitation, an id, a day, a domain and the codes of reports.

use crypto::day::{Day, Month, Quarter};
use crypto::domain::Domain;
use crypto::id::ProviderId;
use crypto::invitation::Invitation;
use crypto::report::{Kind, ServiceCode, Site};
use crypto::token;
use libfuzzer_sys::fuzz_target;
use std::fmt::Display;
use std::str::FromStr;

fn same_again<T: FromStr + Display>(text: &str) {
    if let Ok(value) = text.parse::<T>() {
        assert_eq!(value.to_string(), text);
    }
}

fuzz_target!(|text: &str| {
    let _ = token::role_hash(text);
    if let Ok(read) = Invitation::read(text) {
        assert_eq!(read.text().text(), text);
    }
    same_again::<Day>(text);
    same_again::<Month>(text);
    same_again::<Quarter>(text);
    same_again::<Domain>(text);
    same_again::<ProviderId>(text);
    same_again::<Site>(text);
    same_again::<ServiceCode>(text);
    same_again::<Kind>(text);
});
