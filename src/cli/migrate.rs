//! The command `migrate`.

use clap::Subcommand;

use super::output::{Failure, open, print};
use crate::config::Config;
use crate::store::{self, ClaimMode};

/// The subcommands of `migrate`.
#[derive(Subcommand)]
pub(super) enum MigrateCommand {
    /// Apply all pending migrations. This is the default.
    Up,
    /// Revert the last migrations and delete all data in the tables and columns that they made. Without `--yes` it only
    /// lists what would be deleted. No other process may use the database.
    Down {
        /// Number of migrations to revert.
        #[arg(
            default_value_t = 1,
            conflicts_with = "all",
            value_parser = clap::value_parser!(u32).range(1..)
        )]
        steps: u32,
        /// Revert all migrations: the database is empty afterwards.
        #[arg(long)]
        all: bool,
        /// Delete the data. Without this flag nothing changes.
        #[arg(long)]
        yes: bool,
    },
    /// List all migrations, each as `applied` or `pending`.
    Status,
}

/// Runs a subcommand of `migrate`.
pub(super) async fn migrate(config: &Config, command: MigrateCommand) -> Result<(), Failure> {
    let url = config.database_url.expose();
    match command {
        MigrateCommand::Up => open(config, ClaimMode::AlongsideServer).await.map(drop),
        MigrateCommand::Down { steps, all, yes } => {
            let _claim = store::claim(url, ClaimMode::Alone)?;
            revert_migrations(url, (!all).then_some(steps), yes).await
        }
        MigrateCommand::Status => {
            for (name, is_applied) in store::migrations(url).await? {
                let state = if is_applied { "applied" } else { "pending" };
                print(&format!("{state} {name}\n"))?;
            }
            Ok(())
        }
    }
}

/// Reverts migrations if that is confirmed. Otherwise prints what would be deleted, and fails.
async fn revert_migrations(
    url: &str,
    steps: Option<u32>,
    is_confirmed: bool,
) -> Result<(), Failure> {
    if is_confirmed {
        let gone = store::revert(url, steps).await?;
        return print(&format!("reverted and deleted:\n{gone}"));
    }
    let going = store::would_revert(url, steps).await?;
    print(&format!("would be reverted and deleted:\n{going}"))?;
    let message = "nothing was reverted: this deletes what is listed above permanently. Back up the database, then add --yes";
    Err(Failure(vec![message.to_owned()]))
}
