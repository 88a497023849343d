//! JSON Web Tokens of an OpenID provider that the test runs, signed with real keys.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Json;
use axum::Router;
use axum::routing::get;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cyberprofiles::http::oidc::{Provider, ProviderSettings};
use jsonwebtoken::jwk::{Jwk, JwkSet};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::harness::Api;

/// A key that was made for these tests alone.
pub struct Key {
    id: &'static str,
    algorithm: Algorithm,
    secret: EncodingKey,
}

fn rsa() -> Key {
    Key {
        id: "rsa",
        algorithm: Algorithm::RS256,
        secret: EncodingKey::from_rsa_der(include_bytes!("keys/rsa.der")),
    }
}

fn ec() -> Key {
    Key {
        id: "ec",
        algorithm: Algorithm::ES256,
        secret: EncodingKey::from_ec_der(include_bytes!("keys/ec.der")),
    }
}

pub fn ed() -> Key {
    Key {
        id: "ed",
        algorithm: Algorithm::EdDSA,
        secret: EncodingKey::from_ed_der(include_bytes!("keys/ed.der")),
    }
}

pub fn set(keys: &[Key]) -> JwkSet {
    let keys = keys.iter().map(|key| {
        let mut jwk = Jwk::from_encoding_key(&key.secret, key.algorithm).unwrap();
        jwk.common.key_id = Some(key.id.to_owned());
        jwk
    });
    JwkSet {
        keys: keys.collect(),
    }
}

pub fn now() -> i64 {
    chrono::Utc::now().timestamp()
}

/// Starts a provider on this machine. Returns its address, and the number of requests for its keys.
async fn provider() -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let issuer = format!("http://{}/realm", listener.local_addr().unwrap());
    let asked = Arc::new(AtomicUsize::new(0));
    let discovery = json!({ "issuer": issuer, "jwks_uri": format!("{issuer}/keys") });
    let counted = Arc::clone(&asked);
    let keys = async move || {
        counted.fetch_add(1, Ordering::Relaxed);
        Json(set(&[rsa(), ec(), ed()]))
    };
    let router = Router::new()
        .route(
            "/realm/.well-known/openid-configuration",
            get(async move || Json(discovery)),
        )
        .route("/realm/keys", get(keys));
    tokio::spawn(async move { axum::serve(listener, router).await });
    (issuer, asked)
}

pub fn settings(issuer: &str) -> ProviderSettings {
    ProviderSettings {
        issuer: issuer.to_owned(),
        audience: "cyberprofiles".to_owned(),
        keys: None,
        role_claim: "role".to_owned(),
        client: None,
    }
}

fn claims(issuer: &str) -> Value {
    json!({ "iss": issuer, "aud": "cyberprofiles", "sub": "u-1", "exp": now() + 600, "name": "Uma" })
}

/// The claims with some replaced; null removes one.
fn with(mut claims: Value, others: Value) -> Value {
    let whole = claims.as_object_mut().unwrap();
    for (name, value) in others.as_object().unwrap() {
        whole.insert(name.clone(), value.clone());
        if value.is_null() {
            whole.remove(name);
        }
    }
    claims
}

pub fn signed(key: &Key, claims: &Value) -> String {
    let mut header = Header::new(key.algorithm);
    header.kid = Some(key.id.to_owned());
    encode(&header, claims, &key.secret).unwrap()
}

/// A token signed by a key, under any header.
fn signed_under(header: &Value, claims: &Value, key: &Key) -> String {
    let message = format!("{}.{}", part(header), part(claims));
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &key.secret, key.algorithm);
    format!("{message}.{}", signature.unwrap())
}

const WHO: &str = "{ viewer { id name role } }";

