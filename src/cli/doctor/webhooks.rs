//! Checks of the settings of webhooks.

use super::finding::Finding;
use crate::config::Config;

const WEBHOOKS: &str = "webhooks";

pub(super) fn check(config: &Config) -> Vec<Finding> {
    let settings = &config.webhooks;
    let mut findings = Vec::new();
    let all = settings
        .webhook_allow
        .iter()
        .find(|network| network.prefix_len() == 0);
    if let Some(network) = all {
        let what = format!("--webhook-allow {network} allows every address, also this machine");
        let advice = "allow only the networks of receivers";
        findings.push(Finding::warning(WEBHOOKS, what, advice));
    }
    if settings.webhook_connect_timeout_ms > settings.webhook_timeout_ms {
        let what =
            "--webhook-connect-timeout-ms is longer than --webhook-timeout-ms, which includes it";
        let advice = "shorten the first, or extend the second";
        findings.push(Finding::warning(WEBHOOKS, what, advice));
    }
    if findings.is_empty() {
        let most = config.limits.max_webhooks_per_person;
        let what = if most == 0 {
            "nobody can create one (--max-webhooks-per-person 0)".to_owned()
        } else {
            format!(
                "{most} for each person, public addresses and {} networks",
                settings.webhook_allow.len()
            )
        };
        findings.push(Finding::ok(WEBHOOKS, what));
    }
    findings
}
