//! The core in the browser: what pages ask of this house, bound for one worker.
//!
//! [`Core`] is a terminal: what `terminal` does, with the worker's fetch as its transport and the browser's database as its keeper
//! (`host.rs`). A page hands in what people typed or scanned and gets plain values ([`view`]) to show; no step of the protocol, no
//! verdict, no list is made in a page.
//!
//! One call at a time: the worker hands the next one over when the one before has ended. What goes wrong is thrown as a
//! [`view::Problem`], whose `code` a page has words for. No input makes this panic.
#![forbid(unsafe_code)]

mod clients;
mod closing;
mod core;
mod fault;
mod host;
mod lists;
mod lock;
mod office;
mod outside;
#[cfg_attr(
    not(target_arch = "wasm32"),
    allow(dead_code, reason = "outside a browser nobody makes promises")
)]
mod promise;
mod record;
mod scan;
mod team;
pub mod view;

pub use crate::core::Core;
