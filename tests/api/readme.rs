//! Runs the queries and commands of the pages and compares the results with those that the pages print.
//!
//! The pages are `README.md`, `CONTRIBUTING.md` and each `docs/*.md`. A `graphql` block is a query; the `json` block
//! behind it is its response. An `sh` block that begins with `$ ` is a transcript: `$ ` begins a command, an indented
//! line continues it, and other lines are its output. One shell runs all transcripts of a page. One server takes the
//! place of `localhost:8000` meanwhile. Any other `sh` block is for an operator: the program must accept each of its
//! command lines in it.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use clap::Args;
use cyberprofiles::config::Config;
use serde_json::Value;

use crate::database;
use crate::harness::Api;
use crate::kill::start;
use crate::program::program;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The pages: path and text.
fn pages() -> Vec<(String, String)> {
    let docs = std::fs::read_dir(root().join("docs")).unwrap();
    let mut files = vec![root().join("README.md"), root().join("CONTRIBUTING.md")];
    files.extend(docs.map(|file| file.unwrap().path()));
    files.retain(|file| file.extension().is_some_and(|extension| extension == "md"));
    files.sort();
    let read = |file: &Path| std::fs::read_to_string(file).unwrap();
    let pages = files.iter();
    pages
        .map(|file| (file.display().to_string(), read(file)))
        .collect()
}

/// The `sh` blocks of a page.
fn shell_blocks(page: &str) -> impl Iterator<Item = &str> {
    let blocks = page.split("\n```sh\n").skip(1);
    blocks.filter_map(|block| block.split("```").next())
}

#[tokio::test]
async fn every_query_of_the_pages_has_the_response_that_is_printed_behind_it() {
    let api = Api::seeded().await;
    let mut run = 0;
    for (name, page) in pages() {
        for block in page.split("```graphql\n").skip(1) {
            let (query, rest) = block
                .split_once("```\n```json\n")
                .unwrap_or_else(|| panic!("{name}: a query without a response: {block}"));
            let (printed, _) = rest.split_once("```").unwrap();
            let printed: Value = serde_json::from_str(printed).unwrap();
            assert_eq!(api.query(query).await, printed["data"], "{name}: {query}");
            run += 1;
        }
    }
    assert!(run >= 10, "{run}");
}

/// A command of a transcript, and the output that the page prints.
struct Step {
    command: String,
    printed: String,
}

/// The steps of all transcripts of a page.
fn steps(page: &str) -> Vec<Step> {
    let transcripts = shell_blocks(page).filter(|block| block.starts_with("$ "));
    let mut steps: Vec<Step> = Vec::new();
    for line in transcripts.flat_map(str::lines) {
        if let Some(command) = line.strip_prefix("$ ") {
            steps.push(Step {
                command: command.to_owned(),
                printed: String::new(),
            });
            continue;
        }
        let step = steps.last_mut().unwrap();
        let text = if line.starts_with(' ') {
            &mut step.command
        } else {
            &mut step.printed
        };
        text.push('\n');
        text.push_str(line);
    }
    steps
}

/// The line that marks the end of the output of a command.
const END: &str = "--- end of output";

