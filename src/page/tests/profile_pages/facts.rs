//! Facts that a page states, and sentences that only look like them.

use domain::profile_section::SectionState;

use crate::harness::{known, of, page, proposal, read_as};

fn absences(heading: &str, sentence: &str) -> usize {
    let read = page(format!("{heading}\n{sentence}\n"));
    assert_eq!(read.sections[0].body.is_empty(), sentence.is_empty());
    read.absences.len()
}

#[test]
fn sentences_that_tell_of_others_or_of_a_part_are_no_absences() {
    for sentence in [
        "There is no other cybercrime strategy.",
        "It is not true that there is no CSIRT.",
        "There is no national CSIRT in neighbouring Niger.",
        "The report of 2009 said that there is no cybercrime unit.",
        "There is no cybercrime strategy in Ethiopia.",
        "Ethiopia does not have a data protection law.",
        "The Ethiopian Government does not have a data protection law.",
        "Unlike Kenya, which has no cybercrime unit, Somalia has one.",
        "Il n’y a pas de stratégie nationale de cybersécurité au Mali.",
        "The statement \"there is no cybercrime strategy\" is false.",
        "The minister denied that there is no cybercrime strategy.",
        "Testland no longer has no strategy on cybercrime.",
        "There is no cybercrime strategy for the period before 2019.",
        "In the year 2012, there is no data protection law.",
        "There is no cybercrime strategy other than the Strategy 2020-2025.",
        "There is no data protection law violation.",
        "There is no cybercrime unit leader.",
        "There is no cybercrime case law database.",
        "There is no specialised cybercrime unit in the prosecution service.",
        "No cybercrime unit in the region existed.",
        "No cybercrime unit in the southern part exists.",
    ] {
        for heading in ["Cybercrime policies/strategies", "Specialised institutions"] {
            assert_eq!(absences(heading, sentence), 0, "{sentence}");
        }
    }
}

#[test]
fn plain_absences_of_the_own_country_are_found() {
    for sentence in [
        "There is no cybercrime strategy in Testland.",
        "There is no cybercrime strategy in the country.",
        "There is no cybercrime strategy.",
        "No national CSIRT has been established for cybersecurity.",
        "There is no case law on cybercrime in the country.",
        "Testland does not have a data protection law.",
    ] {
        let found = absences("Specialised institutions", sentence);
        assert_eq!(found, 1, "{sentence}");
    }
    let text = "Cybercrime policies/strategies\nThere is no cybercrime strategy in Ethiopia.\n";
    assert_eq!(read_as("ET", text).unwrap().absences.len(), 1);
}

#[test]
fn documents_and_bodies_of_other_countries_are_not_proposed() {
    let read = page(
        "Specialised institutions\nThe Kenyan National Cybersecurity Strategy 2022-2027 served as a model.\n\n\
         The State Agency for Special Communications and the Electronic Security Centre of Kenya are primary bodies for \
         cybersecurity matters.\n",
    );
    assert_eq!(read.documents, []);
    let names: Vec<_> = read
        .institutions
        .iter()
        .filter_map(|one| one.name.as_deref())
        .collect();
    assert_eq!(names, ["State Agency for Special Communications"]);
    let text =
        "Cybercrime policies/strategies\nThe National Cybersecurity Strategy 2022-2027 applies.\n";
    assert_eq!(proposal(text, &known(vec![])).changes.len(), 4 - 1);
}

fn events(text: &str) -> (Vec<(String, String)>, Vec<String>) {
    let proposal = proposal(text, &known(vec![]));
    let events = of(&proposal, "createTreatyEvent").into_iter();
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let events = events.map(|event| (text(&event["kind"]), text(&event["date"])));
    let unmapped = proposal.unmapped.into_iter().map(|unmapped| unmapped.text);
    (events.collect(), unmapped.collect())
}

#[test]
fn days_that_cannot_be_are_reported_and_not_proposed() {
    for (line, why) in [
        ("Signed : 30/06/2050", "after 2026-11-29"),
        ("Signed : 30/06/1998", "before 2001-11-23"),
        ("Ratified : 30/06/2050", "after 2026-11-29"),
        ("Acceded : 22/11/2001", "before 2001-11-23"),
    ] {
        let (events, unmapped) = events(&format!("Status regarding Budapest Convention\n{line}\n"));
        assert_eq!(events, [], "{line}");
        assert!(
            unmapped.len() == 1 && unmapped[0].contains(why),
            "{unmapped:?}"
        );
    }
    let (found, unmapped) = events(
        "Status regarding Budapest Convention\nSigned : 30/06/2008 Ratified / acceded : 15/03/2005\n",
    );
    assert_eq!(found, [("SIGNATURE".to_owned(), "2008-06-30".to_owned())]);
    assert!(unmapped[0].contains("before the signature"), "{unmapped:?}");
}

