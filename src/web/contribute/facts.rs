//! The profile as it would be: each proposed field, and the facts of the country now and after the acceptance.

use std::collections::BTreeSet;

use askama::Template;
use serde::Deserialize;
use serde_json::{Value, json};

use super::document::{Change, FieldChange, List, PREVIEW, Proposal};
use super::part::kind_of_record;
use super::words::Words;
use crate::answer::Answer;
use crate::ask::Ask;
use crate::difference::{self, Difference, Names};
use crate::frame::Frame;
use crate::refused::Refused;

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

/// A value or a fact now and afterwards.
#[derive(Clone, Debug)]
pub struct Row {
    /// The value now.
    pub now: Difference,
    /// The value afterwards, with all that differs marked.
    pub then: Difference,
    /// True if both are the same.
    pub is_same: bool,
    /// True if nothing is there afterwards.
    pub is_removed: bool,
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

/// The changes of a proposal, field by field. `names` are the labels of the records that they name.
pub fn changes(frame: &Frame, names: &Names, changes: &[Change]) -> Vec<ShownChange> {
    let shown = changes.iter().map(|change| {
        let id = &change.record_id;
        let row = |field: &FieldChange| {
            let (before, after) = (field.before.as_ref(), field.after.as_ref());
            let compare = |after| difference::compare(frame, names, id, &field.name, before, after);
            Row {
                now: compare(before),
                then: compare(after),
                is_same: before == after,
                is_removed: after.is_none_or(Value::is_null),
            }
        };
        ShownChange {
            kind: kind_of_record(id)
                .map(|kind| frame.label_of("RecordKind", kind.value))
                .unwrap_or_default(),
            operation: change
                .operation
                .as_ref()
                .map(|one| frame.label(one))
                .unwrap_or_default(),
            record_id: id.clone(),
            reason: change.reason.clone(),
            rows: change.fields.iter().map(row).collect(),
        }
    });
    shown.collect()
}

/// The labels of the records that changes name.
///
/// # Errors
/// [`Refused`] if they cannot be read.
pub async fn names(frame: &Frame, ask: &mut dyn Ask, changes: &[Change]) -> Result<Names, Refused> {
    let mut values = Vec::new();
    for field in changes.iter().flat_map(|change| &change.fields) {
        for value in field.before.iter().chain(&field.after) {
            values.push((field.name.as_str(), value));
        }
    }
    difference::names(frame, ask, values.into_iter()).await
}

/// The facts of the countries of a proposal now and afterwards.
pub fn compare(frame: &Frame, proposal: &Proposal) -> Vec<Comparison> {
    let words = Words(frame.language);
    let then = proposal.preview.iter();
    let then = then.flat_map(|preview| &preview.countries.nodes);
    let compared = then.map(|then| {
        let now = proposal.countries.iter().find(|now| now.code == then.code);
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
        let (before, after) = (before.map(|fact| fact.2), after.map(|fact| fact.2));
        let (before, after) = (before.as_deref(), after.as_deref());
        Some(Row {
            now: difference::of_texts(&label, before, before),
            then: difference::of_texts(&label, before, after),
            is_same: before == after,
            is_removed: after.is_none(),
        })
    });
    let (same, changed) = rows.partition(|row| row.is_same);
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
}

/// Answers with the preview of a contribution.
///
/// # Errors
/// [`Refused`]
pub async fn page(mut frame: Frame, ask: &mut dyn Ask, id: &str) -> Result<Answer, Refused> {
    frame.is_personal = true;
    let id = crate::form::contribution_id(id);
    let codes = super::receipt::countries(&mut frame, ask, &id).await?;
    let absent = || Refused::Absent(id.clone());
    let codes = codes.ok_or_else(absent)?;
    frame.documents.clear();
    let variables = json!({ "id": id, "codes": codes, "languages": frame.languages() });
    let data: Data = frame.query_json(ask, &PREVIEW, variables).await?;
    let proposal = data.contribution.ok_or_else(absent)?;
    let names = names(&frame, ask, &proposal.changes).await?;
    let page = Page {
        changes: changes(&frame, &names, &proposal.changes),
        comparisons: compare(&frame, &proposal),
        words: Words(frame.language),
        proposal,
        frame: frame.clone(),
    };
    frame.page(&page)
}
