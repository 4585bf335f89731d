//! The columns of a table, and the line ends that no field of it may hold.

/// The columns, in the order they are documented.
pub const COLUMNS: [&str; 8] = [
    "person",
    "date",
    "site",
    "service",
    "event",
    "covered_until",
    "gender",
    "age_band",
];

/// Line ends in a field: a line feed, a carriage return, or both together.
pub(super) fn line_ends(field: &[u8]) -> u64 {
    let feeds = field.iter().filter(|byte| **byte == b'\n');
    let pairs = field.windows(2).filter(|pair| pair == b"\r\n");
    let returns = field.iter().filter(|byte| **byte == b'\r');
    let ends = feeds.count() + returns.count() - pairs.count();
    u64::try_from(ends).unwrap_or(u64::MAX)
}
