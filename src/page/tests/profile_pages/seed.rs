//! The page of 2020 on Azerbaijan, line by line.

use domain::profile_section::ProfileTopic;
use page::{Place, propose};
use serde_json::{Value, json};

use crate::harness::{changes, check, countries, known, of, origin, read_as};

const SEED: &str = include_str!("pages/azerbaijan-2020.txt");

#[test]
fn each_line_of_the_page_has_its_place() {
    use Place::{Chrome, Heading, LastUpdated, Section};
    use ProfileTopic::{CaseLaw, Institutions, Links, Policies, Tools, TreatyStatus};
    let page = read_as("AZ", SEED).unwrap();
    let places: Vec<(usize, Place)> = page
        .placed
        .iter()
        .map(|placed| (placed.line, placed.place))
        .collect();
    let wanted = [
        (1, Heading(TreatyStatus)),
        (2, LastUpdated),
        (4, Heading(TreatyStatus)),
        (6, Section(TreatyStatus)),
        (6, Chrome),
        (8, Heading(Policies)),
        (10, Section(Policies)),
        (13, Section(Policies)),
        (16, Section(Policies)),
        (18, Section(Policies)),
        (20, Heading(Institutions)),
        (22, Section(Institutions)),
        (24, Section(Institutions)),
        (26, Section(Institutions)),
        (28, Heading(CaseLaw)),
        (30, Heading(Tools)),
        (32, Chrome),
        (34, Chrome),
        (36, Chrome),
        (38, Chrome),
        (40, Heading(Links)),
    ];
    assert_eq!(places, wanted);
    assert_eq!(page.unmapped, []);
}

#[test]
fn the_page_proposes_each_fact_that_it_states() {
    let page = read_as("AZ", SEED).unwrap();
    let proposal = propose(&page, &origin("AZ"), &countries(), &known(vec![]));
    check(&proposal);
    assert_eq!(proposal.unmapped, []);
    let brief = |name: &str, fields: &[&str]| -> Vec<Value> {
        let all = of(&proposal, name).into_iter();
        all.map(|one| fields.iter().map(|field| one[*field].clone()).collect())
            .collect()
    };
    // Line 2.
    assert_eq!(
        brief("createSource", &["publishedOn"]),
        [json!(["2020-04-16"])]
    );
    // Line 6.
    let events = brief("createTreatyEvent", &["kind", "date", "reportedLabel"]);
    assert_eq!(
        events,
        [
            json!(["SIGNATURE", "2008-06-30", null]),
            json!(["RATIFICATION", "2010-03-15", null]),
            json!(["REPORTED_STATUS", "2020-04-16", "Party"]),
        ]
    );
    // Line 10.
    let findings = brief("createCoverageAssertion", &["topic", "value", "asOf"]);
    assert_eq!(
        findings,
        [
            json!(["CYBERCRIME_STRATEGY", "ABSENT", "2020-04-16"]),
            json!(["CYBERCRIME_POLICY", "ABSENT", "2020-04-16"]),
        ]
    );
    // Line 13.
    let document = &of(&proposal, "createPolicyDocument")[0];
    assert_eq!(
        (&document["kind"], &document["period"]),
        (&json!("STRATEGY"), &json!("2014/2020"))
    );
    assert_eq!(
        document["titles"][0]["text"],
        "National Strategy of the Republic of Azerbaijan on the Development of the Information Society for the period \
         2014-2020"
    );
    // Line 18, and lines 24 and 26 for the last two.
    let bodies: Vec<Value> = of(&proposal, "createCybersecurityBody")
        .iter()
        .map(|body| body["names"][0]["text"].clone())
        .collect();
    assert_eq!(
        bodies,
        [
            "State Agency for Special Communications and Information Security",
            "Electronic Security Centre",
            "State Security Service",
            "Ministry of the Interior",
        ]
    );
    // Lines 24 and 26.
    let units = of(&proposal, "createOperationalUnit");
    assert_eq!(
        units[0]["names"][0]["text"],
        "Department of Combating Crimes in Communications and IT of the Counter-intelligence Provision of the Economy"
    );
    assert_eq!(
        (&units[0]["status"], &units[0]["parent"]),
        (
            &json!("OPERATIONAL"),
            &json!("CybersecurityBody:az-state-security-service")
        )
    );
    assert_eq!(
        (&units[1]["names"], &units[1]["status"]),
        (&Value::Null, &json!("BEING_SET_UP"))
    );
    assert_eq!(
        units[1]["parent"],
        "CybersecurityBody:az-ministry-of-the-interior"
    );
    // The headings.
    let sections = brief("createProfileSection", &["topic", "state"]);
    assert_eq!(
        sections,
        [
            json!(["TREATY_STATUS", "FILLED"]),
            json!(["POLICIES", "FILLED"]),
            json!(["INSTITUTIONS", "FILLED"]),
            json!(["CASE_LAW", "EMPTY_ON_SOURCE"]),
            json!(["TOOLS", "EMPTY_ON_SOURCE"]),
            json!(["LINKS", "EMPTY_ON_SOURCE"]),
        ]
    );
    assert_eq!(changes(&proposal).len(), 19);
}

#[test]
fn the_page_of_azerbaijan_is_refused_for_armenia() {
    let message = read_as("AM", SEED).unwrap_err().to_string();
    assert!(
        message.contains("Azerbaijan (AZ)") && message.contains("Armenia (AM)"),
        "{message}"
    );
}
