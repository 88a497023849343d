//! The bundled data, and changes of it that many tests make.

use cyberprofiles::bundle;
use serde_json::{Value, json};

/// Number of lines in the bundled data; each is one change in the log.
pub fn bundled() -> i64 {
    let lines: usize = bundle::FILES.iter().map(|file| file.lines).sum();
    i64::try_from(lines).unwrap()
}

/// Name and content of each file of the bundled data, in the order in which they are loaded.
pub fn bundled_files() -> Vec<(&'static str, String)> {
    let mut lines = bundle::lines();
    let files = bundle::FILES.iter().map(|file| {
        let text = lines
            .by_ref()
            .take(file.lines)
            .map(|line| line.unwrap() + "\n");
        (file.name, text.collect())
    });
    files.collect()
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
