//! The system from the outside, by somebody who means it harm: garbage at every address, an operator who wants to read,
//! deliveries that cross each other, a redirecting statistics role, files that others could read.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crypto::b64::{self, B64, Fixed};
use crypto::domain::Domain;
use crypto::invitation::InviterKind;
use crypto::report::Site;
use crypto::rng::{self, Random};
use payung::cli::CardCommand;
use payung::opening::Opening;
use server::forward::{Forwarder, private_address};
use server::options::StoreArgs;
use terminal::colleagues;
use terminal::invited::Invited;
use tests::World;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use wire::{Deliver, DeliverItem, Role, RosterPage};

use crate::rogue::Rogue;

const NEEDLE: &str = "needle4711";
pub(crate) const SITES: [&str; 2] = ["medan/north", "bandung/south"];

/// Every address that takes something from outside, with one garbled variant of each that has a variable part.
const TARGETS: [(&str, &str); 40] = [
    ("POST", "/v1/register/start"),
    ("POST", "/v1/register/finish"),
    ("POST", "/v1/login/start"),
    ("POST", "/v1/login/finish"),
    ("GET", "/v1/bundle?needle4711"),
    ("POST", "/v1/invitations"),
    ("GET", "/v1/staff/needle4711"),
    ("PUT", "/v1/staff/needle4711/data-key"),
    ("PUT", "/v1/staff/%ff%fe/data-key"),
    ("POST", "/v1/staff/needle4711/revoke"),
    ("POST", "/v1/staff/%00/revoke"),
    ("POST", "/v1/staff/%f0%28/revoke"),
    ("POST", "/v1/staff/needle4711/open"),
    ("POST", "/v1/terminals/revoke"),
    ("POST", "/v1/terminals/needle4711/revoke"),
    ("POST", "/v1/terminals/%ff/revoke"),
    ("POST", "/v1/providers"),
    ("POST", "/v1/providers/needle4711/allowances"),
    ("POST", "/v1/providers/%ff/allowances"),
    ("POST", "/v1/sites"),
    ("PATCH", "/v1/registry"),
    ("POST", "/v1/blanks"),
    ("POST", "/v1/evaluate"),
    ("GET", "/v1/envelopes/needle4711"),
    ("GET", "/v1/envelopes/%ff"),
    ("GET", "/v1/envelopes/24-ffffffffff"),
    ("POST", "/v1/envelopes/buckets"),
    ("POST", "/v1/envelopes/replace"),
    ("PUT", "/v1/envelopes/needle4711"),
    ("PUT", "/v1/envelopes/%c3%28"),
    ("DELETE", "/v1/envelopes/needle4711"),
    ("DELETE", "/v1/envelopes/%ff"),
    ("POST", "/v1/status/revoke"),
    ("POST", "/v1/roster"),
    ("GET", "/v1/roster?after=needle4711"),
    (
        "GET",
        "/v1/roster?after=18446744073709551615&limit=4294967295",
    ),
    ("POST", "/v1/reports"),
    ("POST", "/v1/statistics/deliver"),
    ("GET", "/v1/releases/needle4711"),
    ("GET", "/v1/releases/%ff"),
];

