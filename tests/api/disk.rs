//! A disk that is full for a while: no acknowledged write is lost, and no restart is needed afterwards.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use cyberprofiles::store::{Options, Store};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::database::{self, is_postgresql};
use crate::kill::{Program, start, tokens};
use crate::program::program;

/// Prints that a test is skipped; panics if no test may be skipped.
fn skip(why: &str) {
    let required = std::env::var_os("CYBERPROFILES_REQUIRE_SERVICES").is_some();
    assert!(!required, "{why}");
    // Written to standard error directly, because the test harness captures printed text.
    let _ = writeln!(std::io::stderr(), "skipped: {why}");
}

/// A small mounted disk, unmounted when the test ends.
pub struct Disk(TempDir);

impl Disk {
    /// Mounts a disk. Returns `None` without the permission to do so.
    pub fn mounted() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mount = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=40m", "tmpfs"])
            .arg(folder.path())
            .status();
        if mount.is_ok_and(|mount| mount.success()) {
            return Some(Self(folder));
        }
        skip("mounting a disk is not permitted");
        None
    }

    /// The folder at which the disk is mounted.
    pub fn folder(&self) -> &Path {
        self.0.path()
    }

    fn filler(&self) -> PathBuf {
        self.0.path().join("filler")
    }

    /// Fills the disk except for the given number of blocks.
    pub fn fill(&self, blocks: u64) {
        let mut filler = File::create(self.filler()).unwrap();
        let mut size = 0;
        while let Ok(written @ 1..) = filler.write(&[b'x'; 4096]) {
            size += u64::try_from(written).unwrap();
        }
        filler.set_len(size - blocks * 4096).unwrap();
    }

    /// Makes room again.
    pub fn free(&self) {
        fs::remove_file(self.filler()).unwrap();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0.path()).status();
    }
}

/// Four writers, and the acknowledgements they received.
struct Writers {
    address: String,
    tokens: [String; 2],
    number: usize,
    /// Contributions whose creation was acknowledged and whose acceptance was not.
    open: Vec<String>,
    accepted: Vec<String>,
    tips: Vec<String>,
    verified: usize,
}

impl Writers {
    async fn ask(&self, token: Option<&str>, query: &str, input: Value) -> Result<Value, ()> {
        let request = crate::harness::client().post(format!("http://{}/graphql", self.address));
        let mut request = request
            .header("accept", "application/graphql-response+json")
            .json(&json!({ "query": query, "variables": { "input": input } }));
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let answer: Value = response.json().await.unwrap();
        if answer.get("errors").is_none() {
            assert_eq!(status, 200);
            return Ok(answer["data"]["done"].clone());
        }
        let code = &answer["errors"][0]["extensions"]["code"];
        assert_eq!(
            (status.as_u16(), code),
            (503, &json!("UNAVAILABLE")),
            "{answer:#}"
        );
        assert!(headers.contains_key("retry-after"));
        Err(())
    }

