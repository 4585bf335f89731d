//! A picture file becomes grey: its format by its content, transparency laid on white, its size known before memory is taken.

use std::fs::File;
use std::io::{BufRead, Cursor, Read, Seek};
use std::path::Path;

use image::error::ImageError;
use image::{DynamicImage, GrayImage, ImageDecoder, ImageReader, Limits, Luma, LumaA};
use server::error::Failure;

/// Bytes of a picture file.
const FILE: u64 = 64 << 20;
/// Pixels of a picture: what a camera of 64 megapixels takes.
const PIXELS: u64 = 65 << 20;
/// Bytes of a picture while it is unpacked.
const UNPACKED: u64 = 260 << 20;

const LARGE: &str = "the picture is larger than 64 million pixels or 64 MB: make it smaller";
const FOREIGN: &str = "the picture cannot be read: give a PNG, JPEG or WebP file";
const PHONE: &str = "the picture is in a telephone's format (HEIC or AVIF): save it as JPEG";
const DAMAGED: &str = "the picture is damaged: take it or copy it again";

/// Reads a picture file.
pub(super) fn open(path: &Path) -> Result<GrayImage, Failure> {
    let failed = |e: std::io::Error| Failure::of("reading the picture", e.kind());
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(failed)?;
    file.take(FILE + 1)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    if bytes.len() as u64 > FILE {
        return Err(Failure::new(LARGE));
    }
    grey(&bytes)
}

/// Reads a picture from its bytes.
pub(super) fn grey(bytes: &[u8]) -> Result<GrayImage, Failure> {
    // A telephone's pictures begin like its films do.
    if bytes.get(4..8) == Some(b"ftyp".as_slice()) {
        return Err(Failure::new(PHONE));
    }
    let mut reader = ImageReader::new(Cursor::new(bytes))
        .with_guessed_format()
        .map_err(|_| Failure::new(FOREIGN))?;
    let mut limits = Limits::default();
    limits.max_alloc = Some(UNPACKED);
    reader.limits(limits);
    let picture = unpacked(reader).map_err(|error| {
        Failure::new(match error {
            ImageError::Limits(_) => LARGE,
            ImageError::Unsupported(_) => FOREIGN,
            _ => DAMAGED,
        })
    })?;
    Ok(on_white(&picture))
}

fn unpacked<R: BufRead + Seek>(reader: ImageReader<R>) -> Result<DynamicImage, ImageError> {
    let decoder = reader.into_decoder()?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > PIXELS || decoder.total_bytes() > UNPACKED {
        let kind = image::error::LimitErrorKind::InsufficientMemory;
        return Err(ImageError::Limits(image::error::LimitError::from_kind(
            kind,
        )));
    }
    DynamicImage::from_decoder(decoder)
}

fn on_white(picture: &DynamicImage) -> GrayImage {
    if !picture.color().has_alpha() {
        return picture.to_luma8();
    }
    let veiled = picture.to_luma_alpha8();
    GrayImage::from_fn(veiled.width(), veiled.height(), |x, y| {
        let LumaA([grey, cover]) = *veiled.get_pixel(x, y);
        let (grey, cover) = (u16::from(grey), u16::from(cover));
        let laid = (grey * cover + 255 * (255 - cover)) / 255;
        Luma([u8::try_from(laid).unwrap_or(255)])
    })
}
