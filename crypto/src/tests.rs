//! Tests over several modules, and what the tests of all modules share.

mod naughty;
pub(crate) mod outside;
mod unlinkable;
