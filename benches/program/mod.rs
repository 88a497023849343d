//! The program in a process of its own, and what that process uses.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The program; it is killed when this is dropped.
pub struct Program {
    process: Child,
    /// The address at which it listens.
    pub address: SocketAddr,
    /// The time from its start until it listened.
    pub started_in: Duration,
}

impl Program {
    /// Starts the program on a database, and waits until it listens.
    pub fn start(url: &str) -> Self {
        let begun = Instant::now();
        let mut process = Command::new(env!("CARGO_BIN_EXE_cyberprofiles"))
            .env_clear()
            .env("CYBERPROFILES_LISTEN", "127.0.0.1:0")
            .env("CYBERPROFILES_DATABASE_URL", url)
            .env("CYBERPROFILES_MAX_ANONYMOUS_COST_PER_SECOND", "0")
            .env("CYBERPROFILES_MAX_CONNECTIONS", "1000000")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut said = String::new();
        let out = process.stdout.as_mut().unwrap();
        BufReader::new(out).read_line(&mut said).unwrap();
        let address = said.trim().strip_prefix("listening on http://").unwrap();
        Self {
            address: address.parse().unwrap(),
            started_in: begun.elapsed(),
            process,
        }
    }

    /// A line of the status of the process, in MiB.
    fn status_mib(&self, name: &str) -> f64 {
        let path = format!("/proc/{}/status", self.process.id());
        let status = std::fs::read_to_string(path).expect("a Linux machine");
        let line = status.lines().find(|line| line.starts_with(name)).unwrap();
        let kib: f64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
        kib / 1_024.0
    }

    /// Resident memory, in MiB.
    pub fn resident(&self) -> f64 {
        self.status_mib("VmRSS")
    }

    /// Resident memory without pages of files, in MiB.
    pub fn anonymous(&self) -> f64 {
        self.status_mib("RssAnon")
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
