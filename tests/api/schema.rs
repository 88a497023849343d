//! The printed schema is current, and describes everything in it.

use std::collections::{BTreeMap, BTreeSet};

use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{ConstDirective, TypeKind, TypeSystemDefinition};
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::Api;
use cyberprofiles::domain::record::Kind;

#[test]
fn the_printed_schema_is_current() {
    let printed = cyberprofiles::graphql::sdl();
    let kept = std::fs::read_to_string("schema.graphql").unwrap();
    assert!(
        printed == kept,
        "print it again: see CONTRIBUTING.md, Build and test"
    );
}

#[tokio::test]
async fn every_type_field_argument_and_value_is_described() {
    let api = Api::empty().await;
    let asked = "{ __schema { types { name kind description
        fields(includeDeprecated: true) { name description args { name description } }
        inputFields { name description } enumValues { name description } } } }";
    let schema = api.query(asked).await;
    let mut bare = Vec::new();
    let mut seen = 0;
    let mut look = |name: String, described: &Value| {
        seen += 1;
        if described["description"]
            .as_str()
            .is_none_or(|text| text.trim().is_empty())
        {
            bare.push(name);
        }
    };
    for one in schema["__schema"]["types"].as_array().unwrap() {
        let name = one["name"].as_str().unwrap();
        // The library may or may not describe the types that the specification defines.
        if name.starts_with("__") || name == "ID" {
            continue;
        }
        look(name.to_owned(), one);
        for members in ["fields", "inputFields", "enumValues"] {
            for member in one[members].as_array().into_iter().flatten() {
                let path = format!("{name}.{}", member["name"].as_str().unwrap());
                look(path.clone(), member);
                for argument in member["args"].as_array().into_iter().flatten() {
                    look(
                        format!("{path}({}:)", argument["name"].as_str().unwrap()),
                        argument,
                    );
                }
            }
        }
    }
    assert!(seen > 500, "{seen}");
    assert!(bare.is_empty(), "not described: {bare:#?}");
}

