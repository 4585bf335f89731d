//! Codes in reports: site, service and result.

use super::text::serde_as_text;
use crate::error::FormatError;
use std::fmt;
use std::str::FromStr;

/// Whether `text` is 1 to `longest` of `a-z`, `0-9` and `-`.
fn is_code(text: &str, longest: usize) -> bool {
    (1..=longest).contains(&text.len())
        && text
            .bytes()
            .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
}

/// A place of a provider: `city/name`, each 1 to 32 of `a-z`, `0-9`, `-`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Site {
    text: String,
    slash: usize,
}

impl Site {
    /// The city.
    #[must_use]
    pub fn city(&self) -> &str {
        &self.text[..self.slash]
    }

    /// The name within the city.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.text[self.slash + 1..]
    }

    /// `city/name`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for Site {
    type Err = FormatError;

    fn from_str(text: &str) -> Result<Self, FormatError> {
        let error = FormatError::new("a site", "city/name in a-z, 0-9 and -, at most 32 each");
        let (city, name) = text.split_once('/').ok_or(error)?;
        if !is_code(city, 32) || !is_code(name, 32) {
            return Err(error);
        }
        Ok(Self {
            text: text.to_owned(),
            slash: city.len(),
        })
    }
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident, $what:literal;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// The code.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = FormatError;

            fn from_str(text: &str) -> Result<Self, FormatError> {
                if is_code(text, 24) {
                    Ok(Self(text.to_owned()))
                } else {
                    Err(FormatError::new($what, "1 to 24 of a-z, 0-9 and -"))
                }
            }
        }
    )+};
}

codes! {
    /// A service of the catalogue, such as `nsp` or `oat-methadone`: 1 to 24 of `a-z`, `0-9`, `-`.
    ServiceCode, "a service code";
    /// A coded result, such as `hiv-negative`: 1 to 24 of `a-z`, `0-9`, `-`.
    ResultCode, "a result code";
}

serde_as_text!(Site, ServiceCode, ResultCode);
