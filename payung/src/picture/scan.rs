//! The attempts of `codes`, on a thread of its own: the reader is other people's work on other people's pictures, and may fall, or never
//! come back, without taking this program with it.

use std::sync::mpsc::channel;
use std::time::Duration;

use codes::GrayImage;

use crate::log::contained;

/// A reader of codes: the texts of all that it finds.
pub(super) type Reader = fn(&GrayImage) -> Vec<String>;

/// The texts of all different codes that a reader finds in any attempt, or `None` when it needs longer than it may.
pub(super) fn texts(picture: GrayImage, reader: Reader, longest: Duration) -> Option<Vec<String>> {
    let (answer, answered) = channel();
    // Left behind when it takes too long: it ends with the process, which ends with this command.
    std::thread::Builder::new()
        .spawn(move || answer.send(all(&picture, reader)))
        .ok()?;
    answered.recv_timeout(longest).ok()
}

fn all(picture: &GrayImage, reader: Reader) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for attempt in codes::attempts(picture.width().max(picture.height())) {
        let texts = contained(|| reader(&attempt.of(picture)));
        for text in texts.unwrap_or_default() {
            if !found.contains(&text) {
                found.push(text);
            }
        }
    }
    found
}
