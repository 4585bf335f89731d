//! What is done to a picture before a reader looks at it.

use image::imageops::{self, FilterType};
use image::{GrayImage, Luma};

/// The longest side that a reader is shown, in pixels: a card of a tenth of it is still large enough.
const LONG: f32 = 4_000.0;
/// A picture with no longer side than this is shown larger too: its modules may be narrower than two pixels.
const SHORT: u32 = 1_400;
/// Degrees by which one attempt turns the picture: a code stands on its corner at 45 and looks straight again at 90.
const TURN: f32 = 30.0;

/// What is done to a picture before a reader sees it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Attempt {
    scale: f32,
    /// Edges are made steeper: against blur.
    sharp: bool,
    /// In degrees: the search for a code's corners goes by rows, and is weakest where the code stands on a corner.
    turn: f32,
    /// Light for dark.
    inverse: bool,
}

/// The attempts for a picture whose longer side has so many pixels, six or eight. The first takes the picture as it is, unless it is
/// very large, and the second at half that size.
#[must_use]
pub fn attempts(side: u32) -> Vec<Attempt> {
    let whole = Attempt {
        scale: (LONG / side.max(1) as f32).min(1.0),
        sharp: false,
        turn: 0.0,
        inverse: false,
    };
    let by = |factor: f32| Attempt {
        scale: whole.scale * factor,
        ..whole
    };
    let mut attempts = vec![whole, by(0.5)];
    // Where the card is seen best: a small picture enlarged, a large one reduced.
    let best = if side <= SHORT {
        let twice = by(2.0);
        attempts.extend([
            by(1.5),
            twice,
            Attempt {
                sharp: true,
                ..twice
            },
        ]);
        twice
    } else {
        attempts.push(by(0.25));
        by(0.5)
    };
    attempts.push(Attempt { turn: TURN, ..best });
    for light in [whole, best] {
        attempts.push(Attempt {
            inverse: true,
            ..light
        });
    }
    attempts
}

impl Attempt {
    /// The picture as this attempt sees it.
    #[must_use]
    pub fn of(self, picture: &GrayImage) -> GrayImage {
        let mut seen = scaled(picture, self.scale);
        if self.sharp {
            seen = imageops::unsharpen(&seen, 2.0, 0);
        }
        if self.turn != 0.0 {
            seen = turned(&seen, self.turn);
        }
        if self.inverse {
            imageops::invert(&mut seen);
        }
        seen
    }
}

fn scaled(picture: &GrayImage, scale: f32) -> GrayImage {
    let side = |pixels: u32| ((pixels as f32 * scale) as u32).max(1);
    let filter = match scale {
        1.0 => return picture.clone(),
        larger if larger > 1.0 => FilterType::CatmullRom,
        _ => FilterType::Triangle,
    };
    imageops::resize(
        picture,
        side(picture.width()),
        side(picture.height()),
        filter,
    )
}

/// The whole picture, turned on white paper: each pixel from the four around the place that it comes from.
fn turned(picture: &GrayImage, degrees: f32) -> GrayImage {
    let (sin, cos) = degrees.to_radians().sin_cos();
    let (width, height) = (picture.width() as f32, picture.height() as f32);
    let (across, down) = (width * cos + height * sin, width * sin + height * cos);
    GrayImage::from_fn(across as u32, down as u32, |x, y| {
        let (x, y) = (x as f32 + 0.5 - across / 2.0, y as f32 + 0.5 - down / 2.0);
        let (x, y) = (x * cos + y * sin, y * cos - x * sin);
        let (x, y) = (x + (width - 1.0) / 2.0, y + (height - 1.0) / 2.0);
        Luma([between(picture, x, y).unwrap_or(255)])
    })
}

/// The grey between four pixels; `None` outside.
fn between(picture: &GrayImage, x: f32, y: f32) -> Option<u8> {
    if x < 0.0 || y < 0.0 {
        return None;
    }
    let (left, top) = (x as u32, y as u32);
    let (right, bottom) = (x.fract(), y.fract());
    let at = |x, y| Some(f32::from(picture.get_pixel_checked(x, y)?.0[0]));
    let upper = at(left, top)? * (1.0 - right) + at(left + 1, top)? * right;
    let lower = at(left, top + 1)? * (1.0 - right) + at(left + 1, top + 1)? * right;
    Some((upper * (1.0 - bottom) + lower * bottom).round() as u8)
}
