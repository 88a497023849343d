//! The data as files: `/export.jsonl`, `/export/<table>.csv` and `/export/datapackage.json`.

use std::net::IpAddr;

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream::{self, StreamExt, TryStreamExt};
use tokio::sync::OwnedSemaphorePermit;

use super::accept::ResponseForm;
use super::app::App;
use super::auth::AuthError;
use super::byte_range::{Requested, part, requested, to_u64};
use super::deadline::in_time;
use super::peer::Peer;
use super::places::Place;
use super::refusal::Refusal;
use super::respond::respond;
use super::{credential, not_found, rate_limit, respond as reply};
use crate::dump::{View, ViewError};
use crate::graphql::Caller;
use crate::store::Error;

mod file;
mod limits;
mod params;
mod response;

pub use file::LINES_PATH;
use file::{File, unknown};
pub use limits::Exports;
use params::Params;
pub use response::{CURSOR, HASH, SEQUENCE};
use response::{Chunks, Export, ExportOf, set};

/// Handles GET and HEAD of an export.
pub async fn export(State(app): State<App>, peer: Peer, incoming: Request) -> Response {
    let (parts, _) = incoming.into_parts();
    let from = app.address(&parts.headers, peer.address);
    let (uri, headers) = (&parts.uri, &parts.headers);
    let Some(file) = File::at(uri.path()) else {
        return not_found::response(&app, uri, headers, from, &unknown());
    };
    // Before the first read of the database.
    let permit = match app.permit(1) {
        Ok(permit) => permit,
        Err(busy) => return busy.into_response(),
    };
    let limit = app.service.limits().request_timeout();
    let caller = in_time(limit, app.guard.caller(headers, from)).await;
    let caller = caller.unwrap_or(Err(AuthError::Unavailable));
    let charged = match &caller {
        Ok(caller) => app.service.charge_request(caller),
        Err(_) => app.service.charge_unreadable(from),
    };
    let balance = match charged {
        Ok(balance) => balance,
        Err(limited) => {
            return respond(*limited, ResponseForm::Json, reply::Method::Get, headers);
        }
    };
    let answered = match caller {
        Ok(caller) => {
            let request = ExportRequest {
                app: &app,
                file,
                uri,
                headers,
                caller,
                from,
                is_head: parts.method == Method::HEAD,
            };
            request.answer(permit).await
        }
        Err(error) => Err(error.into()),
    };
    let mut response = answered.unwrap_or_else(Refusal::into_response);
    rate_limit::insert(balance, response.headers_mut());
    response
}

struct ExportRequest<'a> {
    app: &'a App,
    file: File,
    uri: &'a Uri,
    headers: &'a HeaderMap,
    caller: Caller,
    from: IpAddr,
    is_head: bool,
}

/// Permits that a response keeps until it is sent or its client is gone.
struct Permits {
    _request: OwnedSemaphorePermit,
    _export: Place,
}

impl ExportRequest<'_> {
    async fn answer(self, permit: OwnedSemaphorePermit) -> Result<Response, Refusal> {
        let (app, headers) = (self.app, self.headers);
        credential::check_address(self.uri, headers)?;
        let params = Params::of(self.uri.query().unwrap_or_default())?;
        let view = self.view(&params).await?;
        let export = Export::new(&ExportOf {
            service: &app.service,
            file: self.file,
            path: self.uri.path(),
            headers,
            params: &params,
            view,
        });
        if export.cache.is_known(headers) {
            return Ok(export.respond(StatusCode::NOT_MODIFIED, Body::empty()));
        }
        if self.is_head {
            // Not an empty body, whose size would be told. Nobody reads this one.
            let unread = Body::from_stream(stream::pending::<Result<Bytes, Error>>());
            return Ok(export.respond(StatusCode::OK, unread));
        }
        let permits = Permits {
            _export: app.exports.place(self.from)?,
            _request: permit,
        };
        let chunks = || export.chunks(&app.service, &self.caller);
        let Some(range) = export.range(headers) else {
            let body = held(chunks(), permits);
            return Ok(export.respond(StatusCode::OK, Body::from_stream(body)));
        };
        let counted = app.exports.size(&export.tag, || size(chunks()));
        let size = counted.await.map_err(|error| failed(&error))?;
        match requested(range, size) {
            Requested::Whole => {
                let body = held(chunks(), permits);
                Ok(export.respond(StatusCode::OK, Body::from_stream(body)))
            }
            Requested::Nothing => {
                let message =
                    format!("the export has {size} bytes: the range begins behind its end");
                let refusal = Refusal::new(
                    StatusCode::RANGE_NOT_SATISFIABLE,
                    "BAD_USER_INPUT",
                    &message,
                );
                let mut response = refusal.into_response();
                set(
                    &mut response,
                    header::CONTENT_RANGE,
                    format!("bytes */{size}"),
                );
                Ok(response)
            }
            Requested::Part(range) => {
                let body = part(chunks(), range.clone());
                let body = held(body.boxed(), permits);
                let mut response =
                    export.respond(StatusCode::PARTIAL_CONTENT, Body::from_stream(body));
                let last = range.end.saturating_sub(1);
                set(
                    &mut response,
                    header::CONTENT_RANGE,
                    format!("bytes {}-{last}/{size}", range.start),
                );
                set(
                    &mut response,
                    header::CONTENT_LENGTH,
                    range.end.saturating_sub(range.start).to_string(),
                );
                Ok(response)
            }
        }
    }

    /// The view that the parameters name.
    async fn view(&self, params: &Params) -> Result<View, Refusal> {
        let service = &self.app.service;
        let read = View::read(service.store(), params.at.as_deref(), params.as_of);
        match in_time(service.limits().request_timeout(), read).await {
            Some(Ok(view)) => Ok(view),
            Some(Err(ViewError::Cursor(error, message))) => {
                let message = format!("at: {message}");
                Err(if error.is_unknown() {
                    Refusal::new(StatusCode::BAD_REQUEST, "UNKNOWN_CURSOR", &message)
                } else {
                    Refusal::wrong(&message)
                })
            }
            Some(Err(ViewError::Store(error))) => Err(failed(&error)),
            None => Err(Refusal::away()),
        }
    }
}

/// The number of bytes of an export.
async fn size(mut chunks: Chunks) -> Result<u64, Error> {
    let mut size = 0_u64;
    while let Some(chunk) = chunks.try_next().await? {
        size = size.saturating_add(to_u64(chunk.len()));
    }
    Ok(size)
}

/// The body, which keeps the permits while it exists. An error cuts the response short, so that no client takes a part
/// for the whole.
fn held(chunks: Chunks, permits: Permits) -> Chunks {
    chunks
        .inspect(move |chunk| {
            let _held = &permits;
            if let Err(error) = chunk {
                log(error, "an export was cut short");
            }
        })
        .boxed()
}

fn failed(error: &Error) -> Refusal {
    log(error, "an export failed");
    if error.is_away() {
        Refusal::away()
    } else {
        Refusal::internal()
    }
}

/// Logs an error: a database that is away is no fault of this program.
fn log(error: &Error, event: &'static str) {
    if error.is_away() {
        tracing::warn!(%error, event);
    } else {
        tracing::error!(%error, event);
    }
}
