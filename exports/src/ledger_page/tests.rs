//! The page's markup, its numbers, and that nothing can come in or go out.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::too_many_lines
)]
use super::*;
use privacy::budget::Budget;
use privacy::scope::{BudgetFrom, TurnedOff};

/// A ledger of some years: A is released, B reserved, all others unused.
fn view(years: &[i32]) -> View {
    let budget = Budget::Default;
    let whole = budget.per_year();
    let of = |part: u64| NanoRho::new(whole.nano() / 100 * part);
    let table = |code: &str, share: u64, released: u64, reserved: u64| TableView {
        table: code.to_owned(),
        share: of(share),
        released: of(released),
        reserved: of(reserved),
        left: of(share - released - reserved),
    };
    let year = |year: &i32| YearView {
        year: *year,
        budget,
        tables: vec![
            table("A", 28, 14, 0),
            table("B", 23, 0, 6),
            table("S", 2, 0, 0),
            table("F", 47, 47, 0),
        ],
        spent: of(67),
        left: of(33),
        bound: of(70),
        epsilon: vec![(1e-6, 1.2345), (1e-9, 2.0)],
    };
    View {
        budget,
        budgets: vec![
            BudgetFrom { year: 2026, budget },
            BudgetFrom {
                year: 2028,
                budget: Budget::Strict,
            },
        ],
        off: vec![TurnedOff {
            table: "DY",
            from: "2027Q1".parse().unwrap(),
        }],
        per_year: whole,
        planned: of(95),
        years: years.iter().map(year).collect(),
        lifetime: of(67 * years.len() as u64),
        lifetime_bound: of(70 * years.len() as u64),
        lifetime_epsilon: vec![(1e-6, 3.0)],
    }
}

fn text(view: &View) -> String {
    String::from_utf8(page(view)).unwrap()
}

#[test]
fn years_budgets_and_tables_are_told() {
    let page = text(&view(&[2026, 2027]));
    let (new, old) = (
        page.find("<h2 id=\"year-2027\">").unwrap(),
        page.find("<h2 id=\"year-2026\">").unwrap(),
    );
    assert!(new < old, "the newest year first");
    for expected in [
        "<tr><th scope=\"row\">A</th><td>28.0</td><td>14.0</td><td>0.0</td><td>14.0</td></tr>",
        "<tr><th scope=\"row\">all</th><td>100.0</td><td>61.0</td><td>6.0</td><td>33.0</td></tr>",
        "aria-label=\"2027: 61.0 per cent of the budget spent, 6.0 reserved, 33.0 left\"",
        "epsilon 1.235 at delta 1e-6",
        "<strong>67.0 %</strong> <span>of the budget of 2027",
        "Budget from the beginning: default, rho 0.088200000 a year",
        "Budget from 2028 on: strict",
        "Table DY is turned off for good; 2027Q1 was the first quarter without it",
        "After all releases of 2 years that belief is at most",
    ] {
        assert!(page.contains(expected), "{expected}");
    }
    // Letters stand over parts that are wide enough; every table is explained.
    assert!(page.contains(">A</text>") && !page.contains(">S</text>"));
    for table in TABLES.iter().chain(REVISION_TABLES) {
        assert!(page.contains(&format!("<dt>{}</dt>", table.code)));
    }
}

#[test]
fn an_empty_ledger_is_a_page_too() {
    let page = text(&view(&[]));
    assert!(page.contains("Nothing was released yet") && !page.contains("<figure>"));
    assert!(page.contains("after ten years"));
}

#[test]
fn nothing_is_fetched_run_or_left_open() {
    for years in [&[][..], &[2026], &[2026, 2027, 2028]] {
        let page = text(&view(years));
        for forbidden in [
            "<script", "http:", "https:", "src=", "href=", "@import", " on", "<form", "<iframe",
        ] {
            let found = match forbidden {
                " on" => page.contains(" onload") || page.contains(" onclick"),
                other => page.contains(other),
            };
            assert!(!found, "{forbidden}");
        }
        let picture = page.matches("url(#hatch-").count();
        assert_eq!(
            page.matches("url(").count(),
            picture,
            "only its own patterns"
        );
        for tag in [
            "html", "head", "style", "body", "main", "header", "section", "figure", "table", "svg",
            "p", "ul", "li", "dl", "dt", "dd", "tr", "th", "td", "text", "defs", "pattern",
        ] {
            let (open, close) = (
                page.matches(&format!("<{tag}>")).count()
                    + page.matches(&format!("<{tag} ")).count(),
                page.matches(&format!("</{tag}>")).count(),
            );
            assert_eq!(open, close, "{tag}");
        }
    }
}

/// The parts of the bar add up to the bar.
#[test]
fn parts_of_the_bar_lie_beside_each_other() {
    let view = view(&[2026]);
    let svg = picture(&view.years[0]);
    let mut x = MARGIN;
    for line in svg.lines().filter(|line| line.contains("class=\"slot\"")) {
        let number = |name: &str| -> f64 {
            let at = line.find(&format!(" {name}=\"")).unwrap() + name.len() + 3;
            line[at..].split('"').next().unwrap().parse().unwrap()
        };
        assert!((number("x") - x).abs() < 0.02, "{line}");
        x += number("width");
    }
    assert!((x - (WIDTH - MARGIN)).abs() < 0.05);
}
