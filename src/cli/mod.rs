//! The command line: the commands, and how a failure is reported.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use futures_util::future::{FutureExt, LocalBoxFuture};

use crate::config::{Config, Secret};
use crate::graphql;
use crate::store::RestoreOptions;
use crate::telemetry;

mod backup;
mod doctor;
mod export;
mod export_folder;
mod help;
mod import;
mod migrate;
mod r#move;
mod output;
mod page;
mod progress;
mod propose;
mod redact;
mod report;
mod restore;
mod serve;
mod settings;
mod signal;
mod token;
mod verify;
mod webhook;

use migrate::{MigrateCommand, migrate};
use output::{Failure, print};
use report::{report_error, report_usage_error};
use serve::serve;
use settings::changed_settings;
use signal::{ignore_file_size_signal, unless_stopped};
use token::{TokenCommand, token};
use webhook::{WebhookCommand, webhook};

/// Country profiles on cybercrime and electronic evidence as a GraphQL service.
#[derive(Parser)]
#[command(name = "cyberprofiles", version)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    config: Config,
}

#[derive(Subcommand)]
enum Command {
    /// Run the server (the default command). It brings the tables up to date, loads the bundled data set into an empty
    /// database, and answers requests until it is stopped.
    Serve,
    /// Manage the database tables: bring them up to date (the default), revert migrations, or list them.
    Migrate {
        #[command(subcommand)]
        command: Option<MigrateCommand>,
    },
    /// Import data files: JSON Lines in UTF-8, one change per line, as `export` writes them. Each file is imported
    /// completely or not at all. Importing a file again changes nothing. With `--bundled`, the data set of the program
    /// is imported in place of files, as one file.
    ///
    /// If a record already exists with other content or other citations than its line, the import reports the line and
    /// leaves the record unchanged. The exit code is 0 then too. If a line is refused, the exit code is 1: nothing of
    /// that file is imported, earlier files stay imported, and later files are not read.
    Import(import::Import),
    /// Propose a contribution from a file to a running server, as `createContribution` takes it. Prints its id, its state,
    /// its changes, and warnings for the editor. If the server refuses it, each fault is a line with its path, and the
    /// exit code is 1.
    Propose(propose::Propose),
    /// Verify the log: that each line has its hash, that no line is missing, and that the records are what the log says.
    /// Prints the sequence number and the hash of the last line. Note them in another place, and give them to
    /// `--expect` later: then a log that was rewritten as a whole is found too. If something does not fit, the exit code
    /// is 1 and each fault is a line.
    Verify(verify::Verify),
    /// Export every record, with its citations: as a data file (JSON Lines), or as a folder of CSV files.
    Export(export::Export),
    /// Write a backup of the whole database, also while servers use it: all versions, the log, contributions, tokens and
    /// webhooks.
    /// It can be restored into `SQLite` and into `PostgreSQL`. Only its owner may read the file, because it contains
    /// what the database keeps secret.
    Backup {
        /// The file to write; standard output if it is `-`. An existing file is replaced only when the backup is
        /// complete. Example: `profiles.backup`.
        file: PathBuf,
    },
    /// Restore a backup into the database, which must be empty, and which no server may use. The log goes on after the
    /// last change of the backup. Cursors up to that change stay valid, and later ones are unknown. Webhooks are
    /// suspended, so that a copy calls no receiver; their owners resume them.
    Restore {
        /// The backup. Nothing is changed unless it is complete and unchanged.
        file: PathBuf,
        /// Replace a database that has content. It is deleted when the backup is restored completely.
        #[arg(long)]
        replace: bool,
        /// Leave webhooks as they are in the backup: those that were active post from this database.
        #[arg(long)]
        keep_webhooks: bool,
    },
    /// Move the database to another one of either kind, which must be empty. Cursors, versions, contributions,
    /// tokens and webhooks stay valid there. No server may use either of them. The old database stays as it is: do not use it again.
    Move {
        /// The new database: `sqlite://FILE` or `postgres://USER@HOST/DATABASE`.
        #[arg(
            long,
            value_name = "URL",
            env = "CYBERPROFILES_MOVE_TO",
            hide_env_values = true
        )]
        to: Secret,
    },
    /// Check what the server needs, and print one line for each check: `ok`, `warning` or `fault`, with the cause and what
    /// would help. Nothing is changed. The exit code is 1 if there is a fault.
    Doctor,
    /// Print the GraphQL schema in the schema definition language.
    Schema,
    /// Manage API tokens: create, list, revoke.
    Token {
        #[command(subcommand)]
        command: TokenCommand,
    },
    /// Manage the webhooks of all people: list, suspend, delete. Servers that run stop their posts at once.
    Webhook {
        #[command(subcommand)]
        command: WebhookCommand,
    },
}

/// Runs the command that the command line names. A failure is one line on standard error (an import: one line per
/// finding), and exit code 1.
pub fn run() -> LocalBoxFuture<'static, ExitCode> {
    started().boxed_local()
}

async fn started() -> ExitCode {
    let (cli, changed) = read();
    ignore_file_size_signal();
    let (format, level) = (cli.config.log_format, &cli.config.log_level);
    report::use_format(format);
    let collector = cli.config.otlp_endpoint.as_ref().map(Secret::expose);
    let started = telemetry::start(format, level, collector);
    let _telemetry = match started {
        Ok(telemetry) => telemetry,
        Err(message) => return failed(&[message]),
    };
    // Boxed: the code is compiled once, in the library, and this future does not contain those of all commands.
    let command = cli.command.unwrap_or(Command::Serve);
    let executing = execute(command, &cli.config, &changed).boxed_local();
    match executing.await {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure(lines)) => failed(&lines),
    }
}

/// Reads the command line, and the settings that differ from their defaults. If the command line is invalid, prints why
/// and ends the process.
fn read() -> (Cli, String) {
    let matches = help::with_own_flags(Cli::command()).try_get_matches();
    let read = matches.and_then(|mut matches| {
        let changed = changed_settings(&matches);
        Ok((Cli::from_arg_matches_mut(&mut matches)?, changed))
    });
    read.unwrap_or_else(|error| report_usage_error(&error))
}

fn failed(lines: &[String]) -> ExitCode {
    for line in lines {
        report_error(line);
    }
    ExitCode::FAILURE
}

async fn execute(command: Command, config: &Config, changed: &str) -> Result<(), Failure> {
    match command {
        Command::Serve => serve(config, changed).boxed_local().await,
        Command::Migrate { command } => {
            migrate(config, command.unwrap_or(MigrateCommand::Up)).await
        }
        Command::Import(import) => import::import(config, &import).boxed_local().await,
        Command::Propose(arguments) => propose::propose(&arguments).boxed_local().await,
        Command::Verify(arguments) => verify::verify(config, &arguments).boxed_local().await,
        Command::Export(wanted) => {
            unless_stopped(export::export(config, &wanted))
                .boxed_local()
                .await?
        }
        Command::Backup { file } => backup::backup(config, &file).boxed_local().await,
        Command::Restore {
            file,
            replace: replaces,
            keep_webhooks: keeps_webhooks,
        } => {
            let options = RestoreOptions {
                replaces,
                keeps_webhooks,
            };
            restore::restore(config, &file, options).boxed_local().await
        }
        Command::Move { to } => r#move::relocate(config, &to).boxed_local().await,
        Command::Doctor => doctor::doctor(config).boxed_local().await,
        Command::Schema if config.federation => print(&graphql::subgraph_sdl()),
        Command::Schema => print(&graphql::sdl()),
        Command::Token { command } => token(config, command).await,
        Command::Webhook { command } => webhook(config, command).await,
    }
}
