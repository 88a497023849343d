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
        },
        {
          "isOriginal": false,
          "language": "ar",
          "text": "أذربيجان"
        },
        {
          "isOriginal": false,
          "language": "az",
          "text": "Azərbaycan"
        },
        {
          "isOriginal": false,
          "language": "az-Cyrl",
          "text": "Азәрбајҹан"
        },
        {
          "isOriginal": false,
          "language": "de",
          "text": "Aserbaidschan"
        },
        {
          "isOriginal": false,
          "language": "es",
          "text": "Azerbaiyán"
        },
        {
          "isOriginal": false,
          "language": "it",
          "text": "Azerbaigian"
        },
        {
          "isOriginal": false,
          "language": "pt",
          "text": "Azerbaijão"
        },
        {
          "isOriginal": false,
          "language": "ru",
          "text": "Азербайджан"
        },
        {
          "isOriginal": false,
          "language": "tr",
          "text": "Azerbaycan"
        },
        {
          "isOriginal": false,
          "language": "zh",
          "text": "阿塞拜疆"
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
            "treatyParticipations": [{ "status": "PARTY" }, { "status": "PARTY" }]
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
    let mut found = api.query(query).await["country"]["treatyStatus"].clone();
    // The bundled data has designations of other authorities for the territory.
    found["designations"].as_array_mut().unwrap().truncate(1);
    assert_eq!(
        found,
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

/// Two countries without a profile: Ireland with findings and a strategy, Finland with a treaty event alone.
async fn with_findings() -> Api {
    let api = Api::seeded().await;
    let finding = |key: &str, topic: &str, value: &str, as_of: &str| {
        json!({ "createCoverageAssertion": { "key": key, "cite": cite(), "fields": {
            "country": "IE", "topic": topic, "value": value, "asOf": as_of } } })
    };
    let changes = json!([
        finding("ie-old", "AWARENESS", "ABSENT", "2015"),
        finding("ie-new", "AWARENESS", "PRESENT", "2021-03-01"),
        finding("ie-not", "DATA_RETENTION", "NOT_APPLICABLE", "2021"),
    ]);
    api.editor("eva").await.publish(changes).await;
    api
}

#[tokio::test]
async fn countries_are_filtered_by_their_latest_finding_by_several_treaties_and_by_profile() {
    let api = with_findings().await;
    let codes = async |day: &str, filter: &str| {
        let query = format!(
            "{{ at(asOf: \"{day}\") {{ countries(filter: {{ codes: [\"IE\", \"FI\", \"AZ\"], {filter} }}, orderBy: CODE) {{
                totalCount nodes {{ code }} }} }} }}"
        );
        let list = api.query(&query).await["at"]["countries"].clone();
        let nodes = list["nodes"].as_array().unwrap().iter();
        let codes: Vec<String> = nodes
            .map(|node| node["code"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(list["totalCount"], codes.len());
        codes.join(" ")
    };
    let aware = |values: &str| format!("coverage: {{ topic: AWARENESS, values: [{values}] }}");
    assert_eq!(codes("2022-01-01", &aware("PRESENT")).await, "IE");
    assert_eq!(codes("2021-02-28", &aware("PRESENT")).await, "");
    assert_eq!(codes("2021-02-28", &aware("ABSENT, UNKNOWN")).await, "IE");
    assert_eq!(codes("2022-01-01", &aware("")).await, "");
    assert_eq!(codes("2022-01-01", "hasProfile: true").await, "AZ IE");
    assert_eq!(codes("2022-01-01", "hasProfile: false").await, "FI");
    let party =
        |treaty: &str, status: &str| format!("{{ treaty: \"{treaty}\", status: [{status}] }}");
    let both = [party("ETS 185", "PARTY"), party("ETS 189", "PARTY")].join(", ");
    assert_eq!(
        codes("2022-01-01", &format!("treatyStatuses: [{both}]")).await,
        "FI"
    );
    assert_eq!(codes("2022-01-01", "treatyStatuses: []").await, "AZ FI IE");
    let one = party("ETS 185", "PARTY, SIGNATORY");
    assert_eq!(
        codes(
            "2022-01-01",
            &format!("treatyStatus: {one}, treatyStatuses: [{one}]")
        )
        .await,
        "AZ FI IE"
    );
    let many = vec![one; 11].join(", ");
    let bad = api
        .fails(&format!(
            "{{ countries(filter: {{ treatyStatuses: [{many}] }}) {{ totalCount }} }}"
        ))
        .await;
    assert_eq!(
        (bad.code(), bad.message()),
        (
            "BAD_USER_INPUT",
            "`filter.treatyStatuses`: expected at most 10 elements, found 11"
        )
    );
    let bad = api
        .fails("{ countries(filter: { treatyStatuses: [{ treaty: \"?\", status: [] }] }) { totalCount } }")
        .await;
    assert!(
        bad.message()
            .starts_with("`filter.treatyStatuses.0.treaty`: "),
        "{}",
        bad.message()
    );
}

