//! HTTP client of the trace exporter. The exporter runs on a thread without a runtime: requests run on the runtime of
//! the program, by the HTTP library that sign-in uses.

use std::time::Duration;

use async_trait::async_trait;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response, ResponseBodyTooLarge};
use reqwest::redirect::Policy;
use tokio::runtime::Handle;

/// Maximum duration of one request. Source: the default of `OTEL_EXPORTER_OTLP_TIMEOUT`.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Maximum size of a response, in bytes. Source: the clients that the exporter's library brings.
const MAX_RESPONSE_BYTES: usize = 4 * 1024 * 1024;

/// Sends requests to a collector on a runtime.
#[derive(Debug)]
pub(super) struct Collector {
    client: reqwest::Client,
    runtime: Handle,
}

impl Collector {
    /// Creates a client whose requests run on the current runtime.
    ///
    /// # Errors
    /// The TLS library cannot be set up.
    pub(super) fn new() -> Result<Self, reqwest::Error> {
        let client = reqwest::Client::builder()
            .timeout(TIMEOUT)
            .redirect(Policy::none())
            .build()?;
        Ok(Self {
            client,
            runtime: Handle::current(),
        })
    }
}

#[async_trait]
impl HttpClient for Collector {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let sending = send(self.client.clone(), request.try_into()?);
        self.runtime.spawn(sending).await?
    }
}

async fn send(
    client: reqwest::Client,
    request: reqwest::Request,
) -> Result<Response<Bytes>, HttpError> {
    let mut answer = client.execute(request).await?;
    let mut response = Response::builder().status(answer.status());
    if let Some(headers) = response.headers_mut() {
        *headers = std::mem::take(answer.headers_mut());
    }
    let mut body = Vec::new();
    while let Some(part) = answer.chunk().await? {
        if body.len() + part.len() > MAX_RESPONSE_BYTES {
            return Err(ResponseBodyTooLarge::new().into());
        }
        body.extend_from_slice(&part);
    }
    Ok(response.body(body.into())?)
}
