//! HTML: one page for people. No script and nothing from elsewhere (its own content security policy says so), charts as inline
//! SVG with a table beneath each, light or dark as the reader's machine asks, and black on white on paper.
//!
//! Everything on it is a number of the signed release or a fixed sentence. All text is escaped.

mod chart;
mod figures;
mod sentences;

#[cfg(test)]
pub(super) use chart::thousands;

use super::source::Source;
use super::xml::escape;
use crate::release::TableRelease;

const STYLE: &str = include_str!("html/style.css");
/// What the page allows itself; the server may say the same in a header.
pub const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// The page.
pub(super) fn page(source: &Source) -> Vec<u8> {
    let title = format!("Release {}", source.release.period);
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n\
         <main>\n",
        escape(POLICY),
        escape(&title)
    );
    page.push_str(&head(source));
    for table in &source.release.tables {
        page.push_str(&section(source, table));
    }
    page.push_str(&sentences::limits(&source.release));
    page.push_str(&proof(source));
    page.push_str("</main>\n</body>\n</html>\n");
    page.into_bytes()
}

fn head(source: &Source) -> String {
    let release = &source.release;
    let again = match release.version {
        1 => String::new(),
        version => format!(", version {version}"),
    };
    format!(
        "<header>\n<h1>Release {}</h1>\n<p>{} to {}, published {}{again}.</p>\n{}</header>\n",
        release.period,
        release.period.first_day(),
        release.period.last_day(),
        release.closed,
        sentences::reading(),
    )
}

fn section(source: &Source, table: &TableRelease) -> String {
    let id = escape(&table.table);
    let mut section = format!(
        "<section aria-labelledby=\"table-{id}\">\n<h2 id=\"table-{id}\">Table {id}: {}</h2>\n<p>Counted are {}.</p>\n",
        escape(&table.title),
        escape(&table.unit)
    );
    for figure in figures::of(&source.release, table) {
        section.push_str(&figure.html());
    }
    section.push_str("</section>\n");
    section
}

/// What vouches for the page and how to check it.
fn proof(source: &Source) -> String {
    let Source {
        release,
        hash,
        key,
        signature,
    } = source;
    let period = release.period;
    format!(
        "<footer>\n<h2>How to check this page</h2>\n\
         <p>The page was made from the signed release with this hash. It is the same, byte for byte, whenever it is made. Whoever \
         has the signed release (the JSON form) and the programme's public key can make it again and compare:</p>\n\
         <pre>payung release verify {period}.html --format html --release {period}.json --key {key}</pre>\n\
         <dl>\n<dt>Hash</dt>\n<dd><code>{hash}</code></dd>\n<dt>Public key</dt>\n<dd><code>{key}</code></dd>\n\
         <dt>Signature of the JSON form</dt>\n<dd><code>{signature}</code></dd>\n</dl>\n\
         <p>Take the public key from the programme itself: a page cannot vouch for its own key.</p>\n</footer>\n"
    )
}
