//! Values that many rows share, each kept once.

use std::collections::HashMap;

/// Distinct values and their places.
#[derive(Debug)]
pub(super) struct Interned<T> {
    /// In the order in which they came.
    pub(super) items: Vec<T>,
    places: HashMap<T, u32>,
}

impl<T: Clone + Eq + std::hash::Hash> Interned<T> {
    pub(super) fn new() -> Self {
        Self {
            items: Vec::new(),
            places: HashMap::new(),
        }
    }

    /// The place of a value, which is kept when it is new.
    pub(super) fn place(&mut self, item: &T) -> u32 {
        if let Some(place) = self.places.get(item) {
            return *place;
        }
        let place = u32::try_from(self.items.len()).unwrap_or(u32::MAX);
        self.items.push(item.clone());
        self.places.insert(item.clone(), place);
        place
    }
}