#[tokio::test]
async fn findings_are_counted_by_topic_and_value_for_a_region() {
    let api = with_findings().await;
    let counts = async |day: &str, arguments: &str| {
        let query = format!(
            "{{ at(asOf: \"{day}\") {{ coverageCounts({arguments}) {{ topic value count }} }} }}"
        );
        api.query(&query).await["at"]["coverageCounts"].clone()
    };
    let topics = "topics: [DATA_RETENTION, AWARENESS]";
    let ireland = async |day: &str, region: &str| {
        let with = counts(day, &format!("{topics}, regions: [\"{region}\"]")).await;
        let mut counts = with.as_array().unwrap().iter();
        let found = counts.find(|one| one["topic"] == "AWARENESS" && one["value"] == "PRESENT");
        found.map_or(0, |one| one["count"].as_i64().unwrap())
    };
    let before = ireland("2021-02-28", "Europe").await;
    assert_eq!(ireland("2021-03-01", "Europe").await, before + 1);
    assert_eq!(
        ireland("2021-03-01", "Northern Europe").await,
        ireland("2021-02-28", "Northern Europe").await + 1
    );
    assert_eq!(counts("2022-01-01", "topics: []").await, json!([]));
    assert_eq!(counts("2022-01-01", "regions: []").await, json!([]));
    let retention = counts(
        "2022-01-01",
        "topics: [DATA_RETENTION], regions: [\"Northern Europe\"]",
    )
    .await;
    let last = retention.as_array().unwrap().last().unwrap();
    assert_eq!(last["value"], "NOT_APPLICABLE", "{retention}");
}

#[tokio::test]
async fn the_records_of_a_country_are_counted_by_kind_at_the_moment() {
    let api = with_findings().await;
    let counts = "recordCounts { kind count }";
    let query = format!("{{ country(code: \"IE\") {{ {counts} }} }}");
    let found = api.query(&query).await["country"]["recordCounts"].clone();
    let of = |found: &serde_json::Value, kind: &str| {
        let mut counts = found.as_array().unwrap().iter();
        let of_kind = counts.find(|one| one["kind"] == kind);
        of_kind.map(|one| one["count"].as_i64().unwrap())
    };
    assert_eq!(of(&found, "COVERAGE_ASSERTION"), Some(3));
    assert_eq!(of(&found, "COURT_DECISION"), Some(0));
    assert_eq!(of(&found, "COUNTRY"), None);
    assert_eq!(of(&found, "SOURCE"), None);
    assert!(of(&found, "TREATY_EVENT") > Some(0));
    let before = format!(
        "{{ at(cursor: \"{}\") {{ country(code: \"IE\") {{ {counts} }} }} }}",
        api.query("{ changes(first: 1) { edges { cursor } } }")
            .await["changes"]["edges"][0]["cursor"]
            .as_str()
            .unwrap()
    );
    let earlier = api.query(&before).await["at"]["country"]["recordCounts"].clone();
    assert_eq!(of(&earlier, "COVERAGE_ASSERTION"), Some(0), "{earlier}");
}

#[tokio::test]
async fn regions_are_those_by_which_countries_are_filtered() {
    let api = Api::seeded().await;
    let regions = api.query("{ regions }").await["regions"].clone();
    let regions = regions.as_array().unwrap();
    for region in ["Africa", "Europe", "Western Asia", "Northern Europe"] {
        assert!(regions.contains(&json!(region)), "{regions:?}");
        let query =
            format!("{{ countries(filter: {{ regions: [\"{region}\"] }}) {{ totalCount }} }}");
        assert_ne!(api.query(&query).await["countries"]["totalCount"], 0);
    }
    let mut sorted = regions.clone();
    sorted.sort_by(|one, other| one.as_str().cmp(&other.as_str()));
    sorted.dedup();
    assert_eq!(*regions, sorted);
}

#[tokio::test]
async fn an_observer_of_an_organisation_is_no_member() {
    let api = Api::seeded().await;
    let (eva, query) = (
        api.editor("eva").await,
        "{ countries(filter: { codes: [\"IE\"], memberships: [OAS] }) { totalCount }
            country(code: \"IE\") { memberships { organisation role } } }",
    );
    let set = |role: &str| {
        json!([{ "updateCountry": { "id": "Country:ie", "baseVersion": if role == "OBSERVER" { 1 } else { 2 },
            "set": { "memberships": [{ "organisation": "OAS", "role": role }] }, "cite": cite() } }])
    };
    eva.publish(set("OBSERVER")).await;
    assert_eq!(
        api.query(query).await,
        json!({ "countries": { "totalCount": 0 }, "country": { "memberships": [{ "organisation": "OAS", "role": "OBSERVER" }] } })
    );
    eva.publish(set("MEMBER")).await;
    assert_eq!(
        api.query(query).await,
        json!({ "countries": { "totalCount": 1 }, "country": { "memberships": [{ "organisation": "OAS", "role": "MEMBER" }] } })
    );
}
