//! The commands.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use clap::builder::NonEmptyStringValueParser;
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use tokio::net::TcpListener;

use crate::bundle;
use crate::config::{Config, Secret};
use crate::domain::viewer::Role;
use crate::graphql::persisted::Trusted;
use crate::graphql::{self, Service};
use crate::http::oidc::Provider;
use crate::http::{self, App, Guard};
use crate::nats;
use crate::store::token::Model as Token;
use crate::store::{self, Claim, Options, Store, Use};
use crate::telemetry;

mod data;

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

#[derive(Subcommand)]
enum MigrateCommand {
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

#[derive(Subcommand)]
enum TokenCommand {
    /// Make a token and print it, as the last word. It is shown this once.
    Create {
        /// What its bearer may do.
        #[arg(long, value_parser = parse_role)]
        role: Role,
        /// What to call its bearer.
        #[arg(long, value_parser = NonEmptyStringValueParser::new())]
        name: String,
        /// Who its bearer is: the same for all tokens of one person. Left out: this token alone.
        #[arg(long, value_parser = NonEmptyStringValueParser::new())]
        person: Option<String>,
        /// After how many days it stops to work. Left out: when it is revoked.
        #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..=3_650))]
        expires_in: Option<u32>,
    },
    /// List the tokens: id, role, person, name, when made, until when, last used.
    List,
    /// Make a token stop to work, at once.
    Revoke {
        /// Its id, as `token list` shows it.
        id: String,
    },
}

fn parse_role(text: &str) -> Result<Role, String> {
    Role::of_person(text).ok_or_else(|| "expected CONTRIBUTOR, EDITOR or ADMIN".to_owned())
}

/// Why a command did not do its work: lines for a person.
struct Failure(Vec<String>);

impl From<store::Error> for Failure {
    fn from(error: store::Error) -> Self {
        Self(vec![error.to_string()])
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        // Rust reports a closed pipe instead of ending the program by SIGPIPE.
        if error.kind() == std::io::ErrorKind::BrokenPipe {
            return Self(vec!["standard output was closed too early".to_owned()]);
        }
        Self(vec![error.to_string()])
    }
}

/// Does what the command line says. A failure is one clear line (an import: one for each bad line) on
/// standard error, and exit code 1.
pub async fn run() -> ExitCode {
    let cli = read();
    survive_large_files();
    let (format, level) = (cli.config.log_format, &cli.config.log_level);
    let collector = cli.config.otlp_endpoint.as_ref().map(Secret::expose);
    let started = telemetry::start(format, level, collector);
    let _telemetry = match started {
        Ok(telemetry) => telemetry,
        Err(message) => return failed(vec![message]),
    };
    match execute(cli.command.unwrap_or(Command::Serve), &cli.config).await {
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

/// A message of the command line without the addresses that it repeats, but for their scheme.
fn without_addresses(said: &str) -> String {
    let arguments = std::env::args_os().skip(1);
    let variables = std::env::vars_os()
        .filter(|(name, _)| name.to_string_lossy().starts_with("CYBERPROFILES_"))
        .map(|(_, value)| value);
    let mut told = said.to_owned();
    for value in arguments.chain(variables) {
        let value = value.to_string_lossy();
        let whole = value.as_ref();
        // A value may stand behind its flag, and be one of a list.
        let behind = whole.split_once('=').map(|(_, value)| value);
        let parts = [Some(whole), behind].into_iter().flatten();
        for part in parts.clone().chain(parts.flat_map(|part| part.split(','))) {
            if let Some((scheme, rest)) = part.split_once("://")
                && rest.contains(['@', '?'])
            {
                told = told.replace(part, &format!("{scheme}://…"));
            }
        }
    }
    told
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
        Command::Serve => serve(config).await,
        Command::Migrate { command } => {
            migrate(config, command.unwrap_or(MigrateCommand::Up)).await
        }
        Command::Import(import) => data::import(config, &import).await,
        Command::Export { file } => data::export(config, file.as_deref()).await,
        Command::Schema => say(&graphql::sdl()),
        Command::Token { command } => token(config, command).await,
    }
}

async fn token(config: &Config, command: TokenCommand) -> Result<(), Failure> {
    let what = match &command {
        TokenCommand::Create { .. } => Use::Beside,
        TokenCommand::List | TokenCommand::Revoke { .. } => Use::Existing,
    };
    let (_claim, store) = open(config, what).await?;
    match command {
        TokenCommand::Create {
            role,
            name,
            person,
            expires_in,
        } => {
            let days = expires_in.map(|days| TimeDelta::days(days.into()));
            let end = days.map(|days| store.clock().now() + days);
            let token = store
                .create_token(role, &name, person.as_deref(), end)
                .await?;
            say(&format!("token for {name}, shown this once: {token}\n"))
        }
        TokenCommand::List => {
            let tokens = store.tokens().await?;
            let now = store.clock().now();
            let lines: Vec<String> = tokens.iter().map(|token| line(token, now)).collect();
            say(&lines.concat())
        }
        TokenCommand::Revoke { id } => {
            let token = store.revoke_token(&id).await?;
            say(&format!("revoked {} of {}\n", token.id, token.person))
        }
    }
}

/// A token as a line of its list.
fn line(token: &Token, now: DateTime<Utc>) -> String {
    let instant = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Secs, true);
    let end = match (token.revoked_at, token.expires_at) {
        (Some(at), _) => format!("revoked {}", instant(at)),
        (None, Some(at)) if at <= now => format!("expired {}", instant(at)),
        (None, Some(at)) => format!("until {}", instant(at)),
        (None, None) => "until revoked".to_owned(),
    };
    let used = token.last_used_at.map_or_else(
        || "never used".to_owned(),
        |at| format!("last used {}", instant(at)),
    );
    let (id, person, made) = (&token.id, &token.person, instant(token.created_at));
    let (role, name) = (token.role, &token.name);
    format!("{id}  {role}  {person}  {name:?}  made {made}  {end}  {used}\n")
}

fn say(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()?;
    Ok(())
}

/// Opens the database; the claim has to outlive it.
async fn open(config: &Config, what: Use) -> Result<(Claim, Store), Failure> {
    let url = config.database_url.expose();
    let claim = store::claim(url, what)?;
    let store = Store::open(url, &Options::default()).await?;
    Ok((claim, store))
}

/// How long it takes at most until a new day is noticed.
const TICK: Duration = Duration::from_mins(1);

async fn serve(config: &Config) -> Result<(), Failure> {
    let listener = TcpListener::bind(config.listen)
        .await
        .map_err(|error| Failure(vec![format!("cannot listen on {}: {error}", config.listen)]))?;
    // What is wrong with the settings is said before there is a database.
    let provider = config.oidc.settings().map(Provider::new).transpose();
    let provider = provider
        .map_err(|message| Failure(vec![message]))?
        .map(Arc::new);
    let only = config.only_trusted_documents;
    let trusted = config.trusted_documents.as_deref();
    if only && trusted.is_none() {
        let message =
            "--only-trusted-documents needs --trusted-documents, which says which those are";
        return Err(Failure(vec![message.to_owned()]));
    }
    if config.http.allow_credentials && config.http.allow_origins.is_empty() {
        let message = "--allow-credentials needs --allow-origins, which says of which pages";
        return Err(Failure(vec![message.to_owned()]));
    }
    let trusted = trusted
        .map(|path| Trusted::read(path, only, &config.limits))
        .transpose();
    let trusted = trusted.map_err(|message| Failure(vec![message]))?;
    let nats = config.nats_url.as_ref().map(Secret::expose);
    let read = nats.map(nats::servers).transpose();
    read.map_err(|message| Failure(vec![message]))?;
    let (_claim, store) = open(config, Use::Serve).await?;
    if store.head().await?.committed_at.is_none() {
        bundle::load(&store).await?;
    }
    // It hears of others from the start, and by that has the tables where nobody asks.
    store.reached();
    let address = listener.local_addr()?;
    let guard = Guard::new(store.clone(), provider);
    let closing = store.clone();
    let time = store.clone();
    let time = tokio::spawn(async move { time.keep_time(TICK).await });
    let _nats = match nats {
        Some(urls) => {
            let started = nats::start(urls, &store).await;
            Some(started.map_err(|message| Failure(vec![message]))?)
        }
        None => None,
    };
    let service = Service::trusting(store, config.limits.clone(), trusted.unwrap_or_default());
    let stop = stopped();
    say(&format!("listening on http://{address}\n"))?;
    let app = App::new(service, guard, config.http.clone());
    let served = http::serve(listener, app, stop).await;
    time.abort();
    closing.close().await;
    Ok(served?)
}

async fn migrate(config: &Config, command: MigrateCommand) -> Result<(), Failure> {
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

/// Where a file may not grow (`ulimit -f`), the system ends a program that does not handle its signal: handled, writing
/// fails as on a full disk.
fn survive_large_files() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        // It stays handled when nobody waits for it any more.
        drop(signal(SignalKind::from_raw(libc::SIGXFSZ)));
    }
}

/// Ready when the program is told to stop, by Ctrl-C or SIGTERM, from the time when this is called.
fn stopped() -> impl Future<Output = ()> {
    #[cfg(unix)]
    let signals = {
        use tokio::signal::unix::{SignalKind, signal};
        [SignalKind::interrupt(), SignalKind::terminate()].map(signal)
    };
    async move {
        // Without a signal to wait for there is nothing to stop for.
        #[cfg(unix)]
        if let [Ok(mut interrupt), Ok(mut terminate)] = signals {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            return;
        }
        drop(tokio::signal::ctrl_c().await);
    }
}
