//! Tests over several modules, and what the tests of all modules share.

mod naughty;
pub(crate) mod outside;
pub(crate) mod scripted;
mod unlinkable;
mod vectors;
