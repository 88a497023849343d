//! A new file: complete under its name, or not there at all.

use std::fs::{File, OpenOptions, Permissions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use tempfile::{TempDir, TempPath};

/// The readers of a new file.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Readers {
    /// The readers of the file that is replaced, or those that the umask leaves to any new file.
    Usual,
    /// The owner alone.
    Owner,
}

/// A file that gets the name of its target once it is complete. Until then it is in a temporary folder beside the
/// target, with whatever a database writes next to it. The folder is deleted in any case.
pub struct NewFile {
    folder: TempDir,
    out: File,
    target: PathBuf,
}

impl NewFile {
    /// Opens an empty file beside its target; `None` if the target is a pipe or a device. `command` begins the name of
    /// the folder.
    ///
    /// # Errors
    /// Any error of the file system.
    pub fn open(target: &Path, command: &str, readers: Readers) -> io::Result<Option<Self>> {
        let there = match std::fs::metadata(target) {
            Ok(there) => Some(there),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        if there.as_ref().is_some_and(|there| !there.is_file()) {
            return Ok(None);
        }
        // A symbolic link stays a link: the file to which it leads is replaced.
        let target = match &there {
            Some(_) => std::fs::canonicalize(target)?,
            None => std::path::absolute(target)?,
        };
        let prefix = format!(".{command}-");
        let mut folder = tempfile::Builder::new();
        folder.prefix(&prefix).suffix(".tmp");
        folder.permissions(Permissions::from_mode(0o700));
        let folder = folder.tempdir_in(parent(&target))?;
        let out = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(match readers {
                Readers::Usual => 0o666,
                Readers::Owner => 0o600,
            })
            .open(path_in(&folder))?;
        if let Some(there) = there.filter(|_| readers == Readers::Usual) {
            out.set_permissions(there.permissions())?;
        }
        Ok(Some(Self {
            folder,
            out,
            target,
        }))
    }

    /// The path of the file until it is complete.
    pub fn path(&self) -> PathBuf {
        path_in(&self.folder)
    }

    /// The open file.
    pub fn file(&self) -> &File {
        &self.out
    }

    /// Synchronizes the file with the disk, and puts it in place of the target.
    ///
    /// # Errors
    /// Any error of the file system; the target is unchanged then.
    pub fn finish(self) -> io::Result<()> {
        self.out.sync_all()?;
        std::fs::rename(self.path(), &self.target)?;
        File::open(parent(&self.target))?.sync_all()
    }

    /// Synchronizes the file with the disk, and gives it the name of the target, unless another file has it by now.
    ///
    /// # Errors
    /// Any error of the file system; the target is unchanged then.
    pub fn finish_as_first(self) -> io::Result<()> {
        self.out.sync_all()?;
        let path = TempPath::try_from_path(self.path())?;
        path.persist_noclobber(&self.target)
            .map_err(|error| error.error)?;
        File::open(parent(&self.target))?.sync_all()
    }
}

fn path_in(folder: &TempDir) -> PathBuf {
    folder.path().join("new")
}

fn parent(file: &Path) -> &Path {
    file.parent().unwrap_or(Path::new("/"))
}

impl Write for NewFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
