//! What this binary adds to the rooms' routers: the description of the interface, a status page, whether it is well, and headers.

pub(crate) mod document;
pub(crate) mod headers;
pub(crate) mod health;
pub(crate) mod page;
