//! Every setting: its flag, its variable, its default and its meaning.

use std::fmt;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::graphql::PublicUrl;
use crate::graphql::limits::Limits;
use crate::http::{ListenAddress, Settings, oidc};
use crate::webhook;

/// An address that may contain a password. `Debug` hides it, and it has no `Display`. Code that reads it reports a
/// fault without repeating it.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// The address in plain text: to connect with, never to print.
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
    /// Address or host name, and port, on which the server listens. Of a name, it is the first address that this machine
    /// has, IPv4 before IPv6. Port 0 takes a free port. Example: `0.0.0.0:8000`, `localhost:8000`.
    #[arg(
        long,
        global = true,
        env = "CYBERPROFILES_LISTEN",
        default_value = "127.0.0.1:8000"
    )]
    pub listen: ListenAddress,

    /// Address under which readers reach the service: permalinks and feeds begin with it. It may have a path, which the
    /// proxy removes. Without it, `http://` and the address on which the server listens. Example:
    /// `https://profiles.example.org`.
    #[arg(long, global = true, env = "CYBERPROFILES_PUBLIC_URL")]
    pub public_url: Option<PublicUrl>,

    /// The database: `sqlite://FILE` or `postgres://USER@HOST/DATABASE`. The server creates a missing
    /// file.
    #[arg(
        long,
        global = true,
        env = "CYBERPROFILES_DATABASE_URL",
        default_value = "sqlite://cyberprofiles.db"
    )]
    pub database_url: Secret,

    /// A streaming replica of the `PostgreSQL` database. Records and the change log are read from it whenever it has all that
    /// this instance knows, and otherwise from the database itself. Example: `postgres://USER@HOST/DATABASE`.
    #[arg(long, global = true, env = "CYBERPROFILES_READ_DATABASE_URL")]
    pub read_database_url: Option<Secret>,

    /// Maximum age of answers to readers without a token, in milliseconds. They are never older than what the same client
    /// was told last, if it sends that cursor. 0 means that each answer has everything that was committed when its
    /// request came.
    #[arg(
        long,
        global = true,
        env = "CYBERPROFILES_MAX_STALENESS_MS",
        default_value_t = 0
    )]
    pub max_staleness_ms: u32,

    /// NATS server with `JetStream`: accepted changes are published there, and instances wake each other through it.
    /// Separate several addresses of one cluster by commas. Without it, NATS is not used. Example: `nats://HOST:4222`.
    #[arg(long, global = true, env = "CYBERPROFILES_NATS_URL")]
    pub nats_url: Option<Secret>,

    /// Format of the log on standard error.
    #[arg(
        long,
        global = true,
        env = "CYBERPROFILES_LOG_FORMAT",
        default_value = "text"
    )]
    pub log_format: LogFormat,

    /// Log level: `error`, `warn`, `info`, `debug`, `trace`, or a level per module. Example:
    /// `info,cyberprofiles_store=debug`.
    #[arg(
        long,
        global = true,
        env = "CYBERPROFILES_LOG_LEVEL",
        default_value = "info,sqlx=warn,sea_orm_migration=warn,async_nats=error,opentelemetry=warn"
    )]
    pub log_level: String,

    /// OpenTelemetry collector to which traces are sent, as OTLP over HTTP. Without it, no traces are made. Example:
    /// `http://localhost:4318`.
    #[arg(long, global = true, env = "CYBERPROFILES_OTLP_ENDPOINT")]
    pub otlp_endpoint: Option<Secret>,

    /// Trusted documents, which clients name by id or SHA-256: one file or a folder of files. Accepted are `*.graphql`
    /// and the `*.json` manifests that client compilers write. Example: `documents/`.
    #[arg(long, global = true, env = "CYBERPROFILES_TRUSTED_DOCUMENTS")]
    pub trusted_documents: Option<PathBuf>,

    /// Execute trusted documents only, and refuse every other document. Needs `--trusted-documents`.
    #[arg(
        long,
        global = true,
        env = "CYBERPROFILES_ONLY_TRUSTED_DOCUMENTS",
        default_value_t = false
    )]
    pub only_trusted_documents: bool,

    /// Be a subgraph of Apollo Federation: answer `_service` and `_entities`. With it, `schema` prints the schema for
    /// composition.
    #[arg(
        long,
        global = true,
        env = "CYBERPROFILES_FEDERATION",
        default_value_t = false
    )]
    pub federation: bool,

    /// Settings of the HTTP server.
    #[command(flatten)]
    pub http: Settings,

    /// The `OpenID` provider whose tokens are accepted besides the service's own.
    #[command(flatten)]
    pub oidc: Oidc,

    /// Settings of webhooks.
    #[command(flatten)]
    pub webhooks: webhook::WebhookSettings,

    /// Limits on each request and each client.
    #[command(flatten)]
    pub limits: Limits,
}

