//! A camera made of arithmetic: what a hand, a lens, a lamp and a file format make of a printed card.
//!
//! A pinhole camera sees a flat card lying on a darker ground. Each pixel is the mean of sixteen rays; then come the lamp, the
//! lens's blur, the sensor's noise and JPEG. Everything follows from a seed.

use std::io::Cursor;

use crypto::rng::Rng;
use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, GrayImage, ImageFormat, Luma, imageops};

/// Rays for each pixel, in each direction.
const RAYS: u16 = 4;
/// Distance of the camera, in widths of the card.
const FAR: f32 = 2.5;
/// Modules across a card with its quiet zone.
const MODULES: f32 = 57.0;

/// What spoils a picture.
pub(crate) const KINDS: [&str; 10] = [
    "nothing",
    "blur",
    "rotation",
    "perspective",
    "noise",
    "low light",
    "uneven light",
    "JPEG",
    "all of these",
    "light on dark",
];

/// How one picture is taken.
#[derive(Clone, Debug)]
pub(crate) struct Shot {
    /// Width and height of the picture in pixels.
    pub(crate) frame: (u32, u32),
    /// Width of the card with its quiet zone where it lies straight, in pixels.
    pub(crate) width: f32,
    /// Turned in the plane of the picture, in degrees.
    pub(crate) turn: f32,
    /// Turned away from the camera about the upright and about the level axis, in degrees.
    pub(crate) tilt: (f32, f32),
    /// Standard deviation of the blur, in pixels.
    pub(crate) blur: f32,
    /// Standard deviation of the noise, in steps of 256.
    pub(crate) noise: f32,
    /// Brightness of white paper; 1 is the brightest that the sensor can tell.
    pub(crate) light: f32,
    /// How much of the light is missing at the dark end, and where that lies, in degrees.
    pub(crate) shade: (f32, f32),
    /// Quality of the JPEG, or a PNG.
    pub(crate) jpeg: Option<u8>,
    /// Light modules on a dark ground.
    pub(crate) inverse: bool,
}

impl Shot {
    /// A card that lies straight in good light, off the grid of pixels by a part of one.
    pub(crate) fn plain(width: f32, frame: (u32, u32)) -> Self {
        Self {
            frame,
            width,
            turn: 0.0,
            tilt: (0.0, 0.0),
            blur: 0.35,
            noise: 1.0,
            light: 0.9,
            shade: (0.0, 0.0),
            jpeg: None,
            inverse: false,
        }
    }

    /// One of [`KINDS`], as strong as chance will have it.
    pub(crate) fn spoilt(kind: &str, width: f32, frame: (u32, u32), rng: &mut impl Rng) -> Self {
        let mut shot = Self::plain(width, frame);
        let module = width / MODULES;
        match kind {
            "blur" => shot.blur = module * between(rng, 0.3, 0.55),
            "rotation" => shot.turn = between(rng, 0.0, 360.0),
            "perspective" => shot.tilt = tilt(rng, 35.0),
            "noise" => shot.noise = between(rng, 10.0, 35.0),
            "low light" => {
                shot.light = between(rng, 0.08, 0.25);
                shot.noise = between(rng, 1.5, 4.0);
            }
            "uneven light" => shot.shade = (between(rng, 0.6, 0.93), between(rng, 0.0, 360.0)),
            "JPEG" => shot.jpeg = Some(between(rng, 8.0, 30.0) as u8),
            "light on dark" => shot.inverse = true,
            "all of these" => {
                shot.blur = module * between(rng, 0.2, 0.4);
                shot.turn = between(rng, -25.0, 25.0);
                shot.tilt = tilt(rng, 15.0);
                shot.noise = between(rng, 2.0, 8.0);
                shot.light = between(rng, 0.4, 0.9);
                shot.shade = (between(rng, 0.2, 0.6), between(rng, 0.0, 360.0));
                shot.jpeg = Some(between(rng, 50.0, 90.0) as u8);
            }
            _ => {}
        }
        shot
    }

