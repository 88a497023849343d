//! The declaration of a noun: its fields, once. From it follow the input types, the table columns, diff, merge,
//! clear, the names in citations, and import.

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::check::Finding;
use super::date::Date;
use super::field::{Content, Field};
use super::record::{Kind, RecordField};
use super::reference::{AcyclicReference, IndexedReference, Reference};
use super::required::RequiredIf;
use super::text::CountryCode;

/// A fault in values of a record, reported only for a change that sets one of them: stored values can be older than
/// the rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewValueFault {
    /// The fields with these values; the faulty one first.
    pub of: &'static [RecordField],
    /// One sentence for a person.
    pub message: String,
}

/// Declaration of a noun, as `noun!` generates it.
pub trait Described: DeserializeOwned {
    /// Kind of the noun's records.
    const KIND: Kind;

    /// Number of declared fields.
    const DECLARED: usize;

    /// Returns the fields in the order of their declaration.
    fn fields() -> &'static [Field];

    /// Builds the noun from `content`, in which fields without a value are absent.
    ///
    /// # Errors
    /// A required field is missing, or a value does not have the type of its field.
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

/// The rules of one noun, written by hand.
pub trait Identified: Described + 'static {
    /// True if each field that is set needs a citation.
    const CITED: bool = true;
    /// The field whose value no two records can share and which never changes; `None` if there is none.
    const UNIQUE: Option<RecordField> = None;

    /// The fields that identify a record: they never change, and its key follows from them. Empty if the author of a
    /// record can choose its key.
    const KEY_FIELDS: &[RecordField] = &[];

    /// The fields of list types in which every record has at least one element.
    const NOT_EMPTY: &[RecordField] = &[];

    /// The fields that a record must have under a condition.
    const REQUIRED_IF: &[RequiredIf<Self>] = &[];

    /// Returns the readable key of a new record, derived from what identifies it.
    fn key(&self) -> String;

    /// Returns the faults between fields; their paths start at a field.
    fn validate(&self) -> Vec<Finding> {
        Vec::new()
    }

    /// Returns the references to other records, each with its field.
    fn references(&self) -> Vec<(RecordField, Reference)> {
        Vec::new()
    }

    /// Returns the references that must not lead back to the record.
    fn acyclic_references(&self) -> Vec<AcyclicReference> {
        Vec::new()
    }

    /// Returns the reasons why `field` cannot refer to a record with content `other`. Each is the field of that
    /// record at fault, and the end of a sentence that begins with its id.
    fn misfits(&self, _field: RecordField, _other: &Content) -> Vec<(RecordField, String)> {
        Vec::new()
    }

    /// Returns the faults in values, as far as a change sets them: stored values can be older than the rule.
    fn new_value_faults(&self) -> Vec<NewValueFault> {
        Vec::new()
    }

    /// Returns the stored value that a `given` one stands for, if readers see `given` in its place on some day.
    /// `is_same` is true for a field that the change leaves as it is.
    fn read_back(
        &self,
        _field: RecordField,
        _given: &Value,
        _is_same: &dyn Fn(RecordField) -> bool,
        _today: Date,
    ) -> Option<Value> {
        None
    }

    /// Returns the list elements by which the record can be found.
    fn search_terms(&self) -> Vec<IndexedReference> {
        Vec::new()
    }

    /// Returns the country to which the record belongs; `None` if it belongs to none.
    fn country(&self) -> Option<CountryCode> {
        None
    }

    /// Returns the derived columns, computed from the fields, by which the database sorts and filters.
    fn derived_columns(&self) -> Content {
        Content::new()
    }
}

