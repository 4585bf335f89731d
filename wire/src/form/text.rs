//! The texts: bytes, names, days, and what `crypto` writes into the log of keys.

use std::borrow::Cow;

use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, SchemaFormat, SchemaType, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// Characters of base64url without padding for so many bytes.
const fn characters(bytes: usize) -> usize {
    (4 * bytes).div_ceil(3)
}

/// So many bytes and no other spelling of them: what is left over in the last character is zero.
fn spelling(bytes: usize) -> String {
    let whole = 4 * (bytes / 3);
    match bytes % 3 {
        0 => format!("^[A-Za-z0-9_-]{{{whole}}}$"),
        1 => format!("^[A-Za-z0-9_-]{{{}}}[AQgw]$", whole + 1),
        _ => format!("^[A-Za-z0-9_-]{{{}}}[AEIMQUYcgkosw048]$", whole + 2),
    }
}

/// The same of any number of bytes.
const ANY: &str = "^([A-Za-z0-9_-]{4})*([A-Za-z0-9_-][AQgw]|[A-Za-z0-9_-]{2}[AEIMQUYcgkosw048])?$";

fn text(pattern: &str, description: &str) -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .pattern(Some(pattern))
        .description(Some(description))
}

/// Exactly `N` bytes.
pub struct Exactly<const N: usize>;

impl<const N: usize> PartialSchema for Exactly<N> {
    fn schema() -> RefOr<Schema> {
        let length = characters(N);
        let pattern = spelling(N);
        let description = format!("{N} bytes, as base64url without padding.");
        let form = text(&pattern, &description);
        let form = form.min_length(Some(length)).max_length(Some(length));
        form.into()
    }
}

impl<const N: usize> ToSchema for Exactly<N> {
    fn name() -> Cow<'static, str> {
        Cow::Owned(format!("Bytes{N}"))
    }
}

/// At most `N` bytes.
pub struct UpTo<const N: usize>;

impl<const N: usize> PartialSchema for UpTo<N> {
    fn schema() -> RefOr<Schema> {
        let description = format!("At most {N} bytes, as base64url without padding.");
        let form = text(ANY, &description);
        form.max_length(Some(characters(N))).into()
    }
}

impl<const N: usize> ToSchema for UpTo<N> {
    fn name() -> Cow<'static, str> {
        Cow::Owned(format!("BytesUpTo{N}"))
    }
}

/// 16 bytes.
pub type Bytes16 = Exactly<16>;
/// 32 bytes.
pub type Bytes32 = Exactly<32>;
/// 64 bytes.
pub type Bytes64 = Exactly<64>;
/// 84 bytes: a signed blank.
pub type Bytes84 = Exactly<84>;
/// 96 bytes: KE1 of OPAQUE.
pub type Bytes96 = Exactly<96>;
/// 149 bytes: a data key that is handed on.
pub type Bytes149 = Exactly<149>;
/// 192 bytes: a registration record of OPAQUE.
pub type Bytes192 = Exactly<192>;
/// 320 bytes: KE2 of OPAQUE.
pub type Bytes320 = Exactly<320>;
/// At most 1,024 bytes.
pub type BytesUpTo1024 = UpTo<1_024>;
/// At most 4,096 bytes.
pub type BytesUpTo4096 = UpTo<4_096>;
/// A sealed envelope.
pub type SealedEnvelope = Exactly<{ crypto::envelope::SEALED_BYTES }>;
/// A sealed report.
pub type SealedReport = Exactly<{ crypto::report::SEALED_BYTES }>;
/// The digests of all buckets.
pub type Digests = Exactly<{ crypto::envelope::DIGEST_BYTES * crate::Prefix::SYNC_BUCKETS }>;

/// A form of text without a length of its own.
macro_rules! forms {
    ($($(#[doc = $doc:literal])+ $name:ident, $pattern:expr;)+) => {$(
        $(#[doc = $doc])+
        pub struct $name;

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                text($pattern, concat!($($doc),+).trim_start()).into()
            }
        }

        impl ToSchema for $name {
            fn name() -> Cow<'static, str> {
                Cow::Borrowed(stringify!($name))
            }
        }
    )+};
}

