//! Progress reports of long commands.

use std::io::{self, Write};
use std::time::Instant;

/// Number of lines between two progress reports.
pub(super) const LINES_PER_REPORT: usize = 20_000;

/// Reports on standard error how many lines are done, and how many per second.
pub(super) fn report_progress(what: &str, done: usize, since: Instant) {
    let micros = since.elapsed().as_micros().max(1);
    let lines = u128::try_from(done).unwrap_or_default();
    let rate = lines.saturating_mul(1_000_000) / micros;
    let line = format!("{what}: {done} lines, {rate} lines per second");
    // An error here means that standard error is closed: there is no other place to report it.
    let _ = writeln!(io::stderr(), "{line}");
}
