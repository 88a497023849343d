//! nginx as a shared cache in front of the service, by the configuration in `deploy`.

use std::path::Path;
use std::process::Child;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use cyberprofiles::domain::viewer::Role;
use cyberprofiles::http::Settings;
use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::clients::is_possible;
use crate::edge::header_text;
use crate::harness::{Api, retitle};
use crate::proxy::{self, free_port, program};

/// The age of answers that the operator allows.
const ALLOWED: Duration = Duration::from_secs(4);
const VERSION: &str =
    "/graphql?query=%7Btreaty(reference:%22ETS%20185%22)%7Bversion%20shortTitle%7D%7D";
const ROLE: &str = "/graphql?query=%7Bviewer%7Brole%7D%7D";

/// A running nginx with a cache.
struct Cache {
    process: Child,
    address: String,
    client: reqwest::Client,
    _folder: tempfile::TempDir,
}

impl Drop for Cache {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Cache {
    fn start(server: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let here = folder.path().display().to_string();
        let site = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/nginx-cache.conf");
        let mut site = std::fs::read_to_string(site).unwrap();
        let port = free_port();
        for (from, to) in [
            ("listen 80;", format!("listen 127.0.0.1:{port};")),
            ("profiles.example.org;", "localhost;".to_owned()),
            ("127.0.0.1:8000", server.to_owned()),
            ("/var/cache/nginx/cyberprofiles", format!("{here}/cache")),
        ] {
            assert!(site.contains(from), "{from}");
            site = site.replace(from, &to);
        }
        let process = proxy::run(folder.path(), &site, port);
        Self {
            process,
            address: format!("http://127.0.0.1:{port}"),
            client: crate::harness::client(),
            _folder: folder,
        }
    }

    async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Response {
        let mut request = self.client.get(format!("{}{path}", self.address));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.send().await.unwrap()
    }

