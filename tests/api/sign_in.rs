//! Sign-in to the pages: with a token, and at an OpenID provider by code and PKCE. The provider is the test's own and
//! signs for real.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Form, Json, Router};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use cyberprofiles::domain::viewer::Role;
use cyberprofiles::http::Settings;
use cyberprofiles::http::oidc::{ClientSettings, Provider, ProviderSettings};
use reqwest::redirect::Policy;
use reqwest::{Method, RequestBuilder};
use serde_json::json;
use sha2::{Digest, Sha256};
use tokio::net::TcpListener;
use url::Url;

use crate::harness::Api;
use crate::oidc::{ed, now, set, settings, signed};

/// The codes that the provider gave out, each with the parameters of its request.
type Codes = Arc<Mutex<HashMap<String, HashMap<String, String>>>>;

/// A provider: its issuer, its codes, and the nonce that it puts into tokens instead of the right one.
#[derive(Clone)]
struct Own {
    issuer: String,
    codes: Codes,
    nonce: Arc<Mutex<Option<String>>>,
}

async fn authorize(
    State(own): State<Own>,
    Query(asked): Query<HashMap<String, String>>,
) -> Response {
    assert_eq!(asked["response_type"], "code");
    assert_eq!(asked["client_id"], "pages");
    assert_eq!(asked["code_challenge_method"], "S256");
    assert_eq!(asked["scope"], "openid profile");
    let code = format!("code-{}", own.codes.lock().unwrap().len());
    let mut back = Url::parse(&asked["redirect_uri"]).unwrap();
    back.query_pairs_mut()
        .append_pair("code", &code)
        .append_pair("state", &asked["state"])
        .append_pair("iss", &own.issuer);
    own.codes.lock().unwrap().insert(code, asked);
    Redirect::to(back.as_str()).into_response()
}

async fn token(
    State(own): State<Own>,
    headers: HeaderMap,
    Form(sent): Form<HashMap<String, String>>,
) -> Response {
    let basic = format!("Basic {}", STANDARD.encode("pages:hush%26"));
    let is_client = headers
        .get(header::AUTHORIZATION)
        .is_some_and(|value| *value == *basic);
    let asked = own.codes.lock().unwrap().remove(&sent["code"]);
    let Some(asked) = asked.filter(|_| is_client) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(sent["code_verifier"].as_bytes()));
    if challenge != asked["code_challenge"] || sent["redirect_uri"] != asked["redirect_uri"] {
        return StatusCode::BAD_REQUEST.into_response();
    }
    let nonce = own.nonce.lock().unwrap().clone();
    let nonce = nonce.unwrap_or_else(|| asked["nonce"].clone());
    let claims = json!({ "iss": own.issuer, "sub": "u-1", "exp": now() + 600, "name": "Uma" });
    let with = |others: serde_json::Value| {
        let mut claims = claims.clone();
        claims
            .as_object_mut()
            .unwrap()
            .extend(others.as_object().unwrap().clone());
        signed(&ed(), &claims)
    };
    let id = with(json!({ "aud": "pages", "nonce": nonce }));
    let access = with(json!({ "aud": "cyberprofiles", "role": "EDITOR" }));
    Json(json!({ "token_type": "Bearer", "id_token": id, "access_token": access })).into_response()
}

/// Starts a provider and a service at which people sign in with it.
async fn start() -> (Api, Own) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let issuer = format!("http://{}/realm", listener.local_addr().unwrap());
    let own = Own {
        issuer: issuer.clone(),
        codes: Codes::default(),
        nonce: Arc::default(),
    };
    let discovery = json!({
        "issuer": issuer,
        "jwks_uri": format!("{issuer}/keys"),
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
    });
    let router = Router::new()
        .route(
            "/realm/.well-known/openid-configuration",
            get(async move || Json(discovery)),
        )
        .route("/realm/keys", get(async || Json(set(&[ed()]))))
        .route("/realm/authorize", get(authorize))
        .route("/realm/token", post(token))
        .with_state(own.clone());
    tokio::spawn(async move { axum::serve(listener, router).await });
    let settings = ProviderSettings {
        client: Some(ClientSettings {
            id: "pages".to_owned(),
            secret: Some("hush&".to_owned()),
            scopes: "openid profile".to_owned(),
        }),
        ..settings(&issuer)
    };
    let api = Api::builder()
        .empty()
        .provider(Provider::new(settings).unwrap())
        .start()
        .await;
    (api, own)
}

/// A browser without scripts, which follows no redirect by itself.
fn browser(api: &Api, method: Method, path: &str) -> RequestBuilder {
    let client = reqwest::Client::builder()
        .tls_built_in_root_certs(false)
        .redirect(Policy::none());
    let client = client.build().unwrap();
    let request = client.request(method, format!("http://{}{path}", api.address));
    request.header("sec-fetch-site", "same-origin")
}

