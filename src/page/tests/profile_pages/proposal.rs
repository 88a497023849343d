//! Changes that a page proposes, compared with known records.

use page::{Known, Origin, Proposal, propose};
use serde_json::{Value, json};

use crate::harness::{
    accepted, changes, check, countries, event, known, of, origin, page, proposal, read_as, record,
};
use crate::layouts::{ALL, BACK};

#[test]
fn the_same_page_twice_proposes_nothing() {
    for text in ALL {
        let first = proposal(text, &known(vec![]));
        assert!(!first.changes.is_empty());
        let known = accepted(&first, &known(vec![]));
        let second = proposal(text, &known);
        assert_eq!(changes(&second), [], "{text}");
        assert_eq!(second.unmapped, first.unmapped);
    }
}

#[test]
fn every_value_cites_the_page_as_reported_with_its_heading() {
    for text in ALL {
        let proposal = proposal(text, &known(vec![]));
        let all = changes(&proposal);
        let source = format!("Source:{}", all[0].1["key"].as_str().unwrap());
        for (name, body) in &all[1..] {
            assert_eq!(body["cite"][0]["source"], source, "{name}");
            assert_eq!(body["cite"][0]["certainty"], "REPORTED");
            assert!(body["cite"][0]["locator"].is_string() && body["cite"][0]["fields"].is_null());
        }
    }
}

#[test]
fn a_known_day_is_no_change_whatever_the_kind_of_consent() {
    for kind in [
        "RATIFICATION",
        "ACCEPTANCE",
        "APPROVAL",
        "ACCESSION",
        "SUCCESSION",
    ] {
        let known = known(vec![
            event("a", "SIGNATURE", "2001-11-23"),
            event("b", kind, "2005-07-01"),
        ]);
        let kinds: Vec<_> = of(&proposal(BACK, &known), "createTreatyEvent")
            .into_iter()
            .map(|event| event["kind"].clone())
            .collect();
        assert!(
            kinds
                .iter()
                .all(|kind| kind == "RESERVATION" || kind == "REPORTED_STATUS"),
            "{kinds:?}"
        );
    }
}

#[test]
fn without_a_signature_the_consent_is_an_accession() {
    let text =
        "Status regarding Budapest Convention\nStatus : Party Ratified / acceded : 01/07/2005\n";
    let kind = |known: &Known| of(&proposal(text, known), "createTreatyEvent")[0]["kind"].clone();
    assert_eq!(kind(&known(vec![])), "ACCESSION");
    assert_eq!(
        kind(&known(vec![event("a", "SIGNATURE", "2001-11-23")])),
        "RATIFICATION"
    );
}

#[test]
fn another_day_is_proposed_as_an_update_and_named_in_the_rationale() {
    let known = known(vec![
        event("a", "SIGNATURE", "2001-11-23"),
        event("b", "RATIFICATION", "2005-07-02"),
    ]);
    let proposal = proposal(BACK, &known);
    let updates: Vec<_> = changes(&proposal)
        .into_iter()
        .filter(|(name, _)| name == "updateTreatyEvent")
        .collect();
    let [(_, update)] = updates.as_slice() else {
        panic!("{updates:?}")
    };
    assert_eq!(
        (&update["id"], &update["baseVersion"]),
        (&json!("TreatyEvent:b"), &json!(3))
    );
    assert_eq!(update["set"], json!({ "date": "2005-07-01" }));
    assert!(proposal.rationale.contains("2005-07-01") && proposal.rationale.contains("2005-07-02"));
}

#[test]
fn a_day_of_entry_into_force_under_the_wrong_label_is_no_change() {
    let known = known(vec![
        event("a", "RATIFICATION", "2005-03-15"),
        event("b", "ENTRY_INTO_FORCE", "2005-07-01"),
    ]);
    let proposal = proposal(BACK, &known);
    assert!(of(&proposal, "updateTreatyEvent").is_empty());
    assert!(proposal.rationale.contains("entry into force"));
}

#[test]
fn known_articles_are_no_change() {
    let mut reservation = event("a", "RESERVATION", "2005-07-01");
    reservation
        .content
        .insert("articles".to_owned(), json!(["9", "29(4)"]));
    let events = of(
        &proposal(BACK, &known(vec![reservation])),
        "createTreatyEvent",
    );
    assert!(events.iter().all(|event| event["kind"] != "RESERVATION"));
}

