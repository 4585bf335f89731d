//! Searching everything on a disk for bytes that must not be there.

use std::fs;
use std::path::{Path, PathBuf};

/// Every file below a folder.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found
}

/// The forms in which bytes could have been written: raw, hexadecimal (both cases), base64 (both alphabets).
pub fn forms(bytes: &[u8]) -> Vec<Vec<u8>> {
    let lower = crypto::hex::encode(bytes);
    let url = crypto::b64::encode(bytes);
    let standard = url.replace('-', "+").replace('_', "/");
    vec![
        bytes.to_vec(),
        lower.to_uppercase().into_bytes(),
        lower.into_bytes(),
        standard.into_bytes(),
        url.into_bytes(),
    ]
}

/// A needle with a name for messages.
pub struct Needle {
    /// What it is.
    pub name: String,
    /// One of its forms.
    pub bytes: Vec<u8>,
}

/// All forms of a secret.
pub fn needles(name: &str, bytes: &[u8]) -> Vec<Needle> {
    forms(bytes)
        .into_iter()
        .map(|bytes| Needle {
            name: name.to_owned(),
            bytes,
        })
        .collect()
}

/// Names of needles found in the files, with the file.
///
/// Looks at the first four bytes through a table, so that a thousand needles cost one pass.
pub fn find(files: &[PathBuf], needles: &[Needle]) -> Vec<String> {
    let mut table: std::collections::HashMap<[u8; 4], Vec<&Needle>> =
        std::collections::HashMap::new();
    for needle in needles {
        let start: [u8; 4] = needle.bytes[..4].try_into().unwrap();
        table.entry(start).or_default().push(needle);
    }
    let mut found = Vec::new();
    for file in files {
        // A database's side files come and go while it is open.
        let content = match fs::read(file) {
            Ok(content) => content,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            Err(error) => panic!("{error}"),
        };
        for (place, window) in content.windows(4).enumerate() {
            let Some(candidates) = table.get(window) else {
                continue;
            };
            for needle in candidates {
                if content[place..].starts_with(&needle.bytes) {
                    found.push(format!(
                        "{} in {}",
                        needle.name,
                        file.file_name().unwrap().to_string_lossy()
                    ));
                }
            }
        }
    }
    found
}
