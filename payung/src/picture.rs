//! Cards as pictures: QR at error correction Q, and back again.
//!
//! A printed card carries the 150 base45 characters in a version 8 symbol (49 x 49 modules). At
//! least 40 mm wide with a quiet zone of four modules each side. Nothing else is drawn: no word,
//! no logo, no colour.

use std::path::Path;

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

/// The card as the bytes of a PNG.
pub fn png(card: &Card) -> Result<Vec<u8>, Failure> {
    let mut png = std::io::Cursor::new(Vec::new());
    raster(card)?
        .write_to(&mut png, image::ImageFormat::Png)
        .map_err(|_| Failure::new("a picture cannot be written"))?;
    Ok(png.into_inner())
}

/// The text of the first readable code in a picture file (PNG or JPEG).
pub fn read(path: &Path) -> Result<String, Failure> {
    let unreadable =
        || Failure::new("no code was found in the picture: take it closer, flat and in good light");
    let picture = image::open(path)
        .map_err(|_| Failure::new("the picture cannot be read: give a PNG or JPEG file"))?;
    let mut prepared = rqrr::PreparedImage::prepare(picture.to_luma8());
    let grids = prepared.detect_grids();
    let (_, text) = grids
        .iter()
        .find_map(|grid| grid.decode().ok())
        .ok_or_else(unreadable)?;
    Ok(text)
}
