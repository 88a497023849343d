//! The whole suite on PostgreSQL in addition to the run on SQLite: the same tests, and the same answers byte for byte.
//!
//! A run of all tests stores its answers in memory. One of its tests starts a second run, on PostgreSQL, and compares
//! the answers. If the first run omits tests or has one thread, which must not wait for itself, that test starts a
//! complete run on SQLite too.

use std::collections::BTreeMap;
use std::fmt;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use crate::database::is_postgresql;
use crate::postgresql::Server;
use crate::transcript;

/// Tests in which chance decides the order of writes, and so the answers. Each entry is the beginning of a name.
const RACES: [&str; 7] = [
    "integrity-an_export_and_the_changes_after_it_sum_to_the_state_digest_beside_writers",
    "kill-",
    "mirror-a_mirror_ends_equal_to_the_database_beside_busy_writers",
    "moment-no_answer_mixes_two_versions_beside_a_busy_writer",
    "race-",
    "shared_commit-",
    "tip-max_tips_per_hour_and_max_proposals_per_second_are_enforced",
];

/// Output of a failed run. It is an error rather than a panic, so that no backtrace of this test follows it.
struct Failed(String);

impl fmt::Debug for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Number of tests that run at the same time in the second run. Many of them wait for a disk or another program.
const THREADS: &str = "4";

/// True if this is a run of all tests on SQLite whose answers are compared with those of a second run.
pub fn is_first() -> bool {
    static IS_FIRST: LazyLock<bool> = LazyLock::new(|| {
        let runs_all = threads(std::env::args().skip(1)).is_some_and(|threads| threads > 1);
        runs_all && transcript::folder().is_none() && !is_postgresql() && Server::is_possible()
    });
    *IS_FIRST
}

/// Number of test threads from the arguments of a test program; `None` if they select or omit tests.
fn threads(mut arguments: impl Iterator<Item = String>) -> Option<usize> {
    let usual = || std::thread::available_parallelism().map_or(1, usize::from);
    let asked = std::env::var("RUST_TEST_THREADS").ok();
    let mut threads = asked
        .and_then(|asked| asked.parse().ok())
        .unwrap_or_else(usual);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--skip" | "--exact" | "--ignored" | "--list" => return None,
            "--test-threads" => threads = arguments.next()?.parse().ok()?,
            "--format" | "--color" | "--logfile" | "--shuffle-seed" | "-Z" => {
                arguments.next()?;
            }
            option => match option.strip_prefix("--test-threads=") {
                Some(number) => threads = number.parse().ok()?,
                None if option.starts_with("--skip=") || !option.starts_with('-') => return None,
                None => {}
            },
        }
    }
    Some(threads)
}

#[test]
fn a_run_of_some_tests_or_one_thread_is_not_compared_itself() {
    let threads = |arguments: &str| threads(arguments.split_whitespace().map(str::to_owned));
    for (arguments, expected) in [
        ("--test-threads 3 --nocapture", Some(3)),
        ("--test-threads=1 --color never", Some(1)),
        ("treaty", None),
        ("--test-threads 3 treaty::", None),
        ("--skip race", None),
        ("--skip=race", None),
        ("--exact --nocapture suite::a", None),
    ] {
        assert_eq!(threads(arguments), expected, "{arguments}");
    }
    assert!(threads("--quiet").is_some());
}

/// Runs every other test of this program on a database. Returns its queries and answers by test.
fn run(database: &str) -> Result<BTreeMap<String, Vec<String>>, Failed> {
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--skip", "suite::", "--test-threads", THREADS])
        .env("CYBERPROFILES_TEST_DATABASE", database)
        .env("CYBERPROFILES_TEST_TRANSCRIPT", folder.path())
        .env("INSTA_UPDATE", "no")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    if !output.status.success() {
        let report = String::from_utf8_lossy(&output.stdout);
        let errors = String::from_utf8_lossy(&output.stderr);
        let why = why(&report).unwrap_or_else(|| format!("{}\n{}", last(&report), last(&errors)));
        // The reason comes last, because readers look at the end of a log.
        return Err(Failed(format!(
            "the suite on {database}:\n{report}\n{errors}\nthe suite on {database} failed ({}):\n{why}",
            output.status
        )));
    }
    Ok(transcripts(folder.path()))
}

/// Most lines that are repeated of one failed test.
const LINES: usize = 12;
/// Most characters of each line.
const WIDTH: usize = 300;

