//! Checks that every acknowledged write is there, and nothing by halves.

use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::ledger::{Acknowledged, Ledger};
use crate::program::Program;

/// Longest time until every writer succeeds again after a fault is repaired.
const RECOVERY_TIMEOUT: Duration = Duration::from_secs(20);
/// Number of objects per query.
const PAGE: usize = 100;

/// Waits until every writer has succeeded without a restart and the program reports that it is ready.
pub async fn goes_on(program: &Program, ledger: &Ledger) {
    let before = ledger.acknowledged();
    let begun = Instant::now();
    loop {
        let now = ledger.acknowledged();
        let ready = reqwest::get(format!("{}/readyz", program.address())).await;
        let is_ready = ready.is_ok_and(|ready| ready.status().is_success());
        if is_ready && now.iter().zip(before).all(|(now, before)| *now > before) {
            return;
        }
        if begun.elapsed() > RECOVERY_TIMEOUT {
            let message =
                format!("the writers do not recover: ready {is_ready}, {before:?} to {now:?}");
            ledger.wrong(message);
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn asked(program: &Program, token: &str, query: &str, variables: Value) -> Value {
    for _ in 0..100 {
        if let Some(data) = program.ask(token, query, variables.clone()).await {
            return data;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the query is not answered: {query} {variables}");
}

/// Looks up every write acknowledged since the last look, and notes each that is missing.
pub async fn of_what_was_acknowledged(program: &Program, tokens: &[String; 2], ledger: &Ledger) {
    let (unproven, accepted) = {
        let mut known = ledger.known();
        (std::mem::take(&mut known.unproven), known.accepted.clone())
    };
    let query = "query($ids: [ID!]!) { nodes(ids: $ids) { ... on Contribution { id state } } }";
    for some in unproven.chunks(PAGE) {
        let data = asked(program, &tokens[1], query, json!({ "ids": some })).await;
        for (id, found) in some.iter().zip(data["nodes"].as_array().unwrap()) {
            if found["id"] != json!(id) {
                ledger.wrong(format!("the write {id} was acknowledged and is lost"));
            } else if accepted.contains(id) && found["state"] != "ACCEPTED" {
                ledger.wrong(format!(
                    "the acceptance of {id} was acknowledged and is lost"
                ));
            }
            ledger.count("looked up");
        }
    }
}

/// Checks the whole database: everything in it was sent, is there once and complete, and every acknowledged write is in
/// it.
pub async fn of_everything(program: &Program, tokens: &[String; 2], ledger: &Ledger) {
    let (lines, verified) = log(program, tokens, ledger).await;
    let found = contributions(program, tokens, ledger).await;
    let mut wrong = compared(&ledger.known(), &lines, &verified, &found);
    let keys: Vec<String> = found
        .iter()
        .filter(|(_, (_, state))| state == "ACCEPTED")
        .flat_map(|(key, _)| ["a", "b"].map(|part| format!("Source:{key}-{part}")))
        .collect();
    let query = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }";
    for some in keys.chunks(PAGE) {
        let data = asked(program, &tokens[1], query, json!({ "ids": some })).await;
        for (id, found) in some.iter().zip(data["nodes"].as_array().unwrap()) {
            if found.is_null() {
                wrong.push(format!("{id} is in the log but the record is missing"));
            }
        }
    }
    for one in wrong {
        ledger.wrong(one);
    }
}

/// Compares the database with the acknowledgements, and names each difference.
fn compared(
    known: &Acknowledged,
    lines: &Lines,
    verified: &HashMap<String, usize>,
    found: &BTreeMap<String, (String, String)>,
) -> Vec<String> {
    let mut wrong = Vec::new();
    for (acknowledged, what) in [(&known.created, "contribution"), (&known.sent, "tip")] {
        for (key, id) in acknowledged {
            match found.get(key) {
                Some((there, _)) if there == id => {}
                Some((there, _)) => wrong.push(format!("{what} {key} is {there}, not {id}")),
                None => wrong.push(format!("{what} {key} is lost")),
            }
        }
    }
    let mut accepted = 0;
    for (id, state) in found.values() {
        let changes = lines.get(id).map_or(&[][..], Vec::as_slice);
        let is_accepted = state == "ACCEPTED";
        let expected: &[i64] = if is_accepted { &[0, 1] } else { &[] };
        if changes != expected {
            wrong.push(format!("{id} is {state} and has the changes {changes:?}"));
        }
        if known.accepted.contains(id) && !is_accepted {
            wrong.push(format!("the acceptance of {id} is lost"));
        }
        accepted += usize::from(is_accepted);
    }
    if lines.len() != accepted {
        let message = format!(
            "{} contributions are in the log, {accepted} are accepted",
            lines.len()
        );
        wrong.push(message);
    }
    for (record, (done, unanswered)) in &known.verified {
        let there = verified.get(record).copied().unwrap_or_default();
        if there < *done || there > done + unanswered {
            wrong.push(format!(
                "{record}: {done} verifications were acknowledged, {unanswered} not answered, {there} are there"
            ));
        }
    }
    wrong
}

type Lines = HashMap<String, Vec<i64>>;

/// Reads the log. Returns for each contribution the positions of its changes in the commit, and for each record the
/// number of its verifications. Checks that sequence numbers have no gaps.
async fn log(
    program: &Program,
    tokens: &[String; 2],
    ledger: &Ledger,
) -> (Lines, HashMap<String, usize>) {
    let (mut lines, mut verified) = (Lines::new(), HashMap::new());
    let (mut after, mut last) = (Value::Null, 0);
    let query = "query($after: Cursor) { changes(first: 100, after: $after) { nodes {
        cursor sequence operation recordId transaction { index } contribution { id } }
        pageInfo { hasNextPage } } }";
    loop {
        let data = asked(program, &tokens[1], query, json!({ "after": after })).await;
        let page = &data["changes"];
        for one in page["nodes"].as_array().unwrap() {
            last += 1;
            if one["sequence"] != last {
                ledger.wrong(format!(
                    "the log continues with {} instead of {last}",
                    one["sequence"]
                ));
                last = one["sequence"].as_i64().unwrap();
            }
            after = one["cursor"].clone();
            if let Some(id) = one["contribution"]["id"].as_str() {
                let index = one["transaction"]["index"].as_i64().unwrap();
                lines.entry(id.to_owned()).or_default().push(index);
            }
            if one["operation"] == "VERIFY" {
                let record = one["recordId"].as_str().unwrap().to_owned();
                *verified.entry(record).or_default() += 1;
            }
        }
        if page["pageInfo"]["hasNextPage"] == false {
            return (lines, verified);
        }
    }
}

/// Reads the id and state of each contribution, by its key.
async fn contributions(
    program: &Program,
    tokens: &[String; 2],
    ledger: &Ledger,
) -> BTreeMap<String, (String, String)> {
    let mut found = BTreeMap::new();
    let mut after = Value::Null;
    let query = "query($after: String) { contributions(first: 100, after: $after) {
        nodes { id state title message } pageInfo { hasNextPage endCursor } } }";
    loop {
        let data = asked(program, &tokens[1], query, json!({ "after": after })).await;
        let page = &data["contributions"];
        for one in page["nodes"].as_array().unwrap() {
            let text = |name: &str| one[name].as_str().map(str::to_owned);
            let key = text("message").or(text("title")).unwrap();
            let (id, state) = (text("id").unwrap(), text("state").unwrap());
            if found.insert(key.clone(), (id, state)).is_some() {
                ledger.wrong(format!("the contribution {key} exists twice"));
            }
        }
        if page["pageInfo"]["hasNextPage"] == false {
            return found;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
}
