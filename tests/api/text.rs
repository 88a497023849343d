//! Texts and URLs in input: one form for each text, and no URL that leads elsewhere than it reads.

use cyberprofiles::domain::viewer::Role;
use serde_json::{Value, json};

use crate::harness::{Api, cite};

/// URLs that the `url` crate would change silently, or that no database can store.
const UNFIT: [&str; 20] = [
    "https://example.org/\0",
    "https://example.org/\u{1}",
    "https://example.org/%00",
    "https://example.org/\u{202e}gpj.exe",
    "https://exa\u{ad}mple.org/",
    "https://exa\u{200b}mple.org/",
    "https://.",
    "https://",
    "https:/example.org",
    "https://?q",
    "https://a..example.org/",
    "https:\\\\example.org\\",
    "https://example.org\\@example.com/",
    " https://example.org/",
    "https://exam\tple.org/",
    "https://example.org/\n",
    "https://user:s3cret@example.org/",
    "https://example.org:/",
    "ftp://example.org/",
    "https://2130706433/",
];

/// URLs that lead to the address that they show.
const FIT: [&str; 6] = [
    "https://www.coe.int",
    "HTTPS://WWW.Example.org:443/a/../b?q=%20|_#top",
    "http://a_b.example.org:8080/",
    "https://münchen.example/straße",
    "https://xn--mnchen-3ya.example/",
    "https://[2001:db8::1]/@coe",
];

/// Every place of a change that takes a URL: its path, and the change.
fn places(url: &str) -> Vec<(&'static str, Value)> {
    let source = |field: &str| {
        let mut fields = json!({ "kind": "NEWS", "title": "A" });
        fields[field] = url.into();
        json!({ "createSource": { "key": "a", "fields": fields } })
    };
    let institution = |create: &str, field: &str| {
        let mut fields = json!({ "kind": "OTHER", "status": "UNKNOWN", "country": "AZ" });
        fields["names"] = json!([{ "text": "A", "language": "en" }]);
        fields[field] = url.into();
        json!({ create: { "key": "a", "fields": fields, "cite": cite() } })
    };
    let document = json!({ "createPolicyDocument": { "key": "a", "cite": cite(), "fields": {
        "kind": "LAW", "status": "UNKNOWN", "country": "AZ", "titles": [{ "text": "A", "language": "en" }],
        "texts": [{ "url": url }] } } });
    vec![
        ("createSource.fields.url", source("url")),
        ("createSource.fields.archivedUrl", source("archivedUrl")),
        (
            "createCybersecurityBody.fields.website",
            institution("createCybersecurityBody", "website"),
        ),
        (
            "createOperationalUnit.fields.reportingUrl",
            institution("createOperationalUnit", "reportingUrl"),
        ),
        ("createPolicyDocument.fields.texts.0.url", document),
    ]
}

#[tokio::test]
async fn misleading_or_malformed_urls_are_refused_in_every_input() {
    let api = Api::seeded().await;
    let carla = api.contributor().await;
    for url in UNFIT {
        for (place, change) in places(url) {
            let line = change.to_string();
            let payload = carla.propose(json!([change])).await;
            let found = &payload["userErrors"][0];
            assert_eq!(payload["contribution"], Value::Null, "{url:?} {place}");
            assert_eq!(found["code"], "INVALID", "{url:?} {place}: {found}");
            let path: Vec<&str> = found["path"]
                .as_array()
                .unwrap()
                .iter()
                .map(|step| step.as_str().unwrap())
                .collect();
            assert_eq!(path.join("."), format!("changes.0.{place}"), "{url:?}");
            let message = found["message"].as_str().unwrap();
            let expected = "does not fit: expected an absolute http or https address";
            assert!(message.contains(expected), "{url:?}: {message}");
            assert!(!message.contains("s3cret"), "{message}");
            assert!(!message.contains(['\0', '\u{1}', '\u{202e}', '\u{ad}']));
            assert!(api.import(&line, false).await.is_err(), "{url:?} {place}");
        }
        let send = "mutation($link: URL!) { submitTip(input: { country: \"AZ\", message: \"A\", link: $link }) {
            contribution { id } userErrors { code path } } }";
        let tip = api.anyone().ask(send, json!({ "link": url })).await.data();
        let expected = json!({ "contribution": null, "userErrors": [{ "code": "INVALID", "path": ["link"] }] });
        assert_eq!(tip["submitTip"], expected, "{url:?}");
    }
}

#[tokio::test]
async fn a_url_is_stored_exactly_as_given() {
    let api = Api::seeded().await;
    let eva = api.editor("eva").await;
    for (at, url) in FIT.iter().enumerate() {
        let fields = json!({ "kind": "NEWS", "title": "A", "url": url, "archivedUrl": url });
        let key = format!("text-{at}");
        eva.publish(json!([{ "createSource": { "key": key, "fields": fields } }]))
            .await;
        let query =
            format!("{{ node(id: \"Source:{key}\") {{ ... on Source {{ url archivedUrl }} }} }}");
        let answer = api.query(&query).await;
        assert_eq!(answer["node"], json!({ "url": url, "archivedUrl": url }));
    }
    let whole = api.export().await;
    let again = Api::empty().await;
    again.import(&whole, false).await.unwrap();
    assert!(again.export().await == whole);
}

/// Two spellings of one text: with composed letters, and with combining marks.
const COMPOSED: &str = "Café Åland";
const APART: &str = "Cafe\u{301} A\u{30a}land";

