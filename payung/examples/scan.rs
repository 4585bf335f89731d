//! Counts what `payung card read` reads beside what zbar reads: the tables of docs/benchmarks.md.
//!
//! `scan pictures FOLDER` asks both about every picture beneath a folder; `scan cards N FOLDER` first takes N pictures of cards of
//! each kind and size into an empty folder, with a camera made of arithmetic. `zbarimg` must be installed.
#![forbid(unsafe_code)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a measurement at a desk"
)]

#[path = "../src/picture/tests/camera.rs"]
mod camera;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use camera::{KINDS, Shot};
use crypto::card::Card;
use crypto::rng::Random;
use payung::picture;

/// Width of the card with its quiet zone, and the picture around it, in pixels. The first has 2.5 pixels a module.
const SIZES: [(f32, (u32, u32)); 6] = [
    (142.5, (640, 480)),
    (130.0, (160, 160)),
    (150.0, (180, 180)),
    (180.0, (216, 216)),
    (210.0, (252, 252)),
    (240.0, (288, 288)),
];

#[derive(Clone, Copy, Default)]
struct Count {
    pictures: u32,
    ours: u32,
    zbar: u32,
    zbar_alone: u32,
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["pictures", folder] => count(Path::new(folder)),
        ["cards", number, folder] => {
            take(number.parse().expect("a number"), Path::new(folder));
            count(Path::new(folder));
        }
        _ => println!("usage: scan pictures FOLDER | scan cards N FOLDER"),
    }
}

/// Takes the pictures, one folder for each kind and size.
fn take(number: u8, folder: &Path) {
    for (size, (width, frame)) in (0_u8..).zip(SIZES) {
        for (kind, name) in (0_u8..).zip(KINDS) {
            let place = folder.join(format!("{kind} {name}, {width} px"));
            std::fs::create_dir_all(&place).unwrap();
            for each in 0..number {
                let mut seed = [0; 32];
                seed[..3].copy_from_slice(&[size, kind, each]);
                let mut rng = Random::seeded(seed);
                let bytes: [u8; 100] = crypto::rng::bytes(&mut rng);
                let card = Card::from_text(&crypto::base45::encode(&bytes)).unwrap();
                let shot = Shot::spoilt(name, width, frame, &mut rng);
                let taken = shot.of(&picture::raster(&card).unwrap(), &mut rng);
                let ending = if shot.jpeg.is_some() { "jpg" } else { "png" };
                std::fs::write(place.join(format!("{each}.{ending}")), taken).unwrap();
                std::fs::write(place.join(format!("{each}.card")), card.to_text()).unwrap();
            }
        }
    }
}

/// Asks both about every picture, and prints a line for each folder.
fn count(folder: &Path) {
    let mut counts: BTreeMap<String, Count> = BTreeMap::new();
    for path in pictures(folder) {
        let ours = ours(&path);
        let zbar = zbar(&path);
        let place = path.parent().unwrap_or(folder).strip_prefix(folder);
        let name = place.unwrap_or(folder).display().to_string();
        for name in [name, "together".to_owned()] {
            let count = counts.entry(name).or_default();
            count.pictures += 1;
            count.ours += u32::from(ours);
            count.zbar += u32::from(zbar);
            count.zbar_alone += u32::from(zbar && !ours);
        }
    }
    println!("| folder | pictures | ours | zbar | zbar alone |\n|---|---|---|---|---|");
    for (name, it) in counts {
        let (all, ours, zbar, alone) = (it.pictures, it.ours, it.zbar, it.zbar_alone);
        println!("| {name} | {all} | {ours} | {zbar} | {alone} |");
    }
}

fn pictures(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        let ending = path.extension().and_then(|it| it.to_str());
        if path.is_dir() {
            found.extend(pictures(&path));
        } else if ending.is_some_and(|it| ["png", "jpg", "jpeg", "webp"].contains(&it)) {
            found.push(path);
        }
    }
    found
}

/// A code is read, and where the card is known that one.
fn ours(path: &Path) -> bool {
    let texts = picture::read(path).unwrap_or_default();
    match std::fs::read_to_string(path.with_extension("card")) {
        Ok(card) => texts == [card],
        Err(_) => !texts.is_empty(),
    }
}

fn zbar(path: &Path) -> bool {
    let output = Command::new("zbarimg")
        .args([
            "--quiet",
            "--raw",
            "--nodbus",
            "-Sdisable",
            "-Sqrcode.enable",
        ])
        .arg(path)
        .output();
    !output.expect("zbarimg is installed").stdout.is_empty()
}
