//! A private NATS with JetStream, for the tests that need one.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A private NATS, stopped when the test ends.
pub struct Nats {
    folder: tempfile::TempDir,
    port: u16,
    process: Option<Child>,
}

impl Nats {
    fn program() -> Option<PathBuf> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let places = std::env::split_paths(&path).chain([PathBuf::from("/usr/sbin")]);
        places
            .map(|folder| folder.join("nats-server"))
            .find(|program| program.exists())
    }

    /// True if one can be started here. Panics if it is missing and required.
    pub fn is_possible() -> bool {
        let is_possible = Self::program().is_some();
        let required = std::env::var_os("CYBERPROFILES_REQUIRE_SERVICES").is_some();
        assert!(
            is_possible || !required,
            "nats-server is required and not installed"
        );
        if !is_possible {
            use std::io::Write;
            // Written to standard error directly, because the test harness captures printed text.
            let _ = writeln!(std::io::stderr(), "skipped: nats-server is not installed");
        }
        is_possible
    }

    /// Prepares a server that is not started yet.
    pub fn prepared() -> Self {
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        Self {
            folder: tempfile::tempdir().unwrap(),
            port: port.local_addr().unwrap().port(),
            process: None,
        }
    }

    /// Starts it with its stored data.
    pub fn run(&mut self) {
        let process = Command::new(Self::program().unwrap())
            .args([
                "-js",
                "-a",
                "127.0.0.1",
                "-p",
                &self.port.to_string(),
                "-sd",
            ])
            .arg(self.folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        self.process = Some(process.unwrap());
        let begun = Instant::now();
        while std::net::TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            assert!(
                begun.elapsed() < Duration::from_mins(5),
                "nats-server does not start"
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Kills it at once.
    pub fn stop(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().unwrap();
            process.wait().unwrap();
        }
    }

    /// URL of the server.
    pub fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }
}

impl Drop for Nats {
    fn drop(&mut self) {
        self.stop();
    }
}