#[test]
fn a_signature_on_an_impossible_day_is_still_a_signature() {
    for signed in ["31/02/2008", "30/06/2050"] {
        let (found, _) = events(&format!(
            "Status regarding Budapest Convention\nSigned : {signed} Ratified / acceded : 15/03/2010\n"
        ));
        assert_eq!(
            found,
            [("RATIFICATION".to_owned(), "2010-03-15".to_owned())]
        );
    }
}

#[test]
fn a_statement_without_possible_days_is_reported() {
    let (found, unmapped) = events(
        "Last updated : 05/03/2005\nStatus regarding Budapest Convention\n\
         Acceded : 15/03/2010 Declarations : Article 24\n",
    );
    assert_eq!(found, [("ACCESSION".to_owned(), "2010-03-15".to_owned())]);
    assert!(unmapped[0].contains("updated before"), "{unmapped:?}");
}

#[test]
fn many_faults_give_a_bounded_list() {
    let days = "31/02/2010 ".repeat(90_000);
    let (_, unmapped) = events(&format!("Case law\nIn {days}\n"));
    let faults = unmapped
        .iter()
        .filter(|text| text.contains("day of the calendar"));
    assert_eq!(faults.count(), 1);
    let lines = "On 31/02/2010.\n".repeat(2_000);
    let (_, unmapped) = events(&format!("Case law\n{lines}"));
    assert_eq!(unmapped.len(), 501);
    assert!(unmapped[500].contains("more texts"), "{}", unmapped[500]);
}

#[test]
fn titles_keep_their_period_and_drafts_are_drafts() {
    let brief = |text: &str| {
        let read = page(format!("Cybercrime policies/strategies\n{text}\n"));
        let document = read.documents.into_iter().next().unwrap();
        (
            document.title,
            document.period,
            format!("{:?}", document.status),
        )
    };
    let wanted = |period: &str, status: &str| {
        (
            "National Cybersecurity Strategy 2020-2025".to_owned(),
            Some(period.to_owned()),
            status.to_owned(),
        )
    };
    assert_eq!(
        brief("National Cybersecurity Strategy 2020 -2025 was adopted."),
        wanted("2020/2025", "Adopted")
    );
    assert_eq!(
        brief("A draft National Cybersecurity Strategy 2020-2025 is with the parliament."),
        wanted("2020/2025", "Draft")
    );
    assert_eq!(
        brief(
            "The ministry drafts laws.The National Cybersecurity Strategy 2020-2025 was adopted."
        ),
        wanted("2020/2025", "Adopted")
    );
}

#[test]
fn a_heading_after_the_full_stop_of_a_sentence_is_a_heading() {
    for stop in [".", ". "] {
        let read = page(format!(
            "Cybercrime policies/strategies\nA plan is public{stop}Specialised institutions\nOne office works.\n"
        ));
        assert_eq!(read.sections.len(), 2);
        assert_eq!(read.sections[0].body, "A plan is public.");
    }
}

#[test]
fn a_section_that_says_nothing_is_empty() {
    for text in ["N/A", "-", "None.", "Néant.", "n/a", "–"] {
        let read = page(format!("Case law\n{text}\nSafeguards\nThere are some.\n"));
        assert_eq!(
            read.sections[0].state,
            SectionState::EmptyOnSource,
            "{text}"
        );
        assert_eq!(read.sections[1].state, SectionState::Filled);
    }
}

#[test]
fn the_publisher_is_claimed_only_where_the_page_names_it() {
    let source = |end: &str| {
        let text = format!("Case law\nOne decision is known.\n{end}\n");
        of(&proposal(text, &known(vec![])), "createSource")[0].clone()
    };
    let plain = source("");
    assert_eq!(plain["kind"], "WEB_PAGE");
    assert!(plain["publisher"].is_null());
    let notice = source(
        "These profiles do not necessarily reflect official positions of the Council of Europe.",
    );
    assert_eq!(notice["kind"], "OFFICIAL_WEBSITE");
    assert_eq!(notice["publisher"], "Council of Europe");
}

#[test]
fn a_title_with_the_form_of_the_state_names_the_country() {
    for title in [
        "Republic of Kenya",
        "The Republic of Kenya",
        "United Republic of Kenya",
        "The Kingdom of Kenya",
        "State of Kenya",
        "The Kenya",
    ] {
        let text = format!("{title}\nCase law\nOne decision is known.\n");
        assert!(read_as("KE", &text).is_ok(), "{title}");
        let page = read_as("KE", &text).unwrap();
        assert_eq!(page.unmapped, [], "{title}");
        assert!(read_as("SO", &text).is_err(), "{title}");
    }
}
