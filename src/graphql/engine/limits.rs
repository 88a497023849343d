//! The limits of a service: settings on the command line, and the type `ServiceConfig` of the schema.

use std::time::Duration;

use async_graphql::{ComplexObject, SimpleObject};
use clap::{Args, FromArgMatches};
use serde::Serialize;

use crate::engine::error::Error;
use crate::engine::public_url::PublicUrl;
use domain::url::Url;

/// The limits of this service. A request above a limit is refused as a whole; no result is cut silently.
#[derive(Clone, Debug, SimpleObject, Args, Serialize)]
#[graphql(name = "ServiceConfig", complex)]
#[serde(rename_all = "camelCase")]
pub struct Limits {
    /// Maximum number of edges on one page, 250 or fewer.
    #[arg(
        long,
        global = true,
        env = "CYBERPROFILES_MAX_PAGE_SIZE",
        default_value_t = MAX_PAGE_SIZE,
        value_parser = clap::value_parser!(i32).range(1..=i64::from(MAX_PAGE_SIZE))
    )]
    pub max_page_size: i32,
    /// Maximum nesting of fields in an operation.
    #[arg(
        long,
        global = true,
        env = "CYBERPROFILES_MAX_DEPTH",
        default_value_t = 20,
        value_parser = clap::value_parser!(i32).range(1..)
    )]
    pub max_depth: i32,
    /// Maximum cost of a request. Each field costs 1, times the number of edges of each page that encloses it; some
    /// fields cost more. A page that belongs to one record counts with the number of edges that is usual for it. Its real
    /// number counts while a query is executed, so no answer exceeds this limit.
    #[arg(
        long,
        global = true,
        env = "CYBERPROFILES_MAX_COMPLEXITY",
        default_value_t = 100_000,
        value_parser = clap::value_parser!(i32).range(1..)
    )]
    pub max_complexity: i32,
    /// Maximum cost of a request without a token.
    #[arg(
        long,
        global = true,
        env = "CYBERPROFILES_MAX_ANONYMOUS_COMPLEXITY",
        default_value_t = 50_000,
        value_parser = clap::value_parser!(i32).range(1..)
    )]
    pub max_anonymous_complexity: i32,
    /// Average number of points per second that one person may spend; ten seconds' worth may be spent at once. A
    /// request takes 1 point, and 1 more for every 100 of its cost. 0 means no limit.
    #[arg(
        long,
        global = true,
        env = "CYBERPROFILES_MAX_COST_PER_SECOND",
        default_value_t = 20_000,
        value_parser = clap::value_parser!(i32).range(0..)
    )]
    pub max_cost_per_second: i32,
    /// Average number of points per second that one network address may spend on requests without a token; ten
    /// seconds' worth may be spent at once. 0 means no limit.
    #[arg(
        long,
        global = true,
        env = "CYBERPROFILES_MAX_ANONYMOUS_COST_PER_SECOND",
        default_value_t = 5_000,
        value_parser = clap::value_parser!(i32).range(0..)
    )]
    pub max_anonymous_cost_per_second: i32,
    /// Maximum number of fields at the root of an operation.
    #[arg(
        long,
        global = true,
        env = "CYBERPROFILES_MAX_ROOT_FIELDS",
        default_value_t = 30,
        value_parser = clap::value_parser!(i32).range(1..)
    )]
    pub max_root_fields: i32,
    /// Maximum number of aliases in an operation. A fragment counts again wherever it is spread.
    #[arg(
        long,
        global = true,
        env = "CYBERPROFILES_MAX_ALIASES",
        default_value_t = 200,
        value_parser = clap::value_parser!(i32).range(1..)
    )]
    pub max_aliases: i32,
    /// Maximum number of directives in an operation. A fragment counts again wherever it is spread.
    #[arg(
        long,
        global = true,
        env = "CYBERPROFILES_MAX_DIRECTIVES",
        default_value_t = 100,
        value_parser = clap::value_parser!(i32).range(1..)
    )]
    pub max_directives: i32,
    /// Maximum number of tokens in the document of a request.
    #[arg(
        long,
        global = true,
        env = "CYBERPROFILES_MAX_TOKENS",
        default_value_t = 10_000,
        value_parser = clap::value_parser!(i32).range(1..)
    )]
    pub max_tokens: i32,
    /// Maximum size of the body of a request, in bytes.
    #[arg(
        long,
        global = true,
        env = "CYBERPROFILES_MAX_BODY_BYTES",
        default_value_t = 1_048_576,
        value_parser = clap::value_parser!(i32).range(1..)
    )]
    pub max_body_bytes: i32,
    /// Maximum number of requests in one body; 1 means that batches are refused. The requests of one body run
    /// concurrently and in no order, mutations too.
    #[arg(
        long,
        global = true,
        env = "CYBERPROFILES_MAX_BATCH",
        default_value_t = 1,
        value_parser = clap::value_parser!(i32).range(1..)
    )]
    pub max_batch: i32,
    /// Maximum duration of the execution of a request, in milliseconds.
    #[arg(
        long,
        global = true,
        env = "CYBERPROFILES_REQUEST_TIMEOUT_MS",
        default_value_t = 10_000,
        value_parser = clap::value_parser!(i32).range(1..)
    )]
    pub request_timeout_ms: i32,
    /// Maximum number of concurrent operations on one connection: subscriptions, queries and mutations.
    #[arg(
        long,
        global = true,
        env = "CYBERPROFILES_MAX_SUBSCRIPTIONS_PER_CONNECTION",
        default_value_t = 100,
        value_parser = clap::value_parser!(i32).range(1..)
    )]
    pub max_subscriptions_per_connection: i32,
    /// Maximum time from the opening of a WebSocket to its `connection_init` message, in milliseconds.
    #[arg(
        long,
        global = true,
        env = "CYBERPROFILES_CONNECTION_INIT_TIMEOUT_MS",
        default_value_t = 10_000,
        value_parser = clap::value_parser!(i32).range(1..)
    )]
    pub connection_init_timeout_ms: i32,
    /// Maximum time in which nothing is received from a WebSocket, in milliseconds; then it is closed. Twice in this
    /// time the server sends a ping; on a silent event stream it sends a comment, and in a multipart response `{}`.
    #[arg(
        long,
        global = true,
        env = "CYBERPROFILES_MAX_SILENCE_MS",
        default_value_t = 30_000,
        value_parser = clap::value_parser!(i32).range(1..)
    )]
    pub max_silence_ms: i32,
    /// Maximum time in which a connection reads nothing of what the server sends, in milliseconds; then it is closed.
    #[arg(
        long,
        global = true,
        env = "CYBERPROFILES_MAX_UNREAD_MS",
        default_value_t = 30_000,
        value_parser = clap::value_parser!(i32).range(1..)
    )]
    pub max_unread_ms: i32,
    /// Maximum number of tips per hour from one network address.
    #[arg(
        long,
        global = true,
        env = "CYBERPROFILES_MAX_TIPS_PER_HOUR",
        default_value_t = 60,
        value_parser = clap::value_parser!(i32).range(1..)
    )]
    pub max_tips_per_hour: i32,
    /// Maximum number of contributions, edits, comments, and new or changed webhooks per second from one person.
    #[arg(
        long,
        global = true,
        env = "CYBERPROFILES_MAX_PROPOSALS_PER_SECOND",
        default_value_t = 40,
        value_parser = clap::value_parser!(i32).range(1..)
    )]
    pub max_proposals_per_second: i32,
    /// Maximum number of webhooks of one person; 0 means that nobody can create one.
    #[arg(
        long,
        global = true,
        env = "CYBERPROFILES_MAX_WEBHOOKS_PER_PERSON",
        default_value_t = 20,
        value_parser = clap::value_parser!(i32).range(0..)
    )]
    pub max_webhooks_per_person: i32,
    /// Maximum memory of the search index, in mebibytes, as far as it is estimated. Without an index that fits, `search`
    /// answers with an error.
    #[arg(
        long,
        global = true,
        env = "CYBERPROFILES_MAX_SEARCH_MEBIBYTES",
        default_value_t = 512,
        value_parser = clap::value_parser!(i32).range(0..=4_096)
    )]
    pub max_search_mebibytes: i32,
    /// Maximum memory of the row cache, in mebibytes, as far as it is estimated. With a small log it may have less: 8
    /// mebibytes, and 256 bytes for each change.
    #[arg(
        long,
        global = true,
        env = "CYBERPROFILES_MAX_ROW_MEBIBYTES",
        default_value_t = 256,
        value_parser = clap::value_parser!(i32).range(1..=65_536)
    )]
    #[graphql(skip)]
    #[serde(skip)]
    pub max_row_mebibytes: i32,
    /// Maximum nesting of brackets in the text of a document, and of selection sets through fragments.
    #[arg(
        long,
        global = true,
        env = "CYBERPROFILES_MAX_NESTING",
        default_value_t = 64,
        value_parser = clap::value_parser!(i32).range(1..)
    )]
    pub max_nesting: i32,
    /// Maximum number of selections in an operation. A fragment counts again wherever it is spread. All operations and
    /// fragments of a document together may have four times as many.
    #[arg(
        long,
        global = true,
        env = "CYBERPROFILES_MAX_SELECTIONS",
        default_value_t = 10_000,
        value_parser = clap::value_parser!(i32).range(1..)
    )]
    pub max_selections: i32,
    /// Maximum number of concurrent connections; a further one is answered with status 503.
    #[arg(
        long,
        global = true,
        env = "CYBERPROFILES_MAX_CONNECTIONS",
        default_value_t = 20_000,
        value_parser = clap::value_parser!(i32).range(1..)
    )]
    pub max_connections: i32,
    /// Maximum number of requests that are executed concurrently; a further one is answered with status 503.
    #[arg(
        long,
        global = true,
        env = "CYBERPROFILES_MAX_CONCURRENT_REQUESTS",
        default_value_t = 1_000,
        value_parser = clap::value_parser!(i32).range(1..)
    )]
    pub max_concurrent_requests: i32,
    /// Maximum time until all headers of a request have arrived, in milliseconds. It starts when the connection opens
    /// or the previous answer is sent.
    #[arg(
        long,
        global = true,
        env = "CYBERPROFILES_HEADER_TIMEOUT_MS",
        default_value_t = 30_000,
        value_parser = clap::value_parser!(i32).range(1..)
    )]
    pub header_timeout_ms: i32,
    /// Maximum time until the whole body of a request has arrived, in milliseconds.
    #[arg(
        long,
        global = true,
        env = "CYBERPROFILES_BODY_TIMEOUT_MS",
        default_value_t = 10_000,
        value_parser = clap::value_parser!(i32).range(1..)
    )]
    pub body_timeout_ms: i32,
    /// The address under which readers reach the service. It is a setting of `serve`, which knows where it listens.
    #[arg(skip)]
    #[graphql(skip)]
    pub public_url: PublicUrl,
}

