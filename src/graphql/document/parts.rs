//! The parts of a document that was parsed: its operations, and its fragments by their names.

use std::collections::HashMap;

use async_graphql::ServerError;
use bluejay_core::AsIter;
use bluejay_core::executable::OperationDefinition as _;
use bluejay_parser::ast::executable as written;

use crate::engine::error::failed;
use domain::prose::cut;

/// The type that an operation selects from.
pub fn root_of(operation: bluejay_core::OperationType) -> &'static str {
    match operation {
        bluejay_core::OperationType::Query => "Query",
        bluejay_core::OperationType::Mutation => "Mutation",
        bluejay_core::OperationType::Subscription => "Subscription",
    }
}

/// The fragments of a document, by their names.
pub type Fragments<'a> = HashMap<&'a str, &'a written::FragmentDefinition<'a>>;

/// The fragments of a document.
pub fn fragments<'a>(document: &'a written::ExecutableDocument<'a>) -> Fragments<'a> {
    let all = document.fragment_definitions().iter();
    all.map(|fragment| (fragment.name().as_str(), fragment))
        .collect()
}

/// The parts of a list that may be left out.
pub fn each<'a, A: AsIter>(of: Option<&'a A>) -> impl Iterator<Item = &'a A::Item>
where
    A::Item: 'a,
{
    of.into_iter().flat_map(AsIter::iter)
}

/// The operation that is executed.
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
            Some(name) => format!("the document has no operation `{}`", cut(name)),
            None if all.is_empty() => "the document has no operation".to_owned(),
            None => "`operationName` must say which operation to execute".to_owned(),
        };
        failed("BAD_USER_INPUT", message)
    })
}
