//! Repairs texts and links that were stored before they were checked. Removes the characters that no input accepts,
//! and puts texts into Unicode Normalization Form C.

use icu_normalizer::ComposingNormalizerBorrowed;
use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{DbBackend, QueryResult, Statement};
use serde_json::Value as Json;
use url::{Host, Url};

/// Repairs texts and links that were stored before they were checked.
#[derive(DeriveMigrationName)]
pub struct Migration;

/// The form of the values in a column.
#[derive(Clone, Copy)]
enum Holds {
    /// A text that people wrote.
    Text,
    /// The id of a person.
    Person,
    /// A URL, or null.
    Link,
    /// A JSON document with texts, URLs and persons.
    Document,
    /// A JSON list whose elements have a URL each.
    Links,
}
use Holds::{Document, Link, Links, Person, Text};

/// A table: its name, its primary key, and the columns to repair.
type Table = (
    &'static str,
    &'static [&'static str],
    &'static [(&'static str, Holds)],
);

const RECORD: &[&str] = &["id", "since"];
const INSTITUTION: &[(&str, Holds)] = &[
    ("names", Document),
    ("acronym", Text),
    ("website", Link),
    ("reporting_url", Link),
    ("mandate", Text),
];

const TABLES: &[Table] = &[
    (
        "source",
        RECORD,
        &[
            ("title", Text),
            ("url", Link),
            ("publisher", Text),
            ("archived_url", Link),
            ("licence", Text),
        ],
    ),
    (
        "country",
        RECORD,
        &[
            ("names", Document),
            ("region", Text),
            ("subregion", Text),
            ("designation_note", Text),
            ("disclaimer", Text),
        ],
    ),
    (
        "treaty",
        RECORD,
        &[
            ("short_title", Text),
            ("title", Text),
            ("organisation", Text),
            ("opened_at", Text),
            ("entry_into_force_condition", Text),
            ("entry_into_force_rule", Document),
        ],
    ),
    (
        "treaty_event",
        RECORD,
        &[
            ("instrument", Text),
            ("articles", Document),
            ("territories", Document),
            ("text", Text),
            ("reported_label", Text),
            ("named_as", Text),
        ],
    ),
    (
        "policy_document",
        RECORD,
        &[
            ("titles", Document),
            ("number", Text),
            ("publication", Text),
            ("issuer_named_as", Text),
            ("texts", Links),
            ("objectives", Document),
            ("summary", Text),
            ("provisions", Document),
            ("relations", Document),
        ],
    ),
    ("cybersecurity_body", RECORD, INSTITUTION),
    ("operational_unit", RECORD, INSTITUTION),
    ("coverage_assertion", RECORD, &[("statement", Text)]),
    ("profile_section", RECORD, &[("body", Text)]),
    (
        "citation",
        &["record", "field", "since", "position"],
        &[("locator", Text), ("quote", Text)],
    ),
    (
        "change",
        &["sequence"],
        &[("actor", Person), ("actor_name", Text), ("reason", Text)],
    ),
    (
        "contribution",
        &["id"],
        &[
            ("title", Text),
            ("rationale", Text),
            ("decision", Text),
            ("message", Text),
            ("link", Link),
            ("contact", Text),
            ("authors", Document),
            ("reviewer", Document),
            ("changes", Document),
        ],
    ),
    (
        "contribution_author",
        &["contribution", "person"],
        &[("person", Person)],
    ),
    ("comment", &["id"], &[("author", Document), ("body", Text)]),
    ("token", &["id"], &[("name", Text), ("person", Person)]),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// The repair rewrites history, so it removes the triggers that forbid this, and puts them back in the same
    /// transaction.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in TABLES {
            repair(manager, table).await?;
        }
        Ok(())
    }

    /// Does nothing: the removed characters are not known any more.
    async fn down(&self, _manager: &SchemaManager) -> Result<(), DbErr> {
        Ok(())
    }
}

/// The number of rows that are read together.
const PAGE: u64 = 1_000;

