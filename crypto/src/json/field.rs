//! One field among those of which some stand there.

use serde::{Deserialize, Deserializer};

use crate::error::FormatError;

/// A field that stands there or does not. One that does has the form of its value: `null` only where that has it.
#[derive(Debug)]
pub(crate) struct Field<T>(Option<T>);

impl<T> Default for Field<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Field<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        T::deserialize(from).map(|value| Self(Some(value)))
    }
}

impl<T> Field<T> {
    /// Its value, which is then no longer there.
    pub(crate) fn take(&mut self) -> Result<T, FormatError> {
        let missing = FormatError::new("an entry", "one with all its fields");
        self.0.take().ok_or(missing)
    }

    /// Whether it does not stand there.
    pub(crate) const fn is_absent(&self) -> bool {
        self.0.is_none()
    }
}

impl<T> Field<Option<T>> {
    /// Its value, where it stands there.
    pub(crate) fn take_any(&mut self) -> Option<T> {
        self.0.take().flatten()
    }
}
