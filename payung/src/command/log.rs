//! `payung release log`: the release log for others to keep, and the check of a copy.

use std::path::Path;

use crate::cli::LogArgs;
use crate::command::export::{key, read};
use crate::opening::Opening;
use crate::output::say;
use crypto::hex;
use release::log::error::MirrorError;
use release::log::head::SignedHead;
use release::log::mirror::Mirror;
use server::error::Failure;
use server::options::StoreArgs;

/// What somebody must say who has a lost log made anew.
const LOST: &str = "the log was lost and no copy closed a quarter";

/// Writes the log or its signed head, or checks a copy.
pub(crate) async fn run(opening: &Opening, args: &LogArgs) -> Result<(), Failure> {
    if args.check.is_some() {
        for line in checked(opening, args)? {
            say(&line);
        }
        return Ok(());
    }
    opening.dir.programme()?;
    if let Some(words) = &args.adopt {
        return adopt(opening, &args.store, words).await;
    }
    let (bytes, entries) = analytics::log::whole(&opening.dir.release_log()?)
        .map_err(|e| Failure::of("the release log", e))?;
    if !args.sign {
        return crate::output::write(&bytes);
    }
    let keys = opening.analytics_keys()?;
    let mut head = serde_json::to_vec(&entries.head().sign(&keys.release))
        .map_err(|e| Failure::of("signing", e))?;
    head.push(b'\n');
    crate::output::write(&head)
}

/// Lists again what the database released, when somebody says that the log was lost.
async fn adopt(opening: &Opening, store: &StoreArgs, words: &str) -> Result<(), Failure> {
    if words.trim() != LOST {
        return Err(Failure::new(format!(
            "nothing was changed: a copy of this folder that closed a quarter measured people a second time. If none did, say so \
             word by word: --adopt \"{LOST}\""
        )));
    }
    opening.dir.make_lost_log()?;
    let app = opening.analytics(store).await?;
    let listed = analytics::close::adopt(&app).await;
    let listed = listed.map_err(|e| Failure::of("the release log", e))?;
    say(&format!(
        "{} releases are listed again; compare the log with the copies that others keep",
        listed.len()
    ));
    Ok(())
}

/// What to say where log and database lie in one folder, and so are copied and restored as one.
pub(super) fn beside(app: &analytics::App, opening: &Opening) -> Option<&'static str> {
    opening.dir.holds_its_log(&app.log_dir).then_some(
        "the release log and the data folder lie in one folder: a copy of the folder has both, and could close a quarter again. Move the log \
         and name its new place in payung.toml (release-log), or let somebody else keep the head (`payung release log --sign`) and close \
         with --seen",
    )
}

/// Checks that the data folder's log goes on from a head that somebody else keeps: a copy of the folder that closed in the
/// meantime would have gone on from it in another way.
pub(super) fn goes_on_from(opening: &Opening, seen: &Path) -> Result<(), Failure> {
    let head = SignedHead::from_bytes(&read(seen)?).map_err(|e| Failure::of("the head", e))?;
    let (bytes, _) = analytics::log::whole(&opening.dir.release_log()?)
        .map_err(|e| Failure::of("the release log", e))?;
    let log = Mirror::read(&bytes).map_err(|e| Failure::of("the release log", e))?;
    let refused = |e: MirrorError| {
        let what = "nothing was closed: this log does not go on from the head that was seen, another copy of it did";
        Failure::of(what, e)
    };
    log.signed(&head, &key(&opening.dir, None)?)
        .map(drop)
        .map_err(refused)
}

/// What was checked, line by line; nothing but the given files is read, and the key from the data folder when none is given.
fn checked(opening: &Opening, args: &LogArgs) -> Result<Vec<String>, Failure> {
    let refused = |e: MirrorError| Failure::of("not verified", e);
    let Some(path) = &args.check else {
        return Ok(Vec::new());
    };
    let bytes = read(path)?;
    let log = Mirror::read(&bytes).map_err(refused)?;
    let end = log.head();
    let mut lines = vec![format!(
        "verified: {} lines, each follows from the one before; the last hash is {}",
        end.lines,
        hex::encode(&end.hash)
    )];
    if let Some(path) = &args.mirror {
        let bytes = read(path)?;
        let older = Mirror::read(&bytes).map_err(|e| Failure::of("the older copy", e))?;
        let more = log.continues(&older).map_err(refused)?;
        lines.push(format!(
            "verified: the older copy is its beginning; {more} lines came after it, nothing was rewritten"
        ));
    }
    if let Some(path) = &args.head {
        let head = SignedHead::from_bytes(&read(path)?).map_err(refused)?;
        let key = key(&opening.dir, args.key.as_deref())?;
        let head = log.signed(&head, &key).map_err(refused)?;
        lines.push(match end.lines - head.lines {
            0 => "verified: the release key signed this log, to its last line".to_owned(),
            after => format!(
                "verified: the release key signed the first {} lines; {after} lines after them are not signed by this head",
                head.lines
            ),
        });
    } else {
        lines.push(
            "not checked: who signed it. Give --head with the signed head (GET /v1/releases/log/head) and --key".to_owned(),
        );
    }
    Ok(lines)
}
