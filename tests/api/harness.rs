//! A server of its own for each test, and short ways to ask it.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use cyberprofiles::bundle;
use cyberprofiles::domain::viewer::Role;
use cyberprofiles::graphql::Service;
use cyberprofiles::graphql::limits::Limits;
use cyberprofiles::graphql::persisted::Trusted;
use cyberprofiles::http::oidc::Provider;
use cyberprofiles::http::{self, App, Guard, Settings};
use cyberprofiles::store::import::Heard;
use cyberprofiles::store::{Clock, Error, Options, Store};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use crate::{beside, database, transcript};

/// A running server.
pub struct Api {
    pub store: Store,
    pub service: Service,
    pub address: String,
    statements: Arc<Mutex<Vec<String>>>,
    client: reqwest::Client,
    /// The database.
    pub url: String,
    _folder: TempDir,
    server: tokio::task::JoinHandle<()>,
}

/// What an import came to.
#[derive(Debug, Default)]
pub struct Imported {
    pub created: usize,
    pub updated: usize,
    pub unchanged: usize,
    pub differing: Vec<(String, String)>,
    pub warnings: Vec<String>,
}

/// The usual limits, but for those of how much one may send: tests are faster than people.
pub fn roomy() -> Limits {
    Limits {
        max_tips_per_hour: i32::MAX,
        max_proposals_per_second: i32::MAX,
        max_cost_per_second: 0,
        max_anonymous_cost_per_second: 0,
        ..Limits::default()
    }
}

/// What is not as usual with a server.
struct Setting {
    limits: Limits,
    provider: Option<Arc<Provider>>,
    clock: Clock,
    poll: Duration,
    http: Settings,
    trusted: Trusted,
}

impl Default for Setting {
    fn default() -> Self {
        Self {
            limits: roomy(),
            provider: None,
            clock: Clock::default(),
            poll: Duration::ZERO,
            http: Settings::default(),
            trusted: Trusted::default(),
        }
    }
}

/// An answer: its status, and its body.
pub struct Answer {
    pub status: u16,
    pub body: Value,
}

impl Answer {
    /// What it says, which must be free of errors.
    pub fn data(self) -> Value {
        assert!(self.body.get("errors").is_none(), "{:#}", self.body);
        self.body["data"].clone()
    }

    /// The code of its first error.
    pub fn code(&self) -> &str {
        self.body["errors"][0]["extensions"]["code"]
            .as_str()
            .unwrap_or_else(|| panic!("{:#}", self.body))
    }

    /// The message of its first error.
    pub fn message(&self) -> &str {
        self.body["errors"][0]["message"]
            .as_str()
            .unwrap_or_else(|| panic!("{:#}", self.body))
    }
}

impl Api {
    /// A server with the bundled data.
    pub async fn seeded() -> Self {
        Self::seeded_with(roomy()).await
    }

