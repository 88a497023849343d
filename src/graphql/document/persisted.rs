//! Documents that a request names instead of containing them: those that clients sent before (automatic persisted
//! queries), and those that an operator trusts.

use std::collections::HashMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_graphql::{Request, ServerError, Value};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::document::parse::readable;
use crate::engine::cache::{Bounded, bounded, size_of};
use crate::engine::error::failed;
use crate::engine::limits::Limits;
use crate::engine::stats::CacheSize;
use domain::text_file;

/// The request extension with the id of a document.
pub const DOCUMENT_ID: &str = "documentId";
/// The request extension with the hash of a document.
const PERSISTED_QUERY: &str = "persistedQuery";
/// The path of the hash in a request.
const SHA256_HASH: &str = "extensions.persistedQuery.sha256Hash";
/// Maximum size of the documents that clients sent, in bytes.
const CACHE_BYTES: u64 = 2 * 1024 * 1024;

/// Documents by id and by hash.
pub struct Persisted {
    trusted: Trusted,
    sent: Bounded<String, Arc<str>>,
}

/// A document that a client sent together with its hash.
#[derive(Clone)]
pub struct SentDocument {
    hash: String,
    text: Arc<str>,
}

/// Documents that an operator trusts.
#[derive(Clone, Debug, Default)]
pub struct Trusted {
    by_id: HashMap<String, Arc<str>>,
    by_hash: HashMap<String, Arc<str>>,
    /// True if other documents are refused.
    pub only: bool,
}

impl Trusted {
    /// Reads trusted documents from a file, or from all files of a folder: `*.graphql` with one document each, and
    /// `*.json` as compilers of clients write them.
    ///
    /// # Errors
    /// A message with the name of the file.
    pub fn read(path: &Path, only: bool, limits: &Limits) -> Result<Self, String> {
        let unread = |path: &Path, why: &dyn std::fmt::Display| {
            format!("cannot read {}: {why}", path.display())
        };
        let mut files = vec![path.to_owned()];
        if path.is_dir() {
            let entries = std::fs::read_dir(path).map_err(|error| unread(path, &error))?;
            let entries: Result<Vec<PathBuf>, _> = entries
                .map(|entry| entry.map(|entry| entry.path()))
                .collect();
            files = entries.map_err(|error| unread(path, &error))?;
            files.sort_unstable();
        }
        let mut found = Self {
            only,
            ..Self::default()
        };
        for file in files {
            let kind = file.extension().and_then(|kind| kind.to_str());
            let text = || {
                std::fs::read(&file)
                    .and_then(text_file::decoded)
                    .map_err(|error| unread(&file, &error))
            };
            match kind {
                Some("graphql" | "gql") => {
                    let name = file.file_stem().and_then(|name| name.to_str());
                    let added = found.add(name.unwrap_or_default(), &text()?, limits);
                    added.map_err(|why| unread(&file, &why))?;
                }
                Some("json") => {
                    let read: Manifest =
                        serde_json::from_str(&text()?).map_err(|error| unread(&file, &error))?;
                    let added = read.add_to(&mut found, limits);
                    added.map_err(|why| unread(&file, &why))?;
                }
                _ => {}
            }
        }
        if found.by_id.is_empty() {
            return Err(format!(
                "{} has no trusted document: expected *.graphql or *.json",
                path.display()
            ));
        }
        Ok(found)
    }

    /// Adds a document under its id and under its hash.
    fn add(&mut self, id: &str, text: &str, limits: &Limits) -> Result<(), String> {
        readable(text, limits)
            .map_err(|error| format!("`{id}` is not a GraphQL document: {error}"))?;
        let text: Arc<str> = text.into();
        self.by_hash.insert(hash(&text), Arc::clone(&text));
        match self.by_id.insert(id.to_owned(), Arc::clone(&text)) {
            Some(other) if other != text => Err(format!("`{id}` is the id of two documents")),
            _ => Ok(()),
        }
    }
}

/// A manifest written by a compiler: documents by id (Relay, graphql-codegen), or a list of operations (Apollo).
#[derive(Deserialize)]
#[serde(untagged)]
enum Manifest {
    List { operations: Vec<ManifestOperation> },
    ById(HashMap<String, String>),
}

#[derive(Deserialize)]
struct ManifestOperation {
    id: String,
    body: String,
}

impl Manifest {
    fn add_to(self, trusted: &mut Trusted, limits: &Limits) -> Result<(), String> {
        match self {
            Self::List { operations } => operations
                .iter()
                .try_for_each(|one| trusted.add(&one.id, &one.body, limits)),
            Self::ById(documents) => documents
                .iter()
                .try_for_each(|(id, text)| trusted.add(id, text, limits)),
        }
    }
}

