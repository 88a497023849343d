//! Claims an embedded database for one use under one name. The locks are placed on the file itself, by device and
//! inode.
//! They therefore hold for each of its names, and in every container into which it is mounted.
//!
//! `SQLite` places its journal next to the *name* of a file. Two processes that use one file under two names have two
//! journals, and lose each other's writes. So each process publishes its name by the position of a lock: one byte out
//! of many. The bytes lie far beyond those that a database or a lock of `SQLite` ever occupies.

use std::fs::{File, OpenOptions};
use std::io;
use std::mem::ManuallyDrop;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirEntryExt, MetadataExt};
use std::path::Path;

use sha2::{Digest, Sha256};

use super::address::{Address, Embedded};
use super::error::Error;

/// The use that a command makes of a database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClaimMode {
    /// Serves requests; excludes every other server.
    Serve,
    /// Reads or writes while a server may run. Creates the database if it does not exist.
    AlongsideServer,
    /// Reads or writes while a server may run. Requires an existing database.
    Existing,
    /// Drops tables, or moves or replaces the whole database; excludes every other process.
    Alone,
}

/// The right to use an embedded database. Its locks are held until the process ends. For `PostgreSQL` it is empty:
/// there the connections hold the locks.
pub struct Claim(Option<LockedFile>);

struct LockedFile {
    /// Never closed: closing it would release the locks that `SQLite` holds on the same file in this process.
    file: ManuallyDrop<File>,
    /// The address of the file if this claim created it.
    made: Option<Embedded>,
}

impl Drop for Claim {
    /// Deletes the file if this claim created it, it is still empty, and no other process has it locked.
    fn drop(&mut self) {
        let Some(LockedFile { file, made }) = &self.0 else {
            return;
        };
        if let Some(made) = made
            && file.metadata().is_ok_and(|found| found.len() == 0)
            && is_at(file, made.file())
            && matches!(lock::take(file, lock::ALL, true), Ok(true))
        {
            // A file that cannot be deleted stays, empty.
            drop(std::fs::remove_file(made.file()));
        }
    }
}

/// Claims a database for one use.
///
/// # Errors
/// [`Error::Unusable`] names the conflicting process or name, or the reason why the file cannot be used.
pub fn claim(url: &str, what: ClaimMode) -> Result<Claim, Error> {
    match Address::read(url)? {
        Address::Embedded(embedded) => claim_file(&embedded, what),
        Address::Shared(_) => Ok(Claim(None)),
    }
}

/// Claims an embedded database for one use.
///
/// # Errors
/// As [`claim`].
pub(super) fn claim_file(embedded: &Embedded, what: ClaimMode) -> Result<Claim, Error> {
    let makes = matches!(what, ClaimMode::Serve | ClaimMode::AlongsideServer);
    if !makes && !embedded.file().exists() {
        return Err(embedded.missing());
    }
    embedded.check()?;
    loop {
        let held = hold(embedded).map_err(|error| unwritable(embedded, &error))?;
        let claim = Claim(Some(held));
        if let Some(held) = &claim.0 {
            take(embedded, &held.file, what)?;
            if is_at(&held.file, embedded.file()) {
                unmoved(embedded, &held.file)?;
                return Ok(claim);
            }
            // Another process deleted the file between opening and locking it: try again.
        }
    }
}

fn unwritable(embedded: &Embedded, why: &dyn std::fmt::Display) -> Error {
    Error::Unusable(format!("cannot write {}: {why}", embedded.file().display()))
}

/// Opens the file, and creates it if it does not exist.
fn hold(embedded: &Embedded) -> io::Result<LockedFile> {
    let mut open = OpenOptions::new();
    open.read(true).write(true);
    let (file, is_made) = match open.open(embedded.file()) {
        Err(error) if error.kind() == io::ErrorKind::NotFound && embedded.may_be_made() => {
            match open.clone().create_new(true).open(embedded.file()) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                    (open.open(embedded.file())?, false)
                }
                made => (made?, true),
            }
        }
        found => (found?, false),
    };
    Ok(LockedFile {
        file: ManuallyDrop::new(file),
        made: is_made.then(|| embedded.clone()),
    })
}

