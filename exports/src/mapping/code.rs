//! Codes of other systems, checked when they are read.

use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Longest code in characters.
const LONGEST: usize = 200;
/// Attributes that ADX itself uses, and those that one of DHIS2's readers takes for something else than a category.
const TAKEN: [&str; 15] = [
    "annotation",
    "created",
    "deleted",
    "followup",
    "lastUpdated",
    "storedBy",
    "dataElement",
    "value",
    "orgUnit",
    "period",
    "dataSet",
    "categoryOptionCombo",
    "attributeOptionCombo",
    "completeDate",
    "comment",
];

/// An identifier, code or URL of another system: 1 to 200 characters without control characters or surrounding spaces.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Code(String);

/// No code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a code has 1 to 200 printable characters")]
pub struct CodeError;

impl Code {
    /// As written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Code {
    type Error = CodeError;

    fn try_from(text: String) -> Result<Self, CodeError> {
        // The last two are no characters in XML 1.0.
        let printable = |c: char| !c.is_control() && !matches!(c, '\u{fffe}' | '\u{ffff}');
        let fits = (1..=LONGEST).contains(&text.chars().count())
            && text.trim() == text
            && text.chars().all(printable);
        if fits { Ok(Self(text)) } else { Err(CodeError) }
    }
}

impl From<Code> for String {
    fn from(code: Code) -> Self {
        code.0
    }
}

/// The name of a category: an XML attribute in ADX, so a letter or `_`, then letters, digits, `_`, `-` and `.`; not one of ADX's own.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CategoryName(String);

impl CategoryName {
    /// As written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for CategoryName {
    type Error = CodeError;

    fn try_from(text: String) -> Result<Self, CodeError> {
        let letter = |c: &char| c.is_ascii_alphabetic() || *c == '_';
        let rest = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
        let begins = text.chars().next().as_ref().is_some_and(letter);
        let reserved =
            TAKEN.contains(&text.as_str()) || text.to_ascii_lowercase().starts_with("xml");
        if begins && text.len() <= LONGEST && text.chars().all(rest) && !reserved {
            Ok(Self(text))
        } else {
            Err(CodeError)
        }
    }
}

impl From<CategoryName> for String {
    fn from(name: CategoryName) -> Self {
        name.0
    }
}

impl fmt::Display for CategoryName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
