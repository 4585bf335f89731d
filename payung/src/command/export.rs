//! `payung release export`, `mapping` and `verify`: forms of a stored release, their signatures and their proofs.

use std::io::Write as _;
use std::path::Path;

use analytics::stored;
use crypto::day::Quarter;
use exports::error::ExportError;
use exports::form::Form;
use exports::language::Language;
use exports::mapping::{self, Mapping};
use exports::render::{is_rendering, render};
use exports::signature;
use privacy::scope::Subject;
use release::log::mirror::Mirror;
use release::seal::as_csv;
use server::datadir::DataDir;
use server::error::Failure;
use server::options::StoreArgs;

use wire::edited;

use crate::cli::{ExportArgs, Format, LanguageChoice, VerifyArgs};
use crate::opening::Opening;
use crate::output::say;

/// Largest file that is read: a release of 4,095 cities is far below.
const LARGEST: u64 = 256 * 1024 * 1024;

/// Writes a release to standard output. Nothing is written unless all of it can be.
pub(crate) async fn export(opening: &Opening, args: &ExportArgs) -> Result<(), Failure> {
    let given = args.mapping.as_deref().map(read).transpose()?;
    let Some(form) = form(args.format, args.language)? else {
        if args.signature.is_some() || given.is_some() {
            return Err(Failure::new(
                "the formats json and csv carry their signatures and take no mapping: leave --signature and --mapping away",
            ));
        }
        let body = body(opening, &args.store, args.period, args.version).await?;
        return crate::output::write(&carrying(args.format, &body)?);
    };
    let codes = codes(form, given.as_deref())?;
    let body = body(opening, &args.store, args.period, args.version).await?;
    let bytes = render(form, &body, codes.as_ref()).map_err(failed)?;
    if let Some(path) = &args.signature {
        let key = opening.analytics_keys()?.release;
        let signed = signature::sign(form, &body, given.as_deref(), &bytes, &key)
            .map_err(|e| Failure::of("not signed", e))?;
        write_beside(path, &signed)?;
    }
    crate::output::write(&bytes)
}

/// Writes an empty mapping file to standard output.
pub(crate) async fn template(
    opening: &Opening,
    store: &StoreArgs,
    period: Quarter,
) -> Result<(), Failure> {
    let body = body(opening, store, period, None).await?;
    crate::output::write(&mapping::template(&body).map_err(failed)?)
}

/// What a verified file is, in the words of releases.
struct Proven {
    subject: Subject,
    hash: String,
}

/// Checks an exported file.
pub(crate) fn verify(dir: &DataDir, args: &VerifyArgs) -> Result<(), Failure> {
    let key = key(dir, args.key.as_deref())?;
    let file = read(&args.file)?;
    let codes = args.mapping.as_deref().map(read).transpose()?;
    let proven = if args.signature.is_none() && args.release.is_none() {
        verify_carried(&file, &key)?
    } else {
        verify_rendered(args, &file, &key, codes.as_deref())?
    };
    args.log
        .as_deref()
        .map_or(Ok(()), |log| listed(log, &proven))
}

/// The forms that carry no signature: by the signature beside them, by making them again, or both.
fn verify_rendered(
    args: &VerifyArgs,
    file: &[u8],
    key: &[u8; 32],
    codes: Option<&[u8]>,
) -> Result<Proven, Failure> {
    let named = match &args.signature {
        Some(path) => Some(vouched(file, path, key, codes)?),
        None => None,
    };
    let made = match &args.release {
        Some(path) => {
            let form = match args.format {
                Some(format) => form(format, args.language)?,
                None => named.as_ref().map(|(form, _)| *form),
            };
            let form = form.ok_or_else(|| {
                Failure::new("say with --format which of dhis2, dhis2-yearly, dhis2-csv, dhis2-csv-yearly, adx, fhir, html and pdf the file is; json and csv are verified without --release")
            })?;
            Some(made_again(form, file, &read(path)?, key, codes)?)
        }
        None => None,
    };
    match (named, made) {
        (Some((_, named)), Some(made)) if named.hash != made.hash => Err(Failure::new(
            "not verified: the signature is about another release",
        )),
        (Some((_, proven)), _) | (None, Some(proven)) => Ok(proven),
        (None, None) => Err(Failure::new("not verified: give --signature or --release")),
    }
}

/// By the signature beside the file.
fn vouched(
    file: &[u8],
    path: &Path,
    key: &[u8; 32],
    codes: Option<&[u8]>,
) -> Result<(Form, Proven), Failure> {
    let said = signature::verify(file, &read(path)?, key, codes)
        .map_err(|e| Failure::of("not verified", e))?;
    let (period, version) = (said.period, said.version);
    say(&format!(
        "verified: the signature fits; {} of {period} version {version}, release {}",
        said.form.name(),
        said.hash
    ));
    let proven = Proven {
        subject: Subject { period, version },
        hash: said.hash,
    };
    Ok((said.form, proven))
}

/// JSON and CSV: the signature is inside.
fn verify_carried(file: &[u8], key: &[u8; 32]) -> Result<Proven, Failure> {
    let verified =
        release::verify::verify(file, key).map_err(|e| Failure::of("not verified", e))?;
    let (period, version) = (verified.period, verified.version);
    say(&format!(
        "verified: {period} version {version}, release {}; {}",
        verified.hash,
        verified.sentence()
    ));
    Ok(Proven {
        subject: Subject { period, version },
        hash: verified.hash,
    })
}

