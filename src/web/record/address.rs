//! The part of a path that names a record: `<id>`, or `<id>@<cursor>[,<day>]` for a version that never changes.

use super::document::Variables;
use super::words::Words;
use crate::ask::Ask;
use crate::frame::Frame;
use crate::refused::Refused;

/// Takes the moment and the day out of the path into the view of the frame, and returns the record id.
///
/// # Errors
/// [`Refused`] if the moment cannot be read.
pub async fn enter(
    frame: &mut Frame,
    ask: &mut dyn Ask,
    part: &str,
    rest: &str,
) -> Result<String, Refused> {
    let (id, past) = split(part);
    if let Some((cursor, day)) = past {
        frame.see(cursor, day, ask).await?;
    }
    frame.path = format!("/records/{id}{rest}");
    // Other objects have ids of this form, too.
    let kind = id.split(':').next().unwrap_or_default();
    if matches!(kind, "Change" | "Contribution") {
        return Err(absent(frame, id));
    }
    Ok(id.to_owned())
}

/// The variables of the document of a record.
pub fn variables(frame: &Frame, id: &str) -> Variables {
    Variables {
        id: id.to_owned(),
        on: frame.on(),
        at: frame.at(),
        languages: frame.languages(),
    }
}

/// The refusal of a record that is not in the view.
pub fn absent(frame: &Frame, id: &str) -> Refused {
    let words = Words(frame.language);
    let is_past = frame.params.has("at") || frame.params.has("on");
    Refused::Absent(if is_past {
        words.not_then(id)
    } else {
        words.no_record(id)
    })
}

/// A cursor, and the day that follows it.
type Past<'a> = (&'a str, Option<&'a str>);

fn split(part: &str) -> (&str, Option<Past<'_>>) {
    let Some((id, past)) = part.split_once('@') else {
        return (part, None);
    };
    let past = match past.split_once(',') {
        Some((cursor, day)) => (cursor, Some(day)),
        None => (past, None),
    };
    (id, Some(past))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_names_a_record_and_perhaps_a_moment_and_a_day() {
        assert_eq!(split("Country:az"), ("Country:az", None));
        assert_eq!(split("Country:az@abc"), ("Country:az", Some(("abc", None))));
        let day = Some("2010-01-01");
        assert_eq!(
            split("Country:az@abc,2010-01-01"),
            ("Country:az", Some(("abc", day)))
        );
        assert_eq!(split(""), ("", None));
    }
}