fn section(state: &str, body: Option<&str>) -> Known {
    let mut content = json!({ "topic": "POLICIES", "state": state, "country": "ZZ" });
    if let Some(body) = body {
        content["body"] = json!(body);
        content["language"] = json!("en");
    }
    known(vec![record("ProfileSection:zz-policies", 7, content)])
}

#[test]
fn a_section_with_the_same_words_is_no_change_and_with_others_an_update() {
    let text = "Cybercrime policies/strategies\nThe plan of the ministry\nis public.\n";
    let updates = |known: &Known| {
        let proposal = proposal(text, known);
        let all = changes(&proposal)
            .into_iter()
            .filter(|(name, _)| name != "createSource");
        all.map(|(name, body)| (name, body["baseVersion"].clone(), body["set"].clone()))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        updates(&section(
            "FILLED",
            Some("The plan  of the\n\nministry is public.")
        )),
        []
    );
    let body = json!("The plan of the ministry\nis public.");
    let update = |set: Value| vec![("updateProfileSection".to_owned(), json!(7), set)];
    assert_eq!(
        updates(&section("FILLED", Some("Another text."))),
        update(json!({ "body": body }))
    );
    let whole = json!({ "body": body, "state": "FILLED", "language": "en" });
    assert_eq!(updates(&section("NOT_RESEARCHED", None)), update(whole));
}

#[test]
fn an_empty_section_does_not_empty_a_known_one() {
    let text = "Cybercrime policies/strategies\n\nCase law\n";
    let proposal = proposal(text, &section("FILLED", Some("A text.")));
    assert_eq!(of(&proposal, "updateProfileSection"), [] as [Value; 0]);
    assert!(proposal.rationale.contains("ProfileSection:zz-policies"));
    assert_eq!(of(&proposal, "createProfileSection").len(), 1);
}

#[test]
fn institutions_and_documents_with_a_known_name_are_no_change() {
    let names =
        |text: &str| json!({ "names": [{ "text": text, "language": "en" }], "country": "ZZ" });
    let known = known(vec![
        record("CybersecurityBody:a", 1, names("Ministry of Order")),
        record("CybersecurityBody:b", 1, names("TESTLAND POLICE")),
        record("OperationalUnit:c", 1, names("Network crime unit")),
        record(
            "PolicyDocument:d",
            1,
            json!({ "titles": [{ "text": "National network security strategy, 2016–2020", "language": "en" }] }),
        ),
    ]);
    let proposal = proposal(BACK, &known);
    assert_eq!(of(&proposal, "createCybersecurityBody"), [] as [Value; 0]);
    assert_eq!(of(&proposal, "createPolicyDocument"), [] as [Value; 0]);
    let units = of(&proposal, "createOperationalUnit");
    assert_eq!(units.len(), 1);
    assert_eq!(units[0]["parent"], "CybersecurityBody:a");
}

#[test]
fn a_known_absence_is_no_change_and_another_value_for_the_same_day_an_update() {
    let finding = |value: &str, day: &str| {
        let content =
            json!({ "topic": "CYBERCRIME_STRATEGY", "value": value, "asOf": day, "country": "ZZ" });
        known(vec![record("CoverageAssertion:a", 2, content)])
    };
    let names = |known: &Known| {
        let proposal = proposal(BACK, known);
        let all = changes(&proposal)
            .into_iter()
            .filter(|(name, _)| name.contains("Coverage"));
        all.map(|(name, _)| name).collect::<Vec<_>>()
    };
    assert_eq!(names(&finding("ABSENT", "2019-03-05")), [] as [&str; 0]);
    assert_eq!(names(&finding("ABSENT", "2019")), [] as [&str; 0]);
    assert_eq!(
        names(&finding("PRESENT", "2019-03-05")),
        ["updateCoverageAssertion"]
    );
    assert_eq!(
        names(&finding("PRESENT", "2021")),
        ["createCoverageAssertion"]
    );
}

fn from(url: Option<&str>, known: &Known) -> Proposal {
    let origin = Origin {
        url: url.map(|url| url.parse().unwrap()),
        retrieved_on: Some("2026-11-01".parse().unwrap()),
        ..origin("ZZ")
    };
    let proposal = propose(&page(BACK), &origin, &countries(), known);
    check(&proposal);
    proposal
}

