//! What an operator says of the edge.

use std::time::Duration;

use clap::{Args, FromArgMatches};
use ipnet::IpNet;

use super::origin::Origin;

/// How the service is reached.
#[derive(Args, Clone, Debug)]
pub struct Settings {
    /// Whether browsers get `GraphiQL`.
    #[arg(
        long,
        global = true,
        env = "CYBERPROFILES_GRAPHIQL",
        default_value_t = true,
        action = clap::ArgAction::Set
    )]
    pub graphiql: bool,

    /// Pages that may ask and open a WebSocket beside the service's own: origins like `https://example.org`, or
    /// `*` for any. Programs that are no browsers may always.
    #[arg(
        long,
        global = true,
        env = "CYBERPROFILES_ALLOW_ORIGINS",
        value_delimiter = ','
    )]
    pub allow_origins: Vec<Origin>,

    /// Whether browsers may send cookies and the like from those pages, if they are named: a proxy may need them.
    #[arg(
        long,
        global = true,
        env = "CYBERPROFILES_ALLOW_CREDENTIALS",
        default_value_t = false
    )]
    pub allow_credentials: bool,

    /// Proxies that are believed when they say in `X-Forwarded-For` who asks: addresses or networks like
    /// `10.0.0.0/8`.
    #[arg(
        long,
        global = true,
        env = "CYBERPROFILES_TRUSTED_PROXY",
        value_delimiter = ',',
        value_parser = network
    )]
    pub trusted_proxy: Vec<IpNet>,

    /// The most connections at once; more are answered 503.
    #[arg(
        long,
        global = true,
        env = "CYBERPROFILES_MAX_CONNECTIONS",
        default_value_t = 20_000,
        value_parser = clap::value_parser!(u32).range(1..)
    )]
    pub max_connections: u32,

    /// The most requests that are executed at once; more are answered 503.
    #[arg(
        long,
        global = true,
        env = "CYBERPROFILES_MAX_CONCURRENT_REQUESTS",
        default_value_t = 1_000,
        value_parser = clap::value_parser!(u32).range(1..)
    )]
    pub max_concurrent_requests: u32,

    /// How long a connection may take until the headers of a request are there, in milliseconds, the first
    /// byte and the pause after an answer included.
    #[arg(
        long,
        global = true,
        env = "CYBERPROFILES_HEADER_TIMEOUT_MS",
        default_value_t = 30_000,
        value_parser = clap::value_parser!(u32).range(1..)
    )]
    pub header_timeout_ms: u32,

    /// How long the body of a request may take, in milliseconds.
    #[arg(
        long,
        global = true,
        env = "CYBERPROFILES_BODY_TIMEOUT_MS",
        default_value_t = 10_000,
        value_parser = clap::value_parser!(u32).range(1..)
    )]
    pub body_timeout_ms: u32,
}

impl Default for Settings {
    /// What they are where nothing is set.
    fn default() -> Self {
        let command = Self::augment_args(clap::Command::new("settings"));
        let matches = command.get_matches_from(["settings"]);
        Self::from_arg_matches(&matches).unwrap_or_else(|error| error.exit())
    }
}

impl Settings {
    /// How long the headers of a request may take.
    pub fn header_timeout(&self) -> Duration {
        Duration::from_millis(self.header_timeout_ms.into())
    }

    /// How long the body of a request may take.
    pub fn body_timeout(&self) -> Duration {
        Duration::from_millis(self.body_timeout_ms.into())
    }
}

/// Reads a network, or one address.
fn network(text: &str) -> Result<IpNet, String> {
    let network = text.parse::<IpNet>();
    let address = || text.parse::<std::net::IpAddr>().map(IpNet::from);
    network
        .or_else(|_| address())
        .map_err(|_| "expected an address, or a network like 10.0.0.0/8".to_owned())
}
