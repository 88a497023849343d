//! Settings of the HTTP server.

use clap::{Args, FromArgMatches};
use ipnet::IpNet;

use super::contact::Contact;
use super::origin::Origin;
use crate::graphql::parse_network;

/// Settings of the HTTP server.
#[derive(Args, Clone, Debug)]
pub struct Settings {
    /// Contact of the operator, which the pages show: an e-mail address or a URL. Without it, they say that there is none.
    /// Example: `profiles@example.org`.
    #[arg(long, global = true, env = "CYBERPROFILES_CONTACT")]
    pub contact: Option<Contact>,

    /// Serve the GraphQL console at `/graphiql`, to which browsers at `/graphql` are redirected: `true` or `false`.
    #[arg(
        long,
        global = true,
        env = "CYBERPROFILES_GRAPHIQL",
        default_value_t = true,
        action = clap::ArgAction::Set
    )]
    pub graphiql: bool,

    /// Origins whose pages may send requests and open a WebSocket, besides the service's own; `*` allows any. Separate
    /// them by commas. Programs other than browsers are not restricted. Example:
    /// `https://example.org,http://localhost:3000`.
    #[arg(
        long,
        global = true,
        env = "CYBERPROFILES_ALLOW_ORIGINS",
        value_delimiter = ','
    )]
    pub allow_origins: Vec<Origin>,

    /// Allow pages of those origins to send credentials such as cookies, which a proxy may need. Needs
    /// `--allow-origins`; has no effect for `*`.
    #[arg(
        long,
        global = true,
        env = "CYBERPROFILES_ALLOW_CREDENTIALS",
        default_value_t = false
    )]
    pub allow_credentials: bool,

    /// Trusted proxies: addresses or networks, separated by commas. Their `X-Forwarded-For` gives the client address,
    /// their `X-Forwarded-Host` the host and their `X-Forwarded-Proto` the scheme. Example: `10.0.0.0/8,192.0.2.7`.
    #[arg(
        long,
        global = true,
        env = "CYBERPROFILES_TRUSTED_PROXY",
        value_delimiter = ',',
        value_parser = parse_network
    )]
    pub trusted_proxy: Vec<IpNet>,
}

impl Default for Settings {
    /// The default of every setting, from its declaration above: clap parses an empty command line.
    fn default() -> Self {
        let command = Self::augment_args(clap::Command::new("settings"));
        let matches = command.get_matches_from(["settings"]);
        Self::from_arg_matches(&matches).unwrap_or_else(|error| error.exit())
    }
}
