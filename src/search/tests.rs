//! The index as a whole: order, pages, moments, typing errors, highlights.

use domain::record::{Kind, RecordId};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Document, Filter, Found, Index, Page, Position, Query, Version};

fn version(id: &str, since: i64, until: Option<i64>, content: Value) -> Version {
    let Value::Object(content) = content else {
        panic!("expected an object");
    };
    Version {
        id: id.parse().unwrap(),
        since,
        until,
        content,
    }
}

fn document(id: &str, since: i64, content: Value) -> Document {
    Document::of(&version(id, since, None, content))
}

fn names(names: &[&str]) -> Value {
    names
        .iter()
        .map(|name| json!({ "text": name, "language": "en" }))
        .collect()
}

fn country(code: &str, known: &[&str]) -> Document {
    let id = format!("Country:{}", code.to_lowercase());
    document(
        &id,
        1,
        json!({ "kind": "STATE", "code": code, "names": names(known) }),
    )
}

fn body(key: &str, country: &str, name: &str, mandate: &str) -> Document {
    let content =
        json!({ "kind": "CSIRT", "country": country, "names": names(&[name]), "mandate": mandate });
    document(&format!("CybersecurityBody:{key}"), 1, content)
}

fn sample() -> Vec<Document> {
    vec![
        country("AZ", &["Azerbaijan", "Azərbaycan"]),
        country("CI", &["Côte d\u{2019}Ivoire", "Ivory Coast"]),
        country("TR", &["Türkiye", "Turkey"]),
        body("az-team", "AZ", "National CERT", "It answers incidents."),
        body(
            "tr-team",
            "TR",
            "USOM",
            "It answers cyber incidents and cybercrime.",
        ),
        body("ci-team", "CI", "CI-CERT", "The organisation of defence."),
        body("az-unit", "AZ", "Cyber-Crime Centre", "Investigations."),
        document(
            "Source:page",
            1,
            json!({ "kind": "WEB_PAGE", "title": "Cybercrime in Azerbaijan", "url": "https://page.example/x" }),
        ),
    ]
}

fn built(documents: Vec<Document>) -> Index {
    let mut index = Index::new(1);
    index.extend(documents);
    index.sort();
    index
}

fn index() -> Index {
    built(sample())
}

fn page(size: usize) -> Page {
    Page {
        size,
        is_forward: true,
        after: None,
        before: None,
    }
}

fn found(index: &Index, text: &str) -> Found {
    let found = index.find(
        &Query::of(text),
        &Filter::default(),
        index.moment(),
        &page(100),
    );
    found.unwrap()
}

fn ids(found: &Found) -> Vec<&str> {
    found
        .hits
        .iter()
        .map(|hit| hit.position.id.as_str())
        .collect()
}

#[test]
fn whole_names_come_first_then_names_then_texts() {
    let index = index();
    assert_eq!(ids(&found(&index, "azerbaycan"))[0], "Country:az");
    let crime = found(&index, "cybercrime");
    let expected = [
        "CybersecurityBody:az-unit",
        "Source:page",
        "CybersecurityBody:tr-team",
    ];
    assert_eq!(ids(&crime), expected);
    assert_eq!(crime.total, 3);
    for same in ["cyber crime", "Cyber-Crimes", "CYBERCRIME"] {
        assert_eq!(ids(&found(&index, same)), expected, "{same}");
    }
}

#[test]
fn the_names_of_a_country_count_for_its_records() {
    let index = index();
    for text in [
        "azerbaijan cert",
        "cert azerbaycan",
        "az cert",
        "azerb cert",
    ] {
        assert_eq!(
            ids(&found(&index, text))[0],
            "CybersecurityBody:az-team",
            "{text}"
        );
    }
    assert_eq!(ids(&found(&index, "cote divoire"))[0], "Country:ci");
    assert_eq!(
        ids(&found(&index, "ci-cert"))[0],
        "CybersecurityBody:ci-team"
    );
}

#[test]
fn spellings_prefixes_and_typing_errors_are_found() {
    let index = index();
    for (text, first) in [
        ("organization of defense", "CybersecurityBody:ci-team"),
        ("cyber crime center", "CybersecurityBody:az-unit"),
        ("azerbijan", "Country:az"),
        ("zaerbaijan", "Country:az"),
        ("azrebaijna", "Country:az"),
        ("turk", "Country:tr"),
        ("turkiey", "Country:tr"),
        ("investgiations", "CybersecurityBody:az-unit"),
    ] {
        assert_eq!(ids(&found(&index, text)).first(), Some(&first), "{text}");
    }
    for text in ["", "?!", "\u{1f916}", "zz", "qwertyuiop"] {
        assert_eq!(found(&index, text).total, 0, "{text}");
    }
}

