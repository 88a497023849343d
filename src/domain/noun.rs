//! How a noun is declared: its fields, once. From the declaration follow the input type of its
//! contributions, the columns of its table, diff, merge, clear, citation names and import.

use async_graphql::InputType;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use super::check::{Code, Finding, Path};
use super::country::DISCLAIMER;
use super::date::{Day, PartialDate};
use super::language::Language;
use super::prose::{breaks, composed, text_faults};
use super::record::{Kind, RecordField, RecordId};
use super::text::{CountryCode, Link, Markdown, Raw, TreatyReference};

/// The most elements that one list may have.
pub const MAX_LIST: usize = 200;

/// The content of a record by public field names, in the form of its input.
pub type Content = Map<String, Value>;

/// A type that a field can have.
pub trait Known: Serialize + DeserializeOwned {
    /// What an input takes for it; scalars keep their raw text.
    type Input: InputType;
    /// The same as a member of a nested input: optional where the value is.
    type Given: InputType;
    /// Whether a record must have a value.
    const REQUIRED: bool = true;
    /// The members by which an element of a list is known; none: all of it.
    const KEY: &'static [&'static str] = &[];
    /// By what the elements of a list are known; `None` for what is no list.
    const ELEMENTS: Option<&'static [&'static str]> = None;

    /// How a field without a value is read.
    fn empty() -> Value {
        Value::Null
    }

    /// The value with its texts in the one form in which texts are kept.
    #[must_use]
    fn composed(self) -> Self {
        self
    }

    /// What is wrong with a value that has the right type.
    fn faults(&self, _path: &Path, _found: &mut Vec<Finding>) {}
}

macro_rules! known {
    ($($type:ty => $input:ty),+ $(,)?) => { $(
        impl $crate::noun::Known for $type {
            type Input = $input;
            type Given = $input;
        }
    )+ };
}
pub(crate) use known;

