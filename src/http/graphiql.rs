//! The `GraphiQL` page for browsers.

use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};

use super::app::App;
use super::refusal::Refusal;

const GRAPHIQL: &str = include_str!("graphiql.html");
/// Content security policy of the page: its own script by hash, and the files of the CDN that it names with their
/// hashes.
const GRAPHIQL_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; \
     script-src 'sha256-3TX42TtODdFfS3kwGcAqC4/pWYXNR+iOqN5L2mNMrnU=' \
     https://cdn.jsdelivr.net/npm/react@18.3.1/umd/react.production.min.js \
     https://cdn.jsdelivr.net/npm/react-dom@18.3.1/umd/react-dom.production.min.js \
     https://cdn.jsdelivr.net/npm/graphiql@4.1.2/graphiql.min.js; \
     style-src 'unsafe-inline' https://cdn.jsdelivr.net/npm/graphiql@4.1.2/graphiql.min.css; \
     font-src data:; img-src data:; connect-src 'self' ws: wss:; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);

/// Sends the `GraphiQL` page, or 404 if it is switched off.
pub async fn browse(State(app): State<App>) -> Response {
    if app.settings.graphiql {
        let policy = [(header::CONTENT_SECURITY_POLICY, GRAPHIQL_POLICY)];
        (policy, Html(GRAPHIQL)).into_response()
    } else {
        Refusal::new(
            StatusCode::NOT_FOUND,
            "BAD_USER_INPUT",
            "there is no page here: send queries to /graphql",
        )
        .into_response()
    }
}
