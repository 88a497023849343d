//! Texts for readers: the reference to a page in its view, what is known and what is not, and files that have all
//! rows of what was asked for.

use cyberprofiles::graphql::limits::Limits;
use serde_json::{Value, json};

use super::addresses::{PAGES, WIDEST};
use super::html::{Html, PUBLIC};
use super::pages::open;
use crate::harness::{Api, retitle};

/// The text of a page.
async fn page(api: &Api, path: &str) -> String {
    let response = open(api, path, "en").await;
    assert_eq!(response.status(), 200, "{path}");
    response.text().await.unwrap()
}

/// The text of the element with an id, up to the next tag.
fn text_at(html: &Html, id: &str) -> String {
    let found = html.0.iter().find(|tag| tag.get("id") == Some(id));
    found.unwrap_or_else(|| panic!("no {id}")).text.clone()
}

/// The text of a page without its tags, with one space between words.
fn words(page: &str) -> String {
    let html = Html::read(page);
    let texts: Vec<&str> = html.0.iter().map(|tag| tag.text.as_str()).collect();
    let text = texts.join(" ");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The rows of a CSV, the header among them.
async fn rows(api: &Api, path: &str) -> Vec<String> {
    let text = page(api, path).await;
    text.trim_end().split("\r\n").map(str::to_owned).collect()
}

#[tokio::test]
async fn pages_are_cited_with_their_permanent_address() {
    let api = Api::seeded().await;
    let mut cited = Vec::new();
    for (path, title) in [
        ("/countries/AZ?on=2020-04-16", "Azerbaijan"),
        ("/treaties/ETS-185", "Budapest Convention (ETS 185)"),
        ("/countries", "Countries and entities"),
        ("/treaties", "Treaties"),
        (
            "/compare?country=AZ&country=GE",
            "Comparison: Azerbaijan, Georgia",
        ),
        ("/countries/AZ/history", "Azerbaijan: what changed"),
    ] {
        let html = Html::read(&page(&api, path).await);
        let csl: Value = serde_json::from_str(&text_at(&html, "cite-csl")).unwrap();
        let address = csl[0]["URL"].as_str().unwrap().to_owned();
        assert_eq!(csl[0]["title"], title);
        for part in ["on=", "at=", "lang=en"] {
            assert!(address.contains(part), "{address}");
        }
        for form in ["cite-text", "cite-bibtex"] {
            let text = text_at(&html, form);
            assert!(text.contains(&address), "{form}: {text}");
        }
        let buttons = html.all("button").filter_map(|tag| tag.get("data-copy"));
        let copied = buttons.filter(|id| id.starts_with("cite-")).count();
        assert_eq!(copied, 3, "{path}");
        let text = text_at(&html, "cite-text");
        cited.push((address.strip_prefix(PUBLIC).unwrap().to_owned(), text));
    }
    let eva = api.editor("eva").await;
    eva.publish(retitle(1, "Renamed")).await;
    for (link, text) in cited {
        let html = Html::read(&page(&api, &link).await);
        assert_eq!(text_at(&html, "cite-text"), text, "{link}");
    }
}

#[tokio::test]
async fn a_day_or_a_moment_that_does_not_exist_is_refused_on_every_page() {
    let api = Api::seeded().await;
    let all = PAGES.iter().map(|page| page.path).filter(|path| {
        let has_own_view = path.contains("on=") || path.starts_with("/graphiql");
        !has_own_view
    });
    for path in all.chain(["/review", "/embed/treaties/ETS-185"]) {
        let mark = if path.contains('?') { '&' } else { '?' };
        for (wrong, right) in [
            ("on=yesterday", "2026-01-31"),
            ("on=2020-02-30", "2026-01-31"),
            ("at=nonsense", "permanent address"),
        ] {
            let response = open(&api, &format!("{path}{mark}{wrong}"), "en").await;
            assert_eq!(response.status(), 400, "{path} {wrong}");
            let text = response.text().await.unwrap();
            assert!(text.contains(right), "{path} {wrong}: {text}");
        }
    }
}

#[tokio::test]
async fn twenty_countries_are_compared_well_within_the_limits() {
    let api = Api::seeded().await;
    let text = std::fs::read_to_string(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/src/web/compare/page.graphql"
    ));
    let codes: Vec<&str> = WIDEST.split("country=").skip(1).collect();
    let codes: Vec<&str> = codes
        .iter()
        .map(|code| code.trim_end_matches('&'))
        .collect();
    assert_eq!(codes.len(), 20);
    let variables = json!({ "codes": codes, "treaty": "ETS 185", "languages": ["en", "fr"] });
    let body =
        json!({ "query": text.unwrap(), "variables": variables, "extensions": { "cost": true } });
    let answer = api.request(reqwest::Method::POST, "/graphql").json(&body);
    let answer: Value = answer.send().await.unwrap().json().await.unwrap();
    let cost = answer["extensions"]["cost"]["estimated"].as_i64().unwrap();
    let most = i64::from(Limits::default().max_anonymous_complexity);
    assert!(cost * 4 <= most * 3, "{cost} of {most}");
}

