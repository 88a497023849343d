//! Checks of the replica: a standby of the database, with the same log.

use super::finding::Finding;
use crate::config::{Config, Secret};
use crate::store::examine::examine_replica;

const REPLICA: &str = "replica";

/// Checks the replica, if one is named.
pub(super) async fn check(config: &Config) -> Vec<Finding> {
    let Some(url) = config.read_database_url.as_ref().map(Secret::expose) else {
        return Vec::new();
    };
    vec![
        match examine_replica(config.database_url.expose(), url).await {
            Ok(0) => Finding::ok(REPLICA, "it has the whole log"),
            Ok(lacking) => Finding::warning(
                REPLICA,
                format!("it lacks {lacking} changes"),
                "if this stays so, look at its replication; until then all is read from the database itself",
            ),
            Err(why) => Finding::fault(
                REPLICA,
                why,
                "name a streaming replica of the database in --read-database-url; until then all is read from the database itself",
            ),
        },
    ]
}
