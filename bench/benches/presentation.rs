//! Whole presentations through the service's router beside the bare operations they are made of, on all cores.
//!
//! `cargo bench -p bench --bench presentation`; `served` / `bare` is the ratio that `payung bench` prints.
#![allow(missing_docs, clippy::unwrap_used)]

use std::time::Duration;

use bench::place::Place;
use bench::progress::Nobody;
use bench::watch::Spent;
use bench::{CLIENTS, bare_presentation, prepare, served};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use crypto::rng::Random;
use tokio::runtime::Runtime;

/// Presentations of one iteration.
const BATCH: usize = 500;

fn presentations(criterion: &mut Criterion) {
    let runtime = Runtime::new().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut rng = Random::os();
    let place = runtime
        .block_on(Place::found(folder.path(), None, &mut rng))
        .unwrap();
    let clients = runtime
        .block_on(place.enrol(CLIENTS, &Nobody, &mut rng))
        .unwrap();
    let keys = bare_presentation::Keys::fresh(&place).unwrap();
    let router = place.router().unwrap();
    let mut group = criterion.benchmark_group("presentation");
    group
        .throughput(Throughput::Elements(BATCH as u64))
        .sample_size(10)
        .measurement_time(Duration::from_secs(10));
    let prepared = prepare::presentations(&clients, BATCH).unwrap();
    group.bench_function("bare", |bencher| {
        bencher.iter_custom(|rounds| {
            (0..rounds)
                .map(|_| bare_presentation::run(&keys, &prepared).unwrap().elapsed)
                .sum()
        });
    });
    group.bench_function("served", |bencher| {
        bencher.iter_custom(|rounds| {
            let one = |_| {
                let fresh = prepare::presentations(&clients, BATCH).unwrap();
                runtime
                    .block_on(served::run(&router, &place.identity, &fresh))
                    .unwrap()
            };
            (0..rounds).map(one).map(|spent: Spent| spent.elapsed).sum()
        });
    });
    group.finish();
    runtime.block_on(place.close());
}

criterion_group!(benches, presentations);
criterion_main!(benches);
