//! Treaty events and their sources.

use cyberprofiles::bundle;
use insta::assert_json_snapshot;
use serde_json::json;

use crate::harness::Api;

#[tokio::test]
async fn every_bundled_treaty_event_is_listed_with_its_citations() {
    let api = Api::seeded().await;
    let lines = bundle::lines().map(Result::unwrap);
    let lines = lines.filter(|line| line.contains("createTreatyEvent"));
    let lines: Vec<String> = lines.collect();
    let mut after = serde_json::Value::Null;
    let (mut events, mut citations) = (0, 0);
    loop {
        let query = "query($after: String) { treatyEvents(first: 100, after: $after) { totalCount
            nodes { citations { certainty } } pageInfo { hasNextPage endCursor } } }";
        let answer = api
            .anyone()
            .ask(query, json!({ "after": after }))
            .await
            .data();
        let page = &answer["treatyEvents"];
        assert_eq!(page["totalCount"], lines.len());
        for event in page["nodes"].as_array().unwrap() {
            events += 1;
            citations += event["citations"].as_array().unwrap().len();
        }
        after = page["pageInfo"]["endCursor"].clone();
        if page["pageInfo"]["hasNextPage"] == false {
            break;
        }
    }
    assert_eq!(events, lines.len());
    let cited = lines.iter().map(|line| line.matches("\"source\"").count());
    assert_eq!(citations, cited.sum::<usize>());
}

#[tokio::test]
async fn a_treaty_event_shows_its_citations_and_dates() {
    let api = Api::seeded().await;
    let answer = api
        .query(
            "{ curacao: node(id: \"TreatyEvent:nl-ets-185-territorial-application\") { ...event }
                burkinaFaso: node(id: \"TreatyEvent:bf-ets-185-invitation-to-accede\") { ...event } }
            fragment event on TreatyEvent { kind date { edtf earliest latest precision }
                territories effectiveDate { edtf } country { name } treaty { shortTitle }
                label(language: [\"fr\"])
                citations(field: DATE) { source { id kind } fields locator certainty } }",
        )
        .await;
    assert_json_snapshot!(answer);
}

#[tokio::test]
async fn treaty_events_are_filtered_by_treaty_country_kind_and_day() {
    let api = Api::seeded().await;
    let count = async |filter: &str| {
        let query = format!("{{ treatyEvents(filter: {filter}) {{ totalCount nodes {{ id }} }} }}");
        api.query(&query).await["treatyEvents"]["totalCount"]
            .as_i64()
            .unwrap()
    };
    assert_eq!(
        count("{ treaty: \"cets224\", kinds: [RATIFICATION] }").await,
        3
    );
    assert_eq!(count("{ countries: [\"AZ\"] }").await, 21);
    assert_eq!(
        count("{ countries: [\"AZ\"], from: \"2008-01-01\", to: \"2009-12-31\" }").await,
        2
    );
    // "2020" may be any day of that year; a date that is open towards the past may be any earlier day.
    let invited = "{ countries: [\"GT\", \"BF\"], kinds: [INVITATION_TO_ACCEDE]";
    assert_eq!(count(&format!("{invited} }}")).await, 2);
    assert_eq!(count(&format!("{invited}, to: \"2020-03-01\" }}")).await, 2);
    assert_eq!(
        count(&format!("{invited}, from: \"2021-01-01\" }}")).await,
        1
    );
    assert_eq!(
        count(&format!("{invited}, from: \"2022-01-01\" }}")).await,
        0
    );
    let nested = api
        .query(
            "{ country(code: \"AZ\") { treatyEvents(filter: { kinds: [SIGNATURE] }) { totalCount
                nodes { date { edtf } } } } }",
        )
        .await;
    assert_eq!(nested["country"]["treatyEvents"]["totalCount"], 2);
    assert_eq!(
        nested["country"]["treatyEvents"]["nodes"][0]["date"]["edtf"],
        "2008-06-30"
    );
}
