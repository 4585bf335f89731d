#![allow(clippy::unwrap_used)]
use super::*;
use std::fs;

#[cfg(unix)]
fn mode(path: &Path) -> u32 {
    std::os::unix::fs::PermissionsExt::mode(&fs::metadata(path).unwrap().permissions()) & 0o777
}

#[test]
fn a_file_is_replaced_whole_and_leaves_nothing_beside() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("a.keys");
    for bytes in [&b"a long first content"[..], b"short"] {
        replace(&path, bytes).unwrap();
        assert_eq!(fs::read(&path).unwrap(), bytes);
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 1);
    }
    #[cfg(unix)]
    assert_eq!(mode(&path), 0o600);
}

#[test]
fn what_cannot_be_written_leaves_the_file_before() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("a.keys");
    replace(&path, b"before").unwrap();
    // Something that is no file stands where the new one would be written.
    fs::create_dir(home.path().join("a.keys.new")).unwrap();
    assert!(replace(&path, b"after").is_err());
    assert_eq!(fs::read(&path).unwrap(), b"before");
}

#[cfg(unix)]
#[test]
fn a_folder_is_closed_also_when_it_was_open() {
    let home = tempfile::tempdir().unwrap();
    let (new, old) = (home.path().join("a/b"), home.path().join("c"));
    fs::create_dir(&old).unwrap();
    let open = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    fs::set_permissions(&old, open).unwrap();
    for path in [&new, &old] {
        folder(path).unwrap();
        assert_eq!(mode(path), 0o700);
    }
}

#[cfg(unix)]
#[test]
fn a_link_in_the_place_of_a_file_is_refused_and_what_it_names_stays() {
    let folder = tempfile::tempdir().unwrap();
    let (other, link) = (folder.path().join("other"), folder.path().join("card.png"));
    std::fs::write(&other, b"somebody's").unwrap();
    std::os::unix::fs::symlink(&other, &link).unwrap();
    assert!(write(&link, b"a secret").is_err());
    // Nor one that names nothing yet, nor one where the new file is written before it is put in place.
    let nowhere = folder.path().join("nowhere");
    let waiting = folder.path().join("keys.new");
    std::os::unix::fs::symlink(&nowhere, &waiting).unwrap();
    assert!(replace(&folder.path().join("keys"), b"a secret").is_err());
    assert_eq!(std::fs::read(&other).unwrap(), b"somebody's");
    assert!(!nowhere.exists());
}
