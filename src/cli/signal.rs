//! Signals of the system.

/// Where a file may not grow (`ulimit -f`), the system ends a program that does not handle its signal: handled, writing
/// fails as on a full disk.
pub(super) fn survive_large_files() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        // It stays handled when nobody waits for it any more.
        drop(signal(SignalKind::from_raw(libc::SIGXFSZ)));
    }
}

/// Ready when the program is told to stop, by Ctrl-C or SIGTERM, from the time when this is called.
pub(super) fn stopped() -> impl Future<Output = ()> {
    #[cfg(unix)]
    let signals = {
        use tokio::signal::unix::{SignalKind, signal};
        [SignalKind::interrupt(), SignalKind::terminate()].map(signal)
    };
    async move {
        // Without a signal to wait for there is nothing to stop for.
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
