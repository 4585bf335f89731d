//! The plain words of a report: how to read a number, what the numbers can and cannot tell, and how to check all of it.

use super::block::{Block, Medium, Table, attachment};
use super::rates::capital;
use crate::language::{Language, fill};
use crate::source::Source;
use release::object::Release;

/// Before the first table.
pub(super) fn head(release: &Release, language: Language) -> Vec<Block> {
    let texts = &language.texts().head;
    let mut published = fill(
        texts.published,
        &[
            ("from", &language.day(release.period.first_day())),
            ("to", &language.day(release.period.last_day())),
            ("closed", &language.day(release.closed)),
        ],
    );
    if release.version > 1 {
        let version = release.version.to_string();
        published.push(' ');
        published.push_str(&fill(texts.again, &[("version", &version)]));
    }
    let mut blocks = vec![Block::Text(published)];
    if !release.reasons.is_empty() {
        let reasons = release.reasons.iter();
        let reasons = reasons.map(|one| capital(&language.reason(one)));
        blocks.push(Block::Heading(2, texts.reasons.to_owned()));
        blocks.push(Block::List(reasons.collect()));
    }
    blocks.extend(texts.reading.map(|text| Block::Text(text.to_owned())));
    if !release.off.is_empty() {
        let tables = release.off.join(", ");
        blocks.push(Block::Text(fill(texts.off, &[("tables", &tables)])));
    }
    blocks
}

/// After the last figure.
pub(super) fn limits(release: &Release, language: Language) -> Vec<Block> {
    let texts = &language.texts().limits;
    let list =
        |sentences: &[&str]| Block::List(sentences.iter().map(|text| (*text).to_owned()).collect());
    let caps = release.privacy.caps.iter();
    let caps: Vec<&str> = caps.map(|cap| language.cap(cap)).collect();
    let mut blocks = vec![
        Block::Heading(2, texts.title.to_owned()),
        Block::Heading(3, texts.can_title.to_owned()),
        list(&texts.can),
        Block::Heading(3, texts.cannot_title.to_owned()),
        list(&texts.cannot),
        Block::Text(texts.adding.to_owned()),
    ];
    blocks.extend(promise(release, language));
    blocks.push(Block::Heading(3, texts.caps_title.to_owned()));
    blocks.push(list(&caps));
    let version = [("version", release.indicators.as_str())];
    blocks.push(Block::Text(fill(texts.indicators, &version)));
    blocks
}

fn promise(release: &Release, language: Language) -> Vec<Block> {
    let texts = &language.texts().limits;
    let promise = &release.privacy;
    let budget = promise.budget.to_string();
    let rho = promise.year_nano_rho.nano() as f64 / 1e9;
    let words = fill(
        texts.promise,
        &[
            ("unit", language.unit(&promise.unit)),
            ("budget", language.budget(&budget)),
            ("rho", &language.plain(rho)),
        ],
    );
    let rows = promise.guarantees.iter().map(|row| {
        vec![
            format!("{:e}", row.delta),
            language.plain(row.epsilon_year),
            language.plain(row.epsilon_ten_years),
        ]
    });
    let delta = if language == Language::Russian || language == Language::Kyrgyz {
        "дельта"
    } else {
        "delta"
    };
    vec![
        Block::Heading(3, texts.promise_title.to_owned()),
        Block::Text(words),
        Block::Table(Table {
            caption: texts.means.to_owned(),
            head: [delta, texts.one_year, texts.ten_years]
                .map(str::to_owned)
                .to_vec(),
            rows: rows.collect(),
            foot: None,
        }),
        Block::Text(texts.after.to_owned()),
    ]
}

/// What vouches for the report and how to check it.
pub(super) fn proof(source: &Source, language: Language, medium: Medium) -> Vec<Block> {
    let texts = &language.texts().proof;
    let Source {
        release,
        hash,
        key,
        signature,
    } = source;
    let (period, form, code) = (release.period, medium.word(), language.code());
    let command = format!(
        "payung release verify {period}.{form} --format {form} --language {code} --release {period}.json --key {key}"
    );
    let mut blocks = vec![
        Block::Heading(2, texts.title.to_owned()),
        Block::Text(texts.text.to_owned()),
        Block::Command(command),
    ];
    if medium == Medium::Paper {
        let file = attachment(release);
        blocks.push(Block::Text(fill(texts.attached, &[("file", &file)])));
    }
    let facts = [
        (texts.hash, hash),
        (texts.key, key),
        (texts.signature, signature),
    ];
    let facts = facts.map(|(name, value)| (name.to_owned(), value.clone()));
    blocks.push(Block::Facts(facts.to_vec()));
    blocks.push(Block::Text(texts.own_key.to_owned()));
    blocks
}
