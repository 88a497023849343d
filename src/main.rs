//! Starts the program.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    cyberprofiles::cli::run().await
}
