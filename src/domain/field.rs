//! One field of a noun: its name, its type, and the one form in which its values are kept.

use serde_json::{Map, Value};

use super::check::{Code, Finding, Path};
use super::prose::breaks;
use super::record::RecordField;
use super::value_type::Known;

/// The content of a record by public field names, in the form of its input.
pub type Content = Map<String, Value>;

/// What a country profile says where it has no disclaimer of its own.
pub const DISCLAIMER: &str = "This profile gathers public information with its sources. It does not \
    necessarily reflect the official position of the country described, nor of any organisation \
    named in it.";

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
    typed: fn(Value) -> Result<Box<dyn Typed>, Misread>,
}

impl Field {
    /// The field called `snake` of type `T`.
    pub fn of<T: Known + 'static>(snake: &str) -> Option<Self> {
        Some(Self {
            name: RecordField::from_snake(snake)?,
            required: T::REQUIRED,
            elements: T::ELEMENTS,
            empty: T::empty,
            typed: typed::<T>,
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
        let typed =
            (self.typed)(without_empty(value)).map_err(|error| vec![misread(&error, path)])?;
        let mut found = Vec::new();
        typed.faults(path, &mut found);
        if !found.is_empty() {
            return Err(found);
        }
        let value = typed
            .to_json()
            .map_err(|error| vec![path.finding(Code::Invalid, error.to_string())])?;
        Ok(without_empty(value))
    }

    /// What is wrong with the form of a value that somebody gives, beyond what would be wrong with one
    /// that is kept.
    pub fn faults(&self, value: &Value, path: &Path, found: &mut Vec<Finding>) {
        if !self.name.is_prose() {
            breaks(value, path, found);
        }
    }
}

/// A value of some type that a field can have.
trait Typed {
    /// Adds what is wrong with it.
    fn faults(&self, path: &Path, found: &mut Vec<Finding>);
    /// The value as JSON.
    fn to_json(&self) -> Result<Value, serde_json::Error>;
}

impl<T: Known> Typed for T {
    fn faults(&self, path: &Path, found: &mut Vec<Finding>) {
        Known::faults(self, path, found);
    }
    fn to_json(&self) -> Result<Value, serde_json::Error> {
        serde_json::to_value(self)
    }
}

type Misread = serde_path_to_error::Error<serde_json::Error>;

/// The value as one of the type, with its texts in the one form. The only part of reading that is compiled
/// for each type.
fn typed<T: Known + 'static>(value: Value) -> Result<Box<dyn Typed>, Misread> {
    let typed: T = serde_path_to_error::deserialize(value)?;
    Ok(Box::new(typed.composed()))
}

/// The finding of what could not be read, with the path to it in the value.
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