/// The cookies that a response sets, without those that it removes.
fn cookies(response: &reqwest::Response) -> Vec<String> {
    let all = response.headers().get_all(header::SET_COOKIE).iter();
    let all = all.map(|cookie| cookie.to_str().unwrap().to_owned());
    all.filter(|cookie| !cookie.contains("Max-Age=0")).collect()
}

fn location(response: &reqwest::Response) -> String {
    response.headers()[header::LOCATION]
        .to_str()
        .unwrap()
        .to_owned()
}

/// Walks to the provider and back; returns the path of the callback, and the cookie of the browser.
async fn walk(api: &Api) -> (String, String) {
    let begun = browser(api, Method::GET, "/sign-in/openid?back=/account")
        .send()
        .await
        .unwrap();
    assert_eq!(begun.status(), 303);
    let set = cookies(&begun);
    assert!(
        set[0].contains("HttpOnly; SameSite=Lax; Max-Age=600"),
        "{set:?}"
    );
    let cookie = set[0].split(';').next().unwrap().to_owned();
    let at_provider = location(&begun);
    let client = reqwest::Client::builder()
        .redirect(Policy::none())
        .build()
        .unwrap();
    let sent_back = client.get(at_provider).send().await.unwrap();
    let back = Url::parse(&location(&sent_back)).unwrap();
    assert_eq!(back.path(), "/sign-in/callback");
    (format!("{}?{}", back.path(), back.query().unwrap()), cookie)
}

#[tokio::test]
async fn a_person_signs_in_at_the_provider_by_code_and_pkce() {
    let (api, _) = start().await;
    let page = browser(&api, Method::GET, "/sign-in").send().await.unwrap();
    assert!(cookies(&page).is_empty());
    assert!(page.text().await.unwrap().contains("127.0.0.1"));
    let (callback, cookie) = walk(&api).await;
    let ended = browser(&api, Method::GET, &callback)
        .header("cookie", &cookie)
        .header("sec-fetch-site", "cross-site")
        .send()
        .await
        .unwrap();
    assert_eq!(ended.status(), 200);
    let set = cookies(&ended);
    assert_eq!(set.len(), 1, "{set:?}");
    assert!(
        set[0].starts_with("cyberprofiles-session=ey")
            && set[0].ends_with("; Path=/; HttpOnly; SameSite=Strict")
    );
    let session = set[0].split(';').next().unwrap().to_owned();
    let text = ended.text().await.unwrap();
    assert!(text.contains("content=\"0;url=/account\""), "{text}");
    let account = browser(&api, Method::GET, "/account")
        .header("cookie", &session)
        .send()
        .await
        .unwrap();
    assert_eq!(account.status(), 200);
    let text = account.text().await.unwrap();
    assert!(text.contains("Uma") && text.contains("#u-1"), "{text}");
    // The code is used up, and the session is that of pages alone.
    let again = browser(&api, Method::GET, &callback)
        .header("cookie", &cookie)
        .send()
        .await
        .unwrap();
    assert_eq!(
        (again.status().as_u16(), cookies(&again)),
        (503, Vec::new())
    );
    let query = json!({ "query": "{ viewer { role } }" }).to_string();
    let graphql = browser(&api, Method::POST, "/graphql")
        .header("cookie", &session)
        .header("content-type", "application/json")
        .body(query);
    assert!(
        graphql
            .send()
            .await
            .unwrap()
            .text()
            .await
            .unwrap()
            .contains("ANONYMOUS")
    );
}

#[tokio::test]
async fn an_answer_of_another_sign_in_is_refused() {
    let (api, own) = start().await;
    let (callback, cookie) = walk(&api).await;
    let (_, other) = walk(&api).await;
    let refused = async |path: &str, cookie: &str| {
        let request = browser(&api, Method::GET, path).header("cookie", cookie);
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 401, "{path}");
        assert!(cookies(&response).is_empty(), "{path}");
    };
    refused(&callback, &other).await;
    refused(&callback, "a=b").await;
    refused("/sign-in/callback?error=access_denied", &cookie).await;
    refused(
        &format!("{callback}&iss=x").replace("&iss=http", "&iss=other"),
        &cookie,
    )
    .await;
    *own.nonce.lock().unwrap() = Some("stolen".to_owned());
    let (callback, cookie) = walk(&api).await;
    refused(&callback, &cookie).await;
}

