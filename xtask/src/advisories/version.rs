//! Versions and requirements, as far as advisories use them.

use std::cmp::Ordering;

/// Three numbers, and what stands after a hyphen: then it comes before the release of these numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Version {
    numbers: [u64; 3],
    before: Option<String>,
    /// How many of the numbers were written.
    written: usize,
}

impl Version {
    /// Reads `1`, `1.2`, `1.2.3`, `1.2.3-rc.1`, each with `+anything` behind.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.split('+').next()?;
        let (numbers, before) = match text.split_once('-') {
            Some((numbers, before)) => (numbers, Some(before.to_owned())),
            None => (text, None),
        };
        let mut read = [0; 3];
        let mut written = 0;
        for part in numbers.split('.') {
            *read.get_mut(written)? = part.parse().ok()?;
            written += 1;
        }
        Some(Self {
            numbers: read,
            before,
            written,
        })
    }

    fn order(&self, other: &Self) -> Ordering {
        let before = || match (&self.before, &other.before) {
            (None, None) => Ordering::Equal,
            (None, Some(_)) => Ordering::Greater,
            (Some(_), None) => Ordering::Less,
            (Some(one), Some(two)) => one.cmp(two),
        };
        self.numbers.cmp(&other.numbers).then_with(before)
    }

    /// Equal as far as `other` is written, up to the first number that is not zero and at least to that.
    fn is_compatible(&self, other: &Self) -> bool {
        let first = other.numbers.iter().position(|number| *number > 0);
        let fixed = first.unwrap_or(other.written.saturating_sub(1)) + 1;
        self.numbers[..fixed.min(3)] == other.numbers[..fixed.min(3)]
    }
}

/// Whether a version meets a requirement such as `>= 1.2.3, < 2`, `^0.9.1`, `~1.2`, `= 1.0.0` or `*`; `None` when it is of another
/// form.
pub(super) fn meets(version: &Version, requirement: &str) -> Option<bool> {
    let mut all = true;
    for part in requirement.split(',') {
        all &= meets_one(version, part.trim())?;
    }
    Some(all)
}

fn meets_one(version: &Version, part: &str) -> Option<bool> {
    if part == "*" {
        return Some(true);
    }
    let begin = part.find(|letter: char| letter.is_ascii_digit())?;
    let (sign, number) = part.split_at(begin);
    let bound = Version::parse(number.trim())?;
    let order = version.order(&bound);
    let first = |count: usize| version.numbers[..count] == bound.numbers[..count];
    Some(match sign.trim() {
        ">=" => order.is_ge(),
        ">" => order.is_gt(),
        "<=" => order.is_le(),
        "<" => order.is_lt(),
        "=" => first(bound.written) && (bound.written < 3 || version.before == bound.before),
        "" | "^" => order.is_ge() && version.is_compatible(&bound),
        "~" => order.is_ge() && first(bound.written.min(2)),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meets(version: &str, requirement: &str) -> Option<bool> {
        super::meets(&Version::parse(version)?, requirement)
    }

    #[test]
    fn requirements_mean_what_cargo_means_by_them() {
        for (version, requirement) in [
            ("1.2.3", ">= 1.2.3"),
            ("1.3.0", "> 1.2.3, < 2"),
            ("0.9.5", "^0.9.1"),
            ("1.9.0", "^ 1.2"),
            ("0.0.3", "^0.0.3"),
            ("1.2.9", "~1.2.3"),
            ("1.0.0", "= 1.0.0"),
            ("1.0.7", "=1.0"),
            ("1.0.0-rc.1", "< 1.0.0"),
            ("1.0.0+build", ">=1.0.0"),
            ("3.0.0", "*"),
            ("0.27.1", ">=0.27.1"),
        ] {
            assert_eq!(
                meets(version, requirement),
                Some(true),
                "{version} {requirement}"
            );
        }
        for (version, requirement) in [
            ("1.2.2", ">= 1.2.3"),
            ("2.0.0", "> 1.2.3, < 2"),
            ("0.10.0", "^0.9.1"),
            ("2.0.0", "^1.2"),
            ("0.0.4", "^0.0.3"),
            ("1.3.0", "~1.2.3"),
            ("1.0.1", "= 1.0.0"),
            ("1.0.0-rc.1", ">= 1.0.0"),
            ("0.19.0", "< 0.11.0"),
        ] {
            assert_eq!(
                meets(version, requirement),
                Some(false),
                "{version} {requirement}"
            );
        }
    }

    #[test]
    fn other_forms_are_not_guessed() {
        for requirement in ["", "latest", "!= 1", "1.2.3.4", ">= x"] {
            assert_eq!(meets("1.0.0", requirement), None, "{requirement}");
        }
        assert_eq!(Version::parse("1.x"), None);
    }
}
