//! Writing the pages as set: marks with their tags, the outline, the facts about the document, and the attached release.

use std::sync::Arc;

use crypto::day::Day;
use krilla::configure::{Accessibility, Archival, ConfigurationBuilder};
use krilla::destination::XyzDestination;
use krilla::embed::{AssociationKind, EmbeddedFile, MimeType};
use krilla::geom::{PathBuilder, Point};
use krilla::metadata::{DateTime, Metadata};
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::surface::Surface;
use krilla::tagging::{Artifact, ArtifactType, ContentTag, SpanTag};
use krilla::{Document, SerializeSettings};

use super::face::{Faces, Weight};
use super::pictures::{self, fill, stroke};
use super::sheet::{Entry, HEIGHT, LEFT, Mark, RIGHT, Set, Style, Tone, WIDTH};
use super::tree::Tree;
use crate::error::ExportError;
use crate::language::fill as fill_text;
use crate::report::Report;
use crate::report::block::attachment;
use crate::source::Source;

const FOOT: Style = Style::new(Weight::Regular, 6.5, Tone::Quiet);

/// The file's bytes.
pub(super) fn write(
    source: &Source,
    body: &[u8],
    report: &Report,
    set: Set<'_>,
    faces: &Faces,
) -> Result<Vec<u8>, ExportError> {
    let mut document = empty()?;
    let date = date(source.release.closed)?;
    attach(&mut document, source, body, report, date)?;
    let Set {
        pages,
        mut tree,
        outline,
    } = set;
    let count = pages.len();
    for (number, marks) in pages.into_iter().enumerate() {
        let settings = PageSettings::from_wh(WIDTH, HEIGHT).ok_or(ExportError::Pdf)?;
        let mut page = document.start_page_with(settings);
        let mut surface = page.surface();
        for mark in marks {
            draw(&mut surface, &mut tree, faces, mark);
        }
        let foot = fill_text(
            report.language.texts().proof.page,
            &[
                ("page", &(number + 1).to_string()),
                ("pages", &count.to_string()),
            ],
        );
        footer(&mut surface, faces, source, &foot);
        surface.finish();
        page.finish();
    }
    let language = report.language.code();
    document.set_metadata(
        Metadata::new()
            .title(report.title.clone())
            .language(language.to_owned())
            .creator("Payung".to_owned())
            .creation_date(date)
            .document_id(format!("{}-{language}", source.hash)),
    );
    document.set_outline(contents(&outline));
    document.set_tag_tree(tree.finish(language));
    document.finish().map_err(|_| ExportError::Pdf)
}

/// A document that has to conform to both standards.
fn empty() -> Result<Document, ExportError> {
    let configuration = ConfigurationBuilder::new()
        .with_archival_validator(Archival::A3_A)
        .with_accessibility_validator(Accessibility::UA1)
        .finish()
        .map_err(|_| ExportError::Pdf)?;
    Ok(Document::new_with(SerializeSettings {
        configuration,
        ..SerializeSettings::default()
    }))
}

/// Noon of a day in universal time.
fn date(day: Day) -> Result<DateTime, ExportError> {
    let text = day.to_string();
    let mut parts = text.split('-').map(str::parse::<u16>);
    let mut next = || parts.next().and_then(Result::ok).ok_or(ExportError::Pdf);
    let (year, month, day) = (next()?, next()?, next()?);
    let (month, day) = (month as u8, day as u8);
    Ok(DateTime::new(year)
        .month(month)
        .day(day)
        .hour(12)
        .minute(0)
        .second(0)
        .utc_offset_hour(0)
        .utc_offset_minute(0))
}

fn attach(
    document: &mut Document,
    source: &Source,
    body: &[u8],
    report: &Report,
    date: DateTime,
) -> Result<(), ExportError> {
    let path = attachment(&source.release);
    let about = &report.language.texts().proof.attached;
    document
        .embed_file(EmbeddedFile {
            description: Some(fill_text(about, &[("file", &path)])),
            path,
            mime_type: MimeType::new("application/json"),
            association_kind: AssociationKind::Source,
            data: Arc::new(body.to_vec()).into(),
            modification_date: Some(date),
            compress: Some(true),
            location: None,
        })
        .ok_or(ExportError::Pdf)
}

