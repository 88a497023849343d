//! Faults of a form, each at its field.

use serde_json::Value;

use super::document::UserError;
use super::form::State;
use super::kind::{Field, Shape};
use super::part::Part;
use super::show::PartView;
use super::view::{Fault, FieldView};
use super::words::Words;
use crate::form::new_key;

/// The code of a text where a number is expected, for which the service refuses a whole request.
const NO_NUMBER: &str = "NO_NUMBER";

/// Sets the paths of errors to the names of fields, and tells of forms that were sent before.
pub fn mark(state: &mut State, sent: &[usize], words: Words) {
    let errors = std::mem::take(&mut state.errors);
    for mut error in errors {
        let note = match error.code.as_str() {
            "IDEMPOTENCY_MISMATCH" => {
                state.key = new_key();
                Some(words.again_form())
            }
            "STALE_REVISION" => {
                state.is_stale = true;
                Some(words.stale())
            }
            _ => None,
        };
        if let Some(note) = note {
            state.notes.push(Fault {
                text: note.to_owned(),
                is_english: false,
            });
            continue;
        }
        error.path = Some(
            error
                .path
                .map_or_else(Vec::new, |path| field_path(&path, sent)),
        );
        state.errors.push(error);
    }
}

/// The path of a field in the form: `p2`, `fields`, `date` for `changes`, `1`, `updateTreatyEvent`, `set`, `date`.
fn field_path(path: &[String], sent: &[usize]) -> Vec<String> {
    let [changes, number, rest @ ..] = path else {
        return path.to_vec();
    };
    if changes != "changes" {
        return path.to_vec();
    }
    let number: Option<usize> = number.parse().ok();
    let Some(part) = number.and_then(|number| sent.get(number)) else {
        return Vec::new();
    };
    let mut names = vec![format!("p{part}")];
    for (place, name) in rest.iter().enumerate() {
        match (place, name.as_str()) {
            (0, _) => {}
            (1, "set") => names.push("fields".to_owned()),
            (_, name) => names.push(name.to_owned()),
        }
    }
    names
}

/// Faults for which the service refuses a whole request: missing parts of rows, and texts where numbers are expected.
pub fn local_faults(parts: &[Part]) -> Vec<UserError> {
    let mut errors = Vec::new();
    for (number, part) in (0..).zip(parts).filter(|(_, part)| !part.is_blank()) {
        let values = Value::Object(part.fields.clone());
        for field in part.kind.fields {
            let path = vec![format!("p{number}"), "fields".to_owned()];
            faults_of(field, values.get(field.name), path, &mut errors);
        }
    }
    errors
}

fn faults_of(
    field: &Field,
    value: Option<&Value>,
    mut path: Vec<String>,
    errors: &mut Vec<UserError>,
) {
    path.push(field.name.to_owned());
    let mut add = |code: &str, path| {
        errors.push(UserError {
            code: code.to_owned(),
            message: String::new(),
            path: Some(path),
        });
    };
    match (field.shape, value) {
        (Shape::Number, Some(Value::String(_))) => add(NO_NUMBER, path),
        (Shape::Rows(parts), Some(Value::Array(rows))) => {
            for (number, row) in rows.iter().enumerate() {
                for part in parts {
                    let mut path = path.clone();
                    path.push(number.to_string());
                    faults_of(part, row.get(part.name), path, errors);
                }
            }
        }
        (Shape::One(parts), Some(one)) => {
            for part in parts {
                faults_of(part, one.get(part.name), path.clone(), errors);
            }
        }
        (_, None) if field.is_required && field.label.is_some() => add("REQUIRED", path),
        _ => {}
    }
}

/// Puts an error at its field: at the longest part of its path that the form shows.
pub fn place(
    error: &UserError,
    words: Words,
    parts: &mut [PartView],
    about: &mut [FieldView],
    faults: &mut Vec<Fault>,
) {
    let own = match error.code.as_str() {
        "REQUIRED" => Some(words.required()),
        "CITATION_REQUIRED" => Some(words.needs_source()),
        NO_NUMBER => Some(words.no_number()),
        _ => None,
    };
    let of_service = Fault {
        text: error.message.clone(),
        is_english: true,
    };
    // At the field itself, the label says of what the page speaks.
    let mut fault = own.map_or_else(
        || of_service.clone(),
        |own| Fault {
            text: own.to_owned(),
            is_english: false,
        },
    );
    let mut path = error.path.clone().unwrap_or_default();
    while !path.is_empty() {
        let name = path.join(".");
        if about.iter_mut().any(|field| field.add_error(&name, &fault)) {
            return;
        }
        for (number, part) in parts.iter_mut().enumerate() {
            if name == format!("p{number}") {
                part.faults.push(fault);
                return;
            }
            if part.all().any(|field| field.add_error(&name, &fault)) {
                return;
            }
        }
        path.pop();
        fault = of_service.clone();
    }
    faults.push(of_service);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_lead_to_the_fields_of_the_parts_that_were_sent() {
        let path =
            |path: &[&str]| -> Vec<String> { path.iter().map(|part| (*part).to_owned()).collect() };
        let sent = [0, 2];
        for (from, to) in [
            (
                &["changes", "1", "updateTreatyEvent", "set", "date"][..],
                &["p2", "fields", "date"][..],
            ),
            (
                &["changes", "0", "createSource", "fields", "url"],
                &["p0", "fields", "url"],
            ),
            (
                &[
                    "changes",
                    "1",
                    "createTreaty",
                    "cite",
                    "0",
                    "newSource",
                    "url",
                ],
                &["p2", "cite", "0", "newSource", "url"],
            ),
            (&["changes", "0", "retire", "reason"], &["p0", "reason"]),
            (&["title"], &["title"]),
            (&["changes", "7", "createSource"], &[]),
            (&["changes"], &["changes"]),
        ] {
            assert_eq!(field_path(&path(from), &sent), path(to));
        }
    }
}