fn garbage() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("words", NEEDLE.as_bytes().to_vec()),
        ("another field", format!("{{\"{NEEDLE}\":1}}").into_bytes()),
        ("arrays in arrays", vec![b'['; 200_000]),
        ("objects in objects", b"{\"items\":".repeat(50_000)),
        (
            "a large number",
            format!("{{\"index\":1{}}}", "0".repeat(400)).into_bytes(),
        ),
        ("bytes", vec![0xff; 64]),
        ("zero bytes", b"{\"name\":\"\\u0000needle4711\"}".to_vec()),
        (
            "wrong kinds",
            b"{\"items\":{},\"entries\":7,\"submissions\":\"x\",\"commitments\":null}".to_vec(),
        ),
        (
            "a good form with unfit values",
            format!("{{\"handle\":\"{NEEDLE}!\",\"terminal\":\"{NEEDLE}\",\"ke1\":\"{NEEDLE}\",\"knock\":\"{NEEDLE}\"}}")
                .into_bytes(),
        ),
        ("too much", vec![b' '; 2 * 1024 * 1024 + 1]),
        ("far too much", vec![b'{'; 9 * 1024 * 1024]),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn garbage_is_refused_in_one_form_and_never_echoed() {
    let mut world = World::sqlite("2024-01-01").await;
    let stage = world.stage(&SITES).await;
    let provider = stage.desks.values().next().unwrap().session().provider();
    let operator = &stage.operator;
    let place = (Role::ProviderAdministrator, provider);
    let (today, kept) = (stage.today, &mut Invited::default());
    let invite = colleagues::invite(operator, place, kept, today, &mut world.rng);
    let invitation = invite.await.unwrap();
    let inside = Rogue::enter(&world.url(), invitation.text(), "inside").await;
    let above = Rogue::enter(
        &world.url(),
        &world.invitation(Role::Operator).await,
        "above",
    )
    .await;
    let mut cut = 0;
    for (method, target) in TARGETS {
        for (what, body) in garbage() {
            for (who, rogue, proved) in [
                ("a stranger", &inside, false),
                ("an administrator", &inside, true),
                ("an operator", &above, true),
            ] {
                let answer = rogue
                    .try_to_send(method, target, body.clone(), proved)
                    .await;
                let answer = match answer {
                    Ok(answer) => answer,
                    // Cut off before it was read to its end.
                    Err(_) if body.len() > 1 << 16 => {
                        cut += 1;
                        continue;
                    }
                    Err(error) => panic!("{method} {target} with {what} from {who}: {error}"),
                };
                let status = answer.status().as_u16();
                let seen = format!("{method} {target} with {what} from {who}: {status}");
                assert!((400..500).contains(&status), "{seen}");
                let kind = answer.headers().get("content-type").cloned();
                let text = format!(
                    "{:?} {}",
                    answer.headers().clone(),
                    answer.text().await.unwrap()
                );
                assert!(!text.contains(NEEDLE), "{seen}: {text}");
                let kind = kind.as_ref().and_then(|kind| kind.to_str().ok());
                assert_eq!(kind, Some("application/problem+json"), "{seen}: {text}");
            }
        }
    }
    // Four of the eleven bodies are that large, and most of them are read or answered all the same.
    assert!(cut < TARGETS.len() * 3 * 3, "{cut} were cut off");
    world.connection().health().await.unwrap();
    world.stop().await;
}

