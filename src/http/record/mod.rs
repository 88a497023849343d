//! Records by address: `/records/<id>` is a record as it stands, `/records/<id>@<cursor>[,<day>]` a version that never
//! changes.

use std::collections::HashMap;
use std::sync::LazyLock;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};
use serde_json::json;
use serde_json::value::RawValue;

use super::accept::{preferred, wants_html};
use super::app::App;
use super::conditional::{Content, Lifetime};
use super::own_query::{Reader, Refused};
use super::peer::Peer;
use super::query_string::QueryString;
use super::refusal::Refusal;
use super::web;
use crate::domain::record::{Kind, RecordId};
use crate::domain::terms::{DISCLAIMER, TERMS};
use crate::domain::text::{Malformed, truncate};

/// The fragments that the documents use, by name.
const FRAGMENTS: [(&str, &str); 5] = [
    ("Common", include_str!("common.graphql")),
    ("Named", "fragment Named on Record { recordId label }"),
    (
        "Names",
        "fragment Names on Institution { ... on Record { recordId label } }",
    ),
    (
        "Days",
        "fragment Days on PartialDate { edtf earliest latest }",
    ),
    (
        "Text",
        "fragment Text on LocalizedText { text language isOriginal period { edtf } }",
    ),
];
/// The query of a bibliographic reference.
const REFERENCE: &str = include_str!("reference.graphql");
/// The query of the day on which a moment was committed.
const MOMENT: &str = "query Moment($cursor: Cursor!) { at(cursor: $cursor) { knownAt } }";
/// The part of the path before the id.
const PREFIX: &str = "/records/";
/// The parameters in the address of a page.
const KNOWN: [(&str, &str); 1] = [("format", "json, csl-json, bibtex or text")];

/// The document with the fields of each kind of record, and the fragments that it uses: others would make it invalid.
static DOCUMENTS: LazyLock<HashMap<Kind, String>> = LazyLock::new(|| {
    let whole = |kind: Kind| {
        let fields = fields(kind);
        let used = FRAGMENTS
            .iter()
            .filter(|(name, _)| fields.contains(&format!("...{name}")));
        let parts = std::iter::once(fields).chain(used.map(|(_, fragment)| *fragment));
        (kind, parts.collect::<Vec<_>>().join("\n"))
    };
    Kind::all().map(whole).collect()
});

/// The fields of a kind of record.
fn fields(kind: Kind) -> &'static str {
    match kind {
        Kind::ArticleImplementation => include_str!("article_implementation.graphql"),
        Kind::Country => include_str!("country.graphql"),
        Kind::CourtDecision => include_str!("court_decision.graphql"),
        Kind::CoverageAssertion => include_str!("coverage_assertion.graphql"),
        Kind::CybersecurityBody => include_str!("cybersecurity_body.graphql"),
        Kind::OperationalUnit => include_str!("operational_unit.graphql"),
        Kind::PolicyDocument => include_str!("policy_document.graphql"),
        Kind::ProfileSection => include_str!("profile_section.graphql"),
        Kind::Source => include_str!("source.graphql"),
        Kind::Treaty => include_str!("treaty.graphql"),
        Kind::TreatyEvent => include_str!("treaty_event.graphql"),
    }
}

/// The form of a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// The record as JSON.
    Record,
    /// A bibliographic reference, in a form of the schema.
    Reference(&'static str),
}

/// The media types, each with its form and its name in `?format=`. The first one is the default.
const FORMS: [(&str, Form, &str); 4] = [
    ("application/json", Form::Record, "json"),
    (
        "application/vnd.citationstyles.csl+json",
        Form::Reference("CSL_JSON"),
        "csl-json",
    ),
    ("application/x-bibtex", Form::Reference("BIBTEX"), "bibtex"),
    ("text/x-bibliography", Form::Reference("TEXT"), "text"),
];

/// The form that a request names: by `format` in its address, or by `Accept`.
fn form(query: Option<&str>, headers: &HeaderMap) -> Result<(&'static str, Form), Refusal> {
    let mut given = QueryString::read(query.unwrap_or_default(), &KNOWN)?;
    let named = given.take("format");
    let found = match named {
        Some(name) => FORMS.iter().find(|(_, _, known)| *known == name.as_str()),
        None => FORMS.get(preferred(headers, &FORMS.map(|(kind, _, _)| kind))),
    };
    let (kind, form, _) = found.ok_or_else(|| {
        let known = FORMS.map(|(_, _, name)| name).join(", ");
        Refusal::wrong(&format!("`format`: expected one of {known}"))
    })?;
    Ok((kind, *form))
}

/// The record in a path, and the moment and the day that it names.
#[derive(Debug, PartialEq, Eq)]
struct Address {
    record: RecordId,
    past: Option<(String, Option<String>)>,
}

