//! Every setting: a flag, its variable, its default and what it does.

use std::net::SocketAddr;

use clap::{Args, ValueEnum};

use crate::graphql::limits::Limits;

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
        default_value = "sqlite://cyberprofiles.db",
        hide_env_values = true
    )]
    pub database_url: String,

    /// How the log on standard error is written.
    #[arg(
        long,
        global = true,
        env = "CYBERPROFILES_LOG_FORMAT",
        default_value = "text"
    )]
    pub log_format: LogFormat,

    /// What is logged: a level, or levels by module as in `info,cyberprofiles::store=debug`.
    #[arg(
        long,
        global = true,
        env = "CYBERPROFILES_LOG_LEVEL",
        default_value = "info,sqlx=warn,sea_orm_migration=warn"
    )]
    pub log_level: String,

    /// Whether browsers get `GraphiQL`.
    #[arg(
        long,
        global = true,
        env = "CYBERPROFILES_GRAPHIQL",
        default_value_t = true,
        action = clap::ArgAction::Set
    )]
    pub graphiql: bool,

    /// How much one request may ask.
    #[command(flatten)]
    pub limits: Limits,
}

/// How the log is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// For machines: one JSON object a line.
    Json,
}
