//! The service as a subgraph of Apollo Federation: its schema for composition, and records by representation.

use cyberprofiles::graphql::{sdl, subgraph_sdl};
use serde_json::{Value, json};

use crate::harness::{Answer, Api};
use crate::program::program;

/// Asks for records as gateways do.
const ENTITIES: &str =
    "query($representations: [_Any!]!) { _entities(representations: $representations) {
    __typename ... on Record { id recordId } ... on Country { name } ... on Treaty { title } } }";

async fn ask(api: &Api, representations: Value) -> Answer {
    let variables = json!({ "representations": representations });
    api.anyone().ask(ENTITIES, variables).await
}

/// The objects of the schema that implement `Record`, by introspection.
async fn records(api: &Api) -> Vec<String> {
    let asked = "{ __type(name: \"Record\") { possibleTypes { name } } }";
    let found = api.query_once(asked).await;
    let types = found["__type"]["possibleTypes"].as_array().unwrap();
    let names = types.iter().map(|one| one["name"].as_str().unwrap());
    names.map(str::to_owned).collect()
}

#[tokio::test]
async fn a_subgraph_returns_its_schema_with_a_key_for_every_record() {
    let api = Api::builder().subgraph().start().await;
    let service = api.query_once("{ _service { sdl } }").await;
    let told = service["_service"]["sdl"].as_str().unwrap();
    assert!(told == subgraph_sdl(), "{} bytes", told.len());
    let declaration = |name: &str| {
        let begin = format!("type {name} ");
        let mut lines = told.lines().filter(|line| line.starts_with(&begin));
        lines.next().unwrap_or_else(|| panic!("{name}"))
    };
    let records = records(&api).await;
    assert!(records.len() >= 11, "{records:?}");
    for name in records {
        let line = declaration(&name);
        assert!(
            line.contains("@key(fields: \"id\") @key(fields: \"recordId\")"),
            "{line}"
        );
    }
    assert!(declaration("Country").contains("@key(fields: \"code\")"));
    assert!(declaration("Treaty").contains("@key(fields: \"reference\")"));
    assert!(declaration("PageInfo").contains("@shareable"));
    assert!(told.contains("url: \"https://specs.apollo.dev/federation/v2."));
    // A gateway defines these itself.
    for name in [
        "_entities",
        "_service",
        "_Any",
        "_Entity",
        "directive @cost",
        "directive @key",
    ] {
        assert!(!told.contains(name), "{name}");
    }
}

#[test]
fn the_schema_command_prints_the_schema_for_composition() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = program(folder.path());
    let output = command.args(["schema", "--federation"]).output().unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    assert!(printed == subgraph_sdl(), "{} bytes", printed.len());
}

#[tokio::test]
async fn entities_have_the_order_of_their_representations() {
    let api = Api::builder().subgraph().start().await;
    let representations = json!([
        { "__typename": "Treaty", "reference": "ets-185" },
        { "__typename": "Country", "code": "AZ" },
        { "__typename": "Country", "id": "Country:hu" },
        { "__typename": "Treaty", "recordId": "Treaty:ets-189" },
        { "__typename": "Country", "code": "az", "unknown": { "list": [1, 2.5, null] } },
    ]);
    let found = ask(&api, representations).await.data();
    let country =
        |id, name| json!({ "__typename": "Country", "id": id, "recordId": id, "name": name });
    assert_eq!(found["_entities"][0]["id"], "Treaty:ets-185");
    assert_eq!(found["_entities"][1], country("Country:az", "Azerbaijan"));
    assert_eq!(found["_entities"][2], country("Country:hu", "Hungary"));
    assert_eq!(found["_entities"][3]["recordId"], "Treaty:ets-189");
    assert_eq!(found["_entities"][4], found["_entities"][1]);
}

