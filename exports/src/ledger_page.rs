//! The privacy ledger as one page: what it means for a person, in words, and a bar and a table for each year.
//!
//! No script and nothing from elsewhere, the look of the releases' pages, light or dark as the reader's machine asks. Everything on it is
//! a number of the ledger, which follows from public releases, or a fixed sentence. What is spent is told by fill and hatching,
//! not by colour alone, and by the table beneath.

use privacy::catalogue::{REVISION_TABLES, TABLES};
use privacy::ledger::words::{meaning, thousandths};
use privacy::ledger::{TableView, View, YearView};
use privacy::rho::NanoRho;

use super::html::POLICY;
use super::xml::escape;

const STYLE: &str = include_str!("html/style.css");
const BARS: &str = "svg .slot { fill: none; stroke: var(--quiet); stroke-width: 1; }
svg .spent { fill: var(--bar); stroke: var(--quiet); stroke-width: 1; }
svg .held { stroke: var(--quiet); stroke-width: 1; }
svg .hatch { stroke: var(--range); stroke-width: 1.5; }
svg text { font-size: 11px; }
";
/// Units of the picture's width; the bar takes all but a margin on each side.
const WIDTH: f64 = 320.0;
const MARGIN: f64 = 4.0;
const TOP: f64 = 18.0;
const HEIGHT: f64 = 28.0;
/// Parts narrower than this many per cent get no letter; the table names them.
const LETTER: f64 = 4.5;

/// The page. The same ledger gives the same bytes.
#[must_use]
pub fn page(view: &View) -> Vec<u8> {
    let title = "Privacy ledger";
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{title}</title>\n<style>\n{STYLE}{BARS}</style>\n</head>\n\
         <body>\n<main>\n<header>\n<h1>{title}</h1>\n{}</header>\n",
        escape(POLICY),
        introduction(view)
    );
    page.push_str(&lifetime(view));
    page.extend(view.years.iter().rev().map(year));
    page.push_str(&choices(view));
    page.push_str(&letters());
    page.push_str("</main>\n</body>\n</html>\n");
    page.into_bytes()
}

fn paragraph(text: &str) -> String {
    format!("<p>{}</p>\n", escape(text))
}

fn section(id: &str, title: &str, body: &str) -> String {
    format!(
        "<section aria-labelledby=\"{id}\">\n<h2 id=\"{id}\">{}</h2>\n{body}</section>\n",
        escape(title)
    )
}

fn introduction(view: &View) -> String {
    let mut text = paragraph(
        "Every published figure carries noise, and still tells a little about each person behind it. This page keeps the \
         account: how much the releases have told about one person at most, and how much they may tell yet. No figure about \
         anybody is on it; all of it follows from the published rules and from what was released.",
    );
    if let Some(last) = view.years.last() {
        text.push_str(&format!(
            "<p class=\"number\"><strong>{} %</strong> <span>of the budget of {} is spent or reserved</span></p>\n",
            percent(last.spent, last.budget.per_year()),
            last.year
        ));
    } else {
        text.push_str(&paragraph(
            "Nothing was released yet, and nothing is spent.",
        ));
    }
    text
}

fn year(year: &YearView) -> String {
    let epsilons: Vec<String> = year
        .epsilon
        .iter()
        .map(|(delta, epsilon)| format!("epsilon {} at delta {delta:e}", thousandths(*epsilon)))
        .collect();
    let text = format!(
        "Budget {}: rho {} for one person. Spent or reserved {}, left {}. Told about one person at most: rho {} ({}).",
        year.budget,
        year.budget.per_year(),
        year.spent,
        year.left,
        year.bound,
        epsilons.join(", ")
    );
    let body = format!(
        "{}<figure>\n{}<figcaption>Filled: spent by releases. Hatched: reserved by a closing that is not finished, which counts \
         as spent. Empty: left. The whole bar is the year's budget.</figcaption>\n{}</figure>\n",
        paragraph(&text),
        picture(year),
        table(year)
    );
    section(
        &format!("year-{}", year.year),
        &year.year.to_string(),
        &body,
    )
}

/// A bar of the whole budget with a part for each table.
fn picture(year: &YearView) -> String {
    let budget = year.budget.per_year();
    let sums = |of: fn(&TableView) -> NanoRho| {
        NanoRho::new(year.tables.iter().map(|table| of(table).nano()).sum())
    };
    let hatch = format!("hatch-{}", year.year);
    let mut svg = format!(
        "<svg viewBox=\"0 0 {WIDTH} 64\" role=\"img\" aria-label=\"{}: {} per cent of the budget spent, {} reserved, {} left\">\n\
         <defs><pattern id=\"{hatch}\" width=\"4\" height=\"4\" patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\">\
         <path class=\"hatch\" d=\"M0 0V4\"/></pattern></defs>\n",
        year.year,
        percent(sums(|table| table.released), budget),
        percent(sums(|table| table.reserved), budget),
        percent(year.left, budget)
    );
    let mut before = 0_u64;
    for table in &year.tables {
        svg.push_str(&part(table, before, budget, &hatch));
        before += table.share.nano();
    }
    for (part, anchor) in [(0.0, "start"), (0.5, "middle"), (1.0, "end")] {
        let x = MARGIN + part * (WIDTH - 2.0 * MARGIN);
        svg.push_str(&format!(
            "<text class=\"tick\" x=\"{x:.1}\" y=\"60\" text-anchor=\"{anchor}\">{:.0} %</text>\n",
            part * 100.0
        ));
    }
    svg.push_str("</svg>\n");
    svg
}