impl Persisted {
    /// Creates the collection of trusted documents and of those that clients will send.
    pub fn new(trusted: Trusted) -> Self {
        Self {
            trusted,
            sent: bounded(CACHE_BYTES, |id, text| id.len().saturating_add(text.len())),
        }
    }

    /// The size of the documents that clients sent.
    pub fn size(&self) -> CacheSize {
        size_of(&self.sent)
    }

    /// Fills in the document that a request names. If the request contains a document and its hash, returns the
    /// document with it: [`Self::insert`] stores that once it is found valid.
    ///
    /// # Errors
    /// `PERSISTED_QUERY_NOT_FOUND` for an unknown name, `BAD_USER_INPUT` for names that do not match the document, and
    /// `FORBIDDEN` for a document that is not trusted if only trusted ones are executed.
    pub fn find(
        &self,
        mut request: Request,
    ) -> Result<(Request, Option<SentDocument>), ServerError> {
        let wrong = |message: &str| failed("BAD_USER_INPUT", message);
        let names = Names::of(&request).map_err(wrong)?;
        if names.id.or(names.hash).is_none() && !self.trusted.only {
            return Ok((request, None));
        }
        let mut found = None;
        if request.query.is_empty()
            && let Some(name) = names.id.or(names.hash)
        {
            found = Some(self.text(name).ok_or_else(not_found)?);
        }
        let text = found.as_deref().unwrap_or(&request.query);
        let hash = hash(text);
        for (by, name) in [(DOCUMENT_ID, names.id), (SHA256_HASH, names.hash)] {
            let is_its = |name: &str| {
                let trusted = || self.trusted.by_id.get(name).map(AsRef::as_ref);
                name == hash || trusted() == Some(text)
            };
            if name.is_some_and(|name| !is_its(name)) {
                let message = format!(
                    "`{by}` does not match the rest of the request: send only one name or document, or ones that match"
                );
                return Err(wrong(&message));
            }
        }
        if self.trusted.only && !self.trusted.by_hash.contains_key(&hash) {
            let message = "this server executes only documents that its operator trusts";
            return Err(failed("FORBIDDEN", message));
        }
        let sent = (found.is_none() && names.hash.is_some()).then(|| SentDocument {
            hash,
            text: text.into(),
        });
        if let Some(text) = found {
            request.query = text.to_string();
        }
        Ok((request, sent))
    }

    /// Stores a valid document, so that its hash alone names it.
    pub fn insert(&self, sent: SentDocument) {
        self.sent.insert(sent.hash, sent.text);
    }

    /// Looks up a document by hash or id.
    fn text(&self, name: &str) -> Option<Arc<str>> {
        let Trusted { by_id, by_hash, .. } = &self.trusted;
        let trusted = by_hash.get(name).or_else(|| by_id.get(name));
        trusted.cloned().or_else(|| self.sent.get(name))
    }
}

/// The names of a document in a request.
struct Names<'a> {
    id: Option<&'a str>,
    hash: Option<&'a str>,
}

impl<'a> Names<'a> {
    fn of(request: &'a Request) -> Result<Self, &'static str> {
        let id = match request.extensions.get(DOCUMENT_ID) {
            Some(Value::String(id)) => Some(id.strip_prefix("sha256:").unwrap_or(id)),
            _ => None,
        };
        let persisted = request.extensions.get(PERSISTED_QUERY);
        let hash = persisted.map(told_hash).transpose()?;
        Ok(Self { id, hash })
    }
}

/// The hash in the extension `persistedQuery`.
fn told_hash(persisted: &Value) -> Result<&str, &'static str> {
    let Value::Object(persisted) = persisted else {
        return Err("`extensions.persistedQuery`: expected an object");
    };
    if persisted.get("version") != Some(&Value::from(1)) {
        return Err("`extensions.persistedQuery.version`: expected 1");
    }
    match persisted.get("sha256Hash") {
        Some(Value::String(hash)) => Ok(hash),
        _ => Err("`extensions.persistedQuery.sha256Hash`: expected 64 hexadecimal digits"),
    }
}

fn not_found() -> ServerError {
    failed("PERSISTED_QUERY_NOT_FOUND", "PersistedQueryNotFound")
}

fn hash(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    digest.iter().fold(String::new(), |mut hash, byte| {
        // Writing to a string never fails.
        let _ = write!(hash, "{byte:02x}");
        hash
    })
}
