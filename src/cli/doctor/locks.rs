//! Checks of file locks, and of the processes that use the database.

use std::path::Path;

use super::finding::Finding;
use crate::store::examine::{Content, Examined, ExaminedFile, Locking, is_network};

const LOCKS: &str = "locks";
const USERS: &str = "users";
/// The most processes that are named.
const MAX_NAMED: usize = 10;

pub(super) fn check(examined: &Examined) -> Vec<Finding> {
    if let Some(file) = &examined.file {
        return vec![support(file), users(file)];
    }
    let Content::Readable(facts) = &examined.content else {
        return Vec::new();
    };
    let others = facts.server.as_ref().map_or(0, |server| server.others);
    let what = format!("{others} other connections to the database");
    vec![Finding::ok(USERS, what)]
}

/// True if a server is known to use the database.
pub(super) fn is_served(examined: &Examined) -> bool {
    let file = examined.file.as_ref();
    file.is_some_and(|file| file.locks == Locking::Server)
}

/// The locks that the file system has.
fn support(file: &ExaminedFile) -> Finding {
    let folder = file.path.parent().unwrap_or(Path::new("/"));
    if is_network(folder) {
        return Finding::warning(
            LOCKS,
            format!(
                "{} is on a network or user-space file system, where the locks of SQLite may not hold",
                folder.display()
            ),
            "move the database to a local disk, or use PostgreSQL",
        );
    }
    match file.locks {
        Locking::Impossible => Finding::warning(
            LOCKS,
            format!(
                "the file system of {} has no locks on open files: a second server is noticed under the same name only",
                folder.display()
            ),
            "move the database to a local disk",
        ),
        Locking::Unknown => Finding::warning(
            LOCKS,
            format!("the locks of {} cannot be read", file.path.display()),
            "run the command as the user of the server",
        ),
        Locking::Free | Locking::Server | Locking::Command => {
            Finding::ok(LOCKS, "the file system has the locks that are needed")
        }
    }
}

/// The processes that use the file.
fn users(file: &ExaminedFile) -> Finding {
    let what = match file.locks {
        Locking::Server => "a server uses the database",
        Locking::Command => "a command uses the database",
        Locking::Free | Locking::Impossible | Locking::Unknown => {
            return Finding::ok(USERS, "no process is known to use the database");
        }
    };
    let processes = processes(&file.path);
    if processes.is_empty() {
        return Finding::ok(USERS, what);
    }
    Finding::ok(USERS, format!("{what}: process {}", processes.join(", ")))
}

/// Ids of other processes that have the file open, as far as this user may see them. Source: Linux, `proc(5)`.
fn processes(file: &Path) -> Vec<String> {
    let own = std::process::id().to_string();
    let all = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let ids = all.filter_map(|process| process.file_name().into_string().ok());
    let ids = ids.filter(|id| *id != own && id.bytes().all(|byte| byte.is_ascii_digit()));
    let has_open = |id: &String| {
        let open = std::fs::read_dir(format!("/proc/{id}/fd"));
        let mut open = open.into_iter().flatten().flatten();
        open.any(|one| std::fs::read_link(one.path()).is_ok_and(|target| target == file))
    };
    ids.filter(has_open).take(MAX_NAMED).collect()
}
