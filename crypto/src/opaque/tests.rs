//! RFC 9807 vectors for this suite through this module, and the behaviour of the whole.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::rng::Random;
use crate::tests::outside::{hex, kept};

#[test]
fn rfc_9807_real_users() {
    assert_eq!(vectors::real(&kept("rfc9807/vectors.json")).unwrap(), 2);
}

#[test]
fn rfc_9807_unknown_users() {
    assert_eq!(vectors::unknown(&kept("rfc9807/vectors.json")).unwrap(), 1);
}

const PASSWORD: &[u8] = b"correct horse battery staple";

fn registered(rng: &mut Random) -> (ServerSetup, StoredRecord, ExportKey) {
    let setup = ServerSetup::generate(rng);
    let (state, request) = ClientRegistration::start(PASSWORD, rng).unwrap();
    let response = register(&setup, &request, b"handle").unwrap();
    let done = state.finish(&response, rng).unwrap();
    assert_eq!(done.server_public, setup.public_key());
    let record = StoredRecord::from_upload(&done.record).unwrap();
    (setup, record, done.export_key)
}

#[test]
fn the_right_password_logs_in_and_finds_its_export_key_again() {
    let mut rng = Random::seeded([1; 32]);
    let (setup, record, export_key) = registered(&mut rng);
    let setup = ServerSetup::from_bytes(setup.to_bytes().expose()).unwrap();
    let record = StoredRecord::from_bytes(record.as_bytes()).unwrap();
    let (client, ke1) = ClientLogin::start(PASSWORD, &mut rng).unwrap();
    let (server, ke2) = login_start(&setup, Some(&record), &ke1, b"handle", &mut rng).unwrap();
    let done = client.finish(&ke2, &mut rng).unwrap();
    assert_eq!(done.export_key, export_key);
    assert_eq!(done.server_public, setup.public_key());
    assert_eq!(
        server.finish(Purpose::Password, &done.ke3).unwrap(),
        done.session_key
    );
}

/// The context is part of what both sides agree on: with another one, or none, the same password opens nothing.
#[test]
fn a_log_in_of_another_purpose_does_not_fit() {
    let mut rng = Random::seeded([1; 32]);
    let (setup, record, _) = registered(&mut rng);
    for (purpose, context) in [
        (Purpose::Password, "payung 2026-11 v1 staff log-in"),
        (Purpose::Pin, "payung 2026-11 v1 PIN log-in"),
    ] {
        assert_eq!(purpose.binding().context, Some(context.as_bytes()));
    }
    let other = Binding {
        context: Some(b"payung 2026-11 v1 recovery"),
        ..Binding::default()
    };
    for binding in [Binding::default(), other, Purpose::Pin.binding()] {
        let (client, ke1) = ClientLogin::start(PASSWORD, &mut rng).unwrap();
        let answer = login_answer(&setup, Some(&record), &ke1, b"handle", binding, &mut rng);
        let refused = client.finish(&answer.unwrap().1, &mut rng).unwrap_err();
        assert_eq!(refused, OpaqueError::Refused);
        let (client, ke1) = login_begin::<Stretch>(PASSWORD, &mut rng).unwrap();
        let (server, ke2) = login_start(&setup, Some(&record), &ke1, b"handle", &mut rng).unwrap();
        let refused = login_end(client, PASSWORD, &ke2, binding, &mut rng).unwrap_err();
        assert_eq!(refused, OpaqueError::Refused);
        assert_eq!(
            server.finish(Purpose::Password, &[7; 64]),
            Err(OpaqueError::Refused)
        );
    }
}

#[test]
fn wrong_password_unknown_user_and_wrong_handle_look_alike() {
    let mut rng = Random::seeded([1; 32]);
    let (setup, record, _) = registered(&mut rng);
    let attempts: [(&[u8], Option<&StoredRecord>, &[u8]); 3] = [
        (b"wrong", Some(&record), b"handle"),
        (PASSWORD, None, b"handle"),
        (PASSWORD, Some(&record), b"another"),
    ];
    for (password, record, credential) in attempts {
        let (client, ke1) = ClientLogin::start(password, &mut rng).unwrap();
        let (server, ke2) = login_start(&setup, record, &ke1, credential, &mut rng).unwrap();
        assert_eq!(ke2.len(), 320);
        let refused = client.finish(&ke2, &mut rng).unwrap_err();
        assert_eq!(refused, OpaqueError::Refused);
        assert_eq!(
            server.finish(Purpose::Password, &[7; 64]),
            Err(OpaqueError::Refused)
        );
    }
}