#[test]
fn filters_restrict_by_kind_and_country() {
    let index = index();
    let of = |kinds: Option<Vec<Kind>>, countries: Option<Vec<&str>>| {
        let countries =
            countries.map(|codes| codes.iter().map(|code| code.parse().unwrap()).collect());
        let filter = Filter { kinds, countries };
        let found = index
            .find(&Query::of("cybercrime"), &filter, 1, &page(10))
            .unwrap();
        ids(&found).join(" ")
    };
    assert_eq!(of(Some(vec![Kind::Source]), None), "Source:page");
    assert_eq!(of(None, Some(vec!["TR"])), "CybersecurityBody:tr-team");
    assert_eq!(of(Some(vec![Kind::Source]), Some(vec!["TR"])), "");
}

#[test]
fn a_moment_sees_the_versions_that_were_current_then() {
    let mut index = index();
    let old = json!({ "kind": "CSIRT", "country": "TR", "names": names(&["USOM"]) });
    let new = json!({ "kind": "CSIRT", "country": "TR", "names": names(&["Renamed team"]) });
    let ended = Document::of(&version("CybersecurityBody:tr-team", 1, Some(5), old));
    let written = Document::of(&version("CybersecurityBody:tr-team", 5, Some(7), new));
    index.advance(vec![ended, written], 8);
    let total = |text: &str, moment| {
        let found = index.find(&Query::of(text), &Filter::default(), moment, &page(10));
        found.map(|found| found.total)
    };
    assert_eq!(total("usom", 4), Some(1));
    assert_eq!(total("usom", 5), Some(0));
    assert_eq!(total("renamed", 4), Some(0));
    assert_eq!(total("renamed", 6), Some(1));
    assert_eq!(total("renamed", 7), Some(0));
    assert_eq!(total("renamed", 8), Some(0));
    assert_eq!(total("usom", 9), None);
    assert_eq!(total("usom", 0), Some(1));
}

#[test]
fn highlights_are_plain_text_with_marks() {
    let index = index();
    let marker = found(&index, "cyber crime").marker;
    let text = "<script>\u{27e6}cybercrime\u{27e7}</script> and cyber-crime units";
    let Value::Object(content) = json!({ "mandate": text, "names": names(&["Unit"]) }) else {
        panic!("expected an object");
    };
    let highlights = marker.highlights(Kind::CybersecurityBody, &content);
    let expected = "<script>[⟦cybercrime⟧]</script> and ⟦cyber-crime⟧ units";
    assert_eq!(highlights, [expected]);
}

/// Records whose names repeat a few words, so that many have the same rank.
fn documents(numbers: &[(u8, u8)]) -> Vec<Document> {
    const WORDS: [&str; 5] = ["alpha", "beta", "gamma", "alphabet", "delta"];
    let word = |number: u8| WORDS[usize::from(number) % WORDS.len()];
    let each = numbers.iter().enumerate();
    each.map(|(at, (first, second))| {
        let name = format!("{} {}", word(*first), word(*second));
        body(&format!("x-{at:03}"), "AZ", &name, "delta")
    })
    .collect()
}

proptest! {
    #[test]
    fn pages_both_ways_contain_each_hit_once_and_in_order(
        first in proptest::collection::vec((0_u8..5, 0_u8..5), 1..40),
        second in proptest::collection::vec((0_u8..5, 0_u8..5), 0..40),
        text in "(alpha|beta|alph|gamma|alpha beta|delta)",
        size in 1_usize..7,
        forward in any::<bool>(),
    ) {
        let all: Vec<(u8, u8)> = first.iter().chain(&second).copied().collect();
        let mut documents = documents(&all);
        let late = documents.split_off(first.len());
        let mut index = built(documents);
        let late = late.into_iter().map(|mut document| {
            document.since = 2;
            document
        });
        index.advance(late.collect(), 2);
        let query = Query::of(&text);
        let whole = index.find(&query, &Filter::default(), 2, &page(1000)).unwrap();
        prop_assert!(!whole.has_next && !whole.has_previous);
        prop_assert_eq!(u64::try_from(whole.hits.len()).unwrap(), whole.total);
        let positions: Vec<Position> = whole.hits.into_iter().map(|hit| hit.position).collect();
        prop_assert!(positions.is_sorted());
        let mut read: Vec<Position> = Vec::new();
        loop {
            let edge = read.last().cloned();
            let (after, before) = if forward { (edge, None) } else { (None, edge) };
            let page = Page { size, is_forward: forward, after, before };
            let part = index.find(&query, &Filter::default(), 2, &page).unwrap();
            let is_begun = !read.is_empty();
            let (ahead, behind) = if forward {
                (part.has_next, part.has_previous)
            } else {
                (part.has_previous, part.has_next)
            };
            prop_assert_eq!(behind, is_begun);
            let mut hits: Vec<Position> = part.hits.into_iter().map(|hit| hit.position).collect();
            if !forward {
                hits.reverse();
            }
            read.extend(hits);
            if !ahead {
                break;
            }
        }
        if !forward {
            read.reverse();
        }
        prop_assert_eq!(read, positions);
    }

    #[test]
    fn any_text_is_a_query(text in any::<String>()) {
        let index = index();
        let found = index.find(&Query::of(&text), &Filter::default(), 1, &page(3)).unwrap();
        let sources: Vec<RecordId> = found.hits.into_iter().map(|hit| hit.position.id).collect();
        prop_assert!(sources.len() <= 3);
    }
}
