//! How far a measurement is, told to whoever started it.

/// Somebody at a terminal, or nobody.
pub trait Progress: Sync {
    /// Work of so many steps begins; there is one at a time.
    fn begin(&self, what: &'static str, steps: u64);
    /// Steps of it are done.
    fn step(&self, steps: u64);
    /// It is over.
    fn end(&self);
}

/// Nobody is told.
#[derive(Debug, Clone, Copy, Default)]
pub struct Nobody;

impl Progress for Nobody {
    fn begin(&self, _: &'static str, _: u64) {}

    fn step(&self, _: u64) {}

    fn end(&self) {}
}