#[tokio::test]
async fn introspection_lists_the_interfaces_of_an_interface() {
    let api = Api::empty().await;
    let asked = "query ($all: Boolean = false) {
        __typename
        interface: __type(name: \"Record\") { ...Names __typename interfaces { name } }
        object: __type(name: \"Country\") { interfaces { name ... on __Type { kind } } inputFields { name } }
        nested: __type(name: \"Change\") { fields(includeDeprecated: $all) { name type { ofType { interfaces { name } } } } }
        none: __type(name: \"Nothing\") { name }
        __schema { description queryType { name } types { name } types { kind } }
    }
    fragment Names on __Type { name kind }";
    let introspected = api.query(asked).await;
    let interface =
        json!({ "name": "Record", "kind": "INTERFACE", "__typename": "__Type", "interfaces": [] });
    assert_eq!(introspected["interface"], interface);
    let of_country =
        json!([{ "name": "Record", "kind": "INTERFACE" }, { "name": "Node", "kind": "INTERFACE" }]);
    assert_eq!(introspected["object"]["interfaces"], of_country);
    assert_eq!(introspected["object"]["inputFields"], Value::Null);
    let fields = introspected["nested"]["fields"].as_array().unwrap();
    let record = fields.iter().find(|field| field["name"] == "record");
    assert_eq!(record.unwrap()["type"]["ofType"]["interfaces"], json!([]));
    assert_eq!(introspected["none"], Value::Null);
    assert_eq!(introspected["__schema"]["description"], Value::Null);
    let types = introspected["__schema"]["types"].as_array().unwrap();
    assert!(types.iter().all(|one| one["kind"].is_string()));
    assert!(types.len() > 100, "{}", types.len());
}

/// Last sentence of the description of a field that changes without a change of its record.
const DERIVED: &str = "Derived from other records: a mirror leaves it out.";

/// Fields that are not inputs, and depend on their record alone.
const OWN: [&str; 20] = [
    "Country.label",
    "Country.name",
    "CourtDecision.label",
    "CourtDecision.title",
    "CybersecurityBody.name",
    "OperationalUnit.name",
    "PolicyDocument.effectiveStatus",
    "PolicyDocument.label",
    "PolicyDocument.title",
    "Source.label",
    "Treaty.countsNote",
    "Treaty.label",
    "citations",
    "digest",
    "exportLine",
    "history",
    "id",
    "recordId",
    "retired",
    "updatedAt",
];

#[tokio::test]
async fn every_record_field_is_an_input_or_described_as_derived() {
    let api = Api::empty().await;
    let asked = "{ __schema { types { name interfaces { name } fields { name description } inputFields { name } } } }";
    let schema = api.query(asked).await;
    let types = schema["__schema"]["types"].as_array().unwrap();
    let is_record = |one: &&Value| {
        let mut interfaces = one["interfaces"].as_array().into_iter().flatten();
        interfaces.any(|interface| interface["name"] == "Record")
    };
    let mut wrong = Vec::new();
    let mut derived = 0;
    for record in types.iter().filter(is_record) {
        let noun = record["name"].as_str().unwrap();
        let input = format!("{noun}Fields");
        let input = types.iter().find(|one| one["name"] == input.as_str());
        let input = input.unwrap()["inputFields"].as_array().unwrap();
        for field in record["fields"].as_array().unwrap() {
            let name = field["name"].as_str().unwrap();
            let path = format!("{noun}.{name}");
            let is_own = input.iter().any(|one| one["name"] == name)
                || OWN.contains(&name)
                || OWN.contains(&path.as_str())
                || name == "version";
            let says = field["description"].as_str().unwrap().ends_with(DERIVED);
            derived += usize::from(says);
            if is_own == says {
                wrong.push(path);
            }
        }
    }
    assert!(derived > 20, "{derived}");
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The names in backticks of a text.
fn names(text: &str) -> BTreeSet<String> {
    let quoted = text.split('`').skip(1).step_by(2);
    quoted.map(str::to_owned).collect()
}

#[tokio::test]
async fn each_create_needs_exactly_the_fields_that_its_input_names() {
    let api = Api::seeded().await;
    let asked = "{ __schema { types { name kind description } } }";
    let schema = api.query(asked).await;
    let types = schema["__schema"]["types"].as_array().unwrap();
    let carla = api.contributor().await;
    for kind in Kind::all() {
        let input = types
            .iter()
            .find(|one| one["name"] == format!("{kind}Fields"));
        let description = input.unwrap()["description"].as_str().unwrap();
        let sentence = description.split("Required in a create: ").nth(1);
        let sentence = sentence.unwrap().split('.').next().unwrap();
        let create = json!([{ format!("create{kind}"): { "fields": {}, "cite": [] } }]);
        let input = json!({ "title": "Nothing", "rationale": "It is a test.", "changes": create });
        let payload = carla.create(input).await;
        let found = payload["userErrors"].as_array().unwrap().iter();
        let missing = found.filter(|error| error["code"] == "REQUIRED");
        let missing: BTreeSet<String> = missing
            .map(|error| {
                error["path"]
                    .as_array()
                    .unwrap()
                    .last()
                    .unwrap()
                    .as_str()
                    .unwrap()
                    .to_owned()
            })
            .collect();
        assert_eq!(names(sentence), missing, "{kind}: {payload:#}");
    }
}

#[tokio::test]
async fn every_custom_scalar_names_its_specification() {
    let api = Api::empty().await;
    let asked = "{ __schema { types { name kind specifiedByURL } } }";
    let schema = api.query(asked).await;
    let types = schema["__schema"]["types"].as_array().unwrap();
    let own = |one: &&Value| {
        let name = one["name"].as_str().unwrap();
        one["kind"] == "SCALAR" && !["Boolean", "Float", "ID", "Int", "String"].contains(&name)
    };
    let sdl = cyberprofiles::graphql::sdl();
    let mut seen = 0;
    for one in types.iter().filter(own) {
        let name = one["name"].as_str().unwrap();
        let url = one["specifiedByURL"].as_str();
        let url = url.unwrap_or_else(|| panic!("{name} has no specification"));
        assert!(url.starts_with("https://"), "{name}: {url}");
        let printed = format!("\nscalar {name} @specifiedBy(url: \"{url}\")\n");
        assert!(sdl.contains(&printed), "{printed}");
        seen += 1;
    }
    assert!(seen >= 11, "{seen}");
}

/// The directives of one name on the fields of a schema: by type and field, with the argument names of the field.
fn on_fields(
    sdl: &str,
    directive: &str,
) -> BTreeMap<String, (Vec<String>, Option<ConstDirective>)> {
    let mut found = BTreeMap::new();
    for one in parse_schema(sdl).unwrap().definitions {
        let TypeSystemDefinition::Type(of) = one else {
            continue;
        };
        let (TypeKind::Object(_) | TypeKind::Interface(_)) = &of.node.kind else {
            continue;
        };
        let fields = match of.node.kind {
            TypeKind::Object(object) => object.fields,
            TypeKind::Interface(interface) => interface.fields,
            _ => Vec::new(),
        };
        for field in fields {
            let field = field.node;
            let arguments = field.arguments.iter();
            let arguments = arguments.map(|one| one.node.name.node.to_string());
            let mut directives = field.directives.into_iter().map(|one| one.node);
            let directive = directives.find(|one| one.name.node == directive);
            let name = format!("{}.{}", of.node.name.node, field.name.node);
            found.insert(name, (arguments.collect(), directive));
        }
    }
    found
}

/// An argument of a directive as text.
fn argument(directive: &ConstDirective, name: &str) -> Option<String> {
    Some(directive.get_argument(name)?.node.to_string())
}

#[test]
fn every_page_and_only_a_page_has_slicing_arguments() {
    let sizes = on_fields(&cyberprofiles::graphql::sdl(), "listSize");
    let mut pages = 0;
    for (field, (arguments, size)) in &sizes {
        let slicing = size
            .as_ref()
            .and_then(|size| argument(size, "slicingArguments"));
        let is_page = arguments.contains(&"last".to_owned());
        let wanted = is_page.then(|| "[\"first\", \"last\"]".to_owned());
        assert_eq!(slicing, wanted, "{field}");
        if let Some(size) = size.as_ref().filter(|_| is_page) {
            let sized = argument(size, "sizedFields");
            assert_eq!(sized.unwrap(), "[\"edges\", \"nodes\"]", "{field}");
            let required = argument(size, "requireOneSlicingArgument");
            assert_eq!(required.unwrap(), "false", "{field}");
            pages += 1;
        }
    }
    assert!(pages > 30, "{pages}");
}

#[tokio::test]
async fn printed_costs_are_those_by_which_a_request_is_estimated() {
    let api = Api::seeded().await;
    let sdl = cyberprofiles::graphql::sdl();
    let (sizes, costs) = (on_fields(&sdl, "listSize"), on_fields(&sdl, "cost"));
    let printed = |of: &BTreeMap<String, (Vec<String>, Option<ConstDirective>)>, field, name| {
        let (_, directive) = &of[field];
        let number = argument(directive.as_ref().unwrap(), name).unwrap();
        number.trim_matches('"').parse::<u64>().unwrap()
    };
    let estimated = async |query: &str| {
        let body = json!({ "query": query, "extensions": { "cost": true } });
        let request = api.request(Method::POST, "/graphql").json(&body);
        let answer: Value = request.send().await.unwrap().json().await.unwrap();
        answer["extensions"]["cost"]["estimated"].as_u64().unwrap()
    };
    let one = estimated("{ treaty(reference: \"ETS 185\") { protocols { version } } }").await;
    let two = estimated("{ treaty(reference: \"ETS 185\") { protocols { version label } } }").await;
    let size = printed(&sizes, "Treaty.protocols", "assumedSize");
    assert_eq!((size, size > 1), (two - one, true));
    let regions = estimated("{ regions }").await;
    let cost = printed(&costs, "Query.regions", "weight");
    // The field is a leaf, so its weight is its cost.
    assert_eq!((cost, cost > 1), (regions, true));
}
