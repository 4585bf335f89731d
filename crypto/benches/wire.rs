//! Cards, the statistics path, reports and status lists, beside the bare scalar multiplications
//! they cannot do without.
#![allow(clippy::unwrap_used, missing_docs)]

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use crypto::card::{Card, CardKeys, CardSecret, IssuerKey, WrapKey};
use crypto::day::{Day, Month};
use crypto::domain::{DomainKey, Factor, MasterScalar, Statistics};
use crypto::envelope::IdentitySecret;
use crypto::hpke::HpkeSecret;
use crypto::id::{ProviderId, ReportId};
use crypto::provider::DataKey;
use crypto::report::{Kind, Report};
use crypto::rng::Random;
use crypto::secret::Secret;
use crypto::sign::StatusKey;
use crypto::statistics::{self, StatisticsSecret};
use crypto::status::{CheckedStatusList, StatusList};
use crypto::verdict::verdict;
use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;
use std::hint::black_box;

const CARDS: u32 = 131_072;

fn today() -> Day {
    "2026-03-01".parse().unwrap()
}

fn card(rng: &mut Random) -> (CardKeys, String) {
    let issuer = IssuerKey::from_seed(&Secret::new([1; 32])).unwrap();
    let (secret, wrap) = (CardSecret::random(rng), WrapKey::random(rng));
    let expiry = Month::of(today()).plus(24);
    let blank = issuer
        .sign_blank(1, 4_711, expiry, &secret.commitment())
        .unwrap();
    let text = Card::assemble(&secret, &blank, &wrap).to_text();
    let keys = CardKeys {
        issuers: vec![(1, issuer.public())],
        wraps: vec![wrap],
    };
    (keys, text)
}

fn status(key: &StatusKey) -> Vec<u8> {
    let mut list = StatusList::new(CARDS).unwrap();
    for index in (0..CARDS).step_by(100) {
        list.set(index, true).unwrap();
    }
    list.to_token(key, "cards", today(), 7).unwrap()
}

fn cards(criterion: &mut Criterion) {
    let mut rng = Random::seeded([1; 32]);
    let (keys, text) = card(&mut rng);
    let status_key = StatusKey::generate(&mut rng).unwrap();
    let token = status(&status_key);
    let list = CheckedStatusList::from_token(&token, &status_key.public()).unwrap();
    let mut group = criterion.benchmark_group("card");
    group.bench_function("from text and open", |bencher| {
        bencher.iter(|| Card::from_text(black_box(&text)).unwrap().open(&keys));
    });
    group.bench_function("verdict", |bencher| {
        bencher.iter(|| verdict(black_box(&text), &keys, Some(&list), today()));
    });
    group.finish();
    let mut group = criterion.benchmark_group("status list of 131,072");
    group.bench_function("check a token", |bencher| {
        bencher.iter(|| CheckedStatusList::from_token(black_box(&token), &status_key.public()));
    });
    group.bench_function("look up", |bencher| {
        bencher.iter(|| list.get(black_box(77_777)));
    });
    group.bench_function("sign a token", |bencher| {
        bencher.iter(|| list.list().to_token(&status_key, "cards", today(), 7));
    });
    group.finish();
}

fn path(criterion: &mut Criterion) {
    let mut rng = Random::seeded([2; 32]);
    let (master, factor) = (MasterScalar::random(&mut rng), Factor::random(&mut rng));
    let key = DomainKey::<Statistics>::compose(&master, &factor).unwrap();
    let secret = StatisticsSecret::random(&mut rng);
    let public = secret.public();
    let s = IdentitySecret::random(&mut rng);
    let sent = statistics::encrypt(&s, &public, &mut rng);
    let moved = statistics::reshuffle(&sent, &key, &public, &mut rng).unwrap();
    let mut group = criterion.benchmark_group("statistics path");
    group.bench_function("encrypt", |bencher| {
        bencher.iter(|| statistics::encrypt(black_box(&s), &public, &mut rng));
    });
    group.bench_function("reshuffle", |bencher| {
        bencher.iter(|| statistics::reshuffle(black_box(&sent), &key, &public, &mut rng));
    });
    group.bench_function("decrypt", |bencher| {
        bencher.iter(|| statistics::decrypt(&secret, black_box(&moved)));
    });
    // The limit of a reshuffle: three multiplications of a point and one of the generator.
    let (scalar, point) = (Scalar::random(&mut rng), RistrettoPoint::random(&mut rng));
    group.bench_function("bare: one scalar multiplication", |bencher| {
        bencher.iter(|| black_box(point) * black_box(scalar));
    });
    group.bench_function("bare: multiplications of a reshuffle", |bencher| {
        bencher.iter(|| {
            let (point, scalar) = (black_box(point), black_box(scalar));
            let first = point * scalar + RistrettoPoint::mul_base(&scalar);
            (first, point * scalar + point * scalar)
        });
    });
    group.finish();
}

fn reports(criterion: &mut Criterion) {
    let mut rng = Random::seeded([3; 32]);
    let store = HpkeSecret::generate(&mut rng);
    let key = DataKey::random(&mut rng).report_key().unwrap();
    let report = Report {
        id: ReportId::random(&mut rng),
        provider: ProviderId::random(&mut rng),
        site: "medan/central".parse().unwrap(),
        service: "nsp".parse().unwrap(),
        kind: Kind::Contact.into(),
        day: today(),
        covered_until: None,
        group: None,
    };
    let sealed = report.seal(&key, &store.public(), &mut rng).unwrap();
    let mut group = criterion.benchmark_group("report");
    group.bench_function("open", |bencher| {
        bencher.iter(|| {
            let (provider, public) = (&report.provider, key.public());
            Report::open(&store, provider, &public, black_box(&sealed))
        });
    });
    group.bench_function("seal", |bencher| {
        bencher.iter_batched(
            || report.clone(),
            |report| report.seal(&key, &store.public(), &mut rng),
            BatchSize::SmallInput,
        );
    });
    group.finish();
}

criterion_group!(benches, cards, path, reports);
criterion_main!(benches);
