//! How a noun is declared: its fields, once. From the declaration follow the input type of its
//! contributions, the columns of its table, diff, merge, clear, citation names and import.

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::check::Finding;
use super::date::Day;
use super::field::{Content, Field};
use super::record::{Kind, RecordField};
use super::reference::{Mention, Reference, Upward};
use super::text::CountryCode;

/// What is wrong with values of a record, and only told of a change that gives one of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Novelty {
    /// The fields with these values, the one that is at fault first.
    pub of: &'static [RecordField],
    /// One sentence for a person.
    pub message: String,
}

/// What is known of a noun, as `noun!` writes it from the declaration.
pub trait Described: DeserializeOwned {
    /// Which noun it is.
    const KIND: Kind;

    /// How many fields are declared.
    const DECLARED: usize;

    /// Its fields, in the order of their declaration.
    fn fields() -> &'static [Field];

    /// The noun whose content is `content`, in which what has no value is left out.
    ///
    /// # Errors
    /// A required field is missing, or a value is not of its type.
    fn from_content(content: &Content) -> Result<Self, serde_json::Error> {
        let mut whole = content.clone();
        for field in Self::fields() {
            whole
                .entry(field.name.camel())
                .or_insert_with(|| field.empty());
        }
        serde_json::from_value(Value::Object(whole))
    }
}

/// What only the noun itself can say.
pub trait Identified: Described {
    /// Whether each field must be cited.
    const CITED: bool = true;
    /// The field that no two records may share, where there is one. It never changes.
    const UNIQUE: Option<RecordField> = None;

    /// The readable key of a new record, from what identifies it.
    fn key(&self) -> String;

    /// What is wrong between its fields; paths start at a field.
    fn faults(&self) -> Vec<Finding> {
        Vec::new()
    }

    /// What it refers to, and by which field.
    fn references(&self) -> Vec<(RecordField, Reference)> {
        Vec::new()
    }

    /// Those of its references that must not lead back to it.
    fn upward(&self) -> Vec<Upward> {
        Vec::new()
    }

    /// Why a record cannot be what a field refers to: the field of that record which is at fault, and the
    /// rest of a sentence that begins with the record.
    fn misfits(&self, _field: RecordField, _other: &Content) -> Vec<(RecordField, String)> {
        Vec::new()
    }

    /// What is wrong with values that are new: those that stand may be from before it was asked.
    fn novelties(&self) -> Vec<Novelty> {
        Vec::new()
    }

    /// The value to keep for one that is given, where the field reads as given on some day though
    /// another is kept. `is_same` tells of a field that the change leaves it as it is.
    fn read_back(
        &self,
        _field: RecordField,
        _given: &Value,
        _is_same: &dyn Fn(RecordField) -> bool,
        _today: Day,
    ) -> Option<Value> {
        None
    }

    /// What else it can be found by: elements of its lists.
    fn elements(&self) -> Vec<Mention> {
        Vec::new()
    }

    /// The country it belongs to, where it belongs to one.
    fn country(&self) -> Option<CountryCode> {
        None
    }

    /// What is kept beside the fields so that a database can sort and filter: computed from them.
    fn kept(&self) -> Content {
        Content::new()
    }
}

