//! One bounded noisy count over a flat file of packed events, for the comparison in `bench/beside/`.
//!
//! A row is eight bytes, little endian: `person (32) | unused (8) | month (8) | city (8) | service (8)`. Every person counts
//! in at most [`MOST`] distinct `(city, service)` cells of a month, chosen by a keyed hash; one exact discrete Gaussian draw
//! goes on each of the `36 x 40 x 13` cells, also on the empty ones. Limits: the rows are held in memory (8 bytes each) and
//! one thread does everything.
//!
//! Prints one line of JSON: seconds of each step, distinct rows, rows kept, the noise scale and a noisy cell. (Exact
//! totals leave this program because its rows are invented; nothing in the service prints one.)
#![forbid(unsafe_code)]
#![allow(clippy::print_stdout, reason = "a measurement speaks to a person")]
#![allow(clippy::disallowed_methods, reason = "a benchmark reads the clock")]

use std::error::Error;
use std::fs::File;
use std::io::{BufReader, Read as _};
use std::time::Instant;

use analytics::measure::noise::discrete_gaussian;
use crypto::digest::keyed;
use privacy::rho::NanoRho;
use privacy::sigma::Sigma;

const MONTHS: u64 = 36;
const CITIES: u64 = 40;
const SERVICES: u64 = 13;
/// Cells of one person in one month.
const MOST: usize = 3;
/// Loss of the release: rho = 1/2.
const RHO: NanoRho = NanoRho::new(500_000_000);
/// A measurement needs no secret.
const KEY: [u8; 32] = [7; 32];

fn read(path: &str) -> Result<Vec<u64>, Box<dyn Error>> {
    let file = File::open(path)?;
    let mut rows = Vec::with_capacity(usize::try_from(file.metadata()?.len() / 8)?);
    let mut file = BufReader::with_capacity(1 << 20, file);
    let mut row = [0; 8];
    for _ in 0..rows.capacity() {
        file.read_exact(&mut row)?;
        rows.push(u64::from_le_bytes(row));
    }
    Ok(rows)
}

/// The row's cell, or nothing when a field is out of range.
fn cell(row: u64) -> Option<usize> {
    let (month, city, service) = (row >> 16 & 0xff, row >> 8 & 0xff, row & 0xff);
    let inside = month < MONTHS && city < CITIES && service < SERVICES;
    let number = (month * CITIES + city) * SERVICES + service;
    inside.then(|| usize::try_from(number).ok()).flatten()
}

/// Counts sorted distinct rows, at most [`MOST`] of each person and month.
fn count(rows: &[u64]) -> Result<(Vec<i128>, usize), Box<dyn Error>> {
    let mut counts = vec![0; usize::try_from(MONTHS * CITIES * SERVICES)?];
    let (mut kept, mut order) = (0, Vec::new());
    for month in rows.chunk_by(|a, b| a >> 16 == b >> 16) {
        order.clear();
        order.extend(month.iter().map(|row| (0, *row)));
        if order.len() > MOST {
            for (hash, row) in &mut order {
                *hash = u128::from_le_bytes(keyed(&KEY, &row.to_le_bytes())[..16].try_into()?);
            }
            order.sort_unstable();
            order.truncate(MOST);
        }
        kept += order.len();
        for (_, row) in &order {
            counts[cell(*row).ok_or("a row lies outside the table")?] += 1;
        }
    }
    Ok((counts, kept))
}

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args()
        .nth(1)
        .ok_or("usage: bounded_count FILE (packed rows of eight bytes)")?;
    let watch = Instant::now();
    let mut rows = read(&path)?;
    let read = watch.elapsed();
    rows.sort_unstable();
    rows.dedup();
    let sort = watch.elapsed() - read;
    let (mut counts, kept) = count(&rows)?;
    let bound = watch.elapsed() - read - sort;
    // One person changes at most three cells of each month, by one each.
    let sigma = Sigma::least(u128::from(MONTHS) * MOST as u128, RHO, 64)?;
    for count in &mut counts {
        *count += discrete_gaussian(sigma)?;
    }
    let all = watch.elapsed();
    println!(
        "{{\"seconds\": {:.4}, \"read\": {:.4}, \"sort\": {:.4}, \"bound\": {:.4}, \"noise\": {:.4}, \
         \"distinct\": {}, \"kept\": {kept}, \"scale\": {}, \"cell\": {}}}",
        all.as_secs_f64(),
        read.as_secs_f64(),
        sort.as_secs_f64(),
        bound.as_secs_f64(),
        (all - read - sort - bound).as_secs_f64(),
        rows.len(),
        sigma.value(),
        counts[0],
    );
    Ok(())
}
