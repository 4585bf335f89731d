//! The vectors of RFC 9807 for this suite, through this module.

use opaque_ke::Identifiers;
use opaque_ke::ksf::Identity;
use serde_json::Value;

use super::{
    Binding, ServerSetup, StoredRecord, login_answer, login_begin, login_end, register,
    registration_finish, registration_start,
};
use crate::vectors::case::{Held, array, bytes, ensure, list, same, text};
use crate::vectors::scripted::{play, scalars};

/// One run of the RFC: what goes in, and what must come out.
struct Case<'a> {
    inputs: &'a Value,
    outputs: &'a Value,
    context: Vec<u8>,
    client: Option<Vec<u8>>,
    server: Option<Vec<u8>>,
    password: Vec<u8>,
    credential: Vec<u8>,
}

impl<'a> Case<'a> {
    fn read(case: &'a Value) -> Held<Self> {
        let inputs = &case["inputs"];
        let optional = |name: &str| inputs.get(name).map(bytes).transpose();
        Ok(Self {
            inputs,
            outputs: &case["outputs"],
            context: bytes(&case["config"]["Context"])?,
            client: optional("client_identity")?,
            server: optional("server_identity")?,
            // An unknown user has none.
            password: optional("password")?.unwrap_or_default(),
            credential: bytes(&inputs["credential_identifier"])?,
        })
    }

    fn input<const N: usize>(&self, name: &str) -> Held<[u8; N]> {
        array(&self.inputs[name]).map_err(|error| format!("{name}: {error}").into())
    }

    fn holds<const N: usize>(&self, name: &str, found: &[u8; N]) -> Held {
        same(name, found, &array(&self.outputs[name])?)
    }

    fn binding(&self) -> Binding<'_> {
        Binding {
            context: Some(&self.context),
            identifiers: Identifiers {
                client: self.client.as_deref(),
                server: self.server.as_deref(),
            },
        }
    }

    /// The server's secrets: OPRF seed, private key, and a public key for unknown users.
    fn setup(&self, dummy: &str) -> Held<ServerSetup> {
        let (seed, private): ([u8; 64], [u8; 32]) =
            (self.input("oprf_seed")?, self.input("server_private_key")?);
        let mut stored = [0; 128];
        stored[..64].copy_from_slice(&seed);
        stored[64..96].copy_from_slice(&private);
        stored[96..].copy_from_slice(&self.input::<32>(dummy)?);
        let setup = ServerSetup::from_bytes(&stored)?;
        same(
            "what is stored",
            &setup.to_bytes().expose()[..],
            &stored[..],
        )?;
        same(
            "server_public_key",
            setup.public_key(),
            self.input("server_public_key")?,
        )?;
        Ok(setup)
    }

    /// The order in which the server draws: masking key of the stand-in, masking nonce, key share, nonce.
    fn server_draws(&self, masking_key: [u8; 64]) -> Held<Vec<u8>> {
        let mut draws = masking_key.to_vec();
        for name in ["masking_nonce", "server_keyshare_seed", "server_nonce"] {
            draws.extend_from_slice(&self.input::<32>(name)?);
        }
        Ok(draws)
    }
}

/// The runs with users who are registered (`False`) or with one who is not (`True`).
fn each(file: &Value, fake: &str, check: impl Fn(&Case<'_>) -> Held) -> Held<usize> {
    let mut checked = 0;
    for (at, case) in list(file)?.iter().enumerate() {
        let config = &case["config"];
        ensure(config["OPRF"] == "ristretto255-SHA512", "OPRF")?;
        ensure(config["Group"] == "ristretto255", "Group")?;
        if text(&config["Fake"])? == fake {
            let held = Case::read(case).and_then(|case| check(&case));
            held.map_err(|error| format!("case {at}: {error}"))?;
            checked += 1;
        }
    }
    Ok(checked)
}

/// Registration and log-in.
pub(crate) fn real(file: &Value) -> Held<usize> {
    each(file, "False", |case| login(case, &registration(case)?))
}

/// The answer to somebody whom nobody registered.
pub(crate) fn unknown(file: &Value) -> Held<usize> {
    each(file, "True", |case| {
        let setup = case.setup("client_public_key")?;
        let ke1 = case.input("KE1")?;
        let draws = case.server_draws(case.input("masking_key")?)?;
        let (_, ke2) = play(&draws, |rng| {
            let (credential, binding) = (&case.credential, case.binding());
            Ok(login_answer(&setup, None, &ke1, credential, binding, rng)?)
        })?;
        case.holds("KE2", &ke2)
    })
}

fn registration(case: &Case<'_>) -> Held<StoredRecord> {
    let (setup, password) = (case.setup("server_public_key")?, &case.password);
    let blind = scalars(&[case.input("blind_registration")?]);
    let (state, request) = play(&blind, |rng| {
        Ok(registration_start::<Identity>(password, rng)?)
    })?;
    case.holds("registration_request", &request)?;

    let response = register(&setup, &request, &case.credential)?;
    case.holds("registration_response", &response)?;

    let nonce: [u8; 32] = case.input("envelope_nonce")?;
    let done = play(&nonce, |rng| {
        let binding = case.binding();
        Ok(registration_finish(
            state, password, &response, binding, rng,
        )?)
    })?;
    case.holds("registration_upload", &done.record)?;
    case.holds("export_key", done.export_key.0.expose())?;
    same("server_public", done.server_public, setup.public_key())?;
    Ok(StoredRecord::from_upload(&done.record)?)
}

fn login(case: &Case<'_>, record: &StoredRecord) -> Held {
    let (setup, password) = (case.setup("server_public_key")?, &case.password);
    let mut draws = scalars(&[case.input("blind_login")?]);
    draws.extend_from_slice(&case.input::<32>("client_keyshare_seed")?);
    draws.extend_from_slice(&case.input::<32>("client_nonce")?);
    let (client, ke1) = play(&draws, |rng| Ok(login_begin::<Identity>(password, rng)?))?;
    case.holds("KE1", &ke1)?;

    let (binding, draws) = (case.binding(), case.server_draws([0; 64])?);
    let (server, ke2) = play(&draws, |rng| {
        let credential = &case.credential;
        Ok(login_answer(
            &setup,
            Some(record),
            &ke1,
            credential,
            binding,
            rng,
        )?)
    })?;
    case.holds("KE2", &ke2)?;

    let done = play(&[], |rng| {
        Ok(login_end(client, password, &ke2, binding, rng)?)
    })?;
    case.holds("KE3", &done.ke3)?;
    case.holds("session_key", done.session_key.0.expose())?;
    case.holds("export_key", done.export_key.0.expose())?;
    same(
        "the server's key",
        server.end(&done.ke3, binding)?,
        done.session_key,
    )
}