/// Operators make the invitations, so they can let themselves into any provider. What they get there is ciphertext.
#[tokio::test(flavor = "multi_thread")]
async fn an_operator_who_enters_a_provider_gets_no_data_key() {
    for mut world in World::each("2024-01-01").await {
        let mut stage = world.stage(&SITES).await;
        let today = stage.today;
        let expiry = crypto::day::Month::of(today.plus(300));
        let cards = stage.cards(1, expiry).await.unwrap();
        let text = cards[0].to_text();
        let site: Site = SITES[0].parse().unwrap();
        let desk = stage.desk(&site).unwrap();
        let person = desk
            .meet(&[&text], true, today)
            .await
            .unwrap()
            .remove(0)
            .unwrap();
        let line = format!(
            "person,date,site,service,event,covered_until,gender,age_band\np,{today},{site},nsp,enrolled,,,\n"
        );
        let row = wire::rows::Rows::new(line.as_bytes()).unwrap().next_row();
        desk.record(&person, &row.unwrap().unwrap().unwrap())
            .unwrap();
        desk.send().await.unwrap();
        let own = desk.session().provider().unwrap();
        let data_key = desk.session().data_key().unwrap().clone();

        let place = (Role::ProviderAdministrator, Some(own));
        let (operator, kept) = (&stage.operator, &mut Invited::default());
        let invite = colleagues::invite(operator, place, kept, today, &mut world.rng);
        let invitation = invite.await.unwrap();
        let rogue = Rogue::enter(&world.url(), invitation.text(), "self-invited").await;
        assert!(rogue.logged_in.data_key_sealed.is_none(), "{}", world.name);
        // To hand the data key to oneself, one must have it.
        let path = format!("/v1/staff/{}/data-key", rogue.logged_in.staff);
        let made_up = serde_json::to_vec(&wire::DataKey {
            sealed: B64(vec![7; 80]),
        });
        let refused = rogue.send("PUT", &path, made_up.unwrap(), true).await;
        assert_eq!(refused.status(), 403);
        // The roster is there, and says nothing without it.
        let page = rogue.send("GET", "/v1/roster", Vec::new(), true).await;
        let page: RosterPage = page.json().await.unwrap();
        let entry = page.entries.first().expect("what the desk has sent");
        let mut guess = [0; 32];
        guess.copy_from_slice(rogue.private.expose());
        let guess = crypto::provider::DataKey::try_from(&guess[..]).unwrap();
        assert!(crypto::roster::open(&guess, &own, &entry.id, &entry.sealed).is_err());
        assert!(crypto::roster::open(&data_key, &own, &entry.id, &entry.sealed).is_ok());
        // Another provider's domain stays closed, also for the self-invited.
        let other = stage.desk(&SITES[1].parse().unwrap()).unwrap();
        let foreign = other.session().provider().unwrap();
        let element = crypto::voprf::Blinded::blind(b"x", &mut world.rng).unwrap();
        let asked = wire::Evaluate {
            items: vec![wire::EvaluateItem {
                domain: Domain::Provider(foreign),
                elements: vec![Fixed(element.element())],
            }],
        };
        let body = serde_json::to_vec(&asked).unwrap();
        assert_eq!(
            rogue
                .send("POST", "/v1/evaluate", body, true)
                .await
                .status(),
            403
        );
        // Only operators decide when reports leave, and this one is an administrator now.
        let flush = rogue
            .send("POST", "/v1/outbox/flush", Vec::new(), true)
            .await;
        assert_eq!(flush.status(), 403);
        // Everybody who administers the provider sees that somebody came in.
        let desk = stage.desk(&site).unwrap();
        let mut local = terminal::Local::default();
        let seen = colleagues::pending(desk.session(), &mut local).await;
        let seen = seen.unwrap();
        let entered = seen.iter().find(|it| it.handle == "self-invited").unwrap();
        assert_eq!(entered.invited, InviterKind::Operator);
        world.stop().await;
    }
}

pub(crate) async fn events(world: &World) -> i64 {
    let mut tx = world.analytics.store.read().await.unwrap();
    let (count,) = store::fetch_one!(&mut tx, (i64,), tests::EVENTS).unwrap();
    count
}

/// Lays `count` reports into the outbox through a desk.
pub(crate) async fn lay_reports(stage: &mut desk::replay::Stage, count: usize) {
    let today = stage.today;
    let expiry = crypto::day::Month::of(today.plus(300));
    let cards = stage.cards(count, expiry).await.unwrap();
    let texts: Vec<String> = cards.iter().map(crypto::card::Card::to_text).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let site: Site = SITES[0].parse().unwrap();
    let desk = stage.desk(&site).unwrap();
    for person in desk.meet(&texts, true, today).await.unwrap() {
        let line = format!(
            "person,date,site,service,event,covered_until,gender,age_band\np,{today},{site},nsp,enrolled,,,\n"
        );
        let row = wire::rows::Rows::new(line.as_bytes()).unwrap().next_row();
        desk.record(&person.unwrap(), &row.unwrap().unwrap().unwrap())
            .unwrap();
    }
    desk.send().await.unwrap();
}

