//! The page cache: finished pages for readers without an account, by address, language, data, day and program.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{Read, Write};
use std::sync::Arc;

use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};
use web::{Answer, Language, Lifetime, PageRequest};

use crate::graphql::{AnswerVersion, Bounded, CacheSize, bounded, size_of};

/// Maximum size of the cache, in bytes.
const CACHE_BYTES: u64 = 4 * 1024 * 1024;
/// Overhead of an entry besides its bytes, in bytes.
const ENTRY_OVERHEAD: usize = 256;

/// Everything on which a page depends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PageKey([u8; 16]);

impl PageKey {
    /// The key of an address in a language, for a version of the data, a day, a role and the settings that pages show.
    pub fn new(
        path: &str,
        query: &str,
        language: Language,
        version: AnswerVersion,
        settings: &PageRequest<'_>,
    ) -> Self {
        let mut versions = DefaultHasher::new();
        version.hash(&mut versions);
        let mut digest = Sha256::new();
        for part in [
            path.as_bytes(),
            query.as_bytes(),
            language.code().as_bytes(),
            &versions.finish().to_be_bytes(),
            web::FINGERPRINT.as_bytes(),
            settings.public_url.as_bytes(),
            settings.contact.unwrap_or_default().as_bytes(),
            settings.provider.unwrap_or_default().as_bytes(),
            &[u8::from(settings.has_console)],
        ] {
            digest.update(part.len().to_be_bytes());
            digest.update(part);
        }
        let digest: [u8; 32] = digest.finalize().into();
        let mut key = [0; 16];
        for (to, from) in key.iter_mut().zip(digest) {
            *to = from;
        }
        Self(key)
    }

    /// The entity tag of the page. Weak, because the compressed page has the same tag.
    pub fn tag(&self) -> Option<HeaderValue> {
        let text = URL_SAFE_NO_PAD.encode(self.0);
        HeaderValue::try_from(format!("W/\"{text}\"")).ok()
    }
}

/// A page as it is sent.
#[derive(Clone)]
pub struct StoredPage(Arc<Stored>);

struct Stored {
    content_type: &'static str,
    /// The page, compressed with gzip.
    compressed: Bytes,
    lifetime: Lifetime,
}

impl StoredPage {
    /// Compresses a page.
    pub fn new(answer: &Answer) -> Self {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        // Writing to memory does not fail.
        let written = encoder.write_all(answer.body.as_bytes());
        let compressed = written.and_then(|()| encoder.finish()).unwrap_or_default();
        Self(Arc::new(Stored {
            content_type: answer.media.content_type(),
            compressed: compressed.into_boxed_slice().into(),
            lifetime: answer.lifetime,
        }))
    }

    /// The time for which it holds.
    pub fn lifetime(&self) -> Lifetime {
        self.0.lifetime
    }

    /// Makes the response, compressed if the client accepts gzip.
    pub fn response(&self, headers: &HeaderMap) -> Response {
        let Stored {
            content_type,
            compressed,
            ..
        } = &*self.0;
        let kind = [(header::CONTENT_TYPE, *content_type)];
        if accepts_coding(headers, "gzip") {
            let coding = [(header::CONTENT_ENCODING, "gzip")];
            return (kind, coding, compressed.clone()).into_response();
        }
        let mut plain = Vec::new();
        match GzDecoder::new(compressed.as_ref()).read_to_end(&mut plain) {
            Ok(_) => (kind, plain).into_response(),
            Err(error) => {
                tracing::error!(%error, "a page of the page cache cannot be decompressed");
                StatusCode::INTERNAL_SERVER_ERROR.into_response()
            }
        }
    }
}

/// True if a client names a content coding among those that it accepts. Source: RFC 9110, section 12.5.3.
pub fn accepts_coding(headers: &HeaderMap, wanted: &str) -> bool {
    let values = headers.get_all(header::ACCEPT_ENCODING).iter();
    let mut codings = values.flat_map(|value| value.to_str().unwrap_or_default().split(','));
    codings.any(|coding| {
        let mut parts = coding.split(';').map(str::trim);
        let is_wanted = parts
            .next()
            .is_some_and(|name| name.eq_ignore_ascii_case(wanted));
        let weight = parts.find_map(|part| part.strip_prefix("q="));
        is_wanted
            && weight.is_none_or(|weight| weight.parse().is_ok_and(|weight: f32| weight > 0.0))
    })
}

/// The page cache; cheap to clone.
#[derive(Clone)]
pub struct Pages(Arc<Bounded<PageKey, StoredPage>>);

impl Default for Pages {
    fn default() -> Self {
        Self(Arc::new(bounded(CACHE_BYTES, |_, page: &StoredPage| {
            page.0.compressed.len().saturating_add(ENTRY_OVERHEAD)
        })))
    }
}

impl Pages {
    /// The page of a key.
    pub fn get(&self, key: &PageKey) -> Option<StoredPage> {
        self.0.get(key)
    }

    /// The size of the cache.
    pub fn size(&self) -> CacheSize {
        size_of(&self.0)
    }

    /// Stores a page.
    pub fn insert(&self, key: PageKey, page: StoredPage) {
        self.0.insert(key, page);
    }
}