/// A shell in a folder, with the program on its path.
struct Shell {
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Shell {
    /// Starts a shell whose commands use a database.
    fn start(folder: &Path, database: &str) -> Self {
        let program = Path::new(env!("CARGO_BIN_EXE_cyberprofiles"));
        let path = std::env::var("PATH").unwrap();
        let path = format!("{}:{path}", program.parent().unwrap().display());
        let mut process = Command::new("bash")
            .current_dir(folder)
            .env_clear()
            .env("PATH", path)
            .env("CYBERPROFILES_DATABASE_URL", database)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let input = process.stdin.take().unwrap();
        let output = BufReader::new(process.stdout.take().unwrap());
        Self {
            process,
            input,
            output,
        }
    }

    /// Runs a command; its standard output.
    fn run(&mut self, command: &str) -> String {
        writeln!(self.input, "{command}\nprintf '\\n{END}\\n'").unwrap();
        let mut output = String::new();
        loop {
            let mut line = String::new();
            let read = self.output.read_line(&mut line).unwrap();
            if read == 0 || line.trim_end() == END {
                return output.trim().to_owned();
            }
            output.push_str(&line);
        }
    }
}

impl Drop for Shell {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// True for a cursor of the log.
fn is_cursor(word: &str) -> bool {
    let mut letters = word.chars();
    let is_mixed = letters.any(|letter| letter.is_ascii_uppercase())
        && word.chars().any(|letter| letter.is_ascii_lowercase());
    word.len() == 27 && is_mixed
}

/// True for the random part of an id.
fn is_random(word: &str) -> bool {
    word.len() == 32 && word.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The words of a text that differ from run to run.
fn varying(text: &str) -> Vec<&str> {
    let words =
        text.split(|letter: char| !letter.is_ascii_alphanumeric() && !"-_".contains(letter));
    words
        .filter(|word| is_cursor(word) || is_random(word))
        .collect()
}

/// A text of a page with the words of this run in place of those that the page prints.
fn as_in_this_run(text: &str, words: &BTreeMap<String, String>) -> String {
    let words = words.iter();
    words.fold(text.to_owned(), |text, (printed, real)| {
        text.replace(printed, real)
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn every_transcript_of_the_pages_prints_the_output_of_the_program() {
    let curl = Command::new("curl").arg("--version").output();
    if !curl.is_ok_and(|output| output.status.success()) {
        let is_required = std::env::var_os("CYBERPROFILES_REQUIRE_SERVICES").is_some();
        assert!(!is_required, "curl is needed to run the transcripts");
        // Written past the harness, which would keep it to itself.
        let _ = writeln!(std::io::stderr(), "skipped: curl is not installed");
        return;
    }
    let mut run = 0;
    for (name, page) in pages() {
        let steps = steps(&page);
        if steps.is_empty() {
            continue;
        }
        let folder = tempfile::tempdir().unwrap();
        let examples = folder.path().join("examples");
        std::os::unix::fs::symlink(root().join("examples"), examples).unwrap();
        let url = database::seeded(folder.path()).await;
        let server = start(&url);
        let mut shell = Shell::start(folder.path(), &url);
        let mut words = BTreeMap::new();
        for Step { command, printed } in steps {
            let here = command.replace("localhost:8000", server.host());
            let output = shell.run(&as_in_this_run(&here, &words));
            let pairs = varying(&printed).into_iter().zip(varying(&output));
            words.extend(pairs.map(|(printed, real)| (printed.to_owned(), real.to_owned())));
            let expected = as_in_this_run(printed.trim(), &words);
            assert_eq!(output, expected, "{name}: {command}");
            run += 1;
        }
    }
    assert!(run >= 20, "{run}");
}

/// The arguments of the program in a line of a shell; `None` where the line does not run it.
fn arguments(line: &str) -> Option<Vec<&str>> {
    let (before, after) = line.rsplit_once("cyberprofiles ")?;
    let last = before.trim_end().rsplit(' ').next()?;
    let runs = ["", "$", "sudo", "node", "cyberprofiles"].contains(&last) || last.ends_with("$(");
    let words = after
        .split(|letter: char| ";|&>#)".contains(letter))
        .next()?;
    let words = words.split_whitespace().filter(|word| *word != "\\");
    runs.then(|| words.collect())
}

#[test]
fn the_program_accepts_every_command_line_of_the_pages() {
    let folder = tempfile::tempdir().unwrap();
    let mut tried = 0;
    for (name, page) in pages() {
        for line in shell_blocks(&page).flat_map(str::lines) {
            let Some(arguments) = arguments(line) else {
                continue;
            };
            // With `--help` nothing is executed, and an argument that does not exist is still an error.
            let mut command = program(folder.path());
            let output = command.args(arguments).arg("--help").output().unwrap();
            let error = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{name}: {line}\n{error}");
            tried += 1;
        }
    }
    assert!(tried >= 10, "{tried}");
}

#[test]
fn the_page_for_operators_lists_every_setting_as_the_help_does() {
    let page = std::fs::read_to_string(root().join("docs/operating.md")).unwrap();
    let (_, table) = page.split_once("<!-- settings: begin -->").unwrap();
    let (table, _) = table.split_once("<!-- settings: end -->").unwrap();
    let rows: Vec<String> = table
        .lines()
        .filter(|line| line.starts_with("| `--"))
        .map(|line| line.replace('`', ""))
        .collect();
    let command = Config::augment_args(clap::Command::new("settings"));
    let mut settings = 0;
    for setting in command.get_arguments() {
        let Some(flag) = setting.get_long() else {
            continue;
        };
        let variable = setting.get_env().unwrap().to_str().unwrap();
        let begin = format!("| --{flag} | {variable} | ");
        let row = rows.iter().find(|row| row.starts_with(&begin));
        let row = row.unwrap_or_else(|| panic!("no row begins with {begin}"));
        let help = setting.get_help().unwrap().to_string().replace('`', "");
        let cell = format!(" | {help}");
        assert!(row.contains(&cell), "{row}\nexpected: {help}");
        settings += 1;
    }
    assert_eq!(rows.len(), settings);
}
