//! The response for a path that does not exist: a page with links for browsers, and a GraphQL error for programs.

use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{Html, IntoResponse, Response};

use super::accept::wants_html;
use super::app::App;
use super::refusal::Refusal;
use crate::domain::text::truncate;

/// Content security policy of the page: it has no script and no style, and browsers load its icon.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);

/// Makes the response: the page if the client wants HTML, otherwise an error with the message.
pub fn response(app: &App, uri: &Uri, headers: &HeaderMap, message: &str) -> Response {
    if !wants_html(headers) {
        return Refusal::new(StatusCode::NOT_FOUND, "BAD_USER_INPUT", message).into_response();
    }
    let headers = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::VARY, HeaderValue::from_static("accept")),
    ];
    let page = page(uri.path(), app.settings.graphiql);
    (StatusCode::NOT_FOUND, headers, Html(page)).into_response()
}

fn page(path: &str, has_graphiql: bool) -> String {
    let path = escaped(&truncate(path));
    let graphiql = if has_graphiql {
        "      <li><a href=\"/\">/</a>: GraphiQL, a page to write and send queries, with examples</li>\n"
    } else {
        ""
    };
    format!(
        "<!doctype html>
<html lang=\"en\">
  <head>
    <meta charset=\"utf-8\">
    <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">
    <meta name=\"robots\" content=\"noindex\">
    <title>Not found – cyberprofiles</title>
  </head>
  <body>
    <h1>There is no page at <code>{path}</code></h1>
    <p>This is cyberprofiles, a GraphQL service for country profiles on cybercrime. These paths exist:</p>
    <ul>
{graphiql}      <li><a href=\"/schema.graphql\">/schema.graphql</a>: the schema, with a description of everything in it</li>
      <li><code>/graphql</code>: queries, mutations and subscriptions over HTTP; <code>/graphql/ws</code>: over WebSocket</li>
      <li><a href=\"/export.jsonl\">/export.jsonl</a>: all records as JSON Lines; <a href=\"/export/datapackage.json\">/export/datapackage.json</a>: the same as
      CSV files, and their description</li>
      <li><code>/records/&lt;id&gt;</code>: a record as JSON, as in <a href=\"/records/Country:az\">/records/Country:az</a></li>
      <li><a href=\"/feed.atom\">/feed.atom</a>: the changes, newest first; also of a country, a treaty or a search</li>
      <li><a href=\"/livez\">/livez</a> and <a href=\"/readyz\">/readyz</a>: health checks; <code>/metrics</code>: metrics</li>
    </ul>
    <p>The documentation is in the folder <code>docs</code> of the source code: <code>docs/queries.md</code> has
    questions with their answers.</p>
  </body>
</html>
"
    )
}

/// Escapes a text for HTML, in elements and attributes.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            _ => escaped.push(letter),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_cannot_carry_markup_into_the_page() {
        let page = page("/<script>alert('x')</script>&\"", true);
        assert!(
            page.contains(
                "<code>/&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;&quot;</code>"
            )
        );
        assert!(!page.contains("<script"));
    }

    #[test]
    fn a_long_path_is_truncated_and_a_missing_page_has_no_link() {
        let page = page(&format!("/{}", "x".repeat(10_000)), false);
        assert!(page.contains("xxx…</code>") && page.len() < 3_000);
        assert!(!page.contains("href=\"/\""));
    }
}
