//! The printed schema is current, and describes everything in it.

use serde_json::{Value, json};

use crate::harness::Api;

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
async fn introspection_lists_interfaces_and_omits_unused_types() {
    let api = Api::empty().await;
    let asked = "query ($all: Boolean = false) {
        __typename
        interface: __type(name: \"Record\") { ...Names __typename interfaces { name } }
        object: __type(name: \"Country\") { interfaces { name ... on __Type { kind } } inputFields { name } }
        nested: __type(name: \"Change\") { fields(includeDeprecated: $all) { name type { ofType { interfaces { name } } } } }
        float: __type(name: \"Float\") { name }
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
    assert_eq!(
        (&introspected["float"], &introspected["none"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(introspected["__schema"]["description"], Value::Null);
    let types = introspected["__schema"]["types"].as_array().unwrap();
    assert!(
        types
            .iter()
            .all(|one| one["name"] != "Float" && one["kind"].is_string())
    );
    assert!(types.len() > 100, "{}", types.len());
}

/// Last sentence of the description of a field that changes without a change of its record.
const DERIVED: &str = "Derived from other records: a mirror leaves it out.";

/// Fields that are not inputs, and depend on their record alone.
const OWN: [&str; 17] = [
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
    "Treaty.label",
    "citations",
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
