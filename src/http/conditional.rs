//! Responses that caches store and ask for again by their entity tag. Source: RFC 9110, sections 8.8 and 13.1.2.
//!
//! No response has `Last-Modified`: a second can have two commits, and a new version of the program, another day, or the
//! records that a search finds alter a response without a commit. Only the entity tag knows.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

/// Request headers on which a response depends.
pub const VARY: HeaderValue =
    HeaderValue::from_static("accept, accept-encoding, authorization, origin");
/// The request headers on which a response depends if its address decides the media type.
pub const VARY_BY_ADDRESS: HeaderValue =
    HeaderValue::from_static("accept-encoding, authorization, origin");

/// `Cache-Control` of a response that caches store and ask for again each time.
pub const REVALIDATED: &str = "public, max-age=0, must-revalidate";

/// The time for which a cache may use a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lifetime {
    /// The content can change: a cache asks again each time.
    Revalidated,
    /// The content changes only with the version of the program.
    Day,
    /// The content never changes.
    Forever,
}

/// The headers by which a cache stores a response and asks for it again.
#[derive(Clone, Debug)]
pub struct CacheHeaders {
    /// The entity tag.
    pub tag: Option<HeaderValue>,
    /// The time for which a cache may use the response.
    pub lifetime: Lifetime,
    /// True if shared caches may store the response.
    pub is_public: bool,
    /// The names of the request headers on which the response depends.
    pub vary: HeaderValue,
}

impl CacheHeaders {
    /// True if the client has this response.
    pub fn is_known(&self, request: &HeaderMap) -> bool {
        let tag = self.tag.as_ref();
        tag.is_some_and(|tag| is_known(tag, request))
    }

    /// Adds the headers to a response.
    pub fn insert(self, response: &mut HeaderMap) {
        let cache = match (self.lifetime, self.is_public) {
            (Lifetime::Forever, true) => "public, max-age=31536000, immutable",
            (Lifetime::Forever, false) => "private, max-age=31536000, immutable",
            (Lifetime::Day, true) => "public, max-age=86400",
            (Lifetime::Day, false) => "private, max-age=86400",
            (Lifetime::Revalidated, true) => REVALIDATED,
            (Lifetime::Revalidated, false) => "private, max-age=0, must-revalidate",
        };
        response.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
        response.insert(header::VARY, self.vary);
        if let Some(tag) = self.tag {
            response.insert(header::ETAG, tag);
        }
    }
}

/// A page as it is sent.
pub struct Content {
    /// The media type.
    pub kind: &'static str,
    /// The bytes.
    pub body: String,
    /// The time for which it is valid.
    pub lifetime: Lifetime,
}

impl Content {
    /// Makes the response: 200 with the content, or 304 without it if the client has it.
    pub fn response(self, request: &HeaderMap, is_public: bool) -> Response {
        let headers = CacheHeaders {
            tag: self.tag(),
            lifetime: self.lifetime,
            is_public,
            vary: VARY,
        };
        let mut response = if headers.is_known(request) {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            let kind = [(header::CONTENT_TYPE, self.kind)];
            (kind, self.body).into_response()
        };
        headers.insert(response.headers_mut());
        response
    }

    /// The entity tag: a hash of the content, so it changes only with the content. Weak, because the compressed content
    /// has the same tag.
    fn tag(&self) -> Option<HeaderValue> {
        let digest = Sha256::digest(self.body.as_bytes());
        let (half, _) = digest.split_at_checked(16)?;
        let half = URL_SAFE_NO_PAD.encode(half);
        HeaderValue::try_from(format!("W/\"{half}\"")).ok()
    }
}

/// True if `If-None-Match` contains this tag, or `*`.
pub fn is_known(tag: &HeaderValue, headers: &HeaderMap) -> bool {
    known(headers).any(|known| known == "*" || known == weak(tag))
}

/// The tags in `If-None-Match`, without their weakness prefix.
pub fn known(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let values = headers.get_all(header::IF_NONE_MATCH).iter();
    let texts = values.filter_map(|value| value.to_str().ok());
    texts.flat_map(|text| text.split(',')).map(bare)
}

/// The tag without its weakness prefix.
pub fn weak(tag: &HeaderValue) -> &str {
    bare(tag.to_str().unwrap_or_default())
}

fn bare(tag: &str) -> &str {
    tag.trim().trim_start_matches("W/")
}
