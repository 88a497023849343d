//! The command `propose`: sends a contribution from a file to a server.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use reqwest::header::{ACCEPT, HeaderValue, LOCATION};
use reqwest::redirect::Policy;
use reqwest::{Client, Response, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use super::output::{Failure, STANDARD_STREAM, print};
use crate::config::Secret;
use crate::webhook;

/// The mutation that is sent.
const MUTATION: &str = include_str!("propose.graphql");
/// Name of this program in requests.
const USER_AGENT: &str = concat!("cyberprofiles/", env!("CARGO_PKG_VERSION"));
/// Largest file that is read, in bytes. The server has a lower limit, which its operator can raise.
const MAX_BYTES: u64 = 64 * 1024 * 1024;
/// The end of a message about an answer that did not come whole.
const UNSURE: &str = "whether the contribution was stored is not known";
/// Time for the whole request.
const TIMEOUT: Duration = Duration::from_mins(1);
/// Time for the connection to the server.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// The arguments of `propose`.
#[derive(Args)]
pub(super) struct Propose {
    /// The contribution: the input of `createContribution` as JSON. `-` is standard input. Example:
    /// `examples/contributions/mend-a-date.json`.
    file: PathBuf,
    /// Token of a contributor or editor. Other users of the machine can read the command line: the variable is safer.
    #[arg(long, env = "CYBERPROFILES_TOKEN")]
    token: Secret,
    /// Address of the server. Example: `https://profiles.example.org`.
    #[arg(
        long,
        value_name = "URL",
        env = "CYBERPROFILES_URL",
        default_value = "http://127.0.0.1:8000"
    )]
    url: Url,
    /// Have the server check the contribution and show the result, but store nothing.
    #[arg(long)]
    validate_only: bool,
}

