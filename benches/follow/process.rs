//! The process of a server: its commands and its resources.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// A server process; it is killed when this is dropped.
pub struct Server {
    process: Child,
    orders: ChildStdin,
    answers: BufReader<ChildStdout>,
    address: String,
}

impl Server {
    pub fn start(kind: &str) -> Self {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .arg(kind)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let orders = process.stdin.take().unwrap();
        let answers = BufReader::new(process.stdout.take().unwrap());
        let mut server = Self {
            process,
            orders,
            answers,
            address: String::new(),
        };
        server.address = server.heard();
        server
    }

    pub fn address(&self) -> &str {
        &self.address
    }

    /// Sends a command and returns the answer.
    pub fn say(&mut self, order: &str) -> String {
        writeln!(self.orders, "{order}").unwrap();
        self.heard()
    }

    fn heard(&mut self) -> String {
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        line.trim().to_owned()
    }

    fn proc(&self, file: &str) -> String {
        let path = format!("/proc/{}/{file}", self.process.id());
        std::fs::read_to_string(path).expect("a Linux machine")
    }

    /// Resident memory in KiB.
    pub fn resident_kib(&self) -> f64 {
        let status = self.proc("status");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line.unwrap().trim().trim_end_matches(" kB");
        kib.parse().unwrap()
    }

    /// User and system time in microseconds.
    pub fn cpu_micros(&self) -> f64 {
        let stat = self.proc("stat");
        let after_name = stat.rsplit(')').next().unwrap();
        let times = after_name.split_whitespace().skip(11).take(2);
        let ticks: f64 = times.map(|ticks| ticks.parse::<f64>().unwrap()).sum();
        // A tick is a hundredth of a second.
        ticks * 10_000.0
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
