//! What this binary adds to the rooms' routers: a status page, whether it is well, and headers.

pub(crate) mod headers;
pub(crate) mod health;
pub(crate) mod page;
