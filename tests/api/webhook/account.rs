//! The account page: a webhook is made there, shows its secret once, gets another one, and is deleted.

use reqwest::{Method, Response};
use serde_json::Value;

use super::receiver::Receiver;
use super::verified::signature;
use super::{DOCUMENT, Owner, posting, publish, until_edits_are_read};
use crate::harness::Api;

/// Sends a form of the account page. Returns the page that answers.
async fn post(api: &Api, token: &str, fields: &[(&str, &str)]) -> Response {
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
    let url = format!("http://{}/account", api.address);
    let request = client.build().unwrap().post(url);
    let request = request
        .header("cookie", format!("cyberprofiles-session={token}"))
        .header("sec-fetch-site", "same-origin");
    request.form(fields).send().await.unwrap()
}

/// The account page.
async fn page(api: &Api, token: &str) -> String {
    let request = api.request(Method::GET, "/account");
    let cookie = format!("cyberprofiles-session={token}");
    let response = request.header("cookie", cookie).send().await.unwrap();
    assert_eq!(response.headers()["cache-control"], "no-store");
    response.text().await.unwrap()
}

/// The secret that a page shows.
fn secret(page: &str) -> Option<&str> {
    let (_, rest) = page.split_once("<code id=\"webhook-secret\">")?;
    Some(rest.split_once('<')?.0)
}

async fn hooks(owner: &Owner<'_>) -> Vec<Value> {
    let query = "{ webhooks { id url document } }";
    let found = owner.ask(query, Value::Null).await;
    found["webhooks"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_webhook_is_made_rotated_and_deleted_on_the_account_page() {
    let api = posting().await;
    let carla = Owner::new(&api, "carla").await;
    let receiver = Receiver::taking().await;
    let url = receiver.url();
    let create = [
        ("action", "create"),
        ("key", "one"),
        ("url", url.as_str()),
        ("document", DOCUMENT),
    ];
    let made = post(&api, &carla.token, &create).await;
    assert_eq!(made.status(), 200);
    let made = made.text().await.unwrap();
    let old = secret(&made).unwrap();
    assert!(old.starts_with("whsec_"), "{old}");
    // Shown once: neither the same form again nor the page itself shows it.
    let again = post(&api, &carla.token, &create)
        .await
        .text()
        .await
        .unwrap();
    assert!(secret(&again).is_none() && again.contains("The webhook exists already"));
    assert!(!page(&api, &carla.token).await.contains(old));
    let all = hooks(&carla).await;
    assert_eq!(all.len(), 1);
    let id = all[0]["id"].as_str().unwrap();

    let rotated = post(&api, &carla.token, &[("action", "rotate"), ("id", id)]).await;
    let rotated = rotated.text().await.unwrap();
    let new = secret(&rotated).unwrap();
    assert_ne!(new, old);
    until_edits_are_read().await;
    publish(&api, 1, "overlap").await;
    let told = receiver.wait_for(1).await[0].clone();
    let both = format!("{} {}", signature(new, &told), signature(old, &told));
    assert_eq!(told.header("webhook-signature"), both);
    carla.until_taken(id).await;
    assert!(page(&api, &carla.token).await.contains("<td>204</td>"));

    // A document that is refused comes back, so that it can be corrected.
    let wrong = [
        ("action", "update"),
        ("id", id),
        ("url", url.as_str()),
        ("document", "subscription { nothing }"),
    ];
    let refused = post(&api, &carla.token, &wrong).await;
    assert_eq!(refused.status(), 400);
    assert!(
        refused
            .text()
            .await
            .unwrap()
            .contains("subscription { nothing }</textarea>")
    );
    assert_eq!(hooks(&carla).await[0]["document"], DOCUMENT);

    let deleted = post(&api, &carla.token, &[("action", "delete"), ("id", id)]).await;
    assert_eq!(deleted.status(), 303);
    assert!(hooks(&carla).await.is_empty());
    // Nobody else can touch it.
    let other = Owner::new(&api, "dora").await;
    let refused = post(&api, &other.token, &[("action", "delete"), ("id", id)]).await;
    assert_eq!(refused.status(), 400);
}
