//! How far a long command has come.

use std::io::{self, Write};
use std::time::Instant;

/// After how many lines a long command says how far it has come.
pub(super) const PROGRESS: usize = 20_000;

/// Says on standard error how far a long command has come.
pub(super) fn report_progress(what: &str, done: usize, since: Instant) {
    let micros = since.elapsed().as_micros().max(1);
    let lines = u128::try_from(done).unwrap_or_default();
    let rate = lines.saturating_mul(1_000_000) / micros;
    let line = format!("{what}: {done} lines, {rate} lines per second");
    // Nobody is left to tell where standard error is closed.
    let _ = writeln!(io::stderr(), "{line}");
}
