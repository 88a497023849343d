//! Checks of the addresses: the one on which the server listens, and the one that readers use.

use std::net::SocketAddr;
use std::time::Duration;

use super::finding::Finding;
use crate::config::Config;

const LISTEN: &str = "listen";
const PUBLIC_URL: &str = "public-url";
/// Longest time for the answer of a server that runs already.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(2);

/// Checks both addresses. `is_served` is true if a server uses the database.
pub(super) async fn check(config: &Config, is_served: bool) -> Vec<Finding> {
    vec![listen(config, is_served).await, public_url(config)]
}

async fn listen(config: &Config, is_served: bool) -> Finding {
    let message = match config.listen.bind().await {
        Ok(listener) => {
            let address = listener.local_addr();
            let address = address.map_or_else(|_| config.listen.to_string(), |at| at.to_string());
            return Finding::ok(LISTEN, format!("{address} is free"));
        }
        Err(message) => message,
    };
    let addresses = config.listen.resolve().await.unwrap_or_default();
    for address in addresses {
        if answers(address).await {
            let what = format!("a server of this kind runs at {address}");
            return if is_served {
                Finding::ok(LISTEN, what)
            } else {
                let advice = "stop it before another one starts there, or choose another --listen";
                Finding::warning(LISTEN, what, advice)
            };
        }
    }
    if is_served {
        let what = format!("{message}: the server that uses the database may be starting");
        return Finding::warning(LISTEN, what, "wait until it answers at /readyz");
    }
    let advice = "choose another --listen, or stop the program that uses it (ss -ltnp names it); ports below 1024 need a right";
    Finding::fault(LISTEN, message, advice)
}

/// True if a server of this kind answers at an address.
async fn answers(address: SocketAddr) -> bool {
    let client = reqwest::Client::builder()
        .timeout(ANSWER_TIMEOUT)
        .no_proxy()
        .build();
    let Ok(client) = client else {
        return false;
    };
    let Ok(answer) = client.get(format!("http://{address}/livez")).send().await else {
        return false;
    };
    answer.content_length() == Some(3) && answer.bytes().await.is_ok_and(|body| body == "ok\n")
}

fn public_url(config: &Config) -> Finding {
    let Some(url) = &config.public_url else {
        let what =
            "not set: permalinks and feeds begin with the address on which the server listens";
        let advice = "set it before the first reader comes, and keep it";
        return Finding::warning(PUBLIC_URL, what, advice);
    };
    let url = url.to_string();
    if url.starts_with("http://") {
        let what = format!("{url} is not encrypted");
        return Finding::warning(
            PUBLIC_URL,
            what,
            "end TLS at a proxy, and set its https address",
        );
    }
    if config.http.trusted_proxy.is_empty() {
        let what = format!(
            "{url} needs a proxy, and none is trusted: all clients have its address and share one limit"
        );
        let advice = "name the address of the proxy in --trusted-proxy";
        return Finding::warning(PUBLIC_URL, what, advice);
    }
    Finding::ok(PUBLIC_URL, url)
}
