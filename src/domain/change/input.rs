//! The input of a proposed change.

use async_graphql::{ID, InputObject, OneofObject};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::citation::{CitationInput, Citations};
use crate::record::{Kind, RecordId, nouns};

/// Retires a record: it leaves the lists, and `node` still returns it.
#[derive(Clone, Debug, PartialEq, InputObject, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RetireRecord {
    /// The `recordId` of the record.
    pub id: ID,
    /// Version of the record on which the change is based: the current one. If the record gets a newer version before
    /// the change is accepted, that is a conflict: see `Contribution.conflicts`.
    pub base_version: i32,
    /// Reason for retiring the record.
    pub reason: String,
    /// Sources of the reason. They support fields of the record as it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cite: Option<Vec<CitationInput>>,
}

/// Restores a retired record with its last content and its citations.
#[derive(Clone, Debug, PartialEq, InputObject, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RestoreRecord {
    /// The `recordId` of the record.
    pub id: ID,
    /// Version that the record had when it was retired.
    pub base_version: i32,
    /// Reason for restoring the record.
    pub reason: String,
}

macro_rules! change_input {
    ([] $(
        $(#[$doc:meta])* $noun:ident $module:ident {
            $(#[$create_doc:meta])* $create:ident
            $(#[$update_doc:meta])* $update:ident
        }
    )+) => {
        /// One proposed change of one record. The list grows with new kinds of record.
        #[derive(Clone, Debug, PartialEq, OneofObject, Serialize, Deserialize)]
        #[serde(rename_all = "camelCase")]
        pub enum ChangeInput {
            $(
                $(#[$create_doc])*
                $create(crate::$module::$create),
                $(#[$update_doc])*
                $update(crate::$module::$update),
            )+
            /// Retires a record: it leaves the lists, and `node` still returns it. A record to which others refer
            /// cannot be retired.
            Retire(RetireRecord),
            /// Restores a retired record with its last content and its citations.
            Restore(RestoreRecord),
        }

        impl ChangeInput {
            /// Returns the kind of the record that the change creates; `None` if it creates none.
            pub fn creates(&self) -> Option<Kind> {
                match self {
                    $( Self::$create(_) => Some(Kind::$noun), )+
                    _ => None,
                }
            }

            /// Returns the citations.
            pub fn cites(&self) -> &[CitationInput] {
                match self {
                    $(
                        Self::$create(create) => create.cite.as_citations(),
                        Self::$update(update) => update.cite.as_citations(),
                    )+
                    Self::Retire(retire) => retire.cite.as_citations(),
                    Self::Restore(_) => &[],
                }
            }

            /// Returns the citations, to edit them.
            pub fn cites_mut(&mut self) -> &mut [CitationInput] {
                match self {
                    $(
                        Self::$create(create) => create.cite.as_citations_mut(),
                        Self::$update(update) => update.cite.as_citations_mut(),
                    )+
                    Self::Retire(retire) => retire.cite.as_citations_mut(),
                    Self::Restore(_) => &mut [],
                }
            }

            /// Sets the base version of an update that has none.
            #[must_use]
            pub fn with_base_version(mut self, version: i32) -> Self {
                let base = match &mut self {
                    $( Self::$update(update) => &mut update.base_version, )+
                    _ => return self,
                };
                base.get_or_insert(version);
                self
            }

            /// Returns the id of the record; `None` for a new record without a key, and if the id or key cannot be read.
            pub fn target(&self) -> Option<RecordId> {
                match self {
                    $(
                        Self::$create(create) => {
                            RecordId::new(Kind::$noun, create.key.as_deref()?).ok()
                        }
                        Self::$update(update) => update.id.parse().ok(),
                    )+
                    Self::Retire(retire) => retire.id.parse().ok(),
                    Self::Restore(restore) => restore.id.parse().ok(),
                }
            }

            /// Sets the key of a create that has none.
            #[must_use]
            pub fn with_key(mut self, name: &str) -> Self {
                let key = match &mut self {
                    $( Self::$create(create) => &mut create.key, )+
                    _ => return self,
                };
                key.get_or_insert_with(|| name.to_owned());
                self
            }
        }
    };
}
nouns!(change_input);

impl ChangeInput {
    /// Returns the change with the key of `former`, if it has none and both create a record of one kind. A key that
    /// follows from the fields is left to them.
    #[must_use]
    pub fn succeeding(self, former: &Self) -> Self {
        let kind = self.creates().filter(|kind| kind.key_fields().is_empty());
        match former.target() {
            Some(id) if kind.is_some() && former.creates() == kind => self.with_key(id.key()),
            _ => self,
        }
    }

    /// Returns the change in the form of the schema, as it can be sent: members that were left out are absent.
    ///
    /// # Errors
    /// A value has no JSON form.
    pub fn as_sent(&self) -> Result<Value, serde_json::Error> {
        Ok(without_nulls(serde_json::to_value(self)?))
    }
}

/// Removes the members that are null. In an input they mean the same as members that are left out.
fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let given = members.into_iter().filter(|(_, value)| !value.is_null());
            Value::Object(
                given
                    .map(|(name, value)| (name, without_nulls(value)))
                    .collect(),
            )
        }
        Value::Array(list) => list.into_iter().map(without_nulls).collect(),
        other => other,
    }
}