#[tokio::test]
async fn entities_of_one_request_are_loaded_together() {
    let api = Api::builder().subgraph().start().await;
    let statements = async |codes: &[&str]| {
        let of = |code| json!({ "__typename": "Country", "code": code });
        let representations: Value = codes.iter().map(of).collect();
        api.statements();
        let found = ask(&api, representations).await.data();
        let found = found["_entities"].as_array().unwrap();
        assert!(found.iter().all(|one| one["name"].is_string()), "{found:?}");
        api.statements().len()
    };
    statements(&["AZ"]).await;
    let few = statements(&["FR", "DE"]).await;
    let many = statements(&["HU", "IT", "ES", "PT", "RO", "PL", "NL", "BE", "SE", "NO"]).await;
    assert_eq!((few, few > 0), (many, true));
}

#[tokio::test]
async fn an_entity_is_read_in_the_view_that_its_id_names() {
    let api = Api::builder().subgraph().start().await;
    let asked = "{ at(asOf: \"2015-06-01\") { country(code: \"AZ\") { id recordId } } }";
    let past = &api.query_once(asked).await["at"]["country"];
    assert_ne!(past["id"], past["recordId"]);
    let representations = json!([{ "__typename": "Country", "id": past["id"] }]);
    let found = ask(&api, representations).await.data();
    assert_eq!(found["_entities"][0]["id"], past["id"]);
    assert_eq!(found["_entities"][0]["recordId"], "Country:az");
}

#[tokio::test]
async fn a_representation_of_no_record_is_null() {
    let api = Api::builder().subgraph().start().await;
    let representations = json!([
        { "__typename": "Country", "code": "ZZ" },
        { "__typename": "Country", "code": "a country" },
        { "__typename": "Country", "id": "Country:zz" },
        { "__typename": "Country", "id": "nonsense" },
        { "__typename": "Country", "id": "Treaty:ets-185" },
        { "__typename": "Country", "id": "Country:az@nowhere" },
        { "__typename": "Country", "id": "Change:1" },
        { "__typename": "Contribution", "id": "Contribution:1" },
        { "__typename": "Change", "id": "Change:1" },
        { "__typename": "Query", "id": "Country:az" },
        { "__typename": "Nothing" },
    ]);
    let none = vec![Value::Null; representations.as_array().unwrap().len()];
    let found = ask(&api, representations).await.data();
    assert_eq!(found["_entities"], json!(none));
}

#[tokio::test]
async fn a_representation_without_type_or_key_is_null_with_an_error_at_its_place() {
    let api = Api::builder().subgraph().start().await;
    let representations = json!([
        { "__typename": "Country" },
        { "__typename": "Country", "code": "AZ" },
        { "__typename": "Treaty", "reference": 185 },
        { "id": "Country:az" },
        { "__typename": 1, "id": "Country:az" },
        "Country:az",
        7,
        [[]],
    ]);
    let answer = ask(&api, representations).await.body;
    let found = answer["data"]["_entities"].as_array().unwrap();
    assert_eq!(found[1]["name"], "Azerbaijan");
    let errors = answer["errors"].as_array().unwrap();
    let places = errors
        .iter()
        .map(|error| error["path"][1].as_u64().unwrap());
    assert_eq!(places.collect::<Vec<_>>(), [0, 2, 3, 4, 5, 6, 7]);
    for (error, at) in errors.iter().zip([0, 2, 3, 4, 5, 6, 7]) {
        assert_eq!(found[at], Value::Null);
        assert_eq!(error["extensions"]["code"], "BAD_USER_INPUT");
    }
    let message = |at: usize| errors[at]["message"].as_str().unwrap();
    assert_eq!(
        message(0),
        "`representations.0`: expected a text in a key of Country: `id`, `recordId`, `code`"
    );
    assert!(message(2).contains("expected an object with `__typename` and a key"));
}

