//! The command `restore`.

use std::path::Path;
use std::time::Instant;

use futures_util::future::FutureExt;

use super::output::{Failure, print};
use super::progress::{LINES_PER_REPORT, report};
use super::signal::unless_stopped;
use crate::config::Config;
use crate::store::{self, RestoreOptions};

/// Restores a backup into the database of the settings.
pub(super) async fn restore(
    config: &Config,
    file: &Path,
    options: RestoreOptions,
) -> Result<(), Failure> {
    let url = config.database_url.expose();
    let begun = Instant::now();
    let mut progress = |rows: usize| {
        if rows.is_multiple_of(LINES_PER_REPORT) {
            report("restore", rows, "rows", begun);
        }
    };
    let restored = store::restore(url, file, options, &mut progress);
    let restored = unless_stopped(restored.boxed_local()).await??;
    let (name, target, last) = (file.display(), restored.target, restored.sequence);
    print(&format!(
        "restored {name} into {target}: the log up to change {last}. Cursors of later changes are unknown to it \
         (UNKNOWN_CURSOR).\n"
    ))?;
    match restored.suspended {
        0 => Ok(()),
        suspended => print(&format!(
            "suspended webhooks: {suspended}, so that a copy calls no receiver. Their owners resume them by \
             updateWebhook; `restore --keep-webhooks` leaves them as they are.\n"
        )),
    }
}
