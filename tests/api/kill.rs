//! The program is killed repeatedly while people write: every acknowledged write is stored, once and complete.

use std::collections::{BTreeMap, HashMap};
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cyberprofiles::domain::viewer::Role;
use cyberprofiles::store::{Options, Store};
use serde_json::{Value, json};

use crate::harness::Api;
use crate::{database, transcript};

/// Number of times that the program is killed: the full number in runs that compare both databases.
fn rounds() -> usize {
    if transcript::is_compared() { 50 } else { 10 }
}

/// Number of people who write at the same time.
const WRITERS: usize = 4;

/// A server in a separate process.
pub struct Program {
    process: Child,
    address: String,
}

impl Program {
    /// Address on which it listens, host and port.
    pub fn host(&self) -> &str {
        self.address.strip_prefix("http://").unwrap()
    }

    /// Process id.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// Stops the process in order.
    pub fn stop(&mut self) {
        let signalled = Command::new("kill").arg(self.id().to_string()).status();
        assert!(signalled.unwrap().success());
        self.process.wait().unwrap();
    }

    /// Kills the process at once.
    pub fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Starts a server on a database.
pub fn start(url: &str) -> Program {
    start_with(url, &[])
}

/// Starts a server on a database, with more settings.
pub fn start_with(url: &str, settings: &[(&str, &str)]) -> Program {
    let mut process = Command::new(env!("CARGO_BIN_EXE_cyberprofiles"))
        .env_clear()
        .env("CYBERPROFILES_LISTEN", "127.0.0.1:0")
        .env("CYBERPROFILES_DATABASE_URL", url)
        .env("CYBERPROFILES_MAX_PROPOSALS_PER_SECOND", "1000000")
        .env("CYBERPROFILES_MAX_TIPS_PER_HOUR", "1000000000")
        .envs(settings.iter().copied())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut said = String::new();
    BufReader::new(process.stdout.as_mut().unwrap())
        .read_line(&mut said)
        .unwrap();
    let address = said.trim().strip_prefix("listening on ").unwrap();
    Program {
        address: address.to_owned(),
        process,
    }
}

/// Creates the tokens of a contributor and of an editor.
pub async fn tokens(url: &str) -> [String; 2] {
    let store = Store::open(url, &Options::default()).await.unwrap();
    let token = async |role, name: &str| {
        let made = store.create_token(role, name, Some(name), None);
        made.await.unwrap()
    };
    let tokens = [
        token(Role::Contributor, "carla").await,
        token(Role::Editor, "eva").await,
    ];
    store.close().await;
    tokens
}

/// Acknowledgements that the writers received.
#[derive(Default)]
struct Acknowledged {
    /// Contributions by their idempotency key.
    begun: HashMap<String, String>,
    /// Idempotency keys of requests without an answer: it is unknown if they were stored.
    unanswered: Vec<String>,
    /// Contributions whose acceptance was acknowledged.
    accepted: Vec<String>,
}

/// Two new sources, under an idempotency key.
fn proposal(key: &str) -> Value {
    let source = |part: &str| {
        json!({ "createSource": { "key": format!("{key}-{part}"),
            "fields": { "kind": "NEWS", "title": format!("{key} {part}") } } })
    };
    json!({ "title": key, "rationale": "So.", "submit": true, "idempotencyKey": key,
        "changes": [source("a"), source("b")] })
}

/// Proposes contributions, and has an editor accept them, until the program is killed.
async fn write(
    address: String,
    tokens: [String; 2],
    name: String,
    known: Arc<Mutex<Acknowledged>>,
) {
    let client = crate::harness::client();
    let ask = async |token: &str, query: &str, input: Value| -> Option<Value> {
        let body = json!({ "query": query, "variables": { "input": input } });
        let request = client.post(format!("{address}/graphql")).bearer_auth(token);
        let answer = request.json(&body).send().await.ok()?;
        let body: Value = answer.json().await.ok()?;
        assert!(body.get("errors").is_none(), "{body:#}");
        Some(body["data"]["done"].clone())
    };
    for number in 0.. {
        let key = format!("{name}-{number}");
        let input = proposal(&key);
        let create = "mutation($input: CreateContributionInput!) {
            done: createContribution(input: $input) { contribution { id } userErrors { message } } }";
        let Some(done) = ask(&tokens[0], create, input).await else {
            known.lock().unwrap().unanswered.push(key);
            return;
        };
        let id = done["contribution"]["id"]
            .as_str()
            .unwrap_or_else(|| panic!("{done:#}"));
        known.lock().unwrap().begun.insert(key, id.to_owned());
        let accept = "mutation($input: AcceptContributionInput!) {
            done: acceptContribution(input: $input) { contribution { state } userErrors { message } } }";
        let Some(done) = ask(&tokens[1], accept, json!({ "id": id, "revision": 1 })).await else {
            return;
        };
        assert_eq!(done["contribution"]["state"], "ACCEPTED", "{done:#}");
        known.lock().unwrap().accepted.push(id.to_owned());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_acknowledged_write_is_stored_once_after_repeated_kills() {
    let folder = tempfile::tempdir().unwrap();
    let url = database::seeded(folder.path()).await;
    let tokens = tokens(&url).await;
    let known = Arc::new(Mutex::new(Acknowledged::default()));
    for round in 0..rounds() {
        let mut program = start(&url);
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| {
                let name = format!("r{round}-w{writer}");
                let (address, tokens) = (program.address.clone(), tokens.clone());
                tokio::spawn(write(address, tokens, name, Arc::clone(&known)))
            })
            .collect();
        // Some programs are killed before anything was acknowledged, most between two acknowledgements.
        let chance = uuid::Uuid::new_v4().as_u128();
        let enough = known.lock().unwrap().accepted.len() + usize::try_from(chance % 8).unwrap();
        let wait = async {
            while known.lock().unwrap().accepted.len() < enough {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        tokio::time::timeout(Duration::from_mins(1), wait)
            .await
            .expect("requests are acknowledged in time");
        let more = u64::try_from(chance / 8 % 40).unwrap();
        tokio::time::sleep(Duration::from_millis(more)).await;
        program.kill();
        for writer in writers {
            writer.await.unwrap();
        }
    }
    let api = Api::builder().database(url).start().await;
    let known = std::mem::take(&mut *known.lock().unwrap());
    // A repeated request is stored once, whether the first one was stored or not.
    let carla = api.bearer(&tokens[0]);
    for (key, id) in known.begun.iter().take(20) {
        let again = carla.create(proposal(key)).await;
        assert_eq!(again["contribution"]["id"], json!(id));
    }
    for key in &known.unanswered {
        let again = carla.create(proposal(key)).await;
        assert_eq!(again["userErrors"], json!([]), "{key}");
    }
    let states = contributions(&api).await;
    for id in &known.accepted {
        assert_eq!(states[id].0, "ACCEPTED");
    }
    let mut titles: Vec<&String> = states.values().map(|(_, title)| title).collect();
    titles.sort_unstable();
    titles.dedup();
    assert_eq!(titles.len(), states.len(), "no key was stored twice");
    let sent = known.begun.len() + known.unanswered.len();
    assert_eq!(states.len(), sent, "every key was stored");
    let logged = changes(&api).await;
    for (id, (state, _)) in &states {
        let lines = logged.get(id).map_or(&[][..], Vec::as_slice);
        let expected: &[i64] = if state == "ACCEPTED" { &[0, 1] } else { &[] };
        assert_eq!(lines, expected, "{id} {state}");
    }
    let head = api
        .query("{ head { sequence } records { totalCount } }")
        .await;
    let accepted = states.values().filter(|(state, _)| state == "ACCEPTED");
    let new = 2 * i64::try_from(accepted.count()).unwrap();
    assert_eq!(head["head"]["sequence"], crate::harness::bundled() + new);
}

/// State and title of each contribution.
async fn contributions(api: &Api) -> BTreeMap<String, (String, String)> {
    let mut found = BTreeMap::new();
    let mut after = Value::Null;
    loop {
        let query = "query($after: String) { contributions(first: 100, after: $after) {
            nodes { id state title } pageInfo { hasNextPage endCursor } } }";
        let page = api
            .anyone()
            .ask(query, json!({ "after": after }))
            .await
            .data();
        let page = &page["contributions"];
        for one in page["nodes"].as_array().unwrap() {
            let text = |name: &str| one[name].as_str().unwrap().to_owned();
            found.insert(text("id"), (text("state"), text("title")));
        }
        if page["pageInfo"]["hasNextPage"] == false {
            return found;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
}

/// Positions in the commit of the changes of each contribution. Checks that the log has every sequence number.
async fn changes(api: &Api) -> BTreeMap<String, Vec<i64>> {
    let mut found: BTreeMap<String, Vec<i64>> = BTreeMap::new();
    let mut after = Value::Null;
    let mut last = 0;
    loop {
        let query = "query($after: Cursor) { changes(first: 100, after: $after) { nodes {
            cursor sequence transaction { index size } contribution { id } } pageInfo { hasNextPage } } }";
        let page = api
            .anyone()
            .ask(query, json!({ "after": after }))
            .await
            .data();
        let page = &page["changes"];
        for one in page["nodes"].as_array().unwrap() {
            last += 1;
            assert_eq!(one["sequence"], last);
            after = one["cursor"].clone();
            if let Some(id) = one["contribution"]["id"].as_str() {
                assert_eq!(one["transaction"]["size"], 2);
                let index = one["transaction"]["index"].as_i64().unwrap();
                found.entry(id.to_owned()).or_default().push(index);
            }
        }
        if page["pageInfo"]["hasNextPage"] == false {
            return found;
        }
    }
}
