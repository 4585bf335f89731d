//! QR codes in a picture: several attempts, because nobody holds a camera still, straight and near.
//!
//! All attempts are to be made, also when one has found a code: another may find a second code, and then nobody may say which
//! is meant. Which attempts there are was measured (docs/decisions/0046-cards-as-cameras-see-them.md). The reader of codes is
//! other people's work on other people's pictures: it may panic, or take minutes. Whoever calls [`qr`] must be able to lose it:
//! the command line has a thread for it, a browser a worker.
#![forbid(unsafe_code)]

mod attempt;
mod reader;

pub use attempt::{Attempt, attempts};
pub use reader::qr;

/// Grey pixels, rows from the top.
pub use image::GrayImage;
