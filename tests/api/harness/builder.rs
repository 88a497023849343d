//! Starts a server. By default it has the bundled data, and limits that tests do not reach by chance.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use cyberprofiles::bundle;
use cyberprofiles::graphql::limits::Limits;
use cyberprofiles::graphql::persisted::Trusted;
use cyberprofiles::graphql::{Service, Targets};
use cyberprofiles::http::oidc::Provider;
use cyberprofiles::http::{self, App, Guard, Settings};
use cyberprofiles::store::{Clock, Options, Store};
use cyberprofiles::webhook::{self, WebhookMetrics};
use tokio::net::TcpListener;

use super::{Api, client};
use crate::{crowd, database};

/// Default limits, with higher limits on how much one client may send, because tests are faster than people, and on how
/// long a request may take, because the program is slower without optimisation.
pub fn roomy() -> Limits {
    Limits {
        max_tips_per_hour: i32::MAX,
        max_proposals_per_second: i32::MAX,
        max_cost_per_second: 0,
        max_anonymous_cost_per_second: 0,
        request_timeout_ms: 120_000,
        ..Limits::default()
    }
}

/// The database of a server.
enum Database {
    /// A copy of a database with the bundled data.
    Seeded,
    Empty,
    At(String),
}

/// The settings of a server that is not started yet.
pub struct Builder {
    database: Database,
    is_loaded: bool,
    limits: Limits,
    provider: Option<Arc<Provider>>,
    clock: Clock,
    poll: Duration,
    replica: Option<String>,
    max_staleness: Duration,
    http: Settings,
    trusted: Trusted,
    is_subgraph: bool,
    webhooks: Option<webhook::WebhookSettings>,
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            database: Database::Seeded,
            is_loaded: false,
            limits: roomy(),
            provider: None,
            clock: Clock::default(),
            poll: Duration::ZERO,
            replica: None,
            max_staleness: Duration::ZERO,
            http: Settings::default(),
            trusted: Trusted::default(),
            is_subgraph: false,
            webhooks: None,
        }
    }
}

impl Builder {
    /// Uses a separate empty database.
    pub fn empty(self) -> Self {
        let database = Database::Empty;
        Self { database, ..self }
    }

    /// Uses an existing database.
    pub fn database(self, url: String) -> Self {
        let database = Database::At(url);
        Self { database, ..self }
    }

    /// Loads the bundled data into the database through the server's own store, by its clock.
    pub fn load(self) -> Self {
        let is_loaded = true;
        Self { is_loaded, ..self }
    }

    /// Sets limits other than `roomy()`.
    pub fn limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// Sets a clock that the test controls.
    pub fn clock(self, clock: Clock) -> Self {
        Self { clock, ..self }
    }

    /// Sets the interval at which followers poll for changes.
    pub fn poll(self, poll: Duration) -> Self {
        Self { poll, ..self }
    }

    /// Reads from a replica.
    pub fn replica(self, url: String) -> Self {
        let replica = Some(url);
        Self { replica, ..self }
    }

    /// Allows answers of this age.
    pub fn max_staleness(self, max_staleness: Duration) -> Self {
        Self {
            max_staleness,
            ..self
        }
    }

    /// Sets the HTTP settings.
    pub fn http(self, http: Settings) -> Self {
        Self { http, ..self }
    }

    /// Allows pages of an origin to send requests.
    pub fn allow_origin(self, origin: &str) -> Self {
        self.http(Settings {
            allow_origins: origin.parse().into_iter().collect(),
            ..Settings::default()
        })
    }

    /// Sets the trusted documents.
    pub fn trusted(self, trusted: Trusted) -> Self {
        Self { trusted, ..self }
    }

    /// Makes the service a subgraph of Apollo Federation.
    pub fn subgraph(self) -> Self {
        let is_subgraph = true;
        Self {
            is_subgraph,
            ..self
        }
    }

    /// Posts to webhooks, with these settings. Without, webhooks can be created, and nothing is posted.
    pub fn webhooks(self, settings: webhook::WebhookSettings) -> Self {
        let webhooks = Some(settings);
        Self { webhooks, ..self }
    }

    /// Sets a provider whose tokens are accepted.
    pub fn provider(self, provider: Provider) -> Self {
        let provider = Some(Arc::new(provider));
        Self { provider, ..self }
    }

    /// Starts the server.
    pub async fn start(self) -> Api {
        let folder = tempfile::tempdir().unwrap();
        let (url, own) = match self.database {
            Database::Seeded => (database::seeded(folder.path()).await, true),
            Database::Empty => (database::empty(folder.path()).await, true),
            Database::At(url) => (url, false),
        };
        let own = if own {
            Some(database::Own::new(&url))
        } else {
            database::Own::share(&url)
        };
        let statements = Arc::new(Mutex::new(Vec::new()));
        let statements_seen = Arc::clone(&statements);
        let options = Options {
            readers: 4,
            clock: self.clock,
            poll: self.poll,
            on_statement: Some(Arc::new(move |sql: &str| {
                statements_seen.lock().unwrap().push(sql.to_owned());
            })),
            replica: self.replica,
            max_staleness: self.max_staleness,
            changes_nothing: false,
        };
        let store = Store::open(&url, &options).await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let guard = Guard::new(store.clone(), self.provider);
        let create = if self.is_subgraph {
            Service::subgraph
        } else {
            Service::trusting
        };
        let service = create(store.clone(), self.limits, self.trusted);
        let metrics = WebhookMetrics::default();
        let app = App::new(service.clone(), guard, self.http)
            .with_metrics("", metrics.collector(service.clone()));
        let webhooks = self.webhooks.map(|settings| {
            service.set_targets(Targets::new(settings.webhook_allow.clone()));
            webhook::start(service.clone(), settings, metrics).unwrap()
        });
        let server = tokio::spawn(async move {
            http::serve(listener, app, std::future::pending())
                .await
                .unwrap();
        });
        if self.is_loaded {
            bundle::load(&store).await.unwrap();
        }
        Api {
            _crowd: crowd::start(&store),
            store,
            service,
            address,
            url,
            statements,
            client: client(),
            server,
            webhooks,
            _folder: folder,
            _database: own,
        }
    }
}
