//! One post: to a permitted address, signed, without redirects, and within its time.

use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use reqwest::header::CONTENT_TYPE;
use reqwest::redirect::Policy;
use reqwest::{Client, StatusCode};
use tokio::sync::OnceCell;
use url::Url;

use super::failure::cause;
use super::resolver::PermittedAddresses;
use super::retry;
use super::settings::WebhookSettings;
use super::signature::signatures;
use crate::graphql::Targets;

/// Name of this program in requests.
const USER_AGENT: &str = concat!("cyberprofiles/", env!("CARGO_PKG_VERSION"));
/// Longest body of an answer that is read, in bytes. It is read only so that the connection can be used again.
const MAX_READ: usize = 1_024;
/// Time within which it must arrive.
const READ_TIMEOUT: Duration = Duration::from_secs(1);
/// Time for which an idle connection is kept.
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);

/// Posts to receivers.
pub struct Poster {
    targets: Targets,
    timeout: Duration,
    connect_timeout: Duration,
    /// The client for `http`. It needs no certificates.
    plain: Client,
    /// The client for `https`, made at the first use: it reads all certificates of the machine.
    secure: OnceCell<Client>,
}

/// One change to post.
pub struct Post<'a> {
    /// The address.
    pub url: &'a str,
    /// The value of `webhook-id`.
    pub id: &'a str,
    /// The body: JSON.
    pub body: &'a str,
    /// The secrets that sign.
    pub secrets: Vec<&'a str>,
    /// The time of the post.
    pub now: DateTime<Utc>,
}

/// The answer to a post.
pub struct Posted {
    /// The HTTP status, if there was an answer.
    pub status: Option<u16>,
    /// The time until the answer.
    pub took: Duration,
    /// The result.
    pub result: PostResult,
}

/// The result of a post.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PostResult {
    /// Status 2xx.
    Taken,
    /// Status 410: the receiver wants no more posts.
    Gone,
    /// Anything else.
    Failed {
        /// The cause, for the owner.
        error: String,
        /// The pause that the receiver asks for.
        pause: Option<Duration>,
    },
}

impl PostResult {
    fn failed(error: impl Into<String>) -> Self {
        Self::Failed {
            error: error.into(),
            pause: None,
        }
    }
}

impl Poster {
    /// Creates the clients.
    ///
    /// # Errors
    /// The HTTP library cannot be set up.
    pub fn new(targets: Targets, settings: &WebhookSettings) -> Result<Self, reqwest::Error> {
        let (timeout, connect_timeout) = (settings.timeout(), settings.connect_timeout());
        let plain = builder(&targets, timeout, connect_timeout)
            .tls_built_in_root_certs(false)
            .build()?;
        Ok(Self {
            targets,
            timeout,
            connect_timeout,
            plain,
            secure: OnceCell::new(),
        })
    }

    /// Posts a change.
    pub async fn post(&self, post: &Post<'_>) -> Posted {
        let begun = Instant::now();
        let done = self.answer(post).await;
        let took = begun.elapsed();
        match done {
            Ok(mut answer) => {
                let status = answer.status();
                let result = result(status, answer.headers(), post.now);
                if result == PostResult::Taken {
                    // The change is taken, however the body ends.
                    drop(tokio::time::timeout(READ_TIMEOUT, read_short(&mut answer)).await);
                }
                Posted {
                    status: Some(status.as_u16()),
                    took,
                    result,
                }
            }
            Err(error) => Posted {
                status: None,
                took,
                result: PostResult::failed(error),
            },
        }
    }

    async fn answer(&self, post: &Post<'_>) -> Result<reqwest::Response, String> {
        let url = Url::parse(post.url).map_err(|_| "the address cannot be read".to_owned())?;
        // The resolver decides on names; the client does not ask it for an address.
        self.targets
            .permit_literal(&url)
            .map_err(|refused| format!("nothing can be posted to the address: {refused}"))?;
        let timestamp = post.now.timestamp();
        let signed = signatures(post.secrets.iter().copied(), post.id, timestamp, post.body);
        let signed = signed.ok_or_else(|| "the secret is malformed: replace it".to_owned())?;
        let client = if url.scheme() == "https" {
            self.secure().await?
        } else {
            &self.plain
        };
        let sent = client
            .post(url)
            .header(CONTENT_TYPE, "application/json")
            .header("webhook-id", post.id)
            .header("webhook-timestamp", timestamp)
            .header("webhook-signature", signed)
            .body(post.body.to_owned())
            .send();
        sent.await
            .map_err(|error| cause(&error, self.timeout, self.connect_timeout))
    }

    async fn secure(&self) -> Result<&Client, String> {
        let made = self.secure.get_or_try_init(|| async {
            let builder = builder(&self.targets, self.timeout, self.connect_timeout);
            let built = tokio::task::spawn_blocking(|| builder.build()).await;
            built
                .ok()
                .and_then(Result::ok)
                .ok_or_else(|| "this service cannot read its certificate authorities".to_owned())
        });
        made.await
    }
}

fn builder(
    targets: &Targets,
    timeout: Duration,
    connect_timeout: Duration,
) -> reqwest::ClientBuilder {
    Client::builder()
        .user_agent(USER_AGENT)
        .timeout(timeout)
        .connect_timeout(connect_timeout)
        .redirect(Policy::none())
        .no_proxy()
        .referer(false)
        .pool_idle_timeout(IDLE_TIMEOUT)
        .pool_max_idle_per_host(1)
        .dns_resolver(Arc::new(PermittedAddresses(targets.clone())))
}

fn result(
    status: StatusCode,
    headers: &reqwest::header::HeaderMap,
    now: DateTime<Utc>,
) -> PostResult {
    if status.is_success() {
        return PostResult::Taken;
    }
    if status == StatusCode::GONE {
        return PostResult::Gone;
    }
    let code = status.as_u16();
    if status.is_redirection() && status != StatusCode::NOT_MODIFIED {
        return PostResult::failed(format!(
            "status {code}: redirects are not followed; set the new address with updateWebhook"
        ));
    }
    let may_ask = [
        StatusCode::TOO_MANY_REQUESTS,
        StatusCode::SERVICE_UNAVAILABLE,
    ];
    PostResult::Failed {
        error: format!("status {code}"),
        pause: retry::asked(headers, now).filter(|_| may_ask.contains(&status)),
    }
}

/// Reads a short body. Of one that names a greater length, nothing is read; one without a length is read in parts, and
/// left at the part with which it becomes too long.
async fn read_short(answer: &mut reqwest::Response) {
    let most = u64::try_from(MAX_READ).unwrap_or_default();
    if answer.content_length().is_some_and(|length| length > most) {
        return;
    }
    let mut rest = MAX_READ;
    while let Ok(Some(part)) = answer.chunk().await
        && let Some(left) = rest.checked_sub(part.len())
    {
        rest = left;
    }
}
