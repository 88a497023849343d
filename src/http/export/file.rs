//! The files that can be requested, and their paths.

use crate::dump::{Dump, Table};

/// Path of the export as JSON Lines.
pub const LINES_PATH: &str = "/export.jsonl";
/// Folder of the other exports.
const FOLDER: &str = "/export/";
/// Name of the description of the CSV files.
const PACKAGE: &str = "datapackage.json";

/// A file that can be requested.
#[derive(Clone, Copy)]
pub enum File {
    /// A dump.
    Dump(Dump),
    /// The description of the CSV files.
    Package,
}

impl File {
    /// The file at a path.
    pub fn at(path: &str) -> Option<Self> {
        if path == LINES_PATH {
            let with_description = true;
            return Some(Self::Dump(Dump::Lines { with_description }));
        }
        let name = path.strip_prefix(FOLDER)?;
        if name == PACKAGE {
            return Some(Self::Package);
        }
        let table = Table::named(name.strip_suffix(".csv")?)?;
        Some(Self::Dump(Dump::Table(table)))
    }

    /// Name, ending and media type.
    pub fn form(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Dump(Dump::Lines { .. }) => ("export", "jsonl", "application/jsonl"),
            Self::Dump(Dump::Table(table)) => (
                table.name(),
                "csv",
                "text/csv; charset=utf-8; header=present",
            ),
            Self::Package => ("datapackage", "json", "application/json"),
        }
    }

    /// True if the file depends on the as-of date.
    pub fn depends_on_day(self) -> bool {
        match self {
            Self::Dump(dump) => dump.depends_on_day(),
            // It names the day.
            Self::Package => true,
        }
    }
}

/// The message for a path at which there is no file.
pub fn unknown() -> String {
    let names = Table::all().map(|table| format!("{}.csv", table.name()));
    let names: Vec<String> = names.collect();
    let names = names.join(", ");
    format!(
        "there is no such export: {LINES_PATH} has all records, and {FOLDER} has {PACKAGE}, {names}"
    )
}