    /// The state of a cache entry, and the response's status.
    async fn state(&self, path: &str, headers: &[(&str, &str)]) -> (u16, String) {
        let response = self.get(path, headers).await;
        (response.status().as_u16(), state(&response))
    }
}

fn state(response: &Response) -> String {
    header_text(response.headers(), "x-cache-status").to_owned()
}

async fn version(response: Response) -> i64 {
    let body: Value = response.json().await.unwrap();
    let version = body["data"]["treaty"]["version"].as_i64();
    version.unwrap_or_else(|| panic!("{body:#}"))
}

fn is_with_nginx() -> bool {
    is_possible(program(), &["-v"])
}

async fn start() -> (Api, Cache) {
    let settings = Settings {
        // With it, there are more headers by which answers vary.
        allow_origins: "https://example.org".parse().into_iter().collect(),
        trusted_proxy: vec!["127.0.0.1/32".parse().unwrap()],
        ..Settings::default()
    };
    let api = Api::builder()
        .max_staleness(ALLOWED)
        .http(settings)
        .start()
        .await;
    let cache = Cache::start(&api.address);
    (api, cache)
}

fn is(status: u16, state: &str) -> (u16, String) {
    (status, state.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cache_answers_for_as_long_as_allowed_and_asks_again_by_the_tag() {
    if !is_with_nginx() {
        return;
    }
    let (api, cache) = start().await;
    let pages = [
        VERSION,
        "/countries/AZ",
        "/records/Country:az",
        "/feed.atom",
    ];
    for path in pages {
        assert_eq!(cache.state(path, &[]).await, is(200, "MISS"), "{path}");
        assert_eq!(cache.state(path, &[]).await, is(200, "HIT"), "{path}");
        let response = cache.get(path, &[]).await;
        let tag = header_text(response.headers(), "etag").to_owned();
        let condition = [("if-none-match", &*tag)];
        assert_eq!(
            cache.state(path, &condition).await,
            is(304, "HIT"),
            "{path}"
        );
        let sent = api.request(Method::GET, path).send().await.unwrap();
        assert_eq!(
            response.text().await.unwrap(),
            sent.text().await.unwrap(),
            "{path}"
        );
    }
    tokio::time::sleep(ALLOWED).await;
    for path in pages {
        assert_eq!(
            cache.state(path, &[]).await,
            is(200, "REVALIDATED"),
            "{path}"
        );
        assert_eq!(cache.state(path, &[]).await, is(200, "HIT"), "{path}");
    }
    // What never changes is kept.
    let head = api.query_once("{ head { cursor } }").await;
    let cursor = head["head"]["cursor"].as_str().unwrap();
    let permalink = format!("/records/Treaty:ets-185@{cursor}");
    let export = format!("/export.jsonl?at={cursor}");
    let page = api.request(Method::GET, "/countries/AZ").send().await;
    let page = page.unwrap().text().await.unwrap();
    let asset = page.split('"').find(|part| part.starts_with("/assets/"));
    let lasting = [&*permalink, &*export, asset.unwrap()];
    for path in lasting {
        assert_eq!(cache.state(path, &[]).await, is(200, "MISS"), "{path}");
    }
    let eva = api.editor("eva").await;
    eva.publish(retitle(1, "Renamed")).await;
    tokio::time::sleep(ALLOWED).await;
    for path in lasting {
        assert_eq!(cache.state(path, &[]).await, is(200, "HIT"), "{path}");
    }
    // A changed answer replaces the entry.
    let changed = cache.get(VERSION, &[]).await;
    assert_eq!(state(&changed), "EXPIRED");
    assert_eq!(version(changed).await, 2);
    // Without the service there is no answer that is too old.
    let address = api.address.clone();
    drop(api);
    tokio::time::sleep(ALLOWED).await;
    for _ in 0..100 {
        if std::net::TcpStream::connect(&address).is_err() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let status = cache.get(VERSION, &[]).await.status().as_u16();
    assert!([502, 504].contains(&status), "{status}");
    assert_eq!(cache.state(&permalink, &[]).await, is(200, "HIT"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cache_keeps_nothing_of_a_person_and_gives_a_person_nothing_of_others() {
    if !is_with_nginx() {
        return;
    }
    let (api, cache) = start().await;
    let token = api.token(Role::Editor, "eva").await;
    let bearer = format!("Bearer {token}");
    let eva = [("authorization", &*bearer)];
    let session = format!("cyberprofiles-session={token}");
    let role = async |headers: &[(&str, &str)]| {
        let answer: Value = cache.get(ROLE, headers).await.json().await.unwrap();
        answer["data"]["viewer"]["role"].clone()
    };
    for _ in 0..2 {
        assert_eq!(role(&eva).await, "EDITOR");
        assert_eq!(role(&[]).await, "ANONYMOUS");
        for path in [VERSION, ROLE, "/records/Country:az", "/account"] {
            let (_, state) = cache.state(path, &eva).await;
            assert_eq!(state, "BYPASS", "{path}");
        }
    }
    // Public entries do not hide that a token is wrong.
    for path in [VERSION, "/records/Country:az"] {
        cache.get(path, &[]).await;
        assert_eq!(cache.state(path, &[]).await, is(200, "HIT"));
        let nobody = [("authorization", "Bearer nobody")];
        assert_eq!(
            cache.state(path, &nobody).await,
            is(401, "BYPASS"),
            "{path}"
        );
    }
    // A session has pages of its own, which are not kept.
    for path in ["/countries/AZ", "/account", "/review"] {
        cache.get(path, &[]).await;
        for _ in 0..2 {
            let page = cache.get(path, &[("cookie", &session)]).await;
            assert_eq!(page.status(), 200, "{path}");
            assert_eq!(state(&page), "MISS", "{path}");
            assert!(page.text().await.unwrap().contains("eva"), "{path}");
            let public = cache.get(path, &[]).await;
            assert!(!public.text().await.unwrap().contains(">eva<"), "{path}");
        }
    }
    // Nor are answers to POST.
    for _ in 0..2 {
        let body = json!({ "query": "{ treaty(reference: \"ETS 185\") { version } }" });
        let posted = cache.client.post(format!("{}/graphql", cache.address));
        let posted = posted.json(&body).send().await.unwrap();
        assert_ne!(state(&posted), "HIT");
        assert_eq!(version(posted).await, 1);
    }
}

/// The versions that were acknowledged, with their times.
type Acknowledged = Arc<Mutex<Vec<(Instant, i64)>>>;

/// The version that an answer to a request must have at least.
fn least_at(acknowledged: &Acknowledged, begun: Instant) -> i64 {
    let acknowledged = acknowledged.lock().unwrap();
    let is_old = |at: &Instant| begun.duration_since(*at) > ALLOWED;
    let mut old = acknowledged.iter().filter(|(at, _)| is_old(at));
    old.next_back().map_or(1, |(_, version)| *version)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cache_is_never_older_than_allowed_while_others_write() {
    if !is_with_nginx() {
        return;
    }
    let (api, cache) = start().await;
    let cache = Arc::new(cache);
    let done = Arc::new(AtomicBool::new(false));
    let acknowledged: Acknowledged = Arc::new(Mutex::new(vec![(Instant::now(), 1)]));
    let (hits, answers) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let readers: Vec<_> = (0..3)
        .map(|_| {
            let (cache, done) = (Arc::clone(&cache), Arc::clone(&done));
            let acknowledged = Arc::clone(&acknowledged);
            let (hits, answers) = (Arc::clone(&hits), Arc::clone(&answers));
            tokio::spawn(async move {
                while !done.load(Ordering::Relaxed) {
                    let begun = Instant::now();
                    let response = cache.get(VERSION, &[]).await;
                    if state(&response) == "HIT" {
                        hits.fetch_add(1, Ordering::Relaxed);
                    }
                    answers.fetch_add(1, Ordering::Relaxed);
                    let read = version(response).await;
                    let least = least_at(&acknowledged, begun);
                    assert!(read >= least, "{read} although {least} is too old");
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
            })
        })
        .collect();
    let eva = api.editor("eva").await;
    let begun = Instant::now();
    let mut base = 1;
    while begun.elapsed() < 4 * ALLOWED {
        let title = format!("Title {}", base + 1);
        eva.publish(retitle(base, &title)).await;
        base += 1;
        acknowledged
            .lock()
            .unwrap()
            .push((Instant::now(), base.into()));
        // A client that was told of the change gets it through the cache.
        let head = api.query_once("{ head { cursor } }").await;
        let told = head["head"]["cursor"].as_str().unwrap();
        let known = cache
            .get(VERSION, &[("cyberprofiles-at-least", told)])
            .await;
        assert_eq!(version(known).await, i64::from(base));
        tokio::time::sleep(Duration::from_millis(150)).await;
    }
    done.store(true, Ordering::Relaxed);
    for reader in readers {
        reader.await.unwrap();
    }
    let [hits, answers] = [hits, answers].map(|count| count.load(Ordering::Relaxed));
    assert!(hits * 2 > answers, "{hits} of {answers}");
}
