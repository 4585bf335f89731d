//! The two roles of the service, as far as their databases differ.

/// Which room a database belongs to; rooms never share a file or a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Room {
    /// Cards, staff, rosters, outbox.
    Identity,
    /// Reports, contributions, releases.
    Analytics,
}

impl Room {
    /// File name in the data folder.
    #[must_use]
    pub fn file_name(self) -> &'static str {
        match self {
            Self::Identity => "identity.db",
            Self::Analytics => "analytics.db",
        }
    }

    /// PostgreSQL schema.
    #[must_use]
    pub fn schema(self) -> &'static str {
        match self {
            Self::Identity => "payung_identity",
            Self::Analytics => "payung_analytics",
        }
    }

    pub(crate) fn create_schema(self) -> &'static str {
        match self {
            Self::Identity => "CREATE SCHEMA IF NOT EXISTS payung_identity",
            Self::Analytics => "CREATE SCHEMA IF NOT EXISTS payung_analytics",
        }
    }
}
