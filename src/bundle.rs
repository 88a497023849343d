//! The data set inside the program. `serve` loads it into a database whose change log is empty.

use crate::store::{self, Store};

/// Files of the bundled data set (name, content), in the order in which they are loaded.
pub const FILES: [(&str, &str); 6] = [
    ("01-sources.jsonl", include_str!("../data/01-sources.jsonl")),
    (
        "02-countries.jsonl",
        include_str!("../data/02-countries.jsonl"),
    ),
    (
        "03-treaties.jsonl",
        include_str!("../data/03-treaties.jsonl"),
    ),
    (
        "04-treaty-events.jsonl",
        include_str!("../data/04-treaty-events.jsonl"),
    ),
    (
        "05-azerbaijan-2020.jsonl",
        include_str!("../data/05-azerbaijan-2020.jsonl"),
    ),
    (
        "06-azerbaijan-later.jsonl",
        include_str!("../data/06-azerbaijan-later.jsonl"),
    ),
];

/// Loads the bundled data set as one import.
///
/// # Errors
/// [`store::Error`]; the database is unchanged then.
pub async fn load(store: &Store) -> Result<(), store::Error> {
    // One import: if the start is interrupted, the change log stays empty and the next start loads everything.
    let lines = FILES.iter().flat_map(|(_, text)| text.lines());
    let lines = lines.map(|line| Ok(line.to_owned()));
    let report = store.import(lines, false, &mut |_| {}).await?;
    tracing::info!(created = report.created, "loaded the bundled data set");
    Ok(())
}
