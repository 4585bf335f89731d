//! The seized server: after a demo, everything on the disk is searched.

use std::path::Path;

use crypto::card::Card;
use crypto::rng::Random;
use payung::demo::stage::{self, Scene, Told};
use server::datadir::KeyFile;
use tests::adversary;
use tests::search::{Needle, files, find, needles};

/// Everything that must be nowhere.
async fn secrets(told: &Told) -> Vec<Needle> {
    let mut all = needles("the passphrase", told.scene.passphrase.expose());
    let keys = &told.scene.identity.keys;
    for (name, secret) in [
        (
            "a master scalar",
            keys.identification.to_bytes().expose().to_vec(),
        ),
        (
            "the guessing scalar",
            keys.guessing.to_bytes().expose().to_vec(),
        ),
        (
            "the statistics scalar",
            keys.pseudonyms.to_bytes().expose().to_vec(),
        ),
        ("the wrap key", keys.wrap.expose().to_vec()),
        ("the list key's seed", keys.list.seed().expose().to_vec()),
        ("the role token", keys.role_token.expose().to_vec()),
        (
            "the statistics key",
            told.scene
                .analytics
                .keys
                .elgamal
                .to_bytes()
                .expose()
                .to_vec(),
        ),
        (
            "the report key",
            told.scene.analytics.keys.hpke.expose().to_vec(),
        ),
    ] {
        all.extend(needles(name, &secret));
    }
    all.extend(cards(told).await);
    for desk in told.stage.desks.values() {
        all.extend(needles(
            "a data key",
            desk.session().data_key().unwrap().expose(),
        ));
        for pseudonym in desk.local().roster.clients() {
            all.extend(needles("a pseudonym", pseudonym.as_bytes()));
            all.push(text("an alias", &crypto::pseudonym::alias(pseudonym)));
        }
    }
    for word in [
        "127.0.0.1",
        "localhost",
        "user-agent",
        "User-Agent",
        "reqwest",
        "hyper",
    ] {
        all.push(text(word, word));
    }
    all
}

fn text(name: &str, text: &str) -> Needle {
    Needle {
        name: name.to_owned(),
        bytes: text.as_bytes().to_vec(),
    }
}

/// Card texts, card secrets and what the cards open.
async fn cards(told: &Told) -> Vec<Needle> {
    let mut rng = Random::os();
    let identity = &told.scene.identity;
    let bundle = identity::trust::current(identity).await.unwrap();
    let keys = bundle.card_keys();
    let sealed = envelopes(identity).await;
    let mut all = Vec::new();
    for code in told.replayed.cards.values() {
        let card = Card::from_text(code).unwrap();
        let opened = card.open(&keys).unwrap();
        all.push(text("a card's text", code));
        all.extend(needles("a card", &crypto::base45::decode(code).unwrap()));
        all.extend(needles("a card's secret", opened.secret.expose()));
        all.extend(needles(
            "what withdraws a card",
            opened.secret.revoke_token().expose(),
        ));
        all.extend(needles(
            "a card's commitment",
            opened.secret.commitment().as_bytes(),
        ));
        let keys = adversary::envelope_keys(identity, opened.secret.expose(), &mut rng).await;
        if let Some(envelope) = sealed
            .iter()
            .find_map(|bytes| adversary::open(&keys, bytes))
        {
            all.extend(needles("an identity secret", envelope.current.expose()));
        } else {
            all.extend(needles("the replaced card's envelope", keys.id.as_bytes()));
        }
    }
    all
}

async fn envelopes(identity: &identity::App) -> Vec<Vec<u8>> {
    let mut tx = identity.store.read().await.unwrap();
    let sql = "SELECT sealed FROM envelope";
    let rows = store::fetch_all!(&mut tx, (Vec<u8>,), sql).unwrap();
    rows.into_iter().map(|row| row.0).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seized_disk_betrays_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let scene = Scene::set(folder.path(), &mut Random::os()).await.unwrap();
    let told = stage::play(scene).await.unwrap();
    let secrets = secrets(&told).await;
    assert!(
        secrets.len() > 238 * 15,
        "the search knows what it looks for"
    );
    let dir = told.scene.dir.clone();
    let passphrase = told.scene.passphrase.clone();
    // Seized while it runs, and again after it was stopped.
    // Where it listens its operator wrote down; nobody who called is there.
    let own = ["127.0.0.1 in payung.toml"];
    assert_eq!(find(&files(folder.path()), &secrets), own);
    told.scene.stop().await.unwrap();
    assert_eq!(find(&files(folder.path()), &secrets), own);
    // The control: a file that holds one of them is found.
    std::fs::write(
        folder.path().join("control"),
        [b"xx", &secrets[40].bytes[..]].concat(),
    )
    .unwrap();
    assert!(!find(&files(folder.path()), &secrets).is_empty());
    no_fine_times(dir.path()).await;
    for which in [KeyFile::Identity, KeyFile::Analytics] {
        let wrong = crypto::secret::SecretBytes::new(b"not the passphrase".to_vec());
        assert!(dir.read_keys(which, &wrong).is_err());
        assert!(dir.read_keys(which, &passphrase).is_ok());
    }
}

/// No column of any table holds a time of the last ten or next ten years in seconds, milliseconds or text.
async fn no_fine_times(folder: &Path) {
    const SECONDS: std::ops::Range<i64> = 1_400_000_000..2_200_000_000;
    for (name, room) in [
        ("identity.db", store::Room::Identity),
        ("analytics.db", store::Room::Analytics),
    ] {
        let store = store::Store::open(&store::Location::SqliteFile(folder.join(name)), room)
            .await
            .unwrap();
        let store::Pools::Sqlite { read, .. } = store.pools() else {
            panic!("SQLite")
        };
        let columns: Vec<(String, String)> = sqlx::query_as(
            "SELECT t.name, c.name FROM pragma_table_list t, pragma_table_info(t.name) c \
             WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite%' AND NOT (t.name = 'measurement' AND c.name = 'value')",
        )
        .fetch_all(read)
        .await
        .unwrap();
        assert!(columns.len() > 20);
        for (table, column) in columns {
            let sql = format!(
                "SELECT COUNT(*) FROM {table} WHERE (typeof({column}) = 'integer' AND ({column} BETWEEN {} AND {} OR {column} / 1000 BETWEEN {} AND {})) \
                 OR (typeof({column}) = 'text' AND {column} GLOB '*[0-9][0-9]:[0-9][0-9]*')",
                SECONDS.start, SECONDS.end, SECONDS.start, SECONDS.end
            );
            let (count,): (i64,) = sqlx::query_as(sqlx::AssertSqlSafe(sql))
                .fetch_one(read)
                .await
                .unwrap();
            assert_eq!(count, 0, "{table}.{column} holds a time finer than a day");
        }
        store.close().await;
    }
}
