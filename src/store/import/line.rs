//! Reads one line of a data file.

use std::io;

use super::json_message;
use super::outline::Outline;
use super::place::Files;
use domain::change::{ChangeInput, Operation, Proposed};
use domain::check::{Code, Finding, Path};
use domain::text::quoted;

/// Reads one line of a data file; `None` for an empty line, and for one that describes an export. The path of each finding begins with the line number, which
/// counts the lines of all `files`.
///
/// # Errors
/// All findings on the line.
pub fn read(
    number: usize,
    line: io::Result<String>,
    files: &Files,
    outline: &mut Outline,
) -> Result<Option<Proposed>, Vec<Finding>> {
    let path = Path::default().then(number);
    let line = line.map_err(|error| vec![path.finding(Code::Invalid, error.to_string())])?;
    if line.trim().is_empty() || is_description(&line) {
        return Ok(None);
    }
    let change = checked(&path, &line).inspect_err(|_| outline.note_bad(number, &line))?;
    outline.note(number, &change, files)?;
    Ok(Some(change))
}

/// True for the line that describes an export: an object with the only member `export`.
fn is_description(line: &str) -> bool {
    #[derive(serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Description {
        #[serde(rename = "export")]
        _export: serde_json::Map<String, serde_json::Value>,
    }
    // Other lines are not parsed twice.
    let begin = line.trim_start_matches([' ', '\t', '{']);
    begin.starts_with("\"export\"") && serde_json::from_str::<Description>(line).is_ok()
}

fn checked(path: &Path, line: &str) -> Result<Proposed, Vec<Finding>> {
    let mut json = serde_json::Deserializer::from_str(line);
    let change: ChangeInput = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let inner = error.path().to_string();
        let at = if inner == "." {
            path.clone()
        } else {
            path.then(quoted(&inner))
        };
        let message = json_message::of_one_line(&error.into_inner());
        vec![at.finding(Code::Invalid, quoted(&message))]
    })?;
    let rest = json.end().map_err(|_| {
        let message = "expected one change, and nothing after it";
        vec![path.finding(Code::Invalid, message)]
    });
    rest?;
    let change = change.checked(path)?.into_inner();
    check_complete(&change)?;
    Ok(change)
}

/// Reports what a contribution may leave to the records as they are, and a data file, which is imported again, may not.
fn check_complete(change: &Proposed) -> Result<(), Vec<Finding>> {
    let mut found = Vec::new();
    if change.operation == Operation::Update && change.base_version.is_none() {
        let at = change.path.then("baseVersion");
        let message = "a data file must name the version on which an update is based";
        found.push(at.finding(Code::Required, message));
    }
    for cite in &change.open_cites {
        let at = change.path.then("cite").then(cite.position);
        let message = "a data file must name the source by `source`";
        found.push(at.finding(Code::Required, message));
    }
    if found.is_empty() { Ok(()) } else { Err(found) }
}
