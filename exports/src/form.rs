//! The forms a release can take beside JSON and CSV.

use super::language::Language;

/// A form that is rendered from the signed release.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// DHIS2 `dataValueSets`, bulk JSON: quarterly tables.
    Dhis2,
    /// The same of annual tables: in DHIS2 a data set has one type of period, and a file fills one data set.
    Dhis2Yearly,
    /// DHIS2 `dataValueSets`, CSV: quarterly tables.
    Dhis2Csv,
    /// The same of annual tables.
    Dhis2CsvYearly,
    /// IHE Aggregate Data Exchange, XML.
    Adx,
    /// FHIR R4 `MeasureReport`s in a collection, JSON.
    Fhir,
    /// One page for people.
    Html(Language),
    /// The same report on paper, for people and archives.
    Pdf(Language),
}

/// Forms without a language.
const PLAIN: [Form; 6] = [
    Form::Dhis2,
    Form::Dhis2Yearly,
    Form::Dhis2Csv,
    Form::Dhis2CsvYearly,
    Form::Adx,
    Form::Fhir,
];
const LANGUAGES: usize = Language::ALL.len();
const FORMS: usize = PLAIN.len() + 2 * LANGUAGES;

impl Form {
    /// Every form: those without a language, every page, every paper.
    pub const ALL: [Self; FORMS] = {
        let mut all = [PLAIN[0]; FORMS];
        let mut place = 0;
        while place < FORMS {
            all[place] = if place < PLAIN.len() {
                PLAIN[place]
            } else if place < PLAIN.len() + LANGUAGES {
                Self::Html(Language::ALL[place - PLAIN.len()])
            } else {
                Self::Pdf(Language::ALL[place - PLAIN.len() - LANGUAGES])
            };
            place += 1;
        }
        all
    };

    /// Its name with the version of its rendering and, where there is one, the language: within one version the same release
    /// and mapping give the same bytes. Whoever changes what a form writes raises its number.
    #[must_use]
    pub fn name(self) -> String {
        match self {
            Self::Dhis2 => "dhis2/2".to_owned(),
            Self::Dhis2Yearly => "dhis2-yearly/1".to_owned(),
            Self::Dhis2Csv => "dhis2-csv/2".to_owned(),
            Self::Dhis2CsvYearly => "dhis2-csv-yearly/1".to_owned(),
            Self::Adx => "adx/1".to_owned(),
            Self::Fhir => "fhir/1".to_owned(),
            Self::Html(language) => format!("html/2-{}", language.code()),
            Self::Pdf(language) => format!("pdf/1-{}", language.code()),
        }
    }

    /// The form of a name; `None` for other versions.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|form| form.name() == name)
    }

    /// True when it speaks in another system's codes.
    #[must_use]
    pub const fn needs_mapping(self) -> bool {
        !matches!(self, Self::Html(_) | Self::Pdf(_))
    }
}
