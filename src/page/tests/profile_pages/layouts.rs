//! The six known layouts. All sentences are invented.

use domain::profile_section::{ProfileTopic, SectionState};
use page::{Consent, Place};
use serde_json::json;

use crate::harness::{known, of, page, proposal, read_as, unmapped};

/// With `Back`, the heading in the menu of the page, and the day after the heading.
pub const BACK: &str = "Back Testland\n\n\n    Status regarding Budapest Convention\n\nStatus regarding Budapest Convention\nLast updated : 05/03/2019\n\nStatus : Party Signed : 23/11/2001 Ratified / acceded : 01/07/2005 Declarations and reservations : Reservations regarding Articles 9(2)(b) and 29(4) See legal profile\n\nCybercrime policies/strategies\n\nThe Government of Testland has not yet adopted a cybercrime strategy.\n\nThe National Network Security Strategy 2016-2020 sets four goals:\n\n  1. Training\n  2. International cooperation\n\nSpecialised institutions\n\nOperational cybercrime units:\n\n  • Network Crime Unit of the Testland Police (NCU)\n  • Section for Digital Traces within the Ministry of Order\n\nJurisprudence/case law\n\nSources and links\n\nAn official register is planned.\n";

/// Without `Back`; the day before the heading.
pub const PLAIN: &str = "Last updated : 05/03/2019\nStatus regarding Budapest Convention\nStatus : Invited to accede See legal profile\nCybercrime policies/strategies\nA working group of Testland meets twice a year.\nSpecialised institutions\nOne ministry is competent.\n";

/// Headings that are glued to the text before them.
pub const GLUED: &str = "Status regarding Budapest Convention\nDeclarations and reservations : Articles: 24, 27, 35 See legal profileCybercrime policies/strategies\nA plan is public in Testland.Specialised institutions\nOne office works.Jurisprudence/case lawTools on Cybercrime & Electronic Evidence Empowering You!\n";

/// Without a status line.
pub const NO_STATUS: &str = "Cybercrime policies/strategies\nThe ministry reviews its plans each year.\nCybercrime legislation\nState of cybercrime legislation\nThe code was reviewed.\nSubstantive law\n- Chapter 1 has offences;\n- Chapter 2 has definitions.\nProcedural law\nChapter 3 has powers.\nSafeguards\nRelated laws and regulations\nNetwork Act 2011 applies.\nInternational cooperation\nCompetent authorities and channels\nThe ministry receives requests.\nPractical guides, templates and best practices\n";

/// Labels without spaces between them.
pub const TIGHT: &str = "Testland\nLast updated : 01/02/2016\n\nStatus regarding Budapest Convention\n\nStatus : PartyRatified : 12/05/2004\n\nCybercrime policies/strategies\n\nSpecialised institutions\n";

/// French labels and headings.
pub const FRENCH: &str = "Retour Pays de Test\n\nStatut concernant la Convention de Budapest\n\nDernière mise à jour : 07/09/2021\n\nStatut : Partie Signé : 23/11/2001 Ratifié / adhéré : 10/01/2006 Déclarations et réserves : Réserves concernant l'article 9 Voir le profil juridique\n\nPolitiques / stratégies en matière de cybercriminalité\n\nIl n’existe pas de stratégie nationale en matière de cybercriminalité. Le ministère est chargé des questions de sécurité.\n\nLégislation sur la cybercriminalité\n\nÉtat de la législation sur la cybercriminalité\n\nLe code est en vigueur.\n\nDroit matériel\n\nLes infractions sont dans le premier livre.\n\nDroit procédural\n\nInstitutions spécialisées\n\nCoopération internationale\n\nJurisprudence\n\nLiens utiles\n";

pub const ALL: [&str; 6] = [BACK, PLAIN, GLUED, NO_STATUS, TIGHT, FRENCH];

fn topics(text: &str) -> Vec<(ProfileTopic, bool)> {
    let page = page(text);
    let sections = page.sections.iter();
    sections
        .map(|section| (section.topic, section.state == SectionState::Filled))
        .collect()
}

use ProfileTopic::{
    CaseLaw, Institutions, InternationalCooperation, Legislation, Links, Policies, Tools,
    TreatyStatus,
};

