//! Error messages for the faults of a document: the fault, the expectation and the position.

use async_graphql::{Pos, ServerError};
use bluejay_core::AsIter;
use bluejay_core::definition::{
    FieldDefinition, InputType as _, OutputType as _, SchemaDefinition as _,
};
use bluejay_core::executable::{OperationDefinition as _, VariableType as _};
use bluejay_parser::ast::executable::{ExecutableDocument, Field};
use bluejay_parser::{HasSpan, Span};
use bluejay_validator::executable::document::Error;

use super::fault::{ONE_FIELD, invalid};
use super::parts::each;
use super::schema::{Definitions, Schema};
use super::source::SourceText;
use domain::spelling::nearest;
use domain::text_rules::truncate;

mod usage;
mod value;

/// A fault of a document.
pub type Fault<'a> = Error<'a, ExecutableDocument<'a>, Definitions>;

/// Writes the errors for the faults of one document.
pub struct Verdicts<'a> {
    /// Its text.
    pub source: &'a SourceText<'a>,
    /// The schema against which it is validated.
    pub schema: &'static Schema,
    /// True if messages list names similar to an unknown one.
    pub suggests: bool,
}

impl Verdicts<'_> {
    /// The error for a fault.
    pub fn of(&self, fault: &Fault<'_>) -> ServerError {
        let (message, places) = self.describe(fault);
        let places = places.iter().map(|span| self.place(*span));
        invalid(message, places)
    }

    fn place(&self, span: Span) -> Pos {
        self.source.position(span.byte_range().start)
    }

    /// The message and the positions of a fault.
    #[expect(clippy::too_many_lines, reason = "a row for each fault")]
    fn describe(&self, fault: &Fault<'_>) -> (String, Vec<Span>) {
        match fault {
            Error::NonUniqueOperationNames { name, operations } => (
                format!(
                    "the document has more than one operation `{}`",
                    truncate(name)
                ),
                spans(operations.iter().copied()),
            ),
            Error::NotLoneAnonymousOperation {
                anonymous_operations,
            } => (
                "an operation without a name must be the only one of its document".to_owned(),
                spans(anonymous_operations.iter().copied()),
            ),
            Error::SubscriptionRootNotSingleField { operation } => {
                (ONE_FIELD.to_owned(), spans([*operation]))
            }
            Error::FieldDoesNotExistOnType { field, r#type } => {
                let name = field.name().as_str();
                let fields = r#type.fields_definition();
                let names = each(fields).map(FieldDefinition::name);
                (
                    format!(
                        "{} has no field `{}`{}",
                        r#type.name(),
                        truncate(name),
                        self.nearest(name, names)
                    ),
                    spans([field.name()]),
                )
            }
            Error::OperationTypeNotDefined { operation } => (
                "the schema has no operations of this kind".to_owned(),
                spans([*operation]),
            ),
            Error::LeafFieldSelectionNotEmpty {
                selection_set,
                r#type,
            } => (
                format!(
                    "{} has no fields: expected no selection set",
                    r#type.display_name()
                ),
                spans([*selection_set]),
            ),
            Error::NonLeafFieldSelectionEmpty { field, r#type } => (
                format!(
                    "`{}` is {}: expected a selection of its fields, like `{{ __typename }}`",
                    truncate(field.name().as_str()),
                    r#type.display_name()
                ),
                spans([field.name()]),
            ),
            Error::NonUniqueFragmentDefinitionNames {
                name,
                fragment_definitions,
            } => (
                format!(
                    "the document has more than one fragment `{}`",
                    truncate(name)
                ),
                spans(fragment_definitions.iter().map(|one| one.name())),
            ),
            Error::FragmentDefinitionTargetTypeDoesNotExist {
                fragment_definition,
            } => self.no_type(fragment_definition.type_condition().named_type()),
            Error::InlineFragmentTargetTypeDoesNotExist { inline_fragment } => {
                match inline_fragment.type_condition() {
                    Some(on) => self.no_type(on.named_type()),
                    None => (
                        "the fragment has no type condition".to_owned(),
                        spans([*inline_fragment]),
                    ),
                }
            }
            Error::FragmentDefinitionTargetTypeNotComposite {
                fragment_definition,
            } => {
                let on = fragment_definition.type_condition().named_type();
                not_composite(on.as_str(), on)
            }
            Error::InlineFragmentTargetTypeNotComposite { inline_fragment } => {
                match inline_fragment.type_condition() {
                    Some(on) => not_composite(on.named_type().as_str(), on.named_type()),
                    None => (
                        "the fragment has no type condition".to_owned(),
                        spans([*inline_fragment]),
                    ),
                }
            }
            Error::FragmentDefinitionUnused {
                fragment_definition,
            } => (
                format!(
                    "the fragment `{}` is never spread",
                    truncate(fragment_definition.name().as_str())
                ),
                spans([fragment_definition.name()]),
            ),
            Error::FragmentSpreadTargetUndefined { fragment_spread } => (
                format!(
                    "the document has no fragment `{}`",
                    truncate(fragment_spread.name().as_str())
                ),
                spans([fragment_spread.name()]),
            ),
            Error::FragmentSpreadCycle {
                fragment_definition,
                fragment_spread,
            } => (
                format!(
                    "the fragment `{}` contains itself",
                    truncate(fragment_definition.name().as_str())
                ),
                spans([fragment_spread.name()]),
            ),
            Error::FieldSelectionsDoNotMergeIncompatibleTypes {
                field_a,
                field_definition_a,
                field_b,
                field_definition_b,
                ..
            } => conflict(
                field_a,
                field_b,
                &format!(
                    "as {} and as {}",
                    field_definition_a.r#type().display_name(),
                    field_definition_b.r#type().display_name()
                ),
            ),
            Error::FieldSelectionsDoNotMergeDifferingNames {
                field_a, field_b, ..
            } => conflict(
                field_a,
                field_b,
                &format!(
                    "as `{}` and as `{}`",
                    truncate(field_a.name().as_str()),
                    truncate(field_b.name().as_str())
                ),
            ),
            Error::FieldSelectionsDoNotMergeDifferingArguments {
                field_a, field_b, ..
            } => conflict(field_a, field_b, "with different arguments"),
            Error::FragmentSpreadIsNotPossible {
                fragment_spread,
                parent_type,
            } => (
                format!(
                    "the fragment `{}` never applies: no {} is of its type",
                    truncate(fragment_spread.name().as_str()),
                    parent_type.name()
                ),
                spans([fragment_spread.name()]),
            ),
            Error::InlineFragmentSpreadIsNotPossible {
                inline_fragment,
                parent_type,
            } => (
                format!(
                    "the fragment never applies: no {} is of its type",
                    parent_type.name()
                ),
                spans([*inline_fragment]),
            ),
            Error::InvalidConstValue(fault) => self.value(fault),
            Error::InvalidVariableValue(fault) => self.value(fault),
            Error::InvalidConstDirective(fault) => self.directive(fault),
            Error::InvalidVariableDirective(fault) => self.directive(fault),
            Error::InvalidConstArgument(fault) => self.argument(fault),
            Error::InvalidVariableArgument(fault) => self.argument(fault),
            Error::NonUniqueVariableDefinitionNames {
                name,
                variable_definitions,
            } => (
                format!("the variable ${} is declared twice", truncate(name)),
                spans(variable_definitions.iter().map(|one| one.variable())),
            ),
            Error::VariableDefinitionTypeNotInput {
                variable_definition,
            } => {
                let ty = variable_definition.r#type();
                let name = ty.as_ref().name();
                let why = match self.schema.definition(name) {
                    Some(_) => "expected a scalar, an enum or an input object".to_owned(),
                    None => format!("there is no such type{}", self.nearest(name, self.types())),
                };
                (
                    format!(
                        "the variable ${} cannot be {}: {why}",
                        truncate(variable_definition.variable().as_str()),
                        truncate(&ty.as_ref().display_name()),
                    ),
                    spans([ty]),
                )
            }
            Error::VariableNotDefined {
                variable,
                operation_definition,
            } => {
                let operation = match operation_definition.as_ref().name() {
                    Some(name) => format!("the operation `{}`", truncate(name)),
                    None => "the operation".to_owned(),
                };
                (
                    format!(
                        "{operation} does not declare ${}",
                        truncate(variable.as_str())
                    ),
                    spans([*variable]),
                )
            }
            Error::VariableDefinitionUnused {
                variable_definition,
            } => (
                format!(
                    "the variable ${} is never used",
                    truncate(variable_definition.variable().as_str())
                ),
                spans([variable_definition.variable()]),
            ),
            Error::InvalidVariableUsage {
                variable,
                variable_type,
                location_type,
            } => (
                format!(
                    "the variable ${} has type {}, but {} is expected here",
                    truncate(variable.as_str()),
                    truncate(&variable_type.as_ref().display_name()),
                    location_type.display_name()
                ),
                spans([*variable]),
            ),
            Error::InvalidOneOfVariableUsage {
                variable,
                variable_type,
                parent_type_name,
            } => (
                format!(
                    "the variable ${} has type {}, but a field of {parent_type_name} must not be null",
                    truncate(variable.as_str()),
                    truncate(&variable_type.as_ref().display_name())
                ),
                spans([*variable]),
            ),
        }
    }

    fn no_type(&self, name: &(impl AsRef<str> + HasSpan)) -> (String, Vec<Span>) {
        let near = self.nearest(name.as_ref(), self.types());
        (
            format!("there is no type `{}`{near}", truncate(name.as_ref())),
            spans([name]),
        )
    }

    fn types(&self) -> impl Iterator<Item = &'static str> {
        let all = self.schema.definitions.type_definitions();
        all.map(|one| one.name())
    }

    /// The end of a message with names similar to an unknown one; empty if there are none or they are not wanted.
    fn nearest<'n>(&self, wrong: &str, known: impl IntoIterator<Item = &'n str>) -> String {
        similar(self.suggests, wrong, known)
    }

    /// The text of a part of the document, truncated.
    fn text(&self, span: Span) -> String {
        truncate(
            self.source
                .text()
                .get(span.byte_range())
                .unwrap_or_default(),
        )
    }
}

