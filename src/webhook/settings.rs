//! Settings of webhooks.

use std::time::Duration;

use clap::{Args, FromArgMatches};
use ipnet::IpNet;

use crate::graphql::parse_network;

/// Settings of webhooks.
#[derive(Args, Clone, Debug)]
pub struct WebhookSettings {
    /// Networks to which webhooks may post although they are not public: addresses or networks, separated by commas.
    /// Example: `10.20.0.0/16,192.168.7.9`.
    #[arg(
        long,
        global = true,
        env = "CYBERPROFILES_WEBHOOK_ALLOW",
        value_delimiter = ',',
        value_parser = parse_network
    )]
    pub webhook_allow: Vec<IpNet>,

    /// Maximum number of posts to webhooks at the same time.
    #[arg(
        long,
        global = true,
        env = "CYBERPROFILES_WEBHOOK_CONCURRENCY",
        default_value_t = 64,
        value_parser = clap::value_parser!(u16).range(1..)
    )]
    pub webhook_concurrency: u16,

    /// Maximum time until a connection to a receiver is open, in milliseconds.
    #[arg(
        long,
        global = true,
        env = "CYBERPROFILES_WEBHOOK_CONNECT_TIMEOUT_MS",
        default_value_t = 5_000,
        value_parser = clap::value_parser!(u32).range(1..)
    )]
    pub webhook_connect_timeout_ms: u32,

    /// Maximum time until a receiver has answered, in milliseconds; the connection included.
    #[arg(
        long,
        global = true,
        env = "CYBERPROFILES_WEBHOOK_TIMEOUT_MS",
        default_value_t = 10_000,
        value_parser = clap::value_parser!(u32).range(1..)
    )]
    pub webhook_timeout_ms: u32,

    /// Maximum time until a change is rendered, in milliseconds. A change that takes longer counts as a failed post.
    #[arg(
        long,
        global = true,
        env = "CYBERPROFILES_WEBHOOK_RENDER_TIMEOUT_MS",
        default_value_t = 30_000,
        value_parser = clap::value_parser!(u32).range(1..)
    )]
    pub webhook_render_timeout_ms: u32,

    /// Pause after the first failed post, in milliseconds. The later ones are 6, 24, 120, 360 and 720 times as long;
    /// about 5 s, 30 s, 2 min, 10 min, 30 min and 1 h.
    #[arg(
        long,
        global = true,
        env = "CYBERPROFILES_WEBHOOK_RETRY_MS",
        default_value_t = 5_000,
        value_parser = clap::value_parser!(u32).range(1..)
    )]
    pub webhook_retry_ms: u32,

    /// Time after the first failed post of a change after which its webhook is suspended, in seconds.
    #[arg(
        long,
        global = true,
        env = "CYBERPROFILES_WEBHOOK_GIVE_UP_SECONDS",
        default_value_t = 259_200,
        value_parser = clap::value_parser!(u32).range(1..)
    )]
    pub webhook_give_up_seconds: u32,
}

impl Default for WebhookSettings {
    /// The default of every setting, from its declaration above: clap parses an empty command line.
    fn default() -> Self {
        let command = Self::augment_args(clap::Command::new("settings"));
        let matches = command.get_matches_from(["settings"]);
        Self::from_arg_matches(&matches).unwrap_or_else(|error| error.exit())
    }
}

impl WebhookSettings {
    /// Maximum number of posts at the same time.
    pub(super) fn concurrency(&self) -> usize {
        self.webhook_concurrency.into()
    }

    /// Maximum time until a connection is open.
    pub(super) fn connect_timeout(&self) -> Duration {
        Duration::from_millis(self.webhook_connect_timeout_ms.into())
    }

    /// Maximum time until a receiver has answered.
    pub(super) fn timeout(&self) -> Duration {
        Duration::from_millis(self.webhook_timeout_ms.into())
    }

    /// Maximum time until a change is rendered.
    pub(super) fn render_timeout(&self) -> Duration {
        Duration::from_millis(self.webhook_render_timeout_ms.into())
    }

    /// Pause after the first failed post.
    pub(super) fn first_pause(&self) -> Duration {
        Duration::from_millis(self.webhook_retry_ms.into())
    }

    /// Time after which a webhook is suspended.
    pub(super) fn give_up(&self) -> Duration {
        Duration::from_secs(self.webhook_give_up_seconds.into())
    }
}
