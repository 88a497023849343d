//! Profile sections.

use domain::profile_section::SectionState;
use domain::record::Kind;
use domain::text_rules::MAX_TEXT;
use serde_json::{Value, json};

use super::Origin;
use super::changes::{At, Changes};
use super::known::{Known, KnownRecord};
use crate::fold::same_text;
use crate::read::{Page, Section, Unmapped};

pub(super) fn propose(page: &Page, origin: &Origin, known: &Known, changes: &mut Changes<'_>) {
    for section in &page.sections {
        let topic = json!(section.topic);
        let records = known
            .of(Kind::ProfileSection)
            .filter(|record| record.content.get("topic") == Some(&topic));
        let records: Vec<&KnownRecord> = records.collect();
        one(section, &topic, &records, origin, changes);
    }
}

fn one(
    section: &Section,
    topic: &Value,
    records: &[&KnownRecord],
    origin: &Origin,
    changes: &mut Changes<'_>,
) {
    let at = At {
        line: section.line,
        heading: &section.heading,
        quote: "",
    };
    let name = topic.as_str().unwrap_or_default();
    if section.state != SectionState::Filled {
        let is_known = |record: &&&KnownRecord| record.text("state") != Some("NOT_RESEARCHED");
        match (records.iter().find(is_known), records.first()) {
            (Some(record), _) if record.text("state") == Some("FILLED") => {
                changes.notes.push(format!(
                    "The page has no text under “{}”; {} has one. No change is proposed.",
                    section.heading, record.id
                ));
            }
            (Some(_), _) => {}
            (None, Some(record)) => {
                let set = json!({ "state": "EMPTY_ON_SOURCE" });
                changes.update(
                    "ProfileSection",
                    record.id.as_str(),
                    record.version,
                    &set,
                    at,
                );
            }
            (None, None) => {
                let fields = json!({ "topic": topic, "state": "EMPTY_ON_SOURCE", "country": origin.country });
                changes.create("ProfileSection", None, &fields, at);
            }
        }
        return;
    }
    let body = fitting(section, changes);
    let same = |record: &&&KnownRecord| {
        record
            .text("body")
            .is_some_and(|other| same_text(other, &body))
    };
    if records.iter().any(|record| same(&record)) {
        return;
    }
    let with_language = |record: &&&KnownRecord| {
        record
            .text("language")
            .is_none_or(|language| language == section.language)
    };
    let Some(record) = records.iter().find(with_language) else {
        let fields = json!({
            "topic": topic, "state": "FILLED", "body": body, "language": section.language,
            "country": origin.country,
        });
        changes.create("ProfileSection", None, &fields, at);
        return;
    };
    let mut set = json!({ "body": body });
    if let Some(members) = set.as_object_mut() {
        if record.text("state") != Some("FILLED") {
            members.insert("state".to_owned(), json!("FILLED"));
        }
        if record.text("language") != Some(section.language) {
            members.insert("language".to_owned(), json!(section.language));
        }
    }
    if record.text("body").is_some() {
        changes.notes.push(format!(
            "The text of the section {name} differs from that of {}: decide which to keep.",
            record.id
        ));
    }
    changes.update(
        "ProfileSection",
        record.id.as_str(),
        record.version,
        &set,
        at,
    );
}

/// Returns the body, as much of it as a text can have. The rest is unmapped.
fn fitting(section: &Section, changes: &mut Changes<'_>) -> String {
    let body = &section.body;
    let Some((limit, _)) = body.char_indices().nth(MAX_TEXT) else {
        return body.clone();
    };
    let head = body.get(..limit).unwrap_or_default();
    let cut = head
        .rfind("\n\n")
        .or_else(|| head.rfind('\n'))
        .or_else(|| head.rfind(' '))
        .unwrap_or(limit);
    let (head, rest) = body.split_at_checked(cut).unwrap_or((body, ""));
    changes.unmapped.push(Unmapped {
        line: section.line,
        text: rest.trim_start().to_owned(),
        why: Some(format!(
            "a section can have at most {MAX_TEXT} characters; this is the rest of “{}”",
            section.heading
        )),
    });
    head.trim_end().to_owned()
}