/// A row that needs repair: its key, and the new values of some columns.
struct Repaired {
    key: Vec<Value>,
    values: Vec<(&'static str, SimpleExpr)>,
}

async fn repair(manager: &SchemaManager<'_>, table: &Table) -> Result<(), DbErr> {
    let (name, keys, columns) = *table;
    let db = manager.get_connection();
    let mut after: Option<Vec<Value>> = None;
    let mut found: Vec<Repaired> = Vec::new();
    loop {
        let mut page = Query::select();
        page.from(name).limit(PAGE);
        for key in keys {
            page.expr_as(keyed(key), format!("key_{key}"))
                .order_by(*key, Order::Asc);
        }
        for (column, holds) in columns {
            let value = match holds {
                Document | Links => Expr::col(*column).cast_as("text"),
                Text | Person | Link => Expr::col(*column),
            };
            page.expr_as(value, *column);
        }
        if let Some(after) = after.take() {
            let whole = Expr::tuple(keys.iter().map(|key| Expr::col(*key)));
            page.and_where(whole.gt(Expr::tuple(after.into_iter().map(Expr::value))));
        }
        let rows = db.query_all(&page).await?;
        for row in &rows {
            let values = values(manager, row, columns)?;
            if !values.is_empty() {
                let key = key_of(row, keys)?;
                found.push(Repaired { key, values });
            }
        }
        let Some(last) = rows.last() else {
            break;
        };
        after = Some(key_of(last, keys)?);
    }
    if found.is_empty() {
        return Ok(());
    }
    tracing::warn!(
        table = name,
        rows = found.len(),
        "repairing texts and links that no input accepts"
    );
    let back = lift(manager, name).await?;
    for row in found {
        let mut update = Query::update();
        update.table(name).values(row.values);
        for (key, value) in keys.iter().zip(row.key) {
            update.and_where(Expr::col(*key).eq(value));
        }
        db.execute(&update).await?;
    }
    for trigger in back {
        db.execute_unprepared(&trigger).await?;
    }
    Ok(())
}

/// A column of a key; numbers are read as `bigint`, whatever their width.
fn keyed(key: &'static str) -> SimpleExpr {
    if is_number(key) {
        Expr::col(key).cast_as("bigint")
    } else {
        Expr::col(key)
    }
}

fn is_number(key: &str) -> bool {
    matches!(key, "since" | "sequence" | "position")
}

fn key_of(row: &QueryResult, keys: &[&str]) -> Result<Vec<Value>, DbErr> {
    let value = |key: &&str| {
        let name = format!("key_{key}");
        Ok(if is_number(key) {
            row.try_get::<i64>("", &name)?.into()
        } else {
            row.try_get::<String>("", &name)?.into()
        })
    };
    keys.iter().map(value).collect()
}

/// The repaired values of a row, for the columns that change.
fn values(
    manager: &SchemaManager<'_>,
    row: &QueryResult,
    columns: &[(&'static str, Holds)],
) -> Result<Vec<(&'static str, SimpleExpr)>, DbErr> {
    let mut values = Vec::new();
    for (column, holds) in columns {
        let Some(given) = row.try_get::<Option<String>>("", column)? else {
            continue;
        };
        let repaired = match holds {
            Text => Some(text(&given)),
            Person => Some(person(&given)),
            Link => link(&given),
            Document | Links => {
                let read: Json = serde_json::from_str(&given)
                    .map_err(|error| DbErr::Migration(format!("{column}: {error}")))?;
                let mut next = read.clone();
                match (holds, &mut next) {
                    (Links, Json::Array(list)) => addresses(list),
                    (_, next) => document(next),
                }
                if next == read {
                    continue;
                }
                let next = Expr::value(next.to_string());
                let is_shared = manager.get_database_backend() == DbBackend::Postgres;
                let next = if is_shared {
                    next.cast_as("jsonb")
                } else {
                    next
                };
                values.push((*column, next));
                continue;
            }
        };
        if repaired.as_ref() != Some(&given) {
            if repaired.is_none() {
                tracing::warn!(column, "removed a link that cannot be repaired");
            }
            values.push((*column, Expr::value(repaired)));
        }
    }
    Ok(values)
}

/// Removes the triggers of a table. Returns the statements that restore them.
async fn lift(manager: &SchemaManager<'_>, table: &str) -> Result<Vec<String>, DbErr> {
    let db = manager.get_connection();
    if manager.get_database_backend() == DbBackend::Postgres {
        let alter = |to: &str| format!("ALTER TABLE \"{table}\" {to} TRIGGER USER");
        db.execute_unprepared(&alter("DISABLE")).await?;
        return Ok(vec![alter("ENABLE")]);
    }
    let asked = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?";
    let asked =
        Statement::from_sql_and_values(DbBackend::Sqlite, asked, [Value::from(table.to_owned())]);
    let mut back = Vec::new();
    for row in db.query_all_raw(asked).await? {
        let name: String = row.try_get("", "name")?;
        db.execute_unprepared(&format!("DROP TRIGGER \"{name}\""))
            .await?;
        back.push(row.try_get("", "sql")?);
    }
    Ok(back)
}

/// True for characters that change the direction of the text. Source: Unicode Standard Annex 9.
fn is_directional(letter: char) -> bool {
    matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

const NFC: ComposingNormalizerBorrowed<'static> = ComposingNormalizerBorrowed::new_nfc();

/// Removes the characters that no text may contain. If they were all of it, returns the replacement character.
fn text(given: &str) -> String {
    let fits = |letter: &char| {
        let is_break = matches!(letter, '\n' | '\t' | '\r');
        is_break || !(letter.is_control() || is_directional(*letter))
    };
    let kept: String = given.chars().filter(fits).collect();
    if kept.trim().is_empty() && !given.trim().is_empty() {
        return char::REPLACEMENT_CHARACTER.to_string();
    }
    NFC.normalize(&kept).into_owned()
}

/// Repairs the id of a person. Forbidden characters are escaped and not removed, so that two ids never become equal.
fn person(given: &str) -> String {
    let mut id = String::new();
    for letter in given.chars() {
        if letter.is_control() || is_directional(letter) {
            id.extend(letter.escape_unicode());
        } else {
            id.push(letter);
        }
    }
    id
}

/// The members of JSON documents that contain URLs.
const LINKS: [&str; 4] = ["url", "archivedUrl", "website", "reportingUrl"];

/// Repairs all texts, URLs and persons in a document. A URL that cannot be repaired is left out.
fn document(value: &mut Json) {
    match value {
        Json::String(held) => *held = text(held),
        Json::Array(list) => list.iter_mut().for_each(document),
        Json::Object(members) => {
            let mut lost = Vec::new();
            for (name, one) in members.iter_mut() {
                match one {
                    Json::String(held) if LINKS.contains(&name.as_str()) => match link(held) {
                        Some(repaired) => *held = repaired,
                        None => lost.push(name.clone()),
                    },
                    Json::String(held) if name == "id" => *held = person(held),
                    Json::Array(list) if name == "texts" => addresses(list),
                    _ => document(one),
                }
            }
            for name in lost {
                members.remove(&name);
            }
        }
        _ => {}
    }
}

/// Repairs the elements of a list, and removes those whose URL cannot be repaired.
fn addresses(list: &mut Vec<Json>) {
    list.iter_mut().for_each(document);
    list.retain(|one| one.get("url").is_some());
}

/// Repairs a URL. A valid one stays. Otherwise invisible characters are removed, and the rest is read as a browser
/// reads it; `None` if that is not a valid URL, either.
fn link(given: &str) -> Option<String> {
    if is_link(given) {
        return Some(given.to_owned());
    }
    let unseen =
        |letter: &char| !(letter.is_whitespace() || letter.is_control() || is_invisible(*letter));
    let seen: String = given.chars().filter(unseen).collect();
    let seen = seen.replace("%00", "");
    let (head, tail) = seen.split_at(seen.find(['?', '#']).unwrap_or(seen.len()));
    let seen = head.replace('\\', "/") + &tail.replace('\\', "%5C");
    if is_link(&seen) {
        return Some(seen);
    }
    let mut url = Url::parse(&seen).ok()?;
    let nobody = url.set_username("").and_then(|()| url.set_password(None));
    nobody.ok()?;
    let read = String::from(url);
    is_link(&read).then_some(read)
}

/// True for characters without a visible mark. Source: Unicode Character Database, `Default_Ignorable_Code_Point`.
fn is_invisible(letter: char) -> bool {
    matches!(
        letter,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

/// True if the input rules accepted this URL when the migration was written.
fn is_link(text: &str) -> bool {
    let unseen =
        |letter: char| letter.is_whitespace() || letter.is_control() || is_invisible(letter);
    let Some((scheme, rest)) = text.split_once("://") else {
        return false;
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let is_web = scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https");
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !authority.ends_with(']') => (host, port),
        _ => (authority, "0"),
    };
    let is_plain = !text.contains(unseen) && !text.contains(['\\']) && !text.contains("%00");
    let is_port = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    let is_short = text.chars().count() <= 2_000;
    if !(is_web && is_plain && is_port && is_short) || authority.contains('@') {
        return false;
    }
    let Ok(url) = Url::parse(text) else {
        return false;
    };
    match url.host() {
        Some(Host::Domain(name)) => {
            let labels = name.strip_suffix('.').unwrap_or(name);
            let is_name = labels.len() <= 253
                && labels
                    .split('.')
                    .all(|label| (1..=63).contains(&label.len()));
            let lower: String = host.chars().flat_map(char::to_lowercase).collect();
            let lower = NFC.normalize(&lower);
            is_name && (*lower == *name || *lower == *idna::domain_to_unicode(name).0)
        }
        Some(Host::Ipv4(address)) => address.to_string() == host,
        Some(Host::Ipv6(_)) => host.starts_with('['),
        None => false,
    }
}
