//! The whole suite again on PostgreSQL: the same tests, and the same answers byte for byte.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::database::{Server, is_postgresql};

/// Tests in which chance decides who comes first, and so what is answered; by the beginning of their names.
const RACES: [&str; 5] = [
    "kill-",
    "mirror-a_mirror_ends_equal_however_busy_the_writers_were",
    "moment-beside_a_busy_writer_no_answer_mixes_two_versions",
    "race-",
    "tip-one_address_sends_so_many_and_one_person_so_many",
];

/// Runs every other test of this program on a database, and gives what was asked and answered by test.
fn run(database: &str) -> BTreeMap<String, Vec<String>> {
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--skip", "suite::", "--test-threads", "2"])
        .env("CYBERPROFILES_TEST_DATABASE", database)
        .env("CYBERPROFILES_TEST_TRANSCRIPT", folder.path())
        .env("INSTA_UPDATE", "no")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "the suite on {database}:\n{}\n{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    transcripts(folder.path())
}

fn transcripts(folder: &Path) -> BTreeMap<String, Vec<String>> {
    let files = std::fs::read_dir(folder).unwrap().map(Result::unwrap);
    files
        .map(|file| {
            let text = std::fs::read_to_string(file.path()).unwrap();
            let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
            // Tests that ask side by side do so in any order.
            lines.sort_unstable();
            (file.file_name().into_string().unwrap(), lines)
        })
        .collect()
}

#[test]
fn postgresql_passes_every_test_and_gives_every_answer_of_sqlite() {
    if is_postgresql() {
        return;
    }
    if !Server::is_possible() {
        assert!(
            std::env::var_os("CYBERPROFILES_REQUIRE_SERVICES").is_none(),
            "PostgreSQL is required and not installed"
        );
        // Written past the harness, which would keep it to itself.
        let _ = writeln!(
            std::io::stderr(),
            "skipped: PostgreSQL (initdb) is not installed"
        );
        return;
    }
    let [sqlite, postgresql] = ["sqlite", "postgresql"].map(run);
    let mut answers = 0;
    let mut differing = Vec::new();
    let comparable = sqlite
        .iter()
        .filter(|(test, _)| !RACES.iter().any(|race| test.starts_with(race)));
    for (test, expected) in comparable {
        let given = postgresql.get(test).map_or(&[][..], Vec::as_slice);
        for (one, other) in expected.iter().zip(given) {
            if one != other {
                differing.push(format!("{test}:\n{one}\n{other}"));
            }
        }
        assert_eq!(expected.len(), given.len(), "{test}");
        answers += expected.len();
    }
    assert!(differing.is_empty(), "{}", differing.join("\n"));
    assert!(answers > 200, "{answers}");
}
