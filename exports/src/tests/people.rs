//! The report for people in four languages: complete, of one shape, and telling all that a release holds.
use std::collections::BTreeSet;

use privacy::catalogue::{CAPS, TABLES};
use privacy::cell::GroupCode;
use privacy::cell::item::{Delay, Ending, Stage};

use super::markup::{Element, read};
use super::{body, key, release_of};
use crate::form::Form;
use crate::language::{Language, fill};
use crate::pdf;
use crate::render::{is_rendering, render, served_page};
use release::decimal::Decimal;
use release::naming::LEFT_OTHERWISE;
use release::object::Release;
use release::published::Reliability;
use release::seal::seal;

const OTHERS: [Language; 3] = [Language::Indonesian, Language::Russian, Language::Kyrgyz];

fn page_of(release: &Release, language: Language) -> String {
    let body = seal(release, &key()).unwrap().body;
    String::from_utf8(render(Form::Html(language), &body, None).unwrap()).unwrap()
}

fn words(element: &Element) -> String {
    let all = element.all();
    all.iter()
        .map(|one| one.text.as_str())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Every text of a language in order, read from how the table of texts prints itself.
fn all_texts(language: Language) -> Vec<String> {
    let printed = format!("{:?}", language.texts());
    let mut found = Vec::new();
    let mut rest = printed.as_str();
    while let Some((_, after)) = rest.split_once('"') {
        let mut text = String::new();
        let mut letters = after.char_indices();
        let end = loop {
            let (at, letter) = letters.next().unwrap();
            match letter {
                '"' => break at,
                '\\' => match letters.next().unwrap().1 {
                    'u' => {
                        let code: String = letters
                            .by_ref()
                            .map(|(_, c)| c)
                            .skip(1)
                            .take_while(|c| *c != '}')
                            .collect();
                        text.push(char::from_u32(u32::from_str_radix(&code, 16).unwrap()).unwrap());
                    }
                    other => text.push(other),
                },
                other => text.push(other),
            }
        };
        found.push(text);
        rest = &after[end + 1..];
    }
    found
}

fn gaps(text: &str) -> BTreeSet<&str> {
    text.split('{')
        .skip(1)
        .map(|rest| rest.split_once('}').unwrap().0)
        .collect()
}

#[test]
fn every_language_has_the_same_gaps_and_only_letters_that_can_be_drawn() {
    let english = all_texts(Language::English);
    assert!(english.len() > 100);
    for language in Language::ALL {
        let texts = all_texts(language);
        for (text, model) in texts.iter().zip(&english) {
            assert_eq!(gaps(text), gaps(model), "{}: {text}", language.code());
        }
        for text in &texts {
            assert!(!text.trim().is_empty());
            for letter in text.chars() {
                assert!(
                    pdf::has(letter),
                    "{}: {letter:?} in {text}",
                    language.code()
                );
            }
        }
    }
    for letter in "0123456789,.%\u{202f}\u{2212}\u{2013}\u{2022}ңөүҢӨҮ".chars() {
        assert!(pdf::has(letter), "{letter:?}");
    }
}

#[test]
fn what_a_release_says_is_translated() {
    let release = release_of("2026Q4");
    let tables: Vec<_> = release.tables.iter().map(|table| &table.table).collect();
    assert_eq!(
        tables.len(),
        TABLES.len(),
        "the fourth quarter has every table"
    );
    for language in OTHERS {
        for table in &release.tables {
            let (title, unit) = language.table(&table.table, &table.title, &table.unit);
            assert_ne!(title, table.title);
            assert_ne!(unit, table.unit);
        }
        for rate in &release.rates {
            let (title, denominator) = language.rate(&rate.rate, &rate.title, &rate.denominator);
            assert_ne!(
                (title, denominator),
                (rate.title.as_str(), rate.denominator.as_str())
            );
        }
        for cap in CAPS {
            assert_ne!(language.cap(cap), *cap);
        }
        for group in (1..=GroupCode::COUNT).map(|number| GroupCode::new(number).unwrap().text()) {
            assert_ne!(language.group(group), group);
        }
        let ends = Ending::ALL
            .map(Ending::text)
            .into_iter()
            .chain([LEFT_OTHERWISE]);
        let others = Stage::ALL
            .map(Stage::text)
            .into_iter()
            .chain(Delay::ALL.map(Delay::text));
        for what in ends.chain(others) {
            assert_ne!(language.what(what), what);
        }
        for word in Reliability::ALL {
            assert_ne!(language.reliability(word), word.word());
        }
        assert_ne!(language.unit(&release.privacy.unit), release.privacy.unit);
        assert_ne!(language.budget("default"), "default");
    }
    for language in OTHERS {
        for service in &release.services {
            assert_ne!(
                language.service(&service.service),
                service.service,
                "{}",
                language.code()
            );
        }
    }
}

#[test]
fn a_revision_says_what_changed_and_why() {
    let mut release = release_of("2026Q1");
    release.version = 2;
    release.reasons = vec!["tables A and D were counted again with everything known on 2026-09-01; other tables are unchanged".to_owned()];
    release
        .reasons
        .extend(release::reason::Reason::ALL.map(|one| one.sentence().to_owned()));
    for language in Language::ALL {
        let page = read(&page_of(&release, language), &["meta"]);
        let all = words(&page);
        assert!(
            all.contains(&language.day("2026-09-01".parse().unwrap()))
                == (language != Language::English)
        );
        assert!(all.contains(language.texts().head.reasons));
        for reason in &release.reasons {
            assert_eq!(
                language.reason(reason) == *reason,
                language == Language::English,
                "{reason}"
            );
        }
    }
    assert_eq!(Language::Russian.reason("something else"), "something else");
}

/// The same names may be spelt the same in two languages; sentences of some length are not.
#[test]
fn no_english_is_left_over() {
    let release = release_of("2026Q4");
    let mut english: BTreeSet<String> = all_texts(Language::English).into_iter().collect();
    english.extend(
        release
            .tables
            .iter()
            .flat_map(|table| [table.title.clone(), table.unit.clone()]),
    );
    english.extend(
        release
            .rates
            .iter()
            .flat_map(|rate| [rate.title.clone(), rate.denominator.clone()]),
    );
    english.extend(release.privacy.caps.iter().cloned());
    english.extend(
        release
            .tables
            .iter()
            .flat_map(|table| &table.cells)
            .flat_map(|cell| [cell.group.clone(), cell.what.clone()])
            .flatten(),
    );
    english.retain(|text| {
        text.contains(' ') && !text.starts_with('{') && !text.starts_with("hepatitis")
    });
    assert!(english.len() > 120);
    for language in OTHERS {
        let all = words(&read(&page_of(&release, language), &["meta"]));
        for text in &english {
            let piece = text.split('{').next().unwrap().trim();
            assert!(
                piece.len() < 9 || !all.contains(piece),
                "{}: {piece}",
                language.code()
            );
        }
    }
}

#[test]
fn every_page_is_well_formed_and_says_its_language() {
    for period in ["2026Q1", "2026Q4"] {
        for language in Language::ALL {
            let text = page_of(&release_of(period), language);
            let page = read(&text, &["meta"]);
            assert_eq!(page.attributes["lang"], language.code());
            assert!(
                !text.contains('{') || !words(page.named("main")[0]).contains('{'),
                "a gap stayed open"
            );
            assert!(!text.contains("href") && !text.contains("<script"));
            assert!(text.contains(&format!("--language {} ", language.code())));
        }
    }
}

#[test]
fn served_pages_link_to_the_other_languages_and_verify_too() {
    for language in Language::ALL {
        let served = served_page(&body(), language).unwrap();
        let text = String::from_utf8(served.clone()).unwrap();
        let page = read(&text, &["meta"]);
        let links: Vec<&str> = page
            .named("a")
            .iter()
            .map(|a| a.attributes["href"].as_str())
            .collect();
        assert_eq!(links.len(), 3);
        assert!(
            links
                .iter()
                .all(|link| link.starts_with("?format=html&language="))
        );
        for other in Language::ALL {
            let same = is_rendering(Form::Html(other), &body(), None, &served).unwrap();
            assert_eq!(same, other == language);
        }
        let changed = text.replacen("<h1>", "<h1 >", 1).into_bytes();
        assert!(!is_rendering(Form::Html(language), &body(), None, &changed).unwrap());
    }
}

#[test]
fn a_year_has_curves_and_folded_tables_and_rates_that_cannot_be_estimated() {
    let mut release = release_of("2026Q4");
    let rate = release
        .rates
        .iter_mut()
        .find(|rate| rate.rate == "suppressed")
        .unwrap();
    (rate.estimate, rate.lo, rate.hi) = (None, None, None);
    rate.reliability = Reliability::NotEstimable;
    let text = page_of(&release, Language::English);
    let page = read(&text, &["meta"]);
    assert!(page.named("details").len() > 5);
    for details in page.named("details") {
        assert_eq!(details.children[0].name, "summary");
    }
    let class = |name: &str| {
        let all = page.named("path");
        all.iter()
            .filter(|path| path.attributes["class"] == name)
            .count()
    };
    // The programme's two courses, and two of each service that has a cohort.
    let cohorts = release.services.iter().filter(|one| one.cohort).count();
    assert_eq!(class("curve"), 2 + 2 * cohorts);
    assert_eq!(class("band"), class("curve"));
    let all = words(&page);
    assert!(all.contains("Not estimable means"));
    let rows = page.named("tr");
    let none = rows
        .iter()
        .filter(|row| row.children.last().unwrap().text == "not estimable");
    let absent = release.rates.iter().filter(|rate| rate.estimate.is_none());
    assert_eq!(none.count(), absent.count());
    // Every number is on the page: as many rows as cells, but for sums, which stand below their parts.
    let cells: usize = release.tables.iter().map(|table| table.cells.len()).sum();
    let bodies: usize = page
        .named("tbody")
        .iter()
        .map(|body| body.children.len())
        .sum();
    let privacy = release.privacy.guarantees.len();
    let sums = cells + release.rates.len() + privacy - bodies;
    let whole = release.tables.iter().flat_map(|table| &table.cells);
    let whole = whole.filter(|cell| {
        cell.city.is_none() && cell.service.is_none() && cell.group.is_none() && cell.what.is_none()
    });
    assert_eq!(sums, whole.count());
}

#[test]
fn large_pictures_show_the_largest_and_say_so() {
    let mut release = release_of("2026Q1");
    let table = &mut release.tables[0];
    let model = table
        .cells
        .iter()
        .find(|cell| cell.level == "city")
        .unwrap()
        .clone();
    table.cells.retain(|cell| cell.level == "total");
    for number in 0..100 {
        let mut cell = model.clone();
        cell.city = Some(format!("place {number}"));
        cell.estimate = Decimal::nearest(f64::from(number) * 10.0);
        table.cells.push(cell);
    }
    let text = page_of(&release, Language::English);
    assert!(text.contains("The picture shows the 24 largest of 100 numbers"));
    let page = read(&text, &["meta"]);
    let figure = page.named("figure")[0];
    assert_eq!(figure.named("rect").len(), 24);
    assert_eq!(figure.named("tbody")[0].children.len(), 100);
}

#[test]
fn numbers_days_and_quarters_are_written_as_people_write_them() {
    let quarter = "2026Q3".parse().unwrap();
    let day = "2026-08-01".parse().unwrap();
    for (language, number, part, date, name) in [
        (
            Language::English,
            "\u{2212}1,234,567",
            "12.3",
            "1 August 2026",
            "third quarter of 2026",
        ),
        (
            Language::Indonesian,
            "\u{2212}1\u{202f}234\u{202f}567",
            "12,3",
            "1 Agustus 2026",
            "triwulan III 2026",
        ),
        (
            Language::Russian,
            "\u{2212}1\u{202f}234\u{202f}567",
            "12,3",
            "1 августа 2026\u{a0}г.",
            "III квартал 2026\u{a0}года",
        ),
        (
            Language::Kyrgyz,
            "\u{2212}1\u{202f}234\u{202f}567",
            "12,3",
            "2026-жылдын 1-август",
            "2026-жылдын 3-чейреги",
        ),
    ] {
        assert_eq!(language.whole(-1_234_567), number);
        assert_eq!(language.whole(999), "999");
        assert_eq!(language.tenths(12.34), part);
        assert_eq!(language.tenths(-0.04), language.tenths(0.0));
        assert_eq!(language.day(day), date);
        assert_eq!(language.quarter(quarter), name);
        assert_eq!(Language::named(language.code()), Some(language));
    }
    assert_eq!(
        Language::English.whole(i64::MIN),
        "\u{2212}9,223,372,036,854,775,808"
    );
    assert_eq!(Language::named("EN"), None);
    assert_eq!(fill("{a} and {b}", &[("a", "{b}")]), "{b} and {b}");
}
