//! The window against a set that forgets nothing.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

/// The same promise, written as plainly as it can be: every number ever taken, and the highest of them.
#[derive(Default)]
struct Naive(BTreeSet<u64>);

impl Naive {
    fn take(&mut self, number: u64) -> bool {
        let highest = self.0.last().copied().unwrap_or(0);
        let recent = number > highest || highest - number < SIZE;
        number != 0 && recent && self.0.insert(number)
    }
}

fn agree(numbers: impl IntoIterator<Item = u64>) {
    let (mut window, mut naive) = (Window::default(), Naive::default());
    for number in numbers {
        let expected = naive.take(number);
        assert_eq!(window.is_fresh(number), expected, "{number}");
        assert_eq!(window.take(number), expected, "{number}");
        assert!(!window.is_fresh(number), "{number} again");
    }
}

#[test]
fn zero_is_no_number() {
    let mut window = Window::default();
    assert!(!window.take(0));
    assert!(window.take(1));
    assert!(!window.take(0));
    let mut window = Window::default();
    assert!(window.take(SIZE));
    assert!(!window.is_fresh(0));
}

#[test]
fn the_last_of_the_window_is_taken_and_the_next_is_not() {
    for highest in [257, 300, 1 << 40, u64::MAX] {
        let mut window = Window::default();
        assert!(window.take(highest));
        assert!(window.take(highest - SIZE + 1));
        assert!(!window.take(highest - SIZE));
        assert!(!window.take(highest - SIZE + 1));
    }
}

#[test]
fn a_first_session_may_begin_anywhere_and_end_at_the_largest_number() {
    let mut window = Window::default();
    assert!(window.take(5));
    for number in [4, 3, 2, 1, u64::MAX] {
        assert!(window.take(number), "{number}");
        assert!(!window.take(number), "{number}");
    }
    assert!(!window.take(5), "too old now");
}

/// Every step across every word and bit of the map, with everything behind it taken or nothing.
#[test]
fn steps_of_every_length_keep_what_they_should() {
    for step in 1..=2 * SIZE {
        for start in [1, 63, 64, 65, SIZE - 1, SIZE, SIZE + 1] {
            agree([start, start + step, start, start + 1, start + step - 1]);
            agree((1..=start).chain([start + step]).chain(1..=start + step));
        }
    }
}

/// All orders of six numbers that lie within one window, each sent twice.
#[test]
fn every_order_within_the_window_passes_once() {
    fn orders(left: &[u64], so_far: &mut Vec<u64>, each: &mut impl FnMut(&[u64])) {
        if left.is_empty() {
            each(so_far);
        }
        for at in 0..left.len() {
            let mut rest = left.to_vec();
            so_far.push(rest.remove(at));
            orders(&rest, so_far, each);
            so_far.pop();
        }
    }
    let mut seen = 0;
    let mut each = |order: &[u64]| {
        let mut window = Window::default();
        assert!(order.iter().all(|number| window.take(*number)), "{order:?}");
        assert!(
            !order.iter().any(|number| window.take(*number)),
            "{order:?}"
        );
        seen += 1;
    };
    orders(&[1, 2, 64, 65, 130, SIZE], &mut Vec::new(), &mut each);
    assert_eq!(seen, 720);
}

proptest! {
    /// Numbers near each other, far apart, repeated, and at the ends.
    #[test]
    fn the_window_agrees_with_a_set_of_all_numbers(
        base in prop_oneof![Just(0), 0..1000_u64, (u64::MAX - 2000)..(u64::MAX - 1000)],
        offsets in prop::collection::vec(prop_oneof![0..1000_u64, 0..20_u64, 200..300_u64], 0..400),
    ) {
        agree(offsets.into_iter().map(|offset| base + offset));
    }

    #[test]
    fn any_numbers_agree_too(numbers: Vec<u64>) {
        agree(numbers);
    }
}