/// True if the open file is the one that the name refers to now.
fn is_at(file: &File, name: &Path) -> bool {
    let place =
        |found: io::Result<std::fs::Metadata>| found.ok().map(|found| (found.dev(), found.ino()));
    let of_file = place(file.metadata());
    of_file.is_some() && of_file == place(std::fs::metadata(name))
}

fn take(embedded: &Embedded, file: &File, what: ClaimMode) -> Result<(), Error> {
    let name = embedded.file().display();
    let served = || {
        Error::Unusable(format!(
            "another server is using {name}: stop it first, or use another database"
        ))
    };
    let is_free = |range: lock::Range, alone: bool| match lock::take(file, range, alone) {
        Err(error) if lock::is_impossible(&error) => Ok(None),
        taken => taken
            .map(Some)
            .map_err(|error| unwritable(embedded, &error)),
    };
    let serves = matches!(what, ClaimMode::Serve | ClaimMode::Alone);
    if serves {
        match is_free(lock::SERVER, true)? {
            Some(true) => {}
            // Without such locks in the operating system, a lock file next to the database protects one name only.
            None if lock_sibling(embedded).map_err(|error| unwritable(embedded, &error))? => {
                return Ok(());
            }
            Some(false) | None => return Err(served()),
        }
    }
    if what == ClaimMode::Alone {
        return match is_free(lock::NAMES, true)? {
            Some(false) => Err(Error::Unusable(format!(
                "another command is using {name}: wait until it has ended"
            ))),
            _ => Ok(()),
        };
    }
    let own = place(embedded).map_err(|error| unwritable(embedded, &error))?;
    is_free(lock::name(own), false)?;
    for others in lock::others(own) {
        let is_used = lock::is_taken(file, others);
        match is_used {
            Ok(false) => {}
            Err(error) if lock::is_impossible(&error) => {}
            Err(error) => return Err(unwritable(embedded, &error)),
            Ok(true) => {
                return Err(Error::Unusable(format!(
                    "the file of {name} is in use under another name (a hard link, or a mount of the file alone), \
                     next to which its journal is: writes under this name would be lost. Use the same \
                     name, or stop the process that uses the other"
                )));
            }
        }
    }
    Ok(())
}

/// A number for the name of a file: the same for all paths that lead to one journal, and for other names almost always
/// another.
fn place(embedded: &Embedded) -> io::Result<u32> {
    let file = embedded.file();
    let folder = std::fs::metadata(file.parent().unwrap_or(Path::new("/")))?;
    let name = file.file_name().unwrap_or_default();
    let hash = Sha256::new()
        .chain_update(folder.dev().to_be_bytes())
        .chain_update(folder.ino().to_be_bytes())
        .chain_update(name.as_bytes())
        .finalize();
    let first = hash.iter().take(4);
    Ok(first.fold(0, |number, byte| (number << 8) | u32::from(*byte)))
}

/// Refuses a file whose last commits are still in a journal next to another of its names, for example after a crash.
fn unmoved(embedded: &Embedded, file: &File) -> Result<(), Error> {
    let (Ok(own), Some(folder)) = (file.metadata(), embedded.file().parent()) else {
        return Ok(());
    };
    if own.nlink() < 2 {
        return Ok(());
    }
    let others = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let others = others.filter(|other| other.ino() == own.ino());
    for other in others.map(|other| other.path()) {
        let mut journal = other.clone().into_os_string();
        journal.push("-wal");
        let is_left = std::fs::metadata(&journal).is_ok_and(|journal| journal.len() > 0);
        if is_left && other != embedded.file() {
            return Err(Error::Unusable(format!(
                "{} was used last as {}, and its last commits are still in the journal next to that name: \
                 open it once under that name",
                embedded.file().display(),
                other.display()
            )));
        }
    }
    Ok(())
}

