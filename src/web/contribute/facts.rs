//! The profile as it would be: each proposed field, and the facts of the country now and after the acceptance.

use std::collections::BTreeSet;

use askama::Template;
use serde::Deserialize;
use serde_json::{Value, json};

use super::document::{Change, FieldChange, List, Proposal, preview};
use super::kind::{Field, Shape};
use super::part::kind_of_record;
use super::words::Words;
use crate::answer::Answer;
use crate::ask::Ask;
use crate::difference::screaming;
use crate::frame::Frame;
use crate::refused::Refused;
use crate::word_diff::{self, Part};

/// A fact: its key, its label and its text.
type Fact = (String, String, String);

/// A date.
#[derive(Clone, Debug, Deserialize)]
struct Date {
    edtf: String,
}

/// The facts of a country.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Facts {
    code: String,
    name: String,
    treaty_participations: Vec<Participation>,
    coverage: Vec<Coverage>,
    policy_documents: List<Paper>,
    cybersecurity_bodies: List<Institution>,
    operational_units: List<Institution>,
    sections: Vec<Section>,
}

#[derive(Clone, Debug, Deserialize)]
struct Participation {
    treaty: Treaty,
    status: String,
    since: Option<Date>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Treaty {
    reference: String,
    short_title: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Coverage {
    record_id: String,
    topic: String,
    value: String,
    statement: Option<String>,
    as_of: Date,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Paper {
    record_id: String,
    title: String,
    kind: String,
    status: String,
    adopted_on: Option<Date>,
    period: Option<Date>,
    summary: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Institution {
    record_id: String,
    name: Option<String>,
    #[serde(default)]
    body_kind: Option<String>,
    #[serde(default)]
    unit_kind: Option<String>,
    status: String,
    period: Option<Date>,
    mandate: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Section {
    record_id: String,
    topic: String,
    state: String,
    body: Option<String>,
}

/// A fact now and afterwards, with the words that differ.
#[derive(Clone, Debug)]
pub struct Row {
    /// The name of the fact.
    pub label: String,
    /// The text now; `None` if there is no such fact.
    pub before: Option<String>,
    /// The text afterwards.
    pub after: Option<String>,
    /// The words of both, marked.
    pub words: Vec<Part>,
}

impl Row {
    fn new(label: String, before: Option<String>, after: Option<String>) -> Self {
        let words = match (&before, &after) {
            (Some(before), Some(after)) if before != after => word_diff::compare(before, after),
            _ => Vec::new(),
        };
        Self {
            label,
            before,
            after,
            words,
        }
    }

    /// True if both texts are the same.
    pub fn is_same(&self) -> bool {
        self.before == self.after
    }
}

/// Facts of one theme.
#[derive(Clone, Debug)]
pub struct Group {
    /// The theme.
    pub title: &'static str,
    /// The facts that differ.
    pub changed: Vec<Row>,
    /// The facts that stay.
    pub same: Vec<Row>,
}

/// The facts of a country now and afterwards.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// The name of the country.
    pub country: String,
    /// The themes.
    pub groups: Vec<Group>,
}

/// A proposed change, field by field.
#[derive(Clone, Debug)]
pub struct ShownChange {
    /// The id of the record.
    pub record_id: String,
    /// The kind of record.
    pub kind: String,
    /// The operation.
    pub operation: String,
    /// The reason to retire or restore.
    pub reason: Option<String>,
    /// The fields.
    pub rows: Vec<Row>,
}

/// The changes of a proposal, field by field.
pub fn changes(frame: &Frame, changes: &[Change]) -> Vec<ShownChange> {
    let shown = changes.iter().map(|change| {
        let kind = kind_of_record(&change.record_id);
        let row = |field: &FieldChange| {
            let known = kind.and_then(|kind| {
                let mut fields = kind.fields.iter();
                fields.find(|known| screaming(known.name) == field.field)
            });
            Row::new(
                frame.label_of("RecordField", &field.field),
                text(frame, known, &field.before),
                text(frame, known, &field.after),
            )
        };
        ShownChange {
            kind: kind
                .map(|kind| frame.label_of("RecordKind", kind.value))
                .unwrap_or_default(),
            operation: change
                .operation
                .as_ref()
                .map(|one| frame.label(one))
                .unwrap_or_default(),
            record_id: change.record_id.clone(),
            reason: change.reason.clone(),
            rows: change.fields.iter().map(row).collect(),
        }
    });
    shown.collect()
}

/// A value of a field in words; `None` if it is empty.
fn text(frame: &Frame, field: Option<&Field>, value: &Value) -> Option<String> {
    let shape = field.map(|field| field.shape);
    let text = match (shape, value) {
        (_, Value::Null) => return None,
        (Some(Shape::Choice(of)), Value::String(value)) => frame.label_of(of, value),
        (Some(Shape::Date | Shape::Day), Value::String(value)) => frame.date(value),
        (_, Value::String(value)) => value.clone(),
        (_, Value::Bool(is_set)) => {
            let words = &frame.words;
            let word = if *is_set { words.yes() } else { words.no() };
            word.to_owned()
        }
        (Some(Shape::Choices(of)), Value::Array(values)) => {
            let values = values.iter().filter_map(Value::as_str);
            values
                .map(|value| frame.label_of(of, value))
                .collect::<Vec<_>>()
                .join(", ")
        }
        (Some(Shape::Rows(parts)), Value::Array(rows)) => {
            let rows = rows.iter().map(|row| members(frame, parts, row));
            rows.collect::<Vec<_>>().join("; ")
        }
        (Some(Shape::One(parts)), one) => members(frame, parts, one),
        (_, Value::Array(values)) => {
            let values = values.iter().filter_map(|value| text(frame, None, value));
            values.collect::<Vec<_>>().join(", ")
        }
        (_, other) => other.to_string(),
    };
    (!text.is_empty()).then_some(text)
}

fn members(frame: &Frame, parts: &[Field], value: &Value) -> String {
    let members = parts.iter().filter_map(|part| {
        let value = value
            .get(part.name)
            .filter(|value| **value != json!(false))?;
        match (value, part.label) {
            (Value::Bool(_), Some(label)) => Some(label(&Words(frame.language)).to_lowercase()),
            _ => text(frame, Some(part), value),
        }
    });
    members.collect::<Vec<_>>().join(", ")
}

/// The facts of countries now and afterwards.
pub fn compare(frame: &Frame, now: &[Facts], then: &[Facts]) -> Vec<Comparison> {
    let words = Words(frame.language);
    let compared = then.iter().map(|then| {
        let now = now.iter().find(|now| now.code == then.code);
        let group = |title, facts: fn(&Frame, &Facts) -> Vec<Fact>| {
            let before = now.map(|now| facts(frame, now)).unwrap_or_default();
            group(title, &before, &facts(frame, then))
        };
        let groups = [
            group(words.treaties(), treaties),
            group(words.findings(), findings),
            group(words.documents(), documents),
            group(words.institutions(), institutions),
            group(words.narrative(), sections),
        ];
        Comparison {
            country: then.name.clone(),
            groups: groups
                .into_iter()
                .filter(|group| !group.is_empty())
                .collect(),
        }
    });
    compared.collect()
}

impl Group {
    fn is_empty(&self) -> bool {
        self.changed.is_empty() && self.same.is_empty()
    }
}

/// Pairs facts by their key: key, label and text.
fn group(title: &'static str, before: &[Fact], after: &[Fact]) -> Group {
    let keys: BTreeSet<&String> = before.iter().chain(after).map(|(key, ..)| key).collect();
    let rows = keys.into_iter().filter_map(|key| {
        let of = |facts: &[Fact]| facts.iter().find(|(known, ..)| known == key).cloned();
        let (before, after) = (of(before), of(after));
        let (_, label, _) = after.clone().or_else(|| before.clone())?;
        Some(Row::new(
            label,
            before.map(|fact| fact.2),
            after.map(|fact| fact.2),
        ))
    });
    let (same, changed) = rows.partition(Row::is_same);
    Group {
        title,
        changed,
        same,
    }
}

/// Joins texts that are there.
fn said(texts: impl IntoIterator<Item = Option<String>>) -> String {
    let texts = texts.into_iter().flatten();
    texts.collect::<Vec<_>>().join(" · ")
}

fn treaties(frame: &Frame, facts: &Facts) -> Vec<Fact> {
    let rows = facts.treaty_participations.iter().map(|one| {
        let since = one.since.as_ref().map(|date| frame.date(&date.edtf));
        let label = format!("{} ({})", one.treaty.short_title, one.treaty.reference);
        let text = said([Some(frame.label_of("TreatyStatus", &one.status)), since]);
        (one.treaty.reference.clone(), label, text)
    });
    rows.collect()
}

fn findings(frame: &Frame, facts: &Facts) -> Vec<Fact> {
    let rows = facts.coverage.iter().map(|one| {
        let label = frame.label_of("CoverageTopic", &one.topic);
        let text = said([
            Some(frame.label_of("CoverageValue", &one.value)),
            Some(frame.date(&one.as_of.edtf)),
            one.statement.clone(),
        ]);
        (one.record_id.clone(), label, text)
    });
    rows.collect()
}

fn documents(frame: &Frame, facts: &Facts) -> Vec<Fact> {
    let rows = facts.policy_documents.nodes.iter().map(|one| {
        let date = |date: &Option<Date>| date.as_ref().map(|date| frame.date(&date.edtf));
        let text = said([
            Some(one.title.clone()),
            Some(frame.label_of("PolicyDocumentKind", &one.kind)),
            Some(frame.label_of("PolicyDocumentStatus", &one.status)),
            date(&one.adopted_on),
            date(&one.period),
            one.summary.clone(),
        ]);
        (one.record_id.clone(), one.title.clone(), text)
    });
    rows.collect()
}

fn institutions(frame: &Frame, facts: &Facts) -> Vec<Fact> {
    let all = facts
        .cybersecurity_bodies
        .nodes
        .iter()
        .chain(&facts.operational_units.nodes);
    let rows = all.map(|one| {
        let kind = one
            .body_kind
            .as_ref()
            .map(|kind| frame.label_of("BodyKind", kind));
        let kind = kind.or_else(|| {
            let kind = one.unit_kind.as_ref();
            kind.map(|kind| frame.label_of("UnitKind", kind))
        });
        let text = said([
            one.name.clone(),
            kind,
            Some(frame.label_of("InstitutionStatus", &one.status)),
            one.period.as_ref().map(|date| frame.date(&date.edtf)),
            one.mandate.clone(),
        ]);
        let label = one.name.clone().unwrap_or_else(|| one.record_id.clone());
        (one.record_id.clone(), label, text)
    });
    rows.collect()
}

fn sections(frame: &Frame, facts: &Facts) -> Vec<Fact> {
    let rows = facts.sections.iter().map(|one| {
        let label = frame.label_of("ProfileTopic", &one.topic);
        let text = said([
            Some(frame.label_of("SectionState", &one.state)),
            one.body.clone(),
        ]);
        (one.record_id.clone(), label, text)
    });
    rows.collect()
}

#[derive(Template)]
#[template(path = "contribute/preview.html")]
struct Page {
    frame: Frame,
    words: Words,
    proposal: Proposal,
    changes: Vec<ShownChange>,
    comparisons: Vec<Comparison>,
}

#[derive(Deserialize)]
struct Data {
    contribution: Option<Proposal>,
    countries: List<Facts>,
}

/// Answers with the preview of a contribution.
///
/// # Errors
/// [`Refused`]
pub async fn page(mut frame: Frame, ask: &mut dyn Ask, id: &str) -> Result<Answer, Refused> {
    frame.is_personal = true;
    let id = crate::form::contribution_id(id);
    let found = super::receipt::read(&mut frame, ask, &id).await?;
    let absent = || Refused::Absent(id.clone());
    let codes: Vec<String> = found
        .ok_or_else(absent)?
        .countries
        .into_iter()
        .map(|one| one.code)
        .collect();
    frame.documents.clear();
    let variables = json!({ "id": id, "codes": codes, "languages": frame.languages() });
    let data: Data = frame.query_json(ask, preview::QUERY, variables).await?;
    let proposal = data.contribution.ok_or_else(absent)?;
    let then = proposal
        .preview
        .as_ref()
        .map(|preview| preview.countries.nodes.clone());
    let page = Page {
        changes: changes(&frame, &proposal.changes),
        comparisons: compare(&frame, &data.countries.nodes, &then.unwrap_or_default()),
        words: Words(frame.language),
        proposal,
        frame: frame.clone(),
    };
    frame.page(&page)
}
