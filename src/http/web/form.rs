//! Forms that a page posted.

use std::net::SocketAddr;

use axum::body::Body;
use axum::http::{HeaderMap, header};
use web::{FormFault, Params, Refused};

use super::cookie;
use crate::http::app::App;
use crate::http::body::{self, BodyFault};
use crate::http::client;
use crate::http::origin;

/// Most fields of a form. A page repeats them if the form has a mistake.
const MAX_FIELDS: usize = 5_000;

/// A form that is refused, with its fields if they were read: its page repeats them.
pub struct RefusedForm {
    pub reason: Refused,
    pub fields: Option<Params>,
}

impl From<FormFault> for RefusedForm {
    fn from(fault: FormFault) -> Self {
        Self {
            reason: Refused::Form(fault),
            fields: None,
        }
    }
}

/// Reads a form of this site.
///
/// # Errors
/// [`RefusedForm`] if another site sent it, or if it is too large, too slow or no form.
pub async fn read(
    app: &App,
    headers: &HeaderMap,
    peer: SocketAddr,
    body: Body,
) -> Result<Params, RefusedForm> {
    let kind = headers.get(header::CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Err(FormFault::NoForm.into());
    }
    let body = body::receive(app, headers, body).await;
    let body = body.map_err(|fault| match fault {
        BodyFault::TooLarge(most) => FormFault::TooLarge(most),
        BodyFault::TooSlow => FormFault::TooSlow,
        BodyFault::CutOff => FormFault::CutOff,
    })?;
    let form = Params::read(&String::from_utf8_lossy(&body));
    if form.pairs().len() > MAX_FIELDS {
        return Err(FormFault::TooManyFields(MAX_FIELDS).into());
    }
    let is_by_proxy = client::is_trusted(peer, &app.settings.trusted_proxy);
    if !is_of_this_site(headers, is_by_proxy) {
        return Err(RefusedForm {
            reason: Refused::Form(FormFault::OtherSite),
            fields: Some(form),
        });
    }
    Ok(form)
}

/// True if a page of this site sent the form. A request without both headers comes from no browser of today; with a
/// session it is refused.
fn is_of_this_site(headers: &HeaderMap, is_by_proxy: bool) -> bool {
    match cookie::site(headers) {
        Some(site) => site == b"same-origin",
        None if headers.contains_key(header::ORIGIN) => {
            origin::is_allowed(headers, &[], is_by_proxy)
        }
        None => !cookie::has_session(headers),
    }
}
