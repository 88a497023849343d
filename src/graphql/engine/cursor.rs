//! Cursors of lists: base64 of a hash of the list and the sort key of a row.

use std::borrow::Cow;
use std::fmt::{self, Display};
use std::sync::{Arc, OnceLock};

use async_graphql::parser::types::Field;
use async_graphql::registry::Registry;
use async_graphql::{ContextSelectionSet, OutputType, Positioned, ServerResult};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::engine::error::Error;

/// A list's arguments, as its cursors distinguish them.
pub trait CursorArguments {
    /// The arguments as JSON, made with [`arguments`]. Clients store cursors, so a name or value in it never changes,
    /// even if the code is renamed. It is written field by field, so that no argument is forgotten.
    fn cursor_arguments(&self) -> Value;
}

/// Arguments with their names in the schema. An argument without a value is left out, so that a new argument does not
/// invalidate existing cursors.
pub fn arguments<const N: usize>(arguments: [(&str, Value); N]) -> Value {
    let present = arguments.into_iter().filter(|(_, value)| !value.is_null());
    present.map(|(name, value)| json!([name, value])).collect()
}

/// The list to which a cursor belongs: its name, filter and order.
#[derive(Clone)]
pub struct ListTag(Arc<TagSource<dyn Fn() -> Value + Send + Sync>>);

struct TagSource<F: ?Sized> {
    name: &'static str,
    /// Hash of the list in its cursors; computed when the first cursor is written or read.
    tag: OnceLock<[u8; 6]>,
    of: F,
}

impl ListTag {
    /// Creates the list `name`. `of` returns its arguments.
    pub fn new(name: &'static str, of: impl Fn() -> Value + Send + Sync + 'static) -> Self {
        let tag = OnceLock::new();
        Self(Arc::new(TagSource { name, tag, of }))
    }

    fn tag(&self) -> &[u8; 6] {
        let TagSource { name, tag, of } = &*self.0;
        tag.get_or_init(|| {
            let digest = Sha256::digest(json!([name, of()]).to_string());
            digest.first_chunk().copied().unwrap_or_default()
        })
    }

    /// The cursor of the row with a sort key.
    pub fn cursor(&self, key: impl Into<Arc<[Value]>>) -> EdgeCursor {
        EdgeCursor {
            list: self.clone(),
            key: key.into(),
        }
    }

    /// The sort key in a cursor of this list.
    ///
    /// # Errors
    /// `BAD_USER_INPUT` for a cursor that this list did not return.
    pub fn key(&self, argument: &str, cursor: &str) -> Result<Vec<Value>, Error> {
        let bad = |message: &str| Error::bad(argument, message);
        let unknown = "expected a cursor that this list returned";
        let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| bad(unknown))?;
        let (tag, key) = bytes.split_at_checked(6).ok_or_else(|| bad(unknown))?;
        let key: Vec<Value> = serde_json::from_slice(key).map_err(|_| bad(unknown))?;
        let scalar = |value: &Value| {
            value.is_i64() || value.as_str().is_some_and(|text| !text.contains('\0'))
        };
        if key.is_empty() || !key.iter().all(scalar) {
            return Err(bad(unknown));
        }
        if tag != self.tag() {
            return Err(bad(
                "the cursor belongs to another list, filter or order; expected a cursor that this list returned",
            ));
        }
        Ok(key)
    }
}

/// The cursor of an edge. Its text is computed only if the query selects it.
pub struct EdgeCursor {
    list: ListTag,
    key: Arc<[Value]>,
}

impl Display for EdgeCursor {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tag = self.list.tag();
        let key = serde_json::to_vec(&self.key).map_err(|_| fmt::Error)?;
        let bytes = [tag.as_slice(), &key].concat();
        to.write_str(&URL_SAFE_NO_PAD.encode(bytes))
    }
}

impl OutputType for EdgeCursor {
    fn type_name() -> Cow<'static, str> {
        <String as OutputType>::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        <String as OutputType>::create_type_info(registry)
    }

    async fn resolve(
        &self,
        _: &ContextSelectionSet<'_>,
        _: &Positioned<Field>,
    ) -> ServerResult<async_graphql::Value> {
        Ok(async_graphql::Value::String(self.to_string()))
    }
}
