//! Tables on paper: four columns or fewer, the first as wide as it can be. A row stays on one page; on the next page the headings
//! are drawn again, as decoration, because software has met them already.

use super::face::Weight;
use super::setting::Setter;
use super::sheet::{BOTTOM, LEFT, Mark, RIGHT, Style, Tone};
use super::tree::{Kind, Part};
use crate::report::block::Table;

const CELL: Style = Style::new(Weight::Regular, 8.0, Tone::Ink);
const HEAD: Style = Style::new(Weight::Regular, 8.0, Tone::Quiet);
const SUM: Style = Style::new(Weight::Bold, 8.0, Tone::Ink);
const LINE: f32 = 10.5;
const PAD: f32 = 3.0;
/// Between columns.
const GUTTER: f32 = 8.0;
/// The first column has at least this part of the width.
const FIRST: f32 = 0.3;

/// Widest a table gets: wider ones are hard to follow along a row.
const WIDEST: f32 = 360.0;

/// Where a table stands.
pub(super) struct Columns {
    left: f32,
    right: f32,
}

impl Columns {
    /// From the left margin.
    pub(super) const fn alone() -> Self {
        Self {
            left: LEFT,
            right: LEFT + WIDEST,
        }
    }

    /// Right of a picture.
    pub(super) const fn beside(left: f32) -> Self {
        Self { left, right: RIGHT }
    }

    /// Widths of the columns: what the widest cells need, the first gets the rest.
    fn widths(&self, setter: &Setter<'_>, table: &Table) -> Vec<f32> {
        let whole = self.right - self.left;
        let rows = table.rows.iter().chain(table.foot.iter());
        let mut widths: Vec<f32> = table
            .head
            .iter()
            .map(|text| widest_word(setter, text))
            .collect();
        for row in rows {
            for (width, text) in widths.iter_mut().zip(row) {
                *width = width.max(setter.face(SUM).width(text, SUM.size));
            }
        }
        let others: f32 = widths.iter().skip(1).map(|width| width + GUTTER).sum();
        let first = (whole - others).max(whole * FIRST);
        let shrink = ((whole - first) / others.max(1.0)).min(1.0);
        for width in widths.iter_mut().skip(1) {
            *width = (*width + GUTTER) * shrink - GUTTER;
        }
        if let Some(width) = widths.first_mut() {
            *width = first;
        }
        widths
    }
}

fn widest_word(setter: &Setter<'_>, text: &str) -> f32 {
    let width = |word: &str| setter.face(HEAD).width(word, HEAD.size);
    text.split(' ').map(width).fold(0.0, f32::max)
}

/// Height of the table if it stays on one page.
pub(super) fn height(setter: &Setter<'_>, table: &Table, columns: &Columns) -> f32 {
    let widths = columns.widths(setter, table);
    let caption = setter
        .face(HEAD)
        .wrap(&table.caption, HEAD.size, columns.right - columns.left);
    let rows = std::iter::once(&table.head)
        .chain(&table.rows)
        .chain(table.foot.iter());
    let rows: f32 = rows.map(|row| row_height(setter, row, &widths, CELL)).sum();
    caption.len() as f32 * LINE + 2.0 + rows
}

fn row_height(setter: &Setter<'_>, row: &[String], widths: &[f32], style: Style) -> f32 {
    let lines = row.iter().zip(widths).map(|(text, width)| {
        let lines = setter.face(style).wrap(text, style.size, *width);
        lines.len()
    });
    lines.max().unwrap_or(1) as f32 * LINE + PAD
}

/// Sets the table from the setter's place downwards.
pub(super) fn table(setter: &mut Setter<'_>, table: &Table, columns: &Columns) {
    let widths = columns.widths(setter, table);
    let part = setter.set.tree.root(Kind::Table);
    caption(setter, part, table, columns);
    let head = setter.set.tree.child(part, Kind::Head);
    let row_part = setter.set.tree.child(head, Kind::Row);
    row(
        setter,
        Some((row_part, true)),
        &table.head,
        &widths,
        (columns, HEAD),
    );
    let body = setter.set.tree.child(part, Kind::Body);
    for cells in &table.rows {
        room(setter, table, cells, &widths, columns);
        let row_part = setter.set.tree.child(body, Kind::Row);
        row(
            setter,
            Some((row_part, false)),
            cells,
            &widths,
            (columns, CELL),
        );
    }
    if let Some(cells) = &table.foot {
        room(setter, table, cells, &widths, columns);
        let foot = setter.set.tree.child(part, Kind::Foot);
        let row_part = setter.set.tree.child(foot, Kind::Row);
        row(
            setter,
            Some((row_part, false)),
            cells,
            &widths,
            (columns, SUM),
        );
    }
}

/// A new page with the headings again, when the row does not fit.
fn room(
    setter: &mut Setter<'_>,
    table: &Table,
    cells: &[String],
    widths: &[f32],
    columns: &Columns,
) {
    if setter.y + row_height(setter, cells, widths, CELL) > BOTTOM {
        setter.next_page();
        row(setter, None, &table.head, widths, (columns, HEAD));
    }
}

fn caption(setter: &mut Setter<'_>, table: Part, about: &Table, columns: &Columns) {
    let part = setter.set.tree.child(table, Kind::Caption);
    let lines = setter
        .face(HEAD)
        .wrap(&about.caption, HEAD.size, columns.right - columns.left);
    let last = lines.len() - 1;
    for (place, mut text) in lines.into_iter().enumerate() {
        if place < last {
            text.push(' ');
        }
        let y = setter.y + 8.0;
        setter.mark(Mark::Text {
            part: Some(part),
            x: columns.left,
            y,
            style: HEAD,
            text,
        });
        setter.y += LINE;
    }
    setter.y += 2.0;
}

/// One row; `part` says where it belongs and whether all its cells are headings.
fn row(
    setter: &mut Setter<'_>,
    part: Option<(Part, bool)>,
    cells: &[String],
    widths: &[f32],
    (columns, style): (&Columns, Style),
) {
    let height = row_height(setter, cells, widths, style);
    let mut x = columns.left;
    for (place, (text, width)) in cells.iter().zip(widths).enumerate() {
        let part = part.map(|(row, heading)| {
            let kind = match (heading, place) {
                (true, _) => Kind::ColumnHeading,
                (false, 0) => Kind::RowHeading,
                (false, _) => Kind::Cell,
            };
            setter.set.tree.child(row, kind)
        });
        cell(setter, part, text, (x, *width), (place > 0, style));
        x += width + GUTTER;
    }
    setter.y += height;
    let y = setter.y - 1.0;
    setter.mark(Mark::Rule {
        from: columns.left,
        to: columns.right,
        y,
    });
}

/// The lines of one cell; numbers stand at the right.
fn cell(
    setter: &mut Setter<'_>,
    part: Option<Part>,
    text: &str,
    (x, width): (f32, f32),
    (at_right, style): (bool, Style),
) {
    let face = setter.face(style);
    let lines = face.wrap(text, style.size, width);
    let last = lines.len() - 1;
    for (place, mut line) in lines.into_iter().enumerate() {
        let own = face.width(&line, style.size);
        if place < last {
            line.push(' ');
        }
        let y = setter.y + 8.5 + LINE * place as f32;
        setter.mark(Mark::Text {
            part,
            x: if at_right { x + width - own } else { x },
            y,
            style,
            text: line,
        });
    }
}
