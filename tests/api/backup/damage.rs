//! Damaged backups, and what a backup file is.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use cyberprofiles::store::backup::Trailer;

use super::{backed_up, done, files, new_file, refused, run};
use crate::database;

/// The size of the trailer.
const TRAILER: usize = 1024;

/// A backup of a database without records.
async fn small(folder: &Path) -> Vec<u8> {
    let url = database::empty(folder).await;
    done(&url, &["migrate"]);
    let file = folder.join("small.backup");
    assert_eq!(backed_up(&url, &file), 0);
    std::fs::read(file).unwrap()
}

#[tokio::test]
async fn a_backup_with_a_changed_byte_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut bytes = small(folder.path()).await;
    let verify = |bytes: &[u8]| Trailer::verify(&mut std::io::Cursor::new(bytes));
    let trailer = verify(&bytes).unwrap();
    assert_eq!(
        usize::try_from(trailer.size).unwrap(),
        bytes.len() - TRAILER
    );
    // Every byte of the header is too many for an unoptimized digest; the trailer is checked before the content.
    let content = bytes.len() - TRAILER;
    let stride = (0..content).step_by(content / 24);
    for at in stride.chain([0, 17, 27, 99]).chain(content..bytes.len()) {
        bytes[at] ^= 1;
        assert!(verify(&bytes).is_err(), "byte {at}");
        bytes[at] ^= 1;
    }
    assert!(verify(&bytes).is_ok());
}

#[tokio::test]
async fn a_damaged_backup_is_refused_with_what_does_not_fit_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = small(folder.path()).await;
    let content = bytes.len() - TRAILER;
    let flipped = |at: usize| {
        let mut flipped = bytes.clone();
        flipped[at] ^= 0x10;
        flipped
    };
    let mut swapped = bytes.clone();
    let (one, other) = swapped[4096..].split_at_mut(4096);
    one.swap_with_slice(&mut other[..4096]);
    let damaged = [
        (
            "flipped header",
            flipped(30),
            "its content was changed: the SHA-256 is",
        ),
        (
            "flipped page",
            flipped(content / 2),
            "its content was changed: the SHA-256 is",
        ),
        (
            "swapped pages",
            swapped,
            "its content was changed: the SHA-256 is",
        ),
        (
            "flipped magic",
            flipped(content + 5),
            "it does not end in the trailer of a backup",
        ),
        (
            "flipped trailer",
            flipped(content + 200),
            "its trailer was changed",
        ),
        (
            "flipped end",
            flipped(bytes.len() - 1),
            "its trailer was changed",
        ),
        ("empty", Vec::new(), "it has only 0 bytes"),
        ("short", bytes[..1_000].to_vec(), "it has only 1000 bytes"),
        (
            "half",
            bytes[..content / 2].to_vec(),
            "it does not end in the trailer of a backup",
        ),
        (
            "without trailer",
            bytes[..content].to_vec(),
            "it does not end in the trailer of a backup",
        ),
        (
            "without end",
            bytes[..bytes.len() - 7].to_vec(),
            "the last 7 bytes of its trailer are missing",
        ),
        (
            "without a page",
            [&bytes[..4096], &bytes[8192..]].concat(),
            "bytes before its trailer, and the trailer counts",
        ),
        (
            "extended",
            [&bytes[..], b"\n"].concat(),
            "1 bytes follow its trailer",
        ),
        (
            "text",
            vec![b'x'; 10_000],
            "it does not end in the trailer of a backup",
        ),
    ];
    for (name, bytes, why) in damaged {
        let (folder, file) = new_file("damaged.backup");
        std::fs::write(&file, bytes).unwrap();
        let target = folder.path().join("target.db");
        let url = format!("sqlite://{}", target.display());
        let said = refused(&url, &["restore", file.to_str().unwrap(), "--replace"]);
        assert!(
            said.contains("damaged.backup is not a complete backup of this program"),
            "{name}: {said}"
        );
        assert!(said.contains(why), "{name}: {said}");
        assert_eq!(files(folder.path()), ["damaged.backup"], "{name}");
    }
    let (folder, _) = new_file("");
    let url = format!("sqlite://{}/new.db", folder.path().display());
    let missing = refused(&url, &["restore", "/no/such/file"]);
    assert!(missing.contains("cannot read /no/such/file"), "{missing}");
    assert_eq!(files(folder.path()), [""; 0]);
}

#[tokio::test]
async fn a_backup_is_a_database_that_only_its_owner_reads() {
    let folder = tempfile::tempdir().unwrap();
    let url = database::seeded(folder.path()).await;
    let (kept, file) = new_file("profiles.backup");
    std::fs::write(&file, "an older backup").unwrap();
    let sequence = backed_up(&url, &file);
    assert_eq!(sequence, crate::harness::bundled());
    assert_eq!(files(kept.path()), ["profiles.backup"]);
    let mode = std::fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let output = run(&url, &["backup", "-"]);
    assert!(output.status.success(), "{output:?}");
    let piped = kept.path().join("piped");
    std::fs::write(&piped, &output.stdout).unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.ends_with(&format!("the log up to change {sequence}\n")),
        "{said}"
    );
    for file in [file, piped] {
        let trailer = Trailer::verify(&mut std::fs::File::open(&file).unwrap()).unwrap();
        assert_eq!(trailer.sequence, sequence);
        assert!(trailer.migration.starts_with("m20"), "{trailer:?}");
        let asked = Command::new("sqlite3")
            .arg("-readonly")
            .arg(&file)
            .arg("PRAGMA integrity_check; PRAGMA foreign_key_check; SELECT sequence FROM head")
            .output();
        if let Ok(asked) = asked {
            assert_eq!(
                String::from_utf8(asked.stdout).unwrap(),
                format!("ok\n{sequence}\n")
            );
        }
    }
    let (folder, _) = new_file("");
    let nothing = format!("sqlite://{}/no.db", folder.path().display());
    let said = refused(&nothing, &["backup", "x"]);
    assert!(said.contains("there is no database"), "{said}");
    let said = refused(&url, &["backup", "/no/such/folder/x"]);
    assert!(
        said.starts_with("cannot write /no/such/folder/x: No such file"),
        "{said}"
    );
    assert_eq!(files(folder.path()), [""; 0]);
}