#[tokio::test]
async fn a_json_web_token_gives_identity_name_and_role() {
    let (issuer, asked) = provider().await;
    let api = Api::builder()
        .empty()
        .provider(Provider::new(settings(&issuer)).unwrap())
        .start()
        .await;
    let who = async |claims: Value, key: &Key| {
        let person = api.bearer(&signed(key, &claims));
        person.ask(WHO, json!({})).await.data()["viewer"].clone()
    };
    let id = format!("{issuer}#u-1");
    for key in [rsa(), ec(), ed()] {
        assert_eq!(
            who(claims(&issuer), &key).await,
            json!({ "id": id, "name": "Uma", "role": "CONTRIBUTOR" })
        );
    }
    assert_eq!(
        asked.load(Ordering::Relaxed),
        1,
        "the keys are requested once"
    );
    for (role, expected) in [
        (json!("EDITOR"), "EDITOR"),
        (json!("admin"), "ADMIN"),
        (json!(["offline_access", "EDITOR"]), "EDITOR"),
        (json!(["CONTRIBUTOR", "ADMIN"]), "ADMIN"),
    ] {
        let claims = with(claims(&issuer), json!({ "role": role }));
        assert_eq!(who(claims, &ed()).await["role"], expected);
    }
    let nameless = with(
        claims(&issuer),
        json!({ "name": null, "aud": ["other", "cyberprofiles"] }),
    );
    assert_eq!(who(nameless, &ed()).await["name"], "u-1");
    let turned = with(claims(&issuer), json!({ "name": " U\u{202e}m\na " }));
    assert_eq!(who(turned, &ed()).await["name"], "Uma");
    // An API token is still accepted, and is another person.
    let own = api.contributor().await.ask(WHO, json!({})).await.data();
    assert_eq!(own["viewer"]["id"], "carla");
}

#[tokio::test]
async fn all_json_web_tokens_of_one_subject_are_one_person() {
    let (issuer, _) = provider().await;
    let api = Api::builder()
        .empty()
        .provider(Provider::new(settings(&issuer)).unwrap())
        .start()
        .await;
    let editor = with(claims(&issuer), json!({ "role": "EDITOR" }));
    let author = api.bearer(&signed(&ed(), &editor));
    let changes = json!([{ "createSource": { "fields": { "kind": "NEWS", "title": "A" } } }]);
    let id = author.proposed(changes).await;
    let again = api.bearer(&signed(
        &rsa(),
        &with(editor.clone(), json!({ "jti": "2" })),
    ));
    assert_eq!(
        again.accept(&id).await["userErrors"][0]["code"],
        "OWN_CONTRIBUTION"
    );
    let other = api.bearer(&signed(&ed(), &with(editor, json!({ "sub": "u-2" }))));
    assert_eq!(other.accept(&id).await["contribution"]["state"], "ACCEPTED");
}

#[tokio::test]
async fn the_role_is_read_from_the_configured_claim() {
    let (issuer, _) = provider().await;
    for (claim, others) in [
        (
            "realm_access.roles",
            json!({ "realm_access": { "roles": ["x", "EDITOR"] } }),
        ),
        (
            "https://example.org/role",
            json!({ "https://example.org/role": "EDITOR" }),
        ),
    ] {
        let settings = ProviderSettings {
            role_claim: claim.to_owned(),
            ..settings(&issuer)
        };
        let api = Api::builder()
            .empty()
            .provider(Provider::new(settings).unwrap())
            .start()
            .await;
        let person = api.bearer(&signed(&ed(), &with(claims(&issuer), others)));
        let answer = person.ask(WHO, json!({})).await.data();
        assert_eq!(answer["viewer"]["role"], "EDITOR", "{claim}");
    }
}

fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