#[tokio::test]
async fn texts_are_stored_and_compared_in_unicode_composed_form() {
    let api = Api::seeded().await;
    let eva = api.editor("eva").await;
    let source = json!({ "createSource": { "key": "a", "fields": {
        "kind": "NEWS", "title": APART, "publisher": APART, "url": format!("https://example.org/{APART}").replace(' ', "") } } });
    let country = json!({ "updateCountry": { "id": "Country:az", "baseVersion": 1, "cite": [{
        "source": "Source:a", "locator": APART, "quote": APART }],
        "set": { "region": APART, "names": [{ "text": APART, "language": "en" }] } } });
    eva.publish(json!([source, country])).await;
    let query = "{ node(id: \"Source:a\") { ... on Source { title publisher url } }
        country(code: \"AZ\") { names { text } region citations(field: REGION) { locator quote } } }";
    let answer = api.query(query).await;
    let url = format!("https://example.org/{APART}").replace(' ', "");
    let expected = json!({
        "node": { "title": COMPOSED, "publisher": COMPOSED, "url": url },
        "country": { "names": [{ "text": COMPOSED }], "region": COMPOSED,
            "citations": [{ "locator": COMPOSED, "quote": COMPOSED }] },
    });
    assert_eq!(answer, expected);
    for region in [COMPOSED, APART] {
        let query = format!(
            "{{ countries(filter: {{ regions: [\"{region}\"] }}) {{ nodes {{ code }} }}
                treaty(reference: \"ETS 185\") {{ participations(filter: {{ regions: [\"{region}\"] }}) {{ totalCount }} }} }}"
        );
        let found = api.query(&query).await;
        assert_eq!(found["countries"]["nodes"], json!([{ "code": "AZ" }]));
        assert_eq!(found["treaty"]["participations"]["totalCount"], 1);
    }
    // Written back in the other spelling it equals the stored text: no change, and no conflict.
    let again = json!([{ "updateSource": { "id": "Source:a", "baseVersion": 1, "set": { "title": APART, "publisher": "B" } } }]);
    eva.publish(again).await;
    let fields = "{ node(id: \"Source:a\") { ... on Source { version } } changes(last: 1) { nodes { fields { field } } } }";
    let answer = api.query_once(fields).await;
    assert_eq!(answer["node"]["version"], 2);
    let changed = &answer["changes"]["nodes"][0]["fields"];
    assert_eq!(*changed, json!([{ "field": "PUBLISHER" }]));
    let whole = api.export().await;
    let apart = whole.replace(COMPOSED, APART);
    assert_ne!(apart, whole);
    let imported = api.import(&apart, false).await.unwrap();
    assert_eq!((imported.created, imported.updated), (0, 0));
    assert!(api.export().await == whole);
}

#[tokio::test]
async fn texts_of_a_contribution_are_stored_in_unicode_composed_form() {
    let api = Api::seeded().await;
    let carla = api.contributor().await;
    let changes =
        json!([{ "createSource": { "key": "a", "fields": { "kind": "NEWS", "title": "A" } } }]);
    let input = json!({ "title": APART, "rationale": APART, "changes": changes, "submit": true,
        "idempotencyKey": APART });
    let first = carla.create(input.clone()).await;
    let id = first["contribution"]["id"].as_str().unwrap().to_owned();
    let mut other = input;
    other["idempotencyKey"] = COMPOSED.into();
    assert_eq!(carla.create(other).await["contribution"]["id"], id.as_str());
    let comment = "mutation($input: CommentOnContributionInput!) { commentOnContribution(input: $input) { userErrors { code } } }";
    let input = json!({ "input": { "id": id, "body": APART } });
    carla.ask(comment, input).await.data();
    let rejected = json!({ "id": id, "revision": 1, "reason": APART });
    api.editor("eva")
        .await
        .step("rejectContribution", rejected)
        .await;
    let query = format!(
        "{{ contribution(id: \"{id}\") {{ title rationale decision comments {{ body }} }} }}"
    );
    let answer = carla.ask(&query, json!({})).await.data();
    let expected = json!({ "title": COMPOSED, "rationale": COMPOSED, "decision": COMPOSED,
        "comments": [{ "body": COMPOSED }] });
    assert_eq!(answer["contribution"], expected);
}

#[tokio::test]
async fn a_token_name_with_unreadable_characters_is_refused() {
    let api = Api::empty().await;
    for (name, person) in [
        ("a\0b", None),
        ("a\u{1b}[31mb", None),
        ("a\nb", None),
        (" ", None),
        ("a", Some("a\u{1}")),
        ("a", Some("a\u{202e}b")),
        ("a", Some("a\tb")),
    ] {
        let made = api
            .store
            .create_token(Role::Editor, name, person, None)
            .await;
        let refused = made.err().unwrap().to_string();
        assert!(refused.contains("must"), "{name:?} {person:?}: {refused}");
        assert!(!refused.contains(char::is_control), "{refused:?}");
    }
    let token = api
        .store
        .create_token(Role::Editor, APART, Some(APART), None)
        .await
        .unwrap();
    let who = api
        .bearer(&token)
        .ask("{ viewer { id name } }", json!({}))
        .await;
    let expected = json!({ "viewer": { "id": COMPOSED, "name": COMPOSED } });
    assert_eq!(who.data(), expected);
}
