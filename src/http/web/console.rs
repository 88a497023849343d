//! The GraphQL console: the page that loads `GraphiQL`, and its files. The form without scripts is a page like others.

use std::collections::HashMap;
use std::io::{self, Write};
use std::sync::{Mutex, PoisonError};

use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use flate2::Compression;
use flate2::write::GzEncoder;
use web::PageRequest;
use web::console::{File, shell};

use super::cache::accepts_coding;
use crate::http::conditional::{Content, Lifetime};
use crate::http::refusal::Refusal;

/// The path of the console.
pub const PATH: &str = "/graphiql";
/// Content security policy of the page that loads `GraphiQL`: its own files, and styles that the editor makes.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self' 'unsafe-inline'; \
     img-src 'self' data:; font-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; \
     frame-ancestors 'none'",
);
/// The request headers on which the page depends.
const VARY: HeaderValue = HeaderValue::from_static("accept-encoding, accept-language");

/// Sends the page that loads `GraphiQL`. `None` if the request is for the form without scripts.
pub fn page(request: &PageRequest<'_>, headers: &HeaderMap) -> Option<Response> {
    let content = Content {
        kind: "text/html; charset=utf-8",
        body: shell(request)?,
        lifetime: Lifetime::Revalidated,
    };
    let mut response = content.response(headers, true);
    let sent = response.headers_mut();
    sent.insert(header::CONTENT_SECURITY_POLICY, POLICY);
    sent.insert(header::VARY, VARY);
    Some(response)
}

/// Sends a file of `GraphiQL`. Its address changes with its content.
pub async fn file(file: &'static File, headers: &HeaderMap) -> Response {
    let (coding, body) = if accepts_coding(headers, "br") {
        (Some("br"), Bytes::from_static(file.body))
    } else {
        let other = tokio::task::spawn_blocking(|| other_forms(file)).await;
        let Ok(Ok(OtherForms { plain, gzip })) = other else {
            return Refusal::internal().into_response();
        };
        if accepts_coding(headers, "gzip") {
            (Some("gzip"), gzip)
        } else {
            (None, plain)
        }
    };
    let fixed = [
        (header::CONTENT_TYPE, file.content_type),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
        (header::VARY, "accept-encoding"),
    ];
    let mut response = (StatusCode::OK, fixed, body).into_response();
    if let Some(coding) = coding {
        let coding = HeaderValue::from_static(coding);
        response
            .headers_mut()
            .insert(header::CONTENT_ENCODING, coding);
    }
    response
}

/// A file for clients that do not know Brotli: browsers use it only over HTTPS and on the machine itself.
#[derive(Clone)]
struct OtherForms {
    plain: Bytes,
    gzip: Bytes,
}

/// The other forms of a file, made once.
fn other_forms(file: &'static File) -> io::Result<OtherForms> {
    static MADE: Mutex<Option<HashMap<&'static str, OtherForms>>> = Mutex::new(None);
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    let made = made.get_or_insert_default();
    if let Some(forms) = made.get(file.name) {
        return Ok(forms.clone());
    }
    let mut plain = Vec::new();
    brotli_decompressor::BrotliDecompress(&mut &*file.body, &mut plain)?;
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(&plain)?;
    let forms = OtherForms {
        plain: plain.into(),
        gzip: gzip.finish()?.into(),
    };
    made.insert(file.name, forms.clone());
    Ok(forms)
}
