//! `payung bundle`: what terminals trust. The service proposes, whoever has the root key signs elsewhere, the service takes.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use crypto::b64::Fixed;
use crypto::bundle::{Core, SignedCore, root_id};
use crypto::rng::Random;
use crypto::sign::RootKey;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use server::datadir::{read_root, write_root};
use server::error::Failure;
use server::open;
use server::options::StoreArgs;

use crate::cli::{BundleCommand, SignArgs};
use crate::opening::Opening;
use crate::output::say;
use crate::{edited, passphrase};

/// Runs one of the commands.
pub(crate) async fn run(opening: &Opening, command: BundleCommand) -> Result<(), Failure> {
    match command {
        BundleCommand::Show(store) => show(&*identity(opening, &store).await?).await,
        BundleCommand::Log(store) => log(&*identity(opening, &store).await?).await,
        BundleCommand::Propose { out, store } => {
            let app = identity(opening, &store).await?;
            let core = identity::trust::propose(&app)
                .await
                .map_err(|e| Failure::of("the next keys", e))?;
            write(&out, &core)?;
            say(
                "written; carry it to where the root key is and sign it there with `payung bundle sign`",
            );
            Ok(())
        }
        BundleCommand::Sign(args) => sign(&args),
        BundleCommand::Take { signed, store } => {
            let app = identity(opening, &store).await?;
            let mark = identity::trust::take(&app, &read(&signed)?)
                .await
                .map_err(|e| Failure::of("the signed keys were not taken", e))?;
            say(&format!(
                "taken; the log of keys is now {}",
                mark.fingerprint()
            ));
            Ok(())
        }
    }
}

async fn identity(opening: &Opening, store: &StoreArgs) -> Result<Arc<identity::App>, Failure> {
    opening.dir.programme()?;
    let limits = identity::Limits::default();
    open::identity(&opening.dir, store, &opening.passphrase()?, limits).await
}

async fn show(app: &identity::App) -> Result<(), Failure> {
    let trust = identity::trust::trust(app)
        .await
        .map_err(|e| Failure::of("the log of keys", e))?;
    let bundle = trust
        .bundle(Vec::new())
        .map_err(|e| Failure::of("the log of keys", e))?;
    say(&format!("log of keys  {}", trust.mark().fingerprint()));
    say(&format!("root key     {}", short(&root_id(trust.root()))));
    say(&format!("next root    {}", short(&bundle.core.next_root.0)));
    say(&format!("providers    {}", bundle.providers.len()));
    tell(&bundle.core);
    Ok(())
}

fn tell(core: &Core) {
    say(&format!("programme    {}", core.programme));
    say(&format!("serial       {}", core.serial));
    say(&format!("good         {} to {}", core.issued, core.expires));
    say(&format!("list key     {}", short(&core.list_key.0)));
}

/// The first 80 bits, as people compare them.
fn short(bytes: &[u8; 32]) -> String {
    crypto::hex::encode(&bytes[..10])
}

async fn log(app: &identity::App) -> Result<(), Failure> {
    let mut after = 0;
    loop {
        let page = identity::trust::page(app, after)
            .await
            .map_err(|e| Failure::of("the log of keys", e))?;
        for entry in &page.entries {
            say(&serde_json::to_string(entry).map_err(|e| Failure::of("the log of keys", e))?);
            after += 1;
        }
        if page.entries.len() < wire::MOST_LOG_ENTRIES {
            return Ok(());
        }
    }
}

fn sign(args: &SignArgs) -> Result<(), Failure> {
    let mut core: Core = read(&args.proposal)?;
    tell(&core);
    match &args.previous {
        Some(path) => compare(&previous(path)?, &core)?,
        None => say("compare every key with what was signed before: give that as --previous"),
    }
    let file = args.root_passphrase_file.as_deref();
    let passphrase = passphrase::obtain(&passphrase::ROOT, file)?;
    let root = read_root(&args.root, &passphrase)?;
    let mut replaced = None;
    if let (Some(next), Some(after)) = (&args.next_root, &args.new_next_root) {
        if after.exists() {
            return Err(Failure::new(
                "the file for the new next root key is there already: name another one",
            ));
        }
        let mut rng = Random::os();
        let new = RootKey::generate(&mut rng).map_err(|e| Failure::of("making a root key", e))?;
        write_root(after, &new, &passphrase, &mut rng)?;
        core.next_root = Fixed(root_id(&new.public()));
        replaced = Some(read_root(next, &passphrase)?);
    }
    let signed = core
        .sign(&root, replaced.as_ref())
        .map_err(|e| Failure::of("the proposal was not signed", e))?;
    write(&args.out, &signed)?;
    say(
        "signed; carry it back and take it with `payung bundle take`; keep a copy beside the root key",
    );
    Ok(())
}

fn previous(path: &Path) -> Result<Core, Failure> {
    let signed: SignedCore = read(path)?;
    serde_json::from_slice(&signed.payload)
        .map_err(|_| Failure::new("what was signed before cannot be read: check the path"))
}

/// Names what differs from what was signed before, days and serial apart.
fn compare(before: &Core, now: &Core) -> Result<(), Failure> {
    let fields = |core: &Core| -> Result<BTreeMap<String, Value>, Failure> {
        serde_json::to_value(core)
            .and_then(serde_json::from_value)
            .map_err(|e| Failure::of("the proposal", e))
    };
    let (before, now) = (fields(before)?, fields(now)?);
    let expected = ["serial", "issued", "expires"];
    let differs = |name: &&String| before.get(*name) != now.get(*name);
    let changed: Vec<&String> = now
        .keys()
        .filter(|name| !expected.contains(&name.as_str()))
        .filter(differs)
        .collect();
    if changed.is_empty() {
        say("every key is the one that was signed before");
    }
    for name in changed {
        say(&format!("DIFFERS      {name}: sign only if you know why"));
    }
    Ok(())
}

fn read<T: DeserializeOwned>(path: &Path) -> Result<T, Failure> {
    let text = edited::read(path, "the file of keys")?;
    serde_json::from_str(&text)
        .map_err(|_| Failure::new("the file is not what this command takes: check which one it is"))
}

fn write(path: &Path, what: &impl Serialize) -> Result<(), Failure> {
    let mut bytes = serde_json::to_vec_pretty(what).map_err(|e| Failure::of("writing", e))?;
    bytes.push(b'\n');
    files::write(path, &bytes).map_err(|e| Failure::of("writing the file", e.kind()))
}
