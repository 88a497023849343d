//! Error messages for the faults of arguments and directives.

use bluejay_core::AsIter;
use bluejay_core::definition::{
    DirectiveDefinition, FieldDefinition as _, InputValueDefinition, SchemaDefinition as _,
};
use bluejay_parser::Span;
use bluejay_parser::ast::definition;
use bluejay_parser::ast::executable::ExecutableDocument;
use bluejay_validator::executable::document::{ArgumentError, DirectiveError};

use super::super::parts::each;
use super::super::schema::{Definitions, Scalars};
use super::{Verdicts, listed, spans};
use domain::text_rules::truncate;

impl Verdicts<'_> {
    pub(super) fn directive<'a, const CONST: bool>(
        &self,
        fault: &DirectiveError<'a, CONST, ExecutableDocument<'a>, Definitions>,
    ) -> (String, Vec<Span>) {
        match fault {
            DirectiveError::DirectiveDoesNotExist { directive } => {
                let name = directive.name().as_str();
                let all = self.schema.definitions.directive_definitions();
                let near = self.nearest(name, all.map(DirectiveDefinition::name));
                (
                    format!("there is no directive @{}{near}", truncate(name)),
                    spans([*directive]),
                )
            }
            DirectiveError::DirectiveInInvalidLocation {
                directive,
                directive_definition,
                location,
            } => (
                format!(
                    "@{} is not allowed at {location}",
                    directive_definition.name()
                ),
                spans([*directive]),
            ),
            DirectiveError::DirectivesNotUniquePerLocation {
                directives,
                directive_definition,
            } => (
                format!(
                    "@{} is used more than once here",
                    directive_definition.name()
                ),
                spans(directives.iter().copied()),
            ),
        }
    }

    pub(super) fn argument<'a, const CONST: bool>(
        &self,
        fault: &ArgumentError<'a, CONST, ExecutableDocument<'a>, Definitions>,
    ) -> (String, Vec<Span>) {
        match fault {
            ArgumentError::NonUniqueArgumentNames { arguments, name } => (
                format!("the argument `{}` is given twice", truncate(name)),
                spans(arguments.iter().copied()),
            ),
            ArgumentError::ArgumentDoesNotExistOnField {
                argument,
                field_definition,
            } => {
                let known = field_definition.arguments_definition();
                (
                    format!(
                        "`{}` has no argument `{}`{}",
                        field_definition.name(),
                        truncate(argument.name().as_str()),
                        self.nearest_argument(argument.name().as_str(), known)
                    ),
                    spans([argument.name()]),
                )
            }
            ArgumentError::ArgumentDoesNotExistOnDirective {
                argument,
                directive_definition,
            } => {
                let known = directive_definition.arguments_definition();
                (
                    format!(
                        "@{} has no argument `{}`{}",
                        directive_definition.name(),
                        truncate(argument.name().as_str()),
                        self.nearest_argument(argument.name().as_str(), known)
                    ),
                    spans([argument.name()]),
                )
            }
            ArgumentError::DirectiveMissingRequiredArguments {
                directive,
                directive_definition,
                missing_argument_definitions,
            } => {
                let missing = missing_argument_definitions.iter().map(|one| one.name());
                (
                    format!("@{} needs {}", directive_definition.name(), listed(missing)),
                    spans([*directive]),
                )
            }
            ArgumentError::FieldMissingRequiredArguments {
                field,
                field_definition,
                missing_argument_definitions,
            } => {
                let missing = missing_argument_definitions.iter().map(|one| one.name());
                (
                    format!("`{}` needs {}", field_definition.name(), listed(missing)),
                    spans([field.name()]),
                )
            }
        }
    }

    fn nearest_argument<A>(&self, name: &str, known: Option<&A>) -> String
    where
        A: AsIter<Item = definition::InputValueDefinition<'static, Scalars>>,
    {
        let known = each(known);
        self.nearest(name, known.map(InputValueDefinition::name))
    }
}
