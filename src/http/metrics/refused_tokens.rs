//! The number of refused tokens, by reason.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;

/// Reasons for which a token is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusedToken {
    /// No API token of the database: unknown, expired or revoked.
    Unknown,
    /// No valid token of the `OpenID` provider.
    OfProvider,
    /// The header has another form than `Bearer TOKEN`, or is sent twice.
    Malformed,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ReasonLabels {
    reason: &'static str,
}

/// The counters; clones share them.
#[derive(Clone, Debug)]
pub struct RefusedTokens(Family<ReasonLabels, Counter>);

impl Default for RefusedTokens {
    /// Every reason has a counter from the beginning, so that its first increase is seen.
    fn default() -> Self {
        let counters = Self(Family::default());
        for reason in [
            RefusedToken::Unknown,
            RefusedToken::OfProvider,
            RefusedToken::Malformed,
        ] {
            drop(counters.0.get_or_create(&labels(reason)));
        }
        counters
    }
}

impl RefusedTokens {
    /// Adds the counters to a registry.
    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register(
            "tokens_refused",
            "Refused tokens by reason: unknown (also expired or revoked), of_provider, or malformed",
            self.0.clone(),
        );
    }

    /// Counts a refused token.
    pub fn count(&self, reason: RefusedToken) {
        self.0.get_or_create(&labels(reason)).inc();
    }
}

fn labels(reason: RefusedToken) -> ReasonLabels {
    let reason = match reason {
        RefusedToken::Unknown => "unknown",
        RefusedToken::OfProvider => "of_provider",
        RefusedToken::Malformed => "malformed",
    };
    ReasonLabels { reason }
}
