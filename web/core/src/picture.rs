//! A text as a QR symbol (ISO/IEC 18004), as an SVG path.

use std::fmt::Write as _;

use fast_qr::{ECL, QRBuilder};

use crate::fault::Fault;
use crate::view::Picture;

/// The symbol at this level of error correction; the page adds the quiet zone.
///
/// # Errors
/// `input` when the text is too long.
pub(crate) fn picture(text: &str, level: ECL) -> Result<Picture, Fault> {
    let code = QRBuilder::new(text).ecl(level).build();
    let code = code.map_err(|_| Fault::named("input"))?;
    let mut path = String::new();
    for (y, row) in (0..code.size).map(|y| (y, &code[y])) {
        for (x, _) in row.iter().enumerate().filter(|(_, it)| it.value()) {
            // Writing into a text does not fail.
            let _ = write!(path, "M{x} {y}h1v1h-1z");
        }
    }
    let size = u32::try_from(code.size).unwrap_or(0);
    Ok(Picture { size, path })
}