#[tokio::test]
async fn ignorance_is_no_difference() {
    let api = Api::seeded().await;
    // Andorra has no profile: nobody has researched any topic there.
    let text = page(&api, "/compare?country=AZ&country=AD").await;
    let findings = text.split("id=\"findings\"").nth(1).unwrap();
    let findings = findings.split("</section>").next().unwrap();
    assert!(findings.contains("not known for one or more") && !findings.contains("≠"));
    let rows = rows(
        &api,
        "/compare.csv?country=AZ&country=AD&topic=CYBERCRIME_STRATEGY",
    )
    .await;
    let finding = rows.iter().find(|row| row.contains("Cybercrime strategy"));
    assert!(
        finding.unwrap().contains("not known for one or more"),
        "{rows:?}"
    );
    let only = page(&api, "/compare?country=AZ&country=AD&only=differences").await;
    assert!(!only.contains("not known for one or more") && only.contains("≠"));
}

#[tokio::test]
async fn a_finding_is_counted_beside_the_countries_that_nobody_researched() {
    let api = Api::seeded().await;
    let path = "/countries?topic=CYBERCRIME_STRATEGY&finding=ABSENT";
    let text = words(&page(&api, path).await);
    let all = "{ at { all: countries(first: 1, filter: { kinds: [STATE, TERRITORY, OTHER, ORGANISATION] }) { totalCount }
        researched: countries(first: 1, filter: { kinds: [STATE, TERRITORY, OTHER, ORGANISATION], coverage:
        { topic: CYBERCRIME_STRATEGY, values: [PRESENT, PARTIAL, IN_DEVELOPMENT, ABSENT, UNKNOWN, NOT_APPLICABLE] } })
        { totalCount } } }";
    let counted = api.query(all).await;
    let count = |name: &str| counted["at"][name]["totalCount"].as_i64().unwrap();
    let (all, researched) = (count("all"), count("researched"));
    assert!(researched > 0 && researched < all);
    let told = format!("Of {all} countries");
    assert!(text.contains(&told), "{text}");
    assert!(text.contains(&format!("{researched} were researched")));
    assert!(text.contains(&format!("Not researched : {}.", all - researched)));
}

#[tokio::test]
async fn treaties_stand_in_one_order_everywhere() {
    let api = Api::seeded().await;
    let order = ["ETS-185", "ETS-189", "CETS-224", "UNTC-XVIII-16"];
    for path in [
        "/countries/DE",
        "/countries/JP",
        "/countries/GB",
        "/countries/FR",
        "/treaties",
    ] {
        let text = page(&api, path).await;
        let main = text.split("<main").nth(1).unwrap();
        // Treaties without an act stand in a list of their own.
        let main = main.split("Treaties without").next().unwrap();
        let places = order.map(|key| main.find(&format!("/treaties/{key}\"")));
        let places: Vec<usize> = places.into_iter().flatten().collect();
        assert!(places.len() > 1 && places.is_sorted(), "{path}: {places:?}");
    }
}

#[tokio::test]
async fn a_topic_with_records_is_not_told_as_never_researched() {
    let api = Api::seeded().await;
    let text = words(&page(&api, "/countries/AZ").await);
    let (_, topics) = text.split_once("Topics without a finding").unwrap();
    let (recorded, unknown) = topics.split_once("Not researched").unwrap();
    for topic in ["24/7 point of contact", "Reservations to the treaty"] {
        assert!(recorded.contains(topic), "{topic}: {recorded}");
    }
    let (unknown, _) = unknown.split_once("nobody has looked yet").unwrap();
    assert!(unknown.contains("Training") && !unknown.contains("24/7"));
}

#[tokio::test]
async fn the_file_of_a_history_has_all_changes_and_a_page_of_a_list_names_the_next() {
    let api = Api::seeded().await;
    let counted = api
        .query("{ changes(first: 250, filter: { countries: [\"AZ\"] }) { totalCount nodes { cursor } } }")
        .await;
    let changes = &counted["changes"];
    let total = changes["totalCount"].as_u64().unwrap();
    assert!(total > 30);
    let rows_of = async |path: &str| rows(&api, path).await;
    let all = rows_of("/countries/AZ/history.csv").await;
    for change in changes["nodes"].as_array().unwrap() {
        let cursor = change["cursor"].as_str().unwrap();
        assert!(all.iter().any(|row| row.contains(cursor)), "{cursor}");
    }
    assert!(!all[0].contains("next_page"));
    let first = rows_of("/changes.csv").await;
    let (_, next) = first[1].rsplit_once(',').unwrap();
    let next = next.strip_prefix(PUBLIC).unwrap();
    assert!(next.starts_with("/changes.csv?before="), "{next}");
    let second = rows_of(next).await;
    assert!(first[1] != second[1] && first[0] == second[0]);
    assert!(first[0].ends_with("next_page"), "{}", first[0]);
}

