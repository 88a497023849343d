//! The command `verify`.

use std::time::Instant;

use clap::Args;

use super::output::{Failure, open_with, print};
use super::progress::{LINES_PER_REPORT, report_progress};
use crate::config::Config;
use crate::store::chain::Noted;
use crate::store::{ClaimMode, Options};

/// Arguments of the command `verify`.
#[derive(Args)]
pub(super) struct Verify {
    /// The sequence number and the hash of a line that were noted earlier, in another place. Can be given several times.
    /// Example: `7061:` and 64 hexadecimal digits, as `verify` prints them.
    #[arg(long, value_name = "SEQUENCE:HASH")]
    expect: Vec<Noted>,
}

/// Verifies the log, and prints its end.
pub(super) async fn verify(config: &Config, arguments: &Verify) -> Result<(), Failure> {
    let options = Options {
        changes_nothing: true,
        ..Options::default()
    };
    let (_claim, store) = open_with(config, ClaimMode::Existing, &options).await?;
    let begun = Instant::now();
    let mut reported = 0;
    let verified = store
        .verify_log(&arguments.expect, |lines| {
            let lines = usize::try_from(lines).unwrap_or_default();
            if lines / LINES_PER_REPORT > reported / LINES_PER_REPORT {
                report_progress("verify", lines, begun);
            }
            reported = lines;
        })
        .await?;
    report_progress("verify", reported, begun);
    let mut faults = verified.faults;
    let unguarded = store.missing_guards().await?.into_iter();
    faults.extend(unguarded.map(|name| {
        format!("the trigger {name} is missing or disabled: rows of history can be changed")
    }));
    if faults.is_empty() {
        let head = Noted {
            sequence: verified.sequence,
            hash: verified.link.hash,
        };
        let state = verified.link.state;
        return print(&format!(
            "{reported} lines of the log fit their hashes and the records\nhead: {head}\nstate digest: {state}\n"
        ));
    }
    if verified.more > 0 {
        faults.push(format!("{} more faults", verified.more));
    }
    Err(Failure(faults))
}
