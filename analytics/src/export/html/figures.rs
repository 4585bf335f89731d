//! The figures of a table: for each series the whole programme as a sentence, cities as a chart, groups as a chart for each city;
//! under each chart its table.

use super::chart::{self, Bar, Chart};
use crate::export::xml::escape;
use crate::release::{CellRelease, Release, TableRelease};

/// A chart with its table, or a sentence when there is nothing to compare.
pub(super) struct Figure<'a> {
    id: String,
    title: String,
    /// The sum of the bars, when it was published.
    whole: Option<&'a CellRelease>,
    rows: Vec<(String, &'a CellRelease)>,
    /// The right end of the axis.
    most: f64,
}

/// The figures of a table, the coarsest first.
pub(super) fn of<'a>(release: &Release, table: &'a TableRelease) -> Vec<Figure<'a>> {
    let mut series: Vec<&str> = Vec::new();
    for cell in &table.cells {
        if !series.contains(&cell.series.as_str()) {
            series.push(&cell.series);
        }
    }
    series
        .into_iter()
        .flat_map(|one| of_series(release, table, one))
        .collect()
}

fn of_series<'a>(release: &Release, table: &'a TableRelease, series: &'a str) -> Vec<Figure<'a>> {
    let of = |cell: &&CellRelease| cell.series == series;
    let cells: Vec<&CellRelease> = table.cells.iter().filter(of).collect();
    let (grouped, single): (Vec<&CellRelease>, Vec<&CellRelease>) =
        cells.into_iter().partition(|cell| cell.group.is_some());
    let (cities, whole): (Vec<&CellRelease>, Vec<&CellRelease>) =
        single.into_iter().partition(|cell| cell.city.is_some());
    let about = match series {
        "new" => ": new in the quarter".to_owned(),
        "cumulative" => format!(": all since {}", release.start),
        _ => String::new(),
    };
    let label = |cell: &&'a CellRelease| (place(cell.city.as_deref()), *cell);
    let id = format!("{}-{series}", table.table);
    let mut figures = vec![Figure {
        title: format!("By city{about}"),
        whole: whole.first().copied(),
        most: most(&cities),
        rows: cities.iter().map(label).collect(),
        id: id.clone(),
    }];
    // One scale for all, so that cities can be compared.
    let most = most(&grouped);
    figures.extend(
        cities
            .iter()
            .filter_map(|city| of_groups(&id, city, &grouped, most)),
    );
    figures
}

/// The groups of one city, when they are told apart.
fn of_groups<'a>(
    id: &str,
    city: &'a CellRelease,
    grouped: &[&'a CellRelease],
    most: f64,
) -> Option<Figure<'a>> {
    let rows: Vec<(String, &CellRelease)> = grouped
        .iter()
        .filter(|cell| cell.city == city.city)
        .map(|cell| (cell.group.clone().unwrap_or_default(), *cell))
        .collect();
    let name = city.city.as_deref();
    (!rows.is_empty()).then(|| Figure {
        id: format!("{id}-{}", name.unwrap_or_default()),
        title: format!("By gender and age: {}", place(name)),
        whole: Some(city),
        rows,
        most,
    })
}

fn place(city: Option<&str>) -> String {
    match city {
        None => "whole programme".to_owned(),
        Some("other") => "other (not in the registry)".to_owned(),
        Some(name) => name.to_owned(),
    }
}

fn most(cells: &[&CellRelease]) -> f64 {
    cells.iter().fold(1.0, |most, cell| {
        most.max(cell.hi.value()).max(cell.estimate.value())
    })
}

impl Figure<'_> {
    /// Its HTML.
    pub(super) fn html(&self) -> String {
        let mut html = format!("<h3>{}</h3>\n", escape(&self.title));
        if let Some(whole) = self.whole {
            let (number, range) = (whole_number(whole), range(whole));
            html.push_str(&format!(
                "<p class=\"number\"><strong>{number}</strong> <span>the noise range is {range}{}</span></p>\n",
                if whole.reliability == "ok" { "" } else { "; low reliability" }
            ));
        }
        let bars: Vec<Bar> = self
            .rows
            .iter()
            .map(|(label, cell)| Bar {
                label: label.clone(),
                text: format!("{} ({})", whole_number(cell), range(cell)),
                value: cell.estimate.value(),
                lo: cell.lo.value(),
                hi: cell.hi.value(),
                low: cell.reliability != "ok",
            })
            .collect();
        let drawn = chart::svg(&Chart {
            id: &self.id,
            title: &self.title,
            bars: &bars,
            most: self.most,
        });
        html.push_str(&format!("<figure>\n{drawn}{}</figure>\n", self.table()));
        html
    }

    fn table(&self) -> String {
        let mut html = format!(
            "<table>\n<caption>{}, in numbers</caption>\n<thead><tr><th scope=\"col\">Cell</th><th scope=\"col\">Number</th>\
             <th scope=\"col\">Range (95\u{a0}%)</th><th scope=\"col\">Reliability</th></tr></thead>\n<tbody>\n",
            escape(&self.title)
        );
        for (label, cell) in &self.rows {
            html.push_str(&row(label, cell));
        }
        html.push_str("</tbody>\n");
        if let Some(whole) = self.whole {
            html.push_str(&format!("<tfoot>\n{}</tfoot>\n", row("together", whole)));
        }
        html.push_str("</table>\n");
        html
    }
}

fn row(label: &str, cell: &CellRelease) -> String {
    format!(
        "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td>{}</td></tr>\n",
        escape(label),
        whole_number(cell),
        range(cell),
        escape(&cell.reliability)
    )
}

fn whole_number(cell: &CellRelease) -> String {
    chart::thousands(i64::try_from(cell.display).unwrap_or(i64::MAX))
}

/// The range in whole numbers, rounded outwards as the release does.
fn range(cell: &CellRelease) -> String {
    let (lo, hi) = (cell.lo.value().floor(), cell.hi.value().ceil());
    format!(
        "{} to {}",
        chart::thousands(lo as i64),
        chart::thousands(hi as i64)
    )
}
