//! The routes, their status codes, and the limits of one request.

use cyberprofiles::domain::viewer::Role;
use cyberprofiles::graphql::limits::Limits;
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::Api;

#[tokio::test]
async fn every_route_answers_and_an_unknown_path_is_404() {
    let api = Api::empty().await;
    let get = async |path: &str| api.request(Method::GET, path).send().await.unwrap();
    for path in ["/livez", "/readyz"] {
        let response = get(path).await;
        assert_eq!(response.status(), 200);
        assert!(response.headers().contains_key("x-request-id"));
    }
    let schema = get("/schema.graphql").await.text().await.unwrap();
    assert_eq!(schema, cyberprofiles::graphql::sdl());
    assert_eq!(get("/nothing").await.status(), 404);
}

#[tokio::test]
async fn get_executes_queries_and_refuses_mutations_and_subscriptions() {
    let api = Api::seeded().await;
    let get = async |query: &[(&str, &str)]| {
        let response = api
            .request(Method::GET, "/graphql")
            .query(query)
            .send()
            .await
            .unwrap();
        (
            response.status().as_u16(),
            response.json::<Value>().await.unwrap(),
        )
    };
    let asked = [
        (
            "query",
            "query($c: CountryCode!) { country(code: $c) { name } }",
        ),
        ("variables", "{\"c\":\"AZ\"}"),
    ];
    assert_eq!(
        get(&asked).await,
        (
            200,
            json!({ "data": { "country": { "name": "Azerbaijan" } } })
        )
    );
    let mutation = "mutation { submitContribution(input: { id: \"Contribution:x\", revision: 1 }) { userErrors { code } } }";
    let (status, body) = get(&[("query", mutation)]).await;
    assert_eq!(
        (status, &body["errors"][0]["message"]),
        (405, &json!("a mutation needs POST"))
    );
    let (status, body) = get(&[("query", "subscription { changes { sequence } }")]).await;
    // Clients that accept application/json get the error with the status 200.
    assert_eq!(status, 200);
    assert!(
        body["errors"][0]["message"]
            .as_str()
            .unwrap()
            .contains("/graphql/ws")
    );
    assert_eq!(get(&[("nothing", "x")]).await.0, 400);
    assert_eq!(get(&[]).await.0, 400);
}

#[tokio::test]
async fn an_unreadable_body_is_400_and_another_content_type_415() {
    let api = Api::empty().await;
    let post = async |kind: &str, body: &'static str| {
        let request = api
            .request(Method::POST, "/graphql")
            .header("content-type", kind)
            .header("accept", "application/graphql-response+json")
            .body(body);
        let response = request.send().await.unwrap();
        (
            response.status().as_u16(),
            response.json::<Value>().await.unwrap(),
        )
    };
    let ok = "{\"query\":\"{ head { sequence } }\"}";
    assert_eq!(post("application/json; charset=utf-8", ok).await.0, 200);
    for (body, says) in [
        ("{", "JSON"),
        ("[]", "maxBatch"),
        ("7", "JSON object"),
        ("{\"query\":1}", "expected a string"),
        ("{\"query\":\"{\"}", "expected"),
        ("{\"query\":\"{ nothing }\"}", "nothing"),
        (
            "{\"query\":\"query a { head { sequence } } query b { head { sequence } }\"}",
            "operationName",
        ),
    ] {
        let (status, answer) = post("application/json", body).await;
        assert_eq!(status, 400, "{answer}");
        assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
        let message = answer["errors"][0]["message"].as_str().unwrap();
        assert!(message.contains(says), "{message}");
    }
    for kind in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
    ] {
        assert_eq!(post(kind, ok).await.0, 415);
    }
    let request = api.request(Method::POST, "/graphql");
    let compressed = request
        .header("content-type", "application/json")
        .header("content-encoding", "gzip")
        .body(ok);
    assert_eq!(compressed.send().await.unwrap().status(), 415);
}

