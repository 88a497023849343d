//! Documents that are asked for by a name: those that clients told before (automatic persisted queries), and
//! those that an operator trusts.

use std::collections::HashMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_graphql::{Request, ServerError, Value};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::document::parse::readable;
use crate::engine::cache::{Bounded, bounded};
use crate::engine::error::failed;
use crate::engine::limits::Limits;
use domain::text_file;

/// The extension that names a document by its id.
pub const DOCUMENT_ID: &str = "documentId";
/// The extension that names a document by its hash, or tells the hash.
const PERSISTED_QUERY: &str = "persistedQuery";
/// Where it does.
const SHA256_HASH: &str = "extensions.persistedQuery.sha256Hash";
/// The size of all documents that clients told, in bytes.
const KEPT: u64 = 2 * 1024 * 1024;

/// Documents by their names.
pub struct Persisted {
    trusted: Trusted,
    told: Bounded<String, Arc<str>>,
}

/// A document that a client tells together with its hash.
#[derive(Clone)]
pub struct Told {
    hash: String,
    text: Arc<str>,
}

/// Documents that an operator trusts.
#[derive(Clone, Debug, Default)]
pub struct Trusted {
    by_id: HashMap<String, Arc<str>>,
    by_hash: HashMap<String, Arc<str>>,
    /// Whether others are refused.
    pub only: bool,
}

impl Trusted {
    /// Reads a file, or all files of a folder: `*.graphql`, each a document, and `*.json`, as compilers of
    /// clients write them.
    ///
    /// # Errors
    /// A sentence that names the file.
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

    /// By the id that a compiler gave it, and by its hash.
    fn add(&mut self, id: &str, text: &str, limits: &Limits) -> Result<(), String> {
        readable(text, limits)
            .map_err(|error| format!("`{id}` is no GraphQL document: {error}"))?;
        let text: Arc<str> = text.into();
        self.by_hash.insert(hash(&text), Arc::clone(&text));
        match self.by_id.insert(id.to_owned(), Arc::clone(&text)) {
            Some(other) if other != text => Err(format!("`{id}` is the id of two documents")),
            _ => Ok(()),
        }
    }
}

/// What compilers write: documents by id (Relay, graphql-codegen), or a list of operations (Apollo).
#[derive(Deserialize)]
#[serde(untagged)]
enum Manifest {
    List { operations: Vec<Operation> },
    ById(HashMap<String, String>),
}

#[derive(Deserialize)]
struct Operation {
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
    /// Knows those that are trusted, and what it is told.
    pub fn new(trusted: Trusted) -> Self {
        Self {
            trusted,
            told: bounded(KEPT, |id, text| id.len().saturating_add(text.len())),
        }
    }

    /// Gives a request the text that it names, or tells the text that it brings with its name: [`Self::keep`] it once
    /// it is found in order.
    ///
    /// # Errors
    /// `PERSISTED_QUERY_NOT_FOUND`, `BAD_USER_INPUT`, and `FORBIDDEN` for what is not trusted where only that
    /// is executed.
    pub fn find(&self, mut request: Request) -> Result<(Request, Option<Told>), ServerError> {
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
                    "`{by}` names another document than what is sent beside it: send one of both, or two that agree"
                );
                return Err(wrong(&message));
            }
        }
        if self.trusted.only && !self.trusted.by_hash.contains_key(&hash) {
            let message = "only documents that the operator trusts are executed here";
            return Err(failed("FORBIDDEN", message));
        }
        let told = (found.is_none() && names.hash.is_some()).then(|| Told {
            hash,
            text: text.into(),
        });
        if let Some(text) = found {
            request.query = text.to_string();
        }
        Ok((request, told))
    }

    /// Keeps a document that was found in order, to be asked for by its hash alone.
    pub fn keep(&self, told: Told) {
        self.told.insert(told.hash, told.text);
    }

    /// The document that has a name.
    fn text(&self, name: &str) -> Option<Arc<str>> {
        let Trusted { by_id, by_hash, .. } = &self.trusted;
        let trusted = by_hash.get(name).or_else(|| by_id.get(name));
        trusted.cloned().or_else(|| self.told.get(name))
    }
}

/// The names of the document that a request asks for.
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

/// The hash in the extension of automatic persisted queries.
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
