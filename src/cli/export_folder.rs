//! A new folder, complete or absent under its name.

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::Path;

use tempfile::TempDir;

/// A temporary folder beside its target. It is removed again unless it gets the name of the target.
pub(super) struct NewFolder(TempDir);

impl NewFolder {
    /// Makes the temporary folder.
    ///
    /// # Errors
    /// The target exists and is not an empty folder, or nothing can be written beside it.
    pub(super) fn beside(target: &Path) -> io::Result<Self> {
        match fs::read_dir(target) {
            Ok(mut entries) => {
                if entries.next().is_some() {
                    let message = "the folder is not empty: name a new one";
                    return Err(io::Error::new(ErrorKind::DirectoryNotEmpty, message));
                }
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        let mut temporary = tempfile::Builder::new();
        temporary.prefix(".export-").suffix(".tmp");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            // The permissions of any new folder: the umask takes its part away.
            temporary.permissions(fs::Permissions::from_mode(0o777));
        }
        temporary.tempdir_in(parent(target)).map(Self)
    }

    /// Makes a file in it.
    pub(super) fn create(&self, name: &str) -> io::Result<File> {
        File::create_new(self.0.path().join(name))
    }

    /// Gives it the name of the target. Its files, which are synchronized with the disk, then stay under that name.
    pub(super) fn rename(self, target: &Path) -> io::Result<()> {
        File::open(self.0.path())?.sync_all()?;
        fs::rename(self.0.path(), target)?;
        // Under its new name it stays.
        let _ = self.0.keep();
        File::open(parent(target))?.sync_all()
    }
}

/// The folder in which a path stands.
fn parent(path: &Path) -> &Path {
    let parent = path.parent().filter(|parent| *parent != Path::new(""));
    parent.unwrap_or(Path::new("."))
}
