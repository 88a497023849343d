//! How much one request may ask.

use std::time::Duration;

use async_graphql::{ComplexObject, SimpleObject};
use clap::{Args, FromArgMatches};
use serde::Serialize;

/// The limits of this service. A request over a limit is refused as a whole, never cut.
#[derive(Clone, Debug, SimpleObject, Args, Serialize)]
#[graphql(name = "ServiceConfig", complex)]
#[serde(rename_all = "camelCase")]
pub struct Limits {
    /// The most edges on one page: 100, or fewer.
    #[arg(
        long,
        global = true,
        env = "CYBERPROFILES_MAX_PAGE_SIZE",
        default_value_t = MAX_PAGE_SIZE,
        value_parser = clap::value_parser!(i32).range(1..=i64::from(MAX_PAGE_SIZE))
    )]
    pub max_page_size: i32,
    /// How deep selections may be nested.
    #[arg(
        long,
        global = true,
        env = "CYBERPROFILES_MAX_DEPTH",
        default_value_t = 20,
        value_parser = clap::value_parser!(i32).range(1..)
    )]
    pub max_depth: i32,
    /// The most that a request may cost: one for each field, times the size of each page it is on.
    #[arg(
        long,
        global = true,
        env = "CYBERPROFILES_MAX_COMPLEXITY",
        default_value_t = 100_000,
        value_parser = clap::value_parser!(i32).range(1..)
    )]
    pub max_complexity: i32,
    /// The same for who is not signed in.
    #[arg(
        long,
        global = true,
        env = "CYBERPROFILES_MAX_ANONYMOUS_COMPLEXITY",
        default_value_t = 50_000,
        value_parser = clap::value_parser!(i32).range(1..)
    )]
    pub max_anonymous_complexity: i32,
    /// What one person may ask in a second, for long: requests, and a hundredth of what they cost; 0 for no
    /// limit.
    #[arg(
        long,
        global = true,
        env = "CYBERPROFILES_MAX_COST_PER_SECOND",
        default_value_t = 20_000,
        value_parser = clap::value_parser!(i32).range(0..)
    )]
    pub max_cost_per_second: i32,
    /// The same for one address that is not signed in. Ten seconds' worth may come at once.
    #[arg(
        long,
        global = true,
        env = "CYBERPROFILES_MAX_ANONYMOUS_COST_PER_SECOND",
        default_value_t = 5_000,
        value_parser = clap::value_parser!(i32).range(0..)
    )]
    pub max_anonymous_cost_per_second: i32,
    /// The most fields at the root of an operation.
    #[arg(
        long,
        global = true,
        env = "CYBERPROFILES_MAX_ROOT_FIELDS",
        default_value_t = 30,
        value_parser = clap::value_parser!(i32).range(1..)
    )]
    pub max_root_fields: i32,
    /// The most aliases in a request, fragments counted wherever they are spread.
    #[arg(
        long,
        global = true,
        env = "CYBERPROFILES_MAX_ALIASES",
        default_value_t = 200,
        value_parser = clap::value_parser!(i32).range(1..)
    )]
    pub max_aliases: i32,
    /// The most directives in a request, fragments counted wherever they are spread.
    #[arg(
        long,
        global = true,
        env = "CYBERPROFILES_MAX_DIRECTIVES",
        default_value_t = 100,
        value_parser = clap::value_parser!(i32).range(1..)
    )]
    pub max_directives: i32,
    /// The most tokens in the text of a request.
    #[arg(
        long,
        global = true,
        env = "CYBERPROFILES_MAX_TOKENS",
        default_value_t = 10_000,
        value_parser = clap::value_parser!(i32).range(1..)
    )]
    pub max_tokens: i32,
    /// The most bytes in the body of a request.
    #[arg(
        long,
        global = true,
        env = "CYBERPROFILES_MAX_BODY_BYTES",
        default_value_t = 1_048_576,
        value_parser = clap::value_parser!(i32).range(1..)
    )]
    pub max_body_bytes: i32,
    /// The most requests in one body: 1 means that batches are refused. Those of one body run side by side, mutations
    /// too, in no order.
    #[arg(
        long,
        global = true,
        env = "CYBERPROFILES_MAX_BATCH",
        default_value_t = 1,
        value_parser = clap::value_parser!(i32).range(1..)
    )]
    pub max_batch: i32,
    /// How long a request may take, in milliseconds.
    #[arg(
        long,
        global = true,
        env = "CYBERPROFILES_REQUEST_TIMEOUT_MS",
        default_value_t = 10_000,
        value_parser = clap::value_parser!(i32).range(1..)
    )]
    pub request_timeout_ms: i32,
    /// The most operations at once on one connection, subscriptions and others.
    #[arg(
        long,
        global = true,
        env = "CYBERPROFILES_MAX_SUBSCRIPTIONS_PER_CONNECTION",
        default_value_t = 100,
        value_parser = clap::value_parser!(i32).range(1..)
    )]
    pub max_subscriptions_per_connection: i32,
    /// How long a WebSocket may take until `connection_init` comes, in milliseconds.
    #[arg(
        long,
        global = true,
        env = "CYBERPROFILES_CONNECTION_INIT_TIMEOUT_MS",
        default_value_t = 10_000,
        value_parser = clap::value_parser!(i32).range(1..)
    )]
    pub connection_init_timeout_ms: i32,
    /// How long nothing may be heard from a WebSocket, in milliseconds. After half of that it is sent a ping, and a
    /// stream of events a comment.
    #[arg(
        long,
        global = true,
        env = "CYBERPROFILES_MAX_SILENCE_MS",
        default_value_t = 30_000,
        value_parser = clap::value_parser!(i32).range(1..)
    )]
    pub max_silence_ms: i32,
    /// How long a connection may read nothing of what it is sent, in milliseconds; then it is closed.
    #[arg(
        long,
        global = true,
        env = "CYBERPROFILES_MAX_UNREAD_MS",
        default_value_t = 30_000,
        value_parser = clap::value_parser!(i32).range(1..)
    )]
    pub max_unread_ms: i32,
    /// The most tips in an hour from one address.
    #[arg(
        long,
        global = true,
        env = "CYBERPROFILES_MAX_TIPS_PER_HOUR",
        default_value_t = 60,
        value_parser = clap::value_parser!(i32).range(1..)
    )]
    pub max_tips_per_hour: i32,
    /// The most contributions, edits and comments in a second from one person.
    #[arg(
        long,
        global = true,
        env = "CYBERPROFILES_MAX_PROPOSALS_PER_SECOND",
        default_value_t = 40,
        value_parser = clap::value_parser!(i32).range(1..)
    )]
    pub max_proposals_per_second: i32,
    /// How deep brackets may be nested in the text of a request, and selections through fragments.
    #[arg(
        long,
        global = true,
        env = "CYBERPROFILES_MAX_NESTING",
        default_value_t = 64,
        value_parser = clap::value_parser!(i32).range(1..)
    )]
    pub max_nesting: i32,
    /// The most selections, fragments counted wherever they are spread; all operations and fragments together may have four times as many.
    #[arg(
        long,
        global = true,
        env = "CYBERPROFILES_MAX_SELECTIONS",
        default_value_t = 10_000,
        value_parser = clap::value_parser!(i32).range(1..)
    )]
    pub max_selections: i32,
    /// The most connections at once; more are answered 503.
    #[arg(
        long,
        global = true,
        env = "CYBERPROFILES_MAX_CONNECTIONS",
        default_value_t = 20_000,
        value_parser = clap::value_parser!(i32).range(1..)
    )]
    pub max_connections: i32,
    /// The most requests that are executed at once; more are answered 503.
    #[arg(
        long,
        global = true,
        env = "CYBERPROFILES_MAX_CONCURRENT_REQUESTS",
        default_value_t = 1_000,
        value_parser = clap::value_parser!(i32).range(1..)
    )]
    pub max_concurrent_requests: i32,
    /// How long a connection may take until the headers of a request are there, in milliseconds, the first
    /// byte and the pause after an answer included.
    #[arg(
        long,
        global = true,
        env = "CYBERPROFILES_HEADER_TIMEOUT_MS",
        default_value_t = 30_000,
        value_parser = clap::value_parser!(i32).range(1..)
    )]
    pub header_timeout_ms: i32,
    /// How long the body of a request may take, in milliseconds.
    #[arg(
        long,
        global = true,
        env = "CYBERPROFILES_BODY_TIMEOUT_MS",
        default_value_t = 10_000,
        value_parser = clap::value_parser!(i32).range(1..)
    )]
    pub body_timeout_ms: i32,
}

