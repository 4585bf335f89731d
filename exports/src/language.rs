//! The languages of the forms for people: one table of texts each, checked when this is compiled (a text that one language lacks
//! does not compile), own numbers and own dates. The release itself is English; what comes from it is looked up by its code or
//! word, and what a table does not know is shown as it stands.

mod en;
mod id;
mod ky;
mod lookup;
mod numbers;
mod ru;
mod texts;

pub(crate) use texts::Texts;

/// A language of the forms for people.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Language {
    /// English, the release's own.
    #[default]
    English,
    /// Indonesian.
    Indonesian,
    /// Russian.
    Russian,
    /// Kyrgyz.
    Kyrgyz,
}

impl Language {
    /// Every language.
    pub const ALL: [Self; 4] = [Self::English, Self::Indonesian, Self::Russian, Self::Kyrgyz];

    /// Its code (BCP 47).
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Indonesian => "id",
            Self::Russian => "ru",
            Self::Kyrgyz => "ky",
        }
    }

    /// The language of a code; `None` for others and for other spellings.
    #[must_use]
    pub fn named(code: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|language| language.code() == code)
    }

    /// Its texts.
    pub(crate) const fn texts(self) -> &'static Texts {
        match self {
            Self::English => &en::TEXTS,
            Self::Indonesian => &id::TEXTS,
            Self::Russian => &ru::TEXTS,
            Self::Kyrgyz => &ky::TEXTS,
        }
    }
}

/// A text with its `{gaps}` filled. A gap without a value stays, so that tests see it.
pub(crate) fn fill(text: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(text.len() + 32);
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let (name, tail) = after.split_once('}').unwrap_or((after, ""));
        match values.iter().find(|(key, _)| *key == name) {
            Some((_, value)) => filled.push_str(value),
            None => {
                filled.push('{');
                filled.push_str(name);
                filled.push('}');
            }
        }
        rest = tail;
    }
    filled.push_str(rest);
    filled
}
