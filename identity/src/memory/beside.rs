//! The place beside the database that tells an older copy of it (`access/restored.rs`).

/// A few numbers, in a place that is in nobody's backup.
pub trait Beside: Send + Sync {
    /// The numbers that lie there; none when nothing does, or nothing that can be read.
    fn read(&self) -> Vec<i64>;

    /// Replaces them, all or none; false when that failed.
    fn write(&self, numbers: &[i64]) -> bool;
}
