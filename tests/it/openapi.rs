//! The description of the interface is true: it holds every route and no other, it is whole, and what clients and service say to each
//! other has the form that it says.

mod unasked;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use crypto::b64::{B64, Fixed};
use crypto::day::Month;
use crypto::report::Site;
use desk::replay::{Stage, hire};
use desk::{Connection, Options, Session};
use regex::Regex;
use serde_json::{Value, json};
use server::service::{Rooms, Running};
use terminal::replace::{Reason, Replacement};
use terminal::{admin, closing};
use tests::World;
use tests::heard::{Ear, Heard};
use tests::schema::{faults, resolved};
use unasked::{pins, proved};
use wire::{Counted, DeleteEnvelope, Deliver, DeliverItem, Delivered, Empty, Method, Role};

const SITE: &str = "bandung/alpha";
const OTHER: &str = "medan/beta";
const NOBODY: &str = "00000000000000000000000000000000";
const METHODS: [&str; 4] = ["get", "put", "post", "delete"];

/// Nobody but the roles themselves calls these.
const BETWEEN_ROLES: [&str; 2] = ["/v1/statistics/deliver", "/v1/statistics/registry"];

pub(crate) async fn get(url: String) -> reqwest::Response {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    client.get(url).send().await.unwrap()
}

pub(crate) async fn described(base: &str) -> Value {
    let answer = get(format!("{base}/v1/openapi.json")).await;
    assert_eq!(answer.status(), 200);
    answer.json().await.unwrap()
}

/// Method, path and what is said of it.
pub(crate) fn operations(document: &Value) -> Vec<(String, String, &Value)> {
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            assert!(METHODS.contains(&method.as_str()), "{method} {path}");
            all.push((method.to_uppercase(), path.clone(), operation));
        }
    }
    all
}

fn paths(document: &Value) -> BTreeSet<String> {
    document["paths"]
        .as_object()
        .unwrap()
        .keys()
        .cloned()
        .collect()
}

/// The statuses of an operation with what is said of each.
fn answers<'a>(document: &'a Value, operation: &'a Value) -> BTreeMap<&'a str, &'a Value> {
    let all = operation["responses"].as_object().unwrap();
    all.iter()
        .map(|(status, answer)| (status.as_str(), resolved(document, answer)))
        .collect()
}

async fn running(rooms: Rooms) -> Running {
    Running::start(rooms, ([127, 0, 0, 1], 0).into())
        .await
        .unwrap()
}