/// Several deliverers at once, and one that dies between the other side's answer and its own note of it.
#[tokio::test(flavor = "multi_thread")]
async fn reports_count_once_however_their_deliveries_cross() {
    for mut world in World::each("2024-01-01").await {
        let mut stage = world.stage(&SITES).await;
        lay_reports(&mut stage, 40).await;
        // Delivered by hand, twice, freshly rerandomised each time, and never acknowledged here.
        let token = String::from_utf8(world.identity.keys.role_token.expose().to_vec()).unwrap();
        for _ in 0..2 {
            let batch = identity::records::outbox::take_batch(&world.identity, 25)
                .await
                .unwrap();
            let items = batch
                .iter()
                .map(|item| DeliverItem {
                    provider: item.provider,
                    elgamal: Fixed(*item.elgamal.as_bytes()),
                    body: B64(item.body.clone()),
                    received: item.received,
                })
                .collect();
            let told = identity::registry::told(&world.identity).await.unwrap();
            analytics::registry::tell(&world.analytics, &told)
                .await
                .unwrap();
            let body = Deliver {
                epoch: identity::records::outbox::epoch(&world.identity),
                complete: None,
                items,
            };
            let client = reqwest::Client::builder().no_proxy().build().unwrap();
            let url = format!("{}/v1/statistics/deliver", world.url());
            let answer = client
                .post(url)
                .bearer_auth(&token)
                .json(&body)
                .send()
                .await;
            assert!(answer.unwrap().status().is_success());
        }
        // Six deliverers, as six processes would have one each.
        let mut running = Vec::new();
        for _ in 0..6 {
            let forwarder = Forwarder::new(Arc::clone(&world.identity), &world.url()).unwrap();
            running.push(tokio::spawn(async move { forwarder.flush().await }));
        }
        for one in running {
            one.await.unwrap().unwrap();
        }
        assert_eq!(events(&world).await, 40, "{}", world.name);
        assert_eq!(
            identity::records::outbox::waiting(&world.identity)
                .await
                .unwrap(),
            0
        );
        world.stop().await;
    }
}

/// Answers every connection with `response` and counts them.
async fn canned(response: String) -> (String, Arc<AtomicUsize>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let seen = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&seen);
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            count.fetch_add(1, Ordering::SeqCst);
            let mut bytes = [0; 65_536];
            let _ = socket.read(&mut bytes).await;
            let _ = socket.write_all(response.as_bytes()).await;
        }
    });
    (base, seen)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_follows_no_redirect_and_keeps_what_was_not_taken() {
    let mut world = World::sqlite("2024-01-01").await;
    let mut stage = world.stage(&SITES).await;
    lay_reports(&mut stage, 3).await;
    let ok = "HTTP/1.1 200 OK\r\ncontent-length: 11\r\n\r\n{\"acks\":[]}";
    let (elsewhere, reached) = canned(ok.to_owned()).await;
    let moved = format!(
        "HTTP/1.1 307 Temporary Redirect\r\nlocation: {elsewhere}/\r\ncontent-length: 0\r\n\r\n"
    );
    let (redirecting, asked) = canned(moved).await;
    // Fewer answers than items, and an answer that never ends.
    let endless = format!("HTTP/1.1 200 OK\r\n\r\n{}", " ".repeat(1 << 20));
    let (flood, _) = canned(endless).await;
    for base in [&redirecting, &elsewhere, &flood] {
        let before = reached.load(Ordering::SeqCst);
        let forwarder = Forwarder::new(Arc::clone(&world.identity), base).unwrap();
        assert!(forwarder.flush().await.is_err());
        if base != &elsewhere {
            assert_eq!(
                reached.load(Ordering::SeqCst),
                before,
                "nothing was followed"
            );
        }
    }
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    assert_eq!(
        identity::records::outbox::waiting(&world.identity)
            .await
            .unwrap(),
        3
    );
    world.stop().await;
}

#[test]
fn the_role_token_goes_over_tls_or_stays_on_this_machine() {
    for good in [
        "https://statistics.example",
        "http://127.0.0.1:8080",
        "http://[::1]:8080",
        "http://localhost:1",
    ] {
        assert!(private_address(good).is_ok(), "{good}");
    }
    for bad in [
        "http://statistics.example",
        "http://127.0.0.1.example",
        "http://localhost@statistics.example",
        "ftp://localhost",
        "statistics.example",
        "",
    ] {
        let refused = private_address(bad).unwrap_err().to_string();
        assert!(bad.is_empty() || !refused.contains(bad));
    }
}

