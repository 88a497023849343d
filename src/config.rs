//! Every setting: a flag, its variable, its default and what it does.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::graphql::limits::Limits;
use crate::http::{Settings, oidc};

/// An address that may hold a password. It is not shown, whatever is printed: each room that reads it says what is
/// wrong with it in words of its own.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// The address, to be used and not to be told.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(address: String) -> Self {
        Self(address)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Secret(…)")
    }
}

/// The settings of all commands.
#[derive(Args, Clone, Debug)]
pub struct Config {
    /// Where to listen: address and port.
    #[arg(
        long,
        global = true,
        env = "CYBERPROFILES_LISTEN",
        default_value = "127.0.0.1:8000"
    )]
    pub listen: SocketAddr,

    /// Where the data is kept: `sqlite://FILE`, or `postgres://USER@HOST/DATABASE`.
    #[arg(
        long,
        global = true,
        env = "CYBERPROFILES_DATABASE_URL",
        default_value = "sqlite://cyberprofiles.db"
    )]
    pub database_url: Secret,

    /// A NATS server with `JetStream`, like `nats://HOST:4222`: the changes are published there too, and nodes
    /// wake each other. Several addresses of one cluster are separated by commas.
    #[arg(long, global = true, env = "CYBERPROFILES_NATS_URL")]
    pub nats_url: Option<Secret>,

    /// How the log on standard error is written.
    #[arg(
        long,
        global = true,
        env = "CYBERPROFILES_LOG_FORMAT",
        default_value = "text"
    )]
    pub log_format: LogFormat,

    /// What is logged: a level, or levels by module as in `info,cyberprofiles_store=debug`.
    #[arg(
        long,
        global = true,
        env = "CYBERPROFILES_LOG_LEVEL",
        default_value = "info,sqlx=warn,sea_orm_migration=warn,async_nats=error,opentelemetry=warn"
    )]
    pub log_level: String,

    /// Where traces are sent, as OTLP over HTTP, like `http://localhost:4318`; left out: there are none.
    #[arg(long, global = true, env = "CYBERPROFILES_OTLP_ENDPOINT")]
    pub otlp_endpoint: Option<Secret>,

    /// Documents that are trusted: a file, or a folder of files (`*.graphql`, or `*.json` as compilers of clients
    /// write them). Clients name them by their id or SHA-256.
    #[arg(long, global = true, env = "CYBERPROFILES_TRUSTED_DOCUMENTS")]
    pub trusted_documents: Option<PathBuf>,

    /// Whether only those are executed.
    #[arg(
        long,
        global = true,
        env = "CYBERPROFILES_ONLY_TRUSTED_DOCUMENTS",
        default_value_t = false
    )]
    pub only_trusted_documents: bool,

    /// How the service is reached.
    #[command(flatten)]
    pub http: Settings,

    /// Whose JSON Web Tokens are taken, beside the service's own tokens.
    #[command(flatten)]
    pub oidc: Oidc,

    /// How much one request may ask.
    #[command(flatten)]
    pub limits: Limits,
}

/// An `OpenID` provider.
#[derive(Args, Clone, Debug)]
pub struct Oidc {
    /// An `OpenID` provider whose JSON Web Tokens are taken: their `iss`, an https address. Its keys are
    /// found from there. Left out: only the tokens made by `token create` are taken.
    #[arg(
        long,
        global = true,
        env = "CYBERPROFILES_OIDC_ISSUER",
        requires = "oidc_audience"
    )]
    pub oidc_issuer: Option<Secret>,

    /// For whom those tokens must be made: in their `aud`.
    #[arg(
        long,
        global = true,
        env = "CYBERPROFILES_OIDC_AUDIENCE",
        requires = "oidc_issuer"
    )]
    pub oidc_audience: Option<String>,

    /// A file with the provider's keys (a JWK set), instead of asking the provider for them.
    #[arg(
        long,
        global = true,
        env = "CYBERPROFILES_OIDC_JWKS",
        requires = "oidc_issuer"
    )]
    pub oidc_jwks: Option<PathBuf>,

    /// The claim that names the role (CONTRIBUTOR, EDITOR or ADMIN), or a list with it: a name, or a path
    /// of names with dots. Of a list the highest counts, and others in it are passed over. Who has none is a
    /// CONTRIBUTOR.
    #[arg(
        long,
        global = true,
        env = "CYBERPROFILES_OIDC_ROLE_CLAIM",
        default_value = "role"
    )]
    pub oidc_role_claim: String,
}

impl Oidc {
    /// The provider, where one is named.
    pub fn settings(&self) -> Option<oidc::Settings> {
        Some(oidc::Settings {
            issuer: self.oidc_issuer.as_ref()?.expose().to_owned(),
            audience: self.oidc_audience.clone()?,
            keys: self.oidc_jwks.clone(),
            role_claim: self.oidc_role_claim.clone(),
        })
    }
}

/// How the log is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// For machines: one JSON object a line.
    Json,
}