/// Which processes there are: both roles, and each of them.
pub(crate) async fn processes(world: &World) -> Vec<(&'static str, Running)> {
    let (identity, analytics) = (Arc::clone(&world.identity), Arc::clone(&world.analytics));
    let nowhere = "http://127.0.0.1:9".to_owned();
    vec![
        (
            "all",
            running(Rooms::All(Arc::clone(&identity), Arc::clone(&analytics))).await,
        ),
        (
            "identity",
            running(Rooms::Identity(identity, nowhere)).await,
        ),
        ("analytics", running(Rooms::Analytics(analytics)).await),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_describes_the_routes_that_it_answers_and_no_other() {
    let world = World::sqlite("2024-01-01").await;
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let mut held: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    let processes = processes(&world).await;
    for (name, process) in &processes {
        let document = described(&process.url()).await;
        for (method, path, operation) in operations(&document) {
            let concrete = path.replace("{id}", NOBODY).replace("{period}", "2024Q1");
            let url = format!("{}{concrete}", process.url());
            let method: reqwest::Method = method.parse().unwrap();
            let answer = client.request(method.clone(), url).send().await.unwrap();
            let status = answer.status().as_u16();
            let said = answers(&document, operation);
            assert!(
                said.contains_key(status.to_string().as_str()),
                "{name}: {method} {path} answers {status}"
            );
            // No release was made yet; everything else would be an address or a method that there is not.
            assert!(
                status != 405 && (status != 404 || path == "/v1/releases/{period}"),
                "{name}: {method} {path} answers {status}"
            );
        }
        held.insert(name, paths(&document));
    }
    let both: BTreeSet<String> = held["identity"]
        .union(&held["analytics"])
        .cloned()
        .collect();
    assert!(held["all"].is_superset(&both));
    // Where the roles meet, and nowhere else, quarters are closed by operators.
    let more: Vec<&String> = held["all"].difference(&both).collect();
    let closings = more.iter().filter(|path| path.starts_with("/v1/closings"));
    assert_eq!((more.len(), closings.count()), (5, 5), "{more:?}");
    let shared: Vec<&String> = held["identity"].intersection(&held["analytics"]).collect();
    assert_eq!(shared, ["/healthz", "/readyz", "/v1/openapi.json"]);
    // What one process does not describe it does not answer.
    for (name, process) in &processes {
        for path in held["all"].difference(&held[name]) {
            let concrete = path.replace("{id}", NOBODY).replace("{period}", "2024Q1");
            for method in METHODS {
                let method: reqwest::Method = method.to_uppercase().parse().unwrap();
                let url = format!("{}{concrete}", process.url());
                let answer = client.request(method, url).send().await.unwrap();
                let said: Value = answer.json().await.unwrap();
                assert_eq!(
                    said["title"], "There is nothing at this address",
                    "{name}: {path}"
                );
            }
        }
    }
}

/// Every address that the source of a client names, its variable parts as `{}`.
fn named_by_clients() -> BTreeSet<String> {
    let address = Regex::new(r#"["`](/v1/[^"`?\\]*)"#).unwrap();
    let part = Regex::new(r"\$?\{[^}]*\}").unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut all = BTreeSet::new();
    for folder in ["terminal/src", "desk/src", "server/src", "web/src"] {
        let of_tests = |file: &Path| {
            let name = file.to_str().unwrap();
            name.contains("/tests") || name.ends_with("testing.rs")
        };
        for file in tests::search::files(&root.join(folder)) {
            let text = std::fs::read_to_string(&file).unwrap_or_default();
            if of_tests(file.strip_prefix(root).unwrap()) {
                continue;
            }
            let code = text.split("#[cfg(test)]").next().unwrap();
            let found = address.captures_iter(code);
            all.extend(found.map(|one| part.replace_all(&one[1], "{}").into_owned()));
        }
    }
    // The relay of a counter takes any.
    all.remove("/v1/{}");
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn what_clients_ask_for_is_described() {
    let world = World::sqlite("2024-01-01").await;
    let part = Regex::new(r"\{[^}]*\}").unwrap();
    let document = described(&world.url()).await;
    let known: BTreeSet<String> = paths(&document)
        .iter()
        .map(|path| part.replace_all(path, "{}").into_owned())
        .collect();
    let named = named_by_clients();
    assert!(named.len() > 25, "{named:?}");
    let strange: Vec<&String> = named.difference(&known).collect();
    assert!(strange.is_empty(), "{strange:?}");
}

/// Every reference of the document, and every name of a schema that one leads to.
fn references(value: &Value, all: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                match field.as_str().filter(|_| name == "$ref") {
                    Some(to) => drop(all.insert(to.to_owned())),
                    None => references(field, all),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, all)),
        _ => (),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_description_is_whole() {
    let world = World::sqlite("2024-01-01").await;
    for (name, process) in processes(&world).await {
        let document = described(&process.url()).await;
        let version = document["openapi"].as_str().unwrap();
        assert!(version.starts_with("3.1."), "{version}");
        for fact in ["title", "version", "description"] {
            assert!(document["info"][fact].is_string(), "{name}: {fact}");
        }
        let mut led = BTreeSet::new();
        references(&document, &mut led);
        assert!(led.len() > 10);
        for to in &led {
            assert!(resolved(&document, &json!({ "$ref": to })).is_object());
        }
        for kind in ["schemas", "responses"] {
            let kept = document["components"][kind].as_object().unwrap();
            for one in kept.keys() {
                let used = led.contains(&format!("#/components/{kind}/{one}"));
                assert!(used, "{name}: nothing leads to {kind}/{one}");
            }
        }
        let mut ids = BTreeSet::new();
        for (method, path, operation) in operations(&document) {
            let place = format!("{name}: {method} {path}");
            let id = operation["operationId"].as_str().expect(&place);
            assert!(ids.insert(id.to_owned()), "{place}: {id} comes twice");
            whole(&document, &place, &path, operation);
        }
    }
}

/// One operation: a sentence, answers, parameters and schemes that there are.
fn whole(document: &Value, place: &str, path: &str, operation: &Value) {
    let summary = operation["summary"].as_str().expect(place);
    assert!(
        summary.ends_with('.') && !summary.contains('\n'),
        "{place}: {summary}"
    );
    let answers = answers(document, operation);
    assert!(
        answers.keys().any(|status| status.starts_with('2')),
        "{place}"
    );
    let refused = answers.keys().filter(|status| **status >= "400").count();
    let always = ["/healthz", "/v1/openapi.json"].contains(&path);
    assert!(always || refused > 0, "{place}: nothing is refused");
    for (status, answer) in &answers {
        let said = answer["description"].as_str().unwrap_or_default();
        assert!(!said.is_empty(), "{place}: {status} says nothing");
        let content = answer["content"].as_object();
        let problem = content.is_some_and(|all| all.contains_key("application/problem+json"));
        assert_eq!(
            problem,
            *status >= "400" && path != "/readyz",
            "{place}: {status}"
        );
        let wait = !answer["headers"]["retry-after"].is_null();
        assert_eq!(wait, *status == "429", "{place}: {status}");
    }
    let given = operation["parameters"].as_array();
    let given: Vec<&Value> = given.into_iter().flatten().collect();
    let in_path = |one: &&&Value| one["in"] == "path";
    let names: Vec<String> = given
        .iter()
        .filter(in_path)
        .map(|one| format!("{{{}}}", one["name"].as_str().unwrap()))
        .collect();
    assert_eq!(path.matches('{').count(), names.len(), "{place}");
    assert!(names.iter().all(|name| path.contains(name)), "{place}");
    for one in given {
        let described = one["description"].as_str().unwrap_or_default();
        assert!(
            !described.is_empty() && one["schema"].is_object(),
            "{place}: {one}"
        );
    }
    let schemes = &document["components"]["securitySchemes"];
    for one in operation["security"].as_array().into_iter().flatten() {
        for scheme in one.as_object().unwrap().keys() {
            assert!(schemes[scheme].is_object(), "{place}: {scheme}");
        }
    }
    // Whoever proves a session may be told that none is there.
    let secured = !operation["security"].is_null();
    assert!(!secured || answers.contains_key("401"), "{place}");
}

/// Literals of the description that constants of the code know better.
#[tokio::test(flavor = "multi_thread")]
async fn limits_are_those_of_the_code() {
    let world = World::sqlite("2024-01-01").await;
    let document = described(&world.url()).await;
    for (schema, field, most) in [
        ("SignBlanks", "commitments", wire::MOST_BLANKS),
        ("Evaluate", "items", wire::MOST_DOMAINS),
        ("EvaluateItem", "elements", wire::MOST_ELEMENTS),
        ("FetchBuckets", "prefixes", wire::MOST_BUCKETS),
        ("AppendRoster", "entries", wire::MOST_ENTRIES),
        ("RosterPage", "entries", wire::MOST_ENTRIES),
        ("SubmitReports", "submissions", wire::MOST_SUBMISSIONS),
        ("LogPage", "entries", wire::MOST_LOG_ENTRIES),
        ("SiteServices", "services", wire::MOST_OFFERED),
    ] {
        let said = &document["components"]["schemas"][schema]["properties"][field];
        assert_eq!(said["maxItems"], json!(most), "{schema}.{field}");
    }
    let sealed = &document["components"]["schemas"]["NewEntry"]["properties"]["sealed"];
    let longest = (4 * wire::records::MOST_ENTRY_BYTES).div_ceil(3);
    assert_eq!(resolved(&document, sealed)["maxLength"], json!(longest));
    let session = &document["components"]["securitySchemes"]["session"];
    assert_eq!(session["in"], "header");
    assert_eq!(session["name"], wire::REQUEST_HEADER);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_description_is_kept_by_whoever_has_it() {
    let world = World::sqlite("2024-01-01").await;
    let url = format!("{}/v1/openapi.json", world.url());
    let first = get(url.clone()).await;
    let headers = first.headers().clone();
    assert_eq!(headers["content-type"], "application/json");
    assert_eq!(headers["cache-control"], "public, no-cache");
    assert!(
        headers["content-security-policy"]
            .to_str()
            .unwrap()
            .contains("default-src 'self'")
    );
    let tag = headers["etag"].to_str().unwrap().to_owned();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    for (shown, status) in [
        (tag.clone(), 304),
        (format!("\"x\", W/{tag}"), 304),
        ("*".to_owned(), 304),
        ("\"x\"".to_owned(), 200),
    ] {
        let asked = client.get(&url).header("if-none-match", &shown);
        let answer = asked.send().await.unwrap();
        assert_eq!(
            (answer.status().as_u16(), &answer.headers()["etag"]),
            (status, &headers["etag"]),
            "{shown}"
        );
        let bytes = answer.bytes().await.unwrap();
        assert_eq!(bytes.is_empty(), status == 304);
    }
}

/// The operation that answered a request, and its path: of those that fit, the one with the fewest variable parts.
fn operation_of<'a>(document: &'a Value, heard: &Heard) -> (String, &'a Value) {
    let asked = heard.path.split('?').next().unwrap();
    let fits = |path: &str| {
        let (one, other) = (path.split('/'), asked.split('/'));
        one.clone().count() == other.clone().count()
            && one
                .zip(other)
                .all(|(said, is)| said.starts_with('{') || said == is)
    };
    let all = operations(document);
    let mut fitting: Vec<_> = all
        .into_iter()
        .filter(|(method, path, _)| *method == heard.method && fits(path))
        .collect();
    fitting.sort_by_key(|(_, path, _)| path.matches('{').count());
    let (_, path, operation) = fitting
        .into_iter()
        .next()
        .unwrap_or_else(|| panic!("{} {asked}", heard.method));
    (path, operation)
}

/// What is wrong with a request and its answer.
fn compared(document: &Value, heard: &Heard) -> Vec<String> {
    let (path, operation) = operation_of(document, heard);
    let mut found = request(document, operation, heard);
    let answers = answers(document, operation);
    match answers.get(heard.status.to_string().as_str()) {
        None => found.push("the status is not described".to_owned()),
        Some(said) => {
            let kind = heard.kind.split(';').next().unwrap();
            let content = said["content"].as_object();
            match content.and_then(|all| all.get(kind)) {
                Some(form) if ["application/json", "application/problem+json"].contains(&kind) => {
                    let body = serde_json::from_slice(&heard.answer).unwrap();
                    found.extend(faults(document, &form["schema"], &body));
                }
                Some(_) => (),
                None if content.is_none() && heard.answer.is_empty() => (),
                None => found.push(format!("nothing is said of {kind:?}")),
            }
            for header in [wire::ANSWER_HEADER, "retry-after", "etag"] {
                if heard.headers.iter().any(|one| one == header)
                    && said["headers"][header].is_null()
                {
                    found.push(format!("nothing is said of the header {header}"));
                }
            }
        }
    }
    let place = format!("{} {path}, {}", heard.method, heard.status);
    found
        .into_iter()
        .map(|fault| format!("{place}: {fault}"))
        .collect()
}

fn request(document: &Value, operation: &Value, heard: &Heard) -> Vec<String> {
    let body = &operation["requestBody"];
    let form = &body["content"]["application/json"]["schema"];
    match (heard.sent.is_empty(), body.is_null()) {
        (true, true) => Vec::new(),
        (false, true) => vec!["nothing is said of a body".to_owned()],
        (true, false) => {
            let needed = body["required"] == json!(true);
            let missing = needed.then(|| "the body is missing".to_owned());
            missing.into_iter().collect()
        }
        (false, false) => {
            let sent: Value = serde_json::from_slice(&heard.sent).unwrap();
            let found = faults(document, form, &sent);
            if found.is_empty() {
                picky(document, form, &sent);
            }
            found
        }
    }
}

/// A body that fits does not with a field more or with one that is needed less.
fn picky(document: &Value, form: &Value, sent: &Value) {
    let mut more = sent.clone();
    more["something"] = json!(1);
    assert!(!faults(document, form, &more).is_empty(), "{more}");
    for name in resolved(document, form)["required"]
        .as_array()
        .into_iter()
        .flatten()
    {
        let mut less = sent.clone();
        less.as_object_mut().unwrap().remove(name.as_str().unwrap());
        assert!(!faults(document, form, &less).is_empty(), "{less}");
    }
}

/// What counters do in a day.
async fn counters(stage: &mut Stage, connection: &Connection, world: &mut World) {
    let today = stage.today;
    let cards = stage.cards(2, Month::of(today.plus(700))).await.unwrap();
    let (old, new) = (cards[0].to_text(), cards[1].to_text());
    let site: Site = SITE.parse().unwrap();
    let desk = stage.desk(&site).unwrap();
    let met = desk.meet(&[&old], true, today).await.unwrap();
    let person = met.into_iter().next().unwrap().unwrap();
    let line = format!(
        "person,date,site,service,event,covered_until,gender,age_band\np,{today},{site},nsp,contact,,woman,under 25\n"
    );
    let row = wire::rows::Rows::new(line.as_bytes()).unwrap().next_row();
    desk.record(&person, &row.unwrap().unwrap().unwrap())
        .unwrap();
    desk.send().await.unwrap();
    let cards = Replacement {
        old: &old,
        new: &new,
        reason: Reason::Taken,
    };
    desk.replace(&cards, today).await.unwrap();
    desk.refresh(today).await.unwrap();
    desk.look(&new, today).await.unwrap();
    // A colleague comes, and is given the data key.
    let invitation = desk.invite(Role::Clinician, today).await.unwrap();
    let colleague = hire::operator(connection, invitation.text(), today, &mut world.rng).await;
    assert_eq!(desk.admit_invited(today).await.unwrap(), 1);
    let refused = admin::allowances(&colleague.unwrap()).await;
    assert!(refused.is_err(), "a clinician administers nothing");
}

/// What an operator does, well and in vain.
async fn office(stage: &Stage) {
    let operator = &stage.operator;
    let known = admin::registry(operator).await.unwrap();
    let provider = known.providers[0].id;
    assert!(!admin::terminals(operator).await.unwrap().is_empty());
    // Where nothing is limited nothing can be raised.
    let raised = admin::raise_cap(operator, provider, Counted::Blanks, 2_500).await;
    assert!(raised.is_err());
    assert!(!admin::allowances(operator).await.unwrap().today.is_empty());
    let again = admin::create_site(operator, provider, &known.providers[0].sites[0], None);
    again.await.unwrap();
    let offered = Some(["nsp".parse().unwrap()].into());
    let site = &known.providers[0].sites[0];
    admin::set_services(operator, site, offered).await.unwrap();
    let offers = admin::registry(operator).await.unwrap();
    assert_eq!(offers.providers[0].offers.len(), 1);
    admin::set_services(operator, site, None).await.unwrap();
    let upkeep = admin::upkeep(operator).await.unwrap();
    assert!(upkeep.disk.is_some() && upkeep.backup.is_none());
    closings(operator).await;
    let staff = NOBODY.parse().unwrap();
    assert!(admin::open_name(operator, staff).await.is_err());
    assert!(admin::revoke_staff(operator, staff).await.is_err());
    let terminal = NOBODY.parse().unwrap();
    assert!(admin::revoke_terminal(operator, terminal).await.is_err());
    let label = "nothing".parse().unwrap();
    assert!(admin::revoke_labelled(operator, &label).await.is_err());
    assert!(admin::flush_outbox(operator).await.unwrap() > 0);
}

/// What one operator may do for a closing; one alone does not close.
async fn closings(operator: &Session) {
    let (period, never) = ("2024Q1".parse().unwrap(), "2024Q2".parse().unwrap());
    let plan = closing::plan(operator, period).await.unwrap();
    assert!(closing::plan(operator, never).await.is_err());
    assert!(closing::propose(operator, period, [7; 32]).await.is_err());
    let proposed = closing::propose(operator, period, plan.digest.0).await;
    assert!(proposed.unwrap().own);
    assert_eq!(closing::waiting(operator).await.unwrap().len(), 1);
    let alone = closing::confirm(operator, period, plan.digest.0).await;
    assert!(alone.is_err());
    closing::withdraw(operator, period, plan.digest.0)
        .await
        .unwrap();
    let nothing = closing::withdraw(operator, period, plan.digest.0).await;
    assert!(nothing.is_err());
}

/// Whoever is an operator has been one since before the quarter that is closed here.
async fn long_there(world: &World) {
    const EARLIER: &str = "UPDATE staff SET registered = 0 WHERE role = 'operator'";
    let mut tx = world.identity.store.write().await.unwrap();
    store::execute!(&mut tx, EARLIER).unwrap();
    tx.commit().await.unwrap();
}

/// What anybody may ask, after a closing.
pub(crate) async fn public(base: &str, world: &World) {
    let nothing = Deliver {
        epoch: 1,
        complete: Some(world.analytics.today()),
        items: Vec::new(),
    };
    analytics::intake::accept(&world.analytics, nothing)
        .await
        .unwrap();
    let period = "2024Q1".parse().unwrap();
    analytics::close::close(&world.analytics, period)
        .await
        .unwrap();
    for path in [
        "/healthz",
        "/readyz",
        "/v1/openapi.json",
        "/v1/trust/log",
        "/v1/trust/log?after=x",
        "/v1/programme",
        "/v1/programme?x=1",
        "/v1/ledger",
        "/v1/ledger?format=html",
        "/v1/ledger?format=csv",
        "/v1/releases",
        "/v1/releases/log",
        "/v1/releases/log/head",
        "/v1/releases/log/head?x=1",
        "/v1/releases/2024Q1",
        "/v1/releases/2024Q1?format=csv",
        "/v1/releases/2024Q1?format=html&language=ky",
        "/v1/releases/2024Q1?format=pdf",
        "/v1/releases/2024Q2",
        "/v1/releases/2024Q9",
    ] {
        get(format!("{base}{path}")).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_that_is_said_has_the_form_that_is_described() {
    let mut world = World::sqlite("2024-01-01").await;
    let document = described(&world.url()).await;
    let ear = Ear::before(&world.url()).await;
    let base = ear.url();
    let connection = Connection::open(&base, &Options::default()).unwrap();
    let mut stage = world.stage_over(&connection, &[SITE, OTHER]).await;
    counters(&mut stage, &connection, &mut world).await;
    long_there(&world).await;
    office(&stage).await;
    let desk = stage.desk(&SITE.parse().unwrap()).unwrap();
    proved(&base, desk.session(), Method::Get, "/v1/bundle", b"").await;
    proved(
        &base,
        desk.session(),
        Method::Get,
        "/v1/roster?limit=0",
        b"",
    )
    .await;
    pins(&base, desk.session()).await;
    let token = DeleteEnvelope {
        delete_token: crypto::json::Hidden::of(&[7; 32]),
    };
    let body = serde_json::to_vec(&token).unwrap();
    let envelope = format!("/v1/envelopes/{NOBODY}");
    proved(&base, desk.session(), Method::Delete, &envelope, &body).await;
    proved(&base, desk.session(), Method::Post, "/v1/logout", b"").await;
    public(&base, &world).await;
    stage.leave().await.unwrap();

    let heard = ear.heard();
    let found: Vec<String> = heard
        .iter()
        .flat_map(|one| compared(&document, one))
        .collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
    let said: BTreeSet<String> = heard
        .iter()
        .map(|one| format!("{} {}", one.method, operation_of(&document, one).0))
        .collect();
    let silent: Vec<String> = operations(&document)
        .into_iter()
        .map(|(method, path, _)| format!("{method} {path}"))
        .filter(|one| !said.contains(one))
        .collect();
    assert_eq!(silent, BETWEEN_ROLES.map(|path| format!("POST {path}")));
    let statuses: BTreeSet<u16> = heard.iter().map(|one| one.status).collect();
    for status in [200, 201, 202, 400, 403, 404, 422] {
        assert!(
            statuses.contains(&status),
            "nothing was answered with {status}"
        );
    }
    world.stop().await;
}

/// What one role says to the other is not heard by anybody else.
#[tokio::test(flavor = "multi_thread")]
async fn what_the_roles_say_to_each_other_has_the_form_that_is_described() {
    let mut world = World::sqlite("2024-01-01").await;
    let document = described(&world.url()).await;
    drop(world.stage(&[SITE]).await);
    let told = identity::registry::told(&world.identity).await.unwrap();
    assert_eq!((told.providers.len(), told.sites.len()), (1, 1));
    let item = DeliverItem {
        provider: told.providers[0].provider,
        elgamal: Fixed([7; 64]),
        body: B64(vec![7; crypto::report::SEALED_BYTES]),
        received: "2026-01-05".parse().unwrap(),
    };
    let delivery = Deliver {
        epoch: 1,
        complete: Some("2026-01-06".parse().unwrap()),
        items: vec![item],
    };
    let acks = Delivered { acks: vec![true] };
    for (path, sent, answer) in [
        (BETWEEN_ROLES[0], json!(delivery), json!(acks)),
        (BETWEEN_ROLES[1], json!(told), json!(Empty {})),
    ] {
        let operation = &document["paths"][path]["post"];
        let form = &operation["requestBody"]["content"]["application/json"]["schema"];
        assert_eq!(faults(&document, form, &sent), [""; 0]);
        picky(&document, form, &sent);
        let form = &operation["responses"]["200"]["content"]["application/json"]["schema"];
        assert_eq!(faults(&document, form, &answer), [""; 0]);
    }
    world.stop().await;
}

/// Files that were signed long ago, and revisions, are releases as they are described.
#[tokio::test(flavor = "multi_thread")]
async fn signed_files_have_the_form_that_is_described() {
    let world = World::sqlite("2024-01-01").await;
    let document = described(&world.url()).await;
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    for (name, schema) in [
        ("ordinary", "SignedRelease"),
        ("smallest", "SignedRelease"),
        ("later", "SignedRelease"),
        ("fourth", "SignedRelease"),
        ("revision", "SignedRelease"),
        ("head", "SignedLogHead"),
    ] {
        let file = root.join(format!("release/tests/data/signed/{name}.json"));
        let body = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
        let form = json!({ "$ref": format!("#/components/schemas/{schema}") });
        let found = faults(&document, &form, &body);
        assert!(found.is_empty(), "{name}: {}", found.join("\n"));
    }
    world.stop().await;
}
