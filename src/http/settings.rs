//! What an operator says of the edge.

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

    /// Proxies that are believed when they say in `X-Forwarded-For` who asks, and in `X-Forwarded-Host` for which host:
    /// addresses or networks like `10.0.0.0/8`.
    #[arg(
        long,
        global = true,
        env = "CYBERPROFILES_TRUSTED_PROXY",
        value_delimiter = ',',
        value_parser = network
    )]
    pub trusted_proxy: Vec<IpNet>,
}

impl Default for Settings {
    /// What they are where nothing is set.
    fn default() -> Self {
        let command = Self::augment_args(clap::Command::new("settings"));
        let matches = command.get_matches_from(["settings"]);
        Self::from_arg_matches(&matches).unwrap_or_else(|error| error.exit())
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
