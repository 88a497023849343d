//! The data set that is part of the program: a database that is empty when the server starts gets it.

use crate::store::{self, Store};

/// The bundled data set: files in the order in which they are read.
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

/// Loads the bundled data set.
///
/// # Errors
/// [`store::Error`]; nothing is loaded then.
pub async fn load(store: &Store) -> Result<(), store::Error> {
    // One import: a start that is cut short leaves an empty log, and the next one loads all.
    let lines = FILES.iter().flat_map(|(_, text)| text.lines());
    let lines = lines.map(|line| Ok(line.to_owned()));
    let report = store.import(lines, false, &mut |_| {}).await?;
    tracing::info!(created = report.created, "loaded the bundled data");
    Ok(())
}
