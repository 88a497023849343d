//! Bodies and units: parents, ancestors, succession, filters and order.

use serde_json::{Value, json};

use crate::harness::{Api, cite};

/// The create of a body or unit.
fn create(noun: &str, key: &str, fields: Value) -> Value {
    let mut all = json!({ "status": "OPERATIONAL", "country": "IE" });
    all.as_object_mut()
        .unwrap()
        .extend(fields.as_object().unwrap().clone());
    json!({ format!("create{noun}"): { "key": key, "fields": all, "cite": cite() } })
}

fn body(key: &str, name: &str, more: Value) -> Value {
    let mut fields = json!({ "kind": "AGENCY", "names": [{ "text": name, "language": "en" }] });
    fields
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    create("CybersecurityBody", key, fields)
}

fn unit(key: &str, parent: &str, more: Value) -> Value {
    let mut fields = json!({ "kind": "CYBERCRIME_UNIT", "parent": parent });
    fields
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    create("OperationalUnit", key, fields)
}

async fn refusal(api: &Api, changes: Value) -> Value {
    let carla = api.contributor().await;
    let payload = carla.propose(changes).await;
    assert_eq!(payload["contribution"], Value::Null, "{payload:#}");
    payload["userErrors"].clone()
}

#[tokio::test]
async fn the_parent_of_a_unit_is_a_body_or_unit_of_the_same_country() {
    let api = Api::seeded().await;
    let document = "PolicyDocument:az-decree-708";
    let found = refusal(&api, json!([unit("fr-u", document, json!({}))])).await;
    assert_eq!(
        found,
        json!([{ "code": "INVALID", "path": ["changes", "0", "createOperationalUnit", "fields", "parent"],
            "message": "PolicyDocument:az-decree-708 is not a CybersecurityBody or OperationalUnit: expected an id like `CybersecurityBody:…` or `OperationalUnit:…`" }])
    );
    let missing = unit("fr-u", "CybersecurityBody:fr-none", json!({}));
    assert_eq!(
        refusal(&api, json!([missing])).await[0]["code"],
        "NOT_FOUND"
    );
    let abroad = unit(
        "fr-u",
        "CybersecurityBody:az-ministry-of-the-interior",
        json!({}),
    );
    assert_eq!(
        refusal(&api, json!([abroad])).await[0]["message"],
        "CybersecurityBody:az-ministry-of-the-interior belongs to AZ, not to IE"
    );
}

