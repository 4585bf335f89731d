//! Published decimals: four places, kept as integers so that sums of published numbers are exact.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Ten-thousandths.
const PLACES: i64 = 10_000;
/// Largest magnitude in ten-thousandths: far enough below 2^53 that floats give back every decimal.
const LARGEST: i64 = 1 << 50;

/// A published decimal number with at most four places, between about -1.1e11 and 1.1e11 (it stops there).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Decimal(i64);

impl Decimal {
    /// The nearest decimal; NaN becomes 0.
    #[must_use]
    pub fn nearest(value: f64) -> Self {
        Self::from_scaled((value * PLACES as f64).round())
    }

    /// The nearest decimal that is not smaller, for upper ends and standard deviations.
    #[must_use]
    pub fn at_least(value: f64) -> Self {
        Self::from_scaled((value * PLACES as f64).ceil())
    }

    /// The nearest decimal that is not larger, for lower ends.
    #[must_use]
    pub fn at_most(value: f64) -> Self {
        Self::from_scaled((value * PLACES as f64).floor())
    }

    fn from_scaled(scaled: f64) -> Self {
        Self((scaled.clamp(-(LARGEST as f64), LARGEST as f64)) as i64)
    }

    /// `numerator / 2^bits`, rounded half up, exactly.
    #[must_use]
    pub(crate) fn of_dyadic(numerator: i128, bits: u32) -> Self {
        let whole = numerator >> bits;
        let rest = numerator - (whole << bits);
        // Two steps, so that nothing overflows: the rest is below 2^bits <= 2^100, and 10^4 < 2^14.
        let part = (rest * i128::from(PLACES) + (1i128 << bits >> 1)) >> bits;
        let scaled = whole
            .saturating_mul(i128::from(PLACES))
            .saturating_add(part);
        Self(i64::try_from(scaled.clamp(i128::from(-LARGEST), i128::from(LARGEST))).unwrap_or(0))
    }

    /// The sum; stops at the ends of the range.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0).clamp(-LARGEST, LARGEST))
    }

    /// The difference; stops at the ends of the range.
    #[must_use]
    pub fn minus(self, other: Self) -> Self {
        self.plus(Self(-other.0))
    }

    /// As a float: exact up to the float nearest to the decimal.
    #[must_use]
    pub fn value(self) -> f64 {
        self.0 as f64 / PLACES as f64
    }

    /// The smallest whole number that is neither smaller nor negative.
    #[must_use]
    pub(crate) fn whole_at_least(self) -> u64 {
        u64::try_from((self.0 + PLACES - 1).div_euclid(PLACES)).unwrap_or(0)
    }

    /// The largest whole number that is not larger; `None` when that is negative.
    #[must_use]
    pub(crate) fn whole_at_most(self) -> Option<u64> {
        u64::try_from(self.0.div_euclid(PLACES)).ok()
    }

    /// The nearest whole number that is not negative, for display only.
    #[must_use]
    pub fn display(self) -> u64 {
        u64::try_from((self.0 + PLACES / 2).div_euclid(PLACES)).unwrap_or(0)
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let size = self.0.unsigned_abs();
        let places = PLACES.unsigned_abs();
        write!(f, "{sign}{}.{:04}", size / places, size % places)
    }
}

impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.value())
    }
}

impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = f64::deserialize(deserializer)?;
        let read = Self::nearest(value);
        if read.value() == value {
            Ok(read)
        } else {
            Err(serde::de::Error::custom(
                "a decimal has at most four places",
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn json_gives_back_the_same_decimal(scaled in -LARGEST..=LARGEST) {
            let decimal = Decimal(scaled);
            let text = serde_json::to_string(&decimal).unwrap();
            prop_assert_eq!(serde_json::from_str::<Decimal>(&text).unwrap(), decimal);
        }

        #[test]
        fn dyadic_fractions_round_to_the_nearest(numerator: i64, bits in 0u32..60) {
            let exact = numerator as f64 / (1u64 << bits) as f64;
            prop_assume!(exact.abs() < 1e8);
            prop_assert!((Decimal::of_dyadic(i128::from(numerator), bits).value() - exact).abs() <= 0.500_001e-4);
        }
    }

    #[test]
    fn whole_numbers_for_display_are_never_negative() {
        for (value, shown) in [(-3.2, 0), (-0.4, 0), (0.5, 1), (12.49, 12), (12.5, 13)] {
            assert_eq!(Decimal::nearest(value).display(), shown, "{value}");
        }
        assert_eq!(Decimal::nearest(-1.25).to_string(), "-1.2500");
        assert_eq!(
            Decimal::of_dyadic(20_000 << 76, 76).to_string(),
            "20000.0000"
        );
        assert!(Decimal::at_most(0.00001) < Decimal::at_least(0.00001));
    }
}
