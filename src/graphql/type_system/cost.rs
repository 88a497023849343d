//! The directives `@cost` and `@listSize`, derived from the table of costs. Source: GraphQL Cost Directives (IBM).

use std::collections::BTreeMap;

use async_graphql::registry::{MetaDirectiveInvocation, MetaField, MetaType, Registry};
use async_graphql::{TypeDirective, registry::MetaTypeName};

use crate::engine::cost_table::{Cost, listed_cost};
use crate::engine::limits::{DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE};

/// The cost of the field itself, without its selections. A field without this directive costs 1.
#[TypeDirective(name = "cost", location = "FieldDefinition")]
fn text_cost(weight: String) {}

/// The cost of the field itself, in the form of Apollo Federation.
#[TypeDirective(name = "cost", location = "FieldDefinition")]
fn number_cost(weight: i32) {}

/// The number of elements of a list, or of the lists in `sizedFields`, by which the cost of the selections is
/// multiplied: the value of one of `slicingArguments`, else `assumedSize`.
#[TypeDirective(name = "listSize", location = "FieldDefinition")]
fn list_size(
    assumed_size: Option<i32>,
    slicing_arguments: Option<Vec<String>>,
    sized_fields: Option<Vec<String>>,
    #[graphql(default_with = "Some(true)")] require_one_slicing_argument: Option<bool>,
) {
}

/// Adds the definitions of both directives, and their uses. The weight is a text, as IBM specifies it.
pub fn describe(registry: &mut Registry) {
    async_graphql::TypeDirective::register(&text_cost, registry);
    async_graphql::TypeDirective::register(&list_size, registry);
    let weigh = |cost: i32| text_cost::apply(cost.to_string());
    apply(registry, &weigh);
}

/// Adds the uses of both directives. The weight is a number, and composition knows the definitions.
pub fn describe_for_composer(registry: &mut Registry) {
    apply(registry, &number_cost::apply);
}

fn apply(registry: &mut Registry, weigh: &dyn Fn(i32) -> MetaDirectiveInvocation) {
    let lists = lists(registry);
    for (of, one) in &mut registry.types {
        if let MetaType::Object { fields, .. } | MetaType::Interface { fields, .. } = one {
            for field in fields.values_mut() {
                let sized = lists.get(MetaTypeName::concrete_typename(&field.ty));
                let directive = directive(of, field, sized, weigh);
                field.directive_invocations.extend(directive);
            }
        }
    }
}

/// The lists of the elements of a page, for each type of page.
fn lists(registry: &Registry) -> BTreeMap<String, Vec<String>> {
    let fields = registry
        .types
        .iter()
        .filter_map(|(name, one)| Some((name, one.fields()?)));
    let lists = fields.map(|(name, fields)| {
        let lists = fields
            .values()
            .filter(|field| ["edges", "nodes"].contains(&&*field.name) && is_list(field));
        (
            name.clone(),
            lists.map(|field| field.name.clone()).collect(),
        )
    });
    lists
        .filter(|(_, lists): &(_, Vec<_>)| !lists.is_empty())
        .collect()
}

fn is_list(field: &MetaField) -> bool {
    field.ty.starts_with('[')
}

/// The directive of a field; `None` if the field costs 1.
fn directive(
    of: &str,
    field: &MetaField,
    sized: Option<&Vec<String>>,
    weigh: &dyn Fn(i32) -> MetaDirectiveInvocation,
) -> Option<MetaDirectiveInvocation> {
    if field.args.contains_key("last") {
        let slicing = ["first", "last"].map(str::to_owned).to_vec();
        let size = Some(DEFAULT_PAGE_SIZE);
        return Some(list_size::apply(
            size,
            Some(slicing),
            sized.cloned(),
            Some(false),
        ));
    }
    // The slicing argument of the specification is a number; these arguments are lists.
    if field.args.contains_key("ids") || field.args.contains_key("representations") {
        return Some(list_size::apply(Some(MAX_PAGE_SIZE), None, None, None));
    }
    match listed_cost(of, &field.name)? {
        Cost::Own(own) => Some(weigh(number(*own))),
        Cost::Of(objects) if is_list(field) => {
            Some(list_size::apply(Some(number(*objects)), None, None, None))
        }
        Cost::Of(objects) => Some(weigh(number(*objects))),
    }
}

fn number(cost: usize) -> i32 {
    i32::try_from(cost).unwrap_or(i32::MAX)
}
