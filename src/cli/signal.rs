//! Signals of the operating system.

use super::output::Failure;

/// Keeps the program alive when a file reaches its size limit (`ulimit -f`). The system ends a program that does not
/// handle SIGXFSZ; with a handler, the write fails as on a full disk.
pub(super) fn ignore_file_size_signal() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        // The handler stays installed after its receiver is dropped.
        drop(signal(SignalKind::from_raw(libc::SIGXFSZ)));
    }
}

/// Does some work until it is done, or until the program receives a signal to stop. Dropped work deletes its temporary
/// files.
pub(super) async fn unless_stopped<T>(work: impl Future<Output = T>) -> Result<T, Failure> {
    let stop = stopped();
    tokio::select! {
        done = work => Ok(done),
        () = stop => Err(Failure(vec!["stopped by a signal. If it was about to end, look whether it is done".to_owned()])),
    }
}

/// Returns a future that is ready at the first SIGINT (Ctrl-C) or SIGTERM after this call.
pub(super) fn stopped() -> impl Future<Output = ()> {
    #[cfg(unix)]
    let signals = {
        use tokio::signal::unix::{SignalKind, signal};
        [SignalKind::interrupt(), SignalKind::terminate()].map(signal)
    };
    async move {
        // If no signal can be received, the function waits for Ctrl-C in the portable way.
        #[cfg(unix)]
        if let [Ok(mut interrupt), Ok(mut terminate)] = signals {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            return;
        }
        drop(tokio::signal::ctrl_c().await);
    }
}