/// Declares a noun: its checked content, and the inputs that create and update it. The table, and the
/// columns kept beside the fields, are for the store.
macro_rules! noun {
    (
        $(#[$doc:meta])*
        $noun:ident in $table:literal as $fields:ident, $create:ident, $update:ident citing $cite:ty {
            $( $(#[$field_doc:meta])* $field:ident: $type:ty, )+
        } keeping { $( $kept:ident: $kept_type:ty, )* }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, serde::Deserialize)]
        #[serde(rename_all = "camelCase")]
        pub struct $noun {
            $( $(#[$field_doc])* pub $field: $type, )+
        }

        impl $crate::noun::Described for $noun {
            const KIND: $crate::record::Kind = $crate::record::Kind::$noun;
            const DECLARED: usize = [$( stringify!($field) ),+].len();
            fn fields() -> &'static [$crate::field::Field] {
                static FIELDS: std::sync::LazyLock<Vec<$crate::field::Field>> =
                    std::sync::LazyLock::new(|| {
                        [$( $crate::field::Field::of::<$type>(stringify!($field)) ),+]
                            .into_iter()
                            .flatten()
                            .collect()
                    });
                &FIELDS
            }
        }

        $(#[$doc])*
        ///
        /// In a create, and in the `set` of an update, which holds only what changes. `null` is an
        /// error: `clear` empties a field.
        #[derive(Clone, Debug, Default, PartialEq, async_graphql::InputObject, serde::Serialize, serde::Deserialize)]
        #[serde(rename_all = "camelCase", deny_unknown_fields)]
        pub struct $fields {
            $(
                $(#[$field_doc])*
                #[serde(default, skip_serializing_if = "async_graphql::MaybeUndefined::is_undefined")]
                pub $field: async_graphql::MaybeUndefined<<$type as $crate::value_type::Known>::Input>,
            )+
        }

        /// A new record. Its id is the noun, a colon and the key.
        #[derive(Clone, Debug, PartialEq, async_graphql::InputObject, serde::Serialize, serde::Deserialize)]
        #[serde(rename_all = "camelCase", deny_unknown_fields)]
        pub struct $create {
            /// The readable part of the id: lower-case letters, digits and `-`, 80 at most. Left
            /// out: derived from what identifies the record.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub key: Option<String>,
            /// What is known of it.
            pub fields: $fields,
            /// Where that comes from.
            #[serde(default)]
            pub cite: $cite,
        }

        /// A change of a record that exists. It sets, clears or cites at least one field.
        #[derive(Clone, Debug, PartialEq, async_graphql::InputObject, serde::Serialize, serde::Deserialize)]
        #[serde(rename_all = "camelCase", deny_unknown_fields)]
        pub struct $update {
            /// The record.
            pub id: async_graphql::ID,
            /// The version that the change was written against.
            pub base_version: i32,
            /// The fields that get another value.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub set: Option<$fields>,
            /// The fields that are emptied.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub clear: Option<Vec<$crate::record::RecordField>>,
            /// Where the new values come from. A citation stays with a field until that field
            /// changes again.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub cite: Option<Vec<$crate::citation::CitationInput>>,
        }
    };
}
pub(crate) use noun;

/// Declares a value with members of its own, as a field can have: checked, and as an input. `by` names
/// the members by which an element of a list is known.
macro_rules! value {
    (
        $(#[$doc:meta])*
        $value:ident as $input:ident $(by [$($key:literal),+])? {
            $( $(#[$field_doc:meta])* $field:ident: $type:ty, )+
        }
    ) => {
        $(#[$doc])*
        #[derive(
            Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize,
            sea_orm::FromJsonQueryResult,
        )]
        #[serde(rename_all = "camelCase")]
        pub struct $value {
            $( $(#[$field_doc])* pub $field: $type, )+
        }

        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, async_graphql::InputObject, serde::Serialize, serde::Deserialize)]
        #[serde(rename_all = "camelCase", deny_unknown_fields)]
        pub struct $input {
            $( $(#[$field_doc])* pub $field: <$type as $crate::value_type::Known>::Given, )+
        }

        impl $crate::value_type::Known for $value {
            type Input = $input;
            type Given = $input;
            $( const KEY: &'static [&'static str] = &[$($key),+]; )?
            fn composed(self) -> Self {
                Self {
                    $( $field: $crate::value_type::Known::composed(self.$field), )+
                }
            }
            fn faults(
                &self,
                path: &$crate::check::Path,
                found: &mut Vec<$crate::check::Finding>,
            ) {
                $(
                    let member = $crate::record::camel_case(stringify!($field));
                    $crate::value_type::Known::faults(&self.$field, &path.then(member), found);
                )+
            }
        }
    };
}
pub(crate) use value;
