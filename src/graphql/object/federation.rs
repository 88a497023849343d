//! The fields by which a gateway of Apollo Federation reads this service as a subgraph. `type_system` hides them unless
//! the service is a subgraph. Source: Apollo Federation, subgraph specification.

use std::borrow::Cow;

use async_graphql::parser::types::Field;
use async_graphql::registry::{MetaType, MetaTypeId, Registry};
use async_graphql::{
    Any, Context, ContextSelectionSet, OutputType, Positioned, ServerResult, SimpleObject, Value,
};
use futures_util::future::{FutureExt, join_all};

use crate::engine::argument::read;
use crate::engine::context::{RequestContext, View};
use crate::engine::error::Error;
use crate::engine::inline_resolve::Concrete;
use crate::engine::limits::size;
use crate::engine::objects::Objects;
use crate::object::record::Record;
use crate::object::{country, node, treaty};
use domain::record::nouns;
use domain::text::Raw;

/// The root fields of gateways.
pub const FIELDS: [&str; 2] = ["_entities", "_service"];
/// The types of these fields.
pub const TYPES: [&str; 3] = ["_Any", "_Entity", "_Service"];

/// The fields that identify a record of each type, in the order in which a representation is read.
const KEYS: [(Option<&str>, &str); 4] = [
    (None, "id"),
    (None, "recordId"),
    (Some("Country"), "code"),
    (Some("Treaty"), "reference"),
];

/// The keys of a type; none if its objects are no records.
pub fn keys(of: &str) -> impl Iterator<Item = &'static str> {
    let keys = KEYS.into_iter().filter(move |(on, _)| {
        let is_record = NAMES.contains(&of);
        is_record && on.is_none_or(|on| on == of)
    });
    keys.map(|(_, field)| field)
}

macro_rules! names {
    ([] $( $(#[$doc:meta])* $noun:ident $module:ident { $($inputs:tt)* } )+) => {
        /// The names of the types of records.
        const NAMES: &[&str] = &[$( stringify!($noun) ),+];

        impl Entity {
            /// The name of its type.
            fn name(&self) -> &'static str {
                match &self.0 {
                    $( Record::$noun(_) => stringify!($noun), )+
                }
            }
        }
    };
}
nouns!(names);

/// This service as a subgraph.
#[derive(SimpleObject)]
#[graphql(name = "_Service")]
pub struct SubgraphService {
    /// Its schema in the schema definition language (SDL), for composition.
    pub sdl: String,
}

/// A record that a gateway asks for.
pub struct Entity(Record);

impl OutputType for Entity {
    fn type_name() -> Cow<'static, str> {
        "_Entity".into()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        registry.create_output_type::<Self, _>(MetaTypeId::Union, |registry| {
            Record::create_type_info(registry);
            MetaType::Union {
                name: Self::type_name().into_owned(),
                description: Some("A record that a gateway asks for.".to_owned()),
                possible_types: NAMES.iter().map(|&name| name.to_owned()).collect(),
                visible: None,
                inaccessible: false,
                tags: Vec::new(),
                rust_typename: Some(std::any::type_name::<Self>()),
                directive_invocations: Vec::new(),
            }
        })
    }

    async fn resolve(
        &self,
        ctx: &ContextSelectionSet<'_>,
        _: &Positioned<Field>,
    ) -> ServerResult<Value> {
        self.0.resolve_concrete(ctx).boxed().await
    }
}

/// Loads the records that gateways name by representations: objects with a `__typename` and one of its keys. Returns
/// them in the order of the representations: null where there is no such record, and a separate error for each
/// representation without a `__typename` or key.
///
/// # Errors
/// `BAD_USER_INPUT` for too many representations, `UNAVAILABLE`, `INTERNAL`
pub async fn entities(
    ctx: &Context<'_>,
    representations: &[Any],
    view: View,
) -> Result<Objects<Option<Result<Entity, Error>>>, Error> {
    let most = ctx.limits().max_page_size;
    if representations.len() > size(most) {
        let message = format!("expected {most} representations at most");
        return Err(Error::bad("representations", message));
    }
    let found = representations.iter().enumerate().map(async |(at, one)| {
        let argument = format!("representations.{at}");
        entity(ctx, &argument, &one.0, view).await
    });
    let found = join_all(found).await.into_iter();
    found
        .map(|found| match found {
            // The database is needed for all of them.
            Err(error @ (Error::Unavailable | Error::Internal)) => Err(error),
            found => Ok(found.transpose()),
        })
        .collect()
}

async fn entity(
    ctx: &Context<'_>,
    argument: &str,
    representation: &Value,
    view: View,
) -> Result<Option<Entity>, Error> {
    let text = |name: &str| match representation {
        Value::Object(members) => match members.get(name) {
            Some(Value::String(text)) => Some(text.as_str()),
            _ => None,
        },
        _ => None,
    };
    let Some(of) = text("__typename") else {
        let message = "expected an object with `__typename` and a key, as in { \"__typename\": \"Country\", \"id\": \"Country:az\" }";
        return Err(Error::bad(argument, message));
    };
    let Some((key, value)) = keys(of).find_map(|key| Some((key, text(key)?))) else {
        let known: Vec<String> = keys(of).map(|key| format!("`{key}`")).collect();
        if known.is_empty() {
            return Ok(None);
        }
        let message = format!("expected a text in a key of {of}: {}", known.join(", "));
        return Err(Error::bad(argument, message));
    };
    let found = match key {
        "code" => by_code(ctx, value, view).await,
        "reference" => by_reference(ctx, value, view).await,
        _ => node::record(ctx, argument, value, view).await,
    };
    match found {
        // Other subgraphs may know countries and treaties that have no record here.
        Err(Error::BadInput(..)) => Ok(None),
        found => Ok(found?.map(Entity).filter(|entity| entity.name() == of)),
    }
}

async fn by_code(ctx: &Context<'_>, code: &str, view: View) -> Result<Option<Record>, Error> {
    let code = read("code", &Raw::new(code.to_owned()))?;
    let found = country::by_code(ctx, code, view).await?;
    Ok(found.map(|country| country.0.into()))
}

async fn by_reference(
    ctx: &Context<'_>,
    reference: &str,
    view: View,
) -> Result<Option<Record>, Error> {
    let reference = read("reference", &Raw::new(reference.to_owned()))?;
    let found = treaty::by_reference(ctx, reference, view).await?;
    Ok(found.map(|treaty| treaty.0.into()))
}