/// Declares a noun: its checked content, and the inputs that create and update it. The table name and the derived
/// columns after `derived` are for the store.
macro_rules! noun {
    (
        $(#[$doc:meta])*
        $noun:ident in $table:literal as $fields:ident, $create:ident, $update:ident citing $cite:ty {
            $( $(#[doc = $field_doc:tt])+ $field:ident: $type:ty, )+
        } derived { $( $derived_field:ident: $derived_type:ty, )* }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, serde::Deserialize)]
        #[serde(rename_all = "camelCase")]
        pub struct $noun {
            $( $(#[doc = $field_doc])+ pub $field: $type, )+
        }

        impl $crate::noun::Described for $noun {
            const KIND: $crate::record::Kind = $crate::record::Kind::$noun;
            const DECLARED: usize = [$( stringify!($field) ),+].len();
            fn fields() -> &'static [$crate::field::Field] {
                static FIELDS: std::sync::LazyLock<Vec<$crate::field::Field>> =
                    std::sync::LazyLock::new(|| {
                        [$( $crate::field::Field::of::<$type>(
                            stringify!($field),
                            concat!($($field_doc),+),
                        ) ),+]
                            .into_iter()
                            .flatten()
                            .collect()
                    });
                &FIELDS
            }
        }

        $(#[$doc])*
        ///
        /// Used in `fields` of a create and in `set` of an update; an update contains only the fields that change.
        /// `null` is an error: name a field in `clear` to empty it.
        #[derive(Clone, Debug, Default, PartialEq, async_graphql::InputObject, serde::Serialize, serde::Deserialize)]
        #[serde(rename_all = "camelCase", deny_unknown_fields)]
        pub struct $fields {
            $(
                $(#[doc = $field_doc])+
                #[serde(default, skip_serializing_if = "async_graphql::MaybeUndefined::is_undefined")]
                pub $field: async_graphql::MaybeUndefined<<$type as $crate::value_type::FieldValue>::Input>,
            )+
        }

        /// A new record. Its id is the kind, a colon and the key, as in `Country:az`.
        #[derive(Clone, Debug, PartialEq, async_graphql::InputObject, serde::Serialize, serde::Deserialize)]
        #[serde(rename_all = "camelCase", deny_unknown_fields)]
        pub struct $create {
            /// Readable part of the id: 1 to 80 lower-case letters, digits and `-`. A key that another record has
            /// gives `DUPLICATE`. Absent: the service derives a free one from the fields that identify the record. The key of
            /// an implementation of an article always follows from its fields: another key is `INVALID`.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub key: Option<String>,
            /// Values of the fields.
            pub fields: $fields,
            /// Sources of the values. Each field that is set needs a source, except in countries and sources.
            #[serde(default)]
            pub cite: $cite,
        }

        /// A change of an existing record. It sets, clears or cites at least one field.
        #[derive(Clone, Debug, PartialEq, async_graphql::InputObject, serde::Serialize, serde::Deserialize)]
        #[serde(rename_all = "camelCase", deny_unknown_fields)]
        pub struct $update {
            /// The `recordId` of the record.
            pub id: async_graphql::ID,
            /// Version of the record on which the change is based. A field that this change sets, and that was set to
            /// another value after this version, is a conflict, unless it is a list that can be merged: see
            /// `Contribution.conflicts`. Absent: the newest version at the moment of the request, which
            /// `ProposedChange.baseVersion` returns.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub base_version: Option<i32>,
            /// Fields that get a new value.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub set: Option<$fields>,
            /// Fields that are emptied. A field that every record of the kind must have cannot be cleared.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub clear: Option<Vec<$crate::record::RecordField>>,
            /// Sources of the new values. Each field that is set needs a source, except in countries and sources. A
            /// citation stays with its field until the field changes again.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub cite: Option<Vec<$crate::citation::CitationInput>>,
        }
    };
}
pub(crate) use noun;

/// Declares a structured value that a field can have: the checked value, and its input. `by` names the members that
/// identify an element of a list.
macro_rules! value {
    (
        $(#[$doc:meta])*
        $value:ident as $input:ident $(by [$($key:literal),+])? of_form $form:ident {
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
            $( $(#[$field_doc])* pub $field: <$type as $crate::value_type::FieldValue>::MemberInput, )+
        }

        impl $crate::value_type::FieldValue for $value {
            type Input = $input;
            type MemberInput = $input;
            $( const KEY: &'static [&'static str] = &[$($key),+]; )?
            fn form() -> $crate::value_form::ValueForm {
                $crate::value_form::ValueForm::$form
            }
            fn composed(self) -> Self {
                Self {
                    $( $field: $crate::value_type::FieldValue::composed(self.$field), )+
                }
            }
            fn validate(
                &self,
                path: &$crate::check::Path,
                found: &mut Vec<$crate::check::Finding>,
            ) {
                $(
                    let member = $crate::record::camel_case(stringify!($field));
                    $crate::value_type::FieldValue::validate(&self.$field, &path.then(member), found);
                )+
            }
        }
    };
}
pub(crate) use value;
