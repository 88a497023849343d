//! Request parameters, from a body, an address or a socket message. Source: GraphQL over HTTP, section 5.1.

use async_graphql::{Request, Value, Variables};
use percent_encoding::percent_decode_str;
use serde::Deserialize;
use serde_json::{Map, Value as Json};
use serde_path_to_error::{Path, Segment};

use crate::domain::text::quoted;
use crate::graphql::DOCUMENT_ID;

/// The parameters of a request. Other members are ignored.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Params {
    query: Option<String>,
    operation_name: Option<String>,
    variables: Option<Map<String, Json>>,
    extensions: Option<Map<String, Json>>,
    document_id: Option<String>,
}

/// Names of the parameters in an address.
const NAMES: [&str; 5] = [
    "query",
    "operationName",
    "variables",
    "extensions",
    "documentId",
];

/// A parsed body.
pub enum Body {
    /// A single request.
    One(Box<Request>),
    /// A batch, in its order.
    Several(Vec<Request>),
}

impl Body {
    /// Parses a JSON body.
    ///
    /// # Errors
    /// A sentence for the client: the faulty member and the reason.
    pub fn read(bytes: &[u8]) -> Result<Self, String> {
        let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
        match first {
            Some(b'{') => Ok(Self::One(Box::new(read::<Params>(bytes)?.request()?))),
            Some(b'[') => {
                let all: Vec<Map<String, Json>> = read(bytes)?;
                let requests = all.into_iter().map(|one| Params::of(one)?.request());
                Ok(Self::Several(requests.collect::<Result<_, _>>()?))
            }
            _ => Err(
                "the body is neither a JSON object with `query` nor a list of such objects"
                    .to_owned(),
            ),
        }
    }
}

fn read<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, String> {
    // The slower parser that reports paths runs only after a fault.
    if let Ok(found) = serde_json::from_slice(bytes) {
        return Ok(found);
    }
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let found = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let is_whole = is_whole(error.path());
        let (path, error) = (error.path().to_string(), error.into_inner());
        if is_whole {
            format!("the body is not valid JSON: {}", quoted(&error.to_string()))
        } else {
            unreadable(&path, &error)
        }
    })?;
    json.end()
        .map_err(|error| format!("the body is not valid JSON: {error}"))?;
    Ok(found)
}

/// True if the fault concerns the body as a whole and not one of its members.
fn is_whole(path: &Path) -> bool {
    let mut parts = path.iter();
    matches!(
        (parts.next(), parts.next()),
        (None | Some(Segment::Unknown), None)
    )
}

/// Message about a member that cannot be read.
fn unreadable(path: &str, error: &serde_json::Error) -> String {
    let (path, error) = (quoted(path), quoted(&error.to_string()));
    format!("`{path}` cannot be read: {error}")
}

impl Params {
    /// Reads the parameters from a JSON object.
    ///
    /// # Errors
    /// A sentence for the client: the faulty member and the reason.
    pub fn of(object: Map<String, Json>) -> Result<Self, String> {
        serde_path_to_error::deserialize(Json::Object(object)).map_err(|error| {
            let path = error.path().to_string();
            unreadable(&path, &error.into_inner())
        })
    }

    /// Reads the parameters from the query string of an address.
    ///
    /// # Errors
    /// A sentence for the client: the faulty parameter and the reason.
    pub fn in_address(query: &str) -> Result<Self, String> {
        let mut found = Self::default();
        let mut seen = Vec::new();
        for pair in query.split('&') {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let name = percent_decode_str(name).decode_utf8_lossy();
            let Some(name) = NAMES.into_iter().find(|known| *known == name) else {
                continue;
            };
            let value = value.replace('+', " ");
            let value = percent_decode_str(&value).decode_utf8();
            let value = value.map_err(|_| format!("`{name}` is not UTF-8"))?;
            if seen.contains(&name) {
                return Err(format!("`{name}` is given twice"));
            }
            seen.push(name);
            let object = |text: &str| -> Result<Option<Map<String, Json>>, String> {
                let read = serde_json::from_str(text);
                read.map_err(|error: serde_json::Error| {
                    format!(
                        "`{name}` is not a JSON object: {}",
                        quoted(&error.to_string())
                    )
                })
            };
            match name {
                "query" => found.query = Some(value.into_owned()),
                "operationName" => found.operation_name = Some(value.into_owned()),
                "variables" if !value.is_empty() => found.variables = object(&value)?,
                "extensions" if !value.is_empty() => found.extensions = object(&value)?,
                "documentId" => found.document_id = Some(value.into_owned()),
                _ => {}
            }
        }
        Ok(found)
    }

    /// Makes the request.
    ///
    /// # Errors
    /// A sentence for the client if neither a document nor a reference to one is given.
    pub fn request(self) -> Result<Request, String> {
        let extensions = self.extensions.unwrap_or_default();
        let is_persisted = self.document_id.is_some() || extensions.contains_key("persistedQuery");
        if self.query.is_none() && !is_persisted {
            return Err("expected `query`, the text of a GraphQL document".to_owned());
        }
        let variables = Json::Object(self.variables.unwrap_or_default());
        let mut request =
            Request::new(self.query.unwrap_or_default()).variables(Variables::from_json(variables));
        request.operation_name = self.operation_name.filter(|name| !name.is_empty());
        for (name, value) in extensions {
            let value = Value::from_json(value).map_err(|error| quoted(&error.to_string()))?;
            request.extensions.insert(name, value);
        }
        if let Some(id) = self.document_id {
            request
                .extensions
                .insert(DOCUMENT_ID.to_owned(), Value::from(id));
        }
        Ok(request)
    }
}
