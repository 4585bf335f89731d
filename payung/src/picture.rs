//! Cards as pictures: QR at error correction Q, and back again, as a camera saw them.
//!
//! A printed card carries the 150 base45 characters in a version 8 symbol (49 x 49 modules). At
//! least 40 mm wide with a quiet zone of four modules each side. Nothing else is drawn: no word,
//! no logo, no colour.

mod open;
mod scan;

use std::path::Path;
use std::time::Duration;

use crypto::card::Card;
use fast_qr::{ECL, QRBuilder, QRCode};
use image::{GrayImage, Luma};
use server::error::Failure;

/// Quiet zone around the symbol, in modules (ISO/IEC 18004 asks for four).
const QUIET: u32 = 4;
/// Pixels per module in the PNG: 57 modules x 12 = 684 pixels, 47 mm at 370 dpi.
const PIXELS: u32 = 12;
/// Printed width of the picture with its quiet zone, in millimetres.
const WIDTH_MM: u32 = 47;
/// How long a picture may take to be read. A photograph of twelve million pixels takes a few.
const LONGEST: Duration = Duration::from_secs(30);

const UNWRITTEN: &str = "a picture cannot be written";

fn symbol(card: &Card) -> Result<QRCode, Failure> {
    QRBuilder::new(card.to_text())
        .ecl(ECL::Q)
        .build()
        .map_err(|_| Failure::new("the card does not fit into a QR symbol"))
}

/// The card as SVG, sized in millimetres.
pub fn svg(card: &Card) -> Result<String, Failure> {
    let code = symbol(card)?;
    let size = u32::try_from(code.size).unwrap_or(0);
    let side = size + 2 * QUIET;
    let mut path = String::new();
    for y in 0..size {
        for x in 0..size {
            if code[y as usize][x as usize].value() {
                path.push_str(&format!("M{} {}h1v1h-1z", x + QUIET, y + QUIET));
            }
        }
    }
    Ok(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH_MM}mm\" height=\"{WIDTH_MM}mm\" \
         viewBox=\"0 0 {side} {side}\" shape-rendering=\"crispEdges\">\
         <path fill=\"#fff\" d=\"M0 0h{side}v{side}H0z\"/><path d=\"{path}\"/></svg>\n"
    ))
}

/// The card as a greyscale picture.
pub fn raster(card: &Card) -> Result<GrayImage, Failure> {
    let code = symbol(card)?;
    let size = u32::try_from(code.size).unwrap_or(0);
    let side = (size + 2 * QUIET) * PIXELS;
    Ok(GrayImage::from_fn(side, side, |px, py| {
        let (x, y) = (px / PIXELS, py / PIXELS);
        let inside = x >= QUIET && y >= QUIET && x < size + QUIET && y < size + QUIET;
        let dark = inside && code[(y - QUIET) as usize][(x - QUIET) as usize].value();
        Luma([if dark { 0 } else { 255 }])
    }))
}

/// The card as the bytes of a PNG that says how large it is on paper: a viewer would otherwise print it at a size of its own.
pub fn png(card: &Card) -> Result<Vec<u8>, Failure> {
    let picture = raster(card)?;
    let (width, height) = picture.dimensions();
    let by_metre = |pixels: u32| pixels * 1_000 / WIDTH_MM;
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_pixel_dims(Some(png::PixelDimensions {
        xppu: by_metre(width),
        yppu: by_metre(height),
        unit: png::Unit::Meter,
    }));
    encoder
        .write_header()
        .and_then(|mut writer| {
            writer.write_image_data(picture.as_raw())?;
            writer.finish()
        })
        .map_err(|_| Failure::new(UNWRITTEN))?;
    Ok(bytes)
}

/// The texts of all different codes in a picture file, at least one, in no order that means anything: who takes the first
/// of several takes anybody's.
///
/// # Errors
/// No picture that can be read, one that is too large or full of what only looks like a code, or no code in it.
pub fn read(path: &Path) -> Result<Vec<String>, Failure> {
    texts(open::open(path)?, codes::qr, LONGEST)
}

fn texts(
    picture: GrayImage,
    reader: scan::Reader,
    longest: Duration,
) -> Result<Vec<String>, Failure> {
    let said = match scan::texts(picture, reader, longest) {
        Some(texts) if !texts.is_empty() => return Ok(texts),
        Some(_) => "no code was found in the picture: take it closer, flat and in good light",
        None => "the picture shows too much to be read: take the card alone",
    };
    Err(Failure::new(said))
}

#[cfg(test)]
mod tests;
