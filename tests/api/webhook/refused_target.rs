//! Addresses to which nothing is posted.

use std::sync::{Arc, Mutex};

use cyberprofiles::graphql::{Service, Targets};
use cyberprofiles::webhook::{self, WebhookMetrics, WebhookSettings};
use serde_json::json;

use super::receiver::Receiver;
use super::{DOCUMENT, Owner, publish, quick};
use crate::harness::{Api, roomy};

/// The end of the message about a name, whatever the reason: an owner must not learn which internal names there are.
const NOT_PUBLIC: &str = "the name of its host leads to no public address: expected the name of a host in the DNS that has one";

#[tokio::test]
async fn addresses_that_are_not_public_are_refused_in_every_spelling() {
    let api = Api::builder()
        .webhooks(WebhookSettings::default())
        .start()
        .await;
    let carla = Owner::new(&api, "carla").await;
    for (url, expected) in [
        ("http://127.0.0.1/", "a loopback address"),
        ("http://127.0.0.1:8080/hook", "a loopback address"),
        ("http://10.0.0.1/", "a private address"),
        ("https://192.168.1.1/", "a private address"),
        (
            "http://169.254.169.254/latest/meta-data/",
            "a link-local address",
        ),
        ("http://100.64.0.1/", "CGNAT"),
        ("http://0.0.0.0/", "an unspecified address"),
        ("http://224.0.0.1/", "a multicast address"),
        ("http://192.0.2.1/", "an address for documentation"),
        ("http://[::1]/", "a loopback address"),
        ("http://[::]/", "an unspecified address"),
        ("http://[::ffff:10.0.0.1]/", "a private address"),
        ("http://[::ffff:a00:1]/", "a private address"),
        ("http://[64:ff9b::10.0.0.1]/", "a private address"),
        ("http://[2002:7f00:1::]/", "a loopback address"),
        ("http://[fd00::1]/", "a unique local address"),
        ("http://[fe80::1]/", "a link-local address"),
        ("http://localhost/", NOT_PUBLIC),
        ("http://LOCALHOST:80/", NOT_PUBLIC),
        ("http://name.invalid/", NOT_PUBLIC),
        ("http://0x7f000001/", "expected an absolute http"),
        ("http://2130706433/", "expected an absolute http"),
        ("http://127.1/", "expected an absolute http"),
        ("http://0177.0.0.1/", "expected an absolute http"),
        ("http://eva:secret@8.8.8.8/", "without user name"),
        ("ftp://8.8.8.8/", "expected an absolute http"),
        ("file:///etc/passwd", "expected an absolute http"),
    ] {
        let input = json!({ "url": url, "document": DOCUMENT });
        let payload = carla.mutate("createWebhook", input).await;
        let error = &payload["userErrors"][0];
        assert_eq!(error["code"], "INVALID", "{url}: {payload:#}");
        assert_eq!(error["path"], json!(["url"]));
        let message = error["message"].as_str().unwrap();
        assert!(message.contains(expected), "{url}: {message}");
        assert!(!message.contains("secret"), "{message}");
    }
}

#[tokio::test]
async fn a_name_that_changes_its_address_after_the_check_leads_nowhere() {
    let receiver = Receiver::taking().await;
    let api = Api::builder().start().await;
    // A DNS whose answers the test changes. Only the public address is permitted.
    let address = Arc::new(Mutex::new("8.8.8.8"));
    let told = Arc::clone(&address);
    let targets = Targets::resolved_by(Vec::new(), move |_| {
        let address = told.lock().unwrap().parse().unwrap();
        Box::pin(async move { Ok(vec![address]) })
    });
    let service = Service::new(api.store.clone(), roomy());
    service.set_targets(targets.clone());
    api.service.set_targets(targets);
    let _posting = webhook::start(service, quick(), WebhookMetrics::default()).unwrap();
    let carla = Owner::new(&api, "carla").await;
    let url = format!("http://example.org:{}/hook", receiver.address.port());
    let (id, _) = carla.create(&url, None).await;
    *address.lock().unwrap() = "127.0.0.1";
    publish(&api, 1, "n").await;
    let webhook = carla
        .until(&id, |webhook| webhook["state"] == "FAILING")
        .await;
    let error = webhook["lastError"].as_str().unwrap();
    assert!(error.ends_with(NOT_PUBLIC), "{error}");
    assert!(!error.contains("127.0.0.1"), "{error}");
    assert!(receiver.received().is_empty());
}

#[tokio::test]
async fn an_address_that_is_allowed_no_longer_is_refused_at_each_post() {
    let receiver = Receiver::taking().await;
    let mut api = Api::builder().webhooks(quick()).start().await;
    let carla = Owner::new(&api, "carla").await;
    let (id, _) = carla.create(&receiver.url(), None).await;
    drop(api.webhooks.take());
    let settings = WebhookSettings {
        webhook_allow: Vec::new(),
        ..quick()
    };
    let again = Api::builder().database(api.url.clone()).webhooks(settings);
    let again = again.start().await;
    let carla = Owner::new(&again, "carla").await;
    publish(&again, 1, "n").await;
    let webhook = carla
        .until(&id, |webhook| webhook["state"] == "FAILING")
        .await;
    let error = webhook["lastError"].as_str().unwrap();
    assert!(error.contains("its host is a loopback address"), "{error}");
    assert!(receiver.received().is_empty());
}
