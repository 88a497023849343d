//! The program is killed again and again while people write: what was acknowledged is there, once and whole.

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

/// How often the program is killed: in full where all tests run on each database.
fn rounds() -> usize {
    if transcript::is_compared() { 50 } else { 10 }
}

/// How many people write at once.
const WRITERS: usize = 4;

/// A server in a process of its own.
pub struct Program {
    process: Child,
    address: String,
}

impl Program {
    /// Where it listens, host and port.
    pub fn host(&self) -> &str {
        self.address.strip_prefix("http://").unwrap()
    }

    /// The number of its process.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// Ends it in order.
    pub fn stop(&mut self) {
        let told = Command::new("kill").arg(self.id().to_string()).status();
        assert!(told.unwrap().success());
        self.process.wait().unwrap();
    }

    /// Kills it, with no time for anything.
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

/// Tokens of somebody who proposes and somebody who accepts.
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

/// What people know of what they did.
#[derive(Default)]
struct Known {
    /// Contributions by the key under which they were sent.
    begun: HashMap<String, String>,
    /// The keys of those that were not answered: stored or not, nobody can tell.
    unanswered: Vec<String>,
    /// Those whose acceptance was acknowledged.
    accepted: Vec<String>,
}

/// Two new sources, under a key.
fn proposal(key: &str) -> Value {
    let source = |part: &str| {
        json!({ "createSource": { "key": format!("{key}-{part}"),
            "fields": { "kind": "NEWS", "title": format!("{key} {part}") } } })
    };
    json!({ "title": key, "rationale": "So.", "submit": true, "idempotencyKey": key,
        "changes": [source("a"), source("b")] })
}

/// Somebody who writes, and an editor who accepts, until the program is gone.
async fn write(address: String, tokens: [String; 2], name: String, known: Arc<Mutex<Known>>) {
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
    let known = Arc::new(Mutex::new(Known::default()));
    for round in 0..rounds() {
        let mut program = start(&url);
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| {
                let name = format!("r{round}-w{writer}");
                let (address, tokens) = (program.address.clone(), tokens.clone());
                tokio::spawn(write(address, tokens, name, Arc::clone(&known)))
            })
            .collect();
        // Some are killed before anything was acknowledged, most between two acknowledgements.
        let chance = uuid::Uuid::new_v4().as_u128();
        let enough = known.lock().unwrap().accepted.len() + usize::try_from(chance % 8).unwrap();
        let wait = async {
            while known.lock().unwrap().accepted.len() < enough {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        tokio::time::timeout(Duration::from_mins(1), wait)
            .await
            .expect("what is sent is acknowledged");
        let more = u64::try_from(chance / 8 % 40).unwrap();
        tokio::time::sleep(Duration::from_millis(more)).await;
        program.kill();
        for writer in writers {
            writer.await.unwrap();
        }
    }
    let api = Api::builder().database(url).start().await;
    let known = std::mem::take(&mut *known.lock().unwrap());
    // Whoever sends again what was not answered has it stored once, whether it was or not.
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

/// The state and title of each contribution.
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

/// Which changes of its commit the log has of each contribution; every number of the log is there.
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
