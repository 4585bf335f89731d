//! The release log: a hash-chained list outside the database that remembers what was measured and published.
//!
//! Noise protects people once. A database restored from an older backup would measure a quarter a second time, and the
//! average of two draws says more than either. So every reservation and every release is also a line of a file that is
//! not restored with the database, and closing is refused when the file knows more than the database does.
//!
//! Here is what the bytes mean; who writes the file keeps it elsewhere. Everything in it is public and says nothing about
//! people, so anybody may keep a copy ([`mirror`]).

pub mod chain;
pub mod error;
pub mod head;
pub mod mirror;
