//! The pages that people open: the files of `cargo xtask web`, carried in the binary.
//!
//! **Model.** Every file has one address. A file whose name holds its hash (`/assets/`) never changes and is kept by browsers for a
//! year; every other is asked for anew each time. Where a twin compressed by brotli was built, it goes to whoever takes it.
//! No address depends on who asks, nothing is counted, and nothing is read from a disk.
//!
//! **Limits.** A binary that was built without pages says how they are built, in their place.

use axum::Router;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::get;

/// Name and bytes of every built file; a twin compressed by brotli ends in `.br`.
const FILES: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/pages.rs"));

/// The entrances, each a folder with an `index.html`.
const ENTRANCES: [&str; 3] = ["counter", "operator", "card"];

const NOT_BUILT: &str = "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>Pages</title></head>\
<body><main><h1>The pages are not built</h1><p>This program was built without them. \
Type <code>cargo xtask web</code>, then build it again.</p></main></body></html>";

/// One file.
#[derive(Clone, Copy)]
struct File {
    name: &'static str,
    bytes: &'static [u8],
    brotli: Option<&'static [u8]>,
}

/// Whether this program carries pages.
pub fn are_built() -> bool {
    !FILES.is_empty()
}

/// Every page.
pub fn router() -> Router {
    let mut router = Router::new();
    if !are_built() {
        for entrance in ENTRANCES {
            let said = || async { (StatusCode::NOT_FOUND, Html(NOT_BUILT)) };
            router = router.route(&format!("/{entrance}/"), get(said));
        }
    }
    for (name, bytes) in FILES.iter().filter(|(name, _)| !name.ends_with(".br")) {
        let twin = format!("{name}.br");
        let brotli = FILES.iter().find(|(other, _)| **other == *twin);
        let file = File {
            name,
            bytes,
            brotli: brotli.map(|(_, bytes)| *bytes),
        };
        let answer = move |headers: HeaderMap| async move { file.answer(&headers) };
        router = router.route(&address(name), get(answer));
    }
    for entrance in ENTRANCES {
        let to = format!("/{entrance}/");
        let moved = move || async move { Redirect::permanent(&to) };
        router = router.route(&format!("/{entrance}"), get(moved));
    }
    router
}

/// A folder stands for its `index.html`.
fn address(name: &str) -> String {
    format!("/{}", name.strip_suffix("index.html").unwrap_or(name))
}

impl File {
    fn answer(self, asked: &HeaderMap) -> Response {
        let (bytes, encoding) = match self.brotli.filter(|_| takes_brotli(asked)) {
            Some(brotli) => (brotli, Some(HeaderValue::from_static("br"))),
            None => (self.bytes, None),
        };
        let mut response = bytes.into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static(kind(self.name)),
        );
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(self.kept()));
        if self.brotli.is_some() {
            headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        }
        if let Some(encoding) = encoding {
            headers.insert(header::CONTENT_ENCODING, encoding);
        }
        response
    }

    fn kept(self) -> &'static str {
        match self.name.starts_with("assets/") {
            true => "public, max-age=31536000, immutable",
            false => "no-cache",
        }
    }
}

fn takes_brotli(asked: &HeaderMap) -> bool {
    let lists = asked.get_all(header::ACCEPT_ENCODING).into_iter();
    let mut words = lists
        .filter_map(|list| list.to_str().ok())
        .flat_map(|list| list.split(','));
    words.any(|word| matches!(word.trim(), "br" | "br;q=1.0"))
}

fn kind(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, ending)| ending) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("json") => "application/json",
        Some("webmanifest") => "application/manifest+json",
        Some("wasm") => "application/wasm",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn taking(text: &'static str) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(text));
        takes_brotli(&headers)
    }

    #[test]
    fn brotli_goes_to_whoever_takes_it() {
        assert!(taking("gzip, deflate, br, zstd"));
        assert!(!taking("gzip, deflate"));
        assert!(!taking("br;q=0"));
    }

    #[test]
    fn a_folder_stands_for_its_page() {
        assert_eq!(address("counter/index.html"), "/counter/");
        assert_eq!(address("assets/a-1.js"), "/assets/a-1.js");
    }

    #[test]
    fn what_never_changes_is_kept_and_the_rest_is_asked_for() {
        let file = |name| File {
            name,
            bytes: b"x",
            brotli: Some(b"y"),
        };
        let said = file("assets/a.wasm").answer(&HeaderMap::new());
        assert_eq!(said.headers()[header::CONTENT_TYPE], "application/wasm");
        assert!(
            said.headers()[header::CACHE_CONTROL]
                .to_str()
                .unwrap()
                .contains("immutable")
        );
        assert!(!said.headers().contains_key(header::CONTENT_ENCODING));
        let said = file("sw.js").answer(&HeaderMap::new());
        assert_eq!(said.headers()[header::CACHE_CONTROL], "no-cache");
    }
}
