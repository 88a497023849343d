//! Arguments that would find nothing by mistake are errors that say what would be right, and incomplete counts say so.

use serde_json::{Value, json};

use crate::harness::{Api, cite};

#[tokio::test]
async fn an_unknown_region_is_an_error_that_lists_the_regions() {
    let api = Api::seeded().await;
    let regions = api.query("{ regions }").await["regions"].clone();
    let regions: Vec<&str> = regions
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one.as_str().unwrap())
        .collect();
    for (query, argument) in [
        (
            "countries(filter: { regions: $regions }) { totalCount }",
            "filter.regions",
        ),
        ("coverageCounts(regions: $regions) { count }", "regions"),
        (
            "treaty(reference: \"ETS 185\") { participations(filter: { regions: $regions }) { totalCount } }",
            "filter.regions",
        ),
        (
            "treaty(reference: \"ETS 185\") { implementationCounts(regions: $regions) { count } }",
            "regions",
        ),
    ] {
        for root in [
            query.to_owned(),
            format!("at(asOf: \"2010-01-01\") {{ {query} }}"),
        ] {
            let query = format!("query($regions: [String!]) {{ {root} }}");
            let refused = api
                .anyone()
                .ask(&query, json!({ "regions": ["Europe", "Middle East"] }))
                .await;
            assert_eq!(refused.code(), "BAD_USER_INPUT");
            assert_eq!(
                refused.message(),
                format!(
                    "`{argument}.1`: there is no region \u{201c}Middle East\u{201d}: expected one of {}",
                    regions.join(", ")
                )
            );
            for known in [json!(["Europe", "Western Asia"]), json!([]), Value::Null] {
                let answer = api.anyone().ask(&query, json!({ "regions": known })).await;
                assert_eq!(answer.body.get("errors"), None, "{:#}", answer.body);
            }
        }
    }
    for odd in [
        "europe",
        "",
        " Europe",
        "Europe\u{202e}",
        &"x".repeat(10_000),
    ] {
        let query = "query($regions: [String!]) { countries(filter: { regions: $regions }) { totalCount } }";
        let refused = api.anyone().ask(query, json!({ "regions": [odd] })).await;
        assert_eq!(refused.code(), "BAD_USER_INPUT", "{odd:.20}");
        assert!(refused.message().len() < 1_500);
    }
}

#[tokio::test]
async fn a_region_of_an_earlier_moment_is_known_there() {
    let api = Api::seeded().await;
    let eva = api.editor("eva").await;
    let region = |version: i64, region: &str| json!([{ "updateCountry": { "id": "Country:fi", "baseVersion": version, "set": { "subregion": region } } }]);
    eva.publish(region(1, "The North")).await;
    let then = api.query("{ head { cursor } }").await["head"]["cursor"].clone();
    eva.publish(region(2, "Northern Europe")).await;
    let count = "countries(filter: { regions: [\"The North\"] }) { totalCount }";
    let past = api
        .query(&format!("{{ at(cursor: {then}) {{ {count} }} }}"))
        .await;
    assert_eq!(past["at"]["countries"]["totalCount"], 1);
    assert_eq!(
        api.fails(&format!("{{ {count} }}")).await.code(),
        "BAD_USER_INPUT"
    );
}

