//! Pages that cannot be read, or not in whole.

use page::{MAX_BYTES, Unreadable};

use crate::harness::{known, of, page, proposal, read_as, unmapped};

fn refused(bytes: impl AsRef<[u8]>) -> String {
    let error: Unreadable = read_as("ZZ", bytes).unwrap_err();
    error.to_string()
}

#[test]
fn a_page_that_is_too_large_is_refused_with_the_limit() {
    let message = refused(vec![b'a'; MAX_BYTES + 1]);
    assert!(message.contains("more than 1000000 bytes"), "{message}");
}

#[test]
fn binary_is_refused() {
    for bytes in [
        &b"%PDF-1.4 text"[..],
        b"PK\x03\x04 text",
        b"Case law\0",
        b"\x89PNG\r\n",
        b"\x01\x02\x03\x04\x05\x06\x07\x08\x0e\x0fCase law",
    ] {
        let message = refused(bytes);
        assert!(message.contains("not text but"), "{message}");
    }
}

#[test]
fn an_invalid_encoding_is_refused_with_the_place() {
    assert_eq!(
        refused(b"Case law\nCaf\xe9\n"),
        "the page is not valid UTF-8 at byte 12: expected plain text or HTML in UTF-8"
    );
    assert!(refused(b"\xef\xbb\xbfCaf\xe9").contains("at byte 6"));
    assert!(refused(b"\xff\xfea\x00\x00\xd8").contains("not valid UTF-16 at byte 4"));
}

#[test]
fn a_page_without_text_is_refused() {
    for text in [
        "",
        " \n\t\u{a0}",
        "\u{feff}",
        "<html><body><script>a</script></body></html>",
        "\u{200b}\n",
    ] {
        assert!(refused(text).contains("contains no text"), "{text:?}");
    }
}

#[test]
fn a_day_that_the_calendar_does_not_have_is_reported_and_not_taken() {
    let text = "Last updated : 30/02/2019\nStatus regarding Budapest Convention\nStatus : Party Signed : 31/02/2010 Ratified : 04/16/2020\nCase law\nA decision of 31/04/2018 is known.\n";
    let read = page(text);
    assert_eq!(
        (
            read.last_updated,
            read.status.signed.is_some(),
            read.status.consent.is_some()
        ),
        (None, false, false)
    );
    let proposal = proposal(text, &known(vec![]));
    let reported: Vec<_> = proposal
        .unmapped
        .iter()
        .map(|unmapped| {
            (
                unmapped.line,
                unmapped.text.contains("is not a day of the calendar"),
            )
        })
        .collect();
    assert_eq!(reported, [(1, true), (3, true), (5, true)]);
    assert!(
        proposal.unmapped[1]
            .text
            .contains("31/02/2010 is not a day")
    );
}

#[test]
fn text_outside_the_known_headings_is_unmapped_with_its_line() {
    let text = "An unknown line\n\nCase law\nKnown.\nThese profiles do not necessarily reflect official positions.\nA foot note\nUseful links\nSome link\n";
    let read = page(text);
    let wanted = [(1, "An unknown line"), (6, "A foot note"), (8, "Some link")];
    assert_eq!(
        unmapped(&read),
        wanted.map(|(line, text)| (line, text.to_owned()))
    );
    // Links of the site are not those of the profile.
    assert_eq!(read.sections.len(), 1);
}

#[test]
fn a_page_without_known_headings_proposes_nothing() {
    let proposal = proposal("Some text.\nMore of it.\n", &known(vec![]));
    assert!(proposal.changes.is_empty());
    assert_eq!(proposal.unmapped.len(), 2);
}

#[test]
fn a_section_that_is_too_long_is_cut_at_a_paragraph_and_the_rest_is_unmapped() {
    let paragraph = "A sentence of some length is here for the test of the limit. ".repeat(10);
    let text = format!(
        "Case law\n{}",
        format!("{}\n\n", paragraph.trim()).repeat(40)
    );
    let proposal = proposal(&text, &known(vec![]));
    let body = of(&proposal, "createProfileSection")[0]["body"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(body.chars().count() <= 20_000 && body.ends_with("limit."));
    let rest = &proposal.unmapped[0].text;
    assert!(rest.contains("at most 20000 characters"));
    let sentences = |text: &str| text.matches("A sentence").count();
    assert_eq!(sentences(&body) + sentences(rest), 400);
}

#[test]
fn more_changes_than_a_contribution_can_have_are_unmapped() {
    let items: Vec<String> = (0..150)
        .map(|at| format!("• Network Unit {at} of the Police"))
        .collect();
    let items = items.join("\n");
    let proposal = proposal(
        format!("Specialised institutions\nUnits:\n{items}"),
        &known(vec![]),
    );
    assert_eq!(proposal.changes.len(), 100);
    assert!(
        proposal
            .unmapped
            .iter()
            .all(|unmapped| unmapped.text.contains("at most 100 changes"))
    );
    assert!(proposal.unmapped.len() > 49);
}
