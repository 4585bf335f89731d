//! Providers and sites.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crypto::id::ProviderId;
use crypto::report::Site;
use thiserror::Error;

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
    /// Whose days are the site's; the programme's when absent. Given for a site that is known, it takes the old one's place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<ZoneName>,
}

/// Most characters of a zone's name.
const MOST_ZONE: usize = 64;

/// What a time zone of the IANA database may be called: 1 to 64 letters, digits and `_ + - /`. Whether there is one of that name is for
/// the reader to say, who has the database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ZoneName(String);

impl ZoneName {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for ZoneName {
    type Error = MalformedZone;

    fn try_from(name: String) -> Result<Self, MalformedZone> {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"_+-/".contains(&byte);
        let good = (1..=MOST_ZONE).contains(&name.len()) && name.bytes().all(fits);
        good.then_some(Self(name)).ok_or(MalformedZone)
    }
}

impl From<ZoneName> for String {
    fn from(name: ZoneName) -> Self {
        name.0
    }
}

/// Not what a zone may be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a time zone has a name of the IANA database, such as Asia/Makassar")]
pub struct MalformedZone;

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
    /// Whose days are a site's days: a terminal writes its site's local day.
    #[serde(default)]
    pub zones: BTreeMap<Site, ZoneName>,
}
