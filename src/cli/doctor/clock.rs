//! Checks of the clock: against the clock of the database server, and against the newest commit.

use chrono::TimeDelta;

use super::finding::Finding;
use crate::store::Clock;
use crate::store::examine::{Content, Examined};

const CLOCK: &str = "clock";
/// Tolerated difference, as that for tokens of a provider.
const TOLERANCE: TimeDelta = TimeDelta::seconds(5);
const ADVICE: &str = "set the clock of the machine by NTP (timedatectl, chronyc tracking)";

pub(super) fn check(examined: &Examined) -> Vec<Finding> {
    let Content::Readable(facts) = &examined.content else {
        return Vec::new();
    };
    let now = Clock::default().now();
    let mut findings = Vec::new();
    if let Some(committed) = facts.last_commit
        && committed - now > TOLERANCE
    {
        let ahead = (committed - now).num_seconds();
        let what = format!(
            "the newest change of the log is of {committed}, {ahead} seconds in the future: later changes get that time too"
        );
        findings.push(Finding::fault(CLOCK, what, ADVICE));
    }
    if let Some(server) = &facts.server {
        let difference = (server.now - now).abs();
        if difference > TOLERANCE {
            let seconds = difference.num_seconds();
            let what =
                format!("it differs from the clock of the database server by {seconds} seconds");
            findings.push(Finding::warning(CLOCK, what, ADVICE));
        }
    }
    if findings.is_empty() {
        let what = format!(
            "{}, not before the newest change of the log",
            now.format("%FT%TZ")
        );
        findings.push(Finding::ok(CLOCK, what));
    }
    findings
}