/// The end of a message with names similar to an unknown one; empty if there are none, or unless `suggests`.
pub fn similar<'n>(
    suggests: bool,
    wrong: &str,
    known: impl IntoIterator<Item = &'n str>,
) -> String {
    if !suggests {
        return String::new();
    }
    let near = nearest(wrong, known);
    if near.is_empty() {
        return String::new();
    }
    let near: Vec<_> = near.iter().map(|name| format!("`{name}`")).collect();
    format!("; similar names: {}", near.join(", "))
}

fn not_composite(name: &str, place: &impl HasSpan) -> (String, Vec<Span>) {
    (
        format!(
            "{} has no fields: expected an object, an interface or a union",
            truncate(name)
        ),
        spans([place]),
    )
}

fn conflict(one: &Field<'_>, other: &Field<'_>, how: &str) -> (String, Vec<Span>) {
    (
        format!(
            "`{}` is selected more than once, {how}: give each its own alias",
            truncate(one.response_key())
        ),
        spans([one, other]),
    )
}

/// The positions of some parts of a document.
fn spans<'a, T: HasSpan + 'a>(parts: impl IntoIterator<Item = &'a T>) -> Vec<Span> {
    parts.into_iter().map(|part| *part.span()).collect()
}

/// Joins names for a sentence.
fn listed<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<_> = names.map(|name| format!("`{name}`")).collect();
    names.join(" and ")
}