#[tokio::test]
async fn a_history_ends_with_the_commit_of_its_moment() {
    let api = Api::seeded().await;
    let log = "{ changes(first: 20, filter: { countries: [\"AZ\"] }) { nodes { cursor transaction { last } } } }";
    let log = api.query(log).await;
    let middle = log["changes"]["nodes"][3]["cursor"].as_str().unwrap();
    let path = format!("/countries/AZ/history.json?at={middle}");
    let answer: Value = serde_json::from_str(&page(&api, &path).await).unwrap();
    let end = answer["data"]["at"]["cursor"].as_str().unwrap();
    let known = format!(
        "query {{ at(cursor: \"{end}\") {{ cursor }} changes(first: 250, after: \"{end}\", filter: \
         {{ countries: [\"AZ\"] }}) {{ totalCount nodes {{ cursor }} }} }}"
    );
    let later = api.query(&known).await;
    let later = later["changes"]["nodes"].as_array().unwrap().clone();
    let shown = answer["data"]["changes"]["nodes"].as_array().unwrap();
    assert!(!shown.is_empty());
    for change in shown {
        let is_later = later.iter().any(|one| one["cursor"] == change["cursor"]);
        assert!(!is_later, "{change}");
    }
    let none = page(&api, "/countries/AZ/history.json?year=2001").await;
    let none: Value = serde_json::from_str(&none).unwrap();
    assert_eq!(none["data"]["changes"]["nodes"], json!([]));
}

#[tokio::test]
async fn an_invitation_of_a_period_is_told_with_its_period_by_the_slider() {
    let api = Api::seeded().await;
    let history: Value =
        serde_json::from_str(&page(&api, "/treaties/ETS-185/map.json").await).unwrap();
    let steps = history["countries"]["UY"][1].as_array().unwrap();
    let last = steps.last().unwrap()[2].as_str().unwrap();
    assert!(last.contains("September 2022"), "{last}");
    // A status with an exact begin has the label of the legend.
    let party = history["countries"]["AZ"][1].as_array().unwrap();
    assert_eq!(party.last().unwrap().as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn records_that_were_loaded_together_are_told_as_such_and_the_log_of_a_moment_stays() {
    let api = Api::seeded().await;
    let text = page(&api, "/changes").await;
    assert!(text.contains("loaded together") && text.contains("new records on this page"));
    let html = Html::read(&text);
    let links = html.all("a").filter_map(|tag| tag.get("href"));
    let at = links.filter(|link| link.starts_with("/changes?at=")).last();
    let at = at.unwrap().to_owned();
    let main = |text: &str| {
        let (_, rest) = text.split_once("<main").unwrap();
        rest.split_once("</main>").unwrap().0.to_owned()
    };
    let before = main(&page(&api, &at).await);
    assert!(before.contains("later changes are left out"));
    let eva = api.editor("eva").await;
    eva.publish(retitle(1, "Renamed")).await;
    assert_eq!(main(&page(&api, &at).await), before);
    assert!(main(&page(&api, "/changes").await).contains("Renamed"));
}

#[tokio::test]
async fn the_code_of_a_frame_can_be_copied_and_leads_back_to_its_moment() {
    let api = Api::seeded().await;
    for (path, frames) in [("/treaties/ETS-185", 2), ("/countries/AZ", 1)] {
        let html = Html::read(&page(&api, path).await);
        let buttons = html.all("button").filter_map(|tag| tag.get("data-copy"));
        let ids: Vec<&str> = buttons.filter(|id| id.starts_with("embed-")).collect();
        assert_eq!(ids.len(), frames, "{path}");
        for id in ids {
            let code = Html::read(&text_at(&html, id));
            let source = code.all("iframe").find_map(|tag| tag.get("src"));
            let source = source.unwrap().strip_prefix(PUBLIC).unwrap().to_owned();
            let frame = Html::read(&page(&api, &source).await);
            let base = frame.all("base").find_map(|tag| tag.get("target"));
            assert_eq!(base, Some("_top"), "{source}");
            let links = frame.all("a").filter_map(|tag| tag.get("href"));
            let mut back = links.filter(|link| link.starts_with(PUBLIC));
            assert!(back.all(|link| link.contains("at=") && link.contains("on=")));
        }
    }
}
