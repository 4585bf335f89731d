//! Test support: reports as they come, roles with a database of their own.

pub(crate) mod closing;
pub(crate) mod reading;
pub(crate) mod reports;