/// Maximum number of edges on a page that any service can allow.
pub const MAX_PAGE_SIZE: i32 = 250;
/// Number of edges on a page without `first` and `last`, if the service allows as many.
pub const DEFAULT_PAGE_SIZE: i32 = 25;

#[ComplexObject]
impl Limits {
    /// Number of edges on a page if neither `first` nor `last` is given.
    pub async fn default_page_size(&self) -> i32 {
        self.page_size()
    }

    /// The address under which readers reach this service, without a trailing slash. Permalinks and feeds begin with it.
    async fn public_url(&self) -> Result<Url, Error> {
        self.public_url.url("")
    }
}

impl Default for Limits {
    /// The defaults of the settings. Runs clap on an empty command line, so that each default is declared once.
    fn default() -> Self {
        let command = Self::augment_args(clap::Command::new("limits"));
        let matches = command.get_matches_from(["limits"]);
        Self::from_arg_matches(&matches).unwrap_or_else(|error| error.exit())
    }
}

impl Limits {
    /// Number of edges on a page without `first` and `last`.
    pub fn page_size(&self) -> i32 {
        DEFAULT_PAGE_SIZE.min(self.max_page_size)
    }

    /// Maximum duration of the execution of a request.
    pub fn request_timeout(&self) -> Duration {
        millis(self.request_timeout_ms)
    }