/// Verifies the signed release, renders it and compares.
fn made_again(
    form: Form,
    file: &[u8],
    release: &[u8],
    key: &[u8; 32],
    given: Option<&[u8]>,
) -> Result<Proven, Failure> {
    if release.starts_with(b"#") {
        return Err(Failure::new(
            "--release takes the JSON form of the release: it holds what the file was made from",
        ));
    }
    let verified = release::verify::verify(release, key)
        .map_err(|e| Failure::of("the release is not verified", e))?;
    let codes = codes(form, given)?;
    if !is_rendering(form, release, codes.as_ref(), file).map_err(failed)? {
        return Err(Failure::new(
            "not verified: the file is not what this release gives in this format with this mapping",
        ));
    }
    let (period, version) = (verified.period, verified.version);
    say(&format!(
        "verified: the file is {} of {period} version {version}, release {}, made again byte for byte",
        form.name(),
        verified.hash
    ));
    Ok(Proven {
        subject: Subject { period, version },
        hash: verified.hash,
    })
}

/// A copy of the release log lists the release.
fn listed(log: &Path, proven: &Proven) -> Result<(), Failure> {
    let bytes = read(log)?;
    let log = Mirror::read(&bytes).map_err(|e| Failure::of("the release log", e))?;
    log.lists(proven.subject, &proven.hash)
        .map_err(|e| Failure::of("not verified", e))?;
    say(&format!(
        "verified: the release log lists it; {} lines, each follows from the one before",
        log.head().lines
    ));
    Ok(())
}

/// The form that is rendered, `None` for those that are stored; a language that would be ignored is refused.
fn form(format: Format, language: Option<LanguageChoice>) -> Result<Option<Form>, Failure> {
    if language.is_some() && !matches!(format, Format::Html | Format::Pdf) {
        return Err(Failure::new(
            "only html and pdf are written in languages: leave --language away",
        ));
    }
    let language = match language {
        None | Some(LanguageChoice::En) => Language::English,
        Some(LanguageChoice::Id) => Language::Indonesian,
        Some(LanguageChoice::Ru) => Language::Russian,
        Some(LanguageChoice::Ky) => Language::Kyrgyz,
    };
    Ok(match format {
        Format::Json | Format::Csv => None,
        Format::Dhis2 => Some(Form::Dhis2),
        Format::Dhis2Yearly => Some(Form::Dhis2Yearly),
        Format::Dhis2Csv => Some(Form::Dhis2Csv),
        Format::Dhis2CsvYearly => Some(Form::Dhis2CsvYearly),
        Format::Adx => Some(Form::Adx),
        Format::Fhir => Some(Form::Fhir),
        Format::Html => Some(Form::Html(language)),
        Format::Pdf => Some(Form::Pdf(language)),
    })
}

/// The mapping where a form needs one; a mapping that would be ignored is refused.
fn codes(form: Form, given: Option<&[u8]>) -> Result<Option<Mapping>, Failure> {
    match given {
        Some(_) if !form.needs_mapping() => Err(Failure::new(
            "this format uses no codes: leave --mapping away",
        )),
        Some(bytes) => {
            let text = edited::visible(bytes).map_err(|e| Failure::of("the mapping file", e))?;
            let mapping = Mapping::from_bytes(text.as_bytes()).map_err(Failure::said)?;
            Ok(Some(mapping))
        }
        None => Ok(None),
    }
}

fn carrying(format: Format, body: &[u8]) -> Result<Vec<u8>, Failure> {
    if format == Format::Csv {
        as_csv(body).map_err(|e| Failure::of("the export", e))
    } else {
        Ok(body.to_vec())
    }
}

async fn body(
    opening: &Opening,
    store: &StoreArgs,
    period: Quarter,
    version: Option<u32>,
) -> Result<Vec<u8>, Failure> {
    let reader = opening.reader(store).await?;
    let found = match version {
        Some(number) => stored::version(&reader.store, &reader.log_dir, period, number).await,
        None => stored::newest(&reader.store, &reader.log_dir, period).await,
    };
    let found = found.map_err(|e| Failure::of("the release cannot be read", e))?;
    found.map(|(_, body)| body).ok_or_else(|| {
        Failure::new("there is no such release: `payung release list` shows those there are")
    })
}

pub(super) fn key(dir: &DataDir, given: Option<&str>) -> Result<[u8; 32], Failure> {
    match given {
        Some(text) => digits(text),
        None => {
            let programme = dir.programme().map_err(|_| {
                Failure::new(
                    "give the published release key with --key, or the programme's --data-dir",
                )
            })?;
            digits(&programme.release_key)
        }
    }
}

/// Reads 64 hexadecimal digits.
fn digits(text: &str) -> Result<[u8; 32], Failure> {
    let wrong = || Failure::new("a key has 64 hexadecimal digits");
    if text.len() != 64 || !text.is_ascii() {
        return Err(wrong());
    }
    let mut key = [0_u8; 32];
    for (byte, digits) in key.iter_mut().zip(text.as_bytes().chunks(2)) {
        let digits = std::str::from_utf8(digits).map_err(|_| wrong())?;
        *byte = u8::from_str_radix(digits, 16).map_err(|_| wrong())?;
    }
    Ok(key)
}

pub(super) fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let failed = || Failure::new("a file cannot be read: check its path");
    if std::fs::metadata(path).map_err(|_| failed())?.len() > LARGEST {
        return Err(Failure::new("a file is too large to be a release"));
    }
    std::fs::read(path).map_err(|_| failed())
}

/// Writes a new file; one that already says the same stays.
fn write_beside(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    if std::fs::read(path).is_ok_and(|there| there == bytes) {
        return Ok(());
    }
    let mut options = std::fs::OpenOptions::new();
    options
        .write(true)
        .create_new(true)
        .open(path)
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
        .map_err(|e| {
            Failure::of(
                "the signature file cannot be written (another file of that name stays as it is)",
                e.kind(),
            )
        })
}

fn failed(error: ExportError) -> Failure {
    Failure::of("no export was written", error)
}
