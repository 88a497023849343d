//! Detects commits to an embedded database without a query, by reading the header of its WAL index (the `-shm` file).
//! The header changes with every commit of any process, and a reader sees a commit only once the header contains it.
//! So an unchanged header proves that nothing was committed.
//!
//! The file is read as plain bytes, without a lock. Both copies of the header are compared: one that is read while it
//! is being written equals no complete header. Source: `SQLite`, WAL-mode file format, section 2.1 (the WAL-index
//! header, which is stored twice).

use std::fs::File;
use std::mem::ManuallyDrop;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::PathBuf;
use std::sync::{PoisonError, RwLock};

/// The length of both copies of the header, in bytes.
const HEADER_BYTES: usize = 96;

/// The bytes of both copies of the header at some time.
pub(super) type WalStamp = [u8; HEADER_BYTES];

/// True if exactly one commit was made between two stamps.
pub(super) fn is_next(before: &WalStamp, after: &WalStamp) -> bool {
    commits(before).wrapping_add(1) == commits(after)
}

/// The field `iChange`, which each commit raises by one.
pub(super) fn commits(stamp: &WalStamp) -> u32 {
    let field = stamp.get(8..12).and_then(|field| field.try_into().ok());
    field.map_or(0, u32::from_ne_bytes)
}

/// The WAL index of an embedded database.
pub(super) struct WalIndex {
    path: PathBuf,
    /// Never closed: closing it would release the locks that this process holds on the same file as a user of the
    /// database.
    file: RwLock<Option<ManuallyDrop<File>>>,
}

impl WalIndex {
    /// The WAL index at a path.
    pub fn at(path: PathBuf) -> Self {
        Self {
            path,
            file: RwLock::default(),
        }
    }

    /// Reads the header; `None` if the file cannot be read.
    pub fn stamp(&self) -> Option<WalStamp> {
        // Locked for writing only to open the file: requests read side by side.
        let open = self.file.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(file) = open.as_ref().filter(|file| is_there(file)) {
            return header(file);
        }
        drop(open);
        let mut open = self.file.write().unwrap_or_else(PoisonError::into_inner);
        let file = match open.take().filter(is_there) {
            Some(file) => file,
            None => ManuallyDrop::new(File::open(&self.path).ok()?),
        };
        header(open.insert(file))
    }
}

/// True if the file was not deleted. `SQLite` deletes it with the last connection and creates another for the next one.
fn is_there(file: &ManuallyDrop<File>) -> bool {
    file.metadata().is_ok_and(|found| found.nlink() > 0)
}

fn header(file: &File) -> Option<WalStamp> {
    let mut stamp = [0; HEADER_BYTES];
    file.read_exact_at(&mut stamp, 0).ok()?;
    Some(stamp)
}
