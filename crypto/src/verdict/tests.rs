#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
use super::*;
use crate::card::tests::{card, issuer, keys};
use crate::secret::Secret;
use crate::sign::StatusKey;
use crate::status::StatusList;

const EXPIRY: u16 = 26; // March 2026

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

/// Issued on `issued`, good for seven days, card 5 withdrawn, one hundred cards.
fn list(issued: &str) -> CheckedStatusList {
    let key = StatusKey::from_seed(&Secret::new([5; 32])).unwrap();
    let mut list = StatusList::new(96).unwrap();
    list.set(5, true).unwrap();
    let token = list.to_token(&key, "cards", day(issued), 7).unwrap();
    CheckedStatusList::from_token(&token, &key.public()).unwrap()
}

fn judged(index: u32, list: Option<&CheckedStatusList>, today: &str) -> Verdict {
    let text = card(index, EXPIRY).to_text();
    let (verdict, opened) = verdict(&text, &keys(), list, day(today));
    assert_eq!(opened.unwrap().index, index);
    verdict
}

#[test]
fn valid_on_a_young_list() {
    let list = list("2026-03-01");
    for (today, list_age_days) in [("2026-03-01", 0), ("2026-03-08", 7)] {
        assert_eq!(
            judged(1, Some(&list), today),
            Verdict::Valid { list_age_days }
        );
    }
}

#[test]
fn stale_without_a_list_with_an_old_one_or_beyond_its_end() {
    let list = list("2026-03-01");
    let stale = |list_age_days| Verdict::Stale { list_age_days };
    assert_eq!(judged(1, None, "2026-03-01"), stale(None));
    assert_eq!(judged(1, Some(&list), "2026-03-09"), stale(Some(8)));
    assert_eq!(judged(96, Some(&list), "2026-03-02"), stale(Some(1)));
    assert_eq!(judged(u32::MAX, Some(&list), "2026-03-02"), stale(Some(1)));
}

#[test]
fn a_clock_set_back_is_stale_and_revives_nothing() {
    let young = list("2026-03-01");
    assert_eq!(
        judged(1, Some(&young), "2026-02-28"),
        Verdict::Stale {
            list_age_days: None
        }
    );
    assert_eq!(
        judged(5, Some(&young), "2026-02-28"),
        Verdict::Revoked { list_age_days: 0 }
    );
    let after_expiry = list("2026-04-01");
    assert!(matches!(
        judged(1, Some(&after_expiry), "2026-03-31"),
        Verdict::Expired { .. }
    ));
}

#[test]
fn revoked_counts_on_an_old_list_too() {
    let list = list("2026-03-01");
    for (today, list_age_days) in [("2026-03-02", 1), ("2026-03-30", 29), ("2026-05-01", 61)] {
        assert_eq!(
            judged(5, Some(&list), today),
            Verdict::Revoked { list_age_days }
        );
    }
}

#[test]
fn the_expiry_month_is_good_to_its_last_day() {
    let list = list("2026-03-28");
    assert!(matches!(
        judged(1, Some(&list), "2026-03-31"),
        Verdict::Valid { .. }
    ));
    let expired = judged(1, Some(&list), "2026-04-01");
    let expiry = Month::from_number(EXPIRY).unwrap();
    assert_eq!(
        expired,
        Verdict::Expired {
            expiry,
            list_age_days: Some(4)
        }
    );
    assert_eq!(
        judged(1, None, "2026-04-01"),
        Verdict::Expired {
            expiry,
            list_age_days: None
        }
    );
}

#[test]
fn everything_else_is_unknown() {
    let list = list("2026-03-01");
    let today = day("2026-03-02");
    let good = card(1, EXPIRY).to_text();
    let mut foreign = keys();
    foreign.issuers = vec![(7, issuer(4).public())];
    assert_eq!(
        verdict(&good, &foreign, Some(&list), today),
        (Verdict::Unknown, None)
    );
    let characters: Vec<char> = good.chars().collect();
    for at in 0..characters.len() {
        let mut bad = characters.clone();
        bad[at] = if bad[at] == '0' { '1' } else { '0' };
        let bad: String = bad.into_iter().collect();
        let (verdict, opened) = verdict(&bad, &keys(), Some(&list), today);
        assert_eq!((verdict, opened), (Verdict::Unknown, None), "{at}");
    }
    for text in crate::tests::outside::naughty_strings() {
        assert_eq!(
            verdict(&text, &keys(), Some(&list), today),
            (Verdict::Unknown, None)
        );
    }
}

#[test]
fn every_verdict_says_what_to_do() {
    let verdicts = [
        Verdict::Valid { list_age_days: 1 },
        Verdict::Revoked { list_age_days: 1 },
        Verdict::Expired {
            expiry: Month::from_number(1).unwrap(),
            list_age_days: Some(1),
        },
        Verdict::Unknown,
        Verdict::Stale {
            list_age_days: Some(1),
        },
    ];
    for (at, verdict) in verdicts.iter().enumerate() {
        assert!(verdict.next_step().len() > 20);
        assert!(!verdict.next_step().contains("  "));
        let others = &verdicts[..at];
        assert!(
            !others
                .iter()
                .any(|it| it.next_step() == verdict.next_step())
        );
        let age = (*verdict != Verdict::Unknown).then_some(1);
        assert_eq!(verdict.list_age_days(), age);
    }
    let json = serde_json::to_string(&verdicts[0]).unwrap();
    assert_eq!(json, r#"{"verdict":"valid","list_age_days":1}"#);
}
