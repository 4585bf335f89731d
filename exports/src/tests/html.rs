//! The page: self-contained, described, inside its pictures, escaped.
use std::collections::BTreeSet;

use super::markup::{Element, read};
use super::{body, hash, key, release};
use crate::form::Form;
use crate::language::Language;
use crate::render::render;

const VOID: [&str; 1] = ["meta"];

fn text() -> String {
    String::from_utf8(render(Form::Html(Language::English), &body(), None).unwrap()).unwrap()
}

fn page() -> Element {
    read(&text(), &VOID)
}

/// All text below an element.
fn words(element: &Element) -> String {
    element
        .all()
        .into_iter()
        .map(|one| one.text.as_str())
        .collect::<Vec<_>>()
        .join(" ")
}

#[test]
fn the_page_needs_nothing_from_anywhere() {
    let (text, page) = (text(), page());
    for word in [
        "<script",
        "javascript:",
        "url(",
        "@import",
        "<link",
        "<img",
        "<iframe",
        "onload",
        "onclick",
        "src=",
    ] {
        assert!(!text.contains(word), "{word}");
    }
    let addresses: Vec<&str> = text.split("http").skip(1).map(|rest| &rest[..20]).collect();
    assert!(
        addresses
            .iter()
            .all(|rest| rest.starts_with("://www.w3.org/2000/") || rest.starts_with("-equiv")),
        "the only address is the name of SVG: {addresses:?}"
    );
    let policy = page.named("meta").into_iter().find_map(|meta| {
        (meta.attributes.get("http-equiv")? == "Content-Security-Policy")
            .then(|| &meta.attributes["content"])
    });
    assert_eq!(policy.unwrap(), crate::html::POLICY);
    let allowed = [
        "xmlns",
        "viewBox",
        "role",
        "id",
        "class",
        "lang",
        "charset",
        "http-equiv",
        "content",
        "name",
        "scope",
    ];
    let drawing = [
        "d",
        "x",
        "y",
        "width",
        "height",
        "cx",
        "cy",
        "r",
        "text-anchor",
        "aria-labelledby",
    ];
    for element in page.all() {
        for name in element.attributes.keys() {
            assert!(
                allowed.contains(&name.as_str()) || drawing.contains(&name.as_str()),
                "{name}"
            );
        }
    }
}

#[test]
fn every_chart_has_a_title_a_description_and_its_table() {
    let page = page();
    let mut ids = BTreeSet::new();
    for element in page.all() {
        if let Some(id) = element.attributes.get("id") {
            assert!(ids.insert(id.clone()), "{id} stands once");
        }
    }
    let figures = page.named("figure");
    // A: by city, and one for each of three places; B, D, E: by service or city, and one for each place; F: two; one of rates.
    assert_eq!(figures.len(), 4 + 3 * 4 + 2 + 1);
    for figure in figures {
        let [svg, table] = &figure.children[..] else {
            panic!("a chart and its table");
        };
        assert_eq!((svg.name.as_str(), table.name.as_str()), ("svg", "table"));
        assert_eq!(svg.attributes["role"], "img");
        for id in svg.attributes["aria-labelledby"].split(' ') {
            assert!(ids.contains(id));
        }
        let marks = svg.named("rect").len() + svg.named("circle").len();
        let rows = table.named("tbody")[0].children.len();
        let none = table
            .named("td")
            .iter()
            .filter(|cell| cell.text == "not estimable")
            .count();
        assert_eq!(marks + none, rows);
        let described = words(svg.named("desc")[0]);
        for row in &table.named("tbody")[0].children {
            let cells: Vec<&str> = row.children.iter().map(|cell| cell.text.as_str()).collect();
            let told = match cells[3] {
                "not estimable" => format!("{}: {}", cells[0], cells[3]),
                _ => format!("{}: {} ({})", cells[0], cells[1], cells[2]),
            };
            assert!(described.contains(&told), "{cells:?}");
        }
    }
}

#[test]
fn bars_and_ranges_stay_inside_the_picture() {
    for svg in page().named("svg") {
        let size: Vec<f64> = svg.attributes["viewBox"]
            .split(' ')
            .map(|n| n.parse().unwrap())
            .collect();
        for rect in svg.named("rect") {
            let of = |name: &str| rect.attributes[name].parse::<f64>().unwrap();
            assert!(of("x") >= 0.0 && of("width") >= 0.0 && of("x") + of("width") <= size[2]);
            assert!(of("y") >= 0.0 && of("y") + of("height") <= size[3]);
        }
        for text in svg.named("text") {
            let y: f64 = text.attributes["y"].parse().unwrap();
            assert!(y > 0.0 && y < size[3]);
        }
    }
}

#[test]
fn the_page_says_what_it_cannot_tell_and_how_to_check_it() {
    let words = words(&page());
    for sentence in [
        "They cannot tell",
        "anything about one person",
        "low reliability",
        "the range covers the noise alone",
        "epsilon",
        "payung release verify",
        "a page cannot vouch for its own key",
    ] {
        assert!(words.contains(sentence), "{sentence}");
    }
    assert!(words.contains(&hash(&body())));
    for cap in &release().privacy.caps {
        assert!(words.contains(cap.as_str()), "{cap}");
    }
}

/// City names cannot hold such text by type, series and reliability are words; titles and groups could be anything one day: all is escaped.
#[test]
fn text_of_the_release_cannot_become_markup() {
    let evil = "</td><script>alert(1)</script>\"' & <b>";
    let mut release = release();
    for table in &mut release.tables {
        table.title = evil.to_owned();
        table.unit = evil.to_owned();
        for cell in &mut table.cells {
            cell.city = cell.city.take().map(|name| format!("{name}{evil}"));
            cell.group = cell.group.take().map(|name| format!("{name}{evil}"));
        }
    }
    release.indicators = evil.to_owned();
    release.privacy.unit = evil.to_owned();
    release.privacy.caps = vec![evil.to_owned()];
    let body = release::seal::seal(&release, &key()).unwrap().body;
    let text =
        String::from_utf8(render(Form::Html(Language::English), &body, None).unwrap()).unwrap();
    assert!(!text.contains("<script") && !text.contains("<b>"));
    let page = read(&text, &VOID);
    assert!(
        page.named("h2")
            .iter()
            .any(|heading| heading.text.contains(evil))
    );
    assert!(page.named("th").iter().any(|cell| cell.text.contains(evil)));
}
