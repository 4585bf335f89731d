//! The figures of a table: each series and level as charts over one dimension, with its table; what is long is folded.
//!
//! A level is read from its cells: whatever of city, service, group, kind and day they have. One dimension is one chart; of two,
//! the first (a city, or a service) gives a chart each, on one scale, so that they can be compared. Cells with days are a
//! curve.

use super::bars::{self, Bar, Chart, Mark};
use super::block::{Block, Figure, Table};
use super::curve::{self, Curve, Step};
use crate::language::{Language, fill};
use release::object::{CellRelease, Release, TableRelease};
use release::published::{Reliability, Series};

/// More numbers than this in one level are folded away.
const OPEN: usize = 40;
/// More bars than this in one picture are too many.
const BARS: usize = 24;

/// What tells cells apart.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Dimension {
    City,
    Service,
    Group,
    Kind,
}

impl Dimension {
    /// In the order in which the first is the one to be compared.
    const ALL: [Self; 4] = [Self::City, Self::Service, Self::Group, Self::Kind];

    fn of(self, cell: &CellRelease) -> Option<&str> {
        match self {
            Self::City => cell.city.as_deref(),
            Self::Service => cell.service.as_deref(),
            Self::Group => cell.group.as_deref(),
            Self::Kind => cell.what.as_deref(),
        }
    }

    fn label(self, language: Language, text: &str) -> &str {
        match self {
            Self::City => language.place(Some(text)),
            Self::Service => language.service(text),
            Self::Group => language.group(text),
            Self::Kind => language.what(text),
        }
    }

    fn title(self, language: Language) -> &'static str {
        let texts = &language.texts().figure;
        match self {
            Self::City => texts.by_city,
            Self::Service => texts.by_service,
            Self::Group => texts.by_group,
            Self::Kind => texts.by_kind,
        }
    }
}

/// One table being told.
struct Teller<'a> {
    table: &'a TableRelease,
    language: Language,
    /// The first quarter of running totals, in words.
    start: String,
}

/// The figures of a table, the coarsest first.
pub(super) fn of(release: &Release, table: &TableRelease, language: Language) -> Vec<Block> {
    let teller = Teller {
        table,
        language,
        start: language.quarter(release.start),
    };
    let mut blocks = Vec::new();
    for series in unique(table.cells.iter().map(|cell| cell.series)) {
        let told = teller.series(series);
        // Of a revision, what both measurements say together stands open.
        if matches!(series, Series::Revised | Series::Change) {
            let title = language.series(series, &teller.start).unwrap_or_default();
            let cells = table.cells.iter().filter(|cell| cell.series == series);
            blocks.push(teller.folded(&title, cells.count(), told));
        } else {
            blocks.extend(told);
        }
    }
    blocks
}

fn unique<T: PartialEq>(words: impl Iterator<Item = T>) -> Vec<T> {
    let mut found = Vec::new();
    for word in words {
        if !found.contains(&word) {
            found.push(word);
        }
    }
    found
}

fn dimensions(cell: &CellRelease) -> Vec<Dimension> {
    let present = |dimension: &Dimension| dimension.of(cell).is_some();
    Dimension::ALL.into_iter().filter(present).collect()
}

impl<'a> Teller<'a> {
    fn series(&self, series: Series) -> Vec<Block> {
        let cells: Vec<&CellRelease> = self
            .table
            .cells
            .iter()
            .filter(|cell| cell.series == series)
            .collect();
        let mut blocks = Vec::new();
        for level in unique(cells.iter().map(|cell| cell.level.as_str())) {
            let here: Vec<&CellRelease> = cells
                .iter()
                .copied()
                .filter(|cell| cell.level == level)
                .collect();
            let told = self.level(&cells, &here);
            let days = here.iter().any(|cell| cell.day.is_some());
            let title = here.first().map(|cell| self.level_title(cell, days));
            match title {
                Some(title) if here.len() > OPEN => {
                    blocks.push(self.folded(&title, here.len(), told));
                }
                _ => blocks.extend(told),
            }
        }
        blocks
    }

    /// What a folded level is called.
    fn level_title(&self, cell: &CellRelease, days: bool) -> String {
        use Dimension::{City, Kind, Service};
        let texts = &self.language.texts().figure;
        let title = match dimensions(cell)[..] {
            _ if days => texts.by_day,
            [City, Service] => texts.by_city_and_service,
            [City, Kind] => texts.by_city_and_kind,
            [Service, Kind] => texts.by_service_and_kind,
            [first, ..] => first.title(self.language),
            [] => texts.whole,
        };
        self.titled(title, cell.series)
    }

    fn folded(&self, title: &str, count: usize, blocks: Vec<Block>) -> Block {
        let count = self.language.whole(count as i64);
        let texts = &self.language.texts().figure;
        let summary = fill(texts.details, &[("title", title), ("count", &count)]);
        Block::Details(summary, blocks)
    }

