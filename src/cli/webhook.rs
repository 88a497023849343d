//! The command `webhook`.

use chrono::SecondsFormat;
use clap::Subcommand;

use super::output::{Failure, open, print};
use crate::config::Config;
use crate::domain::webhook::ID_PREFIX;
use crate::store::ClaimMode;
use crate::store::webhook::Model;

/// The subcommands of `webhook`.
#[derive(Subcommand)]
pub(super) enum WebhookCommand {
    /// List all webhooks: id, state, owner, address, creation, the last change that was taken or passed, last error.
    List,
    /// Suspend a webhook: nothing is posted until its owner resumes it.
    Suspend {
        /// Id of the webhook, as `webhook list` shows it.
        id: String,
    },
    /// Delete a webhook with its deliveries.
    Delete {
        /// Id of the webhook, as `webhook list` shows it.
        id: String,
    },
}

/// Runs a subcommand of `webhook`.
pub(super) async fn webhook(config: &Config, command: WebhookCommand) -> Result<(), Failure> {
    let (_claim, store) = open(config, ClaimMode::Existing).await?;
    let webhooks = store.webhooks();
    let bare = |id: &str| id.strip_prefix(ID_PREFIX).unwrap_or(id).to_owned();
    match command {
        WebhookCommand::List => {
            let lines: Vec<String> = webhooks.all().await?.iter().map(line).collect();
            print(&lines.concat())
        }
        WebhookCommand::Suspend { id } => {
            let row = webhooks.suspend_any(&bare(&id)).await?;
            print(&format!(
                "suspended {ID_PREFIX}{} of {}\n",
                row.id, row.person
            ))
        }
        WebhookCommand::Delete { id } => {
            let row = webhooks.delete_any(&bare(&id)).await?;
            print(&format!(
                "deleted {ID_PREFIX}{} of {}\n",
                row.id, row.person
            ))
        }
    }
}

/// Formats a webhook as one line of `webhook list`.
fn line(row: &Model) -> String {
    let made = row.created_at.to_rfc3339_opts(SecondsFormat::Secs, true);
    let (id, state, person, name) = (&row.id, row.state, &row.person, &row.owner.name);
    let (url, sequence) = (&row.url, row.sequence);
    let error = row.last_error.as_deref();
    let error = error
        .map(|error| format!("  {error:?}"))
        .unwrap_or_default();
    format!(
        "{ID_PREFIX}{id}  {state}  {person}  {name:?}  {url}  made {made}  at change {sequence}{error}\n"
    )
}
