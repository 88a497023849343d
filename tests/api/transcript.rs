//! Queries and answers of each test, stored so that two runs can be compared. Values that differ between runs are
//! replaced: instants, hashes of lines, random names, ports, and cursors that contain the database's id or a random name.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;
use std::sync::{Condvar, Mutex, MutexGuard};
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::Value;

use crate::suite;

/// Folder into which a run started by `suite.rs` writes a file for each test; `None` in other runs.
pub fn folder() -> Option<PathBuf> {
    std::env::var_os("CYBERPROFILES_TEST_TRANSCRIPT").map(PathBuf::from)
}

/// True if the answers of this run are compared with those of another.
pub fn is_compared() -> bool {
    folder().is_some() || suite::is_first()
}

/// One test of this run.
#[derive(Default)]
pub struct Transcript {
    pub answers: Vec<String>,
    /// The test does not depend on the database, so one run of it is sufficient.
    pub is_enough_once: bool,
    /// Number of running threads with the name of the test.
    running: usize,
}

impl Transcript {
    fn is_over(&self) -> bool {
        self.running == 0
    }
}

static TESTS: Mutex<BTreeMap<String, Transcript>> = Mutex::new(BTreeMap::new());
/// Signals that a test began or ended.
static TURN: Condvar = Condvar::new();

fn tests() -> MutexGuard<'static, BTreeMap<String, Transcript>> {
    TESTS.lock().unwrap()
}

/// Name of the test on this thread, in the form of a file name.
fn name() -> String {
    let thread = std::thread::current();
    thread.name().unwrap_or("unnamed").replace("::", "-")
}

/// A running test. It ends with its thread.
struct Running(String);

impl Running {
    fn begin() -> Self {
        let name = name();
        append(&name, "");
        tests().entry(name.clone()).or_default().running += 1;
        TURN.notify_all();
        Self(name)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(test) = tests().get_mut(&self.0) {
            test.running -= 1;
        }
        TURN.notify_all();
    }
}

/// Records that the test on this thread depends on the database.
pub fn begin() {
    thread_local!(static TEST: Running = Running::begin());
    TEST.with(|_| ());
}

/// Records that one run of the test on this thread is sufficient. True if this is the run in which it is executed.
pub fn is_tried_once() -> bool {
    if folder().is_some() {
        return false;
    }
    begin();
    tests().entry(name()).or_default().is_enough_once = true;
    true
}

/// Stores a query and its answer, under the name of the test.
pub fn write(query: &str, variables: &Value, answer: &Value) {
    if !is_compared() || query.trim_start().starts_with("mutation") {
        return;
    }
    begin();
    let line = serde_json::json!({ "query": same(query), "variables": lasting(variables), "answer": lasting(answer) });
    let line = line.to_string();
    if folder().is_some() {
        append(&name(), &format!("{line}\n"));
    } else {
        tests().entry(name()).or_default().answers.push(line);
    }
}

/// Appends to the file of a test, in runs that have files.
fn append(name: &str, text: &str) {
    let Some(folder) = folder() else { return };
    let file = std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(folder.join(name));
    file.unwrap().write_all(text.as_bytes()).unwrap();
}

/// Time without a beginning or end of any test, after which tests that never began are given up.
const QUIET: Duration = Duration::from_mins(2);

/// Waits until each of the named tests is over. Returns the tests of this run, or an error that names those that never
/// began.
pub fn once_over<'a>(
    names: impl Iterator<Item = &'a String>,
) -> Result<BTreeMap<String, Transcript>, String> {
    let mut open: Vec<&String> = names.collect();
    let mut transcripts = tests();
    loop {
        open.retain(|name| !transcripts.get(*name).is_some_and(Transcript::is_over));
        if open.is_empty() {
            return Ok(std::mem::take(&mut *transcripts));
        }
        let is_running = open.iter().any(|name| transcripts.contains_key(*name));
        let (tests, quiet) = TURN.wait_timeout(transcripts, QUIET).unwrap();
        transcripts = tests;
        if quiet.timed_out() && !is_running {
            return Err(format!("these were not run on SQLite: {open:?}"));
        }
    }
}

fn lasting(value: &Value) -> Value {
    match value {
        Value::Array(list) => list.iter().map(lasting).collect(),
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| {
                // A hash covers the instant of the commit.
                let is_hash = name == "hash" && value.is_string();
                let value = if is_hash {
                    "a hash".into()
                } else {
                    lasting(value)
                };
                (name.clone(), value)
            })
            .collect(),
        Value::String(text) => Value::from(same(text)),
        other => other.clone(),
    }
}

fn same(text: &str) -> String {
    if text.contains('"') {
        return text.split('"').map(same).collect::<Vec<_>>().join("\"");
    }
    if chrono::DateTime::parse_from_rfc3339(text).is_ok() {
        return "an instant".to_owned();
    }
    if let Some((before, after)) = text.split_once("127.0.0.1:") {
        let rest = after.trim_start_matches(|letter: char| letter.is_ascii_digit());
        return format!("{before}a server{rest}");
    }
    let mixed = |word: &str| {
        word.bytes().any(|byte| byte.is_ascii_uppercase())
            && word.bytes().any(|byte| byte.is_ascii_lowercase())
    };
    let cursor = |word: &str| word.len() == 27 && mixed(word);
    let ends = |letter: char| !letter.is_ascii_alphanumeric() && !"-_".contains(letter);
    let words = text.split_inclusive(ends).map(|word| {
        let bare = word.trim_end_matches(ends);
        if cursor(bare) || is_drawn(bare) || is_drawn_key(bare) {
            word.replace(bare, "…")
        } else {
            word.to_owned()
        }
    });
    words.collect()
}

/// True for a random name: the id of a contribution, a tip, a comment or a person.
fn is_drawn(word: &str) -> bool {
    word.len() == 32 && word.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// True for a cursor in a list that is ordered by random names.
fn is_drawn_key(word: &str) -> bool {
    let Ok(bytes) = BASE64_URL_SAFE_NO_PAD.decode(word) else {
        return false;
    };
    bytes
        .split(|byte| *byte == b'"')
        .any(|part| str::from_utf8(part).is_ok_and(is_drawn))
}

#[test]
fn a_cursor_with_a_random_name_is_the_same_in_each_run() {
    let cursor = |id: &str| BASE64_URL_SAFE_NO_PAD.encode(format!("hash[\"{id}\"]"));
    let of_a_treaty = cursor("ets-185");
    assert_eq!(same(&of_a_treaty), of_a_treaty);
    assert_eq!(same(&cursor("01a2293953707727ac7978444bca1f79")), "…");
}
