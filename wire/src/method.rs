//! The methods of the interface, so that who speaks of a request needs no HTTP library.

use std::fmt;

/// A method of the interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Method {
    /// Reads; has no body.
    Get,
    /// Does or adds.
    Post,
    /// Stores under a name that the sender chose.
    Put,
    /// Removes.
    Delete,
}

impl Method {
    /// The method's name, upper case, as HTTP writes it and as a terminal signs it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
