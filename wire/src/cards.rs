//! Blanks, evaluation, envelopes, status.

use serde::{Deserialize, Serialize};

use crypto::b64::{B64, Fixed};
use crypto::day::Month;
use crypto::domain::Domain;
use crypto::id::EnvelopeId;
use crypto::json::{Hidden, HiddenBytes};

use crate::buckets::Prefix;

#[cfg(feature = "openapi")]
use crate::form;

/// Most commitments in one [`SignBlanks`].
pub const MOST_BLANKS: usize = 500;
/// Most items in one [`Evaluate`].
pub const MOST_DOMAINS: usize = 8;
/// Most elements in one item of [`Evaluate`].
pub const MOST_ELEMENTS: usize = 256;
/// Most buckets in one [`FetchBuckets`].
pub const MOST_BUCKETS: usize = 32;

/// `POST /v1/blanks`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SignBlanks {
    /// Commitments to card secrets, 1 to [`MOST_BLANKS`].
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<form::Bytes16>, min_items = 1, max_items = 500))]
    pub commitments: Vec<Fixed<16>>,
    /// Last month in which the cards are good.
    #[cfg_attr(feature = "openapi", schema(value_type = form::Month))]
    pub expiry: Month,
}

/// Answer to [`SignBlanks`], in the order of the commitments.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BlanksSigned {
    /// Signed blanks.
    pub blanks: Vec<Blank>,
}

/// One signed blank.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Blank {
    /// The signed part of a card.
    #[cfg_attr(feature = "openapi", schema(value_type = form::Bytes84))]
    pub signed: Fixed<84>,
}

/// `POST /v1/evaluate`: 1 to [`MOST_DOMAINS`] items.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Evaluate {
    /// One item a domain; only `card`, `mail` and the own provider's domain are answered.
    #[cfg_attr(feature = "openapi", schema(min_items = 1, max_items = 8))]
    pub items: Vec<EvaluateItem>,
}

/// Blinded elements of one domain.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct EvaluateItem {
    /// Which key.
    #[cfg_attr(feature = "openapi", schema(value_type = form::Domain))]
    pub domain: Domain,
    /// Blinded elements, 1 to [`MOST_ELEMENTS`].
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<form::Bytes32>, min_items = 1, max_items = 256))]
    pub elements: Vec<Fixed<32>>,
}

/// Answer to [`Evaluate`], in the order of the items.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Evaluated {
    /// One answer an item.
    pub items: Vec<EvaluatedItem>,
}

/// Evaluated elements of one domain with one proof for all of them.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EvaluatedItem {
    /// In the order of the blinded elements.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<form::Bytes32>))]
    pub elements: Vec<Fixed<32>>,
    /// Batched DLEQ proof (RFC 9497, section 2.2.2).
    #[cfg_attr(feature = "openapi", schema(value_type = form::Bytes64))]
    pub proof: Fixed<64>,
}

/// Answer to `GET /v1/envelopes/digests`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EnvelopeDigests {
    /// One digest (`crypto::envelope::bucket_digest`) for each of the [`Prefix::SYNC_BUCKETS`] buckets, in their order.
    #[cfg_attr(feature = "openapi", schema(value_type = form::Digests))]
    pub digests: B64,
}

/// `POST /v1/envelopes/buckets`: 1 to [`MOST_BUCKETS`] buckets, in the order in which they are to be answered. The answer
/// is bytes, see [`crate::buckets::Fetched`].
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct FetchBuckets {
    /// Which.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<form::Prefix>, min_items = 1, max_items = 32))]
    pub prefixes: Vec<Prefix>,
}

/// `PUT /v1/envelopes/{id}`: 201 created, 200 the same bytes again, 409 other bytes.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PutEnvelope {
    /// Sealed content, of the one fixed length.
    #[cfg_attr(feature = "openapi", schema(value_type = form::SealedEnvelope))]
    pub sealed: B64,
    /// Hash of the token that deletes it.
    #[cfg_attr(feature = "openapi", schema(value_type = form::Bytes32))]
    pub delete_hash: Fixed<32>,
}

/// `DELETE /v1/envelopes/{id}`: 204, or 404 for an unknown id and a wrong token alike.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct DeleteEnvelope {
    /// The token.
    #[cfg_attr(feature = "openapi", schema(value_type = form::Bytes32))]
    pub delete_token: Hidden<32>,
}

/// `POST /v1/envelopes/replace`: the old envelope is deleted and the new one put, both or none. 201 done, 200 when this
/// very replacement was done before; 404 for an unknown old id and for a wrong token alike; 409 when the old envelope is
/// deleted already and this new one is not there, and when something else lies, or lay, under the new id.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ReplaceEnvelope {
    /// The envelope that goes.
    #[cfg_attr(feature = "openapi", schema(value_type = form::Id))]
    pub old: EnvelopeId,
    /// Its token.
    #[cfg_attr(feature = "openapi", schema(value_type = form::Bytes32))]
    pub delete_token: Hidden<32>,
    /// The envelope that comes.
    #[cfg_attr(feature = "openapi", schema(value_type = form::Id))]
    pub new: EnvelopeId,
    /// What it is put with.
    pub put: PutEnvelope,
}

/// `POST /v1/status/revoke`; answers 202 and [`super::Empty`] whatever it is given: a card's proof, the proof of a card
/// that is withdrawn already or of somebody else's programme, noise, or one too many for today. Whether a card is
/// withdrawn is said by the status list.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RevokeCard {
    /// The signed part of the card, 84 bytes.
    #[cfg_attr(feature = "openapi", schema(value_type = form::Bytes))]
    pub blank: B64,
    /// The card's revoke token, 32 bytes.
    #[cfg_attr(feature = "openapi", schema(value_type = form::Bytes))]
    pub token: HiddenBytes,
}

/// Media type of `GET /v1/status-list`.
pub const STATUS_LIST_TYPE: &str = "application/statuslist+cwt";
