//! The input of a proposed change.

use async_graphql::{ID, InputObject, OneofObject};
use serde::{Deserialize, Serialize};

use crate::citation::CitationInput;
use crate::record::{Kind, nouns};

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
