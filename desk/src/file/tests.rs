#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
use super::*;

#[tokio::test]
async fn nothing_is_kept_until_something_is_and_then_for_its_owner_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.terminal");
    let file = StateFile::new(path.clone());
    assert_eq!(file.load().await, Ok(None));
    for bytes in [&b"first, and longer"[..], b"second"] {
        file.replace(bytes).await.unwrap();
        assert_eq!(file.load().await, Ok(Some(bytes.to_vec())));
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0);
    }
}

#[tokio::test]
async fn a_place_that_cannot_be_read_or_written_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let nowhere = StateFile::new(folder.path().join("no such folder/a.terminal"));
    assert_eq!(nowhere.replace(b"x").await, Err(StateError::Io));
    // A folder stands where the file should be.
    let taken = StateFile::new(folder.path().to_owned());
    assert_eq!(taken.load().await, Err(StateError::Io));
}
