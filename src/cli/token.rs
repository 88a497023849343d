//! The commands for API tokens.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use clap::Subcommand;
use clap::builder::NonEmptyStringValueParser;

use super::output::{Failure, open, say};
use crate::config::Config;
use crate::domain::viewer::Role;
use crate::store::Use;
use crate::store::token::Model as Token;

/// The commands for API tokens.
#[derive(Subcommand)]
pub(super) enum TokenCommand {
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

/// Carries out a command for API tokens.
pub(super) async fn token(config: &Config, command: TokenCommand) -> Result<(), Failure> {
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
