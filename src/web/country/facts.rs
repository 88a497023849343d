//! The facts of a profile as CSV: a row for each value and source.

use std::collections::HashMap;

use graphql_client::GraphQLQuery;
use serde_json::Value;

use super::code::country_code;
use super::words::Words;
use crate::answer::{Answer, Media};
use crate::ask::Ask;
use crate::csv::Csv;
use crate::difference::{self, Names};
use crate::frame::{Frame, Moment};
use crate::refused::Refused;

#[derive(GraphQLQuery)]
#[graphql(
    schema_path = "../../schema.graphql",
    query_path = "country/facts.graphql",
    custom_scalars_module = "crate::value::scalar",
    response_derives = "Debug, Clone"
)]
struct Facts;

use facts::FactsAtRecordsNodes as Line;

/// Title and address of each source, by its id.
type Sources = HashMap<String, (String, Option<String>)>;

/// The columns.
const HEADER: [&str; 13] = [
    "section",
    "record",
    "record_label",
    "field",
    "label",
    "value",
    "date",
    "certainty",
    "source_title",
    "source_url",
    "locator",
    "quote",
    "permalink",
];

/// The fields that date a record, the most telling first.
const DATES: [&str; 6] = [
    "asOf",
    "date",
    "decidedOn",
    "adoptedOn",
    "inForceFrom",
    "period",
];

/// Answers with the facts of a country.
///
/// # Errors
/// [`Refused`] if there is no such country, or if the facts cannot be read.
pub async fn page(mut frame: Frame, ask: &mut dyn Ask, code: &str) -> Result<Answer, Refused> {
    let words = Words(frame.language);
    let code = country_code(code).ok_or_else(|| Refused::Absent(words.unknown_country(code)))?;
    let mut lines: Vec<Line> = Vec::new();
    let mut after = None;
    loop {
        let variables = facts::Variables {
            on: frame.on(),
            // All pages of records are read at the moment of the first one.
            at: frame.pinned(),
            code: code.clone(),
            languages: Some(frame.languages()),
            after,
        };
        let data = frame.execute::<Facts>(ask, variables).await?.at;
        if data.country.is_none() {
            return Err(Refused::Absent(words.unknown_country(&code)));
        }
        frame.moment = Some(Moment {
            as_of: data.as_of,
            cursor: data.cursor,
            known_at: data.known_at,
        });
        lines.extend(data.records.nodes);
        let info = data.records.page_info;
        after = info.end_cursor.filter(|_| info.has_next_page);
        if after.is_none() {
            break;
        }
    }
    let cited = lines.iter().flat_map(|line| &line.citations);
    let sources: Sources = cited
        .map(|one| {
            let source = &one.source;
            (
                source.record_id.clone(),
                (source.title.clone(), source.url.clone()),
            )
        })
        .collect();
    let names: Names = lines
        .iter()
        .map(|line| (line.record_id.clone(), line.label.clone()))
        .collect();
    let mut csv = Csv::new(&frame, &HEADER);
    for line in &lines {
        add(&mut csv, &frame, &names, &sources, line);
    }
    Ok(Answer::of(Media::Csv, csv.finish(), frame.lifetime()))
}

/// Adds the rows of a record.
fn add(csv: &mut Csv, frame: &Frame, names: &Names, sources: &Sources, line: &Line) {
    let Some((fields, citations)) = content(&line.export_line) else {
        return;
    };
    let kind = line.record_id.split(':').next().unwrap_or_default();
    let section = frame.label_of("RecordKind", &difference::screaming_type(kind));
    let date = DATES
        .iter()
        .find_map(|name| fields.get(*name))
        .and_then(Value::as_str);
    for (name, value) in &fields {
        let field = difference::screaming(name);
        let shown = difference::text(frame, names, &line.record_id, name, value);
        let label = frame.label_of("RecordField", &field);
        let support = citations.iter().filter(|one| supports(one, &field));
        let support: Vec<[String; 5]> = support.map(|one| cited(frame, sources, one)).collect();
        let none = [
            String::new(),
            frame.words.no_source().to_owned(),
            String::new(),
            String::new(),
            String::new(),
        ];
        let support = if support.is_empty() {
            vec![none]
        } else {
            support
        };
        for [certainty, title, url, locator, quote] in support {
            csv.row(&[
                section.as_str(),
                &line.record_id,
                &line.label,
                name,
                &label,
                &shown,
                date.unwrap_or_default(),
                &certainty,
                &title,
                &url,
                &locator,
                &quote,
                &line.permalink,
            ]);
        }
    }
}

/// Fields and citations of an export line, which is an object with one member.
fn content(line: &str) -> Option<(serde_json::Map<String, Value>, Vec<Value>)> {
    let line: Value = serde_json::from_str(line).ok()?;
    let change = line.as_object()?.values().next()?;
    let fields = change.get("fields")?.as_object()?.clone();
    let citations = change.get("cite").and_then(Value::as_array).cloned();
    Some((fields, citations.unwrap_or_default()))
}

/// True if a citation supports a field: it names it, or it names none.
fn supports(citation: &Value, field: &str) -> bool {
    match citation.get("fields").and_then(Value::as_array) {
        Some(fields) => fields.iter().any(|one| one == field),
        None => true,
    }
}

/// Certainty, title, address, place and quote of a citation.
fn cited(frame: &Frame, sources: &Sources, citation: &Value) -> [String; 5] {
    let text = |name: &str| {
        citation
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    let source = text("source");
    let (title, url) = sources
        .get(source)
        .cloned()
        .unwrap_or_else(|| (source.to_owned(), None));
    let certainty = Some(text("certainty"))
        .filter(|one| !one.is_empty())
        .unwrap_or("REPORTED");
    [
        frame.label_of("Certainty", certainty),
        title,
        url.unwrap_or_default(),
        text("locator").to_owned(),
        text("quote").to_owned(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_export_line_has_fields_and_citations() {
        let line = r#"{"createCountry":{"key":"az","fields":{"code":"AZ","kind":"STATE"},"cite":[{"source":"Source:x","fields":["CODE"]},{"source":"Source:y"}]}}"#;
        let (fields, citations) = content(line).unwrap();
        assert_eq!(fields.len(), 2);
        assert!(supports(&citations[0], "CODE") && !supports(&citations[0], "KIND"));
        assert!(supports(&citations[1], "KIND"));
        assert!(content("{}").is_none() && content("x").is_none());
    }
}