#[test]
fn the_page_becomes_a_source_with_its_address_and_days() {
    let url = "https://www.coe.int/en/web/octopus/-/testland";
    let source = &of(&from(Some(url), &known(vec![])), "createSource")[0];
    assert_eq!(
        *source,
        json!({
            "kind": "OFFICIAL_WEBSITE", "title": "Octopus Community country profile, Testland", "url": url,
            "publisher": "Council of Europe", "publishedOn": "2019-03-05", "retrievedOn": "2026-11-01", "language": "en",
        })
    );
    let source = &of(
        &from(Some("https://coe.int.example.org/a"), &known(vec![])),
        "createSource",
    )[0];
    assert_eq!(
        (&source["kind"], &source["publisher"]),
        (&json!("WEB_PAGE"), &Value::Null)
    );
}

#[test]
fn a_known_source_is_cited_and_another_edition_is_not() {
    let source = |title: &str, url: Option<&str>, day: Option<&str>| {
        let content = json!({ "title": title, "url": url, "publishedOn": day });
        known(vec![record("Source:known", 1, content)])
    };
    let cited = |url: Option<&str>, known: &Known| {
        let proposal = from(url, known);
        assert_eq!(
            of(&proposal, "createSource").is_empty(),
            changes(&proposal)[0].1["cite"][0]["source"] == "Source:known"
        );
        of(&proposal, "createSource").is_empty()
    };
    let url = "https://coe.int/en/web/octopus/-/testland";
    let other = "http://www.coe.int/en/web/octopus/-/testland/#top";
    assert!(cited(Some(url), &source("A", Some(other), None)));
    assert!(cited(Some(url), &source("A", Some(other), Some("2019"))));
    assert!(!cited(
        Some(url),
        &source("A", Some(other), Some("2021-01-01"))
    ));
    assert!(!cited(
        Some(url),
        &source("A", Some("https://coe.int/other"), None)
    ));
    assert!(cited(
        None,
        &source("octopus community country profile: Testland", None, None)
    ));
    assert!(!cited(
        None,
        &source("Octopus Community country profile, Otherland", None, None)
    ));
}

#[test]
fn a_page_without_any_day_tells_of_no_day_after_its_reading() {
    let text = "Status regarding Budapest Convention\nStatus : Party\nCybercrime policies/strategies\nThere is no cybercrime strategy.\n";
    let proposal = from_text(text);
    assert_eq!(
        of(&proposal, "createTreatyEvent")[0]["date"],
        "2001-11-23/2026-11-01"
    );
    assert_eq!(
        of(&proposal, "createCoverageAssertion")[0]["asOf"],
        "2001-11-23/2026-11-01"
    );
}

fn from_text(text: &str) -> Proposal {
    let origin = Origin {
        retrieved_on: Some("2026-11-01".parse().unwrap()),
        ..origin("ZZ")
    };
    let page = read_as("ZZ", text).unwrap();
    propose(&page, &origin, &countries(), &known(vec![]))
}

#[test]
fn the_printed_absence_of_reservations_is_a_finding() {
    let text = "Last updated : 01/02/2016\nStatus regarding Budapest Convention\nStatus : Party Reservations : None Declarations : Articles 24, 27\n";
    let proposal = proposal(text, &known(vec![]));
    let finding = &of(&proposal, "createCoverageAssertion")[0];
    assert_eq!(
        (&finding["topic"], &finding["value"]),
        (&json!("TREATY_RESERVATIONS"), &json!("ABSENT"))
    );
    let declared = of(&proposal, "createTreatyEvent")
        .into_iter()
        .filter(|event| event["kind"] == "DECLARATION");
    assert_eq!(declared.count(), 2);
}

#[test]
fn the_report_names_each_change_and_each_text_that_was_not_placed() {
    let report = page::report(&proposal("An unknown line\nCase law\n", &known(vec![])));
    assert_eq!(
        report,
        "Testland: profile page: 2 changes\n  createSource: WEB_PAGE Octopus Community country profile, Testland\n  \
         createProfileSection: CASE_LAW EMPTY_ON_SOURCE\nnot placed: 1\n  line 1: An unknown line\n"
    );
}