#[test]
fn a_page_with_back_and_a_day_after_the_heading_is_read() {
    let read = page(BACK);
    assert_eq!(unmapped(&read), []);
    assert_eq!(
        read.last_updated.map(|(day, line)| (day.to_string(), line)),
        Some(("2019-03-05".to_owned(), 7))
    );
    let wanted = [
        (TreatyStatus, true),
        (Policies, true),
        (Institutions, true),
        (CaseLaw, false),
        (Links, true),
    ];
    assert_eq!(topics(BACK), wanted);
    assert_eq!(read.sections[4].body, "An official register is planned.");
    assert!(
        read.sections[1]
            .body
            .ends_with("sets four goals:\n\n1. Training\n2. International cooperation")
    );
    let proposal = proposal(BACK, &known(vec![]));
    let events = of(&proposal, "createTreatyEvent");
    let brief: Vec<_> = events
        .iter()
        .map(|event| {
            (
                event["kind"].clone(),
                event["date"].clone(),
                event["articles"].clone(),
            )
        })
        .collect();
    assert_eq!(
        brief,
        [
            (json!("SIGNATURE"), json!("2001-11-23"), json!(null)),
            (json!("RATIFICATION"), json!("2005-07-01"), json!(null)),
            (json!("REPORTED_STATUS"), json!("2019-03-05"), json!(null)),
            (
                json!("RESERVATION"),
                json!("2001-11-23/2005-07-01"),
                json!(["9(2)(b)"])
            ),
            (
                json!("RESERVATION"),
                json!("2001-11-23/2005-07-01"),
                json!(["29(4)"])
            ),
        ]
    );
    assert_eq!(
        of(&proposal, "createCoverageAssertion")[0]["topic"],
        "CYBERCRIME_STRATEGY"
    );
    assert_eq!(
        of(&proposal, "createPolicyDocument")[0]["period"],
        "2016/2020"
    );
    let units = of(&proposal, "createOperationalUnit");
    assert_eq!(units[0]["names"][0]["text"], "Network Crime Unit");
    assert_eq!(
        (&units[0]["acronym"], &units[0]["parent"]),
        (
            &json!("NCU"),
            &json!("CybersecurityBody:zz-testland-police")
        )
    );
    assert_eq!(units[1]["parent"], "CybersecurityBody:zz-ministry-of-order");
}

#[test]
fn a_page_without_back_and_with_the_day_before_the_heading_is_read() {
    let read = page(PLAIN);
    assert_eq!(unmapped(&read), []);
    assert_eq!(read.last_updated.map(|(_, line)| line), Some(1));
    assert_eq!(
        read.status.label.map(|label| label.value),
        Some("Invited to accede".to_owned())
    );
    assert_eq!(
        topics(PLAIN),
        [(TreatyStatus, true), (Policies, true), (Institutions, true)]
    );
}

#[test]
fn headings_glued_to_the_text_before_them_are_headings() {
    let read = page(GLUED);
    assert_eq!(unmapped(&read), []);
    let wanted = [
        (TreatyStatus, true),
        (Policies, true),
        (Institutions, true),
        (CaseLaw, false),
        (Tools, false),
    ];
    assert_eq!(topics(GLUED), wanted);
    let articles: Vec<_> = read
        .status
        .statements
        .iter()
        .map(|statement| statement.article.as_str())
        .collect();
    assert_eq!(articles, ["24", "27", "35"]);
    let places: Vec<_> = read
        .placed
        .iter()
        .filter(|placed| placed.line == 2)
        .map(|placed| placed.place)
        .collect();
    assert_eq!(
        places,
        [
            Place::Section(TreatyStatus),
            Place::Chrome,
            Place::Heading(Policies)
        ]
    );
    // Neither a day of an update nor one of the import: the days up to today.
    let days = of(&proposal(GLUED, &known(vec![])), "createTreatyEvent");
    assert_eq!(days[0]["date"], "2001-11-23/2026-11-29");
}