    /// A server with the bundled data, with limits of its own.
    pub async fn seeded_with(limits: Limits) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = database::seeded(folder.path()).await;
        Self::start(
            folder,
            url,
            Setting {
                limits,
                ..Setting::default()
            },
        )
        .await
    }

    /// A server with the bundled data in a database of its own, not a copy.
    pub async fn seeded_anew() -> Self {
        let api = Self::empty().await;
        bundle::load(&api.store).await.unwrap();
        api
    }

    /// A server that loads the bundled data into a database.
    pub async fn seeded_on(url: String) -> Self {
        let api = Self::on(url).await;
        bundle::load(&api.store).await.unwrap();
        api
    }

    /// A server without data.
    pub async fn empty() -> Self {
        Self::limited(roomy()).await
    }

    /// A server without data, with limits of its own.
    pub async fn limited(limits: Limits) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = database::empty(folder.path()).await;
        Self::start(
            folder,
            url,
            Setting {
                limits,
                ..Setting::default()
            },
        )
        .await
    }

    /// A server with a database of its own.
    pub async fn on(url: String) -> Self {
        Self::start(tempfile::tempdir().unwrap(), url, Setting::default()).await
    }

    /// A server with a database of its own whose followers are told only of what wakes them.
    pub async fn unpolled_on(url: String) -> Self {
        let setting = Setting {
            poll: Duration::from_hours(1),
            ..Setting::default()
        };
        Self::start(tempfile::tempdir().unwrap(), url, setting).await
    }

    /// A server with the bundled data whose sockets pages of another origin may open.
    pub async fn allowing(origin: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = database::seeded(folder.path()).await;
        let http = Settings {
            allow_origins: origin.parse().into_iter().collect(),
            ..Settings::default()
        };
        Self::start(
            folder,
            url,
            Setting {
                http,
                ..Setting::default()
            },
        )
        .await
    }

    /// A server with the bundled data that is reached as a setting says.
    pub async fn reached(http: Settings) -> Self {
        Self::reached_within(http, roomy()).await
    }

    /// The same, with limits of its own.
    pub async fn reached_within(http: Settings, limits: Limits) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = database::seeded(folder.path()).await;
        let setting = Setting {
            limits,
            http,
            ..Setting::default()
        };
        Self::start(folder, url, setting).await
    }

    /// A server with the bundled data that trusts documents.
    pub async fn executing(trusted: Trusted) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = database::seeded(folder.path()).await;
        let setting = Setting {
            trusted,
            ..Setting::default()
        };
        Self::start(folder, url, setting).await
    }

    /// A server with a clock of the test's that loads the bundled data.
    pub async fn timed(clock: Clock) -> Self {
        let api = Self::timed_empty(clock).await;
        bundle::load(&api.store).await.unwrap();
        api
    }

    /// A server without data, with a clock of the test's.
    pub async fn timed_empty(clock: Clock) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = database::empty(folder.path()).await;
        let setting = Setting {
            clock,
            ..Setting::default()
        };
        Self::start(folder, url, setting).await
    }

    /// A server without data that takes the tokens of a provider.
    pub async fn trusting(provider: Provider) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = database::empty(folder.path()).await;
        let provider = Some(Arc::new(provider));
        Self::start(
            folder,
            url,
            Setting {
                provider,
                ..Setting::default()
            },
        )
        .await
    }

    async fn start(folder: TempDir, url: String, setting: Setting) -> Self {
        let Setting {
            limits,
            provider,
            clock,
            poll,
            http,
            trusted,
        } = setting;
        let statements = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&statements);
        let options = Options {
            readers: 4,
            clock,
            poll,
            on_statement: Some(Arc::new(move |sql: &str| {
                heard.lock().unwrap().push(sql.to_owned());
            })),
        };
        let store = Store::open(&url, &options).await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let guard = Guard::new(store.clone(), provider);
        let service = Service::trusting(store.clone(), limits, trusted);
        let app = App::new(service.clone(), guard, http);
        let server = tokio::spawn(async move {
            http::serve(listener, app, std::future::pending())
                .await
                .unwrap();
        });
        Self {
            store,
            service,
            address,
            statements,
            client: reqwest::Client::new(),
            url,
            _folder: folder,
            server,
        }
    }

    /// Takes over a data file.
    pub async fn import(&self, text: &str, update: bool) -> Result<Imported, Error> {
        let mut imported = Imported::default();
        let lines = text.lines().map(|line| Ok(line.to_owned()));
        let mut hear = |heard| match heard {
            Heard::Lines(_) => {}
            Heard::Differing(one) => imported.differing.push((one.line.clone(), one.to_string())),
            Heard::Warning(message) => imported.warnings.push(message),
        };
        let report = self.store.import(lines, update, &mut hear).await?;
        imported.created = report.created;
        imported.updated = report.updated;
        imported.unchanged = report.unchanged;
        Ok(imported)
    }

    /// All that stands, as a data file.
    pub async fn export(&self) -> String {
        let moment = self.store.head().await.unwrap().moment;
        let mut text = String::new();
        let write = |line: &str| -> Result<(), Error> {
            text.push_str(line);
            text.push('\n');
            Ok(())
        };
        self.store.export(moment, write).await.unwrap();
        text
    }

    /// The SQL statements since the last call.
    pub fn statements(&self) -> Vec<String> {
        std::mem::take(&mut *self.statements.lock().unwrap())
    }

    /// A token of a person.
    pub async fn token(&self, role: Role, person: &str) -> String {
        self.store
            .create_token(role, person, Some(person), None)
            .await
            .unwrap()
    }

    /// The bearer of a token.
    pub fn bearer(&self, token: &str) -> Person<'_> {
        Person {
            api: self,
            token: Some(token.to_owned()),
        }
    }

    /// Somebody with a role and a name.
    pub async fn person(&self, role: Role, name: &str) -> Person<'_> {
        let token = self.token(role, name).await;
        self.bearer(&token)
    }

    /// Somebody who asks.
    pub async fn contributor(&self) -> Person<'_> {
        Person {
            api: self,
            token: Some(self.token(Role::Contributor, "carla").await),
        }
    }

    /// An editor with a name.
    pub async fn editor(&self, name: &str) -> Person<'_> {
        Person {
            api: self,
            token: Some(self.token(Role::Editor, name).await),
        }
    }

    /// Nobody known.
    pub fn anyone(&self) -> Person<'_> {
        Person {
            api: self,
            token: None,
        }
    }

    /// What anybody gets for a query; beside other moments too.
    pub async fn query(&self, query: &str) -> Value {
        let answer = self.query_once(query).await;
        beside::check(self, query, &answer).await;
        answer
    }

    /// What anybody gets for a query that is asked this once: where it is counted, bounded, beside a writer
    /// or about a moment.
    pub async fn query_once(&self, query: &str) -> Value {
        self.anyone().ask(query, json!({})).await.data()
    }

    /// What anybody gets for a query that fails.
    pub async fn fails(&self, query: &str) -> Answer {
        let answer = self.anyone().ask(query, json!({})).await;
        assert!(answer.body.get("errors").is_some(), "{:#}", answer.body);
        answer
    }

    /// A request of any form.
    pub fn request(&self, method: reqwest::Method, path: &str) -> reqwest::RequestBuilder {
        self.client
            .request(method, format!("http://{}{path}", self.address))
    }

    /// Waits until so many follow the log: they are told of every change from now on.
    pub async fn followed_by(&self, followers: u64) {
        let begun = Instant::now();
        while self.service.figures().followers != followers {
            assert!(begun.elapsed() < Duration::from_mins(1), "{followers}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// A WebSocket that has begun.
    pub async fn socket(&self, init: Value) -> Socket {
        Socket::open(&format!("ws://{}", self.address), init).await
    }
}

impl Socket {
    /// One of any server.
    pub async fn open(server: &str, init: Value) -> Self {
        let mut request = format!("{server}/graphql/ws")
            .into_client_request()
            .unwrap();
        let protocol = tungstenite::http::HeaderValue::from_static("graphql-transport-ws");
        request
            .headers_mut()
            .insert("sec-websocket-protocol", protocol);
        let (stream, _) = tokio_tungstenite::connect_async(request).await.unwrap();
        let mut socket = Self(stream);
        socket
            .send(json!({ "type": "connection_init", "payload": init }))
            .await;
        socket
    }
}

impl Drop for Api {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// Somebody who asks.
pub struct Person<'a> {
    api: &'a Api,
    token: Option<String>,
}

impl Person<'_> {
    /// Asks by POST.
    pub async fn ask(&self, query: &str, variables: Value) -> Answer {
        let body = json!({ "query": query, "variables": variables });
        let mut request = self
            .api
            .request(reqwest::Method::POST, "/graphql")
            .header("accept", "application/graphql-response+json")
            .json(&body);
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let body = response.json().await.unwrap();
        transcript::write(query, &variables, &body);
        Answer { status, body }
    }

    /// Proposes changes and submits them; what the payload says.
    pub async fn propose(&self, changes: Value) -> Value {
        let input = json!({ "title": "A change", "rationale": "It is so.", "changes": changes, "submit": true });
        self.create(input).await
    }

    /// Creates a contribution; what the payload says.
    pub async fn create(&self, input: Value) -> Value {
        let mutation =
            "mutation($input: CreateContributionInput!) { createContribution(input: $input) {
            contribution { id revision state changes { recordId } }
            userErrors { code message path } } }";
        let answer = self.ask(mutation, json!({ "input": input })).await.data();
        answer["createContribution"].clone()
    }

    /// Proposes changes that are in order; the id of the contribution.
    pub async fn proposed(&self, changes: Value) -> String {
        let payload = self.propose(changes).await;
        payload["contribution"]["id"]
            .as_str()
            .unwrap_or_else(|| panic!("{payload:#}"))
            .to_owned()
    }

    /// Does one step with a contribution; what the payload says.
    pub async fn step(&self, step: &str, input: Value) -> Value {
        let input_type = format!("{}{}Input", step[..1].to_uppercase(), &step[1..]);
        let mutation = format!(
            "mutation($input: {input_type}!) {{ {step}(input: $input) {{
                contribution {{ state decision reviewer {{ id }} }} userErrors {{ code message path }} }} }}"
        );
        self.ask(&mutation, json!({ "input": input })).await.data()[step].clone()
    }

    /// Does one step with a contribution; in a word, what came of it: a code, or the state.
    pub async fn outcome(&self, step: &str, input: Value) -> String {
        let input_type = format!("{}{}Input", step[..1].to_uppercase(), &step[1..]);
        let mutation = format!(
            "mutation($input: {input_type}!) {{ {step}(input: $input) {{
                contribution {{ state }} userErrors {{ code message path }} }} }}"
        );
        let answer = self.ask(&mutation, json!({ "input": input })).await;
        if answer.body.get("errors").is_some() {
            return answer.code().to_owned();
        }
        let payload = &answer.body["data"][step];
        let found = &payload["userErrors"][0]["code"];
        let said = found.as_str().or(payload["contribution"]["state"].as_str());
        said.unwrap_or_else(|| panic!("{:#}", answer.body))
            .to_owned()
    }

    /// Accepts revision 1 of a contribution; what the payload says.
    pub async fn accept(&self, id: &str) -> Value {
        self.step("acceptContribution", json!({ "id": id, "revision": 1 }))
            .await
    }

    /// Proposes changes that somebody else accepts.
    pub async fn publish(&self, changes: Value) {
        let author = self.api.contributor().await;
        let accepted = self.accept(&author.proposed(changes).await).await;
        assert_eq!(
            accepted["contribution"]["state"], "ACCEPTED",
            "{accepted:#}"
        );
    }
}

