//! The schema is current, and says what everything in it is.

use serde_json::Value;

use crate::harness::Api;

#[test]
fn the_printed_schema_is_current() {
    let printed = cyberprofiles::graphql::sdl();
    let kept = std::fs::read_to_string("schema.graphql").unwrap();
    assert!(printed == kept, "run: cargo run -- schema > schema.graphql");
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
        // What the specification itself defines, the library describes or not.
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
