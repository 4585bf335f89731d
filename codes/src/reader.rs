//! rxing's translation of zxing-cpp, without what it makes of the bytes of a code: tables of a dozen alphabets, and the time of day.

use image::GrayImage;
use rxing::common::cpp_essentials::ConcentricPattern;
use rxing::common::{DetectorRXingResult, HybridBinarizer};
use rxing::qrcode::cpp_port::decoder::Decode;
use rxing::qrcode::cpp_port::detector::{
    FindFinderPatterns, FinderPatternSet, GenerateFinderPatternSets, SampleQR,
};
use rxing::{Binarizer, Luma8Source};

/// The texts of all QR codes of a picture, dark on light, in no order that means anything. A picture in which nothing can be told
/// apart has none.
///
/// # Panics
/// Where the library has a fault: see the head of this crate.
#[must_use]
pub fn qr(picture: &GrayImage) -> Vec<String> {
    let (width, height) = picture.dimensions();
    let Ok(source) = Luma8Source::new_with_slice(picture.as_raw(), width, height) else {
        return Vec::new();
    };
    let light = HybridBinarizer::new(source);
    let Ok(dark) = light.get_black_matrix() else {
        return Vec::new();
    };
    // Every row of three, and modules of any size.
    let mut corners = FindFinderPatterns(dark, true, 0);
    let mut read: Vec<ConcentricPattern> = Vec::new();
    let mut texts = Vec::new();
    for set in GenerateFinderPatternSets(&mut corners) {
        let FinderPatternSet { bl, tl, tr } = set;
        if [bl, tl, tr].iter().any(|corner| read.contains(corner)) {
            continue;
        }
        let Ok(symbol) = SampleQR(dark, &set) else {
            continue;
        };
        let code = Decode(symbol.getBits());
        if let Some(code) = code.ok().filter(|code| code.isValid()) {
            read.extend([bl, tl, tr]);
            texts.push(text(code.content().bytes()));
        }
    }
    texts
}

/// A card's signs are one byte each, and so is what an invitation says. What is no UTF-8 is in an alphabet that no code of ours
/// has: each byte becomes one sign, so that two such codes stay two.
fn text(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().copied().map(char::from).collect(),
    }
}
