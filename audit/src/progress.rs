//! How far an audit is, told to whoever started it.

/// Somebody at a terminal, or nobody.
pub trait Progress {
    /// A test begins, in words for a person.
    fn test(&self, words: &str);
    /// Work of so many steps begins; there is one at a time.
    fn begin(&self, what: &'static str, steps: u64);
    /// One step of it is done.
    fn step(&self);
    /// It is over.
    fn end(&self);
}
