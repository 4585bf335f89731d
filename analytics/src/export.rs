//! Exports: deterministic renderings of stored releases. Nothing is measured, drawn or signed here, so every export of a
//! release is byte for byte the same, on every host and after every restart.

pub mod csv;
pub mod json;