/// Settings of the `OpenID` provider.
#[derive(Args, Clone, Debug)]
pub struct Oidc {
    /// `OpenID` provider whose JSON Web Tokens are accepted: the `iss` of the tokens, an https address from which the
    /// keys are found. Without it, only tokens of `token create` are accepted. Example: `https://login.example.org`.
    #[arg(
        long,
        global = true,
        env = "CYBERPROFILES_OIDC_ISSUER",
        requires = "oidc_audience"
    )]
    pub oidc_issuer: Option<Secret>,

    /// Audience of the provider's tokens: a token is accepted only if its `aud` contains this value. Needed with
    /// `--oidc-issuer`. Example: `cyberprofiles`.
    #[arg(
        long,
        global = true,
        env = "CYBERPROFILES_OIDC_AUDIENCE",
        requires = "oidc_issuer"
    )]
    pub oidc_audience: Option<String>,

    /// File with the provider's keys (a JWK set). Without it, the keys are fetched from the issuer. Example:
    /// `keys.json`.
    #[arg(
        long,
        global = true,
        env = "CYBERPROFILES_OIDC_JWKS",
        requires = "oidc_issuer"
    )]
    pub oidc_jwks: Option<PathBuf>,

    /// Claim with the role (CONTRIBUTOR, EDITOR or ADMIN): its name, or a path of names joined by dots. In a list the
    /// highest role counts and other words are ignored. A token without a role is a CONTRIBUTOR; one whose claim is a
    /// single unknown word is refused. Example: `realm_access.roles`.
    #[arg(
        long,
        global = true,
        env = "CYBERPROFILES_OIDC_ROLE_CLAIM",
        default_value = "role"
    )]
    pub oidc_role_claim: String,

    /// Client id of this service at the provider. With it, people sign in to the pages at the provider. Register
    /// `/sign-in/callback` below the public URL as the redirect URI. Example: `cyberprofiles-pages`.
    #[arg(
        long,
        global = true,
        env = "CYBERPROFILES_OIDC_CLIENT_ID",
        requires = "oidc_issuer"
    )]
    pub oidc_client_id: Option<String>,

    /// Client secret of this service at the provider. Without it, the client is a public one. Example: `s3cr3t`.
    #[arg(
        long,
        global = true,
        env = "CYBERPROFILES_OIDC_CLIENT_SECRET",
        requires = "oidc_client_id"
    )]
    pub oidc_client_secret: Option<Secret>,

    /// Scopes that a sign-in at the provider asks for, separated by spaces; `openid` is needed.
    #[arg(
        long,
        global = true,
        env = "CYBERPROFILES_OIDC_SCOPES",
        default_value = "openid profile"
    )]
    pub oidc_scopes: String,
}

impl Oidc {
    /// Settings of the provider, or `None` if no provider is configured.
    pub fn settings(&self) -> Option<oidc::ProviderSettings> {
        Some(oidc::ProviderSettings {
            issuer: self.oidc_issuer.as_ref()?.expose().to_owned(),
            audience: self.oidc_audience.clone()?,
            keys: self.oidc_jwks.clone(),
            role_claim: self.oidc_role_claim.clone(),
            client: self.oidc_client_id.as_ref().map(|id| oidc::ClientSettings {
                id: id.clone(),
                secret: self
                    .oidc_client_secret
                    .as_ref()
                    .map(|secret| secret.expose().to_owned()),
                scopes: self.oidc_scopes.clone(),
            }),
        })
    }
}

/// Format of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// Text for people, one event per line.
    Text,
    /// One JSON object per line, for programs.
    Json,
}