    /// The bytes of the picture, as PNG or JPEG.
    pub(crate) fn of(&self, card: &GrayImage, rng: &mut impl Rng) -> Vec<u8> {
        let picture = DynamicImage::ImageLuma8(self.developed(card, rng));
        let mut bytes = Cursor::new(Vec::new());
        let written = match self.jpeg {
            Some(quality) => {
                picture.write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, quality))
            }
            None => picture.write_to(&mut bytes, ImageFormat::Png),
        };
        written.expect("memory takes a picture");
        bytes.into_inner()
    }

    fn developed(&self, card: &GrayImage, rng: &mut impl Rng) -> GrayImage {
        let scene = Scene {
            card,
            shot: self,
            off: (between(rng, -2.0, 2.0), between(rng, -2.0, 2.0)),
        };
        let sharp = GrayImage::from_fn(self.frame.0, self.frame.1, |x, y| {
            Luma([(scene.pixel(x as f32, y as f32) * 255.0) as u8])
        });
        let mut picture = imageops::blur(&sharp, self.blur);
        for Luma([grey]) in picture.pixels_mut() {
            // The sum of twelve is near enough to normal.
            let normal: f32 = (0..12).map(|_| between(rng, -0.5, 0.5)).sum();
            *grey = (f32::from(*grey) + normal * self.noise).clamp(0.0, 255.0) as u8;
        }
        picture
    }
}

fn between(rng: &mut impl Rng, low: f32, high: f32) -> f32 {
    low + (high - low) * (rng.next_u32() >> 8) as f32 / 16_777_216.0
}

fn tilt(rng: &mut impl Rng, most: f32) -> (f32, f32) {
    (between(rng, -most, most), between(rng, -most, most))
}

fn turned((x, y): (f32, f32), degrees: f32) -> (f32, f32) {
    let (sin, cos) = degrees.to_radians().sin_cos();
    (x * cos - y * sin, x * sin + y * cos)
}

struct Scene<'a> {
    card: &'a GrayImage,
    shot: &'a Shot,
    /// Where the card's centre lies beside the picture's.
    off: (f32, f32),
}

impl Scene<'_> {
    /// From the middle of the picture, in pixels.
    fn middle(&self, x: f32, y: f32) -> (f32, f32) {
        let (width, height) = self.shot.frame;
        (x - width as f32 / 2.0, y - height as f32 / 2.0)
    }

    /// Where the ray through a point of the picture meets the plane of the card, from its centre in widths of it: the plane
    /// has the normal n and goes through (0, 0, FAR), the ray is (x, y, 1).
    fn meets(&self, x: f32, y: f32) -> (f32, f32) {
        let focus = self.shot.width * FAR;
        let (x, y) = self.middle(x - self.off.0, y - self.off.1);
        let (x, y) = turned((x / focus, y / focus), -self.shot.turn);
        let (sin_a, cos_a) = self.shot.tilt.0.to_radians().sin_cos();
        let (sin_b, cos_b) = self.shot.tilt.1.to_radians().sin_cos();
        let normal = (sin_a * cos_b, -sin_b, cos_a * cos_b);
        let reach = FAR * normal.2 / (x * normal.0 + y * normal.1 + normal.2);
        let at = (x * reach, y * reach, reach - FAR);
        (
            at.0 * cos_a - at.2 * sin_a,
            at.0 * sin_a * sin_b + at.1 * cos_b + at.2 * cos_a * sin_b,
        )
    }

    /// What a ray brings back, from black to white.
    fn ray(&self, x: f32, y: f32) -> f32 {
        let (u, v) = self.meets(x, y);
        if u.abs() >= 0.5 || v.abs() >= 0.5 {
            // A table with a grain.
            return 0.45 + 0.12 * (x * 0.061 + (y * 0.017).sin() * 2.0).sin();
        }
        let last = self.card.width() - 1;
        let place = |at: f32| (((at + 0.5) * last as f32).round() as u32).min(last);
        let dark = self.card.get_pixel(place(u), place(v)).0[0] < 128;
        match dark == self.shot.inverse {
            true => 1.0,
            false => 0.12,
        }
    }

    fn pixel(&self, x: f32, y: f32) -> f32 {
        let step = |ray: u16| (f32::from(ray) + 0.5) / f32::from(RAYS);
        let rays = (0..RAYS).flat_map(|i| (0..RAYS).map(move |j| (i, j)));
        let sum: f32 = rays.map(|(i, j)| self.ray(x + step(i), y + step(j))).sum();
        sum / f32::from(RAYS * RAYS) * self.lamp(x, y)
    }

    fn lamp(&self, x: f32, y: f32) -> f32 {
        let (shade, from) = self.shot.shade;
        let along = turned(self.middle(x, y), from).0 / self.shot.width + 0.5;
        self.shot.light * (1.0 - shade * along.clamp(0.0, 1.0))
    }
}
