//! Progress reports of long commands.

use std::time::Instant;

use super::report;

/// Number of lines between two progress reports.
pub(super) const LINES_PER_REPORT: usize = 20_000;

/// Reports on standard error how many lines are done, and how many per second.
pub(super) fn report_progress(what: &str, done: usize, since: Instant) {
    report(what, done, "lines", since);
}

/// Reports on standard error how much is done, and how much per second.
pub(super) fn report(what: &str, done: usize, noun: &str, since: Instant) {
    let micros = since.elapsed().as_micros().max(1);
    let many = u128::try_from(done).unwrap_or_default();
    let rate = many.saturating_mul(1_000_000) / micros;
    report::report_progress(&format!("{what}: {done} {noun}, {rate} {noun} per second"));
}