    /// Each writer writes once. Returns the number of writes without an acknowledgement.
    async fn write(&mut self) -> usize {
        self.number += 1;
        let key = format!("news-{}", self.number);
        let source = |part: &str| {
            json!({ "createSource": { "key": format!("{key}-{part}"),
                "fields": { "kind": "NEWS", "title": key } } })
        };
        let [carla, eva] = self.tokens.clone();
        let mut refused = 0;
        let create = "mutation($input: CreateContributionInput!) {
            done: createContribution(input: $input) { contribution { id } userErrors { message } } }";
        let input = json!({ "title": key, "rationale": "So. ".repeat(500), "submit": true,
            "changes": [source("a"), source("b")] });
        match self.ask(Some(&carla), create, input).await {
            Ok(done) => {
                let id = done["contribution"]["id"].as_str();
                self.open
                    .push(id.unwrap_or_else(|| panic!("{done:#}")).to_owned());
            }
            Err(()) => refused += 1,
        }
        let tip = "mutation($input: SubmitTipInput!) {
            done: submitTip(input: $input) { contribution { id } userErrors { message } } }";
        match self
            .ask(None, tip, json!({ "country": "AZ", "message": key }))
            .await
        {
            Ok(done) => {
                let id = done["contribution"]["id"].as_str();
                self.tips
                    .push(id.unwrap_or_else(|| panic!("{done:#}")).to_owned());
            }
            Err(()) => refused += 1,
        }
        let accept = "mutation($input: AcceptContributionInput!) {
            done: acceptContribution(input: $input) { contribution { state } userErrors { message } } }";
        if let Some(id) = self.open.pop() {
            let input = json!({ "id": id, "revision": 1 });
            if let Ok(done) = self.ask(Some(&eva), accept, input).await {
                assert_eq!(done["contribution"]["state"], "ACCEPTED", "{done:#}");
                self.accepted.push(id);
            } else {
                self.open.push(id);
                refused += 1;
            }
        }
        let verify = "mutation($input: VerifyRecordInput!) {
            done: verifyRecord(input: $input) { record { recordId } userErrors { message } } }";
        let input = json!({ "id": "Treaty:ets-185", "verifiedOn": "2026-01-10" });
        match self.ask(Some(&eva), verify, input).await {
            Ok(done) => {
                assert_eq!(done["record"]["recordId"], "Treaty:ets-185", "{done:#}");
                self.verified += 1;
            }
            Err(()) => refused += 1,
        }
        refused
    }

    async fn is_ready(&self) -> bool {
        let ready = crate::harness::client()
            .get(format!("http://{}/readyz", self.address))
            .send()
            .await;
        ready.unwrap().status() == 200
    }

    /// Checks that everything acknowledged is stored, and nothing else.
    async fn look_it_up(&self) {
        let eva = Some(self.tokens[1].as_str());
        let query = "{ done: contributions(first: 100) { totalCount nodes { id state } } }";
        let found = self.ask(eva, query, json!({})).await.unwrap();
        let of_state = |state: &str| {
            let nodes = found["nodes"].as_array().unwrap().iter();
            let nodes = nodes.filter(|node| node["state"] == state);
            let mut ids: Vec<_> = nodes.map(|node| node["id"].as_str().unwrap()).collect();
            ids.sort_unstable();
            ids
        };
        let sorted = |ids: &[&[String]]| {
            let mut ids = ids.concat();
            ids.sort_unstable();
            ids
        };
        assert_eq!(of_state("ACCEPTED"), sorted(&[&self.accepted]));
        assert_eq!(of_state("SUBMITTED"), sorted(&[&self.open, &self.tips]));
        let query = "{ done: head { sequence } }";
        let head = self.ask(eva, query, json!({})).await.unwrap();
        let written = self.accepted.len() * 2 + self.verified;
        let sequence = crate::harness::bundled() + i64::try_from(written).unwrap();
        assert_eq!(head["sequence"], sequence);
    }
}

async fn writers(url: &str, program: &Program) -> Writers {
    Writers {
        address: program.host().to_owned(),
        tokens: tokens(url).await,
        number: 0,
        open: Vec::new(),
        accepted: Vec::new(),
        tips: Vec::new(),
        verified: 0,
    }
}

/// A database with the bundled data, with all effects up to today in the log.
async fn seeded(folder: &Path) -> String {
    let url = database::seeded(folder).await;
    let store = Store::open(&url, &Options::default()).await.unwrap();
    store.close().await;
    url
}

