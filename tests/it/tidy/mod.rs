//! Rules of the house that no compiler checks: which crate may know which, how long a file may grow, where a clock or
//! a library may be named, and that the documents say what the tree holds.
//!
//! Each test here is an absence: it lists what must not be there and prints every offender with its place.

mod circles;
mod documents;
mod manifests;
mod nevers;
mod schema;
mod source;
mod tree;

/// Fails with one line for each offender.
#[track_caller]
fn nothing(rule: &str, offenders: &[String]) {
    assert!(offenders.is_empty(), "{rule}\n  {}", offenders.join("\n  "));
}