/// Failed tests in the output of a test program, each with its panic and without a backtrace; `None` if it names none.
fn why(output: &str) -> Option<String> {
    let (_, sections) = output.split_once("\nfailures:\n")?;
    let (sections, _) = sections.split_once("\nfailures:\n")?;
    let mut report = Vec::new();
    for section in sections.split("\n---- ").skip(1) {
        let (name, said) = section.split_once(" stdout ----")?;
        report.push(format!("{name}:"));
        let mut is_backtrace = false;
        let lines = said.lines().filter(|line| {
            is_backtrace = match *line {
                "stack backtrace:" => true,
                line if line.starts_with("note: ") => true,
                line => is_backtrace && line.starts_with(' '),
            };
            !is_backtrace && !line.is_empty()
        });
        let lines: Vec<&str> = lines.collect();
        let panic = lines
            .iter()
            .position(|line| line.contains("' panicked at ") || line.contains(") panicked at "));
        let begin = panic.unwrap_or_else(|| lines.len().saturating_sub(LINES));
        report.extend(lines[begin..].iter().take(LINES).map(|line| short(line)));
    }
    (!report.is_empty()).then(|| report.join("\n"))
}

/// Last lines of a text.
fn last(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(short).collect();
    lines[lines.len().saturating_sub(LINES)..].join("\n")
}

fn short(line: &str) -> String {
    line.chars().take(WIDTH).collect()
}

fn transcripts(folder: &Path) -> BTreeMap<String, Vec<String>> {
    let files = std::fs::read_dir(folder).unwrap().map(Result::unwrap);
    files
        .map(|file| {
            let text = std::fs::read_to_string(file.path()).unwrap();
            let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
            // Tests with concurrent queries log them in any order.
            lines.sort_unstable();
            (file.file_name().into_string().unwrap(), lines)
        })
        .collect()
}

/// Queries and answers of this run, which is on SQLite, by test.
fn first(second: &BTreeMap<String, Vec<String>>) -> Result<BTreeMap<String, Vec<String>>, Failed> {
    let tests = transcript::once_over(second.keys()).map_err(Failed)?;
    let compared = tests.into_iter().filter(|(_, test)| !test.is_enough_once);
    let sorted = compared.map(|(name, mut test)| {
        test.answers.sort_unstable();
        (name, test.answers)
    });
    Ok(sorted.collect())
}

#[test]
fn every_test_passes_on_postgresql_with_the_answers_of_sqlite() -> Result<(), Failed> {
    if is_postgresql() {
        return Ok(());
    }
    if !Server::is_possible() {
        assert!(
            std::env::var_os("CYBERPROFILES_REQUIRE_SERVICES").is_none(),
            "PostgreSQL is required and not installed"
        );
        // Written to standard error directly, because the test harness captures printed text.
        let _ = writeln!(
            std::io::stderr(),
            "skipped: PostgreSQL (initdb) is not installed"
        );
        return Ok(());
    }
    let postgresql = run("postgresql")?;
    let sqlite = if is_first() {
        first(&postgresql)?
    } else {
        run("sqlite")?
    };
    let mut answers = 0;
    let mut differing = Vec::new();
    // A test without queries on SQLite is for PostgreSQL only.
    let comparable = sqlite.iter().filter(|(test, expected)| {
        !expected.is_empty() && !RACES.iter().any(|race| test.starts_with(race))
    });
    for (test, expected) in comparable {
        let given = postgresql.get(test).map_or(&[][..], Vec::as_slice);
        for (one, other) in expected.iter().zip(given) {
            if one != other {
                differing.push(format!("{test}:\n{one}\n{other}"));
            }
        }
        if expected.len() != given.len() {
            let (expected, given) = (expected.len(), given.len());
            differing.push(format!(
                "{test}: {expected} answers on SQLite, {given} on PostgreSQL"
            ));
        }
        answers += expected.len();
    }
    assert!(differing.is_empty(), "{}", differing.join("\n"));
    assert!(answers > 200, "{answers}");
    Ok(())
}

#[test]
fn a_failed_run_ends_with_the_failed_tests_and_their_panics() {
    let long = "x".repeat(10_000);
    let output = format!(
        "running 3 tests\ntest a::one ... FAILED\n\nfailures:\n\n---- a::one stdout ----\nprinted before\n\n\
         thread 'a::one' (7) panicked at tests/api/a.rs:3:9:\nassertion failed: {long}\n\n  left: 1\n\
         stack backtrace:\n   0: rust_begin_unwind\n             at ./library/std.rs:1:2\n\
         note: Some details are omitted, run with `RUST_BACKTRACE=full` for a verbose backtrace.\n\n\
         ---- b::two stdout ----\nError: no panic\n\n\nfailures:\n    a::one\n    b::two\n\n\
         test result: FAILED. 1 passed; 2 failed\n"
    );
    let report = format!(
        "a::one:\nthread 'a::one' (7) panicked at tests/api/a.rs:3:9:\n{}\n  left: 1\nb::two:\nError: no panic",
        short(&format!("assertion failed: {long}"))
    );
    assert_eq!(why(&output), Some(report));
    assert_eq!(why("killed"), None);
}
