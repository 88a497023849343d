//! Checks of the database: reachable, writable, and with the tables of this program.

use super::finding::Finding;
use crate::store::examine::{ConnectCause, Content, Examined, Facts};

const DATABASE: &str = "database";
const MIGRATIONS: &str = "migrations";

pub(super) fn check(examined: &Examined) -> Vec<Finding> {
    let place = &examined.place;
    match &examined.content {
        Content::Missing => vec![Finding::ok(
            DATABASE,
            format!("{place} does not exist yet: the server creates it and loads the bundled data"),
        )],
        Content::Unreachable(error) => {
            vec![Finding::fault(
                DATABASE,
                error.message.as_str(),
                advice(error.cause),
            )]
        }
        Content::Unusable(why) => vec![Finding::fault(
            DATABASE,
            format!("{place}: {why}"),
            "the program needs to read and write the file and its folder; is --database-url the right one, and is the user?",
        )],
        Content::Readable(facts) => vec![readable(place, facts), migrations(facts)],
    }
}

/// Advice against a cause.
fn advice(cause: ConnectCause) -> &'static str {
    match cause {
        ConnectCause::Refused => {
            "start PostgreSQL, or correct host and port; does it listen on that address (listen_addresses)?"
        }
        ConnectCause::NameNotFound => "correct the name of the host, or the name service",
        ConnectCause::Timeout => "look for a firewall between, or at the load of the server",
        ConnectCause::Login => "correct user and password (PGPASSWORD), or pg_hba.conf",
        ConnectCause::NoDatabase => "create it: CREATE DATABASE … OWNER …",
        ConnectCause::Tls => {
            "compare sslmode and sslrootcert of the address with the certificate of the server"
        }
        ConnectCause::Exclusive => "wait until that command has ended",
        ConnectCause::Other => "look at the log of PostgreSQL",
    }
}

fn readable(place: &str, facts: &Facts) -> Finding {
    let (version, bytes) = (&facts.version, facts.bytes);
    if facts
        .server
        .as_ref()
        .is_some_and(|server| server.is_read_only)
    {
        return Finding::warning(
            DATABASE,
            format!(
                "{place} ({version}) is read-only: the server answers queries and cannot write"
            ),
            "name the primary in --database-url",
        );
    }
    Finding::ok(DATABASE, format!("{place} ({version}), {bytes} bytes"))
}

fn migrations(facts: &Facts) -> Finding {
    if let Some(newest) = facts.newer.last() {
        return Finding::fault(
            MIGRATIONS,
            format!("the database was made by a newer version of this program: it has {newest}"),
            "use that version, or restore a backup of this one",
        );
    }
    let (applied, pending) = (facts.applied, facts.pending.len());
    if applied == 0 {
        return Finding::ok(
            MIGRATIONS,
            "the database is empty: the server creates its tables",
        );
    }
    match facts.pending.first() {
        None => Finding::ok(MIGRATIONS, format!("all {applied} are applied")),
        Some(first) => Finding::warning(
            MIGRATIONS,
            format!("{pending} pending, from {first}: the next start of the server applies them"),
            "make a backup before",
        ),
    }
}
