//! The space of a file system, and its kind.

use std::io;
use std::path::Path;

use nix::sys::statvfs::statvfs;

/// The space that is left for a user without privileges.
#[derive(Clone, Copy, Debug)]
pub struct Space {
    /// Free bytes.
    pub bytes: u64,
    /// Files that can still be created; `None` if the file system has no limit.
    pub files: Option<u64>,
}

/// Returns the space that is left in a folder.
///
/// # Errors
/// The error of the operating system.
pub fn space(folder: &Path) -> io::Result<Space> {
    let found = statvfs(folder)?;
    let has_limit = wide(found.files()) > 0;
    Ok(Space {
        bytes: wide(found.blocks_available()).saturating_mul(wide(found.fragment_size())),
        files: has_limit.then(|| wide(found.files_available())),
    })
}

/// The numbers have another width on other systems.
fn wide(number: impl Into<u64>) -> u64 {
    number.into()
}

/// True if a folder is on a network file system, on which the locks of `SQLite` may not hold. Source: Linux,
/// `statfs(2)`.
#[cfg(target_os = "linux")]
pub fn is_network(folder: &Path) -> bool {
    /// Magic numbers of NFS, SMB, CIFS, SMB2, FUSE, 9P, Ceph, AFS and Coda.
    const NETWORK: [i128; 9] = [
        0x6969,
        0x517b,
        0xff53_4d42,
        0xfe53_4d42,
        0x6573_5546,
        0x0102_1997,
        0x00c3_6400,
        0x5346_414f,
        0x7375_7245,
    ];
    nix::sys::statfs::statfs(folder)
        .is_ok_and(|found| NETWORK.contains(&i128::from(found.filesystem_type().0)))
}

/// Other systems do not tell.
#[cfg(not(target_os = "linux"))]
pub fn is_network(_: &Path) -> bool {
    false
}
