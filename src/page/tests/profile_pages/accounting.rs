//! No line of a page is lost.

use std::collections::BTreeSet;

use page::{Page, Place};
use proptest::prelude::*;

use crate::harness::read_as;
use crate::layouts::ALL;

/// The letters and digits of a text: what an escape, a mark or a split does not change.
fn letters(text: &str) -> String {
    text.chars()
        .filter(|letter| letter.is_alphanumeric())
        .collect()
}

/// Compares the placed lines with the lines of the input, and the sections with the lines in them.
fn account(text: &str, page: &Page) {
    let wanted: Vec<(usize, String)> = text
        .split('\n')
        .enumerate()
        .map(|(at, line)| (at + 1, letters(line)))
        .filter(|(_, line)| !line.is_empty())
        .collect();
    for (number, line) in &wanted {
        let placed = page.placed.iter().filter(|placed| placed.line == *number);
        let placed: String = placed.map(|placed| letters(&placed.text)).collect();
        // The number of a list item is its mark.
        assert!(
            line.ends_with(&placed) && line.len() - placed.len() < 3,
            "line {number}: {line} / {placed}"
        );
    }
    let numbers: BTreeSet<usize> = wanted.iter().map(|(number, _)| *number).collect();
    assert!(
        page.placed
            .iter()
            .all(|placed| numbers.contains(&placed.line) || letters(&placed.text).is_empty())
    );
    for placed in &page.placed {
        match placed.place {
            Place::Section(topic) => {
                let section = page
                    .sections
                    .iter()
                    .find(|section| section.topic == topic)
                    .unwrap();
                assert!(
                    letters(&section.body).contains(&letters(&placed.text)),
                    "{placed:?}"
                );
            }
            Place::Unmapped => {
                let known = page.unmapped.iter();
                let mut known =
                    known.filter(|unmapped| unmapped.line == placed.line && unmapped.why.is_none());
                assert!(
                    known.any(|unmapped| unmapped.text == placed.text),
                    "{placed:?}"
                );
            }
            Place::LastUpdated => {
                let reported = page
                    .unmapped
                    .iter()
                    .any(|unmapped| unmapped.line == placed.line);
                assert!(page.last_updated.is_some() || reported, "{placed:?}");
            }
            Place::Heading(_) | Place::Chrome => {}
        }
    }
}

#[test]
fn every_line_of_the_known_layouts_has_its_place() {
    for text in ALL {
        account(text, &read_as("ZZ", text).unwrap());
    }
    let seed = include_str!("pages/azerbaijan-2020.txt");
    account(seed, &read_as("AZ", seed).unwrap());
}

fn any_line() -> impl Strategy<Value = String> {
    let parts = prop::sample::select(vec![
        "",
        "Back Testland",
        "Status regarding Budapest Convention",
        "Status : Party Signed : 23/11/2001",
        "Last updated : 01/02/2003",
        "Last updated : 41/02/2003",
        "See legal profile",
        "Cybercrime policies/strategies",
        "There is no cybercrime strategy.",
        "Specialised institutions",
        "Operational units:",
        "Network Unit at the Police;",
        "• an item",
        "2. an item",
        "- an item",
        "Useful links Useful links",
        "Contribute Contribute",
        "A line of text",
        "Substantive law",
        "Case law",
        "Testland",
        "Otherland",
        "Déclarations et réserves : Articles 6, 9 et 22",
        "Droit matériel",
        "“Network Strategy 2010-2012”",
    ]);
    let word = "[a-zA-Zé0-9 :/.,;()“”«»<>&#-]{0,24}";
    prop_oneof![
        4 => parts.clone().prop_map(str::to_owned),
        2 => (parts.clone(), parts.clone()).prop_map(|(one, other)| format!("{one}{other}")),
        2 => (parts.clone(), parts).prop_map(|(one, other)| format!("{one} {other}")),
        2 => word.prop_map(|word| word),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn every_line_of_any_text_has_its_place(lines in prop::collection::vec(any_line(), 0..25)) {
        let text = lines.join("\n");
        // HTML has tests of its own.
        let is_html = text.contains("</") || text.trim_start().starts_with('<');
        if let Ok(page) = read_as("ZZ", &text) && !is_html {
            account(&text, &page);
        }
    }

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = read_as("ZZ", &bytes);
        let _ = read_as("ZZ", [b"<p>", bytes.as_slice()].concat());
    }

    #[test]
    fn no_html_makes_the_reader_panic(parts in prop::collection::vec("(<|</|<!--|&)?(nav|li|ol|td|br|pre|h3|title|head|script|p| a)?>?[ a-z\n]{0,4}", 0..60)) {
        let _ = read_as("ZZ", parts.concat());
    }
}
