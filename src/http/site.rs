//! Files that browsers and crawlers request by themselves: `/robots.txt` and `/favicon.ico`.

use axum::http::{HeaderName, header};
use axum::response::IntoResponse;

/// Rules for crawlers: pages may be read, queries in addresses may not. Source: RFC 9309.
const ROBOTS: &str = include_str!("robots.txt");
/// The icon, 16 and 32 pixels wide.
const ICON: &[u8] = include_bytes!("favicon.ico");
/// Both files change only with the program.
const A_DAY: (HeaderName, &str) = (header::CACHE_CONTROL, "public, max-age=86400");

/// Sends the rules for crawlers.
pub async fn robots() -> impl IntoResponse {
    let kind = (header::CONTENT_TYPE, "text/plain; charset=utf-8");
    ([kind, A_DAY], ROBOTS)
}

/// Sends the icon.
pub async fn icon() -> impl IntoResponse {
    let kind = (header::CONTENT_TYPE, "image/vnd.microsoft.icon");
    ([kind, A_DAY], ICON)
}