/// One table's part: its share, how much of it is spent and reserved, and its letter when there is room.
fn part(table: &TableView, before: u64, budget: NanoRho, hatch: &str) -> String {
    let scale = (WIDTH - 2.0 * MARGIN) / budget.nano() as f64;
    let x = MARGIN + before as f64 * scale;
    let wide = |amount: NanoRho| amount.nano() as f64 * scale;
    let rect = |class: &str, x: f64, wide: f64, more: &str| {
        format!(
            "<rect class=\"{class}\" x=\"{x:.2}\" y=\"{TOP}\" width=\"{wide:.2}\" height=\"{HEIGHT}\"{more}/>\n"
        )
    };
    let mut svg = rect("slot", x, wide(table.share), "");
    if table.released != NanoRho::ZERO {
        svg.push_str(&rect("spent", x, wide(table.released), ""));
    }
    if table.reserved != NanoRho::ZERO {
        let fill = format!(" fill=\"url(#{hatch})\"");
        let x = x + wide(table.released);
        svg.push_str(&rect("held", x, wide(table.reserved), &fill));
    }
    let share = table.share.nano() as f64 / budget.nano() as f64 * 100.0;
    if share >= LETTER {
        svg.push_str(&format!(
            "<text x=\"{:.1}\" y=\"13\" text-anchor=\"middle\">{}</text>\n",
            x + wide(table.share) / 2.0,
            escape(&table.table)
        ));
    }
    svg
}

fn table(year: &YearView) -> String {
    let budget = year.budget.per_year();
    let row = |name: &str, amounts: [NanoRho; 4]| {
        let cells: String = amounts
            .iter()
            .map(|amount| format!("<td>{}</td>", percent(*amount, budget)))
            .collect();
        format!("<tr><th scope=\"row\">{}</th>{cells}</tr>\n", escape(name))
    };
    let mut html = format!(
        "<table>\n<caption>{}: per cent of the year's budget</caption>\n<thead><tr><th scope=\"col\">table</th>\
         <th scope=\"col\">share</th><th scope=\"col\">spent</th><th scope=\"col\">reserved</th><th scope=\"col\">left</th></tr>\
         </thead>\n<tbody>\n",
        year.year
    );
    let mut sums = [0_u64; 3];
    for one in &year.tables {
        let amounts = [one.share, one.released, one.reserved, one.left];
        html.push_str(&row(&one.table, amounts));
        for (sum, amount) in sums.iter_mut().zip(amounts) {
            *sum += amount.nano();
        }
    }
    let [share, released, reserved] = sums.map(NanoRho::new);
    html.push_str(&format!(
        "</tbody>\n<tfoot>\n{}</tfoot>\n</table>\n",
        row("all", [share, released, reserved, year.left])
    ));
    html
}

fn lifetime(view: &View) -> String {
    let epsilons: Vec<String> = view
        .lifetime_epsilon
        .iter()
        .map(|(delta, epsilon)| format!("epsilon {} at delta {delta:e}", thousandths(*epsilon)))
        .collect();
    let mut body = if view.years.is_empty() {
        String::new()
    } else {
        paragraph(&format!(
            "All releases together have told about one person, who took part throughout, at most rho {} ({}).",
            view.lifetime_bound,
            epsilons.join(", ")
        ))
    };
    body.extend(meaning(view).iter().map(|sentence| paragraph(sentence)));
    section("meaning", "What this means for a person", &body)
}

fn choices(view: &View) -> String {
    let mut items: Vec<String> = view
        .budgets
        .iter()
        .enumerate()
        .map(|(place, one)| {
            let since = if place == 0 {
                "from the beginning".to_owned()
            } else {
                format!("from {} on", one.year)
            };
            let size = one.budget.per_year();
            format!("Budget {since}: {}, rho {size} a year", one.budget)
        })
        .collect();
    items.extend(view.off.iter().map(|off| {
        format!(
            "Table {} is turned off for good; {} was the first quarter without it",
            off.table, off.from
        )
    }));
    let items: String = items
        .iter()
        .map(|item| format!("<li>{}</li>\n", escape(item)))
        .collect();
    let text = "A budget can be changed for the next calendar year only. A table can be turned off, and then stays off.";
    let body = format!("{}<ul>\n{items}</ul>\n", paragraph(text));
    section("choices", "What the programme chose", &body)
}

fn letters() -> String {
    let items: String = TABLES
        .iter()
        .chain(REVISION_TABLES)
        .map(|table| {
            format!(
                "<dt>{}</dt>\n<dd>{}</dd>\n",
                escape(table.code),
                escape(table.title)
            )
        })
        .collect();
    section("tables", "The tables", &format!("<dl>\n{items}</dl>\n"))
}

/// Per cent of the budget with one decimal, rounded to the nearest in integers.
fn percent(amount: NanoRho, budget: NanoRho) -> String {
    let budget = u128::from(budget.nano().max(1));
    let tenths = (u128::from(amount.nano()) * 1_000 + budget / 2) / budget;
    format!("{}.{}", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests;