/// The most edges that a service may allow on one page.
pub const MAX_PAGE_SIZE: i32 = 100;
/// The edges on a page where nothing is said, and so many are allowed.
pub const DEFAULT_PAGE_SIZE: i32 = 25;

#[ComplexObject]
impl Limits {
    /// The edges on a page where neither `first` nor `last` is given.
    pub async fn default_page_size(&self) -> i32 {
        self.page_size()
    }
}

impl Default for Limits {
    /// What the settings say where nothing is set.
    fn default() -> Self {
        let command = Self::augment_args(clap::Command::new("limits"));
        let matches = command.get_matches_from(["limits"]);
        Self::from_arg_matches(&matches).unwrap_or_else(|error| error.exit())
    }
}

impl Limits {
    /// The edges on a page where nothing is said.
    pub fn page_size(&self) -> i32 {
        DEFAULT_PAGE_SIZE.min(self.max_page_size)
    }

    /// How long a request may take.
    pub fn request_timeout(&self) -> Duration {
        millis(self.request_timeout_ms)
    }

    /// How long the headers of a request may take.
    pub fn header_timeout(&self) -> Duration {
        millis(self.header_timeout_ms)
    }

    /// How long the body of a request may take.
    pub fn body_timeout(&self) -> Duration {
        millis(self.body_timeout_ms)
    }

    /// How long a WebSocket may take until it begins.
    pub fn connection_init_timeout(&self) -> Duration {
        millis(self.connection_init_timeout_ms)
    }

    /// How long nothing may be heard from a WebSocket.
    pub fn max_silence(&self) -> Duration {
        millis(self.max_silence_ms)
    }

    /// How long nothing is said to a client that follows, until it is told that the server is there.
    pub fn heartbeat(&self) -> Duration {
        // A period of nothing would beat without end.
        (self.max_silence() / 2).max(Duration::from_millis(1))
    }

    /// How long a connection may read nothing.
    pub fn max_unread(&self) -> Duration {
        millis(self.max_unread_ms)
    }
}

fn millis(limit: i32) -> Duration {
    Duration::from_millis(u64::try_from(limit).unwrap_or(0))
}

/// A limit as a number that sizes can be compared with.
pub fn size(limit: i32) -> usize {
    usize::try_from(limit).unwrap_or(0)
}