/// Declares the words that a field can have: an enum, kept and written as its words.
macro_rules! words {
    (
        $(#[$doc:meta])*
        $words:ident { $( $(#[$word_doc:meta])* $word:ident, )+ }
    ) => {
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, async_graphql::Enum,
            sea_orm::DeriveActiveEnum, sea_orm::EnumIter, serde::Serialize, serde::Deserialize,
        )]
        #[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
        #[serde(rename_all = "SCREAMING_SNAKE_CASE")]
        pub enum $words {
            $( $(#[$word_doc])* $word, )+
        }
        $crate::noun::known! { $words => $words }
    };
}
pub(crate) use words;

known! {
    bool => bool,
    i32 => i32,
    Day => Raw<Day>,
    PartialDate => Raw<PartialDate>,
    CountryCode => Raw<CountryCode>,
    TreatyReference => Raw<TreatyReference>,
    Language => Raw<Language>,
    Link => Raw<Link>,
    RecordId => Raw<RecordId>,
}

impl Known for String {
    type Input = Self;
    type Given = Self;
    fn composed(self) -> Self {
        composed(self)
    }
    fn faults(&self, path: &Path, found: &mut Vec<Finding>) {
        text_faults(self, path, found);
    }
}

impl Known for Markdown {
    type Input = Self;
    type Given = Self;
    fn composed(self) -> Self {
        Self(composed(self.0))
    }
    fn faults(&self, path: &Path, found: &mut Vec<Finding>) {
        text_faults(&self.0, path, found);
    }
}

impl<T: Known> Known for Option<T> {
    type Input = T::Input;
    type Given = Option<T::Input>;
    const REQUIRED: bool = false;
    const ELEMENTS: Option<&'static [&'static str]> = T::ELEMENTS;
    fn composed(self) -> Self {
        self.map(Known::composed)
    }
    fn faults(&self, path: &Path, found: &mut Vec<Finding>) {
        if let Some(value) = self {
            value.faults(path, found);
        }
    }
}

/// A list as one value of a record: kept whole, in the order given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct List<T>(pub Vec<T>);

impl<T> std::ops::Deref for List<T> {
    type Target = [T];
    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<T: Known> Known for List<T> {
    type Input = Vec<T::Input>;
    type Given = Option<Vec<T::Input>>;
    const REQUIRED: bool = false;
    const ELEMENTS: Option<&'static [&'static str]> = Some(T::KEY);
    fn empty() -> Value {
        Value::Array(Vec::new())
    }
    fn composed(self) -> Self {
        Self(self.0.into_iter().map(Known::composed).collect())
    }
    fn faults(&self, path: &Path, found: &mut Vec<Finding>) {
        if self.len() > MAX_LIST {
            found.push(path.finding(Code::Invalid, format!("has more than {MAX_LIST} elements")));
            return;
        }
        for (at, value) in self.iter().enumerate() {
            value.faults(&path.then(at), found);
        }
    }
}

/// One field of a noun.
#[derive(Clone, Copy)]
pub struct Field {
    /// Its name everywhere.
    pub name: RecordField,
    /// Whether a record must have a value.
    pub required: bool,
    /// The members by which its elements are known, where it is a list; none: all of an element.
    pub elements: Option<&'static [&'static str]>,
    empty: fn() -> Value,
    read: fn(Value, &Path) -> Result<Value, Vec<Finding>>,
}

impl Field {
    /// The field called `snake` of type `T`.
    pub fn of<T: Known>(snake: &str) -> Option<Self> {
        Some(Self {
            name: RecordField::from_snake(snake)?,
            required: T::REQUIRED,
            elements: T::ELEMENTS,
            empty: T::empty,
            read: read::<T>,
        })
    }

    /// What it holds without a value.
    pub fn empty(&self) -> Value {
        (self.empty)()
    }

    /// Whether a record with this value reads as one without: then nothing is kept.
    pub fn says_nothing(&self, value: &Value) -> bool {
        let is_default = self.name == RecordField::Disclaimer && value == DISCLAIMER;
        is_default || is_empty(value)
    }

    /// The value in its one stored form.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(&self, value: Value, path: &Path) -> Result<Value, Vec<Finding>> {
        (self.read)(value, path)
    }

    /// What is wrong with the form of a value that somebody gives, beyond what would be wrong with one
    /// that is kept.
    pub fn faults(&self, value: &Value, path: &Path, found: &mut Vec<Finding>) {
        if !self.name.is_prose() {
            breaks(value, path, found);
        }
    }
}

fn read<T: Known>(value: Value, path: &Path) -> Result<Value, Vec<Finding>> {
    let typed: T = serde_path_to_error::deserialize(without_empty(value)).map_err(|error| {
        let inner = error.path().to_string();
        let mut path = path.clone();
        path.0.extend(
            inner
                .split(['.', '[', ']'])
                .filter(|part| !part.is_empty())
                .map(str::to_owned),
        );
        vec![path.finding(Code::Invalid, error.into_inner().to_string())]
    })?;
    let typed = typed.composed();
    let mut found = Vec::new();
    typed.faults(path, &mut found);
    if !found.is_empty() {
        return Err(found);
    }
    let value = serde_json::to_value(&typed)
        .map_err(|error| vec![path.finding(Code::Invalid, error.to_string())])?;
    Ok(without_empty(value))
}

fn is_empty(value: &Value) -> bool {
    value.as_array().is_some_and(Vec::is_empty)
}

/// The value without the members that say nothing: null, and lists of nothing.
fn without_empty(value: Value) -> Value {
    match value {
        Value::Array(list) => Value::Array(list.into_iter().map(without_empty).collect()),
        Value::Object(members) => Value::Object(
            members
                .into_iter()
                .filter(|(_, value)| !value.is_null() && !is_empty(value))
                .map(|(name, value)| (name, without_empty(value)))
                .collect(),
        ),
        other => other,
    }
}

/// Reads a statement that is only kept where it is true: it reads false without one.
///
/// # Errors
/// The value is neither true, false nor null.
pub fn if_true<'de, D: Deserializer<'de>>(given: D) -> Result<Option<bool>, D::Error> {
    Ok(Option::deserialize(given)?.filter(|is_so| *is_so))
}

/// Something that a record refers to, which must exist.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Reference {
    /// A country by its code.
    Country(CountryCode),
    /// A treaty by its reference.
    Treaty(TreatyReference),
    /// A record by its id.
    Record {
        /// Of one of these kinds.
        kinds: &'static [Kind],
        /// Which.
        id: RecordId,
        /// The country it must belong to, where it must.
        within: Option<CountryCode>,
    },
}

