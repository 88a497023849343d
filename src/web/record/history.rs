//! The versions of a record, and the difference of two of them.

use askama::Template;
use serde_json::Value;

use super::address;
use super::document::{Citation, HistoryDocument, HistoryVariables, Past, Revision};
use super::facts;
use super::words::Words;
use crate::answer::{Answer, Media};
use crate::ask::Ask;
use crate::difference::{self, Difference};
use crate::frame::{Frame, Moment};
use crate::refused::Refused;

/// A revision with its differences.
struct Shown {
    revision: Revision,
    fields: Vec<Difference>,
    citations: Vec<Citation>,
}

#[derive(Template)]
#[template(path = "record/history.html")]
struct Page {
    frame: Frame,
    words: Words,
    kind: String,
    path: String,
    past: Past,
    revisions: Vec<Shown>,
    compared: Option<(i64, i64)>,
    difference: Vec<Difference>,
    from: i64,
    to: i64,
}

/// Answers with the versions of a record.
///
/// # Errors
/// [`Refused`] if they cannot be read, or if the record has no such version.
pub async fn page(mut frame: Frame, ask: &mut dyn Ask, part: &str) -> Result<Answer, Refused> {
    let id = address::enter(&mut frame, ask, part, "/history").await?;
    let words = Words(frame.language);
    let compared = compared(&frame, words)?;
    let (from, to) = compared.unwrap_or((1, 1));
    let variables = HistoryVariables {
        of: address::variables(&frame, &id),
        before: frame.params.get("before").map(str::to_owned),
        from,
        to,
        compared: compared.is_some(),
    };
    if frame.media == Media::Json {
        return frame
            .json_of::<HistoryDocument>(ask, variables, "/data/at/node")
            .await;
    }
    if frame.media != Media::Html {
        return Err(Refused::Absent(frame.path));
    }
    let data = frame.query::<HistoryDocument>(ask, variables).await?;
    let past = data.at.node.ok_or_else(|| address::absent(&frame, &id))?;
    if from.max(to) > past.version {
        return Err(Refused::Wrong(words.no_version(past.version)));
    }
    frame.moment = Some(Moment {
        as_of: data.at.as_of,
        cursor: data.at.cursor,
        known_at: data.at.known_at,
    });
    frame.alternates = vec![(Media::Json, "json")];
    let changes = past.history.nodes.iter().flat_map(|one| &one.fields);
    let named: Vec<(&str, &Value)> = changes
        .chain(&data.diff)
        .flat_map(|one| {
            let values = one.before.iter().chain(&one.after);
            values.map(|value| (one.name.as_str(), value))
        })
        .collect();
    let names = difference::names(&frame, ask, named.into_iter()).await?;
    let told = |changes: &[super::document::FieldChange]| {
        let changes = changes.iter();
        changes
            .map(|one| facts::changed(&frame, &names, &id, one))
            .collect::<Vec<_>>()
    };
    let revisions = past.history.nodes.iter().rev().map(|one| Shown {
        revision: one.revision.clone(),
        fields: told(&one.fields),
        citations: one.citations.clone(),
    });
    let page = Page {
        words,
        kind: frame.label_of("RecordKind", &difference::screaming_type(&past.typename)),
        path: difference::path_of(&frame, &id).unwrap_or_default(),
        revisions: revisions.collect(),
        difference: told(&data.diff),
        from: compared.map_or(past.version.saturating_sub(1).max(1), |(from, _)| from),
        to: compared.map_or(past.version, |(_, to)| to),
        compared,
        past,
        frame: frame.clone(),
    };
    frame.page(&page)
}

/// The two versions of the address: `from` and `to`.
fn compared(frame: &Frame, words: Words) -> Result<Option<(i64, i64)>, Refused> {
    let number = |name: &str| match frame.params.get(name) {
        None => Ok(None),
        Some(text) => match text.parse::<i64>() {
            Ok(number) if (1..=i64::from(i32::MAX)).contains(&number) => Ok(Some(number)),
            _ => Err(Refused::Wrong(words.no_number(name))),
        },
    };
    match (number("from")?, number("to")?) {
        (Some(from), Some(to)) => Ok(Some((from, to))),
        (None, None) => Ok(None),
        _ => Err(Refused::Wrong(words.two_versions().to_owned())),
    }
}
