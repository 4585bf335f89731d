//! Rebuilds the room when a migration file is added: the embedding macro only watches files it already knows.
#![forbid(unsafe_code)]

#[allow(
    clippy::print_stdout,
    reason = "this is how a build script speaks to cargo"
)]
fn main() {
    println!("cargo:rerun-if-changed=migrations");
}
