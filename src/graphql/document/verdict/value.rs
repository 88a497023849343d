//! Error messages for the faults of values.

use bluejay_core::AsIter as _;
use bluejay_core::definition::{
    InputObjectTypeDefinition as _, InputValueDefinition, TypeDefinitionReference,
};
use bluejay_parser::ast::Value;
use bluejay_parser::{HasSpan as _, Span};
use bluejay_validator::value::input_coercion::Error as Fault;

use super::super::schema::{just_one, values_of};
use super::{Verdicts, listed, spans};
use domain::spelling::choices;
use domain::text_rules::truncate;

impl Verdicts<'_> {
    #[expect(clippy::too_many_lines, reason = "a row for each fault")]
    pub(super) fn value<'a, const CONST: bool>(
        &self,
        fault: &Fault<'a, CONST, Value<'a, CONST>>,
    ) -> (String, Vec<Span>) {
        match fault {
            Fault::NullValueForRequiredType {
                value,
                input_type_name,
                ..
            } => (
                format!("expected {input_type_name}, found null"),
                spans([*value]),
            ),
            Fault::NoImplicitConversion {
                value,
                input_type_name,
                ..
            } => {
                let found = self.text(*value.span());
                let hint = match (value, self.values(input_type_name)) {
                    (Value::String(text), Some(values)) if values.contains(&text.as_ref()) => {
                        ": write it without quotes".to_owned()
                    }
                    (Value::String(text), Some(values)) => {
                        format!(": expected {}", choices(text.as_ref(), &values))
                    }
                    (_, Some(values)) => format!(": expected {}", choices("", &values)),
                    (_, None) => String::new(),
                };
                (
                    format!("expected {input_type_name}, found {found}{hint}"),
                    spans([*value]),
                )
            }
            Fault::IntegerOutOfRange { value, .. } => (
                format!(
                    "expected Int, from {} to {}, found {}",
                    i32::MIN,
                    i32::MAX,
                    self.text(*value.span())
                ),
                spans([*value]),
            ),
            Fault::NonFiniteFloat { value, .. } => (
                format!(
                    "expected a finite Float, found {}",
                    self.text(*value.span())
                ),
                spans([*value]),
            ),
            Fault::NoEnumMemberWithName {
                name,
                value,
                enum_type_name,
                ..
            } => {
                let values = self.values(enum_type_name).unwrap_or_default();
                (
                    format!(
                        "{enum_type_name} has no value `{}`: expected {}",
                        truncate(name),
                        choices(name, &values)
                    ),
                    spans([*value]),
                )
            }
            Fault::NoValueForRequiredFields {
                value,
                field_names,
                input_object_type_name,
                ..
            } => (
                format!(
                    "{input_object_type_name} needs {}",
                    listed(field_names.iter().copied())
                ),
                spans([*value]),
            ),
            Fault::NonUniqueFieldNames {
                field_name, keys, ..
            } => (
                format!("the input field `{}` is given twice", truncate(field_name)),
                spans(keys.iter().copied()),
            ),
            Fault::NoInputFieldWithName {
                field,
                input_object_type_name,
                ..
            } => {
                let fields = match self.schema.definition(input_object_type_name) {
                    Some(TypeDefinitionReference::InputObject(of)) => {
                        let fields = of.input_field_definitions().iter();
                        fields.map(InputValueDefinition::name).collect()
                    }
                    _ => Vec::new(),
                };
                (
                    format!(
                        "{input_object_type_name} has no field `{}`{}",
                        truncate(field.as_str()),
                        self.nearest(field.as_str(), fields)
                    ),
                    spans([*field]),
                )
            }
            Fault::CustomScalarInvalidValue { value, message, .. } => (
                format!("{message}, found {}", self.text(*value.span())),
                spans([*value]),
            ),
            Fault::OneOfInputNullValues {
                value,
                input_object_type_name,
                ..
            }
            | Fault::OneOfInputNotSingleNonNullValue {
                value,
                input_object_type_name,
                ..
            } => (just_one(input_object_type_name), spans([*value])),
        }
    }

    /// The values of an enum; `None` for another type. Ignores lists and `!`.
    fn values(&self, name: &str) -> Option<Vec<&'static str>> {
        let name = name.trim_matches(['[', ']', '!']);
        match self.schema.definition(name) {
            Some(TypeDefinitionReference::Enum(of)) => Some(values_of(of)),
            _ => None,
        }
    }
}
