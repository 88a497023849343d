//! The descriptions of the schema for its readers: SDL and introspection, with the directives of the type system. They
//! are derived from the schema and from the table of costs, so no field names them. The fields that a create needs are
//! named from the rules that check it.

use std::borrow::Cow;

use async_graphql::parser::types::Directive;
use async_graphql::registry::{MetaType, Registry};
use async_graphql::{ContextDirective, CustomDirective, CustomDirectiveFactory, ServerError};

mod cost;
mod federation;
mod required;

pub use federation::LINK;

/// Specification of the scalar `JSON`, which the library defines without one.
const JSON_URL: &str = "https://www.rfc-editor.org/rfc/rfc8259";

/// The reader of a description.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Clients of a service that is no subgraph.
    Clients,
    /// Clients of a subgraph, among them a gateway that sends queries: with `_service` and `_entities`.
    SubgraphClients,
    /// A program that composes subgraphs: with keys, without `_service` and `_entities`.
    Composer,
}

/// Completes the library's description of the schema for an audience. It is registered as a directive, because only
/// directives may change that description.
pub struct Completion(pub Audience);

impl CustomDirectiveFactory for Completion {
    fn name(&self) -> Cow<'static, str> {
        "cost".into()
    }

    fn register(&self, registry: &mut Registry) {
        if let Some(MetaType::Scalar {
            specified_by_url, ..
        }) = registry.types.get_mut("JSON")
        {
            *specified_by_url = Some(JSON_URL.to_owned());
        }
        required::describe(registry);
        if self.0 != Audience::SubgraphClients {
            federation::hide(registry);
        }
        match self.0 {
            Audience::Clients | Audience::SubgraphClients => cost::describe(registry),
            Audience::Composer => {
                cost::describe_for_composer(registry);
                federation::mark(registry);
            }
        }
    }

    fn create(
        &self,
        _: &ContextDirective<'_>,
        _: &Directive,
    ) -> Result<Box<dyn CustomDirective>, ServerError> {
        let message = "a directive of the type system cannot be executed";
        Err(ServerError::new(message, None))
    }
}
