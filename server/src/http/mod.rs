//! What this binary adds to the rooms' routers: a status page and headers.

pub mod headers;
pub mod page;
