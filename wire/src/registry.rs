//! Providers and sites.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crypto::id::ProviderId;
use crypto::report::{ServiceCode, Site};
use thiserror::Error;

#[cfg(feature = "openapi")]
use crate::form;

/// `POST /v1/providers`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewProvider {
    /// Name of the organisation, 1 to 80 characters, no control characters.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 80))]
    pub name: String,
}

/// Answer to [`NewProvider`]; a known name is a conflict.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProviderAdded {
    /// The new provider.
    #[cfg_attr(feature = "openapi", schema(value_type = form::Id))]
    pub provider: ProviderId,
}

/// `POST /v1/sites`; entering the same site of the same provider again changes nothing.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewSite {
    /// Whose site.
    #[cfg_attr(feature = "openapi", schema(value_type = form::Id))]
    pub provider: ProviderId,
    /// "city/name".
    #[cfg_attr(feature = "openapi", schema(value_type = form::Site))]
    pub site: Site,
    /// Whose days are the site's; the programme's when absent. Given for a site that is known, it takes the old one's place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<form::ZoneName>))]
    pub zone: Option<ZoneName>,
}

/// Most services that a site can be said to offer: more than the catalogue can hold.
pub const MOST_OFFERED: usize = 256;

/// `POST /v1/sites/services`; saying the same again changes nothing.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SiteServices {
    /// "city/name".
    #[cfg_attr(feature = "openapi", schema(value_type = form::Site))]
    pub site: Site,
    /// What it offers, 1 to 256 codes; every service, also those that the catalogue learns later, when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Vec<form::ServiceCode>>, min_items = 1, max_items = 256))]
    pub services: Option<BTreeSet<ServiceCode>>,
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
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Registry {
    /// Providers, by name.
    pub providers: Vec<RegisteredProvider>,
}

/// One provider of [`Registry`].
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RegisteredProvider {
    /// The provider.
    #[cfg_attr(feature = "openapi", schema(value_type = form::Id))]
    pub id: ProviderId,
    /// Its name.
    pub name: String,
    /// Its sites, in alphabetical order.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<form::Site>))]
    pub sites: Vec<Site>,
    /// Whose days are a site's days: a terminal writes its site's local day.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = BTreeMap<form::Site, form::ZoneName>))]
    pub zones: BTreeMap<Site, ZoneName>,
    /// What a site offers; a site that is not named here offers every service.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = BTreeMap<form::Site, Vec<form::ServiceCode>>))]
    pub offers: BTreeMap<Site, BTreeSet<ServiceCode>>,
}

impl RegisteredProvider {
    /// Whether a site offers a service.
    #[must_use]
    pub fn offers(&self, site: &Site, service: &ServiceCode) -> bool {
        let said = self.offers.get(site);
        said.is_none_or(|offered| offered.contains(service))
    }
}
