//! One field of a noun: its name, its type, and the stored form of its values.

use serde_json::{Map, Value};

use super::check::{Code, Finding, Path};
use super::record::RecordField;
use super::text_rules::check_line_breaks;
use super::value_type::FieldValue;

/// Content of a record by public field names, in the JSON form of its input.
pub type Content = Map<String, Value>;

/// Disclaimer of a country profile that has no disclaimer of its own.
pub const DISCLAIMER: &str = "This profile gathers public information with its sources. It does not \
    necessarily reflect the official position of the country described, nor of any organisation \
    named in it.";

/// The value of `mappedBy` of which nothing is stored: no source is claimed to match law and article.
pub const UNCLAIMED_MAPPING: &str = "EDITORS";

/// One field of a noun.
#[derive(Clone, Copy)]
pub struct Field {
    /// Name of the field.
    pub name: RecordField,
    /// True if a record must have a value.
    pub required: bool,
    /// For a list: the members that identify its elements; empty means the whole element.
    pub elements: Option<&'static [&'static str]>,
    empty: fn() -> Value,
    typed: fn(Value) -> Result<Box<dyn Typed>, Misread>,
}

impl Field {
    /// Returns the field called `snake` of type `T`; `None` if [`RecordField`] has no such name.
    pub fn of<T: FieldValue + 'static>(snake: &str) -> Option<Self> {
        Some(Self {
            name: RecordField::from_snake(snake)?,
            required: T::REQUIRED,
            elements: T::ELEMENTS,
            empty: T::empty,
            typed: typed::<T>,
        })
    }

    /// Returns the JSON value of the field without a value.
    pub fn empty(&self) -> Value {
        (self.empty)()
    }

    /// True if the value equals no value: then nothing is stored.
    pub fn is_no_value(&self, value: &Value) -> bool {
        let is_default = match self.name {
            RecordField::Disclaimer => value == DISCLAIMER,
            RecordField::MappedBy => value == UNCLAIMED_MAPPING,
            _ => false,
        };
        is_default || is_empty(value)
    }

    /// Returns the value in its stored form.
    ///
    /// # Errors
    /// The faults of the value.
    pub fn read(&self, value: Value, path: &Path) -> Result<Value, Vec<Finding>> {
        let typed =
            (self.typed)(without_empty(value)).map_err(|error| vec![misread(&error, path)])?;
        let mut found = Vec::new();
        typed.validate(path, &mut found);
        if !found.is_empty() {
            return Err(found);
        }
        let value = typed
            .to_json()
            .map_err(|error| vec![path.finding(Code::Invalid, error.to_string())])?;
        Ok(without_empty(value))
    }

    /// Adds the faults of a new value that are tolerated in a stored one: line breaks where only one line is
    /// possible.
    pub fn validate(&self, value: &Value, path: &Path, found: &mut Vec<Finding>) {
        if !self.name.is_prose() {
            check_line_breaks(value, path, found);
        }
    }
}

/// A value of some field type.
trait Typed {
    /// Adds the faults of the value.
    fn validate(&self, path: &Path, found: &mut Vec<Finding>);
    /// Returns the value as JSON.
    fn to_json(&self) -> Result<Value, serde_json::Error>;
}

impl<T: FieldValue> Typed for T {
    fn validate(&self, path: &Path, found: &mut Vec<Finding>) {
        FieldValue::validate(self, path, found);
    }
    fn to_json(&self) -> Result<Value, serde_json::Error> {
        serde_json::to_value(self)
    }
}

type Misread = serde_path_to_error::Error<serde_json::Error>;

/// Deserialises the value as a `T`, with its texts in the stored form. It is the only part of reading that is
/// compiled for each type.
fn typed<T: FieldValue + 'static>(value: Value) -> Result<Box<dyn Typed>, Misread> {
    let typed: T = serde_path_to_error::deserialize(value)?;
    Ok(Box::new(typed.composed()))
}

/// Returns the finding for a value that cannot be deserialised, with its path.
fn misread(error: &Misread, path: &Path) -> Finding {
    let inner = error.path().to_string();
    let mut path = path.clone();
    path.0.extend(
        inner
            .split(['.', '[', ']'])
            .filter(|part| !part.is_empty())
            .map(str::to_owned),
    );
    path.finding(Code::Invalid, error.inner().to_string())
}

fn is_empty(value: &Value) -> bool {
    value.as_array().is_some_and(Vec::is_empty)
}

/// Returns the value without null members and empty lists.
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