#[tokio::test]
async fn a_person_signs_in_with_a_token_and_out_again() {
    let api = Api::builder().empty().start().await;
    let token = api.token(Role::Editor, "eva").await;
    let sign_in = async |token: &str, back: &str| {
        let form = [("sign-in-token", token), ("sign-in-back", back)];
        browser(&api, Method::POST, "/sign-in")
            .form(&form)
            .send()
            .await
            .unwrap()
    };
    for (back, leads_to) in [
        ("/contribute?country=AZ", "/contribute?country=AZ"),
        ("//evil.example", "/"),
        ("https://evil.example/", "/"),
    ] {
        let response = sign_in(&token, back).await;
        assert_eq!(
            (response.status().as_u16(), location(&response).as_str()),
            (303, leads_to)
        );
        assert_eq!(
            cookies(&response),
            [format!(
                "cyberprofiles-session={token}; Path=/; HttpOnly; SameSite=Strict"
            )]
        );
    }
    for (token, status) in [("cp_unknown", 401), ("a;b", 401), ("", 400)] {
        let response = sign_in(token, "/account").await;
        assert_eq!(response.status(), status, "{token}");
        assert!(cookies(&response).is_empty());
        let text = response.text().await.unwrap();
        assert!(
            text.contains("aria-invalid=\"true\"") && !text.contains("cp_unknown"),
            "{text}"
        );
    }
    let other_site = api
        .request(Method::POST, "/sign-in")
        .header("sec-fetch-site", "cross-site")
        .form(&[("sign-in-token", &token)]);
    let refused = other_site.send().await.unwrap();
    assert_eq!(
        (refused.status().as_u16(), cookies(&refused)),
        (403, Vec::new())
    );
    let session = format!("cyberprofiles-session={token}");
    let account = browser(&api, Method::GET, "/account")
        .header("cookie", &session)
        .send()
        .await
        .unwrap();
    assert!(account.text().await.unwrap().contains("eva"));
    let out = browser(&api, Method::POST, "/sign-out")
        .header("cookie", &session)
        .form(&[("x", "y")]);
    let out = out.send().await.unwrap();
    assert_eq!((out.status().as_u16(), location(&out).as_str()), (303, "/"));
    let removed = out.headers().get_all(header::SET_COOKIE).iter();
    let removed: Vec<_> = removed.map(|cookie| cookie.to_str().unwrap()).collect();
    assert_eq!(removed.len(), 2);
    assert!(removed.iter().all(|cookie| cookie.contains("Max-Age=0")));
}

#[tokio::test]
async fn the_cookie_is_secure_behind_a_trusted_proxy_with_https() {
    for (trusted, is_secure) in [("127.0.0.1", true), ("192.0.2.1", false)] {
        let http = Settings {
            trusted_proxy: vec![format!("{trusted}/32").parse().unwrap()],
            ..Settings::default()
        };
        let api = Api::builder().empty().http(http).start().await;
        let token = api.token(Role::Contributor, "carla").await;
        let request = browser(&api, Method::POST, "/sign-in")
            .header("x-forwarded-proto", "https")
            .form(&[("sign-in-token", &token)]);
        let set = cookies(&request.send().await.unwrap());
        let expected = if is_secure {
            format!(
                "__Host-cyberprofiles-session={token}; Path=/; Secure; HttpOnly; SameSite=Strict"
            )
        } else {
            format!("cyberprofiles-session={token}; Path=/; HttpOnly; SameSite=Strict")
        };
        assert_eq!(set, [expected]);
    }
}

#[tokio::test]
async fn a_form_that_is_sent_after_the_session_ended_is_not_lost() {
    let api = Api::builder().empty().start().await;
    let token = api.token(Role::Contributor, "carla").await;
    let form = [
        ("title", "My \"proposal\""),
        ("rationale", "Long\ntext"),
        ("action", "save"),
    ];
    for cookie in ["cyberprofiles-session=cp_ended", "a=b"] {
        let path = "/contribute/add-a-treaty";
        let request = browser(&api, Method::POST, path).header("cookie", cookie);
        let ended = request.form(&form).send().await.unwrap();
        assert_eq!(ended.status(), 401);
        let text = ended.text().await.unwrap();
        for kept in [
            "value=\"My &#34;proposal&#34;\"",
            "value=\"Long\ntext\"",
            "name=\"sign-in-token\"",
        ] {
            assert!(text.contains(kept), "{kept} in {text}");
        }
        let mut again = form.to_vec();
        again.extend([("sign-in-token", token.as_str()), ("sign-in-back", path)]);
        let request = browser(&api, Method::POST, "/sign-in").form(&again);
        let signed_in = request.send().await.unwrap();
        assert_eq!(
            (signed_in.status().as_u16(), cookies(&signed_in).len()),
            (200, 1)
        );
        let text = signed_in.text().await.unwrap();
        assert!(
            text.contains("action=\"/contribute/add-a-treaty\""),
            "{text}"
        );
        assert!(
            text.contains("value=\"My &#34;proposal&#34;\"") && !text.contains(&token),
            "{text}"
        );
    }
}

#[tokio::test]
async fn the_box_is_not_shared_between_readers() {
    let api = Api::builder().empty().start().await;
    let key = async || {
        let page = browser(&api, Method::GET, "/contribute")
            .send()
            .await
            .unwrap();
        assert_eq!(page.headers()[header::CACHE_CONTROL], "no-store");
        let text = page.text().await.unwrap();
        let (_, rest) = text.split_once("name=\"key\" value=\"").unwrap();
        rest.split('"').next().unwrap().to_owned()
    };
    assert_ne!(key().await, key().await);
}
