//! What a PostgreSQL address may ask for, and what is said when the server refuses.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::thread::JoinHandle;

use crate::{DbError, Location, Room, Store};

const SECRET: &str = "needle4417";

async fn refused(address: &str) -> DbError {
    let location = Location::Postgres(address.to_owned());
    let error = Store::open(&location, Room::Identity).await.unwrap_err();
    assert!(!format!("{error} {error:?}").contains(SECRET), "{error:?}");
    error
}

/// A server of one connection that answers what comes with `words` and keeps what it read.
fn server(words: &'static [&'static [u8]]) -> (u16, JoinHandle<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let told = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let patience = Some(std::time::Duration::from_secs(10));
        stream.set_read_timeout(patience).unwrap();
        let (mut all, mut part) = (Vec::new(), [0; 4_096]);
        for word in words {
            let count = stream.read(&mut part).unwrap_or(0);
            all.extend_from_slice(&part[..count]);
            let _ = stream.write_all(word);
        }
        // What the other side says to the last word, if anything.
        let count = stream.read(&mut part).unwrap_or(0);
        all.extend_from_slice(&part[..count]);
        all
    });
    (port, told)
}

/// The server's "no" with this SQLSTATE.
fn no(state: &str) -> Vec<u8> {
    let fields = format!("SFATAL\0VFATAL\0C{state}\0Mneedle4417\0\0");
    let length = u32::try_from(fields.len() + 4).unwrap().to_be_bytes();
    [b"E".as_slice(), &length, fields.as_bytes()].concat()
}

#[tokio::test]
async fn an_address_that_is_none_says_what_is_wrong_with_it() {
    for (address, expected) in [
        ("mysql://u:needle4417@127.0.0.1/x", DbError::Scheme),
        ("needle4417", DbError::Scheme),
        ("postgres://u:needle4417/x@127.0.0.1/x", DbError::Address),
        ("postgres://u:needle4417#x@127.0.0.1/x", DbError::Address),
        (
            "postgres://u:needle4417@127.0.0.1/x?sslmode=yes",
            DbError::Address,
        ),
    ] {
        assert_eq!(refused(address).await, expected);
    }
}

#[tokio::test]
async fn off_this_host_nothing_but_a_verified_server_will_do() {
    for weak in [
        "",
        "?sslmode=disable",
        "?sslmode=prefer",
        "?sslmode=require",
        "?sslmode=verify-ca",
    ] {
        for host in ["db.example", "192.0.2.7", "[2001:db8::7]"] {
            let address = format!("postgres://u:{SECRET}@{host}/x{weak}");
            assert_eq!(refused(&address).await, DbError::Bare, "{host}{weak}");
        }
    }
}

#[tokio::test]
async fn tls_is_spoken_and_nothing_is_said_without_it() {
    let (port, told) = server(&[b"S", b"this is no server hello"]);
    let address = format!("postgres://u:{SECRET}@127.0.0.1:{port}/x?sslmode=verify-full");
    assert_eq!(refused(&address).await, DbError::Tls);
    let told = told.join().unwrap();
    // The request for TLS, then a handshake record.
    assert_eq!(told[..8], [0, 0, 0, 8, 4, 210, 22, 47]);
    assert_eq!(told[8..10], [22, 3]);

    let (port, told) = server(&[b"N"]);
    let address = format!("postgres://u:{SECRET}@127.0.0.1:{port}/x?sslmode=verify-full");
    assert_eq!(refused(&address).await, DbError::Tls);
    assert_eq!(told.join().unwrap().len(), 8);
}

#[tokio::test]
async fn a_refusal_names_its_cause() {
    for (state, expected) in [
        ("28P01", DbError::Login),
        ("28000", DbError::Login),
        ("3D000", DbError::NoDatabase),
        ("42501", DbError::Permission),
        ("53100", DbError::Full),
        ("53300", DbError::Crowded),
    ] {
        let words: &'static [&'static [u8]] =
            Box::leak(Box::new([&*Box::leak(no(state).into_boxed_slice())]));
        let (port, told) = server(words);
        let address = format!("postgres://u:{SECRET}@127.0.0.1:{port}/x?sslmode=disable");
        assert_eq!(refused(&address).await, expected, "{state}");
        told.join().unwrap();
    }
}
