//! Backups that are made while people write.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{backed_up, content, count, export, new_file, other_kind, restored};
use crate::kill::{start, tokens};
use crate::{database, transcript};

/// Number of backups: the full number in runs that compare both databases.
fn backups() -> usize {
    if transcript::is_compared() { 20 } else { 6 }
}

/// Proposes and accepts sources until it is told to stop.
async fn write(
    address: String,
    tokens: [String; 2],
    name: String,
    stop: Arc<AtomicBool>,
    accepted: Arc<AtomicUsize>,
) {
    let client = crate::harness::client();
    let ask = async |token: &str, query: &str, input: Value| -> Value {
        let body = json!({ "query": query, "variables": { "input": input } });
        let request = client.post(format!("http://{address}/graphql"));
        let answer = request.bearer_auth(token).json(&body).send().await.unwrap();
        let answer: Value = answer.json().await.unwrap();
        assert!(answer.get("errors").is_none(), "{answer:#}");
        answer["data"]["done"].clone()
    };
    for number in 0.. {
        if stop.load(Ordering::Relaxed) {
            return;
        }
        let source = |part: &str| {
            json!({ "createSource": { "key": format!("{name}-{number}-{part}"),
                "fields": { "kind": "NEWS", "title": format!("{name} {number}") } } })
        };
        let input = json!({ "title": name, "rationale": "So.", "submit": true, "changes": [source("a"), source("b")] });
        let create = "mutation($input: CreateContributionInput!) {
            done: createContribution(input: $input) { contribution { id } userErrors { message } } }";
        let made = ask(&tokens[0], create, input).await;
        let input = json!({ "id": made["contribution"]["id"], "revision": 1 });
        let accept = "mutation($input: AcceptContributionInput!) {
            done: acceptContribution(input: $input) { contribution { state } userErrors { message } } }";
        let done = ask(&tokens[1], accept, input).await;
        assert_eq!(done["contribution"]["state"], "ACCEPTED", "{done:#}");
        accepted.fetch_add(1, Ordering::Relaxed);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_backup_made_under_load_is_restored_as_the_state_at_its_last_change() {
    let folder = tempfile::tempdir().unwrap();
    let url = database::seeded(folder.path()).await;
    let tokens = tokens(&url).await;
    let mut program = start(&url);
    let stop = Arc::new(AtomicBool::new(false));
    let accepted = Arc::new(AtomicUsize::new(0));
    let writers: Vec<_> = (0..2)
        .map(|writer| {
            let (address, tokens) = (program.host().to_owned(), tokens.clone());
            let (stop, accepted) = (Arc::clone(&stop), Arc::clone(&accepted));
            tokio::spawn(write(address, tokens, format!("w{writer}"), stop, accepted))
        })
        .collect();
    let mut made = Vec::new();
    let mut longest = Duration::ZERO;
    for number in 0..backups() {
        let before = accepted.load(Ordering::Relaxed);
        let (kept, file) = new_file("backup");
        let begun = Instant::now();
        let sequence = backed_up(&url, &file);
        longest = longest.max(begun.elapsed());
        let more = || accepted.load(Ordering::Relaxed) > before;
        let begun = Instant::now();
        while !more() {
            assert!(
                begun.elapsed() < Duration::from_mins(1),
                "writing goes on after backup {number}"
            );
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        made.push((kept, file, sequence));
    }
    stop.store(true, Ordering::Relaxed);
    for writer in writers {
        writer.await.unwrap();
    }
    program.stop();
    let sequences: Vec<i64> = made.iter().map(|(_, _, sequence)| *sequence).collect();
    assert!(
        sequences.is_sorted() && sequences[0] < *sequences.last().unwrap(),
        "{sequences:?}"
    );
    assert!(
        sequences
            .iter()
            .all(|sequence| (sequence - crate::harness::bundled()) % 2 == 0),
        "whole commits"
    );
    for (number, (kept, file, sequence)) in made.iter().enumerate() {
        let same = database::empty(kept.path()).await;
        // Every third one is restored into the other kind of database.
        let target = match number % 3 {
            0 => other_kind(kept.path()).await.unwrap_or(same),
            _ => same,
        };
        restored(file, &target);
        assert_eq!(count(&target, "change").await, *sequence);
        assert!(
            export(&target, None).await == export(&url, Some(*sequence)).await,
            "{number}"
        );
        let unfinished = "contribution WHERE state <> 'ACCEPTED'";
        assert!(count(&target, unfinished).await <= 2, "one of each writer");
        let both = "contribution WHERE id IN (SELECT contribution FROM change)";
        let accepted = count(&target, "contribution WHERE state = 'ACCEPTED'").await;
        assert_eq!(count(&target, both).await, accepted);
        assert_eq!(accepted, (sequence - crate::harness::bundled()) / 2);
        assert_eq!(content(&target, "token").await.len(), 2);
    }
}
