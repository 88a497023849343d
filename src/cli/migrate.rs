//! The commands for the tables.

use clap::Subcommand;

use super::output::{Failure, open, say};
use crate::config::Config;
use crate::store::{self, Use};

/// The commands for the tables.
#[derive(Subcommand)]
pub(super) enum MigrateCommand {
    /// Bring the tables up to date.
    Up,
    /// Take the last changes of the tables back, with all that is kept in what they made: without `--yes` it only
    /// says what that is. Nothing else may use the database.
    Down {
        /// How many.
        #[arg(
            default_value_t = 1,
            conflicts_with = "all",
            value_parser = clap::value_parser!(u32).range(1..)
        )]
        steps: u32,
        /// All of them: what is left is an empty database.
        #[arg(long)]
        all: bool,
        /// Do it, for good.
        #[arg(long)]
        yes: bool,
    },
    /// List the changes of the tables, and which were applied.
    Status,
}

/// Carries out a command for the tables.
pub(super) async fn migrate(config: &Config, command: MigrateCommand) -> Result<(), Failure> {
    let url = config.database_url.expose();
    match command {
        MigrateCommand::Up => open(config, Use::Beside).await.map(drop),
        MigrateCommand::Down { steps, all, yes } => {
            let _claim = store::claim(url, Use::Alone)?;
            take_back(url, (!all).then_some(steps), yes).await
        }
        MigrateCommand::Status => {
            for (name, is_applied) in store::migrations(url).await? {
                let state = if is_applied { "applied" } else { "pending" };
                say(&format!("{state} {name}\n"))?;
            }
            Ok(())
        }
    }
}

/// Takes changes of the tables back where that is meant, and else says what would go.
async fn take_back(url: &str, steps: Option<u32>, is_meant: bool) -> Result<(), Failure> {
    if is_meant {
        let gone = store::revert(url, steps).await?;
        return say(&format!(
            "taken back, with all that was kept in it:\n{gone}"
        ));
    }
    let going = store::would_revert(url, steps).await?;
    say(&format!(
        "would be taken back, with all that is kept in it:\n{going}"
    ))?;
    let message = "nothing was taken back: this deletes for good what is listed. Back up first, then say --yes";
    Err(Failure(vec![message.to_owned()]))
}