/// Both answers begin with the evaluated element under the same key, then differ in random-looking bytes alone.
#[test]
fn an_unknown_user_is_evaluated_under_the_same_key() {
    let mut rng = Random::seeded([1; 32]);
    let (setup, record, _) = registered(&mut rng);
    let (_, ke1) = ClientLogin::start(PASSWORD, &mut rng).unwrap();
    let mut answer = |record| {
        login_start(&setup, record, &ke1, b"handle", &mut rng)
            .unwrap()
            .1
    };
    let (known, unknown, again) = (answer(Some(&record)), answer(None), answer(None));
    assert_eq!(known[..32], unknown[..32]);
    assert_ne!(known[32..64], unknown[32..64]);
    assert_ne!(unknown[32..], again[32..]);
}

#[test]
fn altered_answers_and_ends_are_refused() {
    let mut rng = Random::seeded([1; 32]);
    let (setup, record, _) = registered(&mut rng);
    let (client, ke1) = ClientLogin::start(PASSWORD, &mut rng).unwrap();
    let (server, ke2) = login_start(&setup, Some(&record), &ke1, b"handle", &mut rng).unwrap();
    let mut altered = ke2;
    altered[319] ^= 1;
    assert!(client.finish(&altered, &mut rng).is_err());
    assert_eq!(
        server.finish(Purpose::Password, &[0; 64]),
        Err(OpaqueError::Refused)
    );
    let reflected = login_start(&setup, Some(&record), &[0; 96], b"handle", &mut rng);
    assert_eq!(reflected.map(|_| ()), Err(OpaqueError::Message));
    let unknown = login_start(&setup, None, &[0; 96], b"handle", &mut rng);
    assert_eq!(unknown.map(|_| ()), Err(OpaqueError::Message));
}

#[test]
fn records_of_another_suite_or_shape_are_refused() {
    let mut rng = Random::seeded([1; 32]);
    let (_, record, _) = registered(&mut rng);
    assert_eq!(record.as_bytes()[0], SUITE);
    let mut other = record.as_bytes().to_vec();
    other[0] = SUITE + 1;
    assert_eq!(StoredRecord::from_bytes(&other), Err(OpaqueError::Record));
    assert!(StoredRecord::from_bytes(&record.as_bytes()[1..]).is_err());
    assert!(StoredRecord::from_upload(&[0xff; 192]).is_err());
    assert!(ServerSetup::from_bytes(&[0xff; 128]).is_err());
}

/// Held to the Argon2 reference implementation in C: 64 zero bytes, t=3, m=64 MiB, p=1, a salt of 16 zero bytes.
#[test]
fn stretching_is_argon2id_with_the_stated_parameters() {
    let input = GenericArray::<u8, generic_array::typenum::U64>::default();
    let expected = concat!(
        "a7a37b39765e07c331bed7c50cbf448e52cc7e37e74a79bc68bb364f68724c97",
        "5a958b0c5110732bfd7745e6fc274678139fed6e5f4ab690e12866ce9d48fcb1",
    );
    assert_eq!(Stretch.hash(input).unwrap()[..], hex(expected));
}

#[test]
fn nothing_secret_is_printed() {
    let mut rng = Random::seeded([1; 32]);
    let (setup, record, export_key) = registered(&mut rng);
    assert_eq!(
        format!("{setup:?} {record:?}"),
        "ServerSetup(..) StoredRecord(..)"
    );
    assert_eq!(format!("{export_key:?}"), "ExportKey(Secret(..))");
    let (client, ke1) = ClientLogin::start(PASSWORD, &mut rng).unwrap();
    let (server, _) = login_start(&setup, None, &ke1, b"handle", &mut rng).unwrap();
    assert_eq!(
        format!("{client:?} {server:?}"),
        "ClientLogin(..) LoginState(..)"
    );
}