/// A response to a GraphQL request.
#[derive(Deserialize)]
struct Answer {
    data: Option<Data>,
    #[serde(default)]
    errors: Vec<Fault>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Data {
    create_contribution: Option<Payload>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Payload {
    contribution: Option<Contribution>,
    user_errors: Vec<Finding>,
}

#[derive(Deserialize)]
struct Contribution {
    id: String,
    state: String,
    changes: Vec<Change>,
    warnings: Vec<Finding>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Change {
    operation: String,
    record_id: String,
}

#[derive(Deserialize)]
struct Finding {
    code: String,
    message: String,
    #[serde(default)]
    path: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct Fault {
    message: String,
}

impl Finding {
    /// The path, the message and the code in one line.
    fn line(&self) -> String {
        let path = self.path.as_deref().unwrap_or_default().join(".");
        let path = if path.is_empty() {
            path
        } else {
            format!("{path}: ")
        };
        format!("{path}{} ({})", self.message, self.code)
    }
}

/// Sends the contribution, and prints what the server made of it.
pub(super) async fn propose(arguments: &Propose) -> Result<(), Failure> {
    let (name, mut input) = read(&arguments.file)?;
    if arguments.validate_only {
        input.insert("validateOnly".to_owned(), json!(true));
    }
    let checks_only = input.get("validateOnly") == Some(&json!(true));
    let payload = send(arguments, &name, input).await?;
    match payload.contribution {
        Some(contribution) => print(&visible(&report(&contribution, checks_only))),
        None => Err(faults(
            payload
                .user_errors
                .iter()
                .map(|finding| format!("{name}: {}", finding.line())),
        )),
    }
}

/// The failure with the faults that the server found.
fn faults(found: impl Iterator<Item = String>) -> Failure {
    let mut lines: Vec<String> = found.map(|line| visible(&line)).collect();
    if lines.is_empty() {
        lines.push("the server stored no contribution, and does not say why".to_owned());
    }
    Failure(lines)
}

/// A text of the server as it can be printed: control characters, which a terminal would obey, are escaped.
fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_control() && character != '\n' {
            shown.extend(character.escape_unicode());
        } else {
            shown.push(character);
        }
    }
    shown
}

/// The result, for people: the id and the state in the first line, then each change and each warning.
fn report(contribution: &Contribution, checks_only: bool) -> String {
    let Contribution {
        id,
        state,
        changes,
        warnings,
    } = contribution;
    let mut lines = vec![if checks_only {
        "the contribution is valid; nothing was stored".to_owned()
    } else if state == "DRAFT" {
        format!("{id} {state}: only its authors see it until submitContribution")
    } else {
        format!("{id} {state}: it waits for an editor")
    }];
    lines.extend(
        changes
            .iter()
            .map(|change| format!("{} {}", change.operation.to_lowercase(), change.record_id)),
    );
    lines.extend(
        warnings
            .iter()
            .map(|warning| format!("warning: {}", warning.line())),
    );
    lines.push(String::new());
    lines.join("\n")
}

/// Reads the file as a JSON object. Returns its name in messages too.
fn read(file: &Path) -> Result<(String, serde_json::Map<String, Value>), Failure> {
    let is_standard = file.as_os_str() == STANDARD_STREAM;
    let name = if is_standard {
        "standard input".to_owned()
    } else {
        file.display().to_string()
    };
    let failed = |why: String| Failure(vec![why]);
    let mut text = Vec::new();
    let limit = MAX_BYTES.saturating_add(1);
    let done = if is_standard {
        io::stdin().lock().take(limit).read_to_end(&mut text)
    } else {
        File::open(file).and_then(|file| file.take(limit).read_to_end(&mut text))
    };
    done.map_err(|error| failed(format!("cannot read {name}: {error}")))?;
    if u64::try_from(text.len()).is_ok_and(|length| length > MAX_BYTES) {
        let message = format!("{name} has more than {MAX_BYTES} bytes: that is no contribution");
        return Err(failed(message));
    }
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&text);
    match serde_json::from_slice(text) {
        Ok(Value::Object(input)) => Ok((name, input)),
        Ok(_) => Err(failed(format!(
            "{name}: expected a JSON object with title, rationale and changes"
        ))),
        Err(error) => {
            let (line, column) = (error.line(), error.column());
            let message = error.to_string();
            let place = format!(" at line {line} column {column}");
            let message = message.strip_suffix(&place).unwrap_or(&message);
            Err(failed(format!(
                "{name}, line {line}, column {column}: {message}"
            )))
        }
    }
}

/// Sends the mutation. Returns its payload.
async fn send(
    arguments: &Propose,
    name: &str,
    input: serde_json::Map<String, Value>,
) -> Result<Payload, Failure> {
    let failed = |why: String| Failure(vec![why]);
    let token = arguments.token.expose().trim();
    if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        let message = "the token is empty or has a character that no token has: expected the last word that `token create` prints";
        return Err(failed(message.to_owned()));
    }
    let url = endpoint(&arguments.url).map_err(failed)?;
    let body = json!({ "query": MUTATION, "variables": { "input": input } });
    let answer = client(&url)
        .map_err(|error| failed(format!("cannot set up the HTTP client: {error}")))?
        .post(url.clone())
        .header(
            ACCEPT,
            HeaderValue::from_static("application/graphql-response+json"),
        )
        .bearer_auth(token)
        .json(&body)
        .send()
        .await;
    let mut answer = answer.map_err(|error| {
        let cause = webhook::cause(&error, TIMEOUT, CONNECT_TIMEOUT);
        failed(if error.is_connect() {
            format!("cannot reach {}: {cause}", shown(&url))
        } else {
            format!("{}: {cause}: {UNSURE}", shown(&url))
        })
    })?;
    let status = answer.status();
    if let Some(why) = refused(&answer, &url) {
        return Err(failed(why));
    }
    let mut text = Vec::new();
    loop {
        let part = answer.chunk().await;
        let part = part.map_err(|_| {
            failed(format!(
                "the answer of {} ended early: {UNSURE}",
                shown(&url)
            ))
        })?;
        let Some(part) = part else { break };
        text.extend_from_slice(&part);
        if u64::try_from(text.len()).is_ok_and(|length| length > MAX_BYTES) {
            return Err(failed(not_this_service(&url, status)));
        }
    }
    let Ok(answer) = serde_json::from_slice::<Answer>(&text) else {
        return Err(failed(not_this_service(&url, status)));
    };
    let payload = answer.data.and_then(|data| data.create_contribution);
    match payload.filter(|_| answer.errors.is_empty()) {
        Some(payload) => Ok(payload),
        None if status == StatusCode::PAYLOAD_TOO_LARGE => {
            let why = answer.errors.into_iter().map(|fault| fault.message);
            Err(faults(why.map(|why| {
                format!("{name} is too large for the server (413): {why}")
            })))
        }
        None => {
            let why = answer.errors.into_iter().map(|fault| fault.message);
            Err(faults(why.map(|why| format!("{name}: {why}"))))
        }
    }
}

