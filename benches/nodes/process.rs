//! The processes of a run, and their CPU time.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use crate::postgresql::Server;

/// An instance of the program.
pub struct Node {
    process: Child,
    address: String,
}

impl Node {
    pub fn start(url: &str, settings: &[(&'static str, String)]) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_cyberprofiles"))
            .env_clear()
            .env("CYBERPROFILES_LISTEN", "127.0.0.1:0")
            .env("CYBERPROFILES_DATABASE_URL", url)
            .env("CYBERPROFILES_MAX_PROPOSALS_PER_SECOND", "1000000")
            .env("CYBERPROFILES_MAX_COST_PER_SECOND", "0")
            .env("CYBERPROFILES_MAX_ANONYMOUS_COST_PER_SECOND", "0")
            .envs(settings.iter().map(|(name, value)| (name, value)))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut said = String::new();
        BufReader::new(process.stdout.as_mut().unwrap())
            .read_line(&mut said)
            .unwrap();
        let address = said.trim().strip_prefix("listening on ").unwrap();
        Self {
            address: address.to_owned(),
            process,
        }
    }

    pub fn address(&self) -> &str {
        &self.address
    }

    /// CPU time so far, in seconds.
    pub fn cpu(&self) -> f64 {
        let id = self.process.id();
        Stat::read(&id.to_string()).expect("a running process").own
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// CPU time of all processes of a PostgreSQL server so far, in seconds; of those that have ended, too.
pub fn cpu_of(server: &Server) -> f64 {
    // The first process is the parent of the others.
    let text = std::fs::read_to_string(server.data().join("postmaster.pid")).unwrap();
    let id: u32 = text.lines().next().unwrap().trim().parse().unwrap();
    let own = Stat::read(&id.to_string()).expect("a running process");
    let all = std::fs::read_dir("/proc").unwrap().flatten();
    let ids = all.filter_map(|entry| entry.file_name().into_string().ok());
    let ids = ids.filter(|name| name.bytes().all(|byte| byte.is_ascii_digit()));
    let children = ids.filter_map(|name| Stat::read(&name));
    let children = children.filter(|stat| stat.parent == id);
    own.own + own.of_ended + children.map(|stat| stat.own).sum::<f64>()
}

struct Stat {
    parent: u32,
    own: f64,
    of_ended: f64,
}

impl Stat {
    /// Reads the state of a process; `None` if it has ended. Source: Linux, `proc(5)`.
    fn read(id: &str) -> Option<Self> {
        let text = std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
        let fields: Vec<&str> = text.rsplit(')').next()?.split_whitespace().collect();
        // A tick is a hundredth of a second.
        let seconds = |from: usize| -> Option<f64> {
            let [user, system] = [fields.get(from)?, fields.get(from + 1)?];
            Some((user.parse::<f64>().ok()? + system.parse::<f64>().ok()?) / 100.0)
        };
        Some(Self {
            parent: fields.get(1)?.parse().ok()?,
            own: seconds(11)?,
            of_ended: seconds(13)?,
        })
    }
}