    fn titled(&self, title: &str, series: Series) -> String {
        match self.language.series(series, &self.start) {
            Some(words) => format!("{title}: {words}"),
            None => title.to_owned(),
        }
    }

    fn level(&self, all: &[&'a CellRelease], here: &[&'a CellRelease]) -> Vec<Block> {
        let Some(first) = here.first() else {
            return Vec::new();
        };
        if first.day.is_some() {
            return self.curves(here);
        }
        match dimensions(first)[..] {
            [] => self.whole(all, here),
            [one] => {
                let whole = all.iter().copied().find(|cell| is_whole(cell));
                self.chart(
                    &self.titled(one.title(self.language), first.series),
                    one,
                    here,
                    whole,
                    ends(here),
                )
            }
            [fixed, one, ..] => self.charts(all, here, fixed, one),
        }
    }

    /// A number of the whole programme, unless a chart has it as its sum.
    fn whole(&self, all: &[&CellRelease], here: &[&CellRelease]) -> Vec<Block> {
        let charted = all
            .iter()
            .any(|cell| cell.day.is_none() && dimensions(cell).len() == 1);
        if charted {
            return Vec::new();
        }
        let told = here.iter().flat_map(|cell| {
            let title = self.titled(self.language.place(None), cell.series);
            [Block::Heading(3, title), self.number(cell)]
        });
        told.collect()
    }

