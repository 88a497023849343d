//! The profile page of 2020, statement by statement, and later facts.

use serde_json::{Value, json};

use crate::harness::Api;

/// Reads the whole profile in one query.
const PROFILE: &str = include_str!("profile.graphql");

async fn profile(api: &Api) -> Value {
    api.query(PROFILE).await["country"].clone()
}

fn with<'a>(list: &'a Value, member: &str, value: &str) -> &'a Value {
    let mut found = list
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one[member] == value);
    let one = found
        .next()
        .unwrap_or_else(|| panic!("no {member} {value} in {list:#}"));
    assert!(found.next().is_none(), "{value} twice");
    one
}

fn says(text: &Value, words: &[&str]) {
    let text = text.as_str().unwrap().to_lowercase();
    for word in words {
        assert!(text.contains(word), "“{word}” is missing in: {text}");
    }
}

/// Compares each statement of the page, in its order, with the field of the API that contains it.
#[tokio::test]
async fn every_statement_of_the_2020_profile_page_is_in_the_data() {
    let api = Api::seeded().await;
    let profile = profile(&api).await;
    let documents = &profile["policyDocuments"]["nodes"];
    let bodies = &profile["cybersecurityBodies"]["nodes"];
    let units = &profile["operationalUnits"]["nodes"];
    let sources = &profile["sources"]["nodes"];
    let page = "Source:octopus-az-2020";

    // "Last updated : 16/04/2020"
    let source = with(sources, "recordId", page);
    assert_eq!(source["publishedOn"]["edtf"], "2020-04-16");
    // "Status : Party"
    let label = &profile["treatyStatus"]["reportedLabels"][0];
    assert_eq!(
        (&label["label"], &label["agrees"]),
        (&json!("Party"), &json!(true))
    );
    assert_eq!(label["event"]["date"]["edtf"], "2020-04-16");
    assert_eq!(label["event"]["citations"][0]["source"]["id"], page);
    // "Signed : 30/06/2008 Ratified / acceded : 15/03/2010"
    let events = &profile["treatyEvents"]["nodes"];
    assert_eq!(
        with(events, "kind", "SIGNATURE")["date"]["edtf"],
        "2008-06-30"
    );
    assert_eq!(
        with(events, "kind", "RATIFICATION")["date"]["edtf"],
        "2010-03-15"
    );
    // "See legal profile"
    with(sources, "recordId", "Source:octopus-az-legal-profile");
    // "There is no dedicated strategy or other specific policy documents on cybercrime currently available
    // or being developed"
    for topic in ["CYBERCRIME_STRATEGY", "CYBERCRIME_POLICY"] {
        let finding = with(&profile["coverage"], "topic", topic);
        assert_eq!(
            (&finding["value"], &finding["asOf"]["edtf"]),
            (&json!("ABSENT"), &json!("2020-04-16"))
        );
    }
    // "an information society strategy which encompasses most aspects of a cybersecurity strategy"
    let node = api
        .query("{ node(id: \"CoverageAssertion:az-cybersecurity-strategy-2020\") { ... on CoverageAssertion { value asOf { edtf } via { recordId } } } }")
        .await;
    let strategy_id = "PolicyDocument:az-information-society-strategy-2014-2020";
    assert_eq!(
        node["node"],
        json!({ "value": "PARTIAL", "asOf": { "edtf": "2020-04-16" }, "via": { "recordId": strategy_id } })
    );
    // "“National Strategy … on the Development of the Information Society for the period 2014 -2020”"
    let strategy = with(documents, "recordId", strategy_id);
    says(
        &strategy["title"],
        &[
            "national strategy",
            "development of the information society",
        ],
    );
    assert_eq!(strategy["period"]["edtf"], "2014/2020");
    // "The main objective of the strategy is …"
    says(
        &strategy["objectives"][0],
        &["information society", "citizens", "economic development"],
    );
    // "Section 2.2.9 of the Strategy"
    let section = &strategy["provisions"][0];
    assert_eq!(section["number"], "2.2.9");
    assert_eq!(
        section["quote"],
        "ensuring information security through training and awareness raising"
    );
    // "(it has to be noted that concepts of information and cyber security …)"
    let policies = with(&profile["sections"], "topic", "POLICIES");
    says(
        &policies["body"],
        &[
            "remark",
            "post-soviet",
            "information security and cyber security",
        ],
    );
    // "The corresponding section 5.6 of the Action Plan on “Ensuring information security” notes …"
    let plan = with(documents, "kind", "ACTION_PLAN");
    assert_eq!(
        plan["relations"],
        json!([{ "kind": "IMPLEMENTS", "provisions": ["2.2.9"], "document": { "recordId": strategy_id } }])
    );
    let section = &plan["provisions"][0];
    assert_eq!(
        (&section["number"], &section["heading"]),
        (&json!("5.6"), &json!("Ensuring information security"))
    );
    says(
        &section["summary"],
        &[
            "regulatory framework",
            "monitoring of the internet",
            "e-government",
            "information security agencies",
        ],
    );
    // "The State Agency … and the Electronic Security Centre are primary bodies for cybersecurity matters."
    for name in [
        "State Agency for Special Communications and Information Security",
        "Electronic Security Centre",
    ] {
        says(&with(bodies, "name", name)["mandate"], &["primary bodies"]);
    }
    // "Department of Combating Crimes in Communications and IT of the Counter-intelligence Provision of the
    // Economy at the State Security Service"
    let department = with(
        units,
        "name",
        "Department of Combating Crimes in Communications and IT",
    );
    assert_eq!(
        department["ancestors"],
        json!([
            { "name": "Counter-intelligence Provision of the Economy" },
            { "name": "State Security Service" }
        ])
    );
    // "Ministry of the Interior (unit being set up)."
    let unit = with(units, "status", "BEING_SET_UP");
    assert_eq!(unit["name"], Value::Null);
    assert_eq!(
        unit["ancestors"],
        json!([{ "name": "Ministry of the Interior" }])
    );
    assert_eq!(unit["label"], "Ministry of the Interior: unnamed unit");
    // "Jurisprudence/case law", with nothing under it; "Useful links", likewise
    for topic in ["CASE_LAW", "LINKS"] {
        let section = with(&profile["sections"], "topic", topic);
        assert_eq!(
            (&section["state"], &section["body"]),
            (&json!("EMPTY_ON_SOURCE"), &Value::Null)
        );
    }
    // "Tools on Cybercrime & Electronic Evidence"
    let tools = with(&profile["sections"], "topic", "TOOLS");
    says(&tools["body"], &["tools", "electronic evidence"]);
    // "These profiles do not necessarily reflect official positions of the States covered or of the
    // Council of Europe."
    says(
        &profile["disclaimer"],
        &[
            "not necessarily reflect",
            "official positions",
            "council of europe",
        ],
    );
    for section in profile["sections"].as_array().unwrap() {
        assert_eq!(section["citations"][0]["source"]["id"], page);
    }
}

