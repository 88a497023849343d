//! Reads one line of a data file.

use std::io;

use super::json_message;
use super::outline::Outline;
use super::place::Files;
use domain::change::{ChangeInput, Proposed};
use domain::check::{Code, Finding, Path};
use domain::text::quoted;

/// Reads one line of a data file; `None` for an empty line. The path of each finding begins with the line number, which
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
    if line.trim().is_empty() {
        return Ok(None);
    }
    let change = checked(&path, &line).inspect_err(|_| outline.note_bad(number, &line))?;
    outline.note(number, &change, files)?;
    Ok(Some(change))
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
    Ok(change.checked(path)?.into_inner())
}
