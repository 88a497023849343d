//! Eight people who write at the same time share commits. Each is answered as if they had written one after the other.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::harness::{Api, Person, bundled};

const WRITERS: usize = 8;
const ROUNDS: usize = 8;

/// Proposes a source twice at once with the same idempotency key, lets two editors accept it at once, and writes what is
/// refused. Returns the id of the contribution.
async fn round(author: &Person<'_>, editors: [&Person<'_>; 2], title: &str) -> String {
    let source = json!([{ "createSource": { "fields": { "kind": "NEWS", "title": title } } }]);
    let input = json!({ "title": title, "rationale": "It is so.", "changes": source, "submit": true,
        "idempotencyKey": title });
    let unknown = json!([{ "createTreatyEvent": { "fields": { "kind": "SIGNATURE", "date": "2020-01-01",
        "country": "ZZ", "treaty": "ETS 185" },
        "cite": [{ "source": "Source:coe-chart-185-2015" }] } }]);
    let (once, again, refused) = tokio::join!(
        author.create(input.clone()),
        author.create(input),
        author.propose(unknown)
    );
    let id = once["contribution"]["id"].as_str().unwrap().to_owned();
    assert_eq!(once["contribution"], again["contribution"]);
    assert_eq!(refused["userErrors"][0]["code"], "NOT_FOUND", "{refused}");
    let accept = json!({ "id": id, "revision": 1 });
    let accepts = || "acceptContribution";
    let (one, other, own) = tokio::join!(
        editors[0].outcome(accepts(), accept.clone()),
        editors[1].outcome(accepts(), accept.clone()),
        author.outcome(accepts(), accept)
    );
    let mut outcomes = [one, other];
    outcomes.sort();
    assert_eq!(outcomes, ["ACCEPTED", "ILLEGAL_TRANSITION"]);
    assert!(
        ["OWN_CONTRIBUTION", "ILLEGAL_TRANSITION"].contains(&own.as_str()),
        "{own}"
    );
    id
}

#[tokio::test(flavor = "multi_thread")]
async fn eight_writers_are_answered_as_if_one_by_one() {
    let api = Api::seeded().await;
    let (eva, otto) = (api.editor("eva").await, api.editor("otto").await);
    let writers = join_all((0..WRITERS).map(async |writer| {
        let author = api.editor(&format!("author-{writer}")).await;
        let mut ids = Vec::new();
        for number in 0..ROUNDS {
            ids.push(round(&author, [&eva, &otto], &format!("Source {writer} {number}")).await);
        }
        ids
    }));
    let told: BTreeSet<String> = writers.await.into_iter().flatten().collect();
    assert_eq!(told.len(), WRITERS * ROUNDS);
    let mut logged = Vec::new();
    let mut after = Value::Null;
    loop {
        let query = "query($after: Cursor) { changes(first: 100, after: $after, filter: { kinds: [SOURCE] }) {
            nodes { sequence contribution { id } } pageInfo { hasNextPage endCursor } } }";
        let answer = eva.ask(query, json!({ "after": after })).await.data();
        let page = &answer["changes"];
        logged.extend(
            page["nodes"]
                .as_array()
                .unwrap()
                .iter()
                .filter_map(|change| {
                    let id = change["contribution"]["id"].as_str()?.to_owned();
                    Some((change["sequence"].as_i64().unwrap(), id))
                }),
        );
        if page["pageInfo"]["hasNextPage"] == false {
            break;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
    // Each acceptance has one line, and the log has no gap.
    let sequences: Vec<i64> = logged.iter().map(|(sequence, _)| *sequence).collect();
    let first = bundled() + 1;
    let number = i64::try_from(WRITERS * ROUNDS).unwrap();
    assert_eq!(sequences, (first..first + number).collect::<Vec<_>>());
    let accepted: BTreeSet<String> = logged.into_iter().map(|(_, id)| id).collect();
    assert_eq!(accepted, told);
}
