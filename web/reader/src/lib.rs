//! Codes in what a camera or a file shows a page: the attempts of `payung card read`, one at a call, bound for a worker that a page can
//! do without.
//!
//! A module of its own beside `web/core`: other people's code meets other people's pictures here, and no secret. A panic ends the
//! module, and its worker is made anew.
#![forbid(unsafe_code)]

#[cfg(test)]
mod tests;

use codes::GrayImage;
use wasm_bindgen::prelude::wasm_bindgen;

/// How many attempts a picture of this size wants, six or eight. In the first it is seen as it is, in the second at half its size.
#[must_use]
#[wasm_bindgen]
pub fn attempts(width: u32, height: u32) -> usize {
    codes::attempts(width.max(height)).len()
}

/// The texts of all codes that this attempt finds, from 0. `pixels` are four bytes each, red, green, blue and cover, as a canvas gives them.
/// None for an attempt that there is not, and for pixels that are no picture of this width.
#[must_use]
#[wasm_bindgen]
pub fn texts(pixels: &[u8], width: u32, attempt: usize) -> Vec<String> {
    let Some(picture) = grey(pixels, width) else {
        return Vec::new();
    };
    let attempts = codes::attempts(picture.width().max(picture.height()));
    match attempts.get(attempt) {
        Some(attempt) => codes::qr(&attempt.of(&picture)),
        None => Vec::new(),
    }
}

/// How bright the pixels are.
fn grey(pixels: &[u8], width: u32) -> Option<GrayImage> {
    let (pixels, []) = pixels.as_chunks::<4>() else {
        return None;
    };
    let height = u32::try_from(pixels.len()).ok()?.checked_div(width)?;
    GrayImage::from_raw(width, height, pixels.iter().map(bright).collect())
}

/// How bright a pixel is to the eye, what is transparent laid on white.
fn bright(&[red, green, blue, cover]: &[u8; 4]) -> u8 {
    // In parts of 65,536.
    let parts = 13_933 * u32::from(red) + 46_871 * u32::from(green) + 4_732 * u32::from(blue);
    let bright = parts >> 16;
    match u32::from(cover) {
        // A camera's, every one.
        255 => bright as u8,
        cover => ((bright * cover + 255 * (255 - cover)) / 255) as u8,
    }
}
