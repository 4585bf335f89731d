//! `cargo xtask demo`: sets up what is missing, builds the pages and the service, and runs the demo.

use crate::step::cargo;
use crate::web::{self, finish};

/// Runs it; `arguments` are those of `payung demo`.
pub(crate) fn run(arguments: &[&str]) -> Result<(), String> {
    web::run()?;
    let mut demo = cargo(&["run", "--quiet", "--release", "-p", "payung", "--", "demo"]);
    demo.args(arguments);
    finish(demo)
}
