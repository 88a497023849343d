//! The bundled data, and changes of it that many tests make.

use cyberprofiles::bundle;
use serde_json::{Value, json};

/// Number of lines in the bundled data; each is one change in the log.
pub fn bundled() -> i64 {
    bundle::FILES
        .iter()
        .map(|(_, text)| i64::try_from(text.lines().count()).unwrap())
        .sum()
}

/// A citation that covers all fields a change sets.
pub fn cite() -> Value {
    json!([{ "source": "Source:coe-chart-185-2015" }])
}

/// An update of the short title of the Budapest Convention, based on a version.
pub fn retitle(base_version: i32, short_title: &str) -> Value {
    json!([{ "updateTreaty": { "id": "Treaty:ets-185", "baseVersion": base_version,
        "set": { "shortTitle": short_title }, "cite": cite() } }])
}
