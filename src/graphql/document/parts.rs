//! The parts of a parsed document: operations, and fragments by name.

use std::collections::HashMap;

use async_graphql::ServerError;
use bluejay_core::AsIter;
use bluejay_core::executable::OperationDefinition as _;
use bluejay_parser::ast::executable as written;

use crate::engine::error::failed;
use domain::text_rules::truncate;

/// The message for a document with several operations of which none is named.
pub const SEVERAL_OPERATIONS: &str =
    "the document has several operations: `operationName` must name the one to execute";
/// Maximum number of operations that a message names.
const MAX_NAMES: usize = 3;

/// The root type of an operation.
pub fn root_of(operation: bluejay_core::OperationType) -> &'static str {
    match operation {
        bluejay_core::OperationType::Query => "Query",
        bluejay_core::OperationType::Mutation => "Mutation",
        bluejay_core::OperationType::Subscription => "Subscription",
    }
}

/// The fragments of a document by name.
pub type Fragments<'a> = HashMap<&'a str, &'a written::FragmentDefinition<'a>>;

/// Collects the fragments of a document. Of several with one name, the last one counts.
pub fn fragments<'a>(document: &'a written::ExecutableDocument<'a>) -> Fragments<'a> {
    let all = document.fragment_definitions().iter();
    all.map(|fragment| (fragment.name().as_str(), fragment))
        .collect()
}

/// The elements of an optional list.
pub fn each<'a, A: AsIter>(of: Option<&'a A>) -> impl Iterator<Item = &'a A::Item>
where
    A::Item: 'a,
{
    of.into_iter().flat_map(AsIter::iter)
}

/// Selects the operation to execute: the one called `name`, or the only one.
pub fn chosen<'a>(
    document: &'a written::ExecutableDocument<'a>,
    name: Option<&str>,
) -> Result<&'a written::OperationDefinition<'a>, ServerError> {
    let all = document.operation_definitions();
    let found = match (all, name) {
        ([only], None) => Some(only),
        (_, Some(name)) => all.iter().find(|one| one.as_ref().name() == Some(name)),
        _ => None,
    };
    found.ok_or_else(|| {
        let message = match name {
            Some(name) => {
                let names = all.iter().filter_map(|one| one.as_ref().name());
                let names: Vec<_> = names
                    .take(MAX_NAMES)
                    .map(|name| format!("`{}`", truncate(name)))
                    .collect();
                let given = truncate(name);
                if names.is_empty() {
                    format!(
                        "the document has no operation `{given}`: its operation has no name, so expected no `operationName`"
                    )
                } else {
                    format!(
                        "the document has no operation `{given}`: expected {}",
                        names.join(" or ")
                    )
                }
            }
            None if all.is_empty() => {
                "the document has no operation: expected one, like { head { cursor } }".to_owned()
            }
            None => SEVERAL_OPERATIONS.to_owned(),
        };
        failed("BAD_USER_INPUT", message)
    })
}
