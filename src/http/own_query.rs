//! Queries that are part of this program: pages of records and feeds execute them for the client that asks for the
//! page, so its token and its quota count.

use std::time::Instant;

use async_graphql::{Request, Variables};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::sync::OwnedSemaphorePermit;

use super::accept::ResponseForm;
use super::app::App;
use super::auth::AuthError;
use super::conditional::Content;
use super::credential;
use super::deadline::in_time;
use super::freshness;
use super::peer::Peer;
use super::rate_limit;
use super::refusal::Refusal;
use super::respond::{Method, respond};
use crate::domain::viewer::Role;
use crate::graphql::{Balance, Caller, Reached, Seen};
use crate::store::Error;

/// A client that asks for a page.
pub struct Reader<'a> {
    pub app: &'a App,
    headers: &'a HeaderMap,
    caller: Caller,
    /// The permit for one request, until the page is made.
    _permit: OwnedSemaphorePermit,
    /// The quota of the client after all queries of the page.
    balance: Option<Balance>,
    /// The state of the log from which the first query was answered; those of later ones are not older.
    seen: Option<Seen>,
}

/// The response to a request that is refused.
pub struct Refused(Box<Response>);

impl From<Response> for Refused {
    fn from(response: Response) -> Self {
        Self(Box::new(response))
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        *self.0
    }
}

/// The answer to a query: its data, or errors.
#[derive(Deserialize)]
struct Answer<T> {
    data: Option<T>,
    #[serde(default)]
    errors: Vec<QueryError>,
}

#[derive(Deserialize)]
struct QueryError {
    message: String,
    #[serde(default)]
    extensions: Value,
}

impl<'a> Reader<'a> {
    /// Authenticates the client of a request.
    ///
    /// # Errors
    /// The response to send if the address contains a credential, or the token is not valid.
    pub async fn of(
        app: &'a App,
        peer: &Peer,
        uri: &Uri,
        headers: &'a HeaderMap,
    ) -> Result<Self, Refused> {
        let refused = |refusal: Refusal| Refused::from(refusal.into_response());
        credential::check_address(uri, headers).map_err(refused)?;
        // Before the first read of the database.
        let permit = app.permit(1).map_err(refused)?;
        let limit = app.service.limits().request_timeout();
        let caller = in_time(limit, app.caller(headers, peer.address)).await;
        let caller = caller.unwrap_or(Err(AuthError::Unavailable));
        let caller = caller.map_err(|error| refused(error.into()))?;
        freshness::meet(app, headers).await.map_err(refused)?;
        Ok(Self {
            app,
            headers,
            caller,
            _permit: permit,
            balance: None,
            seen: None,
        })
    }

    /// Executes a query.
    ///
    /// # Errors
    /// The response to send if the query has errors: 400 for those that the client can correct.
    pub async fn ask<T: DeserializeOwned>(
        &mut self,
        document: &str,
        variables: Value,
    ) -> Result<T, Refused> {
        self.ask_as(document, variables, &[]).await
    }

    /// Executes a query whose arguments come from the address. `names` has the names that the arguments have there; a
    /// part of the path has none, so its name is empty.
    ///
    /// # Errors
    /// As [`Self::ask`]; messages name the parameters of the address.
    pub async fn ask_as<T: DeserializeOwned>(
        &mut self,
        document: &str,
        variables: Value,
        names: &[(&str, &str)],
    ) -> Result<T, Refused> {
        let request = Request::new(document).variables(Variables::from_json(variables));
        let begun = Instant::now();
        let reply = self
            .app
            .service
            .answer_own(request, self.caller.clone(), false);
        let reply = reply.await;
        self.app.metrics.count(&reply, begun.elapsed());
        self.count(reply.balance);
        self.seen = self.seen.or(reply.seen);
        if reply.reached == Reached::Nothing {
            let form = ResponseForm::Response;
            return Err(respond(reply, form, Method::Get, self.headers).into());
        }
        let answer: Answer<T> = serde_json::from_slice(&reply.body).map_err(|error| {
            tracing::error!(%error, "an answer to a query of this program cannot be read");
            self.refused(Refusal::internal())
        })?;
        if let Some(error) = answer.errors.into_iter().next() {
            return Err(self.refused(refusal(&error, names)));
        }
        answer.data.ok_or_else(|| self.refused(Refusal::internal()))
    }