/// The reason why an answer cannot be that of the service to this request.
fn refused(answer: &Response, url: &Url) -> Option<String> {
    let status = answer.status();
    if status == StatusCode::UNAUTHORIZED {
        return Some(format!(
            "{} refuses the token (401): it is unknown, revoked or expired",
            shown(url)
        ));
    }
    if [StatusCode::NOT_FOUND, StatusCode::METHOD_NOT_ALLOWED].contains(&status) {
        return Some(not_this_service(url, status));
    }
    if status.is_redirection() {
        let to = answer.headers().get(LOCATION);
        let to = to.and_then(|to| url.join(to.to_str().ok()?).ok());
        let to = to.map_or_else(|| "elsewhere".to_owned(), |to| shown(&to));
        return Some(format!(
            "{} leads to {to} ({status}): the token is not sent there; give the right address with --url",
            shown(url)
        ));
    }
    None
}

fn not_this_service(url: &Url, status: StatusCode) -> String {
    format!(
        "{} answers with status {status}, and not as this service does: is --url right?",
        shown(url)
    )
}

/// The address of the GraphQL endpoint of a server.
fn endpoint(server: &Url) -> Result<Url, String> {
    let mut url = server.clone();
    if !matches!(url.scheme(), "http" | "https") {
        return Err("--url: expected an address that begins with http:// or https://".to_owned());
    }
    let path = url.path().trim_end_matches('/');
    let path = path.strip_suffix("/graphql").unwrap_or(path);
    let path = format!("{path}/graphql");
    url.set_path(&path);
    url.set_query(None);
    url.set_fragment(None);
    Ok(url)
}

/// An address in messages: without a user or password.
fn shown(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    let port = url
        .port()
        .map(|port| format!(":{port}"))
        .unwrap_or_default();
    format!("{}://{host}{port}{}", url.scheme(), url.path())
}

fn client(url: &Url) -> Result<Client, reqwest::Error> {
    Client::builder()
        .user_agent(USER_AGENT)
        .timeout(TIMEOUT)
        .connect_timeout(CONNECT_TIMEOUT)
        // A redirect would send the token to another place.
        .redirect(Policy::none())
        // Reading the certificates of the machine takes time.
        .tls_built_in_root_certs(url.scheme() == "https")
        .build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_endpoint_follows_from_the_address_of_a_server() {
        let of = |text: &str| endpoint(&Url::parse(text).unwrap()).map(|url| url.to_string());
        for (server, expected) in [
            ("http://localhost:8000", "http://localhost:8000/graphql"),
            (
                "https://a.example/profiles/",
                "https://a.example/profiles/graphql",
            ),
            ("https://a.example/graphql?x#y", "https://a.example/graphql"),
        ] {
            assert_eq!(of(server).as_deref(), Ok(expected));
        }
        assert!(of("ftp://a.example").is_err());
        let secret = Url::parse("https://user:s3cret@a.example:81/x").unwrap();
        assert_eq!(shown(&secret), "https://a.example:81/x");
    }
}
