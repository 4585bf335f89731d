//! The PDF: the same bytes, tagged, with the release inside and its hash on every page.
use std::io::Read as _;
use std::process::Command;

use super::{body, hash, key, release_of};
use crate::form::Form;
use crate::language::Language;
use crate::render::render;
use release::seal::seal;

fn paper(language: Language) -> Vec<u8> {
    render(Form::Pdf(language), &body(), None).unwrap()
}

fn holds(file: &[u8], words: &str) -> bool {
    file.windows(words.len())
        .any(|window| window == words.as_bytes())
}

/// What the compressed streams of the file hold.
fn streams(file: &[u8]) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    for at in 0..file.len() {
        if file[at..].starts_with(b"stream\n") || file[at..].starts_with(b"stream\r\n") {
            let data = &file[at + 7..];
            let data = data.strip_prefix(b"\n").unwrap_or(data);
            let mut inside = Vec::new();
            if flate2::read::ZlibDecoder::new(data)
                .read_to_end(&mut inside)
                .is_ok()
            {
                found.push(inside);
            }
        }
    }
    found
}

#[test]
fn every_language_has_its_own_tagged_file() {
    let mut files = Vec::new();
    for language in Language::ALL {
        let file = paper(language);
        assert_eq!(file, paper(language));
        assert!(file.starts_with(b"%PDF-1.7"));
        for words in [
            "pdfaid:part",
            "pdfuaid:part",
            "/StructTreeRoot",
            "/Outlines",
            "/AFRelationship",
            "/Alt",
        ] {
            assert!(holds(&file, words), "{words}");
        }
        assert!(
            holds(&file, &format!("/Lang({})", language.code()))
                || holds(&file, &format!("/Lang ({})", language.code()))
        );
        assert!(!holds(&file, "/JavaScript") && !holds(&file, "/URI"));
        files.push(file);
    }
    for (one, other) in [(0, 1), (1, 2), (2, 3)] {
        assert_ne!(files[one], files[other]);
    }
}

#[test]
fn the_signed_release_is_attached() {
    let file = paper(Language::English);
    assert!(holds(&file, "2026Q1.json"));
    assert!(streams(&file).contains(&body()), "byte for byte");
}

#[test]
fn a_year_with_odd_names_is_written_too() {
    let mut release = release_of("2026Q4");
    for table in &mut release.tables {
        for cell in &mut table.cells {
            cell.city = cell.city.take().map(|name| {
                format!("{name} 🪁 averyveryveryverylongnamewithoutanyspaceinitatallreally")
            });
        }
    }
    let body = seal(&release, &key()).unwrap().body;
    for language in Language::ALL {
        assert!(render(Form::Pdf(language), &body, None).is_ok());
    }
}

/// With poppler's tools at hand, the text as a reader takes it out.
#[test]
fn the_text_can_be_taken_out_again() {
    let folder = tempfile::tempdir().unwrap();
    for language in Language::ALL {
        let path = folder.path().join(language.code());
        std::fs::write(&path, paper(language)).unwrap();
        let Ok(out) = Command::new("pdftotext")
            .arg("-layout")
            .arg(&path)
            .arg("-")
            .output()
        else {
            println!("skipped: pdftotext is not here");
            return;
        };
        // Thin spaces come out as spaces.
        let text = String::from_utf8(out.stdout).unwrap();
        let pages: Vec<&str> = text
            .split('\u{c}')
            .filter(|page| !page.trim().is_empty())
            .collect();
        assert!(pages.len() > 4);
        for page in &pages {
            assert!(page.contains(&hash(&body())), "the hash is on every page");
            assert!(!page.contains('\u{fffd}'));
        }
        let release = release_of("2026Q1");
        for cell in release
            .tables
            .iter()
            .flat_map(|table| &table.cells)
            .take(20)
        {
            let number = language.whole(cell.display as i64).replace('\u{202f}', " ");
            assert!(text.contains(&number), "{number}");
        }
        assert!(text.contains(language.texts().limits.title));
    }
}
