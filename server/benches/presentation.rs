//! Whole presentations through the service's router beside the bare operations they are made of, on all cores.
//!
//! `cargo bench -p server --bench presentation`; `served` / `bare` is the ratio that `payung bench` prints.
#![allow(missing_docs, clippy::unwrap_used)]

use std::sync::Arc;
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use crypto::rng::Random;
use server::demo::stage::Temporary;
use server::measure::place::Place;
use server::measure::{CLIENTS, bare, prepare, served};
use tokio::runtime::Runtime;

/// Presentations of one iteration.
const BATCH: usize = 500;

fn presentations(criterion: &mut Criterion) {
    let runtime = Runtime::new().unwrap();
    let folder = Temporary::make().unwrap();
    let mut rng = Random::os();
    let place = runtime
        .block_on(Place::found(folder.path(), &mut rng))
        .unwrap();
    let clients = runtime.block_on(place.enrol(CLIENTS, &mut rng)).unwrap();
    let keys = bare::Keys::fresh(&place).unwrap();
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
                .map(|_| bare::run(&keys, &prepared).unwrap())
                .sum()
        });
    });
    group.bench_function("served", |bencher| {
        bencher.iter_custom(|rounds| {
            let one = |_| {
                let fresh = Arc::new(prepare::presentations(&clients, BATCH).unwrap());
                runtime
                    .block_on(served::run(&router, &place.identity, &fresh))
                    .unwrap()
            };
            (0..rounds).map(one).sum()
        });
    });
    group.finish();
    runtime.block_on(place.close());
    folder.remove().unwrap();
}

criterion_group!(benches, presentations);
criterion_main!(benches);
