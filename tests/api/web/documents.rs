//! The documents of pages: each is shown below its page, costs no more than an anonymous client may spend on a request,
//! opens in the console, and gives the JSON of its page.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use cyberprofiles::graphql::limits::Limits;
use reqwest::Method;
use serde_json::{Value, json};

use super::addresses::{EMBEDDED, PAGES, WIDEST, personal};
use super::html::Html;
use super::pages::{open, open_as};
use crate::harness::Api;

/// A document that a page shows.
struct Document {
    text: String,
    variables: Value,
    /// The address that opens it in the console.
    console: String,
}

/// The documents below a page.
fn documents(page: &str) -> Vec<Document> {
    let html = Html::read(page);
    let is_shown = |tag: &&super::html::Tag| tag.get("class") == Some("graphql");
    let shown = html.all("details").filter(is_shown).count();
    let mut texts = Vec::new();
    let mut consoles = Vec::new();
    let mut is_inside = false;
    for tag in &html.0 {
        match (tag.name.as_str(), tag.is_end) {
            ("details", false) => is_inside = tag.get("class") == Some("graphql"),
            ("details", true) => is_inside = false,
            ("code", false) if is_inside => texts.push(tag.text.clone()),
            ("a", false) if is_inside => consoles.push(tag.get("href").unwrap().to_owned()),
            _ => {}
        }
    }
    assert_eq!((texts.len(), consoles.len()), (2 * shown, shown));
    let document = |(texts, console): (&[String], String)| Document {
        text: texts[0].clone(),
        variables: serde_json::from_str(&texts[1]).unwrap(),
        console,
    };
    texts.chunks(2).zip(consoles).map(document).collect()
}

/// Names of the documents that pages show: the types that a page passes to `Frame::query`.
fn shown(folder: &Path, names: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            shown(&path, names);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let calls = text.split(".query::<").skip(1);
            names.extend(calls.map(|call| {
                let name = call.split('>').next().unwrap();
                name.trim_end_matches("Document").to_owned()
            }));
        }
    }
}

/// The answer to a document, with its cost.
async fn answer(api: &Api, document: &Document, token: Option<&str>) -> Value {
    let body = json!({ "query": document.text, "variables": document.variables, "extensions": { "cost": true } });
    let mut request = api.request(Method::POST, "/graphql").json(&body);
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    request.send().await.unwrap().json().await.unwrap()
}

#[tokio::test]
async fn each_document_of_a_page_is_within_the_limits_of_anonymous_clients_and_opens_in_the_console()
 {
    let api = Api::seeded().await;
    let most = u64::try_from(Limits::default().max_anonymous_complexity).unwrap();
    let paths = PAGES.iter().map(|page| page.path).chain([WIDEST]);
    let mut asked: Vec<(String, Option<String>)> =
        paths.map(|path| (path.to_owned(), None)).collect();
    let people = personal(&api).await.into_iter();
    asked.extend(people.map(|page| (page.path, page.token)));
    let mut seen = BTreeSet::new();
    let mut opened = BTreeSet::new();
    let mut faults = Vec::new();
    for (path, token) in asked {
        let page = open_as(&api, &path, "en", token.as_deref()).await;
        for document in documents(&page.text().await.unwrap()) {
            let name = document.text.split("query ").nth(1).unwrap();
            let name = name.split(['(', ' ', '{']).next().unwrap().to_owned();
            let answer = answer(&api, &document, token.as_deref()).await;
            let estimated = answer["extensions"]["cost"]["estimated"].as_u64();
            if answer.get("errors").is_some() || estimated.is_none_or(|cost| cost > most) {
                faults.push(format!(
                    "{path}: {name}: {estimated:?} {}",
                    answer["errors"]
                ));
            }
            // Once for each document: with its variables in the editor, and answered by the form.
            if opened.insert(name.clone()) {
                let editor = open(&api, &document.console, "en").await;
                if editor.status() != 200 {
                    faults.push(format!("{name} does not open: {}", editor.status()));
                }
                // The form answers nobody who is signed in elsewhere.
                if token.is_none() {
                    let run = document.console.replacen('?', "?run=1&", 1);
                    let run = open(&api, &run, "en").await.text().await.unwrap();
                    let said = serde_json::from_str(&Html::read(&run).text_of("pre"));
                    let said: Value = said.unwrap_or_default();
                    if said["data"] != answer["data"] {
                        faults.push(format!("{path}: {name} answers otherwise in the console"));
                    }
                }
            }
            seen.insert(name);
        }
    }
    let mut expected = BTreeSet::new();
    shown(
        Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src/web")),
        &mut expected,
    );
    // Embedded pages show no document, and tables alone have none to show.
    let hidden = [
        "EmbeddedCountry",
        "EmbeddedTreaty",
        "Facts",
        "TreatyTimeline",
    ];
    expected.retain(|name| !hidden.contains(&name.as_str()));
    let missing: Vec<_> = expected.difference(&seen).collect();
    assert!(faults.is_empty(), "{faults:#?}");
    assert!(
        missing.is_empty() && seen.len() > 12,
        "{missing:?} {seen:?}"
    );
}

#[tokio::test]
async fn embedded_pages_cost_no_more_than_an_anonymous_client_may_spend() {
    let api = Api::seeded().await;
    let most = u64::try_from(Limits::default().max_anonymous_complexity).unwrap();
    let texts = ["treaty", "country"].map(|name| {
        let path = format!(
            "{}/src/web/embed/{name}.graphql",
            env!("CARGO_MANIFEST_DIR")
        );
        fs::read_to_string(path).unwrap()
    });
    for (text, mut variables) in texts
        .into_iter()
        .zip([json!({ "reference": "ETS 185" }), json!({ "code": "AZ" })])
    {
        variables["languages"] = json!(["en"]);
        let document = Document {
            text,
            variables,
            console: String::new(),
        };
        let answer = answer(&api, &document, None).await;
        let estimated = answer["extensions"]["cost"]["estimated"].as_u64();
        assert!(estimated.is_some_and(|cost| cost <= most), "{answer:#}");
    }
    for page in EMBEDDED {
        assert_eq!(open(&api, page.path, "en").await.status(), 200);
    }
}

#[tokio::test]
async fn the_json_of_a_page_is_the_answer_to_its_document() {
    let api = Api::seeded().await;
    let mut compared = 0;
    for page in PAGES {
        let text = open(&api, page.path, "en").await.text().await.unwrap();
        let html = Html::read(&text);
        let json = html
            .all("link")
            .filter(|tag| tag.get("rel") == Some("alternate"))
            .filter(|tag| tag.get("type") == Some("application/json"))
            .find_map(|tag| tag.get("href"));
        let shown = documents(&text);
        let (Some(link), [document]) = (json, shown.as_slice()) else {
            continue;
        };
        let file = open(&api, link, "en").await;
        let licence = file.headers()["link"].to_str().unwrap();
        assert!(licence.ends_with("/licence>; rel=\"license\""), "{licence}");
        let found = file.json::<Value>().await.unwrap();
        let answer = answer(&api, document, None).await;
        assert_eq!(found["data"], answer["data"], "{link}");
        compared += 1;
    }
    assert!(compared >= 8, "{compared}");
}