#[tokio::test]
async fn every_invalid_json_web_token_is_refused() {
    let (issuer, asked) = provider().await;
    let api = Api::builder()
        .empty()
        .provider(Provider::new(settings(&issuer)).unwrap())
        .start()
        .await;
    let good = claims(&issuer);
    let named = |algorithm: &str| part(&json!({ "alg": algorithm, "typ": "JWT", "kid": "rsa" }));
    let secret = EncodingKey::from_secret(include_bytes!("keys/rsa.der"));
    let confused = {
        let mut header = Header::new(Algorithm::HS256);
        header.kid = Some("rsa".to_owned());
        encode(&header, &good, &secret).unwrap()
    };
    let other_key = {
        // It is signed by one key and names another.
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid = Some("ec".to_owned());
        encode(&header, &good, &ed().secret).unwrap()
    };
    let unknown_key = {
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid = Some("new".to_owned());
        encode(&header, &good, &ed().secret).unwrap()
    };
    let keyless = {
        // It names no key, and was changed after it was signed.
        let signed = encode(&Header::new(Algorithm::EdDSA), &good, &ed().secret).unwrap();
        let (message, signature) = signed.rsplit_once('.').unwrap();
        let (header, _) = message.split_once('.').unwrap();
        let admin = part(&with(good.clone(), json!({ "role": "ADMIN" })));
        format!("{header}.{admin}.{signature}")
    };
    let mut forged = signed(&ed(), &good);
    forged.pop();
    let headed = |header: &Value| signed_under(header, &good, &ed());
    let claimed = |others: Value| signed(&ed(), &with(good.clone(), others));
    let cases = [
        ("none", format!("{}.{}.", named("none"), part(&good))),
        (
            "none, in capitals",
            format!("{}.{}.", named("NONE"), part(&good)),
        ),
        ("a public key for a password", confused),
        ("another key than it says", other_key),
        ("an unknown key", unknown_key),
        ("no key, and a payload that none has signed", keyless),
        ("a signature cut short", forged),
        ("nonsense", "a.b.c".to_owned()),
        ("expired", claimed(json!({ "exp": now() - 60 }))),
        ("an end as text", claimed(json!({ "exp": "2099-01-01" }))),
        (
            "an end as digits in text",
            claimed(json!({ "exp": (now() + 600).to_string() })),
        ),
        ("no end", claimed(json!({ "exp": null }))),
        ("not yet", claimed(json!({ "nbf": now() + 300 }))),
        ("another audience", claimed(json!({ "aud": "other" }))),
        ("no audience", claimed(json!({ "aud": null }))),
        (
            "another issuer",
            claimed(json!({ "iss": "https://example.org" })),
        ),
        (
            "several issuers",
            claimed(json!({ "iss": [issuer, "https://example.org"] })),
        ),
        ("no issuer", claimed(json!({ "iss": null }))),
        ("nobody", claimed(json!({ "sub": null }))),
        ("nobody, blank", claimed(json!({ "sub": "" }))),
        ("an unknown role", claimed(json!({ "role": "OWNER" }))),
        (
            "the role of the program",
            claimed(json!({ "role": "SYSTEM" })),
        ),
        (
            "a role that is no text",
            claimed(json!({ "role": { "EDITOR": true } })),
        ),
        ("a role that is a number", claimed(json!({ "role": 3 }))),
        ("nobody, of spaces", claimed(json!({ "sub": " " }))),
        ("a subject with U+0000", claimed(json!({ "sub": "u\0-1" }))),
        (
            "a subject with U+0001",
            claimed(json!({ "sub": "u\u{1}-1" })),
        ),
        (
            "a subject with U+0085",
            claimed(json!({ "sub": "u\u{85}-1" })),
        ),
        (
            "a subject with a line break",
            claimed(json!({ "sub": "u\n-1" })),
        ),
        (
            "a subject that turns",
            claimed(json!({ "sub": "u\u{202e}-1" })),
        ),
        (
            "an extension that must be understood",
            headed(&json!({ "alg": "EdDSA", "kid": "ed", "crit": ["exp"], "exp": 1 })),
        ),
        (
            "an extension that is understood nowhere",
            headed(&json!({ "alg": "EdDSA", "kid": "ed", "crit": ["b64"], "b64": true })),
        ),
        (
            "no extension that must be understood",
            headed(&json!({ "alg": "EdDSA", "kid": "ed", "crit": [] })),
        ),
        (
            "a payload that is not encoded",
            headed(&json!({ "alg": "EdDSA", "kid": "ed", "b64": false })),
        ),
        (
            "another algorithm than that of the key",
            headed(&json!({ "alg": "RS256", "kid": "ed" })),
        ),
        (
            "a key that is a number",
            headed(&json!({ "alg": "EdDSA", "kid": 1 })),
        ),
    ];
    for (what, token) in cases {
        let answer = api.bearer(&token).ask(WHO, json!({})).await;
        assert_eq!(answer.status, 401, "{what}: {:#}", answer.body);
        assert_eq!(answer.code(), "UNAUTHENTICATED", "{what}");
        assert!(answer.body.get("data").is_none(), "{what}");
    }
    assert!(
        asked.load(Ordering::Relaxed) <= 2,
        "however many unknown keys are named, the provider is asked once a minute"
    );
}

