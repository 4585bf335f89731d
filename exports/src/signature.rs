//! The signature beside a rendering: a few lines of text that bind the rendered bytes to the release they were made from.
//!
//! ```text
//! payung export signature 1
//! format dhis2/1
//! release 2026Q1 version 1
//! hash <hex BLAKE3 of the JSON release>
//! mapping <hex BLAKE3 of the mapping file, or none>
//! file <hex BLAKE3 of the rendered bytes>
//! key <hex Ed25519 public key>
//! signature <hex Ed25519 signature over all bytes before this line>
//! ```
//!
//! It is made with the release key, which is at hand only to whoever has the passphrase. Ed25519 is deterministic: the same
//! rendering gives the same signature file. Nothing else that the release key signs begins like this (the JSON release begins
//! with a brace, the CSV form with `#`), so no signature fits in another's place.

use crypto::day::Quarter;
use crypto::sign::ReleaseKey;
use crypto::{digest, hex};
use thiserror::Error;

use super::form::Form;
use super::source::Source;
use release::error::ReleaseError;

const TITLE: &str = "payung export signature 1";
const LAST: &str = "signature ";

/// What a signature file says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// The form of the rendering.
    pub form: Form,
    /// The quarter.
    pub period: Quarter,
    /// 1 for the quarter's first release.
    pub version: u32,
    /// BLAKE3 of the JSON release, hex.
    pub hash: String,
    /// BLAKE3 of the mapping file, hex; `None` for forms without one.
    pub mapping: Option<String>,
    /// BLAKE3 of the rendered bytes, hex.
    pub file: String,
}

/// A signature cannot be made.
#[derive(Debug, Error)]
pub enum SignError {
    /// The stored bytes are no release.
    #[error(transparent)]
    Release(#[from] ReleaseError),
    /// The key at hand is another one.
    #[error(
        "this release was signed with another key than the one in the data folder: sign where it was published"
    )]
    OtherKey,
}

/// Why a signature file is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SignatureError {
    /// Not written the one way it is written, or by another version.
    #[error(
        "this is not a signature file that this version writes: fetch it again from the programme"
    )]
    Format,
    /// It names another key.
    #[error(
        "this signature was made with another programme's key: check that you have the right file and the right key"
    )]
    OtherKey,
    /// The signature does not fit its own text.
    #[error("the signature does not fit: the signature file was changed")]
    Signature,
    /// The file is not the one that was signed.
    #[error(
        "the file is not the one that was signed: it was changed, or belongs to another signature"
    )]
    File,
    /// The mapping is not the one that was used.
    #[error("the mapping file is not the one that the export was made with")]
    Mapping,
}

/// Signs a rendering of a stored release.
///
/// # Errors
/// [`SignError::OtherKey`] when the release was not signed with `key`.
pub fn sign(
    form: Form,
    body: &[u8],
    mapping: Option<&[u8]>,
    rendered: &[u8],
    key: &ReleaseKey,
) -> Result<Vec<u8>, SignError> {
    let source = Source::read(body)?;
    if source.key != hex::encode(&key.public()) {
        return Err(SignError::OtherKey);
    }
    let mut text = Statement {
        form,
        period: source.release.period,
        version: source.release.version,
        hash: source.hash,
        mapping: mapping.map(|bytes| hex::encode(&digest::hash(bytes))),
        file: hex::encode(&digest::hash(rendered)),
    }
    .text(&key.public());
    let signature = key.sign(text.as_bytes());
    text.push_str(&format!("{LAST}{}\n", hex::encode(&signature)));
    Ok(text.into_bytes())
}

/// Verifies a rendering against its signature file and the programme's release key; with the mapping file given, that too.
///
/// # Errors
/// [`SignatureError`] as its texts say.
pub fn verify(
    rendered: &[u8],
    signature: &[u8],
    key: &[u8; 32],
    mapping: Option<&[u8]>,
) -> Result<Statement, SignatureError> {
    let text = std::str::from_utf8(signature).map_err(|_| SignatureError::Format)?;
    let (statement, named, bytes) = parse(text).ok_or(SignatureError::Format)?;
    if named != *key {
        return Err(SignatureError::OtherKey);
    }
    let signed = statement.text(key);
    let whole = format!("{signed}{LAST}{}\n", hex::encode(&bytes));
    if whole != text {
        return Err(SignatureError::Format);
    }
    ReleaseKey::verify(key, signed.as_bytes(), &bytes).map_err(|_| SignatureError::Signature)?;
    if statement.file != hex::encode(&digest::hash(rendered)) {
        return Err(SignatureError::File);
    }
    let given = mapping.map(|bytes| hex::encode(&digest::hash(bytes)));
    if given.is_some() && given != statement.mapping {
        return Err(SignatureError::Mapping);
    }
    Ok(statement)
}

impl Statement {
    /// The signed text.
    fn text(&self, key: &[u8; 32]) -> String {
        let Self {
            form,
            period,
            version,
            hash,
            mapping,
            file,
        } = self;
        format!(
            "{TITLE}\nformat {}\nrelease {period} version {version}\nhash {hash}\nmapping {}\nfile {file}\nkey {}\n",
            form.name(),
            mapping.as_deref().unwrap_or("none"),
            hex::encode(key)
        )
    }
}

/// Statement, key and signature; the caller writes them again and compares.
fn parse(text: &str) -> Option<(Statement, [u8; 32], [u8; 64])> {
    let mut lines = text.lines();
    let mut after = |prefix: &str| lines.next()?.strip_prefix(prefix);
    after(TITLE)?;
    let form = Form::named(after("format ")?)?;
    let (period, version) = after("release ")?.split_once(" version ")?;
    let statement = Statement {
        form,
        period: period.parse().ok()?,
        version: version.parse().ok()?,
        hash: after("hash ")?.to_owned(),
        mapping: Some(after("mapping ")?)
            .filter(|text| *text != "none")
            .map(str::to_owned),
        file: after("file ")?.to_owned(),
    };
    Some((
        statement,
        hex::decode(after("key ")?)?,
        hex::decode(after(LAST)?)?,
    ))
}
