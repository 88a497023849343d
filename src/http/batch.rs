//! Batches: several requests in one body.

use std::time::Instant;

use async_graphql::Request;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::future::join_all;

use super::accept::ResponseForm;
use super::app::App;
use super::rate_limit;
use super::refusal::Refusal;
use super::respond::status;
use crate::graphql::limits::size;
use crate::graphql::{Balance, Caller, Outcome};

/// Executes the requests of a batch side by side and returns their responses in the order of the requests.
///
/// # Errors
/// A refusal if batches are off, or the list is empty or too long.
pub async fn answer(
    app: &App,
    requests: Vec<Request>,
    caller: Caller,
    form: ResponseForm,
) -> Result<Response, Refusal> {
    let service = &app.service;
    let most = service.limits().max_batch;
    if most <= 1 {
        return Err(Refusal::wrong(
            "a list of requests is not accepted here (`maxBatch` is 1): send the requests one by one",
        ));
    }
    if requests.is_empty() || requests.len() > size(most) {
        let message = format!("expected 1 to {most} requests in a list (`maxBatch`)");
        return Err(Refusal::new(
            StatusCode::BAD_REQUEST,
            "TOO_COMPLEX",
            &message,
        ));
    }
    let _permit = app.permit(requests.len())?;
    let answers = requests
        .into_iter()
        .map(|request| service.answer(request, caller.clone(), true));
    let begun = Instant::now();
    let answers = join_all(answers).await;
    for reply in &answers {
        app.metrics.count(reply, begun.elapsed());
    }
    let bodies: Vec<&[u8]> = answers.iter().map(|reply| &*reply.body).collect();
    let body = [b"[".as_slice(), &bodies.join(b",".as_slice()), b"]"].concat();
    let headers = [
        (header::CONTENT_TYPE, form.content_type()),
        (header::CACHE_CONTROL, "no-store"),
    ];
    let mut response = (headers, body).into_response();
    let balances = answers.iter().filter_map(|reply| reply.balance);
    rate_limit::insert(balances.reduce(Balance::and), response.headers_mut());
    // The status of the batch is that of its responses only if all agree on it and it tells the client to wait (429) or
    // that the server failed (5xx). Otherwise it is 200.
    let mut statuses = answers.iter().map(|reply| status(reply, form));
    let shared = statuses.next().filter(|first| {
        let waits = *first == StatusCode::TOO_MANY_REQUESTS || first.is_server_error();
        waits && statuses.all(|one| one == *first)
    });
    if let Some(shared) = shared {
        *response.status_mut() = shared;
        let waits = answers.iter().filter_map(|reply| match reply.outcome {
            Outcome::Limited(seconds) => Some(seconds),
            Outcome::Unavailable => Some(1),
            _ => None,
        });
        if let Some(wait) = waits.min() {
            let headers = response.headers_mut();
            headers.insert(header::RETRY_AFTER, wait.into());
        }
    }
    Ok(response)
}
