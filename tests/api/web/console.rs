//! The GraphQL console: its page, its files in each content coding, and the form without scripts.

use cyberprofiles::domain::viewer::Role;
use cyberprofiles::http::Settings;
use reqwest::Method;
use serde_json::{Value, json};

use super::html::Html;
use super::pages::open;
use crate::harness::{Api, retitle};

/// The JSON that the form shows.
fn answer(page: &str) -> Value {
    let html = Html::read(page);
    serde_json::from_str(&html.text_of("pre")).unwrap()
}

#[tokio::test]
async fn graphiql_comes_from_this_program_in_every_content_coding() {
    let api = Api::empty().await;
    let page = open(&api, "/graphiql", "en").await;
    let policy = page.headers()["content-security-policy"]
        .to_str()
        .unwrap()
        .to_owned();
    for part in [
        "default-src 'none'",
        "script-src 'self'",
        "worker-src 'self'",
        "form-action 'self'",
    ] {
        assert!(policy.contains(part), "{policy}");
    }
    assert!(
        !policy.contains("http") && !policy.contains("unsafe-eval"),
        "{policy}"
    );
    let tag = page.headers()["etag"].clone();
    let again = api
        .request(Method::GET, "/graphiql")
        .header("accept-language", "en");
    let again = again.header("if-none-match", tag).send().await.unwrap();
    assert_eq!(again.status(), 304);
    let text = page.text().await.unwrap();
    let html = Html::read(&text);
    let script = html
        .all("script")
        .find_map(|tag| tag.get("src"))
        .unwrap()
        .to_owned();
    let folder = script.rsplit_once('/').unwrap().0.to_owned();
    for (name, kind) in [
        ("graphiql.js", "text/javascript; charset=utf-8"),
        ("worker.js", "text/javascript; charset=utf-8"),
        ("graphiql.css", "text/css; charset=utf-8"),
        ("codicon.ttf", "font/ttf"),
        ("LICENSES.txt", "text/plain; charset=utf-8"),
    ] {
        let path = format!("{folder}/{name}");
        let mut sizes = Vec::new();
        for (accept, coding) in [
            ("gzip, br", Some("br")),
            ("gzip", Some("gzip")),
            ("identity", None),
        ] {
            let file = api
                .request(Method::GET, &path)
                .header("accept-encoding", accept);
            let file = file.send().await.unwrap();
            assert_eq!(file.status(), 200, "{path}");
            let found = file
                .headers()
                .get("content-encoding")
                .map(|value| value.to_str().unwrap());
            assert_eq!(found, coding, "{path}");
            assert_eq!(file.headers()["content-type"], kind, "{path}");
            assert!(
                file.headers()["cache-control"]
                    .to_str()
                    .unwrap()
                    .contains("immutable")
            );
            sizes.push(file.bytes().await.unwrap().len());
        }
        assert!(
            sizes[0] < sizes[1] && sizes[1] < sizes[2],
            "{name}: {sizes:?}"
        );
    }
    assert_eq!(
        open(&api, &format!("{folder}/nothing.js"), "en")
            .await
            .status(),
        404
    );
    assert_eq!(
        open(&api, "/graphiql/old/graphiql.js", "en").await.status(),
        404
    );
}

#[tokio::test]
async fn the_examples_of_the_console_run_without_errors() {
    let api = Api::seeded().await;
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/web/console/examples");
    let mut examples = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let example = std::fs::read_to_string(file.unwrap().path()).unwrap();
        examples += 1;
        if example.contains("subscription ") {
            let mut socket = api.socket(json!({})).await;
            socket.subscribe("1", &example, json!({})).await;
            api.followed_by(1).await;
            api.editor("eva").await.publish(retitle(1, "Seen")).await;
            assert_eq!(socket.event().await["changes"]["record"]["label"], "Seen");
        } else if !example.contains("mutation ") {
            api.query(&example).await;
        }
    }
    assert_eq!(examples, 7);
}

