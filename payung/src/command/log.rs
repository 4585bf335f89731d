//! `payung release log`: the release log for others to keep, and the check of a copy.

use crate::cli::LogArgs;
use crate::command::export::{key, read};
use crate::opening::Opening;
use crate::output::say;
use crypto::hex;
use release::log::error::MirrorError;
use release::log::head::SignedHead;
use release::log::mirror::Mirror;
use server::error::Failure;

/// Writes the log or its signed head, or checks a copy.
pub(crate) async fn run(opening: &Opening, args: &LogArgs) -> Result<(), Failure> {
    if args.check.is_some() {
        for line in checked(opening, args)? {
            say(&line);
        }
        return Ok(());
    }
    opening.dir.programme()?;
    let (bytes, entries) = analytics::log::whole(&opening.dir.release_log())
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
