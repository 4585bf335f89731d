#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod camera;

use std::io::Cursor;

use camera::{KINDS, Shot};
use crypto::rng::Random;
use image::{DynamicImage, GrayImage, ImageFormat, Rgba, RgbaImage, imageops};

use super::open::grey;
use super::scan::Reader;
use super::*;
use codes::qr;

const SIDE: u32 = 57 * 4;

fn card(number: u8) -> Card {
    let bytes: [u8; 100] = crypto::rng::bytes(&mut Random::seeded([number; 32]));
    Card::from_text(&crypto::base45::encode(&bytes)).unwrap()
}

/// A card at four pixels a module, which is as good and quicker.
fn drawn(number: u8) -> GrayImage {
    let picture = raster(&card(number)).unwrap();
    imageops::resize(&picture, SIDE, SIDE, imageops::FilterType::Triangle)
}

/// The texts in the order of the alphabet.
fn texts(picture: &GrayImage, reader: Reader) -> Vec<String> {
    let mut found = super::texts(picture.clone(), reader, LONGEST).unwrap_or_default();
    found.sort();
    found
}

fn read_from(bytes: &[u8]) -> Vec<String> {
    texts(&grey(bytes).unwrap(), qr)
}

fn refused(bytes: &[u8]) -> String {
    grey(bytes).unwrap_err().to_string()
}

fn saved(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// Two pictures side by side on white.
fn beside(left: &GrayImage, right: &GrayImage) -> GrayImage {
    let mut sheet = GrayImage::from_pixel(left.width() + right.width(), left.height(), Luma([255]));
    imageops::replace(&mut sheet, left, 0, 0);
    imageops::replace(&mut sheet, right, i64::from(left.width()), 0);
    sheet
}

/// 2.5 pixels a module, and the smallest width at which a card is held before a camera.
#[test]
fn cards_are_read_as_cameras_see_them() {
    const EACH: u8 = 1;
    let mut missed = Vec::new();
    for (kind, name) in (0_u8..).zip(KINDS) {
        for (width, frame) in [(142.5, (200, 176)), (180.0, (208, 208))] {
            for each in 0..EACH {
                let card = card(kind * EACH + each);
                let mut rng = Random::seeded([100 + kind * EACH + each; 32]);
                let shot = Shot::spoilt(name, width, frame, &mut rng);
                let taken = shot.of(&raster(&card).unwrap(), &mut rng);
                if read_from(&taken) != [card.to_text()] {
                    missed.push(format!("{name} {each} at {width} pixels"));
                }
            }
        }
    }
    assert!(missed.len() <= 1, "{} of 20: {missed:?}", missed.len());
}

#[test]
fn a_reader_that_panics_finds_nothing_and_takes_nobody_with_it() {
    let picture = drawn(1);
    assert!(texts(&picture, |_| panic!("on every picture")).is_empty());
    let as_it_is = texts(&picture, |seen| match seen.dimensions() {
        (SIDE, SIDE) => qr(seen),
        _ => panic!("on every picture of another size"),
    });
    assert_eq!(as_it_is, [card(1).to_text()]);
}

/// Thousands of corners and no code among them keep a reader busy for minutes.
#[test]
fn a_reader_that_does_not_come_back_is_not_waited_for() {
    let picture = drawn(1);
    let never: Reader = |_| loop {
        std::thread::park();
    };
    let said = super::texts(picture, never, Duration::from_millis(50)).unwrap_err();
    assert!(said.to_string().contains("take the card alone"), "{said}");
}

#[test]
fn a_format_is_told_by_the_content() {
    let picture = DynamicImage::ImageLuma8(drawn(1));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("card.png");
    for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP] {
        std::fs::write(&path, saved(&picture, format)).unwrap();
        assert_eq!(read(&path).unwrap(), [card(1).to_text()], "{format:?}");
    }
    assert!(refused(b"").contains("give a PNG, JPEG or WebP"));
    assert!(refused(svg(&card(1)).unwrap().as_bytes()).contains("give a PNG, JPEG or WebP"));
    assert!(refused(b"\0\0\0\x18ftypheic\0\0\0\0").contains("save it as JPEG"));
    let whole = saved(&picture, ImageFormat::Png);
    assert!(refused(&whole[..whole.len() / 2]).contains("damaged"));
    std::fs::write(
        &path,
        saved(&DynamicImage::new_luma8(90, 90), ImageFormat::Png),
    )
    .unwrap();
    let none = read(&path).unwrap_err().to_string();
    assert!(none.contains("no code was found"), "{none}");
}

/// What is transparent has the colour of paper, whatever colour lies hidden beneath.
#[test]
fn transparency_is_paper() {
    let paper = drawn(1);
    let veiled = RgbaImage::from_fn(SIDE, SIDE, |x, y| {
        Rgba([0, 0, 0, 255 - paper.get_pixel(x, y).0[0]])
    });
    let bytes = saved(&DynamicImage::ImageRgba8(veiled), ImageFormat::Png);
    assert_eq!(read_from(&bytes), [card(1).to_text()]);
}

/// A file of some bytes can say that it unpacks to gigabytes.
#[test]
fn a_picture_too_large_is_refused_before_it_is_unpacked() {
    for side in [8_400, 50_000, 2_000_000] {
        let mut bytes = Vec::new();
        let mut writer = png::Encoder::new(&mut bytes, side, side)
            .write_header()
            .unwrap();
        writer.write_chunk(png::chunk::IDAT, &[0x78, 0x9c]).unwrap();
        drop(writer);
        let said = refused(&bytes);
        assert!(said.contains("make it smaller"), "{side}: {said}");
    }
}

#[test]
fn every_code_is_told_and_the_same_twice_is_one() {
    let (one, two) = (drawn(1), drawn(2));
    for (left, right) in [(&one, &two), (&two, &one)] {
        let found = texts(&beside(left, right), qr);
        let mut both = [card(1).to_text(), card(2).to_text()];
        both.sort();
        assert_eq!(found, both);
    }
    assert_eq!(texts(&beside(&one, &one), qr), [card(1).to_text()]);
}

/// One code is large and the other small, or one dark on light and the other light on dark: no attempt sees both.
#[test]
fn a_second_code_is_seen_that_another_attempt_reads() {
    let large = drawn(1);
    let mut inverse = drawn(2);
    imageops::invert(&mut inverse);
    assert_eq!(texts(&beside(&large, &inverse), qr).len(), 2);
    let small = imageops::resize(&drawn(3), 140, 140, imageops::FilterType::Triangle);
    assert_eq!(texts(&beside(&large, &small), qr).len(), 2);
}

#[test]
fn a_png_says_how_large_it_is_on_paper() {
    let bytes = png(&card(1)).unwrap();
    let reader = png::Decoder::new(Cursor::new(&bytes)).read_info().unwrap();
    let size = reader.info().pixel_dims.unwrap();
    assert_eq!(size.unit, png::Unit::Meter);
    let millimetres = f64::from(reader.info().width) / f64::from(size.xppu) * 1_000.0;
    assert!((millimetres - 47.0).abs() < 0.01 && size.xppu == size.yppu);
    assert_eq!(grey(&bytes).unwrap(), raster(&card(1)).unwrap());
}
