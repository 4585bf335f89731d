//! Our operations beside the bare primitive they are made of: what the plain types, the checks and the labels cost.
//!
//! `cargo bench -p crypto --bench primitives`
#![allow(clippy::unwrap_used, missing_docs)]

use std::hint::black_box;

use ::voprf::{BlindedElement, Ristretto255, VoprfServer};
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use crypto::domain::{DomainKey, Factor, Identification, MasterScalar};
use crypto::hpke::{self, HpkeSecret};
use crypto::opaque::{self, ClientLogin, ServerSetup};
use crypto::rng::Random;
use crypto::secret::Secret;
use crypto::sign::{self, SigningKey};
use crypto::voprf::{self, Blinded};
use crypto::{digest, label, seal};

fn random() -> Random {
    Random::seeded([7; 32])
}

fn key(rng: &mut Random) -> DomainKey<Identification> {
    let (master, factor) = (MasterScalar::random(rng), Factor::random(rng));
    DomainKey::<Identification>::compose(&master, &factor).unwrap()
}

fn evaluation(c: &mut Criterion) {
    let mut rng = random();
    let key = key(&mut rng);
    let bare = VoprfServer::<Ristretto255>::new_with_key(key.to_bytes().expose()).unwrap();
    let mut group = c.benchmark_group("evaluate");
    for count in [1usize, 16, 256] {
        let elements: Vec<_> = (0..count)
            .map(|i| {
                Blinded::blind(&i.to_be_bytes(), &mut rng)
                    .unwrap()
                    .element()
            })
            .collect();
        group.throughput(Throughput::Elements(count as u64));
        group.bench_function(format!("ours/{count}"), |b| {
            b.iter(|| voprf::evaluate(&key, &mut rng, black_box(&elements)).unwrap());
        });
        let parsed: Vec<_> = elements
            .iter()
            .map(|element| BlindedElement::<Ristretto255>::deserialize(element).unwrap())
            .collect();
        group.bench_function(format!("bare/{count}"), |b| {
            b.iter(|| {
                bare.batch_blind_evaluate(&mut rng, black_box(&parsed))
                    .unwrap()
            });
        });
    }
    group.finish();
}

fn client(c: &mut Criterion) {
    let mut rng = random();
    let key = key(&mut rng);
    let public = key.public();
    let mut group = c.benchmark_group("client");
    group.bench_function("blind", |b| {
        b.iter(|| Blinded::blind(black_box(&[4; 32]), &mut rng).unwrap());
    });
    let mut other = random();
    group.bench_function("finalize", |b| {
        b.iter_batched(
            || {
                let blinded = Blinded::blind(&[4; 32], &mut other).unwrap();
                let answer = voprf::evaluate(&key, &mut other, &[blinded.element()]).unwrap();
                (blinded, answer)
            },
            |(blinded, answer)| voprf::finalize(vec![blinded], &answer, &public).unwrap(),
            BatchSize::SmallInput,
        );
    });
    group.finish();
}

fn signatures(c: &mut Criterion) {
    let seed = Secret::new([1; 32]);
    let key = SigningKey::from_seed(&seed).unwrap();
    let message = [5; 200];
    let public = key.public();
    let signature = key.sign(label::SIGN_TERMINAL_LOGIN, &message);
    let mut group = c.benchmark_group("ed25519");
    group.bench_function("sign/ours", |b| {
        b.iter(|| key.sign(label::SIGN_TERMINAL_LOGIN, black_box(&message)));
    });
    group.bench_function("verify/ours", |b| {
        b.iter(|| {
            sign::verify(
                &public,
                label::SIGN_TERMINAL_LOGIN,
                black_box(&message),
                &signature,
            )
            .unwrap();
        });
    });
    let pair = ring::signature::Ed25519KeyPair::from_seed_unchecked(seed.expose()).unwrap();
    let bare = pair.sign(&message);
    group.bench_function("sign/ring", |b| b.iter(|| pair.sign(black_box(&message))));
    let ring_key = ring::signature::UnparsedPublicKey::new(&ring::signature::ED25519, public);
    group.bench_function("verify/ring", |b| {
        b.iter(|| ring_key.verify(black_box(&message), bare.as_ref()).unwrap());
    });
    let dalek_key = ed25519_dalek::VerifyingKey::from_bytes(&public).unwrap();
    let dalek_signature = ed25519_dalek::Signature::from_slice(bare.as_ref()).unwrap();
    group.bench_function("verify/dalek", |b| {
        b.iter(|| {
            dalek_key
                .verify_strict(black_box(&message), &dalek_signature)
                .unwrap();
        });
    });
    group.finish();
}

fn logins(c: &mut Criterion) {
    let mut rng = random();
    let setup = ServerSetup::generate(&mut rng);
    let (_, ke1) = ClientLogin::start(b"password", &mut rng).unwrap();
    let mut group = c.benchmark_group("opaque");
    group.bench_function("login start/unknown user", |b| {
        b.iter(|| opaque::login_start(&setup, None, black_box(&ke1), b"id", &mut rng).unwrap());
    });
    let (state, request) = opaque::ClientRegistration::start(b"password", &mut rng).unwrap();
    let response = opaque::register(&setup, &request, b"id").unwrap();
    let upload = state.finish(&response, &mut rng).unwrap().record;
    let record = opaque::StoredRecord::from_upload(&upload).unwrap();
    group.bench_function("login start/known user", |b| {
        b.iter(|| {
            opaque::login_start(&setup, Some(&record), black_box(&ke1), b"id", &mut rng).unwrap()
        });
    });
    group.bench_function("register", |b| {
        b.iter(|| opaque::register(&setup, black_box(&request), b"id").unwrap());
    });
    group.finish();
}

fn sealing(c: &mut Criterion) {
    let mut rng = random();
    let plain = [9; 512];
    let receiver = HpkeSecret::generate(&mut rng);
    let public = receiver.public();
    let sealed = hpke::seal(&public, label::REPORT_HPKE, b"", &plain, &mut rng).unwrap();
    let mut group = c.benchmark_group("seal 512 B");
    group.bench_function("xchacha20-poly1305", |b| {
        b.iter(|| {
            seal::seal(
                &[1; 32],
                label::ROSTER_SEAL,
                &[2; 16],
                black_box(&plain),
                &mut rng,
            )
            .unwrap()
        });
    });
    group.bench_function("hpke seal", |b| {
        b.iter(|| {
            hpke::seal(
                &public,
                label::REPORT_HPKE,
                b"",
                black_box(&plain),
                &mut rng,
            )
            .unwrap()
        });
    });
    group.bench_function("hpke open", |b| {
        b.iter(|| hpke::open(&receiver, label::REPORT_HPKE, b"", black_box(&sealed)).unwrap());
    });
    group.finish();
}

fn digests(c: &mut Criterion) {
    let input = [9; 64];
    let mut group = c.benchmark_group("blake3 64 B");
    group.bench_function("derive/ours", |b| {
        b.iter(|| digest::derive(label::ENVELOPE_KEY, black_box(&input)));
    });
    group.bench_function("derive/bare", |b| {
        b.iter(|| blake3::derive_key(label::ENVELOPE_KEY.as_str(), black_box(&input)));
    });
    group.bench_function("keyed/ours", |b| {
        b.iter(|| digest::keyed(&[1; 32], black_box(&input)));
    });
    group.bench_function("keyed/bare", |b| {
        b.iter(|| blake3::keyed_hash(&[1; 32], black_box(&input)));
    });
    group.finish();
}

criterion_group!(
    benches, evaluation, client, signatures, logins, sealing, digests
);
criterion_main!(benches);
