//! What this binary adds to the rooms' routers: a status page and headers.

pub(crate) mod headers;
pub(crate) mod page;
