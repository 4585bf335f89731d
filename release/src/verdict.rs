//! What verifying a file says, as one JSON object for a page or another programme:
//! `{"verdict":"verified","period":"2026Q1","version":1,"hash":..,"recomputed":true,"sentence":..}` or
//! `{"verdict":"refused","cause":"signature","sentence":..}`. The sentence is for people and may change, the words may not.

use serde::{Deserialize, Serialize};

use super::verify::{Verified, VerifyError};

/// What verifying a file says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "verdict", rename_all = "kebab-case")]
pub enum Verdict {
    /// The file is well.
    Verified {
        /// What it is.
        #[serde(flatten)]
        file: Verified,
        /// What was checked, in one sentence.
        sentence: String,
    },
    /// It is not.
    Refused {
        /// Why.
        cause: VerifyError,
        /// Why and what to do, in one sentence.
        sentence: String,
    },
}

impl From<Result<Verified, VerifyError>> for Verdict {
    fn from(said: Result<Verified, VerifyError>) -> Self {
        match said {
            Ok(file) => Self::Verified {
                sentence: file.sentence().to_owned(),
                file,
            },
            Err(cause) => Self::Refused {
                cause,
                sentence: cause.to_string(),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn a_verdict_says_its_cause_in_a_word_and_in_a_sentence() {
        let file = Verified {
            period: "2026Q1".parse().unwrap(),
            version: 2,
            hash: "00ff".to_owned(),
            recomputed: true,
        };
        for (said, word) in [
            (Ok(file), "verified"),
            (Err(VerifyError::Format), "format"),
            (Err(VerifyError::OtherKey), "other-key"),
            (Err(VerifyError::Signature), "signature"),
            (Err(VerifyError::Numbers), "numbers"),
        ] {
            let verdict = Verdict::from(said.clone());
            let json = serde_json::to_value(&verdict).unwrap();
            let (key, sentence) = match said {
                Ok(file) => {
                    assert_eq!(json["period"], "2026Q1");
                    assert_eq!(
                        (&json["version"], &json["hash"]),
                        (&2.into(), &"00ff".into())
                    );
                    assert_eq!(json["recomputed"], true);
                    ("verdict", file.sentence().to_owned())
                }
                Err(cause) => {
                    assert_eq!(json["verdict"], "refused");
                    ("cause", cause.to_string())
                }
            };
            assert_eq!(
                (&json[key], &json["sentence"]),
                (&word.into(), &sentence.into())
            );
            assert_eq!(serde_json::from_value::<Verdict>(json).unwrap(), verdict);
        }
    }
}