#[tokio::test]
async fn the_profile_contains_later_facts_and_still_the_statements_of_2020() {
    let api = Api::seeded().await;
    let profile = profile(&api).await;
    let bodies = &profile["cybersecurityBodies"]["nodes"];
    let documents = &profile["policyDocuments"]["nodes"];
    let reservations = profile["treatyStatus"]["reservations"].as_array().unwrap();
    let mut articles: Vec<&str> = reservations
        .iter()
        .map(|one| one["articles"][0].as_str().unwrap())
        .collect();
    articles.sort_unstable_by_key(|article| article.parse::<i32>().unwrap());
    assert_eq!(articles, ["4", "6", "29", "42"]);
    for one in reservations {
        assert_eq!(one["effectiveDate"]["edtf"], "2010-07-01");
    }
    // The designated ministry is dissolved; it lists its successors.
    let designated = profile["treatyStatus"]["designations"].as_array().unwrap();
    let contact = designated
        .iter()
        .find(|one| one["designatedFunction"] == "POINT_OF_CONTACT_24_7");
    assert_eq!(
        contact.unwrap(),
        &json!({
            "articles": ["35(1)"], "namedAs": "Ministry of National Security",
            "designatedFunction": "POINT_OF_CONTACT_24_7",
            "designatedInstitution": {
                "name": "Ministry of National Security", "status": "DISSOLVED",
                "successors": [{ "name": "Foreign Intelligence Service" }, { "name": "State Security Service" }]
            }
        })
    );
    let agency = with(
        bodies,
        "recordId",
        "CybersecurityBody:az-state-agency-special-communications",
    );
    assert_eq!(agency["status"], "UNKNOWN");
    assert_eq!(
        agency["successors"][0]["name"],
        "Special Communication and Information Security State Service"
    );
    let centre = with(bodies, "name", "Electronic Security Centre");
    assert_eq!(
        centre["legalBasis"],
        json!([{ "number": "708" }, { "number": "833" }])
    );
    // The strategy of 2014 to 2020 has expired because its period ended; the coverage assertion refers to the next one.
    let old = with(documents, "kind", "ACTION_PLAN");
    assert_eq!(old["effectiveStatus"], "ADOPTED");
    let strategy = with(
        documents,
        "recordId",
        "PolicyDocument:az-information-society-strategy-2014-2020",
    );
    assert_eq!(
        (&strategy["status"], &strategy["effectiveStatus"]),
        (&json!("ADOPTED"), &json!("EXPIRED"))
    );
    let finding = with(&profile["coverage"], "topic", "CYBERSECURITY_STRATEGY");
    assert_eq!(
        (&finding["value"], &finding["via"]["recordId"]),
        (
            &json!("PRESENT"),
            &json!("PolicyDocument:az-cybersecurity-strategy-2023-2027")
        )
    );
    let hanoi = api
        .query("{ country(code: \"AZ\") { treatyStatus(treaty: \"UNTC XVIII-16\") { status reservations { id } }
            treatyEvents(filter: { treaty: \"UNTC XVIII-16\" }) { nodes { kind articles } } } }")
        .await;
    let hanoi = &hanoi["country"];
    assert_eq!(
        hanoi["treatyStatus"],
        json!({ "status": "SIGNATORY", "reservations": [] })
    );
    let announced = hanoi["treatyEvents"]["nodes"].as_array().unwrap();
    let announced = announced.iter().filter(|one| one["kind"] == "RESERVATION");
    assert_eq!(announced.count(), 4, "none of which is in force");
}

#[tokio::test]
async fn one_request_reads_a_record_as_of_2020_and_as_of_now() {
    let api = Api::seeded().await;
    let last = api
        .query("{ changes(first: 1, filter: { records: [\"CoverageAssertion:az-action-plan-2020\"] }) { edges { cursor } }
            later: changes(first: 1, filter: { records: [\"CybersecurityBody:az-ministry-of-justice\"] }) { edges { node { sequence } } } }")
        .await;
    let cursor = last["changes"]["edges"][0]["cursor"].as_str().unwrap();
    let past =
        format!("CybersecurityBody:az-state-agency-special-communications@{cursor},2020-04-16");
    let answer = api
        .anyone()
        .ask(
            "query($past: ID!) { then: node(id: $past) { ...body }
                now: node(id: \"CybersecurityBody:az-state-agency-special-communications\") { ...body } }
            fragment body on CybersecurityBody { status version successors { name } }",
            json!({ "past": past }),
        )
        .await
        .data();
    // The whole file was imported in one commit, so the cursor means the end of that commit.
    assert_eq!(answer["then"]["version"], 1);
    assert_eq!(answer["then"]["successors"], json!([]));
    assert_eq!(answer["now"]["version"], 2);
}
