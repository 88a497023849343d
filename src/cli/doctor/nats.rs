//! Checks of NATS: reachable, and with `JetStream`.

use super::finding::Finding;
use crate::config::{Config, Secret};
use crate::nats::{self, ExamineError};

const NATS: &str = "nats";

pub(super) async fn check(config: &Config) -> Vec<Finding> {
    let Some(urls) = config.nats_url.as_ref().map(Secret::expose) else {
        return vec![Finding::ok(NATS, "not used")];
    };
    vec![match nats::examine(urls).await {
        Ok(version) => Finding::ok(NATS, format!("version {version}, with JetStream")),
        Err(ExamineError::Address(message)) => Finding::fault(NATS, message, "correct --nats-url"),
        Err(ExamineError::Away(message)) => Finding::fault(
            NATS,
            format!("it cannot be reached: {message}"),
            "start it, or correct host, port, user or password in --nats-url; until then messages are delayed",
        ),
        Err(ExamineError::NoJetStream(message)) => Finding::fault(
            NATS,
            format!("JetStream is not available: {message}"),
            "start the server with -js, and allow the account JetStream",
        ),
    }]
}