forms! {
    /// Bytes, as base64url without padding.
    Bytes, ANY;
    /// 16 bytes that name something, as lower-case hexadecimal digits.
    Id, "^[0-9a-f]{32}$";
    /// 32 bytes, as lower-case hexadecimal digits.
    Hex32, "^[0-9a-f]{64}$";
    /// A month, YYYY-MM.
    Month, "^[0-9]{4}-(0[1-9]|1[0-2])$";
    /// A quarter, such as 2026Q1.
    Quarter, "^[0-9]{4}Q[1-4]$";
    /// What an evaluation is for.
    Domain, "^(card|mail|handle|recover|short|pin|anal|prov/[0-9a-f]{32})$";
    /// The first bits of the ids of a bucket, `<bits>-<hex>`: how many bits, and the bytes that hold them.
    Prefix, "^([0-9]|1[0-2])-[0-9a-f]{0,4}$";
    /// The name of a time zone of the IANA database.
    ZoneName, "^[A-Za-z0-9_+/-]{1,64}$";
    /// A place of a provider: city/name.
    Site, "^[a-z0-9-]{1,32}/[a-z0-9-]{1,32}$";
    /// The code of a service.
    ServiceCode, "^[a-z0-9-]{1,24}$";
}

/// A day.
pub struct Day;

impl PartialSchema for Day {
    fn schema() -> RefOr<Schema> {
        let form = text("^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "A day, YYYY-MM-DD.");
        let date = SchemaFormat::KnownFormat(KnownFormat::Date);
        form.format(Some(date)).into()
    }
}

impl ToSchema for Day {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("Day")
    }
}

/// Bytes as they are, a text or a page: what is in them no schema says.
pub struct Raw;

impl PartialSchema for Raw {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(SchemaType::AnyValue)
            .into()
    }
}

impl ToSchema for Raw {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("Raw")
    }
}

/// Any JSON object.
pub struct Document;

impl PartialSchema for Document {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new().schema_type(Type::Object).into()
    }
}

impl ToSchema for Document {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("Document")
    }
}

/// What somebody is who invites.
#[derive(ToSchema)]
#[schema(rename_all = "kebab-case")]
pub enum InviterKind {
    /// Whoever holds the service's data folder.
    CommandLine,
    /// An operator.
    Operator,
    /// An administrator of the provider.
    Administrator,
}

/// Where the log of keys ends, and on which day that was so.
#[derive(ToSchema)]
pub struct Head {
    /// Number of entries.
    pub length: u32,
    /// Hash of the log.
    pub hash: Bytes32,
    /// The day of signing.
    pub day: Day,
    /// By the list key, over programme, length (4 bytes, big endian), hash and day number (4 bytes, big endian).
    pub signature: Bytes64,
}

/// One entry of the log of keys.
#[derive(ToSchema)]
#[schema(rename_all = "kebab-case")]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum LogEntry {
    /// The keys of the programme.
    Core(SignedCore),
    /// The key of a provider's domain.
    Provider(Listing),
}

/// The keys of the programme as they travel.
#[derive(ToSchema)]
pub struct SignedCore {
    /// The JSON bytes that were signed.
    pub payload: Bytes,
    /// One signature; two, the old root's first, where the root is replaced.
    #[schema(min_items = 1, max_items = 2)]
    pub signatures: Vec<RootSignature>,
}

/// A signature of a root.
#[derive(ToSchema)]
pub struct RootSignature {
    /// The root's public key.
    pub root: Bytes32,
    /// Ed25519 over the payload.
    pub signature: Bytes64,
}

/// The key of a provider's domain.
#[derive(ToSchema)]
pub struct Listing {
    /// Whose domain.
    pub provider: Id,
    /// Epoch of the key.
    pub epoch: u32,
    /// The domain's public key.
    pub key: Bytes32,
    /// By the list key, over programme, provider, epoch (4 bytes, big endian) and key.
    pub signature: Bytes64,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_spelling_fits_every_number_of_bytes() {
        for (bytes, pattern) in [
            (16, "^[A-Za-z0-9_-]{21}[AQgw]$"),
            (32, "^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$"),
            (96, "^[A-Za-z0-9_-]{128}$"),
        ] {
            assert_eq!(spelling(bytes), pattern);
            assert_eq!(
                crypto::b64::encode(&vec![0; bytes]).len(),
                characters(bytes)
            );
        }
        // The last characters that the alphabet has for what is left over.
        for (bytes, last) in [(1, "AQgw"), (2, "AEIMQUYcgkosw048")] {
            let mut all: Vec<char> = (0..=u8::MAX)
                .filter_map(|byte| crypto::b64::encode(&[byte; 2][..bytes]).chars().last())
                .collect();
            all.sort_unstable();
            all.dedup();
            let mut known: Vec<char> = last.chars().collect();
            known.sort_unstable();
            assert_eq!(all, known);
        }
    }
}