#[test]
fn a_page_without_a_status_line_has_its_sections_with_their_parts() {
    let read = page(NO_STATUS);
    assert_eq!(unmapped(&read), []);
    assert_eq!(
        topics(NO_STATUS),
        [
            (Policies, true),
            (Legislation, true),
            (InternationalCooperation, true)
        ]
    );
    assert_eq!(
        read.sections[1].body,
        "### State of cybercrime legislation\n\nThe code was reviewed.\n\n### Substantive law\n\n- Chapter 1 has \
         offences;\n- Chapter 2 has definitions.\n\n### Procedural law\n\nChapter 3 has powers.\n\n### Related laws and \
         regulations\n\nNetwork Act 2011 applies."
    );
    let document = &of(&proposal(NO_STATUS, &known(vec![])), "createPolicyDocument")[0];
    assert_eq!(
        (&document["kind"], &document["adoptedOn"]),
        (&json!("LAW"), &json!("2011"))
    );
}

#[test]
fn labels_without_spaces_between_them_are_read() {
    let read = page(TIGHT);
    assert_eq!(unmapped(&read), []);
    assert_eq!(
        read.status.label.as_ref().map(|label| label.value.as_str()),
        Some("Party")
    );
    let (consent, day) = read.status.consent.clone().unwrap();
    assert_eq!(
        (consent, day.value.to_string()),
        (Consent::Ratified, "2004-05-12".to_owned())
    );
    assert_eq!(
        topics(TIGHT),
        [
            (TreatyStatus, true),
            (Policies, false),
            (Institutions, false)
        ]
    );
}

#[test]
fn french_labels_and_headings_are_read() {
    let read = page(FRENCH);
    assert_eq!(unmapped(&read), []);
    assert_eq!(read.language, "fr");
    assert_eq!(
        read.status.label.as_ref().map(|label| label.value.as_str()),
        Some("Partie")
    );
    let wanted = [
        (TreatyStatus, true),
        (Policies, true),
        (Legislation, true),
        (Institutions, false),
        (InternationalCooperation, false),
        (CaseLaw, false),
        (Links, false),
    ];
    assert_eq!(topics(FRENCH), wanted);
    assert!(read.sections.iter().all(|section| section.language == "fr"));
    let proposal = proposal(FRENCH, &known(vec![]));
    assert_eq!(
        of(&proposal, "createSource")[0]["publishedOn"],
        "2021-09-07"
    );
    let finding = &of(&proposal, "createCoverageAssertion")[0];
    assert_eq!(finding["topic"], "CYBERCRIME_STRATEGY");
    assert_eq!(
        finding["statement"],
        "Il n’existe pas de stratégie nationale en matière de cybercriminalité."
    );
    assert_eq!(read.status.statements[0].article, "9");
}

#[test]
fn an_english_text_under_french_headings_keeps_its_language() {
    let text = "Statut concernant la Convention de Budapest\nStatut : Partie\nInstitutions spécialisées\nThe office of the ministry is open and it has a telephone.\n";
    let read = page(text);
    let languages: Vec<_> = read
        .sections
        .iter()
        .map(|section| section.language)
        .collect();
    assert_eq!(languages, ["fr", "en"]);
}

#[test]
fn a_page_of_another_country_is_refused_with_both_names() {
    for text in [
        BACK,
        TIGHT,
        FRENCH,
        "Back\nTestland\nStatus regarding Budapest Convention\nStatus : Party\n",
        "Cybercrime policies/strategies\nTestland has plans. The courts of Testland are open.\n",
        "<title>Testland - Octopus Cybercrime Community</title><h2>Case law</h2>",
        "<header><h1>Testland</h1></header><h2>Case law</h2>",
    ] {
        let message = read_as("ZY", text).unwrap_err().to_string();
        let named = message.contains("Testland") || message.contains("Pays de Test");
        assert!(
            named && message.contains("ZZ") && message.contains("Otherland (ZY)"),
            "{message}"
        );
        read_as("ZZ", text).unwrap();
    }
}

#[test]
fn a_page_that_names_no_country_or_its_own_among_others_is_read() {
    for text in [
        PLAIN,
        "Case law\nThe office cooperates with Otherland, Otherland and Testland.\n",
        "Otherland\nTestland\nThird Islands\nCase law\nNone known.\n",
        "Case law\nNone is known to the office.\n",
        "Back to the list\nCase law\nNone known.\n",
    ] {
        read_as("ZZ", text).unwrap();
    }
    read_as("TR", "Back Turkey\nCase law\nNone.\n").unwrap();
    read_as("MD", "Back Republic of Moldova\nCase law\nNone.\n").unwrap();
    read_as("MD", "Back Moldova\nCase law\nNone.\n").unwrap();
}
