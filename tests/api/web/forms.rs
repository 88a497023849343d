//! Forms without a browser: what a reader or a person sends arrives once, is told of, and is never lost.

use cyberprofiles::domain::viewer::Role;
use cyberprofiles::graphql::limits::Limits;
use reqwest::{Method, RequestBuilder, Response};
use serde_json::json;

use super::html::Html;
use super::pages::{open, open_as};
use crate::harness::{Api, roomy};

/// A text that a reader typed, which each refusal keeps.
const TYPED: &str = "The agency was renamed in March.";

/// A request with a form, as a page of this site sends it.
fn form(api: &Api, path: &str, token: Option<&str>) -> RequestBuilder {
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
    let url = format!("http://{}{path}", api.address);
    let request = client.build().unwrap().request(Method::POST, url);
    let request = request
        .header("sec-fetch-site", "same-origin")
        .header("accept-language", "en");
    match token {
        Some(token) => request.header("cookie", format!("cyberprofiles-session={token}")),
        None => request,
    }
}

fn location(response: &Response) -> String {
    response.headers()["location"].to_str().unwrap().to_owned()
}

/// The fields of the first form of a page that is posted, as a browser would send them.
fn fields(page: &Html) -> Vec<(String, String)> {
    let tags = page
        .0
        .iter()
        .skip_while(|tag| tag.name != "form" || tag.is_end || tag.get("method") != Some("post"));
    let tags: Vec<_> = tags
        .take_while(|tag| tag.name != "form" || !tag.is_end)
        .collect();
    let mut found = Vec::new();
    let mut select = None;
    for tag in tags {
        let name = tag.get("name").map(str::to_owned);
        match (tag.name.as_str(), name) {
            ("input", Some(name)) if tag.get("type") != Some("checkbox") => {
                found.push((name, tag.get("value").unwrap_or_default().to_owned()));
            }
            ("textarea", Some(name)) => {
                let text = tag.text.strip_prefix('\n').unwrap_or(&tag.text);
                found.push((name, text.to_owned()));
            }
            ("select", Some(name)) => select = Some(name),
            ("option", _) if tag.get("selected").is_some() => {
                let value = tag.get("value").unwrap_or_default().to_owned();
                found.extend(select.take().map(|name| (name, value)));
            }
            _ => {}
        }
    }
    found
}

fn set(fields: &mut Vec<(String, String)>, name: &str, value: &str) {
    fields.retain(|(known, _)| known != name);
    fields.push((name.to_owned(), value.to_owned()));
}

async fn read(response: Response) -> Html {
    Html::read(&response.text().await.unwrap())
}

#[tokio::test]
async fn a_message_from_each_part_of_a_profile_has_a_receipt_that_leads_back_there() {
    let api = Api::builder().limits(roomy()).start().await;
    let profile = read(open(&api, "/countries/AZ", "en").await).await;
    let boxes = profile.inner_links().into_iter();
    let boxes: Vec<String> = boxes.filter(|link| link.contains("&topic=")).collect();
    assert!(boxes.len() >= 12, "{boxes:?}");
    let eva = api.token(Role::Editor, "eva").await;
    for (number, address) in boxes.iter().enumerate() {
        let page = read(open(&api, address, "en").await).await;
        let mut sent = fields(&page);
        let message = format!("Message {number}");
        set(&mut sent, "message", &message);
        let told = form(&api, "/contribute", None)
            .form(&sent)
            .send()
            .await
            .unwrap();
        assert_eq!(told.status(), 303, "{address}");
        let receipt = location(&told);
        // Sent twice is sent once.
        let again = form(&api, "/contribute", None)
            .form(&sent)
            .send()
            .await
            .unwrap();
        assert_eq!(location(&again), receipt);
        let page = read(open(&api, &receipt, "en").await).await;
        assert_eq!(page.faults(), [""; 0], "{receipt}");
        let said = page.text_of("main");
        for text in [
            "Contribution:",
            "No decision to show here",
            "What happens next",
        ] {
            assert!(said.contains(text), "{text} in {said}");
        }
        assert!(!said.contains(&message), "{said}");
        let mut links = page.all("a").filter_map(|tag| tag.get("href"));
        let back = links.find_map(|link| link.strip_prefix("/countries/AZ#"));
        let place = back.unwrap_or_else(|| panic!("{address} leads nowhere"));
        let mut ids = profile.0.iter().filter_map(|tag| tag.get("id"));
        assert!(ids.any(|id| id == place), "{address} leads to #{place}");
        // An editor reads it at the same address.
        let seen = open_as(&api, &receipt, "en", Some(&eva)).await;
        assert!(read(seen).await.text_of("main").contains(&message));
    }
}