#[tokio::test]
async fn a_json_web_token_without_a_known_role_is_a_contributor() {
    let (issuer, _) = provider().await;
    let settings = ProviderSettings {
        role_claim: "resource_access.my.client.roles".to_owned(),
        ..settings(&issuer)
    };
    let api = Api::builder()
        .empty()
        .provider(Provider::new(settings).unwrap())
        .start()
        .await;
    let keycloak = ["offline_access", "uma_authorization", "default-roles-x"];
    for (roles, expected) in [
        (json!(keycloak), "CONTRIBUTOR"),
        (json!([]), "CONTRIBUTOR"),
        (json!(""), "CONTRIBUTOR"),
        (json!(["", null, 7]), "CONTRIBUTOR"),
        (json!(["SYSTEM"]), "CONTRIBUTOR"),
        (json!("openid profile"), "CONTRIBUTOR"),
        (json!("openid editor ADMIN"), "ADMIN"),
        (json!(["offline_access", "CONTRIBUTOR", "EDITOR"]), "EDITOR"),
    ] {
        let claimed = json!({ "resource_access": { "my.client": { "roles": roles } } });
        let person = api.bearer(&signed(&ed(), &with(claims(&issuer), claimed)));
        let answer = person.ask(WHO, json!({})).await.data();
        assert_eq!(answer["viewer"]["role"], expected, "{roles}");
    }
}

/// A key as its provider publishes it, with some members replaced.
fn published(key: Key, others: Value) -> Value {
    let set = serde_json::to_value(set(&[key])).unwrap();
    with(set["keys"][0].clone(), others)
}

#[tokio::test]
async fn the_fitting_key_is_chosen_from_a_mixed_key_set() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("keys.json");
    let other = Jwk::from_encoding_key(&ec().secret, Algorithm::ES256).unwrap();
    let other = with(serde_json::to_value(other).unwrap(), json!({ "kid": "ed" }));
    let keys = json!({ "keys": [
        "nonsense",
        { "kty": "AKP", "alg": "ML-DSA-44", "kid": "ed", "pub": "AA" },
        { "kty": "oct", "k": "AA", "kid": "rsa" },
        { "kty": "EC", "crv": "P-256", "x": "AA", "y": "AA", "kid": "ec" },
        { "kty": "EC", "crv": "P-384", "x": "AA", "y": "AA", "kid": "ec" },
        { "kty": "OKP", "crv": "X25519", "x": "AA", "kid": "ed" },
        other,
        published(rsa(), json!({ "use": "enc" })),
        published(rsa(), json!({ "alg": "RSA-OAEP" })),
        published(ec(), json!({ "alg": "ES384" })),
        published(ed(), json!({ "kid": "signs", "key_ops": ["sign"] })),
        published(rsa(), json!({ "use": "sig", "alg": null })),
        published(ec(), json!({ "key_ops": ["verify"], "alg": null })),
        published(ed(), json!({ "alg": "EdDSA" })),
    ] });
    std::fs::write(&file, keys.to_string()).unwrap();
    let issuer = "https://id.example.org";
    let from = |keys: PathBuf| ProviderSettings {
        keys: Some(keys),
        ..settings(issuer)
    };
    let api = Api::builder()
        .empty()
        .provider(Provider::new(from(file.clone())).unwrap())
        .start()
        .await;
    let good = claims(issuer);
    let status = async |token: String| api.bearer(&token).ask(WHO, json!({})).await.status;
    for key in [rsa(), ec(), ed()] {
        assert_eq!(status(signed(&key, &good)).await, 200, "{}", key.id);
        let keyless = encode(&Header::new(key.algorithm), &good, &key.secret).unwrap();
        assert_eq!(status(keyless).await, 200, "{} without a name", key.id);
        // Keys that a token contains or points to are ignored.
        let header = json!({ "alg": Header::new(key.algorithm).alg, "kid": key.id, "typ": "at+jwt",
            "jku": "http://127.0.0.1:1/", "x5u": "http://127.0.0.1:1/" });
        assert_eq!(status(signed_under(&header, &good, &key)).await, 200);
    }
    let header = json!({ "alg": "EdDSA", "kid": "signs" });
    assert_eq!(status(signed_under(&header, &good, &ed())).await, 401);
    std::fs::write(&file, "\"s3cret of another file\"").unwrap();
    let refused = Provider::new(from(file)).err().unwrap();
    assert!(refused.contains("is not a JWK set") && !refused.contains("s3cret"));
    let secret = Provider::new(settings("https://user:s3cret@id.example.org"));
    let secret = secret.err().unwrap();
    assert!(secret.contains("expected an https address") && !secret.contains("s3cret"));
}

