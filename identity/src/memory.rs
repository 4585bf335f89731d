//! What this process keeps in memory only, each thing with its lock: it is gone with the process, and nothing depends on
//! it but speed and limits.
//!
//! Nothing here knows [`App`](crate::App), which holds all of it.

pub(crate) mod appending;
pub(crate) mod beside;
pub(crate) mod blocks;
pub(crate) mod buckets;
pub(crate) mod changes;
pub(crate) mod count;
pub(crate) mod credits;
pub(crate) mod crowd;
pub(crate) mod domains;
pub(crate) mod forgotten;
pub(crate) mod laying;
pub(crate) mod nobody;
pub(crate) mod presented;
pub(crate) mod refusals;
pub(crate) mod seen;
pub(crate) mod starts;
pub(crate) mod status;
pub(crate) mod together;
pub(crate) mod tried;
pub(crate) mod waits;
pub(crate) mod windows;