#[tokio::test(flavor = "multi_thread")]
async fn acknowledged_writes_survive_a_full_disk_and_a_kill() {
    if is_postgresql() {
        return;
    }
    let Some(disk) = Disk::mounted() else { return };
    let url = seeded(disk.0.path()).await;
    let mut program = start(&url);
    let mut writers = writers(&url, &program).await;
    // The disk is full before a write begins, during it, or when it is committed.
    for blocks in [0, 1, 2, 3, 5, 8, 13, 21] {
        // After an orderly stop the journal is short, so every write needs disk space.
        program.stop();
        program = start(&url);
        program.host().clone_into(&mut writers.address);
        assert_eq!(writers.write().await, 0);
        disk.fill(blocks);
        let mut refused = 0;
        for _ in 0..100 {
            refused += writers.write().await;
            if refused >= 4 {
                break;
            }
        }
        assert!(refused >= 4, "the disk is not full");
        let head = "{ done: head { sequence } }";
        assert!(
            writers.ask(None, head, json!({})).await.is_ok(),
            "reads still work"
        );
        let listed = self::program(disk.0.path())
            .args(["--database-url", &url, "token", "list"])
            .output();
        let listed = listed.unwrap();
        assert!(listed.status.success(), "{listed:?}");
        disk.free();
        assert!(
            writers.is_ready().await,
            "the readiness check tries to write again"
        );
        assert_eq!(
            writers.write().await,
            0,
            "writing works again without a restart"
        );
        writers.look_it_up().await;
        program.kill();
        program = start(&url);
        program.host().clone_into(&mut writers.address);
        writers.look_it_up().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn readiness_fails_while_the_disk_is_full_and_recovers_without_a_restart() {
    if is_postgresql() {
        return;
    }
    let Some(disk) = Disk::mounted() else { return };
    let url = seeded(disk.0.path()).await;
    let program = start(&url);
    let mut writers = writers(&url, &program).await;
    assert!(writers.is_ready().await);
    disk.fill(0);
    while writers.write().await == 0 {}
    assert!(!writers.is_ready().await);
    // An import without space for all of its lines stores nothing.
    let file = disk.0.path().join("../many.jsonl");
    let lines = (0..5_000).map(|number| {
        let fields = json!({ "kind": "NEWS", "title": "So. ".repeat(50) });
        json!({ "createSource": { "key": format!("many-{number}"), "fields": fields } }).to_string()
    });
    fs::write(&file, lines.collect::<Vec<_>>().join("\n")).unwrap();
    let import = || {
        let mut command = self::program(disk.0.path());
        command.args(["--database-url", &url, "import"]).arg(&file);
        command.output().unwrap()
    };
    let imported = import();
    assert_eq!(imported.status.code(), Some(1), "{imported:?}");
    writers.look_it_up().await;
    disk.free();
    assert!(writers.is_ready().await);
    assert_eq!(writers.write().await, 0);
    writers.look_it_up().await;
    fs::remove_file(file).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_to_a_full_disk_says_so_and_leaves_nothing() {
    if is_postgresql() {
        return;
    }
    let Some(disk) = Disk::mounted() else { return };
    let folder = tempfile::tempdir().unwrap();
    let url = seeded(folder.path()).await;
    let at = disk.0.path();
    fs::write(at.join("old.jsonl"), "old").unwrap();
    // Room for some files of the export, and not for all.
    for blocks in [0, 100] {
        disk.fill(blocks);
        for arguments in [&["old.jsonl"][..], &["--format", "csv", "new"]] {
            let mut command = self::program(at);
            let output = command
                .args(["--database-url", &url, "export"])
                .args(arguments)
                .output();
            let output = output.unwrap();
            let said = String::from_utf8(output.stderr).unwrap();
            assert_eq!(output.status.code(), Some(1), "{said}");
            assert!(
                said.contains("error: cannot write ") && said.contains("No space left"),
                "{said}"
            );
        }
        let names = fs::read_dir(at)
            .unwrap()
            .map(|entry| entry.unwrap().file_name());
        assert_eq!(names.count(), 2, "the old file and the filler");
        disk.free();
    }
    assert_eq!(fs::read_to_string(at.join("old.jsonl")).unwrap(), "old");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_survives_a_file_size_limit() {
    if is_postgresql() {
        return;
    }
    if Command::new("prlimit").arg("--version").output().is_err() {
        return skip("prlimit is not installed");
    }
    let folder = tempfile::tempdir().unwrap();
    let url = seeded(folder.path()).await;
    let mut program = start(&url);
    let mut writers = writers(&url, &program).await;
    assert_eq!(writers.write().await, 0);
    let journal = folder.path().join("profiles.db-wal");
    let limit = |most: &str| {
        let limited = Command::new("prlimit")
            .args([
                "--pid",
                &program.id().to_string(),
                &format!("--fsize={most}:"),
            ])
            .status();
        assert!(limited.unwrap().success());
    };
    let size = OpenOptions::new().read(true).open(journal).unwrap();
    let size = size.metadata().unwrap().len();
    limit(&(size + 10_000).to_string());
    while writers.write().await == 0 {}
    assert!(!writers.is_ready().await);
    limit("unlimited");
    assert!(writers.is_ready().await);
    assert_eq!(writers.write().await, 0);
    program.kill();
    let program = start(&url);
    program.host().clone_into(&mut writers.address);
    writers.look_it_up().await;
}