#[tokio::test]
async fn without_scripts_a_form_answers_and_a_mutation_needs_its_token() {
    let api = Api::seeded().await;
    let shell = open(&api, "/graphiql?query=%7Ba%3C%2Ftextarea%3E%7D", "en")
        .await
        .text()
        .await
        .unwrap();
    assert!(
        shell.contains("<noscript>") && shell.contains("{a&#60;/textarea&#62;}"),
        "{shell}"
    );
    let get = open(
        &api,
        "/graphiql?run=1&query=query%20b%7Btreaty(reference%3A%22ETS%20185%22)%7BshortTitle%20reference%7D%7D%20query%20a%7B__typename%7D&operationName=b",
        "en",
    )
    .await;
    assert_eq!(get.headers()["cache-control"], "no-store");
    let page = get.text().await.unwrap();
    // Members stand in the order of the query.
    let text = Html::read(&page).text_of("pre");
    assert!(text.find("shortTitle") < text.find("reference"), "{text}");
    assert_eq!(answer(&page)["data"]["treaty"]["reference"], "ETS 185");
    let mutation = "mutation { submitTip(input: { country: \"AZ\", message: \"M\" }) { userErrors { code } } }";
    let by_get = format!(
        "/graphiql?run=1&query={}",
        mutation.replace(' ', "%20").replace('"', "%22")
    );
    let refused = answer(&open(&api, &by_get, "en").await.text().await.unwrap());
    assert_eq!(refused["errors"][0]["message"], "a mutation needs POST");
    let editor = api.token(Role::Editor, "eva").await;
    let post = async |token: &str, cookie: Option<&str>| {
        let mut request = api
            .request(Method::POST, "/graphiql")
            .header("accept", "text/html");
        request = request.header("sec-fetch-site", "same-origin");
        if let Some(cookie) = cookie {
            request = request.header("cookie", format!("cyberprofiles-session={cookie}"));
        }
        let form = [
            ("query", "{ viewer { role } }"),
            ("token", token),
            ("variables", "{}"),
        ];
        request.form(&form).send().await.unwrap()
    };
    let role = async |token: &str, cookie: Option<&str>| {
        let page = post(token, cookie).await.text().await.unwrap();
        assert!(!page.contains(&editor), "the token is not repeated");
        answer(&page)["data"]["viewer"]["role"].clone()
    };
    assert_eq!(role("", None).await, "ANONYMOUS");
    assert_eq!(role(&editor, None).await, "EDITOR");
    // An address can fill the form, so the session of the person does not count.
    assert_eq!(role("", Some(&editor)).await, "ANONYMOUS");
    let wrong = post("wrong", None).await;
    assert_eq!(wrong.status(), 400);
    assert!(wrong.text().await.unwrap().contains("token"));
}

#[tokio::test]
async fn browsers_at_the_endpoint_are_sent_to_the_console_unless_it_is_switched_off() {
    let api = Api::empty().await;
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
    let client = client.tls_built_in_root_certs(false).build().unwrap();
    let get = async |api: &Api| {
        let request = client.get(format!("http://{}/graphql", api.address));
        request.header("accept", "text/html").send().await.unwrap()
    };
    let sent = get(&api).await;
    assert_eq!(
        (sent.status().as_u16(), &sent.headers()["location"]),
        (303, &"/graphiql".parse().unwrap())
    );
    let off = Settings {
        graphiql: false,
        ..Settings::default()
    };
    let off = Api::builder().empty().http(off).start().await;
    assert_eq!(get(&off).await.status(), 404);
    for path in ["/graphiql", "/graphiql?run=1&query=x"] {
        assert_eq!(open(&off, path, "en").await.status(), 404, "{path}");
    }
    let shell = open(&api, "/graphiql", "en").await.text().await.unwrap();
    let script = Html::read(&shell)
        .all("script")
        .find_map(|tag| tag.get("src"))
        .unwrap()
        .to_owned();
    assert_eq!(open(&off, &script, "en").await.status(), 404);
    for path in ["/about", "/nothing"] {
        let page = open(&off, path, "en").await.text().await.unwrap();
        assert!(!page.contains("/graphiql"), "{path}");
    }
}
