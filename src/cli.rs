//! The commands.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use futures_util::future::{FutureExt, LocalBoxFuture};

use crate::config::{Config, Secret};
use crate::graphql;
use crate::telemetry;

mod data;
mod hidden;
mod migrate;
mod output;
mod progress;
mod serve;
mod signal;
mod token;

use hidden::without_addresses;
use migrate::{MigrateCommand, migrate};
use output::{Failure, say};
use serve::serve;
use signal::survive_large_files;
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
    /// Serve (the default): bring the tables up to date, load the bundled data into an empty
    /// database, and answer.
    Serve,
    /// The tables: bring them up to date (the default), take changes of them back, or list them.
    Migrate {
        #[command(subcommand)]
        command: Option<MigrateCommand>,
    },
    /// Read data files: JSON Lines in UTF-8, one change a line. Each is taken over whole or not at all, and
    /// may be read again: what was taken over already changes nothing.
    ///
    /// A record that stands with other content or citations than its line is reported and left as it is.
    /// The exit code is 0 then too; it is 1 where a line is refused. Nothing of that file is taken over,
    /// what was read before it is, and what follows is not read.
    Import(data::Import),
    /// Write every record as it stands now, with its citations, as a data file.
    Export {
        /// Where to; standard output for `-`, or if left out. A file that is there is replaced once the
        /// export is whole.
        file: Option<PathBuf>,
    },
    /// Print the GraphQL schema.
    Schema,
    /// API tokens.
    Token {
        #[command(subcommand)]
        command: TokenCommand,
    },
}

/// Does what the command line says. A failure is one clear line (an import: one for each bad line) on
/// standard error, and exit code 1.
pub fn run() -> LocalBoxFuture<'static, ExitCode> {
    started().boxed_local()
}

async fn started() -> ExitCode {
    let cli = read();
    survive_large_files();
    let (format, level) = (cli.config.log_format, &cli.config.log_level);
    let collector = cli.config.otlp_endpoint.as_ref().map(Secret::expose);
    let started = telemetry::start(format, level, collector);
    let _telemetry = match started {
        Ok(telemetry) => telemetry,
        Err(message) => return failed(vec![message]),
    };
    // On the heap, so that the program is compiled with the library, and no future holds all others.
    let executing = execute(cli.command.unwrap_or(Command::Serve), &cli.config).boxed_local();
    match executing.await {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure(lines)) => failed(lines),
    }
}

/// Reads the command line, or says what is wrong with it and ends. Neither that nor the help tells a value that was
/// set: it may be a password.
fn read() -> Cli {
    let command = Cli::command().mut_args(|setting| setting.hide_env_values(true));
    let matches = command.try_get_matches();
    let read = matches.and_then(|mut matches| Cli::from_arg_matches_mut(&mut matches));
    read.unwrap_or_else(|error| {
        let said = error.to_string();
        let told = without_addresses(&said);
        if told == said {
            error.exit();
        }
        // Nobody is left to tell where standard error is closed.
        let _ = write!(std::io::stderr(), "{told}");
        std::process::exit(error.exit_code());
    })
}

fn failed(lines: Vec<String>) -> ExitCode {
    let mut out = std::io::stderr().lock();
    for line in lines {
        // Nobody is left to tell where standard error is closed.
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
        Command::Import(import) => data::import(config, &import).boxed_local().await,
        Command::Export { file } => data::export(config, file.as_deref()).await,
        Command::Schema => say(&graphql::sdl()),
        Command::Token { command } => token(config, command).await,
    }
}
