//! The program, started as from a shell.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

pub struct Program {
    file: PathBuf,
    url: String,
    port: u16,
    process: Option<Child>,
}

impl Program {
    pub fn new(file: &Path, url: &str) -> Self {
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        Self {
            file: file.to_owned(),
            url: url.to_owned(),
            port: port.local_addr().unwrap().port(),
            process: None,
        }
    }

    pub fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub fn command(&self) -> Command {
        let mut command = Command::new(&self.file);
        command
            .env_clear()
            .env("CYBERPROFILES_LISTEN", format!("127.0.0.1:{}", self.port))
            .env("CYBERPROFILES_DATABASE_URL", &self.url)
            .env("CYBERPROFILES_MAX_PROPOSALS_PER_SECOND", "1000000")
            .env("CYBERPROFILES_MAX_TIPS_PER_HOUR", "1000000000")
            .env("CYBERPROFILES_MAX_COST_PER_SECOND", "0")
            .env("CYBERPROFILES_MAX_ANONYMOUS_COST_PER_SECOND", "0")
            .stderr(Stdio::null());
        command
    }

    /// Starts the program; `Err` if it ended instead of listening.
    pub fn start(&mut self) -> Result<(), ()> {
        let mut process = self.command().stdout(Stdio::piped()).spawn().unwrap();
        let mut said = String::new();
        BufReader::new(process.stdout.as_mut().unwrap())
            .read_line(&mut said)
            .unwrap();
        if said.starts_with("listening on ") {
            self.process = Some(process);
            return Ok(());
        }
        process.wait().unwrap();
        Err(())
    }

    pub fn lives(&mut self) -> bool {
        let process = self.process.as_mut();
        process.is_some_and(|process| process.try_wait().unwrap().is_none())
    }

    /// Kills the program (SIGKILL).
    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().unwrap();
            process.wait().unwrap();
        }
    }

    /// Stops the program (SIGTERM) and waits for its end.
    pub fn stop(&mut self) {
        if let Some(mut process) = self.process.take() {
            let ended = Command::new("kill").arg(process.id().to_string()).status();
            assert!(ended.unwrap().success());
            process.wait().unwrap();
        }
    }

    /// Creates a token of a contributor and a token of an editor.
    pub fn tokens(&self) -> [String; 2] {
        [("CONTRIBUTOR", "carla"), ("EDITOR", "eva")].map(|(role, name)| {
            let arguments = [
                "token", "create", "--role", role, "--name", name, "--person", name,
            ];
            let made = self.command().args(arguments).output().unwrap();
            let said = String::from_utf8(made.stdout).unwrap();
            said.split_whitespace().last().unwrap().to_owned()
        })
    }

    /// Executes a query and returns its data; `None` after an error or without a response.
    pub async fn ask(&self, token: &str, query: &str, variables: Value) -> Option<Value> {
        let body = json!({ "query": query, "variables": variables });
        let request = reqwest::Client::new().post(format!("{}/graphql", self.address()));
        let request = request.bearer_auth(token).json(&body);
        let answer: Value = request.send().await.ok()?.json().await.ok()?;
        answer
            .get("errors")
            .is_none()
            .then(|| answer["data"].clone())
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.kill();
    }
}