/// Takes a lock on a separate file. True if no other process holds it; the lock is held until the program ends.
fn lock_sibling(embedded: &Embedded) -> io::Result<bool> {
    let lock = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(embedded.sibling(".lock"))?;
    let lock = ManuallyDrop::new(lock);
    match lock.try_lock() {
        Ok(()) => Ok(true),
        Err(std::fs::TryLockError::WouldBlock) => Ok(false),
        Err(std::fs::TryLockError::Error(error)) => Err(error),
    }
}

/// Locks on byte ranges that belong to the open file description, not to the process.
/// `SQLite` may therefore close the same file at any time. Source: Linux, `fcntl_locking(2)`, "Open file description
/// locks".
#[cfg(target_os = "linux")]
pub(super) mod lock {
    use std::fs::File;
    use std::io;

    use nix::errno::Errno;
    use nix::fcntl::{FcntlArg, fcntl};
    use nix::libc::{F_RDLCK, F_UNLCK, F_WRLCK, SEEK_SET, c_int, flock, off_t};

    /// The start and length of a byte range.
    pub type Range = (off_t, off_t);

    /// The number of names that can be told apart.
    const COUNT: off_t = 1 << 24;
    const FIRST: off_t = off_t::MAX - COUNT - 1;
    /// The byte that a server locks.
    pub const SERVER: Range = (FIRST, 1);
    /// The bytes of all names.
    pub const NAMES: Range = (FIRST + 1, COUNT);
    /// The bytes of the server and of all names.
    pub const ALL: Range = (FIRST, COUNT + 1);

    /// The byte of a name.
    pub fn name(number: u32) -> Range {
        (FIRST + 1 + offset(number), 1)
    }

    /// The bytes of all other names.
    pub fn others(number: u32) -> impl Iterator<Item = Range> {
        let before = offset(number);
        let behind = COUNT - before - 1;
        [(FIRST + 1, before), (FIRST + 1 + before + 1, behind)]
            .into_iter()
            .filter(|(_, length)| *length > 0)
    }

    fn offset(number: u32) -> off_t {
        off_t::from(number) % COUNT
    }

    fn part(kind: c_int, (start, length): Range) -> flock {
        flock {
            l_type: kind.try_into().unwrap_or_default(),
            l_whence: SEEK_SET.try_into().unwrap_or_default(),
            l_start: start,
            l_len: length,
            l_pid: 0,
        }
    }

    /// Locks a range, exclusively or shared. True if it was free.
    pub fn take(file: &File, range: Range, alone: bool) -> io::Result<bool> {
        let part = part(if alone { F_WRLCK } else { F_RDLCK }, range);
        match fcntl(file, FcntlArg::F_OFD_SETLK(&part)) {
            Ok(_) => Ok(true),
            Err(Errno::EAGAIN | Errno::EACCES) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// True if another open file has a lock within a range.
    pub fn is_taken(file: &File, range: Range) -> io::Result<bool> {
        let mut part = part(F_WRLCK, range);
        fcntl(file, FcntlArg::F_OFD_GETLK(&mut part))?;
        Ok(c_int::from(part.l_type) != F_UNLCK)
    }

    /// True if the error means that the operating system or file system has no such locks.
    pub fn is_impossible(error: &io::Error) -> bool {
        let known = [
            Errno::EINVAL,
            Errno::ENOSYS,
            Errno::EOPNOTSUPP,
            Errno::ENOLCK,
        ];
        known
            .iter()
            .any(|errno| io::Error::from(*errno).raw_os_error() == error.raw_os_error())
    }
}

/// Other systems have no byte-range locks that belong to the open file.
#[cfg(not(target_os = "linux"))]
pub(super) mod lock {
    use std::fs::File;
    use std::io;

    pub type Range = ();
    pub const SERVER: Range = ();
    pub const NAMES: Range = ();
    pub const ALL: Range = ();

    pub fn name(_: u32) -> Range {}

    pub fn others(_: u32) -> impl Iterator<Item = Range> {
        std::iter::empty()
    }

    pub fn take(_: &File, (): Range, _: bool) -> io::Result<bool> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub fn is_taken(_: &File, (): Range) -> io::Result<bool> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub fn is_impossible(error: &io::Error) -> bool {
        error.kind() == io::ErrorKind::Unsupported
    }
}
