//! `demo.json`: what a newcomer and a script need, in one file beside the demo's data.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Serialize;
use server::error::Failure;

use super::cards::Pictures;
use super::people::Human;

/// The file's form.
#[derive(Serialize)]
struct Demo<'a> {
    pages: Pages,
    people: &'a [Human],
    cards: BTreeMap<&'static str, &'a Path>,
}

#[derive(Serialize)]
struct Pages {
    counter: String,
    operator: String,
    card: String,
}

/// Writes it into `folder`; where it is.
pub(super) fn write(
    folder: &Path,
    url: &str,
    people: &[Human],
    cards: &Pictures,
) -> Result<PathBuf, Failure> {
    let page = |entrance: &str| format!("{url}/{entrance}/");
    let demo = Demo {
        pages: Pages {
            counter: page("counter"),
            operator: page("operator"),
            card: page("card"),
        },
        people,
        cards: cards
            .iter()
            .map(|(word, path)| (*word, path.as_path()))
            .collect(),
    };
    let text = serde_json::to_string_pretty(&demo)
        .map_err(|_| Failure::new("demo.json cannot be written"))?;
    let path = folder.join("demo.json");
    files::write(&path, text.as_bytes()).map_err(|e| Failure::of("writing demo.json", e.kind()))?;
    Ok(path)
}