#[tokio::test]
async fn a_bad_token_is_401_and_not_treated_as_anonymous() {
    let api = Api::empty().await;
    // Source: RFC 6750, section 3.1.
    for (value, challenge) in [
        ("Bearer nonsense", "Bearer error=\"invalid_token\""),
        ("Basic abc", "Bearer"),
        ("Bearer", "Bearer"),
        ("", "Bearer"),
    ] {
        let request = api
            .request(Method::POST, "/graphql")
            .header("authorization", value);
        let response = request
            .json(&json!({ "query": "{ head { sequence } }" }))
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), 401, "{value}");
        assert_eq!(response.headers()["www-authenticate"], challenge, "{value}");
    }
    let viewer = api.query("{ viewer { id name role } }").await;
    assert_eq!(
        viewer["viewer"],
        json!({ "id": null, "name": null, "role": "ANONYMOUS" })
    );
}

#[tokio::test]
async fn each_document_limit_is_enforced_and_shown_in_service_config() {
    let limits = Limits {
        max_depth: 5,
        max_complexity: 60,
        max_root_fields: 3,
        max_aliases: 2,
        max_tokens: 60,
        max_nesting: 6,
        ..Limits::default()
    };
    let api = Api::builder().empty().limits(limits).start().await;
    let config = api
        .query_once(
            "{ serviceConfig { maxDepth maxComplexity maxRootFields maxAliases maxTokens } }",
        )
        .await;
    assert_eq!(
        config["serviceConfig"],
        json!({ "maxDepth": 5, "maxComplexity": 60, "maxRootFields": 3, "maxAliases": 2, "maxTokens": 60 })
    );
    let within = [
        "{ countries(first: 20) { nodes { name } } }",
        "{ country(code: \"AZ\") { administeredBy { administeredBy { administeredBy { code } } } } }",
        "{ head { sequence } viewer { role } serviceConfig { maxDepth } }",
        "{ a: head { b: sequence } }",
    ];
    for query in within {
        api.query_once(query).await;
    }
    let beyond = [
        "{ countries(first: 31) { nodes { name } } }",
        "{ country(code: \"AZ\") { administeredBy { administeredBy { administeredBy { administeredBy { code } } } } } }",
        "{ head { sequence } viewer { role } serviceConfig { maxDepth } country(code: \"AZ\") { code } }",
        "{ a: head { b: sequence c: sequence } }",
        "{ a { a { a { a { a { a { a } } } } } } }",
    ];
    for query in beyond {
        let answer = api.fails(query).await;
        assert_eq!(
            (answer.status, answer.code()),
            (400, "TOO_COMPLEX"),
            "{query}: {}",
            answer.message()
        );
    }
    let tokens = format!("{{ head {{ {} }} }}", "sequence ".repeat(60));
    assert_eq!(api.fails(&tokens).await.code(), "TOO_COMPLEX");
}

