//! The service behind nginx with TLS, by the configuration in `deploy`.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use cyberprofiles::graphql::limits::Limits;
use cyberprofiles::http::Settings;
use serde_json::json;

use crate::clients::{clients, command, is_possible};
use crate::harness::{Api, roomy};
use crate::installed::{self, done};

/// A running nginx, with a certificate of its own.
struct Nginx {
    process: Child,
    certificate: PathBuf,
    http: u16,
    https: u16,
    _folder: tempfile::TempDir,
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Starts nginx with a site, and waits until it listens on a port.
pub fn run(folder: &Path, site: &str, port: u16) -> Child {
    let here = folder.display().to_string();
    let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
    let temporary = temporary.map(|kind| format!("{kind}_temp_path {here}/{kind};\n"));
    let whole = format!(
        "daemon off;\nmaster_process off;\npid {here}/pid;\nerror_log {here}/errors;\nevents {{}}\nhttp {{\naccess_log off;\n{}{site}}}\n",
        temporary.concat()
    );
    std::fs::write(folder.join("nginx.conf"), whole).unwrap();
    let process = Command::new(program())
        .args(["-e", "errors", "-p", &here, "-c", "nginx.conf"])
        .stdin(Stdio::null())
        .spawn()
        .unwrap();
    for _ in 0..100 {
        if std::net::TcpStream::connect(("127.0.0.1", port)).is_ok() {
            break;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    process
}

/// The program nginx.
pub fn program() -> &'static str {
    let place = "/usr/sbin/nginx";
    if Path::new(place).exists() {
        place
    } else {
        "nginx"
    }
}

/// A port that nobody uses.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

impl Nginx {
    /// Starts nginx in front of a server.
    fn start(server: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let here = folder.path().display().to_string();
        let certificate = folder.path().join("certificate.pem");
        done(
            Command::new("openssl")
                .current_dir(folder.path())
                .args(["req", "-x509", "-newkey", "ec", "-nodes", "-days", "2"])
                .args(["-pkeyopt", "ec_paramgen_curve:prime256v1"])
                .args(["-subj", "/CN=localhost", "-addext"])
                .arg("subjectAltName=DNS:localhost,IP:127.0.0.1")
                .args(["-keyout", "key.pem", "-out", "certificate.pem"]),
        );
        let (http, https) = (free_port(), free_port());
        let site = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/nginx-site.conf");
        let mut site = std::fs::read_to_string(site).unwrap();
        let live = "/etc/letsencrypt/live/profiles.example.org";
        for (from, to) in [
            ("    listen [::]:80;\n", String::new()),
            ("    listen [::]:443 ssl http2;\n", String::new()),
            ("listen 80;", format!("listen 127.0.0.1:{http};")),
            ("listen 443 ssl", format!("listen 127.0.0.1:{https} ssl")),
            ("profiles.example.org;", "localhost;".to_owned()),
            ("127.0.0.1:8000", server.to_owned()),
            ("/var/log/nginx/cyberprofiles.log", format!("{here}/log")),
            (
                &*format!("{live}/fullchain.pem"),
                format!("{here}/certificate.pem"),
            ),
            (&*format!("{live}/privkey.pem"), format!("{here}/key.pem")),
        ] {
            assert!(site.contains(from), "{from}");
            site = site.replace(from, &to);
        }
        let process = run(folder.path(), &site, https);
        Self {
            process,
            certificate,
            http,
            https,
            _folder: folder,
        }
    }

    /// Runs curl against a path. Returns the response with its headers.
    async fn curl(&self, path: &str, arguments: &[&str]) -> String {
        let mut curl = Command::new("curl");
        curl.args(["--silent", "--show-error", "--include", "--max-time", "60"])
            .arg("--cacert")
            .arg(&self.certificate)
            .args(arguments)
            .arg(format!("https://localhost:{}{path}", self.https));
        tokio::task::spawn_blocking(move || done(&mut curl))
            .await
            .unwrap()
    }

    /// Submits a tip from an address. Returns the response.
    async fn tip(&self, address: &str, arguments: &[&str]) -> String {
        let tip = json!({ "query": "mutation { submitTip(input: { country: \"AZ\", message: \"M\" }) { contribution { id } } }" });
        let tip = tip.to_string();
        let common = ["--ipv4", "--interface", address, "--json", &tip];
        self.curl("/graphql", &[&common, arguments].concat()).await
    }
}

/// The value of a header.
fn header<'a>(response: &'a str, name: &str) -> Option<&'a str> {
    let begin = format!("{name}: ");
    response
        .lines()
        .take_while(|line| !line.trim().is_empty())
        .find_map(|line| line.strip_prefix(&begin))
        .map(str::trim)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_service_works_behind_nginx_with_tls() {
    for (needed, check) in [
        (program(), &["-v"][..]),
        ("openssl", &["version"]),
        ("curl", &["--version"]),
        ("python3", &["-c", "import ensurepip"]),
    ] {
        if !is_possible(needed, check) {
            return;
        }
    }
    let limits = Limits {
        max_tips_per_hour: 1,
        ..roomy()
    };
    let settings = Settings {
        trusted_proxy: vec!["127.0.0.1/32".parse().unwrap()],
        ..Settings::default()
    };
    let api = Api::builder().limits(limits).http(settings).start().await;
    let nginx = Nginx::start(&api.address);

    let query = json!({ "query": "{ country(code: \"AZ\") { name } }" }).to_string();
    let response = nginx.curl("/graphql", &["--http2", "--json", &query]).await;
    assert!(response.starts_with("HTTP/2 200"), "{response}");
    assert!(response.contains("Azerbaijan"), "{response}");
    let hsts = header(&response, "strict-transport-security");
    assert_eq!(hsts, Some("max-age=31536000"), "{response}");
    assert!(header(&response, "x-request-id").is_some(), "{response}");

    let mut redirect = Command::new("curl");
    redirect.args(["--silent", "--include"]).arg(format!(
        "http://localhost:{}/graphql?query=%7Bx%7D",
        nginx.http
    ));
    let redirect = done(&mut redirect);
    assert!(redirect.starts_with("HTTP/1.1 308"), "{redirect}");
    let place = redirect
        .lines()
        .find_map(|line| line.strip_prefix("Location: "));
    assert_eq!(
        place.map(str::trim),
        Some("https://localhost/graphql?query=%7Bx%7D")
    );

    // The tag and the compression of the service arrive unchanged.
    let get = "/graphql?query=%7Bcountry(code:%22AZ%22)%7Bname%7D%7D";
    let response = nginx.curl(get, &["--http2"]).await;
    let tag = header(&response, "etag").unwrap().to_owned();
    let condition = format!("if-none-match: {tag}");
    let response = nginx.curl(get, &["--http2", "--header", &condition]).await;
    assert!(response.starts_with("HTTP/2 304"), "{response}");
    let direct = api.request(reqwest::Method::GET, get).send().await.unwrap();
    assert_eq!(direct.headers()["etag"].to_str().unwrap(), tag);
    let packed = nginx
        .curl(
            "/export.jsonl",
            &["--head", "--header", "accept-encoding: gzip"],
        )
        .await;
    assert_eq!(
        header(&packed, "content-encoding"),
        Some("gzip"),
        "{packed}"
    );

    // An export of some megabytes is complete.
    let export = nginx.curl("/export.jsonl", &["--compressed"]).await;
    let direct = api
        .request(reqwest::Method::GET, "/export.jsonl")
        .send()
        .await
        .unwrap();
    let direct = direct.text().await.unwrap();
    assert!(direct.len() > 1_000_000, "{}", direct.len());
    assert!(export.replace("\r\n", "\n").ends_with(&direct));

    // Multipart responses pass.
    let subscription = json!({ "query": "subscription { changes { sequence } }" }).to_string();
    let multipart = "accept: multipart/mixed;subscriptionSpec=1.0";
    let mut curl = Command::new("curl");
    curl.args(["--silent", "--include", "--no-buffer", "--max-time", "3"])
        .arg("--cacert")
        .arg(&nginx.certificate)
        .args(["--header", multipart, "--json", &subscription])
        .arg(format!("https://localhost:{}/graphql", nginx.https));
    let multipart = tokio::task::spawn_blocking(move || curl.output().unwrap());
    let multipart = multipart.await.unwrap().stdout;
    let multipart = String::from_utf8(multipart).unwrap();
    let kind = header(&multipart, "content-type").unwrap();
    assert!(kind.starts_with("multipart/mixed"), "{multipart}");

    // The limit on tips counts the clients of the proxy, whatever they say about their address.
    let forged = ["--header", "x-forwarded-for: 192.0.2.9"];
    let first = nginx.tip("127.0.0.2", &[]).await;
    assert!(!first.contains("RATE_LIMITED"), "{first}");
    let second = nginx.tip("127.0.0.2", &forged).await;
    assert!(second.contains("RATE_LIMITED"), "{second}");
    let other = nginx.tip("127.0.0.3", &[]).await;
    assert!(!other.contains("RATE_LIMITED"), "{other}");

    let metrics = nginx.curl("/metrics", &[]).await;
    assert!(metrics.starts_with("HTTP/2 404"), "{metrics}");

    let python = installed::python(&clients().join("python/requirements.txt"));
    let mut follow = command(python, &["python/try_proxy.py"]);
    follow
        .env(
            "CYBERPROFILES_URL",
            format!("https://localhost:{}", nginx.https),
        )
        .env("CYBERPROFILES_CERTIFICATE", &nginx.certificate);
    tokio::task::spawn_blocking(move || done(&mut follow))
        .await
        .unwrap();
}