fn draw(surface: &mut Surface<'_>, tree: &mut Tree, faces: &Faces, mark: Mark<'_>) {
    match mark {
        Mark::Text {
            part,
            x,
            y,
            style,
            text,
        } => {
            let tag = match part {
                Some(_) => ContentTag::Span(SpanTag::empty()),
                None => artifact(ArtifactType::PaginationOther),
            };
            let leaf = surface.start_tagged(tag);
            line(surface, faces, (x, y), style, &text);
            surface.end_tagged();
            if let Some(part) = part {
                tree.leaf(part, leaf);
            }
        }
        Mark::Rule { from, to, y } => {
            surface.start_tagged(artifact(ArtifactType::Layout));
            rule(surface, from, to, y);
            surface.end_tagged();
        }
        Mark::Picture {
            part,
            x,
            y,
            scale,
            picture,
        } => {
            let leaf = surface.start_tagged(ContentTag::Other);
            pictures::draw(surface, faces, picture, (x, y), scale);
            surface.end_tagged();
            tree.leaf(part, leaf);
        }
    }
}

fn artifact(kind: ArtifactType) -> ContentTag<'static> {
    ContentTag::Artifact(Artifact::with_kind(kind))
}

fn line(surface: &mut Surface<'_>, faces: &Faces, at: (f32, f32), style: Style, text: &str) {
    let face = faces.of(style.weight);
    surface.set_stroke(None);
    surface.set_fill(Some(fill(match style.tone {
        Tone::Ink => 0,
        Tone::Quiet => 70,
    })));
    let (point, glyphs) = (Point::from_xy(at.0, at.1), face.glyphs(text));
    surface.draw_glyphs(point, &glyphs, face.font.clone(), text, style.size, false);
}

fn rule(surface: &mut Surface<'_>, from: f32, to: f32, y: f32) {
    let mut path = PathBuilder::new();
    path.move_to(from, y);
    path.line_to(to, y);
    if let Some(path) = path.finish() {
        surface.set_fill(None);
        surface.set_stroke(Some(stroke(205, 0.5)));
        surface.draw_path(&path);
    }
}

/// What vouches for the page, on every page.
fn footer(surface: &mut Surface<'_>, faces: &Faces, source: &Source, page: &str) {
    let face = faces.of(FOOT.weight);
    surface.start_tagged(artifact(ArtifactType::Footer));
    rule(surface, LEFT, RIGHT, HEIGHT - 50.0);
    let page = face.known(page);
    let x = RIGHT - face.width(&page, FOOT.size);
    line(surface, faces, (x, HEIGHT - 40.0), FOOT, &page);
    let period = source.release.period;
    let lines = [
        format!("{period}  BLAKE3 {}", source.hash),
        format!("Ed25519 {}", source.key),
    ];
    for (place, text) in lines.iter().enumerate() {
        let y = HEIGHT - 40.0 + 9.0 * place as f32;
        line(surface, faces, (LEFT, y), FOOT, text);
    }
    surface.end_tagged();
}

/// Headings of level 2 with those of level 3 below them.
fn contents(entries: &[Entry]) -> Outline {
    let mut outline = Outline::new();
    let mut open: Option<OutlineNode> = None;
    for entry in entries {
        let place = XyzDestination::new(entry.page, Point::from_xy(0.0, entry.y.max(0.0)));
        let node = OutlineNode::new(entry.text.clone(), place);
        match (&mut open, entry.level) {
            (Some(parent), 3..) => parent.push_child(node),
            _ => {
                if let Some(done) = open.replace(node) {
                    outline.push_child(done);
                }
            }
        }
    }
    if let Some(done) = open {
        outline.push_child(done);
    }
    outline
}
