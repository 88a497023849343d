//! Parts that all commands share: opening the database, writing to standard output, and failures.

use std::io::Write;
use std::path::Path;

use crate::config::Config;
use crate::store::{self, Claim, ClaimMode, Options, Store};

/// File name that stands for standard input or standard output.
pub(super) const STANDARD_STREAM: &str = "-";

/// The error lines of a command that failed.
pub(super) struct Failure(pub Vec<String>);

impl From<store::Error> for Failure {
    fn from(error: store::Error) -> Self {
        Self(vec![error.to_string()])
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        // Rust reports a closed pipe as an error instead of ending the program by SIGPIPE.
        if error.kind() == std::io::ErrorKind::BrokenPipe {
            return Self(vec![
                "standard output was closed before everything was written".to_owned(),
            ]);
        }
        Self(vec![error.to_string()])
    }
}

/// Writes to standard output, and flushes it.
pub(super) fn print(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()?;
    Ok(())
}

/// Opens the database. The caller holds the claim for as long as it uses the store.
pub(super) async fn open(config: &Config, what: ClaimMode) -> Result<(Claim, Store), Failure> {
    open_with(config, what, &Options::default()).await
}

/// Opens the database with options, as [`open`].
pub(super) async fn open_with(
    config: &Config,
    what: ClaimMode,
    options: &Options,
) -> Result<(Claim, Store), Failure> {
    let url = config.database_url.expose();
    let claim = store::claim(url, what)?;
    let store = Store::open(url, options).await?;
    Ok((claim, store))
}

/// Refuses to write to a file of the database itself.
pub(super) fn refuse_database_file(config: &Config, file: &Path) -> Result<(), Failure> {
    if store::is_of_database(config.database_url.expose(), file) {
        let message = format!(
            "{} is a file of the database itself: name another file",
            file.display()
        );
        return Err(Failure(vec![message]));
    }
    Ok(())
}
