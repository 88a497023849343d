//! Feeds of changes in Atom (RFC 4287), with archive pages (RFC 5005): all changes, those of a country, a treaty or a
//! source, and those of the records that a search finds.
//!
//! - `subject`: the changes of a feed, from its address.
//! - `page`: the changes of one document, and its links to others.
//! - `entry`: one change as an entry.
//! - `atom`: the document as XML; `xml` writes elements and escapes text.

use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::{IntoResponse, Response};
use percent_encoding::percent_decode_str;

use super::app::App;
use super::own_query::Reader;
use super::peer::Peer;

mod atom;
mod entry;
mod page;
mod params;
mod subject;
mod xml;

use params::Params;
use subject::Subject;

/// `/feed.atom`: all changes.
pub async fn all(State(app): State<App>, peer: Peer, uri: Uri, headers: HeaderMap) -> Response {
    answer(&app, &peer, &uri, &headers, |_, _| Subject::All).await
}

/// `/countries/<code>/feed.atom`: the changes that affect the answers of a country.
pub async fn country(State(app): State<App>, peer: Peer, uri: Uri, headers: HeaderMap) -> Response {
    let subject = |name: String, _: &Params| Subject::Country(name);
    answer(&app, &peer, &uri, &headers, subject).await
}

/// `/treaties/<reference>/feed.atom`: the changes of a treaty and of the records that name it.
pub async fn treaty(State(app): State<App>, peer: Peer, uri: Uri, headers: HeaderMap) -> Response {
    let subject = |name: String, _: &Params| Subject::Treaty(name);
    answer(&app, &peer, &uri, &headers, subject).await
}

/// `/sources/<key>/feed.atom`: the changes of a source.
pub async fn source(State(app): State<App>, peer: Peer, uri: Uri, headers: HeaderMap) -> Response {
    let subject = |name: String, _: &Params| Subject::Source(name);
    answer(&app, &peer, &uri, &headers, subject).await
}

/// `/search/feed.atom?q=<words>`: the changes of the records that a search finds now.
pub async fn search(State(app): State<App>, peer: Peer, uri: Uri, headers: HeaderMap) -> Response {
    let subject = |_: String, params: &Params| Subject::Search(params.terms());
    answer(&app, &peer, &uri, &headers, subject).await
}

/// Answers with the feed of a subject, which is made from the second part of the path and the parameters.
async fn answer(
    app: &App,
    peer: &Peer,
    uri: &Uri,
    headers: &HeaderMap,
    subject: impl Fn(String, &Params) -> Subject,
) -> Response {
    let mut reader = match Reader::of(app, peer, uri, headers).await {
        Ok(reader) => reader,
        Err(refused) => return refused.into_response(),
    };
    let params = match Params::read(uri.query().unwrap_or_default()) {
        Ok(params) => params,
        Err(refusal) => return reader.charged(refusal).into_response(),
    };
    let name = uri.path().split('/').nth(2).unwrap_or_default();
    let name = percent_decode_str(name).decode_utf8_lossy().into_owned();
    let content = page::content(&mut reader, subject(name, &params), &params).await;
    match content {
        Ok(content) => reader.respond(content),
        Err(refused) => refused.into_response(),
    }
}
