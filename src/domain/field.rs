//! One field of a noun: its name, its type, and the stored form of its values.

use serde_json::{Map, Value};

use super::check::{Code, Finding, Path};
use super::record::RecordField;
use super::terms::PROFILE_DISCLAIMER;
use super::text_rules::{check_line_breaks, is_composed};
use super::value_form::ValueForm;
use super::value_type::FieldValue;

/// Content of a record by public field names, in the JSON form of its input.
pub type Content = Map<String, Value>;

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
    /// Description, as in the schema, on one line.
    pub description: &'static str,
    form: fn() -> ValueForm,
    empty: fn() -> Value,
    typed: fn(Value) -> Result<Box<dyn Typed>, Misread>,
}

impl Field {
    /// Returns the field called `snake` of type `T`; `None` if [`RecordField`] has no such name.
    pub fn of<T: FieldValue + 'static>(snake: &str, description: &'static str) -> Option<Self> {
        Some(Self {
            name: RecordField::from_snake(snake)?,
            required: T::REQUIRED,
            elements: T::ELEMENTS,
            description: description.trim_ascii(),
            form: T::form,
            empty: T::empty,
            typed: typed::<T>,
        })
    }

    /// Returns the form of the values.
    pub fn form(&self) -> ValueForm {
        (self.form)()
    }

    /// Returns the JSON value of the field without a value.
    pub fn empty(&self) -> Value {
        (self.empty)()
    }

    /// True if the value equals no value: then nothing is stored.
    pub fn is_no_value(&self, value: &Value) -> bool {
        let is_default = match self.name {
            RecordField::Disclaimer => value == PROFILE_DISCLAIMER,
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

    /// Returns the value of a typed column as [`Field::read`] does, in less time; `None` if it equals no value.
    pub fn stored(&self, mut value: Value) -> Option<Value> {
        drop_empty(&mut value);
        // Texts that were stored before they had one form.
        if !has_composed_texts(&value) {
            value = self.read(value.clone(), &Path::default()).unwrap_or(value);
        }
        (!value.is_null() && !self.is_no_value(&value)).then_some(value)
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

fn has_composed_texts(value: &Value) -> bool {
    match value {
        Value::String(text) => is_composed(text),
        Value::Array(list) => list.iter().all(has_composed_texts),
        Value::Object(members) => members.values().all(has_composed_texts),
        _ => true,
    }
}

/// Removes null members and empty lists from a value, in place.
fn drop_empty(value: &mut Value) {
    match value {
        Value::Array(list) => list.iter_mut().for_each(drop_empty),
        Value::Object(members) => {
            members.retain(|_, value| !value.is_null() && !is_empty(value));
            members.values_mut().for_each(drop_empty);
        }
        _ => {}
    }
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::record::Kind;

    #[test]
    fn a_stored_value_is_read_as_any_other() {
        for (kind, name, value) in [
            (
                Kind::Country,
                "names",
                json!([{ "text": "Caf\u{65}\u{301}", "language": "fr", "isOriginal": null }]),
            ),
            (
                Kind::Country,
                "memberships",
                json!([{ "organisation": "OAS", "role": null, "since": "2000" }]),
            ),
            (Kind::Country, "disclaimer", json!(PROFILE_DISCLAIMER)),
            (
                Kind::PolicyDocument,
                "relations",
                json!([{ "kind": "AMENDS", "document": "PolicyDocument:x", "provisions": [] }]),
            ),
            (Kind::Source, "title", json!("T")),
            (Kind::Source, "url", Value::Null),
        ] {
            let mut fields = kind.fields().iter();
            let field = fields.find(|field| field.name.camel() == name).unwrap();
            let read = (!value.is_null()).then(|| field.read(value.clone(), &Path::default()));
            let read = read.transpose().unwrap_or_default();
            let read = read.filter(|value| !field.is_no_value(value));
            assert_eq!(field.stored(value), read, "{name}");
        }
    }

    #[test]
    fn every_field_has_a_description() {
        for kind in Kind::all() {
            assert!(kind.description().ends_with('.'), "{kind}");
            for field in kind.fields() {
                let description = field.description;
                assert!(
                    description.ends_with(['.', '`']) && !description.contains("  "),
                    "{kind}: {description}"
                );
            }
        }
    }
}
