//! Operations in normal form, ready for execution.

use std::sync::OnceLock;

use async_graphql::parser::types::{OperationDefinition, OperationType};
use async_graphql::{Name, Positioned, ServerError};
use bluejay_core::executable::OperationDefinition as _;
use bluejay_parser::HasSpan as _;
use bluejay_parser::ast::executable as written;

use super::normal::{Conditions, Normal};
use super::parts::{fragments, root_of};
use super::personal::is_personal;
use super::schema::Schema;
use super::selects::selects_latest;
use super::source::SourceText;

/// An operation in its normal form.
pub struct Form {
    /// The operation.
    pub root: OperationDefinition,
    /// Its root type.
    pub of: &'static str,
    /// True if it selects a field whose answer must not be shared.
    pub is_personal: bool,
    /// True if it selects `Change.latest`.
    pub selects_latest: bool,
    /// Length of the original text, in bytes.
    pub length: usize,
    /// Number of its fields.
    pub fields: usize,
    /// Its cost; computed once, and only if no variable changes it.
    pub cost: OnceLock<usize>,
}

impl Form {
    /// Builds the normal form of an operation. Also returns the variables that decide conditions and have no value in
    /// `conditions`.
    ///
    /// # Errors
    /// `TOO_COMPLEX` as [`Normal::set`], `INTERNAL` for a fault of the server.
    pub fn of<'a>(
        document: &'a written::ExecutableDocument<'a>,
        operation: &'a written::OperationDefinition<'a>,
        source: &'a SourceText<'a>,
        conditions: Conditions,
        schema: &'static Schema,
    ) -> Result<(Self, Vec<Name>), ServerError> {
        let fragments = fragments(document);
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
            selects_latest: selects_latest(&set),
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
