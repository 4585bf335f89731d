//! HTML: one page for people. No script and nothing from elsewhere (its own content security policy says so), charts as inline
//! SVG with a table beneath each, light or dark as the reader's machine asks, and black on white on paper.
//!
//! Everything on it is a number of the signed release or a fixed sentence. All text is escaped. A page that is served has links
//! to the other languages; one written to a file has none, because a file has no such neighbours.

mod svg;

use super::language::Language;
use super::report::block::{Block, Figure, Medium, Table};
use super::report::{Report, report};
use super::source::Source;
use super::xml::escape;

const STYLE: &str = include_str!("html/style.css");
/// What the page allows itself, wherever it lies: its own style and nothing else. A server's header names that style by its hash.
pub const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// The page; `served` ones link to the other languages.
pub(super) fn page(source: &Source, language: Language, served: bool) -> Vec<u8> {
    let report = report(source, language, Medium::Page);
    let mut page = format!(
        "<!doctype html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n\
         <main>\n",
        language.code(),
        escape(POLICY),
        escape(&report.title)
    );
    if served {
        page.push_str(&links(language));
    }
    Writer::write(&mut page, &report);
    page.push_str("</main>\n</body>\n</html>\n");
    page.into_bytes()
}

/// The same page in other languages, each named in its own.
fn links(here: Language) -> String {
    let one = |language: Language| {
        let (code, name) = (language.code(), language.texts().name);
        if language == here {
            format!("<li><strong lang=\"{code}\">{name}</strong></li>\n")
        } else {
            format!(
                "<li><a href=\"?format=html&amp;language={code}\" lang=\"{code}\" hreflang=\"{code}\">{name}</a></li>\n"
            )
        }
    };
    let items: Vec<String> = Language::ALL.into_iter().map(one).collect();
    format!(
        "<nav aria-label=\"{}\">\n<ul>\n{}</ul>\n</nav>\n",
        escape(here.texts().languages),
        items.concat()
    )
}

/// Blocks as markup: a section for each heading of level 2.
struct Writer<'a> {
    page: &'a mut String,
    sections: u32,
}

impl<'a> Writer<'a> {
    fn write(page: &'a mut String, report: &Report) {
        let mut writer = Self { page, sections: 0 };
        writer.page.push_str("<header>\n");
        for block in &report.blocks {
            if let Block::Heading(2, text) = block {
                writer.section(text);
            } else {
                writer.block(block);
            }
        }
        writer.end();
    }

    fn end(&mut self) {
        let tag = if self.sections == 0 {
            "header"
        } else {
            "section"
        };
        self.page.push_str(&format!("</{tag}>\n"));
    }

    fn section(&mut self, title: &str) {
        self.end();
        self.sections += 1;
        let id = format!("part-{}", self.sections);
        self.page.push_str(&format!(
            "<section aria-labelledby=\"{id}\">\n<h2 id=\"{id}\">{}</h2>\n",
            escape(title)
        ));
    }

    fn block(&mut self, block: &Block) {
        let text = match block {
            Block::Heading(level, text) => format!("<h{level}>{}</h{level}>\n", escape(text)),
            Block::Text(text) => format!("<p>{}</p>\n", escape(text)),
            Block::Number(number, rest) => format!(
                "<p class=\"number\"><strong>{}</strong> <span>{}</span></p>\n",
                escape(number),
                escape(rest)
            ),
            Block::List(items) => {
                let items = items
                    .iter()
                    .map(|item| format!("<li>{}</li>\n", escape(item)));
                format!("<ul>\n{}</ul>\n", items.collect::<String>())
            }
            Block::Figure(one) => figure(one),
            Block::Table(one) => table(one),
            Block::Details(summary, inner) => return self.details(summary, inner),
            Block::Command(text) => format!("<pre>{}</pre>\n", escape(text)),
            Block::Facts(facts) => {
                let facts = facts.iter().map(|(name, value)| {
                    let (name, value) = (escape(name), escape(value));
                    format!("<dt>{name}</dt>\n<dd><code>{value}</code></dd>\n")
                });
                format!("<dl>\n{}</dl>\n", facts.collect::<String>())
            }
        };
        self.page.push_str(&text);
    }

    fn details(&mut self, summary: &str, inner: &[Block]) {
        self.page.push_str(&format!(
            "<details>\n<summary>{}</summary>\n",
            escape(summary)
        ));
        for block in inner {
            self.block(block);
        }
        self.page.push_str("</details>\n");
    }
}

fn figure(figure: &Figure) -> String {
    let note = figure.note.as_deref().map_or_else(String::new, |note| {
        format!("<figcaption>{}</figcaption>\n", escape(note))
    });
    format!(
        "<figure>\n{}{note}{}</figure>\n",
        svg::svg(&figure.picture),
        table(&figure.table)
    )
}

fn table(table: &Table) -> String {
    let head = table
        .head
        .iter()
        .map(|text| format!("<th scope=\"col\">{}</th>", escape(text)));
    let mut html = format!(
        "<table>\n<caption>{}</caption>\n<thead><tr>{}</tr></thead>\n<tbody>\n",
        escape(&table.caption),
        head.collect::<String>()
    );
    html.extend(table.rows.iter().map(|cells| row(cells)));
    html.push_str("</tbody>\n");
    if let Some(foot) = &table.foot {
        html.push_str(&format!("<tfoot>\n{}</tfoot>\n", row(foot)));
    }
    html.push_str("</table>\n");
    html
}

fn row(cells: &[String]) -> String {
    let mut html = "<tr>".to_owned();
    for (place, text) in cells.iter().enumerate() {
        let text = escape(text);
        html.push_str(&match place {
            0 => format!("<th scope=\"row\">{text}</th>"),
            _ => format!("<td>{text}</td>"),
        });
    }
    html.push_str("</tr>\n");
    html
}
