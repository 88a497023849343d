//! The `GraphiQL` page for browsers.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Uri, header};
use axum::response::{Html, IntoResponse, Response};

use super::app::App;
use super::not_found;

const GRAPHIQL: &str = include_str!("graphiql.html");
/// Content security policy of the page: its own script by hash, the files of the CDN that it names with their
/// hashes, and the icon.
const GRAPHIQL_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; \
     script-src 'sha256-3TX42TtODdFfS3kwGcAqC4/pWYXNR+iOqN5L2mNMrnU=' \
     https://cdn.jsdelivr.net/npm/react@18.3.1/umd/react.production.min.js \
     https://cdn.jsdelivr.net/npm/react-dom@18.3.1/umd/react-dom.production.min.js \
     https://cdn.jsdelivr.net/npm/graphiql@4.1.2/graphiql.min.js; \
     style-src 'unsafe-inline' https://cdn.jsdelivr.net/npm/graphiql@4.1.2/graphiql.min.css; \
     font-src data:; img-src 'self' data:; connect-src 'self' ws: wss:; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);

/// Handles `/`.
pub async fn browse(State(app): State<App>, uri: Uri, headers: HeaderMap) -> Response {
    page(&app, &uri, &headers)
}

/// Sends the `GraphiQL` page, or 404 if it is switched off.
pub fn page(app: &App, uri: &Uri, headers: &HeaderMap) -> Response {
    if app.settings.graphiql {
        let policy = [(header::CONTENT_SECURITY_POLICY, GRAPHIQL_POLICY)];
        (policy, Html(GRAPHIQL)).into_response()
    } else {
        let message = "there is no page here: send queries to /graphql";
        not_found::response(app, uri, headers, message)
    }
}