#[tokio::test]
async fn an_institution_cannot_be_its_own_ancestor_or_predecessor() {
    let api = Api::seeded().await;
    let eva = api.editor("eva").await;
    let chain = json!([
        body("fr-a", "A", json!({})),
        unit("fr-b", "CybersecurityBody:fr-a", json!({})),
        unit("fr-c", "OperationalUnit:fr-b", json!({})),
    ]);
    eva.publish(chain).await;
    let circle = json!([{ "updateCybersecurityBody": { "id": "CybersecurityBody:fr-a", "baseVersion": 1,
        "set": { "parent": "OperationalUnit:fr-c" }, "cite": cite() } }]);
    let found = refusal(&api, circle).await;
    assert_eq!(
        found[0]["message"],
        "leads back to CybersecurityBody:fr-a itself"
    );
    let at_once = json!([
        unit("fr-x", "OperationalUnit:fr-y", json!({})),
        unit("fr-y", "OperationalUnit:fr-x", json!({})),
    ]);
    assert_eq!(refusal(&api, at_once).await.as_array().unwrap().len(), 2);
    let before = json!([
        body(
            "fr-p",
            "P",
            json!({ "predecessors": ["CybersecurityBody:fr-q"] })
        ),
        body(
            "fr-q",
            "Q",
            json!({ "predecessors": ["CybersecurityBody:fr-p"] })
        ),
    ]);
    assert_eq!(
        refusal(&api, before).await[0]["path"],
        json!([
            "changes",
            "0",
            "createCybersecurityBody",
            "fields",
            "predecessors"
        ])
    );
    let found = api
        .query("{ node(id: \"OperationalUnit:fr-c\") { ... on Institution { parent { recordId __typename }
            ancestors { recordId } } } cybersecurityBodies(filter: { countries: [\"IE\"] }) { nodes { units { totalCount nodes { recordId } } } } }")
        .await;
    assert_eq!(
        found["node"],
        json!({ "parent": { "recordId": "OperationalUnit:fr-b", "__typename": "OperationalUnit" },
            "ancestors": [{ "recordId": "OperationalUnit:fr-b" }, { "recordId": "CybersecurityBody:fr-a" }] })
    );
    assert_eq!(
        found["cybersecurityBodies"]["nodes"][0]["units"],
        json!({ "totalCount": 1, "nodes": [{ "recordId": "OperationalUnit:fr-b" }] })
    );
}

#[tokio::test]
async fn institutions_are_filtered_and_sorted_by_folded_names() {
    let api = Api::seeded().await;
    let eva = api.editor("eva").await;
    eva.publish(json!([
        body(
            "fr-1",
            "Électronique",
            json!({ "functions": ["NATIONAL_CSIRT"] })
        ),
        body(
            "fr-2",
            "agence",
            json!({ "functions": ["NATIONAL_CSIRT", "TRAINING"] })
        ),
        body(
            "fr-3",
            "Zone",
            json!({ "status": "PLANNED", "period": "2999/.." })
        ),
        body("fr-4", "École", json!({ "period": "2998/.." })),
        body("fr-5", "Former", json!({ "period": "1990/2001" })),
    ]))
    .await;
    let names = async |filter: &str| {
        let query = format!(
            "{{ cybersecurityBodies(filter: {{ countries: [\"IE\"] {filter} }}) {{ totalCount nodes {{ name status }} }} }}"
        );
        api.query(&query).await["cybersecurityBodies"].clone()
    };
    // Accents and case are folded. An institution that begins after today is listed only if it is planned; one whose
    // period has ended is listed with its status.
    assert_eq!(
        names("").await,
        json!({ "totalCount": 4, "nodes": [
            { "name": "agence", "status": "OPERATIONAL" }, { "name": "Électronique", "status": "OPERATIONAL" },
            { "name": "Former", "status": "DISSOLVED" }, { "name": "Zone", "status": "PLANNED" }] })
    );
    assert_eq!(
        names(", functions: [TRAINING, PROSECUTION]").await["totalCount"],
        1
    );
    assert_eq!(
        names(", functions: [NATIONAL_CSIRT]").await["totalCount"],
        2
    );
    assert_eq!(names(", functions: []").await["totalCount"], 0);
    assert_eq!(names(", status: [PLANNED]").await["totalCount"], 1);
    // The filter no longer finds a function that was removed.
    eva.publish(
        json!([{ "updateCybersecurityBody": { "id": "CybersecurityBody:fr-2", "baseVersion": 1,
        "set": { "functions": ["TRAINING"] }, "cite": cite() } }]),
    )
    .await;
    assert_eq!(
        names(", functions: [NATIONAL_CSIRT]").await["totalCount"],
        1
    );
}

#[tokio::test]
async fn a_referenced_record_cannot_be_retired_and_a_retired_one_can_be_restored() {
    let api = Api::seeded().await;
    let eva = api.editor("eva").await;
    let retire = |id: &str, version: i32| json!({ "retire": { "id": id, "baseVersion": version, "reason": "Entered twice." } });
    let ministry = "CybersecurityBody:az-ministry-of-the-interior";
    let found = refusal(&api, json!([retire(ministry, 1)])).await;
    assert_eq!(
        (&found[0]["code"], &found[0]["message"]),
        (
            &json!("REFERENCED"),
            &json!(
                "CybersecurityBody:az-ministry-of-the-interior is referred to by OperationalUnit:az-moi-cybercrime-unit: change these first, or in the same contribution"
            )
        )
    );
    let source = refusal(&api, json!([retire("Source:cert-az-statute", 1)])).await;
    assert_eq!(source[0]["code"], "REFERENCED");
    for shared in ["Country:az", "Treaty:ets-185"] {
        let version = if shared == "Country:az" { 2 } else { 1 };
        let found = refusal(&api, json!([retire(shared, version)])).await;
        assert_eq!(found[0]["code"], "REFERENCED", "{found}");
        assert!(found[0]["message"].as_str().unwrap().contains(" more"));
    }
    let stale = refusal(
        &api,
        json!([retire("OperationalUnit:az-moi-cybercrime-unit", 2)]),
    )
    .await;
    assert_eq!(stale[0]["code"], "INVALID");
    // Both can be retired together; then they leave the lists, their counts and their filters.
    let unit = "OperationalUnit:az-moi-cybercrime-unit";
    eva.publish(json!([retire(unit, 1), retire(ministry, 1)]))
        .await;
    let query = format!(
        "{{ operationalUnits(filter: {{ countries: [\"AZ\"], functions: [CYBERCRIME_INVESTIGATION] }}) {{ totalCount }}
            country(code: \"AZ\") {{ operationalUnits {{ totalCount nodes {{ recordId }} }} }}
            node(id: \"{unit}\") {{ ... on OperationalUnit {{ version status retired {{ reason }} citations {{ source {{ id }} }} }} }} }}"
    );
    let gone = api.query(&query).await;
    assert_eq!(gone["operationalUnits"]["totalCount"], 1);
    assert_eq!(gone["country"]["operationalUnits"]["totalCount"], 2);
    assert_eq!(
        gone["node"],
        json!({ "version": 1, "status": "BEING_SET_UP", "retired": { "reason": "Entered twice." },
            "citations": [{ "source": { "id": "Source:octopus-az-2020" } }] })
    );
    let again = refusal(&api, json!([retire(unit, 1)])).await;
    assert_eq!(
        again[0]["message"],
        format!("{unit} is retired: restore it first")
    );
    let restore =
        |id: &str| json!({ "restore": { "id": id, "baseVersion": 1, "reason": "It was not." } });
    let alone = refusal(&api, json!([restore(unit)])).await;
    assert_eq!(
        alone[0]["code"], "NOT_FOUND",
        "its parent is retired: {alone}"
    );
    eva.publish(json!([restore(unit), restore(ministry)])).await;
    let back = api.query(&query).await;
    assert_eq!(back["operationalUnits"]["totalCount"], 2);
    assert_eq!(
        back["node"],
        json!({ "version": 2, "status": "BEING_SET_UP", "retired": null,
            "citations": [{ "source": { "id": "Source:octopus-az-2020" } }] })
    );
    let changes = api
        .query(&format!("{{ changes(filter: {{ records: [\"{unit}\"] }}) {{ nodes {{ operation fields {{ field }} before {{ version }} record {{ version }} }} }} }}"))
        .await;
    let operations: Vec<&Value> = changes["changes"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["operation"])
        .collect();
    assert_eq!(operations, ["CREATE", "RETIRE", "RESTORE"]);
    assert_eq!(changes["changes"]["nodes"][1]["fields"], json!([]));
}

#[tokio::test]
async fn a_unit_can_be_run_jointly_be_of_a_part_of_a_country_and_have_no_parent() {
    let api = Api::seeded().await;
    let unit = |key: &str, more: Value| {
        let mut fields = json!({ "kind": "WORKING_GROUP" });
        fields
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        let mut unit = create("OperationalUnit", key, fields);
        unit["createOperationalUnit"]["fields"]["country"] = "IE".into();
        unit
    };
    let named = json!({ "subdivision": "IE-D", "jointlyWith": ["OperationalUnit:ie-b"],
        "names": [{ "text": "Now", "language": "en" }, { "text": "Before", "language": "en", "period": "../2018" }] });
    let mutual = json!({ "jointlyWith": ["OperationalUnit:ie-a", "CybersecurityBody:az-ministry-of-justice"] });
    let changes = json!([unit("ie-a", named), unit("ie-b", mutual)]);
    api.editor("eva").await.publish(changes).await;
    let query = "{ nodes(ids: [\"OperationalUnit:ie-a\", \"OperationalUnit:ie-b\"]) { ... on Record { label } ... on Institution { name
        names { text period { edtf latest } } parent { recordId } ancestors { recordId } subdivision jointlyWith { recordId } } } }";
    assert_eq!(
        api.query(query).await["nodes"],
        json!([
            { "label": "Now", "name": "Now", "names": [{ "text": "Now", "period": null },
                { "text": "Before", "period": { "edtf": "../2018", "latest": "2018-12-31" } }],
              "parent": null, "ancestors": [], "subdivision": "IE-D", "jointlyWith": [{ "recordId": "OperationalUnit:ie-b" }] },
            { "label": "OperationalUnit:ie-b", "name": null, "names": [], "parent": null, "ancestors": [], "subdivision": null,
              "jointlyWith": [{ "recordId": "OperationalUnit:ie-a" }, { "recordId": "CybersecurityBody:az-ministry-of-justice" }] },
        ])
    );
    let wrong = json!([
        unit("ie-c", json!({ "subdivision": "GB-NIR" })),
        unit("ie-d", json!({ "subdivision": "Dublin" })),
        unit(
            "ie-e",
            json!({ "jointlyWith": ["OperationalUnit:ie-a", "OperationalUnit:ie-a"] })
        ),
    ]);
    let found = refusal(&api, wrong).await;
    let messages: Vec<&str> = found
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["message"].as_str().unwrap())
        .collect();
    assert_eq!(
        messages,
        [
            "GB-NIR is a part of GB, and the record belongs to IE",
            "Dublin does not fit: expected a code of ISO 3166-2, as in \u{201c}US-CA\u{201d}",
            "the list already contains this element: name it once",
        ]
    );
    let itself = refusal(
        &api,
        json!([unit(
            "ie-f",
            json!({ "jointlyWith": ["OperationalUnit:ie-f"] })
        )]),
    )
    .await;
    assert_eq!(
        itself[0]["message"],
        "leads back to OperationalUnit:ie-f itself"
    );
    let parent = json!({ "parent": "OperationalUnit:ie-a", "jointlyWith": ["OperationalUnit:ie-b", "OperationalUnit:ie-a"] });
    let parent = refusal(&api, json!([unit("ie-g", parent)])).await;
    assert_eq!(
        (&parent[0]["code"], &parent[0]["message"]),
        (
            &json!("DUPLICATE"),
            &json!("the list contains the parent: name the other institutions only")
        )
    );
}