#[tokio::test]
async fn document_limits_apply_on_websockets_too() {
    let api = Api::empty().await;
    let deep = format!(
        "{{ a(x: {}1{}) }}",
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    assert_eq!(api.fails(&deep).await.code(), "TOO_COMPLEX");
    let mut socket = api.socket(json!({})).await;
    socket.subscribe("1", &deep, json!({})).await;
    let said = socket.next().await.to_string();
    assert!(said.contains("TOO_COMPLEX"), "{said}");
    let mut bomb = "{ ...f0 }".to_owned();
    for at in 0..40 {
        bomb.push_str(&format!(
            " fragment f{at} on Query {{ ...f{0} ...f{0} }}",
            at + 1
        ));
    }
    bomb.push_str(" fragment f40 on Query { head { sequence } }");
    socket.subscribe("2", &bomb, json!({})).await;
    let said = socket.next().await.to_string();
    assert!(said.contains("TOO_COMPLEX"), "{said}");
    api.query("{ head { sequence } }").await;
}

#[tokio::test]
async fn a_credential_in_the_address_is_401_and_not_treated_as_anonymous() {
    let api = Api::empty().await;
    let token = api.token(Role::Editor, "eva").await;
    let query = "query=%7Bviewer%7Brole%7D%7D";
    for (name, accept) in [
        ("access_token", "text/event-stream"),
        ("token", "application/json"),
        ("Authorization", "multipart/mixed;subscriptionSpec=1.0"),
        ("api%5Fkey", "*/*"),
    ] {
        let path = format!("/graphql?{query}&{name}={token}");
        let got = api.request(Method::GET, &path).header("accept", accept);
        let path = format!("/graphql?{name}={token}");
        let posted = api.request(Method::POST, &path);
        let posted = posted.json(&json!({ "query": "{ viewer { role } }" }));
        for request in [got, posted] {
            let response = request.send().await.unwrap();
            assert_eq!(response.status(), 401, "{name}");
            assert_eq!(response.headers()["www-authenticate"], "Bearer", "{name}");
            let text = response.text().await.unwrap();
            assert!(
                text.contains("send the header `Authorization: Bearer TOKEN`"),
                "{text}"
            );
            assert!(!text.contains(&token), "{text}");
        }
    }
    let socket = api.request(Method::GET, &format!("/graphql/ws?token={token}"));
    let socket = socket
        .header("connection", "Upgrade")
        .header("upgrade", "websocket")
        .header("sec-websocket-version", "13")
        .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")
        .header("sec-websocket-protocol", "graphql-transport-ws");
    assert_eq!(socket.send().await.unwrap().status(), 401);
    // With the header, the caller is known, and the parameter may be meant for a proxy.
    let path = format!("/graphql?{query}&apikey=x&author=y");
    let known = api.request(Method::GET, &path).bearer_auth(&token);
    let known: Value = known.send().await.unwrap().json().await.unwrap();
    assert_eq!(known["data"]["viewer"]["role"], "EDITOR");
}

#[tokio::test]
async fn crawlers_find_their_rules_and_browsers_the_icon() {
    let api = Api::empty().await;
    for method in [Method::GET, Method::HEAD] {
        let robots = api.request(method.clone(), "/robots.txt").send().await;
        let robots = robots.unwrap();
        assert_eq!(robots.status(), 200);
        assert_eq!(
            robots.headers()["content-type"],
            "text/plain; charset=utf-8"
        );
        assert_eq!(robots.headers()["cache-control"], "public, max-age=86400");
        let icon = api.request(method.clone(), "/favicon.ico").send().await;
        let icon = icon.unwrap();
        assert_eq!(icon.status(), 200);
        assert_eq!(icon.headers()["content-type"], "image/vnd.microsoft.icon");
        assert!(icon.headers()["content-length"].to_str().unwrap().len() > 2);
        let (robots, icon) = (robots.text().await.unwrap(), icon.bytes().await.unwrap());
        if method == Method::HEAD {
            assert_eq!((robots.len(), icon.len()), (0, 0));
            continue;
        }
        assert!(robots.contains("Allow: /\n") && robots.contains("Disallow: /graphql?\n"));
        // The header of an icon file, and two images: 16 and 32 pixels wide.
        assert_eq!(&icon[..7], [0, 0, 1, 0, 2, 0, 16]);
        assert_eq!(icon[22], 32);
    }
}

#[tokio::test]
async fn browsers_get_a_page_for_a_missing_path_and_programs_get_json() {
    let api = Api::empty().await;
    let ask = async |method: Method, path: &str, accept: Option<&str>| {
        let mut request = api.request(method, path);
        if let Some(accept) = accept {
            request = request.header("accept", accept);
        }
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 404, "{path}");
        let kind = response.headers()["content-type"]
            .to_str()
            .unwrap()
            .to_owned();
        (kind, response.text().await.unwrap())
    };
    let html = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
    let path = "/nothing/%3Cscript%3E'x'&amp;?a=<b>";
    let (kind, page) = ask(Method::GET, path, Some(html)).await;
    assert_eq!(kind, "text/html; charset=utf-8");
    assert!(
        page.contains("/nothing/&#60;script&#62;&#39;x&#39;&#38;amp;"),
        "{page}"
    );
    for exists in ["href=\"/\"", "href=\"/about\"", "href=\"/countries\""] {
        assert!(page.contains(exists), "{exists} in {page}");
    }
    let (kind, body) = ask(Method::HEAD, "/nothing", Some(html)).await;
    assert_eq!(
        (kind.as_str(), body.as_str()),
        ("text/html; charset=utf-8", "")
    );
    let json = json!({ "errors": [{
        "message": "there is no such path: send queries to /graphql",
        "extensions": { "code": "BAD_USER_INPUT" },
    }] });
    for accept in [None, Some("*/*"), Some("application/json, text/html;q=0.9")] {
        let (kind, body) = ask(Method::GET, "/nothing", accept).await;
        assert_eq!(kind, "application/json; charset=utf-8", "{accept:?}");
        assert_eq!(serde_json::from_str::<Value>(&body).unwrap(), json);
    }
}