#[tokio::test]
async fn representations_are_bounded_and_cost_as_much_as_ids() {
    let api = Api::builder().subgraph().start().await;
    let config = api.query_once("{ serviceConfig { maxPageSize } }").await;
    let most = config["serviceConfig"]["maxPageSize"].as_u64().unwrap();
    let many = |count: u64| -> Value {
        let one = json!({ "__typename": "Country", "code": "AZ" });
        (0..count).map(|_| one.clone()).collect()
    };
    assert!(ask(&api, many(most)).await.data()["_entities"].is_array());
    let refused = ask(&api, many(most + 1)).await;
    assert_eq!(refused.code(), "BAD_USER_INPUT");
    let expected = format!("`representations`: expected {most} representations at most");
    assert_eq!(refused.message(), expected);
    let cost = async |query: &str, variables: Value| {
        let body =
            json!({ "query": query, "variables": variables, "extensions": { "cost": true } });
        let request = api.request(reqwest::Method::POST, "/graphql").json(&body);
        let answer: Value = request.send().await.unwrap().json().await.unwrap();
        answer["extensions"]["cost"]["estimated"].clone()
    };
    let by_representation = "query($all: [_Any!]!) { _entities(representations: $all) { ... on Country { name code } } }";
    let by_id = "query($all: [ID!]!) { nodes(ids: $all) { ... on Country { name code } } }";
    let ids = json!(["Country:az", "Country:az", "Country:az"]);
    assert_eq!(
        cost(by_representation, json!({ "all": many(3) })).await,
        cost(by_id, json!({ "all": ids })).await
    );
}

#[tokio::test]
async fn the_schema_of_a_subgraph_is_described_and_validated() {
    let api = Api::builder().subgraph().start().await;
    let asked = "{
        root: __type(name: \"Query\") { fields { name description args { name description } } }
        entity: __type(name: \"_Entity\") { kind description possibleTypes { name } }
        any: __type(name: \"_Any\") { kind }
        service: __type(name: \"_Service\") { fields { name description } }
    }";
    let found = api.query_once(asked).await;
    let fields = found["root"]["fields"].as_array().unwrap();
    for name in ["_service", "_entities"] {
        let field = fields.iter().find(|field| field["name"] == name).unwrap();
        assert!(field["description"].is_string(), "{field}");
        for argument in field["args"].as_array().unwrap() {
            assert!(argument["description"].is_string(), "{argument}");
        }
    }
    assert_eq!(
        (&found["entity"]["kind"], &found["any"]["kind"]),
        (&json!("UNION"), &json!("SCALAR"))
    );
    let possible = found["entity"]["possibleTypes"].as_array().unwrap();
    assert_eq!(possible.len(), records(&api).await.len());
    let refused = api.fails("{ _entities { __typename } }").await;
    assert!(
        refused.message().contains("representations"),
        "{}",
        refused.message()
    );
    let refused = api
        .fails("{ _entities(representations: [{}]) { name } }")
        .await;
    assert_eq!(refused.message(), "_Entity has no field `name`");
    // Each abstract type of these is possible in the others.
    let asked = "{ node(id: \"Country:az\") { ... on _Entity { __typename ... on Country { code } } }
        _entities(representations: [{ __typename: \"Country\", id: \"Country:az\" }]) { ... on Node { id ... on Record { version } } } }";
    let found = api.query_once(asked).await;
    assert_eq!(
        found["node"],
        json!({ "__typename": "Country", "code": "AZ" })
    );
    assert_eq!(found["_entities"][0]["id"], "Country:az");
}

#[tokio::test]
async fn a_service_that_is_no_subgraph_has_nothing_of_one() {
    let (api, subgraph) = (Api::seeded().await, Api::builder().subgraph().start().await);
    for query in [
        "{ _service { sdl } }",
        "{ _entities(representations: []) { __typename } }",
    ] {
        let refused = api.fails(query).await;
        assert!(
            refused.message().contains("Query has no field"),
            "{}",
            refused.message()
        );
    }
    let schema = api
        .query_once("{ __schema { types { name fields { name } } } }")
        .await;
    let names = [
        "\"_Any\"",
        "\"_Entity\"",
        "\"_Service\"",
        "\"_entities\"",
        "\"_service\"",
    ];
    assert!(
        !names.iter().any(|name| schema.to_string().contains(name)),
        "{schema}"
    );
    assert!(
        !["_Any", "_Entity", "_Service", "_entities", "@key"]
            .iter()
            .any(|name| sdl().contains(name))
    );
    // Clients need the same schema from both.
    let printed = async |api: &Api| {
        let request = api.request(reqwest::Method::GET, "/schema.graphql");
        request.send().await.unwrap().text().await.unwrap()
    };
    assert_eq!(
        (printed(&api).await, printed(&subgraph).await),
        (sdl(), sdl())
    );
}
