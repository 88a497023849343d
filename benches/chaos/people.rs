//! Four writers with one request at a time each, and one reader.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::ledger::Ledger;

/// Largest number of contributions that wait to be accepted.
const OPEN: usize = 50;

#[derive(Clone)]
struct Person {
    who: &'static str,
    client: reqwest::Client,
    address: String,
    token: Option<String>,
    ledger: Arc<Ledger>,
    ends: watch::Receiver<bool>,
}

/// The running writers and the reader.
pub struct People {
    ends: watch::Sender<bool>,
    all: JoinSet<()>,
}

impl People {
    /// Waits until each has finished its current work.
    pub async fn end(mut self) {
        self.ends.send_replace(true);
        while let Some(ended) = self.all.join_next().await {
            ended.unwrap();
        }
    }
}

pub fn begin(address: &str, tokens: &[String; 2], ledger: &Arc<Ledger>) -> People {
    let (ends, ended) = watch::channel(false);
    let person = |who, token: Option<&String>| Person {
        who,
        client: reqwest::Client::builder()
            .timeout(Duration::from_secs(30))
            .build()
            .unwrap(),
        address: address.to_owned(),
        token: token.cloned(),
        ledger: Arc::clone(ledger),
        ends: ended.clone(),
    };
    let mut all = JoinSet::new();
    all.spawn(person("creates", Some(&tokens[0])).create());
    all.spawn(person("tips", None).tip());
    all.spawn(person("accepts", Some(&tokens[1])).accept());
    all.spawn(person("verifies", Some(&tokens[1])).verify());
    all.spawn(person("reads", None).read());
    People { ends, all }
}

/// Outcome of a request.
enum Outcome {
    /// The response contains data.
    Done(Value),
    /// No response, or an error that leaves open if the write was done.
    Unanswered,
}

impl Person {
    fn goes_on(&self) -> bool {
        !*self.ends.borrow()
    }

    async fn pause(&self) {
        let wait = u64::try_from(crate::chance(20)).unwrap();
        tokio::time::sleep(Duration::from_millis(wait)).await;
    }

    async fn ask(&self, query: &str, input: &Value) -> Outcome {
        let body = json!({ "query": query, "variables": { "input": input } });
        let request = self.client.post(format!("{}/graphql", self.address));
        let mut request = request
            .header("accept", "application/graphql-response+json")
            .json(&body);
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        let Ok(response) = request.send().await else {
            self.ledger.count(&format!("{}: cut off", self.who));
            return Outcome::Unanswered;
        };
        let status = response.status().as_u16();
        let Ok(answer) = response.json::<Value>().await else {
            self.ledger.count(&format!("{}: cut off", self.who));
            return Outcome::Unanswered;
        };
        let Some(errors) = answer.get("errors") else {
            return Outcome::Done(answer["data"]["done"].clone());
        };
        let code = errors[0]["extensions"]["code"].as_str().unwrap_or("none");
        self.ledger.count(&format!("{}: {code} {status}", self.who));
        if !["UNAVAILABLE", "TIMEOUT"].contains(&code) || status != 503 {
            self.ledger
                .wrong(format!("{}: {status} {answer}", self.who));
        }
        Outcome::Unanswered
    }

    fn done(&self, id: &str) {
        self.ledger.count(&format!("{}: done", self.who));
        self.ledger.known().unproven.push(id.to_owned());
    }