impl Reference {
    /// The record with an id, of one of some kinds.
    pub fn record(kinds: &'static [Kind], id: &RecordId) -> Self {
        Self::Record {
            kinds,
            id: id.clone(),
            within: None,
        }
    }

    /// The record with an id, of one of some kinds and of a country.
    pub fn within(country: &CountryCode, kinds: &'static [Kind], id: &RecordId) -> Self {
        Self::Record {
            kinds,
            id: id.clone(),
            within: Some(country.clone()),
        }
    }

    /// The noun of what is referred to.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Country(_) => Kind::Country,
            Self::Treaty(_) => Kind::Treaty,
            Self::Record { id, .. } => id.kind(),
        }
    }

    /// How the record names it.
    pub fn named(&self) -> String {
        match self {
            Self::Country(code) => code.to_string(),
            Self::Treaty(treaty) => treaty.to_string(),
            Self::Record { id, .. } => id.to_string(),
        }
    }
}

/// A reference that must not lead back to the record itself, however many steps away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upward {
    /// The field.
    pub field: RecordField,
    /// References of one line are followed, those of others are not.
    pub line: &'static str,
    /// To what.
    pub to: Reference,
    /// Whether only the record itself is barred, and others may refer to each other.
    pub is_mutual: bool,
}

impl Upward {
    /// A reference whose line is its field.
    pub fn of(field: RecordField, to: Reference) -> Self {
        Self {
            field,
            line: field.snake(),
            to,
            is_mutual: false,
        }
    }
}

/// What is wrong with values of a record, and only told of a change that gives one of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Novelty {
    /// The fields with these values, the one that is at fault first.
    pub of: &'static [RecordField],
    /// One sentence for a person.
    pub message: String,
}

/// Something that a record names in a field, by which the record can be found.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mention {
    /// The field.
    pub field: RecordField,
    /// A record, code or word.
    pub value: String,
    /// The first day on which it is so in the world.
    pub begins: Day,
    /// The last.
    pub ends: Day,
}

impl Mention {
    /// One that does not depend on the day.
    pub fn always(field: RecordField, value: impl Into<String>) -> Self {
        Self {
            field,
            value: value.into(),
            begins: Day::FIRST,
            ends: Day::LAST,
        }
    }

    /// The words of a list.
    pub fn words<E: sea_orm::ActiveEnum<Value = String>>(
        field: RecordField,
        words: &[E],
    ) -> impl Iterator<Item = Self> {
        words
            .iter()
            .map(move |word| Self::always(field, word.to_value()))
    }
}

/// What is known of a noun, as `noun!` writes it from the declaration.
pub trait Described: Serialize + DeserializeOwned {
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
        #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
        #[serde(rename_all = "camelCase")]
        pub struct $noun {
            $( $(#[$field_doc])* pub $field: $type, )+
        }

        impl $crate::noun::Described for $noun {
            const KIND: $crate::record::Kind = $crate::record::Kind::$noun;
            const DECLARED: usize = [$( stringify!($field) ),+].len();
            fn fields() -> &'static [$crate::noun::Field] {
                static FIELDS: std::sync::LazyLock<Vec<$crate::noun::Field>> =
                    std::sync::LazyLock::new(|| {
                        [$( $crate::noun::Field::of::<$type>(stringify!($field)) ),+]
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
                pub $field: async_graphql::MaybeUndefined<<$type as $crate::noun::Known>::Input>,
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
            $( $(#[$field_doc])* pub $field: <$type as $crate::noun::Known>::Given, )+
        }

        impl $crate::noun::Known for $value {
            type Input = $input;
            type Given = $input;
            $( const KEY: &'static [&'static str] = &[$($key),+]; )?
            fn composed(self) -> Self {
                Self {
                    $( $field: $crate::noun::Known::composed(self.$field), )+
                }
            }
            fn faults(
                &self,
                path: &$crate::check::Path,
                found: &mut Vec<$crate::check::Finding>,
            ) {
                $(
                    let member = $crate::record::camel_case(stringify!($field));
                    $crate::noun::Known::faults(&self.$field, &path.then(member), found);
                )+
            }
        }
    };
}
pub(crate) use value;