    /// Maximum time until all headers of a request have arrived.
    pub fn header_timeout(&self) -> Duration {
        millis(self.header_timeout_ms)
    }

    /// Maximum time until the whole body of a request has arrived.
    pub fn body_timeout(&self) -> Duration {
        millis(self.body_timeout_ms)
    }

    /// Maximum time from the opening of a WebSocket to its `connection_init` message.
    pub fn connection_init_timeout(&self) -> Duration {
        millis(self.connection_init_timeout_ms)
    }

    /// Maximum time in which nothing is received from a WebSocket.
    pub fn max_silence(&self) -> Duration {
        millis(self.max_silence_ms)
    }

    /// Interval of pings and comments to followers: half of [`Self::max_silence`], and at least 1 ms.
    pub fn heartbeat(&self) -> Duration {
        // An interval of zero would never end.
        (self.max_silence() / 2).max(Duration::from_millis(1))
    }

    /// Maximum time in which a connection reads nothing.
    pub fn max_unread(&self) -> Duration {
        millis(self.max_unread_ms)
    }
}

fn millis(limit: i32) -> Duration {
    Duration::from_millis(u64::try_from(limit).unwrap_or(0))
}

/// A limit as a number that is comparable with sizes; 0 if it is negative.
pub fn size(limit: i32) -> usize {
    usize::try_from(limit).unwrap_or(0)
}
