//! Every answer of the origin, whatever was asked: one policy byte for byte, and a refusal that says what is wrong.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crypto::b64;
use regex::Regex;
use reqwest::{Client, Method, Response};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use tests::World;

use crate::openapi::{described, get, operations, processes, public};

const POLICY: &str = "content-security-policy";
const NOBODY: &str = "00000000000000000000000000000000";
/// Pages and what is near them, whatever a build carries.
const PAGES: [&str; 8] = [
    "/",
    "/counter/",
    "/operator/",
    "/card/",
    "/counter",
    "/assets/nothing.js",
    "/nothing",
    "/v1/nothing",
];
const METHODS: [&str; 6] = ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"];

fn client() -> Client {
    let client = Client::builder().no_proxy();
    client
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap()
}

/// The policy under which the pages are tested.
fn tested() -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let stage = std::fs::read_to_string(root.join("web/tests/lib/stage.mjs")).unwrap();
    let list = stage.split("export const POLICY = [").nth(1).unwrap();
    let list = list.split(']').next().unwrap();
    let lines = Regex::new("\"([^\"]+)\"").unwrap();
    let lines = lines.captures_iter(list).map(|one| one[1].to_owned());
    lines.collect::<Vec<_>>().join("; ")
}

fn policies(answer: &Response) -> Vec<&str> {
    let all = answer.headers().get_all(POLICY).iter();
    all.map(|one| one.to_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_has_the_one_policy_and_another_method_is_said_to_be_one() {
    let world = World::sqlite("2024-01-01").await;
    let (client, policy) = (client(), tested());
    let (mut asked, mut refused) = (0, 0);
    for (name, process) in &processes(&world).await {
        let document = described(&process.url()).await;
        let mut takes: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (method, path, _) in operations(&document) {
            let concrete = path.replace("{id}", NOBODY).replace("{period}", "2024Q1");
            takes.entry(concrete).or_default().insert(method);
        }
        let known = takes.keys().map(String::as_str);
        for path in known.chain(PAGES) {
            for method in METHODS {
                let place = format!("{name}: {method} {path}");
                let method: Method = method.parse().unwrap();
                let url = format!("{}{path}", process.url());
                let answer = client.request(method.clone(), url).send().await.unwrap();
                assert_eq!(policies(&answer), [&policy], "{place}");
                asked += 1;
                let status = answer.status().as_u16();
                if let Some(takes) = takes.get(path) {
                    let other = !takes.contains(method.as_str());
                    assert_eq!(status == 405, other, "{place}: {status}");
                }
                if status == 405 {
                    is_told(answer, &place).await;
                    refused += 1;
                }
            }
        }
        let url = format!("{}/", process.url());
        let answer = client.post(url).send().await.unwrap();
        assert_eq!(answer.status(), 405, "{name}: a page");
    }
    assert!(asked > 500 && refused > 200, "{asked} {refused}");
    world.stop().await;
}

/// A problem with a fixed text, and the methods that the address takes.
async fn is_told(answer: Response, place: &str) {
    assert_eq!(
        answer.headers()["content-type"],
        "application/problem+json",
        "{place}"
    );
    let allowed = answer.headers()["allow"].to_str().unwrap().to_owned();
    assert!(!allowed.is_empty(), "{place}");
    let said: Value = answer.json().await.unwrap();
    assert_eq!(said["type"], "urn:payung:problem:method", "{place}");
    assert_eq!(said["status"], 405, "{place}");
}

/// What a release and the ledger look like is in the page, for a copy on a disk; the policy names just that.
#[tokio::test(flavor = "multi_thread")]
async fn published_pages_keep_their_look_under_the_one_policy() {
    let world = World::sqlite("2024-01-01").await;
    let (base, policy) = (world.url(), tested());
    public(&base, &world).await;
    let style = Regex::new("(?s)<style>(.*?)</style>").unwrap();
    let mut named = BTreeSet::new();
    for path in [
        "/v1/releases/2024Q1?format=html",
        "/v1/releases/2024Q1?format=html&language=ky",
        "/v1/ledger?format=html",
    ] {
        let answer = get(format!("{base}{path}")).await;
        assert_eq!(policies(&answer), [&policy], "{path}");
        let tag = answer.headers()["etag"].clone();
        let page = answer.text().await.unwrap();
        assert!(
            !page.contains("style=") && !page.contains("<script"),
            "{path}"
        );
        let styles: Vec<_> = style.captures_iter(&page).collect();
        let [only] = &styles[..] else {
            panic!("{path}: {} styles", styles.len());
        };
        let hash = format!("'sha256-{}'", padded(&Sha256::digest(only[1].as_bytes())));
        assert!(policy.contains(&hash), "{path}: {hash}");
        named.insert(hash);
        let asked = client().get(format!("{base}{path}"));
        let again = asked.header("if-none-match", tag).send().await.unwrap();
        assert_eq!(again.status(), 304);
        assert_eq!(policies(&again), [&policy], "{path}");
    }
    assert_eq!(named.len(), policy.matches("'sha256-").count());
    for path in ["?format=csv", "?format=pdf", "?format=nothing", ""] {
        let answer = get(format!("{base}/v1/releases/2024Q1{path}")).await;
        assert_eq!(policies(&answer), [&policy], "{path}");
    }
    world.stop().await;
}

/// The other base64, which policies are written in.
fn padded(bytes: &[u8]) -> String {
    let text = b64::encode(bytes).replace('-', "+").replace('_', "/");
    let missing = (4 - text.len() % 4) % 4;
    text + &"=".repeat(missing)
}