#[tokio::test]
async fn a_receipt_tells_the_state_as_soon_as_there_is_a_proposal() {
    let api = Api::seeded().await;
    let sent = form(&api, "/contribute", None).form(&[
        ("country", "AZ"),
        ("message", TYPED),
        ("key", "k"),
    ]);
    let receipt = location(&sent.send().await.unwrap());
    let key = receipt.split(['/', '?']).nth(3).unwrap();
    let (eva, rita) = (api.editor("eva").await, api.editor("rita").await);
    let id = format!("Contribution:{key}");
    let changes = json!([{ "createSource": { "fields": { "kind": "NEWS", "title": TYPED } } }]);
    let completed = json!({ "id": id, "revision": 1, "title": "Renamed", "rationale": "So it is.", "changes": changes });
    assert_eq!(
        eva.outcome("updateContribution", completed).await,
        "SUBMITTED"
    );
    // The number alone leads to it.
    let number = format!("/contribute/receipt?number=+{}+", id.replace(':', "%3A"));
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
    let url = format!("http://{}{number}", api.address);
    let found = client.build().unwrap().get(url).send().await.unwrap();
    assert_eq!(location(&found), format!("/contribute/receipt/{key}"));
    let page = read(open(&api, &receipt, "en").await).await;
    assert!(
        page.text_of("main")
            .contains("It waits for an editor who is not its author.")
    );
    let decision = json!({ "id": id, "revision": 2 });
    assert_eq!(
        rita.outcome("acceptContribution", decision).await,
        "ACCEPTED"
    );
    let page = read(open(&api, &receipt, "fr").await).await;
    assert!(page.text_of("main").contains("Le profil la présente."));
}

#[tokio::test]
async fn a_message_that_is_refused_comes_back() {
    let limits = Limits {
        max_tips_per_hour: 2,
        max_body_bytes: 10_000,
        ..roomy()
    };
    let api = Api::builder().limits(limits).start().await;
    let filled = [
        ("country", "AZ"),
        ("topic", "POLICIES"),
        ("message", TYPED),
        ("link", "no address"),
        ("contact", "me@example.org"),
        ("key", "k"),
    ];
    let kept = |html: &Html, status: u16| {
        let typed = fields(html);
        for (name, value) in filled.iter().filter(|(name, _)| *name != "link") {
            let found = typed.iter().any(|(known, is)| known == name && is == value);
            assert!(found, "{status}: {name} in {typed:?}");
        }
    };
    let send = async |link: &str, key: &str| {
        let mut sent: Vec<(&str, &str)> = filled.to_vec();
        sent.retain(|(name, _)| !matches!(*name, "link" | "key"));
        sent.extend([("link", link), ("key", key)]);
        form(&api, "/contribute", None)
            .form(&sent)
            .send()
            .await
            .unwrap()
    };
    // At its field, which has the focus.
    let wrong = send("no address", "k").await;
    assert_eq!(wrong.status(), 400);
    let wrong = read(wrong).await;
    kept(&wrong, 400);
    let focus = wrong.0.iter().find(|tag| tag.get("autofocus").is_some());
    let focus = focus.unwrap();
    assert_eq!(
        (
            focus.get("id"),
            focus.get("aria-invalid"),
            focus.get("value")
        ),
        (Some("link"), Some("true"), Some("no address"))
    );
    assert_eq!(send("", "k").await.status(), 303);
    // The first one counted, too. The time to wait is told.
    let limited = send("", "another").await;
    assert_eq!(limited.status(), 429);
    let seconds: u64 = limited.headers()["retry-after"]
        .to_str()
        .unwrap()
        .parse()
        .unwrap();
    assert!(seconds > 60, "{seconds}");
    let limited = read(limited).await;
    let typed = fields(&limited);
    assert!(
        typed.contains(&("message".to_owned(), TYPED.to_owned())),
        "{typed:?}"
    );
    // From another site.
    let other = form(&api, "/contribute", None).header("sec-fetch-site", "cross-site");
    let other = other.form(&filled).send().await.unwrap();
    assert_eq!(other.status(), 403);
    assert!(other.text().await.unwrap().contains(TYPED));
    // Too large: nothing was read.
    let large = [("message", "long ".repeat(3_000))];
    let large = form(&api, "/contribute", None)
        .form(&large)
        .send()
        .await
        .unwrap();
    assert_eq!(large.status(), 413);
    let page = read(large).await;
    assert_eq!(page.faults(), [""; 0]);
    assert!(page.text_of("main").contains("at most 10000 bytes"));
}

