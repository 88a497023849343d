//! The age of responses. A client sends the last cursor that it was told, and gets no older answer. If the operator allows
//! answers of some age, a response tells its cursor, and for how long shared caches may use it. Source: RFC 9111,
//! section 5.2.2.

use std::time::{Duration, Instant};

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::Response;

use super::app::App;
use super::conditional::REVALIDATED;
use super::export::CURSOR;
use super::refusal::Refusal;
use crate::graphql::Seen;

/// Request header with the cursor that the answer must have reached.
pub const AT_LEAST: HeaderName = HeaderName::from_static("cyberprofiles-at-least");

/// Meets the demand of a request: from then on, no answer of this instance is behind the cursor in its header.
///
/// # Errors
/// 400 if the cursor is not one of this log, 503 if the log cannot be read.
pub async fn meet(app: &App, headers: &HeaderMap) -> Result<(), Refusal> {
    let Some(cursor) = headers.get(AT_LEAST) else {
        return Ok(());
    };
    // A text with other letters is no cursor.
    let cursor = cursor.to_str().unwrap_or_default();
    let reached = Box::pin(app.service.reach(AT_LEAST.as_str(), cursor)).await;
    reached.map_err(Refusal::of_request)
}

/// Tells of a response which state of the log it has, and lets shared caches use it while it is not too old. Changes
/// nothing if answers are always the newest.
pub fn tell(app: &App, response: &mut Response, seen: Seen) {
    let store = app.service.store();
    let allowed = store.max_staleness();
    if allowed.is_zero() || response.status().is_server_error() {
        return;
    }
    let headers = response.headers_mut();
    if let Ok(cursor) = HeaderValue::try_from(store.cursors().write(seen.moment)) {
        headers.insert(CURSOR, cursor);
    }
    if headers.get(header::CACHE_CONTROL) != Some(&HeaderValue::from_static(REVALIDATED)) {
        return;
    }
    headers.append(header::VARY, HeaderValue::from_name(AT_LEAST));
    let seconds = lifetime(allowed, seen.at);
    if seconds > 0 {
        let cache = format!("public, max-age=0, s-maxage={seconds}, must-revalidate");
        if let Ok(cache) = HeaderValue::try_from(cache) {
            headers.insert(header::CACHE_CONTROL, cache);
        }
    }
}

/// Writes the names in all lines of `Vary` as one line: nginx before 1.23 reads only the last. It stores no response whose
/// line has more than 128 bytes, so the headers that only preflight requests have are left out.
pub fn join_vary(headers: &mut HeaderMap) {
    let lines = headers.get_all(header::VARY).iter();
    let names = lines.filter_map(|line| line.to_str().ok());
    let names = names.flat_map(|line| line.split(',')).map(str::trim);
    let mut joined: Vec<&str> = Vec::new();
    for name in names.filter(|name| !name.starts_with("access-control-request-")) {
        if !joined.contains(&name) {
            joined.push(name);
        }
    }
    if let Ok(line) = HeaderValue::try_from(joined.join(", ")) {
        headers.insert(header::VARY, line);
    }
}

/// The number of seconds for which a cache may use a response. One less than are left, because caches count whole seconds.
fn lifetime(allowed: Duration, seen_at: Instant) -> u64 {
    let left = allowed.saturating_sub(seen_at.elapsed());
    left.as_secs().saturating_sub(1)
}
