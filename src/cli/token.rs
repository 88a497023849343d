//! The command `token`.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use clap::Subcommand;
use clap::builder::NonEmptyStringValueParser;

use super::output::{Failure, open, print};
use crate::config::Config;
use crate::domain::viewer::Role;
use crate::store::ClaimMode;
use crate::store::token::Model as Token;

/// The subcommands of `token`.
#[derive(Subcommand)]
pub(super) enum TokenCommand {
    /// Create a token and print it as the last word of the output. It is shown only this once.
    Create {
        /// Role of the bearer: CONTRIBUTOR (proposes changes), EDITOR (also reviews and accepts changes of others, and
        /// verifies records) or ADMIN (has all rights of an editor).
        #[arg(long, value_parser = parse_role)]
        role: Role,
        /// Display name of the bearer, shown with contributions and changes. Example: `Eva Lind`.
        #[arg(long, value_parser = NonEmptyStringValueParser::new())]
        name: String,
        /// Identity of the bearer, the same for all tokens of one person. Nobody may accept their own contribution, so
        /// two tokens of one person need one value. Default: this token alone. Example: `eva`.
        #[arg(long, value_parser = NonEmptyStringValueParser::new())]
        person: Option<String>,
        /// Number of days until the token expires, from 1 to 3650. Default: it is valid until it is revoked.
        #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..=3_650))]
        expires_in: Option<u32>,
    },
    /// List all tokens: id, role, person, name, creation, end of validity, last use.
    List,
    /// Revoke a token at once.
    Revoke {
        /// Id of the token, as `token list` shows it.
        id: String,
    },
}

fn parse_role(text: &str) -> Result<Role, String> {
    Role::of_person(text).ok_or_else(|| "expected CONTRIBUTOR, EDITOR or ADMIN".to_owned())
}

/// Runs a subcommand of `token`.
pub(super) async fn token(config: &Config, command: TokenCommand) -> Result<(), Failure> {
    let what = match &command {
        TokenCommand::Create { .. } => ClaimMode::AlongsideServer,
        TokenCommand::List | TokenCommand::Revoke { .. } => ClaimMode::Existing,
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
            print(&format!("token for {name}, shown this once: {token}\n"))
        }
        TokenCommand::List => {
            let tokens = store.tokens().await?;
            let now = store.clock().now();
            let lines: Vec<String> = tokens.iter().map(|token| line(token, now)).collect();
            print(&lines.concat())
        }
        TokenCommand::Revoke { id } => {
            let token = store.revoke_token(&id).await?;
            print(&format!("revoked {} of {}\n", token.id, token.person))
        }
    }
}

/// Formats a token as one line of `token list`.
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