#[tokio::test]
async fn a_draft_that_was_edited_elsewhere_is_replaced_only_on_purpose() {
    let api = Api::seeded().await;
    let carla = api.token(Role::Contributor, "carla").await;
    let path = "/contribute/add-a-treaty";
    let page = read(open_as(&api, path, "en", Some(&carla)).await).await;
    let mut typed = fields(&page);
    for (name, value) in [
        ("p0.fields.reference", "CETS 999"),
        ("p0.fields.shortTitle", "Treaty"),
        ("p0.fields.title", "Treaty of the test"),
        ("p0.fields.organisation", "Council of Europe"),
        ("p0.cite.0.source", "Source:unsourced"),
        ("title", "A treaty"),
        ("rationale", "It is new."),
        ("action", "save"),
    ] {
        set(&mut typed, name, value);
    }
    let saved = form(&api, path, Some(&carla))
        .form(&typed)
        .send()
        .await
        .unwrap();
    let draft = location(&saved);
    let path = draft.split('?').next().unwrap();
    // Two windows show the same revision.
    let shown = fields(&read(open_as(&api, &draft, "en", Some(&carla)).await).await);
    let save = async |title: &str, from: &[(String, String)]| {
        let mut typed = from.to_vec();
        set(&mut typed, "title", title);
        set(&mut typed, "action", "save");
        form(&api, path, Some(&carla))
            .form(&typed)
            .send()
            .await
            .unwrap()
    };
    assert_eq!(save("In one window", &shown).await.status(), 303);
    let newest = fields(&read(open_as(&api, &draft, "en", Some(&carla)).await).await);
    assert_eq!(
        save("In one window, once more", &newest).await.status(),
        303
    );
    let stale = save("In the other window", &shown).await;
    assert_eq!(stale.status(), 400);
    let stale = read(stale).await;
    assert!(stale.text_of("main").contains("Somebody edited this draft"));
    let returned = fields(&stale);
    assert!(returned.contains(&("title".to_owned(), "In the other window".to_owned())));
    assert_eq!(save("In the other window", &returned).await.status(), 303);
    let page = read(open_as(&api, &draft, "en", Some(&carla)).await).await;
    let title = fields(&page).into_iter().find(|(name, _)| name == "title");
    assert_eq!(title.unwrap().1, "In the other window");
}

#[tokio::test]
async fn records_of_one_proposal_refer_to_each_other() {
    let api = Api::seeded().await;
    let carla = api.token(Role::Contributor, "carla").await;
    let path = "/contribute/add-a-strategy?country=IE&topic=CYBERSECURITY_STRATEGY";
    let page = read(open_as(&api, path, "en", Some(&carla)).await).await;
    let mut typed = fields(&page);
    for (name, value) in [
        ("p0.fields.titles.0.text", "Strategy"),
        ("p0.fields.titles.0.language", "en"),
        ("p0.fields.status", "ADOPTED"),
        ("p0.key", "ie-new-strategy"),
        ("p0.cite.0.source", "Source:unsourced"),
        ("p1.fields.asOf", "2019"),
        ("p1.fields.via", "PolicyDocument:ie-new-strategy"),
        ("title", "A strategy"),
        ("rationale", "It is new."),
        ("action", "check"),
    ] {
        set(&mut typed, name, value);
    }
    let checked = form(&api, path, Some(&carla))
        .form(&typed)
        .send()
        .await
        .unwrap();
    assert_eq!(checked.status(), 200);
    let page = read(checked).await;
    let said = page.text_of("main");
    assert!(!said.contains("names no document"), "{said}");
    let mut offered = page.all("option").filter_map(|tag| tag.get("value"));
    assert!(offered.any(|id| id == "PolicyDocument:ie-new-strategy"));
    // A retirement among others takes no source of theirs.
    let path = "/contribute/merge-two-records?country=AZ&record=CoverageAssertion:az-cybercrime-policy-2020\
        &record=CoverageAssertion:az-action-plan-2020";
    let page = read(open_as(&api, path, "en", Some(&carla)).await).await;
    let mut typed = fields(&page);
    for (name, value) in [
        ("p0.reason", "It is said twice."),
        ("p1.fields.statement", "There is a plan."),
        ("p1.cite.0.source", "Source:octopus-az-2020"),
        ("title", "One finding"),
        ("rationale", "It is so."),
        ("action", "check"),
    ] {
        set(&mut typed, name, value);
    }
    let checked = form(&api, path, Some(&carla))
        .form(&typed)
        .send()
        .await
        .unwrap();
    assert_eq!(checked.status(), 200, "{}", checked.text().await.unwrap());
}
