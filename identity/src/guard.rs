//! How much is allowed, how often it was refused, and what people with power did.

pub(crate) mod allowance;
pub(crate) mod audit;
pub(crate) mod balance;
pub mod caps;
pub(crate) mod counts;
pub(crate) mod forget;
pub(crate) mod limits;
pub(crate) mod refusals;
pub(crate) mod reserve;
