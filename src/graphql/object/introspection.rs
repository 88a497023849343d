//! Introspection: the library's description of the schema, corrected where the specification requires it. The library
//! gives null instead of a list of `interfaces` for an interface.

use std::borrow::Cow;
use std::collections::HashMap;

use async_graphql::parser::types::Field;
use async_graphql::registry::Registry;
use async_graphql::resolver_utils::{ContainerType, resolve_container};
use async_graphql::{
    Context, ContextSelectionSet, ObjectType, OutputType, Positioned, Schema, ServerResult,
    SubscriptionType, Value,
};
use futures_util::future::FutureExt;
use serde_json::{Value as Json, json};

use crate::engine::at_once::{Sink, WriteJson};
use crate::engine::inline_resolve::Inline;
use crate::engine::objects::Objects;

/// The query for everything that the library describes. A type inside another is described by its name alone.
const ALL: &str = "{ __schema {
    queryType { ...T } mutationType { ...T } subscriptionType { ...T }
    types { kind name description specifiedByURL isOneOf
        fields(includeDeprecated: true) { name description ...A type { ...T } isDeprecated deprecationReason }
        inputFields(includeDeprecated: true) { ...I }
        interfaces { ...T } possibleTypes { ...T }
        enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason } }
    directives { name description isRepeatable locations args(includeDeprecated: true) { ...I } } } }
    fragment A on __Field { args(includeDeprecated: true) { ...I } }
    fragment I on __InputValue { name description type { ...T } defaultValue isDeprecated deprecationReason }
    fragment T on __Type { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } }";

/// The schema, as introspection describes it.
pub struct IntrospectionAnswers {
    schema: Json,
    /// Each type, by its name.
    types: HashMap<String, Json>,
}

impl IntrospectionAnswers {
    /// The description of a schema.
    pub fn of<Q, M, S>(schema: &Schema<Q, M, S>) -> Self
    where
        Q: ObjectType + 'static,
        M: ObjectType + 'static,
        S: SubscriptionType + 'static,
    {
        // Introspection awaits nothing, so the first poll completes it.
        let answer = schema.execute(ALL).now_or_never().unwrap_or_default();
        corrected(&answer.data.into_json().unwrap_or_default())
    }

    /// The introspection object of the schema.
    pub fn schema(&'static self) -> Meta {
        Meta {
            of: "__Schema",
            shown: &self.schema,
            all: self,
        }
    }

    /// The introspection object of the type with a name; `None` if there is none.
    pub fn named(&'static self, name: &str) -> Option<Meta> {
        Some(Meta {
            of: "__Type",
            shown: self.types.get(name)?,
            all: self,
        })
    }
}

/// A member of an object; null if it has none.
fn member<'a>(of: &'a Json, name: &str) -> &'a Json {
    of.get(name).unwrap_or(&Json::Null)
}

/// The description, corrected to the specification.
fn corrected(answer: &Json) -> IntrospectionAnswers {
    let mut schema = member(answer, "__schema").clone();
    let (mut names, mut types) = (Vec::new(), HashMap::new());
    for one in member(&schema, "types").as_array().into_iter().flatten() {
        let name = member(one, "name").as_str().unwrap_or_default();
        let mut one = one.clone();
        if let Some(members) = one.as_object_mut()
            && members.get("kind") == Some(&json!("INTERFACE"))
        {
            members.insert("interfaces".to_owned(), json!([]));
        }
        let fields = one.get_mut("fields").and_then(Json::as_array_mut);
        for field in fields.into_iter().flatten() {
            let is_description = name == "__Schema" && *member(field, "name") == "description";
            let nullable = field.pointer("/type/ofType").cloned();
            if let Some(members) = field.as_object_mut().filter(|_| is_description) {
                members.insert("description".to_owned(), Json::Null);
                members.insert("type".to_owned(), nullable.unwrap_or_default());
            }
        }
        names.push(json!({ "name": name }));
        types.insert(name.to_owned(), one);
    }
    if let Some(members) = schema.as_object_mut() {
        // The schema has no description of its own.
        members.insert("description".to_owned(), Json::Null);
        members.insert("types".to_owned(), names.into());
    }
    IntrospectionAnswers { schema, types }
}

/// An object of introspection.
pub struct Meta {
    of: &'static str,
    shown: &'static Json,
    /// The schema to which it belongs.
    all: &'static IntrospectionAnswers,
}

impl Meta {
    /// Another object of the same schema. A type that has a name is given with its full description.
    fn other(&self, of: &'static str, shown: &'static Json) -> Self {
        let name = member(shown, "name").as_str().filter(|_| of == "__Type");
        let all = self.all;
        name.and_then(|name| all.named(name))
            .unwrap_or(Self { of, shown, all })
    }
}

/// The type of the objects that a member of introspection contains; `None` if it contains none.
fn leads_to(member: &str) -> Option<&'static str> {
    match member {
        "queryType" | "mutationType" | "subscriptionType" | "types" | "type" | "ofType"
        | "interfaces" | "possibleTypes" => Some("__Type"),
        "fields" => Some("__Field"),
        "inputFields" | "args" => Some("__InputValue"),
        "enumValues" => Some("__EnumValue"),
        "directives" => Some("__Directive"),
        _ => None,
    }
}

impl ContainerType for Meta {
    async fn resolve_field(&self, ctx: &Context<'_>) -> ServerResult<Option<Value>> {
        let name = ctx.item.node.name.node.as_str();
        let shown = member(self.shown, name);
        let Some(of) = leads_to(name) else {
            return Ok(Some(Value::from_json(shown.clone()).unwrap_or_default()));
        };
        let set = ctx.with_selection_set(&ctx.item.node.selection_set);
        let resolved = match shown {
            Json::Null => Value::Null,
            Json::Array(all) => {
                let (_, takes_all) = ctx.param_value::<Option<bool>>("includeDeprecated", None)?;
                let is_shown =
                    |one: &&Json| takes_all == Some(true) || *member(one, "isDeprecated") != true;
                let all = all.iter().filter(is_shown);
                let all: Objects<_> = all.map(|one| Inline(self.other(of, one))).collect();
                all.resolve(&set, ctx.item).await?
            }
            one => Inline(self.other(of, one)).resolve(&set, ctx.item).await?,
        };
        Ok(Some(resolved))
    }
}

impl OutputType for Meta {
    fn type_name() -> Cow<'static, str> {
        "__Schema".into()
    }

    fn introspection_type_name(&self) -> Cow<'static, str> {
        self.of.into()
    }

    fn create_type_info(_: &mut Registry) -> String {
        // The library declares the fields at the root, and all types of introspection.
        Self::qualified_type_name()
    }

    async fn resolve(
        &self,
        ctx: &ContextSelectionSet<'_>,
        _: &Positioned<Field>,
    ) -> ServerResult<Value> {
        resolve_container(ctx, self).await
    }
}

impl ObjectType for Meta {}

impl WriteJson for Meta {
    fn write(&self, _: &ContextSelectionSet<'_>, _: &mut Sink) -> bool {
        false
    }
}
