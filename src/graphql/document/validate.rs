//! Validation of documents by the rules of the specification. bluejay-validator has most of the rules; the missing
//! ones are here. Source: GraphQL, September 2025, section 5.

use async_graphql::ServerError;
use bluejay_core::executable::{OperationDefinition as _, Selection as _, SelectionReference};
use bluejay_core::{AsIter as _, OperationType};
use bluejay_parser::HasSpan as _;
use bluejay_parser::ast::executable::{ExecutableDocument, Field, OperationDefinition};
use bluejay_validator::executable::Cache;
use bluejay_validator::executable::document::{BuiltinRulesValidator, Error};

use super::fault::{ONE_FIELD, bounded, invalid};
use super::names;
use super::parts::{Fragments, each};
use super::schema::{Definitions, Schema};
use super::source::SourceText;
use super::verdict::Verdicts;
use domain::text_rules::truncate;

/// Introspection fields that the validator does not know, with their types. None of them has subfields.
const UNKNOWN: [(&str, &str); 3] = [
    ("__InputValue", "deprecationReason"),
    ("__InputValue", "isDeprecated"),
    ("__Type", "isOneOf"),
];

/// Validates a document that `measure` has bounded.
///
/// # Errors
/// `BAD_USER_INPUT` for each fault, as [`bounded`].
pub fn validate<'a>(
    document: &'a ExecutableDocument<'a>,
    fragments: &'a Fragments<'a>,
    source: &SourceText<'_>,
    schema: &'static Schema,
    suggests: bool,
) -> Result<(), Vec<ServerError>> {
    let cache = Cache::new(document, schema.definitions);
    let found = BuiltinRulesValidator::<ExecutableDocument<'_>, Definitions>::validate(
        document,
        schema.definitions,
        &cache,
    );
    let found = found.filter(|fault| match fault {
        // The validator counts selections instead of fields, so `subscribes_to_one` checks this.
        Error::SubscriptionRootNotSingleField { .. } => false,
        Error::FieldDoesNotExistOnType { field, r#type } => {
            !(UNKNOWN.contains(&(r#type.name(), field.name().as_str())) && is_bare(field))
        }
        _ => !names::is_of_names(fault),
    });
    let verdicts = Verdicts {
        source,
        schema,
        suggests,
    };
    let found = found.chain(names::faults(document, fragments));
    let found = found.map(|fault| verdicts.of(&fault));
    let operations = document.operation_definitions().iter();
    let own = operations.filter_map(|operation| subscribes_to_one(operation, fragments, source));
    let faults = bounded(found.chain(own));
    if faults.is_empty() {
        Ok(())
    } else {
        Err(faults)
    }
}

/// True for a field without arguments and selections, and with no directives but `@skip` and `@include`.
fn is_bare(field: &Field<'_>) -> bool {
    let mut directives = each(bluejay_core::executable::Field::directives(field));
    field.arguments().is_none()
        && field.selection_set().is_none()
        && directives.all(|one| matches!(one.name().as_str(), "skip" | "include"))
}

/// Checks that a subscription selects one field, unconditionally, and no introspection field. Source: GraphQL, section
/// 5.2.4.1 (Single Root Field).
fn subscribes_to_one<'a>(
    operation: &'a OperationDefinition<'a>,
    fragments: &'a Fragments<'a>,
    source: &SourceText<'_>,
) -> Option<ServerError> {
    if operation.as_ref().operation_type() != OperationType::Subscription {
        return None;
    }
    let mut fields: Vec<&Field<'a>> = Vec::new();
    let mut seen = Vec::new();
    let mut open = vec![operation.selection_set()];
    while let Some(set) = open.pop() {
        for selection in set.iter() {
            let selection = selection.as_ref();
            let mut conditions = each(selection.directives());
            let condition =
                conditions.find(|one| matches!(one.name().as_str(), "skip" | "include"));
            if let Some(condition) = condition {
                let place = source.position(condition.span().byte_range().start);
                let message =
                    "the field of a subscription must be selected without @skip and @include";
                return Some(invalid(message, [place]));
            }
            match selection {
                SelectionReference::Field(field) => fields.push(field),
                SelectionReference::InlineFragment(inline) => open.push(inline.selection_set()),
                SelectionReference::FragmentSpread(spread) => {
                    let name = spread.name().as_str();
                    if let Some(fragment) = fragments.get(name)
                        && !seen.contains(&name)
                    {
                        seen.push(name);
                        open.push(fragment.selection_set());
                    }
                }
            }
        }
    }
    fields.sort_by_key(|field| field.span().byte_range().start);
    let place = |field: &Field<'_>| source.position(field.span().byte_range().start);
    if let Some(field) = fields
        .iter()
        .find(|field| field.name().as_str().starts_with("__"))
    {
        let name = truncate(field.name().as_str());
        let message = format!(
            "a subscription cannot select `{name}` at its root: expected a field of Subscription"
        );
        return Some(invalid(message, [place(field)]));
    }
    let first = fields.first()?;
    let others = fields
        .iter()
        .filter(|one| one.response_key() != first.response_key());
    let places: Vec<_> = others.map(|one| place(one)).collect();
    (!places.is_empty()).then(|| invalid(ONE_FIELD, places))
}