    /// A chart for each value of `fixed`.
    fn charts(
        &self,
        all: &[&'a CellRelease],
        here: &[&'a CellRelease],
        fixed: Dimension,
        one: Dimension,
    ) -> Vec<Block> {
        let ends = ends(here);
        let mut blocks = Vec::new();
        for value in unique(here.iter().filter_map(|cell| fixed.of(cell))) {
            let rows: Vec<&CellRelease> = here
                .iter()
                .copied()
                .filter(|cell| fixed.of(cell) == Some(value))
                .collect();
            let whole = all.iter().copied().find(|cell| {
                cell.day.is_none() && dimensions(cell) == [fixed] && fixed.of(cell) == Some(value)
            });
            let name = fixed.label(self.language, value);
            let title = match rows.first() {
                Some(cell) => self.titled(one.title(self.language), cell.series),
                None => continue,
            };
            blocks.extend(self.chart(&format!("{title}: {name}"), one, &rows, whole, ends));
        }
        blocks
    }

    fn chart(
        &self,
        title: &str,
        one: Dimension,
        rows: &[&CellRelease],
        whole: Option<&CellRelease>,
        ends: (f64, f64),
    ) -> Vec<Block> {
        let label = |cell: &CellRelease| {
            one.of(cell).map_or_else(String::new, |text| {
                one.label(self.language, text).to_owned()
            })
        };
        let bars: Vec<Bar> = largest(rows)
            .into_iter()
            .map(|cell| self.bar(label(cell), cell))
            .collect();
        let texts = &self.language.texts().figure;
        let picture = bars::picture(&Chart {
            title,
            described: texts.described,
            bars: &bars,
            ends,
            mark: Mark::Bar,
            language: self.language,
        });
        let told = rows
            .iter()
            .map(|cell| self.row(label(cell), cell))
            .collect();
        let foot = whole.map(|cell| self.row(texts.together.to_owned(), cell));
        let table = self.table(texts.cell, title, told, foot);
        let mut blocks = vec![Block::Heading(3, title.to_owned())];
        blocks.extend(whole.map(|cell| self.number(cell)));
        blocks.push(Block::Figure(Figure {
            picture,
            note: self.note(bars.len(), rows.len()),
            table,
        }));
        blocks
    }

    fn note(&self, shown: usize, count: usize) -> Option<String> {
        let (few, many) = (shown.to_string(), count.to_string());
        (shown < count).then(|| {
            fill(
                self.language.texts().figure.largest,
                &[("shown", &few), ("count", &many)],
            )
        })
    }

    /// A curve for each service and kind.
    fn curves(&self, here: &[&CellRelease]) -> Vec<Block> {
        let mut blocks = Vec::new();
        let mut rest: Vec<&CellRelease> = here.to_vec();
        while let Some(first) = rest.first().copied() {
            let same = |cell: &CellRelease| {
                Dimension::ALL
                    .iter()
                    .all(|one| one.of(cell) == one.of(first))
            };
            let (mut curve, others): (Vec<&CellRelease>, Vec<&CellRelease>) =
                rest.into_iter().partition(|cell| same(cell));
            curve.sort_by_key(|cell| cell.day);
            blocks.extend(self.curve(&curve));
            rest = others;
        }
        blocks
    }

    fn curve(&self, cells: &[&CellRelease]) -> Vec<Block> {
        let texts = &self.language.texts().figure;
        let Some(first) = cells.first() else {
            return Vec::new();
        };
        let names: Vec<&str> = Dimension::ALL
            .into_iter()
            .filter_map(|one| one.of(first).map(|text| one.label(self.language, text)))
            .collect();
        let title = self.titled(
            &format!("{}: {}", texts.by_day, names.join(", ")),
            first.series,
        );
        let steps: Vec<Step> = cells.iter().map(|cell| step(cell)).collect();
        let rows: Vec<Vec<String>> = cells
            .iter()
            .map(|cell| {
                let day = cell.day.unwrap_or(0).to_string();
                self.row(fill(texts.on_day, &[("day", &day)]), cell)
            })
            .collect();
        let picture = curve::picture(&Curve {
            title: &title,
            description: format!("{} {}.", texts.described_curve, told(&rows)),
            steps: &steps,
            most: steps.iter().fold(1.0, |most, step| most.max(step.hi)),
            language: self.language,
        });
        let table = self.table(texts.day, &title, rows, None);
        let note = None;
        vec![
            Block::Heading(3, title),
            Block::Figure(Figure {
                picture,
                note,
                table,
            }),
        ]
    }

    /// A table whose rows are what `first` says.
    fn table(
        &self,
        first: &str,
        title: &str,
        rows: Vec<Vec<String>>,
        foot: Option<Vec<String>>,
    ) -> Table {
        let texts = &self.language.texts().figure;
        let head = [first, texts.number, texts.interval, texts.reliability];
        Table {
            caption: fill(texts.caption, &[("title", title)]),
            head: head.map(str::to_owned).to_vec(),
            rows,
            foot,
        }
    }

    fn number(&self, cell: &CellRelease) -> Block {
        let texts = &self.language.texts().figure;
        let text = if cell.reliability == Reliability::Ok {
            texts.noise
        } else {
            texts.low_noise
        };
        let range = self.range(cell);
        Block::Number(self.whole_number(cell), fill(text, &[("range", &range)]))
    }

    fn bar(&self, label: String, cell: &CellRelease) -> Bar {
        Bar {
            label,
            text: format!("{} ({})", self.whole_number(cell), self.range(cell)),
            value: Some((cell.estimate.value(), cell.lo.value(), cell.hi.value())),
            low: cell.reliability != Reliability::Ok,
        }
    }

    fn row(&self, label: String, cell: &CellRelease) -> Vec<String> {
        let reliability = self.language.reliability(cell.reliability).to_owned();
        vec![
            label,
            self.whole_number(cell),
            self.range(cell),
            reliability,
        ]
    }

    /// For reading; a change may well be below zero.
    fn whole_number(&self, cell: &CellRelease) -> String {
        let number = if cell.series == Series::Change {
            cell.estimate.value().round() as i64
        } else {
            i64::try_from(cell.display).unwrap_or(i64::MAX)
        };
        self.language.whole(number)
    }

    /// The range in whole numbers, rounded outwards as the release does.
    fn range(&self, cell: &CellRelease) -> String {
        let lo = self.language.whole(cell.lo.value().floor() as i64);
        let hi = self.language.whole(cell.hi.value().ceil() as i64);
        fill(
            self.language.texts().figure.range,
            &[("lo", &lo), ("hi", &hi)],
        )
    }
}

/// Rows in words: day, number and range.
fn told(rows: &[Vec<String>]) -> String {
    let words = rows.iter().map(|row| match &row[..] {
        [day, number, range, ..] => format!("{day}: {number} ({range})"),
        _ => String::new(),
    });
    words.collect::<Vec<_>>().join("; ")
}

fn is_whole(cell: &CellRelease) -> bool {
    cell.day.is_none() && dimensions(cell).is_empty()
}

fn step(cell: &CellRelease) -> Step {
    Step {
        day: cell.day.unwrap_or(0),
        value: cell.estimate.value(),
        lo: cell.lo.value(),
        hi: cell.hi.value(),
    }
}

/// The ends of the axis: counts begin at zero, changes where they begin.
fn ends(cells: &[&CellRelease]) -> (f64, f64) {
    let most = cells.iter().fold(1.0, |most: f64, cell| {
        most.max(cell.hi.value()).max(cell.estimate.value())
    });
    let changes = cells.iter().filter(|cell| cell.series == Series::Change);
    (
        changes.fold(0.0, |least: f64, cell| least.min(cell.lo.value())),
        most,
    )
}

/// As many as a picture can show, the largest, in their own order.
fn largest<'a>(rows: &[&'a CellRelease]) -> Vec<&'a CellRelease> {
    let mut sizes: Vec<_> = rows.iter().map(|cell| cell.estimate).collect();
    sizes.sort_by(|one, other| other.cmp(one));
    let Some(least) = sizes.get(BARS) else {
        return rows.to_vec();
    };
    let above = rows.iter().copied().filter(|cell| cell.estimate > *least);
    above.take(BARS).collect()
}