impl Address {
    fn read(path: &str) -> Result<Self, Refusal> {
        let id = path.strip_prefix(PREFIX).unwrap_or_default();
        let id = percent_decode_str(id).decode_utf8_lossy();
        let (record, past) = match id.split_once('@') {
            Some((record, past)) => (record, Some(past)),
            None => (&*id, None),
        };
        let record = record.parse().map_err(|error: Malformed| {
            let kinds: Vec<String> = Kind::all().map(|kind| kind.to_string()).collect();
            let kinds = kinds.join(", ");
            Refusal::wrong(&format!("{error}, after one of these kinds: {kinds}"))
        })?;
        let past = past.map(|past| match past.split_once(',') {
            Some((cursor, day)) => (cursor.to_owned(), Some(day.to_owned())),
            None => (past.to_owned(), None),
        });
        Ok(Self { record, past })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct MomentData {
    at: SnapshotData,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SnapshotData {
    known_at: Option<String>,
}

/// The data of a query of a record.
#[derive(Deserialize)]
struct RecordData<T> {
    record: Option<T>,
    /// The record as it stands; null if there is none.
    now: Option<Box<RawValue>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Cited {
    cite_as: String,
}

/// A record as it is sent.
#[derive(Serialize)]
struct Page {
    record: Box<RawValue>,
    licence: &'static str,
    disclaimer: &'static str,
}

/// Handles `/records/<id>`: a page for browsers and for those who name it with an extension, and the record in another form
/// for others and for those who name it.
pub async fn get(
    State(app): State<App>,
    peer: Peer,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let names_form = uri.query().is_some_and(|query| query.contains("format="));
    // No record id has a dot: the path is that of a page in another form, such as `.json`.
    let has_extension = uri.path().contains('.');
    if has_extension || (wants_html(&headers) && !names_form) {
        return web::page(State(app), peer, method, uri, headers, body).await;
    }
    let mut reader = match Reader::of(&app, &peer, &uri, &headers).await {
        Ok(reader) => reader,
        Err(refused) => return refused.into_response(),
    };
    let found = page(&mut reader, uri.path(), uri.query()).await;
    match found {
        Ok(content) => reader.respond(content),
        Err(refused) => refused.into_response(),
    }
}

async fn page(
    reader: &mut Reader<'_>,
    path: &str,
    query: Option<&str>,
) -> Result<Content, Refused> {
    let read = Address::read(path);
    let Address { record, past } = read.map_err(|refusal| reader.charged(refusal))?;
    let form = form(query, reader.headers());
    let (kind, form) = form.map_err(|refusal| reader.charged(refusal))?;
    let is_past = past.is_some();
    let id = match past {
        None => record.to_string(),
        Some((cursor, Some(day))) => format!("{record}@{cursor},{day}"),
        // Without a day, that of the commit: today would give another answer tomorrow.
        Some((cursor, None)) => {
            let data: MomentData = reader.ask(MOMENT, json!({ "cursor": cursor })).await?;
            let known_at = data.at.known_at;
            let day = known_at.as_deref().and_then(|at| at.split('T').next());
            match day {
                Some(day) => format!("{record}@{cursor},{day}"),
                None => return Err(absent(reader, &record, true)),
            }
        }
    };
    let variables = json!({ "id": id, "recordId": record });
    let body = match form {
        Form::Record => {
            let document = DOCUMENTS.get(&record.kind());
            let document = document.ok_or_else(|| reader.refused(Refusal::internal()))?;
            let data: RecordData<Box<RawValue>> = reader.ask(document, variables).await?;
            let Some(found) = data.record else {
                return Err(absent(reader, &record, data.now.is_some()));
            };
            let page = Page {
                record: found,
                licence: TERMS,
                disclaimer: DISCLAIMER,
            };
            // The parts are text, which can always be written as JSON.
            serde_json::to_string(&page).unwrap_or_default()
        }
        Form::Reference(format) => {
            let mut variables = variables;
            if let Some(members) = variables.as_object_mut() {
                members.insert("format".to_owned(), json!(format));
            }
            let data: RecordData<Cited> = reader.ask(REFERENCE, variables).await?;
            let Some(found) = data.record else {
                return Err(absent(reader, &record, data.now.is_some()));
            };
            found.cite_as
        }
    };
    Ok(Content {
        kind: content_type(kind),
        body,
        lifetime: if is_past {
            Lifetime::Forever
        } else {
            Lifetime::Revalidated
        },
    })
}

/// The `Content-Type` of a form. JSON is UTF-8 by its definition; the text forms say it.
fn content_type(kind: &'static str) -> &'static str {
    match kind {
        "application/x-bibtex" => "application/x-bibtex; charset=utf-8",
        "text/x-bibliography" => "text/x-bibliography; charset=utf-8",
        other => other,
    }
}

/// The response if there is no such record, or none at that moment.
fn absent(reader: &Reader<'_>, record: &RecordId, exists_now: bool) -> Refused {
    let record = truncate(record.as_str());
    let message = if exists_now {
        format!(
            "{record} did not exist at that moment: {PREFIX}{record} is the record as it stands"
        )
    } else {
        format!("there is no record {record}")
    };
    reader.refused(Refusal::new(
        StatusCode::NOT_FOUND,
        "BAD_USER_INPUT",
        &message,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_stored_field_of_every_kind_is_on_its_page() {
        for kind in Kind::all() {
            let document = fields(kind);
            let words: Vec<&str> = document
                .split(|letter: char| !letter.is_alphanumeric())
                .collect();
            for field in kind.fields() {
                let name = field.name.camel();
                assert!(words.contains(&name.as_str()), "{kind}: {name}");
            }
        }
    }

    #[test]
    fn an_address_has_a_record_a_cursor_and_a_day() {
        let read = |path: &str| Address::read(path).ok();
        let record: RecordId = "Country:az".parse().unwrap();
        let address = |past| {
            let record = record.clone();
            Some(Address { record, past })
        };
        assert_eq!(read("/records/Country:az"), address(None));
        assert_eq!(read("/records/Country%3Aaz"), address(None));
        let cursor = "abc".to_owned();
        assert_eq!(
            read("/records/Country:az@abc"),
            address(Some((cursor.clone(), None)))
        );
        let day = "2010-01-01".to_owned();
        for path in [
            "/records/Country:az@abc,2010-01-01",
            "/records/Country%3aaz%40abc%2C2010-01-01",
        ] {
            assert_eq!(
                read(path),
                address(Some((cursor.clone(), Some(day.clone()))))
            );
        }
        for path in [
            "/records/",
            "/records/az",
            "/records/Planet:x",
            "/records/Country:AZ",
        ] {
            assert_eq!(read(path), None, "{path}");
        }
    }
}
