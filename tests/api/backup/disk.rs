//! A disk that has no room for a backup, or for a restored or moved database.

use super::{backed_up, done, export, files, new_file, refused};
use crate::database;
use crate::disk::Disk;

/// True for the messages of a full disk.
fn is_full(said: &str) -> bool {
    ["database or disk is full", "No space left on device"]
        .iter()
        .any(|words| said.contains(words))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_reported_and_nothing_is_left_behind() {
    let folder = tempfile::tempdir().unwrap();
    let url = database::seeded(folder.path()).await;
    let text = export(&url, None).await;
    let Some(disk) = Disk::mounted() else { return };
    let (_kept, whole) = new_file("whole.backup");
    backed_up(&url, &whole);
    let whole = whole.to_str().unwrap();
    let file = disk.folder().join("some.backup");
    let target = format!("sqlite://{}", disk.folder().join("target.db").display());
    std::fs::write(&file, "an older backup").unwrap();
    for blocks in [0, 1, 20, 300] {
        disk.fill(blocks);
        let commands = [
            (&url, vec!["backup", file.to_str().unwrap()]),
            (&target, vec!["restore", whole]),
            (&url, vec!["move", "--to", &target]),
        ];
        for (url, arguments) in commands {
            let said = refused(url, &arguments);
            assert!(is_full(&said), "{arguments:?}: {said}");
            let name = if arguments[0] == "backup" {
                "some.backup"
            } else {
                "target.db"
            };
            assert!(said.contains(name) && !said.contains("/new"), "{said}");
            assert_eq!(
                files(disk.folder()),
                ["filler", "some.backup"],
                "{arguments:?}"
            );
            assert_eq!(std::fs::read(&file).unwrap(), b"an older backup");
        }
        disk.free();
    }
    // A database that is to be replaced stays as it is.
    done(
        &target,
        &["token", "create", "--role", "EDITOR", "--name", "Eva"],
    );
    disk.fill(50);
    let said = refused(&target, &["restore", whole, "--replace"]);
    assert!(is_full(&said), "{said}");
    disk.free();
    assert!(done(&target, &["token", "list"]).contains("Eva"));
    assert_eq!(
        files(disk.folder())
            .iter()
            .filter(|name| name
                .rsplit_once('.')
                .is_some_and(|(_, ending)| ending == "tmp"))
            .count(),
        0
    );
    done(&target, &["restore", whole, "--replace"]);
    assert!(export(&target, None).await == text);
}