/// An open WebSocket.
pub struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    pub async fn send(&mut self, message: Value) {
        self.0
            .send(Message::text(message.to_string()))
            .await
            .unwrap();
    }

    /// The next message of the protocol, pings and the acknowledgement left out.
    pub async fn next(&mut self) -> Value {
        loop {
            let wait = Duration::from_mins(1);
            let message = tokio::time::timeout(wait, self.0.next())
                .await
                .expect("a message in time");
            match message.expect("an open socket").unwrap() {
                Message::Text(text) => {
                    let message: Value = serde_json::from_str(&text).unwrap();
                    if !matches!(
                        message["type"].as_str(),
                        Some("connection_ack" | "ping" | "pong")
                    ) {
                        return message;
                    }
                }
                Message::Close(frame) => {
                    return json!({ "closed": frame.map(|frame| frame.reason.to_string()) });
                }
                _ => {}
            }
        }
    }

    /// Subscribes under an id.
    pub async fn subscribe(&mut self, id: &str, query: &str, variables: Value) {
        let payload = json!({ "query": query, "variables": variables });
        self.send(json!({ "type": "subscribe", "id": id, "payload": payload }))
            .await;
    }

    /// The data of the next event.
    pub async fn event(&mut self) -> Value {
        let message = self.next().await;
        assert_eq!(message["type"], "next", "{message:#}");
        assert!(
            message["payload"].get("errors").is_none_or(Value::is_null),
            "{message:#}"
        );
        message["payload"]["data"].clone()
    }
}

/// How many lines the bundled data has: each is a line of the log.
pub fn bundled() -> i64 {
    bundle::FILES
        .iter()
        .map(|(_, text)| i64::try_from(text.lines().count()).unwrap())
        .sum()
}

/// A citation that covers all that a change sets.
pub fn cite() -> Value {
    json!([{ "source": "Source:coe-chart-185-2015" }])
}

/// A change of the short title of the Budapest Convention, written against a version.
pub fn retitle(base_version: i32, short_title: &str) -> Value {
    json!([{ "updateTreaty": { "id": "Treaty:ets-185", "baseVersion": base_version,
        "set": { "shortTitle": short_title }, "cite": cite() } }])
}
