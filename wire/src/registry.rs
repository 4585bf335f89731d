//! Providers and sites.

use serde::{Deserialize, Serialize};

use crypto::id::ProviderId;
use crypto::report::Site;

/// `POST /v1/providers`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewProvider {
    /// Name of the organisation, 1 to 80 characters, no control characters.
    pub name: String,
}

/// Answer to [`NewProvider`]; a known name is a conflict.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ProviderAdded {
    /// The new provider.
    pub provider: ProviderId,
}

/// `POST /v1/sites`; entering the same site of the same provider again changes nothing.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewSite {
    /// Whose site.
    pub provider: ProviderId,
    /// "city/name".
    pub site: Site,
}

/// Answer to `GET /v1/registry`: to operators all providers, to staff of a provider their own.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Registry {
    /// Providers, by name.
    pub providers: Vec<RegisteredProvider>,
}

/// One provider of [`Registry`].
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RegisteredProvider {
    /// The provider.
    pub id: ProviderId,
    /// Its name.
    pub name: String,
    /// Its sites, in alphabetical order.
    pub sites: Vec<Site>,
}
