//! Forms that a page posted.

use std::net::SocketAddr;

use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, HeaderName, header};
use web::{FormFault, Params, Refused};

use super::cookie;
use crate::graphql::limits::size;
use crate::http::app::App;
use crate::http::client;
use crate::http::deadline::in_time;
use crate::http::origin;

/// Header by which a browser tells which site sent a request. Source: Fetch Metadata Request Headers, W3C.
const SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Most fields of a form. A page repeats them if the form has a mistake.
const MAX_FIELDS: usize = 5_000;

/// Reads a form of this site.
///
/// # Errors
/// [`Refused`] if another site sent it, or if it is too large, too slow or no form.
pub async fn read(
    app: &App,
    headers: &HeaderMap,
    peer: SocketAddr,
    body: Body,
) -> Result<Params, Refused> {
    let is_by_proxy = client::is_trusted(peer, &app.settings.trusted_proxy);
    if !is_of_this_site(headers, is_by_proxy) {
        return Err(Refused::Form(FormFault::OtherSite));
    }
    let kind = headers.get(header::CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Err(Refused::Form(FormFault::NoForm));
    }
    let limits = app.service.limits();
    let most = size(limits.max_body_bytes);
    match in_time(limits.body_timeout(), to_bytes(body, most)).await {
        Some(Ok(body)) => {
            let form = Params::read(&String::from_utf8_lossy(&body));
            if form.pairs().len() > MAX_FIELDS {
                return Err(Refused::Form(FormFault::TooManyFields(MAX_FIELDS)));
            }
            Ok(form)
        }
        Some(Err(_)) => Err(Refused::Form(FormFault::Unreadable(most))),
        None => Err(Refused::Form(FormFault::TooSlow)),
    }
}

/// True if a page of this site sent the form. A request without both headers comes from no browser of today; with a
/// session it is refused.
fn is_of_this_site(headers: &HeaderMap, is_by_proxy: bool) -> bool {
    match headers.get(SITE).map(axum::http::HeaderValue::as_bytes) {
        Some(site) => site == b"same-origin",
        None if headers.contains_key(header::ORIGIN) => {
            origin::is_allowed(headers, &[], is_by_proxy)
        }
        None => !cookie::has_session(headers),
    }
}
