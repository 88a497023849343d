//! The description of a dump: program, moment, terms and disclaimer.

use serde_json::json;

use super::{Chunk, View};
use crate::domain::terms::{DISCLAIMER, LICENCES, TERMS};
use crate::store::Store;

/// Version of the program.
pub const PROGRAM: &str = env!("CARGO_PKG_VERSION");

/// Name of the data.
pub const TITLE: &str = "Country profiles on cybercrime and electronic evidence";

/// The first line of a dump as JSON Lines. It names no record, and an import skips it.
pub fn line(store: &Store, view: &View) -> Chunk {
    let about = json!({ "export": {
        "program": PROGRAM,
        "cursor": view.cursor(store),
        "sequence": view.moment.0,
        "hash": view.link.hash,
        "stateDigest": view.link.state,
        "committedAt": view.committed_at,
        "licence": LICENCES.map(|(name, ..)| name).join(" OR "),
        "terms": TERMS,
        "disclaimer": DISCLAIMER,
    } });
    Chunk {
        bytes: format!("{about}\n").into(),
        rows: 0,
    }
}
