//! Checks of the space on the disk: in the folder of the database, and in the one for temporary files.

use std::path::Path;

use super::finding::Finding;
use crate::store::examine::{Content, Examined, space};

const DISK: &str = "disk";
const MEBIBYTE: u64 = 1 << 20;
/// Space below which nothing can be written for long.
const FAULT_BYTES: u64 = 16 * MEBIBYTE;
/// Space below which the disk should be looked at; at least the size of the database, which a backup needs.
const WARNING_BYTES: u64 = 1_024 * MEBIBYTE;
/// Number of files below which the disk should be looked at.
const WARNING_FILES: u64 = 1_000;

/// Checks both folders.
pub(super) fn check(examined: Option<&Examined>) -> Vec<Finding> {
    let bytes = match examined.map(|examined| &examined.content) {
        Some(Content::Readable(facts)) => u64::try_from(facts.bytes).unwrap_or_default(),
        _ => 0,
    };
    let file = examined.and_then(|examined| examined.file.as_ref());
    let folder = file.and_then(|file| file.path.parent());
    let temporary = std::env::temp_dir();
    // A folder that does not exist is a fault of the database.
    let folder = folder.filter(|folder| folder.exists());
    let folder = folder.map(|folder| folder_check("the database", folder, bytes));
    let temporary = folder_check("temporary files", &temporary, bytes);
    folder.into_iter().chain([temporary]).collect()
}

fn folder_check(what: &str, folder: &Path, database: u64) -> Finding {
    let place = format!("{} ({what})", folder.display());
    let left = match space(folder) {
        Ok(left) => left,
        Err(error) => {
            let advice = "create the folder, or name another";
            return Finding::fault(DISK, format!("{place}: {error}"), advice);
        }
    };
    let mebibytes = left.bytes / MEBIBYTE;
    let what = format!("{place}: {mebibytes} MiB free");
    let advice = "make room: what is not written is answered with UNAVAILABLE";
    if left.bytes < FAULT_BYTES {
        return Finding::fault(DISK, what, advice);
    }
    let needed = WARNING_BYTES.max(database.saturating_mul(2));
    if left.bytes < needed {
        let what = format!("{what}, less than {} MiB", needed / MEBIBYTE);
        return Finding::warning(DISK, what, advice);
    }
    match left.files {
        Some(files) if files < WARNING_FILES => Finding::warning(
            DISK,
            format!("{place}: {files} files can be created"),
            advice,
        ),
        _ => Finding::ok(DISK, what),
    }
}