#[tokio::test]
async fn a_code_by_which_people_mean_another_one_is_an_error_that_names_it() {
    let api = Api::seeded().await;
    for (code, right) in [
        ("UK", "GB"),
        ("uk", "GB"),
        ("EL", "GR"),
        ("AZE", "AZ"),
        ("031", "AZ"),
        ("XKX", "XK"),
    ] {
        let form = if code.len() == 2 {
            "an assigned code"
        } else {
            "two letters"
        };
        let message = format!(
            "\u{201c}{code}\u{201d} does not fit: expected {form} of ISO 3166-1 alpha-2; the code of this country is \u{201c}{right}\u{201d}"
        );
        for (query, argument) in [
            (format!("country(code: \"{code}\") {{ name }}"), "code"),
            (
                format!("countries(filter: {{ codes: [\"{code}\"] }}) {{ totalCount }}"),
                "filter.codes.0",
            ),
            (
                format!("records(countries: [\"{code}\"]) {{ totalCount }}"),
                "countries.0",
            ),
            (
                format!("changes(filter: {{ countries: [\"AZ\", \"{code}\"] }}) {{ totalCount }}"),
                "filter.countries.1",
            ),
            (
                format!("treatyEvents(filter: {{ countries: [\"{code}\"] }}) {{ totalCount }}"),
                "filter.countries.0",
            ),
            (
                format!("policyDocuments(filter: {{ countries: [\"{code}\"] }}) {{ totalCount }}"),
                "filter.countries.0",
            ),
            (
                format!(
                    "cybersecurityBodies(filter: {{ countries: [\"{code}\"] }}) {{ totalCount }}"
                ),
                "filter.countries.0",
            ),
            (
                format!("operationalUnits(filter: {{ countries: [\"{code}\"] }}) {{ totalCount }}"),
                "filter.countries.0",
            ),
            (
                format!("courtDecisions(filter: {{ countries: [\"{code}\"] }}) {{ totalCount }}"),
                "filter.countries.0",
            ),
            (
                format!(
                    "articleImplementations(filter: {{ countries: [\"{code}\"] }}) {{ totalCount }}"
                ),
                "filter.countries.0",
            ),
            (
                format!("contributions(filter: {{ countries: [\"{code}\"] }}) {{ totalCount }}"),
                "filter.countries.0",
            ),
        ] {
            let refused = api.fails(&format!("{{ {query} }}")).await;
            assert_eq!(refused.code(), "BAD_USER_INPUT", "{query}");
            assert_eq!(
                refused.message(),
                format!("`{argument}`: {message}"),
                "{query}"
            );
        }
    }
    // A code that simply is not there finds nothing, and one outside ISO 3166 that is in use is found.
    let answer = api
        .query("{ none: country(code: \"ZZ\") { name } some: country(code: \"XK\") { code } }")
        .await;
    assert_eq!(answer, json!({ "none": null, "some": { "code": "XK" } }));
    let carla = api.contributor().await;
    let document = json!([{ "createPolicyDocument": { "key": "gb-x", "cite": cite(), "fields": { "kind": "LAW", "status": "IN_FORCE", "country": "UK",
        "titles": [{ "text": "An Act", "language": "en" }] } } }]);
    let payload = carla.propose(document).await;
    let said = payload["userErrors"][0]["message"].as_str().unwrap();
    assert!(said.contains("is \u{201c}GB\u{201d}"), "{payload:#}");
}

#[tokio::test]
async fn a_treaty_with_incomplete_events_says_so_where_its_counts_are_asked() {
    let api = Api::seeded().await;
    let query = "{ treaties { nodes { reference eventsCompleteAsOf countsNote fr: countsNote(language: [\"fr\"])
        statusCounts { status count } timeline(from: \"2020-01-01\", to: \"2020-12-31\") { counts { status count } } } } }";
    let treaties = api.query(query).await["treaties"]["nodes"].clone();
    let mut incomplete = 0;
    for treaty in treaties.as_array().unwrap() {
        let statuses: Vec<&Value> = treaty["statusCounts"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| &one["status"])
            .collect();
        // No answer is empty, complete or not.
        assert!(!statuses.is_empty());
        assert_ne!(treaty["timeline"][0]["counts"], json!([]));
        if treaty["eventsCompleteAsOf"].is_null() {
            incomplete += 1;
            let reference = treaty["reference"].as_str().unwrap();
            let note = treaty["countsNote"].as_str().unwrap();
            assert!(
                note.contains(reference) && note.contains("minimums"),
                "{note}"
            );
            assert!(treaty["fr"].as_str().unwrap().contains("minimums"));
            // A country without a known act is not said to have taken none.
            assert!(
                statuses.contains(&&json!("UNKNOWN")) && !statuses.contains(&&json!("NO_ACTION"))
            );
        } else {
            assert_eq!(
                (&treaty["countsNote"], &treaty["fr"]),
                (&Value::Null, &Value::Null)
            );
            assert!(statuses.contains(&&json!("NO_ACTION")));
        }
    }
    assert!(incomplete >= 3, "{incomplete}");
}
