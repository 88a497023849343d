//! The command `move`.

use std::time::Instant;

use futures_util::future::FutureExt;

use super::output::{Failure, print};
use super::progress::{LINES_PER_REPORT, report};
use super::signal::unless_stopped;
use crate::config::{Config, Secret};
use crate::store;

/// Moves the database of the settings to another one.
pub(super) async fn relocate(config: &Config, to: &Secret) -> Result<(), Failure> {
    let begun = Instant::now();
    let mut progress = |rows: usize| {
        if rows.is_multiple_of(LINES_PER_REPORT) {
            report("move", rows, "rows", begun);
        }
    };
    let moved = store::relocate(config.database_url.expose(), to.expose(), &mut progress);
    let moved = unless_stopped(moved.boxed_local()).await??;
    let (from, to, last) = (moved.from, moved.to, moved.sequence);
    let (rows, tables) = (moved.rows, moved.tables);
    print(&format!(
        "moved {rows} rows of {tables} tables to {to}: the log up to change {last}. {from} is unchanged. From now on \
         use {to} alone: a server on the other one would write other changes under the same numbers.\n"
    ))
}
