#![allow(clippy::unwrap_used)]

use fast_qr::{ECL, QRBuilder};

use super::*;

const CARD: &str = "THE SIGNS OF A CARD ARE 150 OF 45 DIGITS LETTERS AND $%*+-./: 0123456789";
const OTHER: &str = "ANOTHER CARD THAT LIES BESIDE THE FIRST ONE ON THE SAME TABLE 9876543210";
/// Pixels of a module.
const WIDE: usize = 4;

/// A code with its quiet zone, as rows of dark modules.
fn modules(text: &str) -> Vec<Vec<bool>> {
    let code = QRBuilder::new(text).ecl(ECL::Q).build().unwrap();
    let side = code.size + 8;
    let dark = |x: usize, y: usize| {
        let inside = (4..code.size + 4).contains(&x) && (4..code.size + 4).contains(&y);
        inside && code[y - 4][x - 4].value()
    };
    (0..side)
        .map(|y| (0..side).map(|x| dark(x, y)).collect())
        .collect()
}

/// What a canvas gives of codes side by side, and the picture's width.
fn canvas(texts: &[&str], dark: [u8; 4], light: [u8; 4]) -> (Vec<u8>, u32) {
    let codes: Vec<_> = texts.iter().map(|text| modules(text)).collect();
    let mut pixels = Vec::new();
    for y in 0..codes[0].len() * WIDE {
        for row in codes.iter().map(|code| &code[y / WIDE]) {
            for x in 0..row.len() * WIDE {
                pixels.extend(if row[x / WIDE] { dark } else { light });
            }
        }
    }
    let width = pixels.len() / 4 / (codes[0].len() * WIDE);
    (pixels, width.try_into().unwrap())
}

fn all((pixels, width): &(Vec<u8>, u32)) -> Vec<String> {
    let height = u32::try_from(pixels.len() / 4).unwrap() / width;
    let each = (0..attempts(*width, height)).flat_map(|attempt| texts(pixels, *width, attempt));
    let mut found: Vec<String> = each.collect();
    found.sort();
    found.dedup();
    found
}

#[test]
fn a_code_is_read_from_what_a_canvas_gives() {
    let seen = canvas(&[CARD], [20, 30, 10, 255], [250, 240, 230, 255]);
    assert_eq!(texts(&seen.0, seen.1, 0), [CARD]);
    // The colours of a strong lamp, light for dark.
    let inverse = canvas(&[CARD], [255, 220, 60, 255], [10, 10, 90, 255]);
    assert!(texts(&inverse.0, inverse.1, 0).is_empty());
    assert_eq!(all(&inverse), [CARD]);
}

/// What is transparent has the colour of paper, whatever colour lies hidden beneath.
#[test]
fn what_is_transparent_is_paper() {
    assert_eq!(all(&canvas(&[CARD], [0, 0, 0, 255], [0, 0, 0, 0])), [CARD]);
}

#[test]
fn of_two_codes_both_are_told() {
    let both = canvas(&[CARD, OTHER], [0, 0, 0, 255], [255; 4]);
    assert_eq!(all(&both), [OTHER, CARD]);
    assert_eq!(texts(&both.0, both.1, 0).len(), 2);
}

#[test]
fn what_is_no_picture_has_no_code() {
    let (pixels, width) = canvas(&[CARD], [0, 0, 0, 255], [255; 4]);
    let none = attempts(width, width);
    assert!(texts(&pixels, width, none).is_empty());
    assert!(texts(&pixels, 0, 0).is_empty());
    assert!(texts(&pixels[1..], width, 0).is_empty());
    assert!(texts(&pixels, width + 1, 0).is_empty());
    assert!(texts(&[], width, 0).is_empty());
    assert!(texts(&[0; 4], 1, 0).is_empty());
}
