//! Operations as they are executed.

use std::sync::OnceLock;

use async_graphql::parser::types::{OperationDefinition, OperationType};
use async_graphql::{Name, Positioned, ServerError};
use bluejay_core::executable::OperationDefinition as _;
use bluejay_parser::HasSpan as _;
use bluejay_parser::ast::executable as written;

use super::normal::{Conditions, Normal};
use super::parts::{fragments, root_of};
use super::personal::is_personal;
use super::schema::schema;
use super::source::Source;

/// An operation in its normal form, which is executed.
pub struct Form {
    /// Its root.
    pub root: OperationDefinition,
    /// The type that it selects from.
    pub of: &'static str,
    /// True where it selects something that depends on who asks.
    pub is_personal: bool,
    /// The length of the text that it is of, in bytes.
    pub length: usize,
    /// How many fields it has.
    pub fields: usize,
    /// Its cost, once that was counted, where no variable changes it.
    pub cost: OnceLock<usize>,
}

impl Form {
    /// The normal form of an operation, and the variables whose values are missing to decide its conditions.
    ///
    /// # Errors
    /// `TOO_COMPLEX`, `INTERNAL`
    pub fn of<'a>(
        document: &'a written::ExecutableDocument<'a>,
        operation: &'a written::OperationDefinition<'a>,
        source: &'a Source<'a>,
        conditions: Conditions,
    ) -> Result<(Self, Vec<Name>), ServerError> {
        let fragments = fragments(document);
        let schema = schema()?;
        let mut normal = Normal::new(&fragments, source, schema, conditions);
        let kind = operation.as_ref().operation_type();
        let ty = match kind {
            bluejay_core::OperationType::Query => OperationType::Query,
            bluejay_core::OperationType::Mutation => OperationType::Mutation,
            bluejay_core::OperationType::Subscription => OperationType::Subscription,
        };
        let set = normal.set(root_of(kind), &[operation.selection_set()])?;
        let place = operation.selection_set().span().byte_range().start;
        let form = Self {
            is_personal: is_personal(&set),
            of: root_of(kind),
            root: OperationDefinition {
                ty,
                variable_definitions: Vec::new(),
                directives: Vec::new(),
                selection_set: Positioned::new(set, source.position(place)),
            },
            length: source.text().len(),
            fields: normal.made(),
            cost: OnceLock::new(),
        };
        Ok((form, normal.missing()))
    }
}
