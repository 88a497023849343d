//! The command line: the commands, and how a failure is reported.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use futures_util::future::{FutureExt, LocalBoxFuture};

use crate::config::{Config, Secret};
use crate::graphql;
use crate::telemetry;

mod export;
mod import;
mod migrate;
mod output;
mod progress;
mod redact;
mod serve;
mod signal;
mod token;

use migrate::{MigrateCommand, migrate};
use output::{Failure, print};
use redact::redact_addresses;
use serve::serve;
use signal::ignore_file_size_signal;
use token::{TokenCommand, token};

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
    /// Export every current record, with its citations, as a data file (JSON Lines).
    Export {
        /// The file to write; standard output if it is `-` or omitted. An existing file is replaced only when the
        /// export is complete. Example: `profiles.jsonl`.
        file: Option<PathBuf>,
    },
    /// Print the GraphQL schema in the schema definition language.
    Schema,
    /// Manage API tokens: create, list, revoke.
    Token {
        #[command(subcommand)]
        command: TokenCommand,
    },
}

/// Runs the command that the command line names. A failure is one line on standard error (an import: one line per
/// finding), and exit code 1.
pub fn run() -> LocalBoxFuture<'static, ExitCode> {
    started().boxed_local()
}

async fn started() -> ExitCode {
    let cli = read();
    ignore_file_size_signal();
    let (format, level) = (cli.config.log_format, &cli.config.log_level);
    let collector = cli.config.otlp_endpoint.as_ref().map(Secret::expose);
    let started = telemetry::start(format, level, collector);
    let _telemetry = match started {
        Ok(telemetry) => telemetry,
        Err(message) => return failed(vec![message]),
    };
    // Boxed: the code is compiled once, in the library, and this future does not contain those of all commands.
    let executing = execute(cli.command.unwrap_or(Command::Serve), &cli.config).boxed_local();
    match executing.await {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure(lines)) => failed(lines),
    }
}

/// Reads the command line. If it is invalid, prints why and ends the process. Neither that message nor the help repeats
/// the value of a variable or an address: it may be a password.
fn read() -> Cli {
    let command = Cli::command().mut_args(|setting| setting.hide_env_values(true));
    let matches = command.try_get_matches();
    let read = matches.and_then(|mut matches| Cli::from_arg_matches_mut(&mut matches));
    read.unwrap_or_else(|error| {
        let message = error.to_string();
        let redacted = redact_addresses(&message);
        if redacted == message {
            error.exit();
        }
        // An error here means that standard error is closed: there is no other place to report it.
        let _ = write!(std::io::stderr(), "{redacted}");
        std::process::exit(error.exit_code());
    })
}

fn failed(lines: Vec<String>) -> ExitCode {
    let mut out = std::io::stderr().lock();
    for line in lines {
        // An error here means that standard error is closed: there is no other place to report it.
        let _ = writeln!(out, "error: {line}");
    }
    ExitCode::FAILURE
}

async fn execute(command: Command, config: &Config) -> Result<(), Failure> {
    match command {
        Command::Serve => serve(config).boxed_local().await,
        Command::Migrate { command } => {
            migrate(config, command.unwrap_or(MigrateCommand::Up)).await
        }
        Command::Import(import) => import::import(config, &import).boxed_local().await,
        Command::Export { file } => export::export(config, file.as_deref()).await,
        Command::Schema => print(&graphql::sdl()),
        Command::Token { command } => token(config, command).await,
    }
}
