//! Cached answers while others write: none is older than the sequence number that it contains, and none older than an
//! acknowledged write, on any instance.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::Value;

use crate::database;
use crate::harness::{Api, retitle};

/// The race goes on until this many versions, answers, and cached answers per instance are reached.
const VERSIONS: i32 = 100;
const ANSWERS: usize = 2_000;
const HITS: u64 = 100;
/// Longest duration of the race.
const RACE: Duration = Duration::from_mins(2);
const QUERY: &str = "{ head { sequence } treaty(reference: \"ETS 185\") { version shortTitle } }";

/// Sequence number and version in one answer.
async fn read(client: &reqwest::Client, address: &str) -> (i64, i64) {
    let request = client.get(format!("http://{address}/graphql"));
    let response = request.query(&[("query", QUERY)]).send().await.unwrap();
    let tag = response.headers()["etag"].to_str().unwrap().to_owned();
    let answer: Value = response.json().await.unwrap();
    let data = &answer["data"];
    let sequence = data["head"]["sequence"].as_i64().unwrap();
    assert!(tag.contains(&format!("-{sequence}-")), "{tag} {sequence}");
    let version = data["treaty"]["version"].as_i64().unwrap();
    if version > 1 {
        assert_eq!(data["treaty"]["shortTitle"], format!("Title {version}"));
    }
    (sequence, version)
}

#[tokio::test(flavor = "multi_thread")]
async fn no_cached_answer_is_older_than_its_sequence_number_or_an_acknowledged_write() {
    let folder = tempfile::tempdir().unwrap();
    let url = database::seeded(folder.path()).await;
    let nodes = [
        Api::builder().database(url.clone()).start().await,
        Api::builder().database(url).start().await,
    ];
    let done = Arc::new(AtomicBool::new(false));
    let acknowledged = Arc::new(AtomicI64::new(1));
    let answered = Arc::new(AtomicUsize::new(0));
    let readers: Vec<_> = (0..6)
        .map(|reader| {
            let address = nodes[reader % 2].address.clone();
            let (done, acknowledged) = (Arc::clone(&done), Arc::clone(&acknowledged));
            let answered = Arc::clone(&answered);
            tokio::spawn(async move {
                let client = crate::harness::client();
                let mut seen = Vec::new();
                while !done.load(Ordering::Relaxed) {
                    let at_least = acknowledged.load(Ordering::SeqCst);
                    let (sequence, version) = read(&client, &address).await;
                    assert!(
                        version >= at_least,
                        "{version} after {at_least} was acknowledged"
                    );
                    seen.push((sequence, version));
                    answered.fetch_add(1, Ordering::Relaxed);
                }
                seen
            })
        })
        .collect();
    let editors = [nodes[0].editor("eva").await, nodes[1].editor("erik").await];
    let begun = Instant::now();
    let mut version = 1;
    let is_decided = |version: i32| {
        let hits = |api: &Api| api.service.stats().responses.hits > HITS;
        version > VERSIONS && answered.load(Ordering::Relaxed) > ANSWERS && nodes.iter().all(hits)
    };
    while !is_decided(version) && begun.elapsed() < RACE {
        let editor = &editors[usize::try_from(version).unwrap() % 2];
        editor
            .publish(retitle(version, &format!("Title {}", version + 1)))
            .await;
        version += 1;
        acknowledged.store(version.into(), Ordering::SeqCst);
        // The pause is sometimes long enough that answers are cached, and sometimes not.
        tokio::time::sleep(Duration::from_millis(
            u64::try_from(version).unwrap() % 7 * 20,
        ))
        .await;
    }
    done.store(true, Ordering::Relaxed);
    let mut by_sequence: BTreeMap<i64, i64> = BTreeMap::new();
    let mut answers = 0;
    for reader in readers {
        for (sequence, version) in reader.await.unwrap() {
            // Answers with the same sequence number contain the same version.
            assert_eq!(*by_sequence.entry(sequence).or_insert(version), version);
            answers += 1;
        }
    }
    // A later sequence number has a later version: each commit adds one version.
    let versions: Vec<(i64, i64)> = by_sequence.into_iter().collect();
    for pair in versions.windows(2) {
        assert_eq!(pair[1].0 - pair[0].0, pair[1].1 - pair[0].1, "{pair:?}");
    }
    assert!(
        version > 50 && answers > 1_000,
        "{version} versions, {answers} answers"
    );
    let found: Vec<_> = nodes
        .iter()
        .map(|api| api.service.stats().responses)
        .collect();
    assert!(found.iter().all(|found| found.hits > 50), "{found:?}");
    let asked = nodes[0]
        .request(Method::GET, "/metrics")
        .send()
        .await
        .unwrap();
    assert!(
        asked
            .text()
            .await
            .unwrap()
            .contains("cyberprofiles_answer_cache_hits")
    );
}