    /// Makes the response to a request that is refused.
    pub fn refused(&self, refusal: Refusal) -> Refused {
        let mut response = refusal.into_response();
        rate_limit::insert(self.balance, response.headers_mut());
        response.into()
    }

    /// Makes the response to a request that is refused without a query. It counts against the quota of the client, too.
    pub fn charged(&mut self, refusal: Refusal) -> Refused {
        match self.app.service.charge_request(&self.caller) {
            Ok(balance) => {
                self.count(balance);
                self.refused(refusal)
            }
            Err(limited) => {
                let form = ResponseForm::Response;
                respond(*limited, form, Method::Get, self.headers).into()
            }
        }
    }

    /// Waits for a read of the store, at most as long as a request may take.
    ///
    /// # Errors
    /// The response to send if the store fails or is late.
    pub async fn in_time<T>(
        &self,
        read: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Refused> {
        match in_time(self.app.service.limits().request_timeout(), read).await {
            Some(Ok(found)) => Ok(found),
            Some(Err(error)) if error.is_away() => {
                tracing::warn!(%error, "a page could not be read");
                Err(self.refused(Refusal::away()))
            }
            Some(Err(error)) => {
                tracing::error!(%error, "a page could not be read");
                Err(self.refused(Refusal::internal()))
            }
            None => Err(self.refused(Refusal::away())),
        }
    }

    /// Adds the headers that tell the quota, and returns the response.
    pub fn finished(&self, mut response: Response) -> Response {
        rate_limit::insert(self.balance, response.headers_mut());
        response
    }

    /// Makes the response with a page.
    pub fn respond(&self, content: Content) -> Response {
        // Shared caches may store what every client gets.
        let is_public = self.caller.viewer.role() == Role::Anonymous;
        let mut response = content.response(self.headers, is_public);
        if let Some(seen) = self.seen {
            freshness::tell(self.app, &mut response, seen);
        }
        self.finished(response)
    }

    /// The headers of the request.
    pub fn headers(&self) -> &'a HeaderMap {
        self.headers
    }

    fn count(&mut self, balance: Option<Balance>) {
        self.balance = match (self.balance, balance) {
            (Some(before), Some(after)) => Some(before.and(after)),
            (before, after) => after.or(before),
        };
    }
}

/// The refusal for an error of a query. A resolver names the argument and the accepted form; `names` has the names of
/// the arguments in the address.
fn refusal(error: &QueryError, names: &[(&str, &str)]) -> Refusal {
    let code = error.extensions.get("code").and_then(Value::as_str);
    let code = code.unwrap_or("INTERNAL");
    let status = match code {
        "BAD_USER_INPUT" | "TOO_COMPLEX" | "UNKNOWN_CURSOR" => StatusCode::BAD_REQUEST,
        "UNAVAILABLE" | "TIMEOUT" => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    };
    Refusal::new(status, code, &renamed(error, names))
}

/// The message of an error, with the name of the parameter in place of that of the argument.
fn renamed(error: &QueryError, names: &[(&str, &str)]) -> String {
    let argument = error.extensions.get("argument").and_then(Value::as_str);
    let argument = argument.unwrap_or_default();
    let root = argument.split('.').next().unwrap_or_default();
    let name = names.iter().find(|(of, _)| *of == root);
    let rest = error.message.strip_prefix(&format!("`{argument}`: "));
    match name.zip(rest) {
        Some(((_, ""), rest)) => rest.to_owned(),
        Some(((_, name), rest)) => format!("`{name}`: {rest}"),
        None => error.message.clone(),
    }
}
