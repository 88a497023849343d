//! Countries: fields, filters, and the status of territories.

use insta::assert_json_snapshot;
use serde_json::json;

use crate::harness::{Api, cite};

#[tokio::test]
async fn a_country_has_codes_names_and_memberships() {
    let api = Api::seeded().await;
    let answer = api
        .query(
            "{ country(code: \"az\") { id recordId version kind code alpha3 numericCode name
                french: name(language: [\"xx\", \"fr\"]) names { text language isOriginal }
                region subregion memberships { organisation since { edtf } until { edtf } }
                administeredBy { code } retired { reason } freshness { verifiedOn isStale } } }",
        )
        .await;
    assert_json_snapshot!(answer["country"], @r#"
    {
      "administeredBy": null,
      "alpha3": "AZE",
      "code": "AZ",
      "french": "Azerbaïdjan",
      "freshness": {
        "isStale": true,
        "verifiedOn": null
      },
      "id": "Country:az",
      "kind": "STATE",
      "memberships": [
        {
          "organisation": "COUNCIL_OF_EUROPE",
          "since": null,
          "until": null
        }
      ],
      "name": "Azerbaijan",
      "names": [
        {
          "isOriginal": false,
          "language": "en",
          "text": "Azerbaijan"
        },
        {
          "isOriginal": false,
          "language": "fr",
          "text": "Azerbaïdjan"
        }
      ],
      "numericCode": "031",
      "recordId": "Country:az",
      "region": "Asia",
      "retired": null,
      "subregion": "Western Asia",
      "version": 2
    }
    "#);
    let curacao = api
        .query("{ country(code: \"CW\") { administeredBy { code } } }")
        .await;
    assert_eq!(curacao["country"]["administeredBy"]["code"], "NL");
}

#[tokio::test]
async fn countries_are_filtered_and_sorted() {
    let api = Api::seeded().await;
    let count = async |filter: &str| {
        let query = format!("{{ countries(filter: {filter}) {{ totalCount }} }}");
        api.query(&query).await["countries"]["totalCount"]
            .as_i64()
            .unwrap()
    };
    assert_eq!(count("{}").await, 250, "organisations are left out");
    assert_eq!(count("{ kinds: [ORGANISATION] }").await, 1);
    assert_eq!(count("{ memberships: [COUNCIL_OF_EUROPE] }").await, 46);
    assert_eq!(
        count("{ memberships: [EUROPEAN_UNION], regions: [\"Northern Europe\"] }").await,
        7
    );
    assert_eq!(count("{ codes: [\"az\", \"AM\", \"ZZ\"] }").await, 2);
    assert_eq!(count("{ codes: [] }").await, 0);
    assert_eq!(
        count("{ updatedSince: \"2001-01-01T00:00:00Z\" }").await,
        250
    );
    assert_eq!(count("{ updatedSince: \"2999-01-01T00:00:00Z\" }").await, 0);
    let by = async |order: &str| {
        let query = format!("{{ countries(orderBy: {order}, first: 3) {{ nodes {{ code }} }} }}");
        api.query(&query).await["countries"]["nodes"].clone()
    };
    assert_eq!(
        by("CODE").await,
        json!([{ "code": "AD" }, { "code": "AE" }, { "code": "AF" }])
    );
    assert_eq!(
        by("NAME").await,
        json!([{ "code": "AF" }, { "code": "AX" }, { "code": "AL" }])
    );
    api.editor("eva")
        .await
        .publish(
            json!([{ "updateCountry": { "id": "Country:zw", "baseVersion": 1,
            "set": { "disclaimer": "Under review." } } }]),
        )
        .await;
    assert_eq!(by("LAST_CHANGED").await[0]["code"], "ZW");
}

#[tokio::test]
async fn a_country_that_does_not_exist_is_null() {
    let api = Api::seeded().await;
    assert_eq!(
        api.query("{ country(code: \"ZZ\") { code } }").await,
        json!({ "country": null })
    );
}

/// Reads the position of a territory under the Budapest Convention.
async fn territory(api: &Api, code: &str) -> serde_json::Value {
    let query = format!(
        "{{ country(code: \"{code}\") {{ treatyStatus {{ status inForceFrom {{ date {{ edtf }} origin }}
            basis {{ recordId }} extendedFrom {{ code }} }} treatyParticipations {{ status }} }} }}"
    );
    api.query(&query).await["country"].clone()
}

#[tokio::test]
async fn a_territory_has_the_status_that_acts_naming_it_give_it() {
    let api = Api::seeded().await;
    assert_eq!(
        territory(&api, "CW").await,
        json!({
            "treatyStatus": {
                "status": "PARTY", "extendedFrom": { "code": "NL" },
                "inForceFrom": { "date": { "edtf": "2024-10-01" }, "origin": "DEPOSITARY" },
                "basis": [{ "recordId": "TreatyEvent:nl-ets-185-territorial-application" }]
            },
            "treatyParticipations": [{ "status": "PARTY" }]
        })
    );
    // No source states if the acts of Denmark cover Greenland, or those of the Netherlands Aruba.
    for code in ["GL", "AW"] {
        assert_eq!(
            territory(&api, code).await["treatyStatus"],
            json!({ "status": "UNKNOWN", "extendedFrom": null, "inForceFrom": null, "basis": [] })
        );
    }
    let parties = api
        .query("{ treaty(reference: \"ETS 185\") { statusCounts { status count } } }")
        .await;
    let counts = parties["treaty"]["statusCounts"].as_array().unwrap();
    let parties = counts.iter().find(|one| one["status"] == "PARTY");
    assert_eq!(parties.unwrap()["count"], 81, "territories are not counted");
}

#[tokio::test]
async fn acts_of_a_state_for_a_territory_apply_to_the_territory() {
    let api = Api::seeded().await;
    let act = |key: &str, kind: &str| {
        json!({ "createTreatyEvent": { "key": key, "cite": cite(), "fields": { "kind": kind, "date": "2025-01-15",
            "country": "NL", "treaty": "ETS 185", "territories": ["CW"], "articles": ["27"] } } })
    };
    let acts = [
        act("nl-for-cw-reservation", "RESERVATION"),
        act("nl-for-cw-declaration", "DECLARATION"),
        act("nl-for-cw-designation", "DESIGNATION_OF_AUTHORITY"),
    ];
    api.editor("eva").await.publish(json!(acts)).await;
    let query = "{ country(code: \"CW\") { treatyStatus { reservations { recordId } declarations { recordId }
        designations { recordId } } } }";
    let one = |kind: &str| json!([{ "recordId": format!("TreatyEvent:nl-for-cw-{kind}") }]);
    assert_eq!(
        api.query(query).await["country"]["treatyStatus"],
        json!({ "reservations": one("reservation"), "declarations": one("declaration"),
            "designations": one("designation") })
    );
}

#[tokio::test]
async fn a_succession_to_a_signature_makes_a_signatory() {
    let api = Api::seeded().await;
    let succeeds = json!([{ "createTreatyEvent": { "fields": { "kind": "SUCCESSION", "date": "2020-05-01",
        "effectiveDate": "2019-01-01", "country": "TV", "treaty": "ETS 185",
        "relatesTo": "TreatyEvent:gb-ets-185-signature" }, "cite": cite() } }]);
    api.editor("eva").await.publish(succeeds).await;
    let found = api
        .query("{ country(code: \"TV\") { treatyStatus { status since { edtf } } } }")
        .await;
    assert_eq!(
        found["country"]["treatyStatus"],
        json!({ "status": "SIGNATORY", "since": { "edtf": "2019-01-01" } })
    );
}
