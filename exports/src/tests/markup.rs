//! A small strict reader of markup, for tests: elements with attributes and text; anything not well-formed is a panic.

use std::collections::BTreeMap;

/// An element.
#[derive(Debug, Default)]
pub(super) struct Element {
    pub(super) name: String,
    pub(super) attributes: BTreeMap<String, String>,
    pub(super) children: Vec<Element>,
    pub(super) text: String,
}

impl Element {
    /// This element and all below it.
    pub(super) fn all(&self) -> Vec<&Element> {
        let mut found = vec![self];
        found.extend(self.children.iter().flat_map(Element::all));
        found
    }

    pub(super) fn named<'a>(&'a self, name: &str) -> Vec<&'a Element> {
        self.all()
            .into_iter()
            .filter(|element| element.name == name)
            .collect()
    }
}

/// The root. `void` elements have no end tag (HTML).
pub(super) fn read(text: &str, void: &[&str]) -> Element {
    let mut stack = vec![Element::default()];
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        stack.last_mut().unwrap().text.push_str(&plain(&rest[..at]));
        rest = &rest[at..];
        if let Some(after) = rest.strip_prefix("<!--") {
            let end = after.find("--").expect("a comment ends");
            rest = after[end..]
                .strip_prefix("-->")
                .expect("no two hyphens in a comment");
        } else if rest.starts_with("<?") || rest.starts_with("<!doctype") {
            rest = &rest[rest.find('>').unwrap() + 1..];
        } else if let Some(after) = rest.strip_prefix("</") {
            let end = after.find('>').expect("a tag ends");
            let done = stack.pop().unwrap();
            assert_eq!(done.name, &after[..end], "tags match");
            stack.last_mut().unwrap().children.push(done);
            rest = &after[end + 1..];
        } else {
            rest = begin(&rest[1..], &mut stack, void);
        }
    }
    let mut root = stack.pop().unwrap();
    assert!(stack.is_empty(), "every element ends");
    assert_eq!(root.children.len(), 1, "one root");
    root.children.pop().unwrap()
}

/// Reads a start tag; the text after it.
fn begin<'a>(tag: &'a str, stack: &mut Vec<Element>, void: &[&str]) -> &'a str {
    let name_end = tag.find([' ', '>', '/', '\n']).expect("a tag ends");
    let mut element = Element {
        name: tag[..name_end].to_owned(),
        ..Element::default()
    };
    let mut rest = tag[name_end..].trim_start();
    while !rest.starts_with(['>', '/']) {
        let (name, after) = rest.split_once("=\"").expect("attributes are quoted");
        assert!(
            name.chars()
                .all(|c| c.is_ascii_alphanumeric() || "_-.:".contains(c)),
            "{name}"
        );
        let (value, after) = after.split_once('"').expect("a value ends");
        assert!(!value.contains('<'), "an unescaped attribute: {value}");
        let old = element.attributes.insert(name.to_owned(), plain(value));
        assert!(old.is_none(), "an attribute stands once");
        rest = after.trim_start();
    }
    let (empty, after) = match rest.strip_prefix("/>") {
        Some(after) => (true, after),
        None => (false, &rest[1..]),
    };
    if element.name == "style" {
        // Raw text.
        let end = after.find("</style>").unwrap();
        element.text = after[..end].to_owned();
        stack.push(element);
        return &after[end..];
    }
    if empty || void.contains(&element.name.as_str()) {
        stack.last_mut().unwrap().children.push(element);
    } else {
        stack.push(element);
    }
    after
}

/// Resolves references; a bare `&` or `>` is not allowed.
fn plain(text: &str) -> String {
    assert!(!text.contains('>'), "an unescaped >: {text}");
    let mut parts = text.split('&');
    let mut found = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once(';').expect("a reference ends");
        found.push(match name {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            number => number
                .strip_prefix('#')
                .and_then(|digits| digits.parse().ok())
                .and_then(char::from_u32)
                .expect("a known reference"),
        });
        found.push_str(rest);
    }
    found
}