    async fn create(self) {
        let query = "mutation($input: CreateContributionInput!) {
            done: createContribution(input: $input) { contribution { id } userErrors { message } } }";
        let mut number = 0;
        while self.goes_on() {
            if self.ledger.known().open.len() >= OPEN {
                self.pause().await;
                continue;
            }
            number += 1;
            let key = format!("key-{number}");
            let source = |part: &str| {
                json!({ "createSource": { "key": format!("{key}-{part}"),
                    "fields": { "kind": "NEWS", "title": format!("{key} {part}") } } })
            };
            let input = json!({ "title": key, "rationale": "So. ".repeat(crate::chance(500) + 1), "submit": true,
                "idempotencyKey": key, "changes": [source("a"), source("b")] });
            // An unanswered write is sent again with the same key until it is answered.
            while self.goes_on() {
                if let Outcome::Done(done) = self.ask(query, &input).await {
                    let Some(id) = done["contribution"]["id"].as_str() else {
                        self.ledger.wrong(format!("creates: {done}"));
                        break;
                    };
                    let mut known = self.ledger.known();
                    known.created.insert(key.clone(), id.to_owned());
                    known.open.push(id.to_owned());
                    drop(known);
                    self.done(id);
                    break;
                }
                self.pause().await;
            }
            self.pause().await;
        }
    }

    async fn tip(self) {
        let query = "mutation($input: SubmitTipInput!) {
            done: submitTip(input: $input) { contribution { id } userErrors { message } } }";
        let mut number = 0;
        while self.goes_on() {
            number += 1;
            let key = format!("tip-{number}");
            let input = json!({ "country": "AZ", "message": key, "idempotencyKey": key });
            while self.goes_on() {
                if let Outcome::Done(done) = self.ask(query, &input).await {
                    let Some(id) = done["contribution"]["id"].as_str() else {
                        self.ledger.wrong(format!("tips: {done}"));
                        break;
                    };
                    self.ledger.known().sent.insert(key.clone(), id.to_owned());
                    self.done(id);
                    break;
                }
                self.pause().await;
            }
            self.pause().await;
        }
    }

    async fn accept(self) {
        let query = "mutation($input: AcceptContributionInput!) {
            done: acceptContribution(input: $input) { contribution { state } userErrors { code message } } }";
        while self.goes_on() {
            let next = self.ledger.known().open.pop();
            let Some(id) = next else {
                self.pause().await;
                continue;
            };
            let input = json!({ "id": id, "revision": 1 });
            let mut was_unanswered = false;
            while self.goes_on() {
                match self.ask(query, &input).await {
                    Outcome::Done(done) => {
                        let is_accepted = done["contribution"]["state"] == "ACCEPTED";
                        let was_before =
                            was_unanswered && done["userErrors"][0]["code"] == "ILLEGAL_TRANSITION";
                        if is_accepted || was_before {
                            self.ledger.known().accepted.insert(id.clone());
                            self.done(&id);
                        } else {
                            self.ledger.wrong(format!("accepts: {done}"));
                        }
                        break;
                    }
                    Outcome::Unanswered => was_unanswered = true,
                }
                self.pause().await;
            }
            self.pause().await;
        }
    }

    fn verified(&self, record: String, is_done: bool) {
        let mut known = self.ledger.known();
        let counted = known.verified.entry(record).or_default();
        if is_done {
            counted.0 += 1;
            self.ledger.count("verifies: done");
        } else {
            counted.1 += 1;
        }
    }

    async fn verify(self) {
        let query = "mutation($input: VerifyRecordInput!) {
            done: verifyRecord(input: $input) { record { recordId } userErrors { message } } }";
        let codes = ["az", "fr", "de", "jp", "br", "ge", "am", "pt", "us", "za"];
        for number in 0.. {
            if !self.goes_on() {
                return;
            }
            let record = format!("Country:{}", codes[number % codes.len()]);
            let input = json!({ "id": record, "verifiedOn": "2026-01-10" });
            let came = self.ask(query, &input).await;
            let is_done = match came {
                Outcome::Done(done) if done["record"]["recordId"] == record => true,
                Outcome::Done(done) => {
                    self.ledger.wrong(format!("verifies: {done}"));
                    continue;
                }
                Outcome::Unanswered => false,
            };
            self.verified(record, is_done);
            self.pause().await;
        }
    }

    /// Reads the head of the log repeatedly; the sequence number must never decrease. On SQLite, reading works while
    /// writing does not.
    async fn read(self) {
        let query = "{ done: head { sequence } }";
        let mut reached = 0;
        while self.goes_on() {
            if let Outcome::Done(done) = self.ask(query, &json!({})).await {
                let sequence = done["sequence"].as_i64().unwrap_or(-1);
                if sequence < reached {
                    self.ledger.wrong(format!(
                        "the sequence number went back from {reached} to {sequence}"
                    ));
                }
                reached = sequence;
                self.ledger.count("reads: done");
            }
            self.pause().await;
        }
    }
}
