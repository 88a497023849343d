//! A change as it is given.

use async_graphql::{ID, InputObject, OneofObject};
use serde::{Deserialize, Serialize};

use crate::citation::CitationInput;
use crate::record::{Kind, nouns};

/// A record leaves the lists.
#[derive(Clone, Debug, PartialEq, InputObject, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RetireRecord {
    /// The record.
    pub id: ID,
    /// The version that the change was written against.
    pub base_version: i32,
    /// Why.
    pub reason: String,
    /// Where that comes from: it supports fields of the record as it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cite: Option<Vec<CitationInput>>,
}

/// A retired record comes back as it was, citations included.
#[derive(Clone, Debug, PartialEq, InputObject, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RestoreRecord {
    /// The record.
    pub id: ID,
    /// The version that it had when it was retired.
    pub base_version: i32,
    /// Why.
    pub reason: String,
}

macro_rules! change_input {
    ([] $(
        $(#[$doc:meta])* $noun:ident $module:ident {
            $(#[$create_doc:meta])* $create:ident
            $(#[$update_doc:meta])* $update:ident
        }
    )+) => {
        /// One proposed change. The list grows with new nouns.
        #[derive(Clone, Debug, PartialEq, OneofObject, Serialize, Deserialize)]
        #[serde(rename_all = "camelCase")]
        pub enum ChangeInput {
            $(
                $(#[$create_doc])*
                $create(crate::$module::$create),
                $(#[$update_doc])*
                $update(crate::$module::$update),
            )+
            /// A record leaves the lists; `node` still returns it. What others refer to cannot.
            Retire(RetireRecord),
            /// A retired record comes back as it was, citations included.
            Restore(RestoreRecord),
        }

        impl ChangeInput {
            /// The noun of which it makes a new record, where it makes one.
            pub fn creates(&self) -> Option<Kind> {
                match self {
                    $( Self::$create(_) => Some(Kind::$noun), )+
                    _ => None,
                }
            }

            /// Names the record of a create that left its key out.
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