#[tokio::test]
async fn an_unreachable_provider_is_503_and_not_401() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let issuer = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let api = Api::builder()
        .empty()
        .provider(Provider::new(settings(&issuer)).unwrap())
        .start()
        .await;
    let answer = api
        .bearer(&signed(&ed(), &claims(&issuer)))
        .ask(WHO, json!({}))
        .await;
    assert_eq!((answer.status, answer.code()), (503, "UNAVAILABLE"));
    let reading = api.anyone().ask(WHO, json!({})).await;
    assert_eq!(reading.status, 200);
}

#[tokio::test]
async fn the_keys_of_a_provider_may_come_from_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("keys.json");
    let text = serde_json::to_string(&set(&[ec()])).unwrap();
    std::fs::write(&file, format!("\u{feff}{text}")).unwrap();
    let issuer = "https://id.example.org";
    let from = |keys: PathBuf| ProviderSettings {
        keys: Some(keys),
        ..settings(issuer)
    };
    let api = Api::builder()
        .empty()
        .provider(Provider::new(from(file)).unwrap())
        .start()
        .await;
    let person = api.bearer(&signed(&ec(), &claims(issuer)));
    let answer = person.ask(WHO, json!({})).await.data();
    assert_eq!(answer["viewer"]["id"], "https://id.example.org#u-1");
    let other = api.bearer(&signed(&ed(), &claims(issuer)));
    assert_eq!(other.ask(WHO, json!({})).await.status, 401);
    let missing = Provider::new(from(folder.path().join("none.json")));
    assert!(missing.is_err_and(|error| error.contains("cannot read")));
    let open = Provider::new(settings("http://id.example.org"));
    assert!(open.is_err_and(|error| error.contains("expected an https address")));
}

#[tokio::test]
async fn an_expired_json_web_token_closes_its_websocket_within_five_seconds() {
    let (issuer, _) = provider().await;
    let api = Api::builder()
        .empty()
        .provider(Provider::new(settings(&issuer)).unwrap())
        .start()
        .await;
    let end = now() + 2;
    let token = signed(&ed(), &with(claims(&issuer), json!({ "exp": end })));
    let init = json!({ "Authorization": format!("Bearer {token}") });
    let mut socket = api.socket(init).await;
    let query = "subscription { changes { sequence } }";
    socket.subscribe("s", query, json!({})).await;
    let closed = socket.next().await;
    assert!(closed["closed"].is_string(), "{closed}");
    assert!(
        (end..=end + 5).contains(&now()),
        "{} s after the token expired",
        now() - end
    );
}
