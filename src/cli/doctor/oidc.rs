//! Checks of the `OpenID` provider: its discovery and its keys.

use super::finding::Finding;
use crate::config::Config;
use crate::http::oidc::Provider;

const OIDC: &str = "oidc";

pub(super) async fn check(config: &Config) -> Vec<Finding> {
    let Some(settings) = config.oidc.settings() else {
        return vec![Finding::ok(OIDC, "not used")];
    };
    let provider = match Provider::new(settings) {
        Ok(provider) => provider,
        Err(message) => return vec![Finding::fault(OIDC, message, "correct the setting")],
    };
    vec![match provider.count_keys().await {
        Ok(0) => Finding::fault(
            OIDC,
            "the provider has no key that can verify a token",
            "it needs a key for RS256, ES256 or EdDSA",
        ),
        Ok(keys) => Finding::ok(OIDC, format!("{keys} keys can verify tokens")),
        Err(message) => Finding::fault(
            OIDC,
            format!("the keys cannot be read: {message}"),
            "correct --oidc-issuer, or look at the provider; until then its tokens are answered with 503",
        ),
    }]
}
