//! One export: its bytes, its headers, and the entity tag.

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream::{self, BoxStream, StreamExt, TryStreamExt};

use super::file::File;
use super::params::Params;
use crate::dump::{self, View};
use crate::graphql::{Caller, Service};
use crate::http::conditional::{CacheHeaders, Lifetime, VARY_BY_ADDRESS};
use crate::http::middleware::may_be_compressed;
use crate::store::Error;

/// Response header with the cursor of the moment at which an export reads.
pub const CURSOR: HeaderName = HeaderName::from_static("cyberprofiles-cursor");
/// Response header with the sequence number of that moment.
pub const SEQUENCE: HeaderName = HeaderName::from_static("cyberprofiles-sequence");
/// Response header with the hash of the log at that moment: see `Change.hash`.
pub const HASH: HeaderName = HeaderName::from_static("cyberprofiles-hash");

/// The bytes of an export.
pub type Chunks = BoxStream<'static, Result<Bytes, Error>>;

/// An export at one view.
pub struct Export {
    file: File,
    view: View,
    cursor: String,
    /// The strong entity tag. It belongs to the bytes without compression.
    pub tag: String,
    may_be_compressed: bool,
    /// The media type.
    kind: &'static str,
    /// Name of the file for those who store it.
    file_name: String,
    /// The address that always leads to these bytes.
    permanent: String,
    /// The query of the files in the description.
    query: String,
    /// The headers for caches.
    pub cache: CacheHeaders,
}

/// The parts of a request from which an export is made.
pub struct ExportOf<'a> {
    pub service: &'a Service,
    pub file: File,
    pub path: &'a str,
    pub headers: &'a HeaderMap,
    pub params: &'a Params,
    pub view: View,
}

impl Export {
    /// The export that a request names.
    pub fn new(of: &ExportOf<'_>) -> Self {
        let ExportOf {
            service,
            file,
            path,
            headers,
            params,
            view,
        } = *of;
        let cursor = view.cursor(service.store());
        let (name, ending, kind) = file.form();
        let by_day = file.depends_on_day();
        let day = if by_day {
            format!("-{}", view.as_of)
        } else {
            String::new()
        };
        let program = env!("CARGO_PKG_VERSION");
        let with_day = format!("?at={cursor}&asOf={}", view.as_of);
        let permanent = if by_day {
            format!("{path}{with_day}")
        } else {
            format!("{path}?at={cursor}")
        };
        let tag = format!("\"{program}-{cursor}{day}-{name}.{ending}\"");
        let may_be_compressed = may_be_compressed(headers);
        // Weak if the response may be compressed, because all its encodings have the same tag.
        let prefix = if may_be_compressed { "W/" } else { "" };
        let is_pinned = params.at.is_some() && (params.as_of.is_some() || !by_day);
        Self {
            cache: CacheHeaders {
                tag: HeaderValue::try_from(format!("{prefix}{tag}")).ok(),
                lifetime: if is_pinned {
                    Lifetime::Day
                } else {
                    Lifetime::Revalidated
                },
                is_public: true,
                vary: VARY_BY_ADDRESS,
            },
            tag,
            may_be_compressed,
            kind,
            file_name: format!("cyberprofiles-{name}-{}.{ending}", view.moment.0),
            permanent: service.limits().public_url.of_path(&permanent),
            query: with_day,
            file,
            view,
            cursor,
        }
    }

    /// The bytes. Each page of rows counts against the quota of the caller before it is sent.
    pub fn chunks(&self, service: &Service, caller: &Caller) -> Chunks {
        let store = service.store();
        match self.file {
            File::Dump(dump) => {
                let (service, caller) = (service.clone(), caller.clone());
                dump::chunks(store, dump, self.view)
                    .and_then(move |chunk| {
                        let (service, caller) = (service.clone(), caller.clone());
                        async move {
                            service.pace(&caller, chunk.rows).await;
                            Ok(chunk.bytes)
                        }
                    })
                    .boxed()
            }
            File::Package => {
                let package = dump::package(store, &self.view, &self.query);
                stream::iter([Ok(Bytes::from(package))]).boxed()
            }
        }
    }

    /// The value of `Range`, if it applies: the response is not compressed, and the client has the same version.
    pub fn range<'a>(&self, headers: &'a HeaderMap) -> Option<&'a str> {
        if self.may_be_compressed {
            return None;
        }
        let range = headers.get(header::RANGE)?.to_str().ok()?;
        let condition = headers.get(header::IF_RANGE);
        let holds = condition.is_none_or(|known| known == self.tag.as_str());
        holds.then_some(range)
    }

    /// Makes the response.
    pub fn respond(&self, status: StatusCode, body: Body) -> Response {
        let mut response = (status, body).into_response();
        self.cache.clone().insert(response.headers_mut());
        let mut headers = vec![
            (
                header::LINK,
                format!("<{}>; rel=\"bookmark\"", self.permanent),
            ),
            (CURSOR, self.cursor.clone()),
            (SEQUENCE, self.view.moment.0.to_string()),
            (HASH, self.view.link.hash.to_string()),
        ];
        if status != StatusCode::NOT_MODIFIED {
            let disposition = format!("attachment; filename=\"{}\"", self.file_name);
            headers.push((header::CONTENT_TYPE, self.kind.to_owned()));
            headers.push((header::CONTENT_DISPOSITION, disposition));
            if !self.may_be_compressed {
                headers.push((header::ACCEPT_RANGES, "bytes".to_owned()));
            }
        }
        for (name, value) in headers {
            set(&mut response, name, value);
        }
        response
    }
}

/// Sets a header.
pub fn set(response: &mut Response, name: HeaderName, value: String) {
    // The texts consist of visible ASCII characters, so the conversion succeeds.
    if let Ok(value) = HeaderValue::try_from(value) {
        response.headers_mut().insert(name, value);
    }
}
