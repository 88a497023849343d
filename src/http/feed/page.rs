//! The documents of a feed. The archive pages have [`SIZE`] changes each, counted from the first one, so a complete page
//! never changes. The feed itself has the newest complete page and what follows: [`SIZE`] to twice as many changes. It
//! links to the archive page before it.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;

use super::atom::{self, Document};
use super::entry::Change;
use super::params::Params;
use super::subject::{Scope, Subject};
use crate::http::conditional::{Content, Lifetime};
use crate::http::own_query::{Reader, Refused};
use crate::http::refusal::Refusal;
use crate::store::change::ChangePage;
use crate::store::moment::Moment;

/// Number of changes on an archive page. Links that clients have stored depend on it.
const SIZE: usize = 50;

const ENTRY: &str = include_str!("entry.graphql");
const CURRENT: &str = include_str!("current.graphql");
const ARCHIVE: &str = include_str!("archive.graphql");

const HEAD: &str = "query FeedHead { head { sequence } }";

#[derive(Deserialize)]
struct HeadData {
    head: Numbered,
}

#[derive(Deserialize)]
struct CurrentData {
    page: Counted,
    earlier: Sequences,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Counted {
    total_count: usize,
    nodes: Vec<Change>,
}

#[derive(Deserialize)]
struct ArchiveData {
    page: Changes,
    #[serde(default)]
    start: Sequences,
    #[serde(default)]
    earlier: Sequences,
}

#[derive(Deserialize)]
struct Changes {
    nodes: Vec<Change>,
}

#[derive(Default, Deserialize)]
struct Sequences {
    nodes: Vec<Numbered>,
}

#[derive(Deserialize)]
struct Numbered {
    sequence: i64,
}

/// The document that the parameters name.
///
/// # Errors
/// The response to send instead.
pub async fn content(
    reader: &mut Reader<'_>,
    subject: Subject,
    params: &Params,
) -> Result<Content, Refused> {
    let scope = subject.scope(reader).await?;
    match params.archive {
        None => current(reader, scope).await,
        Some(after) => {
            if scope.records.is_some() && scope.records != params.records {
                let message = "the search finds other records now, so its archive pages begin anew: read the feed again";
                let refusal = Refusal::new(StatusCode::GONE, "BAD_USER_INPUT", message);
                return Err(reader.refused(refusal));
            }
            archive(reader, scope, after).await
        }
    }
}

/// Number of changes in the feed itself: the newest complete page and the incomplete one.
fn shown(total: usize) -> usize {
    let rest = total.checked_rem(SIZE).unwrap_or_default();
    if total < SIZE {
        total
    } else {
        rest.saturating_add(SIZE)
    }
}

async fn current(reader: &mut Reader<'_>, scope: Scope) -> Result<Content, Refused> {
    let most = SIZE.saturating_mul(2).saturating_sub(1);
    let variables =
        json!({ "filter": scope.variables(), "size": most, "before": SIZE.saturating_mul(3) });
    let document = format!("{CURRENT}{ENTRY}");
    let CurrentData { page, earlier } = reader.ask(&document, variables).await?;
    let total = page.total_count;
    if let (0, Some(missing)) = (total, &scope.missing) {
        let refusal = Refusal::new(StatusCode::NOT_FOUND, "BAD_USER_INPUT", missing);
        return Err(reader.refused(refusal));
    }
    let shown = shown(total);
    let mut changes = page.nodes;
    changes.drain(..changes.len().saturating_sub(shown));
    let previous = (total > shown).then(|| {
        let behind = shown.saturating_add(SIZE).saturating_add(1);
        let at = earlier.nodes.len().checked_sub(behind);
        at.and_then(|at| earlier.nodes.get(at))
            .map_or(0, |change| change.sequence)
    });
    Ok(written(reader, &scope, &changes, None, previous))
}

async fn archive(reader: &mut Reader<'_>, scope: Scope, after: i64) -> Result<Content, Refused> {
    let store = reader.app.service.store();
    if Moment(after) > store.known() {
        // Another instance may have told of this page.
        reader.in_time(store.newest()).await?;
    }
    let HeadData { head } = reader.ask(HEAD, json!({})).await?;
    if after > head.sequence {
        let end = head.sequence;
        let message = format!("`archive`: the log ends with the change {end}, before {after}");
        let refusal = Refusal::new(StatusCode::NOT_FOUND, "BAD_USER_INPUT", &message);
        return Err(reader.refused(refusal));
    }
    let cursors = reader.app.service.store().cursors();
    let variables = json!({
        "filter": scope.variables(),
        "size": SIZE,
        "after": cursors.write(Moment(after)),
        "start": cursors.write(Moment(after.saturating_sub(1).max(0))),
        "isFirst": after == 0,
    });
    let document = format!("{ARCHIVE}{ENTRY}");
    let data: ArchiveData = reader.ask(&document, variables).await?;
    let is_of_feed = data.start.nodes.first().map(|change| change.sequence) == Some(after);
    if after > 0 && !(is_of_feed && ends_a_page(reader, &scope, after).await?) {
        let feed = &scope.path;
        let message = format!(
            "no archive page of this feed begins after the change {after}: {feed} links to its pages"
        );
        let refusal = Refusal::new(StatusCode::NOT_FOUND, "BAD_USER_INPUT", &message);
        return Err(reader.refused(refusal));
    }
    let before = data.earlier.nodes.len();
    if data.page.nodes.len() < SIZE {
        return Err(to_current(reader, &scope).into());
    }
    let previous = (after > 0).then(|| match data.earlier.nodes.first() {
        Some(change) if before == SIZE => change.sequence,
        _ => 0,
    });
    Ok(written(
        reader,
        &scope,
        &data.page.nodes,
        Some(after),
        previous,
    ))
}

/// True if the changes of a feed up to this one fill whole pages.
async fn ends_a_page(reader: &Reader<'_>, scope: &Scope, last: i64) -> Result<bool, Refused> {
    let counted = ChangePage {
        size: 1,
        forward: true,
        after: None,
        before: None,
        count: true,
    };
    let store = reader.app.service.store();
    let page = store.changes(&scope.filter, Moment(last), &counted);
    let page = reader.in_time(page).await?;
    let size = u64::try_from(SIZE).unwrap_or(u64::MAX);
    Ok(page.total.unwrap_or_default().is_multiple_of(size))
}

/// A page that is not complete is a part of the feed itself.
fn to_current(reader: &Reader<'_>, scope: &Scope) -> Response {
    let name = scope.path.rsplit('/').next().unwrap_or_default();
    let mut response = StatusCode::TEMPORARY_REDIRECT.into_response();
    // The address has visible ASCII characters only.
    if let Ok(location) = HeaderValue::try_from(name) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    let store = HeaderValue::from_static("no-store");
    response.headers_mut().insert(header::CACHE_CONTROL, store);
    reader.finished(response)
}

/// The path of the archive page that begins after a sequence number.
fn archive_path(scope: &Scope, after: i64) -> String {
    let join = if scope.path.contains('?') { '&' } else { '?' };
    let records = scope.records.as_ref();
    let records = records.map(|records| format!("&records={records}"));
    let records = records.unwrap_or_default();
    format!("{}{join}archive={after}{records}", scope.path)
}

/// Writes a document. `archive` is the number after which an archive page begins, and `previous` that of the page
/// before.
fn written(
    reader: &Reader<'_>,
    scope: &Scope,
    changes: &[Change],
    archive: Option<i64>,
    previous: Option<i64>,
) -> Content {
    let service = &reader.app.service;
    let public = &service.limits().public_url;
    let of_archive = |after| public.of_path(&archive_path(scope, after));
    let last = changes.last();
    let next = archive.and(last).map(|change| of_archive(change.sequence));
    let document = Document {
        database: service.store().cursors().write(Moment(0)),
        path: &scope.path,
        title: match archive {
            Some(_) => &scope.lasting_title,
            None => &scope.title,
        },
        current: public.of_path(&scope.path),
        archive: archive.map(of_archive),
        previous: previous.map(of_archive),
        next,
        schema: public.of_path("/schema.graphql"),
        changes,
    };
    Content {
        kind: "application/atom+xml; charset=utf-8",
        body: atom::write(&document),
        lifetime: match archive {
            Some(_) => Lifetime::Forever,
            None => Lifetime::Revalidated,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_feed_shows_the_newest_complete_page_and_what_follows() {
        for (total, expected) in [
            (0, 0),
            (1, 1),
            (49, 49),
            (50, 50),
            (99, 99),
            (100, 50),
            (101, 51),
            (149, 99),
            (150, 50),
        ] {
            assert_eq!(shown(total), expected, "{total}");
            assert_eq!((total - shown(total)) % SIZE, 0);
        }
    }
}
