//! Counts and the lists that they count: they agree for every treaty, status, topic and day.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::harness::Api;

const STATUSES: [&str; 10] = [
    "UNKNOWN",
    "NO_ACTION",
    "INVITED_TO_ACCEDE",
    "SIGNATORY",
    "CONTRACTING_STATE",
    "PROVISIONALLY_APPLYING",
    "PARTY",
    "SUSPENDED",
    "DENUNCIATION_PENDING",
    "FORMER_PARTY",
];
const DAYS: [&str; 5] = [
    "2001-11-22",
    "2010-03-15",
    "2024-10-01",
    "2026-02-05",
    "2030-01-01",
];

/// The counts of statuses, by status.
fn by_status(counts: &Value) -> BTreeMap<String, i64> {
    let counts = counts.as_array().unwrap().iter();
    let count = |one: &Value| {
        let status = one["status"].as_str().unwrap().to_owned();
        (status, one["count"].as_i64().unwrap())
    };
    counts.map(count).collect()
}

async fn treaties(api: &Api) -> Vec<String> {
    let treaties = api.query("{ treaties { nodes { reference } } }").await;
    let treaties = treaties["treaties"]["nodes"].as_array().unwrap().iter();
    treaties
        .map(|one| one["reference"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn statuses_are_counted_and_listed_for_the_same_countries() {
    let api = Api::seeded().await;
    let lists: String = STATUSES
        .map(|status| {
            format!(
                "{status}: countries(filter: {{ treatyStatus: {{ treaty: $treaty, status: [{status}] }} }}) {{ totalCount }}
                 several_{status}: countries(filter: {{ treatyStatuses: [{{ treaty: $treaty, status: [{status}] }}] }}) {{ totalCount }}
                 "
            )
        })
        .concat();
    let acting: String = STATUSES
        .map(|status| {
            format!("{status}: participations(filter: {{ status: [{status}] }}) {{ totalCount }} ")
        })
        .concat();
    let query = format!(
        "query($treaty: TreatyReference!, $day: Date!) {{
            treaty(reference: $treaty) {{ timeline(from: $day, to: $day) {{ counts {{ status count }} }} }}
            at(asOf: $day) {{ {lists} treaty(reference: $treaty) {{ {acting}
                statusCounts {{ status count }} statuses {{ status }}
                timeline(from: $day, to: $day) {{ counts {{ status count }} }} }} }} }}"
    );
    for treaty in treaties(&api).await {
        for day in DAYS {
            let variables = json!({ "treaty": treaty, "day": day });
            let answer = api.anyone().ask(&query, variables).await.data();
            let (of, at) = (&answer["at"]["treaty"], format!("{treaty} {day}"));
            let counts = by_status(&of["statusCounts"]);
            for timeline in [&answer["treaty"]["timeline"], &of["timeline"]] {
                assert_eq!(by_status(&timeline[0]["counts"]), counts, "{at}");
            }
            let mut acted: BTreeMap<&str, i64> = BTreeMap::new();
            for one in of["statuses"].as_array().unwrap() {
                *acted.entry(one["status"].as_str().unwrap()).or_default() += 1;
            }
            for status in STATUSES {
                let counted = counts.get(status).copied().unwrap_or(0);
                for alias in [status.to_owned(), format!("several_{status}")] {
                    assert_eq!(answer["at"][&alias]["totalCount"], counted, "{at} {status}");
                }
                let acted = acted.get(status).copied().unwrap_or(0);
                assert_eq!(of[status]["totalCount"], acted, "{at} {status}");
                // Countries that did not act have one of these two.
                let is_open = ["UNKNOWN", "NO_ACTION"].contains(&status);
                assert!(
                    acted == counted || is_open && acted < counted,
                    "{at} {status}"
                );
            }
            // Every country is counted once: all, without the territories for which only another State acted.
            let sum: i64 = counts.values().sum();
            assert!((248..=251).contains(&sum), "{at}: {sum}");
        }
    }
}

#[tokio::test]
async fn a_territory_and_an_organisation_are_listed_by_status_if_their_kinds_are_asked_for() {
    let api = Api::seeded().await;
    let codes = async |filter: &str| {
        let query =
            format!("{{ countries(first: 250, filter: {{ {filter} }}) {{ nodes {{ code }} }} }}");
        let answer = api.query(&query).await;
        let nodes = answer["countries"]["nodes"].as_array().unwrap().clone();
        nodes
            .iter()
            .map(|one| one["code"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let party = "treatyStatus: { treaty: \"ETS 185\", status: [PARTY] }";
    let usual = codes(party).await;
    let states = codes(&format!("kinds: [STATE], {party}")).await;
    let territories = codes(&format!("kinds: [TERRITORY], {party}")).await;
    assert_eq!((usual.len(), territories), (81, vec!["CW".to_owned()]));
    assert!(states.iter().all(|code| usual.contains(code)));
    let signed = "treatyStatus: { treaty: \"UNTC XVIII-16\", status: [SIGNATORY] }";
    assert!(codes(signed).await.contains(&"EU".to_owned()));
    assert_eq!(
        codes(&format!("kinds: [ORGANISATION], {signed}")).await,
        ["EU"]
    );
    let none = "treatyStatus: { treaty: \"ETS 185\", status: [NO_ACTION, UNKNOWN] }";
    assert!(!codes(none).await.contains(&"EU".to_owned()));
}

#[tokio::test]
async fn findings_are_counted_and_listed_for_the_same_countries() {
    let api = Api::seeded().await;
    for region in [None, Some("Western Asia"), Some("Europe")] {
        let regions = region.map(|name| format!("regions: [\"{name}\"]"));
        let regions = regions.unwrap_or_default();
        let among = if regions.is_empty() {
            String::new()
        } else {
            format!("({regions})")
        };
        let counts = api
            .query(&format!(
                "{{ coverageCounts{among} {{ topic value count }} }}"
            ))
            .await;
        let counts = counts["coverageCounts"].as_array().unwrap();
        assert!(counts.len() > 10);
        for some in counts.chunks(25) {
            let lists: Vec<String> = some.iter().enumerate().map(|(at, one)| {
                let (topic, value) = (one["topic"].as_str().unwrap(), one["value"].as_str().unwrap());
                format!("c{at}: countries(filter: {{ {regions} coverage: {{ topic: {topic}, values: [{value}] }} }}) {{ totalCount }} ")
            }).collect();
            let answer = api.query(&format!("{{ {} }}", lists.concat())).await;
            for (at, one) in some.iter().enumerate() {
                assert_eq!(
                    answer[format!("c{at}")]["totalCount"],
                    one["count"],
                    "{one}"
                );
            }
        }
    }
}

#[tokio::test]
async fn implementations_are_counted_and_listed_alike() {
    let api = Api::seeded().await;
    for treaty in treaties(&api).await {
        let query = "query($treaty: TreatyReference!) { treaty(reference: $treaty) { implementationCounts { article degree count } } }";
        let answer = api
            .anyone()
            .ask(query, json!({ "treaty": treaty }))
            .await
            .data();
        let mut counted: BTreeMap<(String, String), i64> = BTreeMap::new();
        for one in answer["treaty"]["implementationCounts"].as_array().unwrap() {
            let of = ["article", "degree"].map(|key| one[key].as_str().unwrap().to_owned());
            counted.insert(of.into(), one["count"].as_i64().unwrap());
        }
        let mut listed: BTreeMap<(String, String), i64> = BTreeMap::new();
        let mut after = Value::Null;
        loop {
            let query = "query($treaty: TreatyReference!, $after: String) { articleImplementations(first: 250, after: $after, filter: { treaty: $treaty }) {
                nodes { article degree } pageInfo { hasNextPage endCursor } } }";
            let variables = json!({ "treaty": treaty, "after": after });
            let page =
                api.anyone().ask(query, variables).await.data()["articleImplementations"].clone();
            for one in page["nodes"].as_array().unwrap() {
                let of = ["article", "degree"].map(|key| one[key].as_str().unwrap().to_owned());
                *listed.entry(of.into()).or_default() += 1;
            }
            if page["pageInfo"]["hasNextPage"] == false {
                break;
            }
            after = page["pageInfo"]["endCursor"].clone();
        }
        assert_eq!(counted, listed, "{treaty}");
    }
}

#[tokio::test]
async fn the_records_of_a_country_are_counted_and_listed_alike() {
    let api = Api::seeded().await;
    for code in ["AZ", "FR", "NL", "CW", "IE"] {
        let counts = "query($code: CountryCode!) { country(code: $code) { recordCounts { kind count }
            treatyEvents { totalCount } articleImplementations { totalCount } courtDecisions { totalCount } sections { topic } } }";
        let country = api
            .anyone()
            .ask(counts, json!({ "code": code }))
            .await
            .data()["country"]
            .clone();
        let of = |kind: &str| {
            let mut counts = country["recordCounts"].as_array().unwrap().iter();
            counts.find(|one| one["kind"] == kind).unwrap()["count"].clone()
        };
        for one in country["recordCounts"].as_array().unwrap() {
            let query = "query($code: CountryCode!, $kind: RecordKind!) { records(countries: [$code], kinds: [$kind]) { totalCount } }";
            let variables = json!({ "code": code, "kind": one["kind"] });
            let listed = api.anyone().ask(query, variables).await.data();
            assert_eq!(
                listed["records"]["totalCount"], one["count"],
                "{code} {one}"
            );
        }
        assert_eq!(country["treatyEvents"]["totalCount"], of("TREATY_EVENT"));
        assert_eq!(
            country["courtDecisions"]["totalCount"],
            of("COURT_DECISION")
        );
        assert_eq!(
            country["sections"].as_array().unwrap().len(),
            of("PROFILE_SECTION")
        );
    }
}
