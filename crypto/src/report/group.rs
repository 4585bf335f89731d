//! The coarse group of a person at enrolment: six groups in all.

use super::text::{serde_as_text, text_enum};
use serde::{Deserialize, Serialize};

text_enum! {
    /// Gender as the person says it.
    Gender, "a gender", "woman, man or other";
    /// Woman.
    Woman = "woman",
    /// Man.
    Man = "man",
    /// Other, or undisclosed.
    Other = "other",
}

text_enum! {
    /// Age in two bands.
    AgeBand, "an age band", "`under 25` or `25 and over`";
    /// Under 25 years.
    Under25 = "under 25",
    /// 25 years and over.
    From25 = "25 and over",
}

serde_as_text!(Gender, AgeBand);

/// Gender and age, each optional.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// Gender.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gender: Option<Gender>,
    /// Age band.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub age: Option<AgeBand>,
}