/// Deliveries may be larger than anything a terminal sends; nobody else may send anything at all.
#[tokio::test(flavor = "multi_thread")]
async fn a_large_delivery_is_taken_from_the_identity_role_alone() {
    let world = World::sqlite("2024-01-01").await;
    let token = String::from_utf8(world.identity.keys.role_token.expose().to_vec()).unwrap();
    // Every request on a connection of its own: one that was refused early leaves its connection half dead.
    let client = reqwest::Client::builder()
        .no_proxy()
        .pool_max_idle_per_host(0)
        .build()
        .unwrap();
    let body = format!("{{\"epoch\":1,\"items\":[]{}}}", " ".repeat(3 << 20));
    let url = format!("{}/v1/statistics/deliver", world.url());
    let send = async |token: &str, body: String| {
        let request = client.post(&url).header("content-type", "application/json");
        let answer = request.bearer_auth(token).body(body).send().await;
        answer.ok().map(|answer| answer.status().as_u16())
    };
    assert_eq!(send(&token, body.clone()).await, Some(200));
    let other = format!("pyr_{}", b64::encode(&rng::bytes::<32>(&mut Random::os())));
    let small = "{\"epoch\":1,\"items\":[]}".to_owned();
    for stranger in [other.as_str(), ""] {
        assert_eq!(send(stranger, small.clone()).await, Some(401));
        // The answer may come before the body was sent: then the connection just ends.
        assert!(matches!(
            send(stranger, body.clone()).await,
            None | Some(401)
        ));
    }
    world.stop().await;
}

#[cfg(unix)]
fn open_to_others(folder: &std::path::Path) -> Vec<String> {
    use std::os::unix::fs::PermissionsExt as _;
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let mode = path.metadata().unwrap().permissions().mode();
        // Below a folder that only its owner may enter, files may be as they like; these must not rely on it.
        if mode & 0o077 != 0 {
            found.push(format!("{} {mode:o}", path.display()));
        }
        if path.is_dir() {
            found.extend(open_to_others(&path));
        }
    }
    found
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn no_file_is_readable_for_others() {
    use std::os::unix::fs::PermissionsExt as _;
    let mut world = World::sqlite("2024-01-01").await;
    let stage = world.stage(&SITES).await;
    stage.leave().await.unwrap();
    let secret = tempfile::tempdir().unwrap();
    let words = secret.path().join("words");
    std::fs::write(&words, world.passphrase.expose()).unwrap();
    let opening = Opening {
        dir: world.dir.clone(),
        passphrase_file: Some(words),
    };
    // A folder that was there before, open to everybody.
    let out = secret.path().join("cards");
    std::fs::create_dir(&out).unwrap();
    std::fs::set_permissions(&out, std::fs::Permissions::from_mode(0o755)).unwrap();
    let issue = CardCommand::Issue {
        count: 1,
        out: out.clone(),
        store: StoreArgs::default(),
    };
    payung::command::card::run(&opening, issue).await.unwrap();
    assert_eq!(out.metadata().unwrap().permissions().mode() & 0o777, 0o700);
    assert_eq!(
        open_to_others(&out),
        Vec::<String>::new(),
        "a picture is a card"
    );
    assert_eq!(
        world.dir.path().metadata().unwrap().permissions().mode() & 0o777,
        0o700
    );
    let open = open_to_others(world.dir.path());
    let private: Vec<_> = open
        .iter()
        .filter(|path| !path.contains("release-log"))
        .collect();
    assert_eq!(private, Vec::<&String>::new());
    world.stop().await;
}

/// A table with row numbers of its own keeps the order of arrival, whatever its keys are.
#[tokio::test]
async fn rows_of_sqlite_lie_in_the_order_of_their_keys() {
    for room in [store::Room::Identity, store::Room::Analytics] {
        let database = store::fixture::sqlite(room).await;
        let store::Pools::Sqlite { read, .. } = database.store.pools() else {
            panic!("SQLite")
        };
        let tables: Vec<(String, bool)> = sqlx::query_as(
            "SELECT name, wr = 1 FROM pragma_table_list \
             WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite%' AND name NOT LIKE '\\_sqlx%' ESCAPE '\\'",
        )
        .fetch_all(read)
        .await
        .unwrap();
        assert!(tables.len() > 8, "{room:?}: the query finds the tables");
        for (table, without_rowid) in tables {
            // A single INTEGER PRIMARY KEY is the row's number itself.
            let sql = format!(
                "SELECT type, (SELECT COUNT(*) FROM pragma_table_info('{table}') WHERE pk > 0) FROM pragma_table_info('{table}') WHERE pk = 1"
            );
            let (kind, parts): (String, i64) = sqlx::query_as(sqlx::AssertSqlSafe(sql))
                .fetch_one(read)
                .await
                .unwrap();
            assert!(
                without_rowid || (kind == "INTEGER" && parts == 1),
                "{room:?}: {table} keeps the order of arrival"
            );
        }
    }
}
