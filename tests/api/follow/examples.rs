//! The example followers against a real server, killed repeatedly: each change is one line, once, in order.

use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::{head, publish};
use crate::database;
use crate::kill::{start, tokens};
use crate::{installed, transcript};

/// Number of times that each follower is killed.
const KILLS: usize = 6;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/follow")
}

fn is_there(program: &str) -> bool {
    let asked = Command::new(program).arg("--version").output();
    let is_there = asked.is_ok_and(|output| output.status.success());
    let required = std::env::var_os("CYBERPROFILES_REQUIRE_SERVICES").is_some();
    assert!(
        is_there || !required,
        "{program} is required and not installed"
    );
    if !is_there {
        // Written to standard error directly, because the test harness captures printed text.
        let _ = writeln!(std::io::stderr(), "skipped: {program} is not installed");
    }
    is_there
}

/// Sequence number of the change in a line; `None` for a line that only names the position to start from.
fn number(line: &str) -> Option<i64> {
    let line: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
    let whole = line["data"]["changes"]["sequence"].as_i64();
    whole.or(line["sequence"].as_i64())
}

/// Runs a follower beside a writer, and kills it with all its child processes at random moments.
async fn survives(name: &str, follower: impl Fn(&str, &Path) -> Command) {
    let kept = tempfile::tempdir().unwrap();
    let url = database::seeded(kept.path()).await;
    let tokens = tokens(&url).await;
    let server = start(&url);
    let address = format!("http://{}/graphql", server.host());
    let file = kept.path().join("changes.jsonl");
    let begin = || -> Child {
        let mut command = follower(&address, &file);
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command.process_group(0).spawn().unwrap()
    };
    let end = |mut child: Child| {
        let group = format!("-{}", child.id());
        let killed = Command::new("kill").args(["-KILL", "--", &group]).status();
        assert!(killed.unwrap().success());
        child.wait().unwrap();
    };
    let size = || std::fs::metadata(&file).map_or(0, |file| file.len());
    let lines = || -> Vec<i64> {
        let text = std::fs::read_to_string(&file).unwrap_or_default();
        // The last line may be incomplete.
        let whole = text.rfind('\n').map_or("", |end| &text[..end]);
        whole
            .lines()
            .filter(|line| !line.is_empty())
            .filter_map(number)
            .collect()
    };
    for round in 0..KILLS {
        let before = size();
        let child = begin();
        let begun = Instant::now();
        let mut written = 0;
        // It is killed after the first line it writes, and later in each further round.
        let mut after = 0;
        while after <= round {
            assert!(
                begun.elapsed() < Duration::from_mins(5),
                "{name} wrote nothing"
            );
            after += usize::from(size() > before);
            publish(server.host(), &tokens, &format!("{name}-{round}-{written}")).await;
            written += 1;
        }
        end(child);
    }
    let child = begin();
    let last = head(server.host()).await;
    let begun = Instant::now();
    let mut had = 0;
    loop {
        // The file is read again only after it has grown.
        if size() > had {
            had = size();
            let found = lines().len();
            if i64::try_from(found).unwrap() >= last {
                break;
            }
            assert!(
                begun.elapsed() < Duration::from_mins(5),
                "{name}: {found} of {last}"
            );
        }
        assert!(
            begun.elapsed() < Duration::from_mins(5),
            "{name} makes no progress"
        );
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    end(child);
    let expected: Vec<i64> = (1..=last).collect();
    assert_eq!(lines(), expected, "{name}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_shell_follower_continues_without_loss_after_being_killed() {
    if !transcript::is_tried_once() || !is_there("curl") {
        return;
    }
    survives("shell", |address, file| {
        let mut command = Command::new(folder().join("follow.sh"));
        command.arg(address).arg(file);
        command
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_typescript_followers_continue_without_loss_after_being_killed() {
    if !transcript::is_tried_once() || !is_there("npm") {
        return;
    }
    installed::npm(&folder());
    installed::done(
        Command::new("npm")
            .args(["run", "build"])
            .current_dir(folder()),
    );
    for way in ["ws", "sse"] {
        survives(way, |address, file| {
            let mut command = Command::new("node");
            command
                .arg(folder().join("dist/follow.js"))
                .arg(way)
                .arg(address)
                .arg(file);
            command
        })
        .await;
    }
}
