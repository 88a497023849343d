//! The proposal as the page shows it: changes, fields, sources and conflicts beside the records as they are.

use std::collections::{BTreeSet, HashMap};

use serde_json::Value;

use super::contribution::{Change, Citation, Comment, Contribution, FieldChange, Warning};
use super::effect::{self, Effect};
use super::steps;
use crate::ask::Ask;
use crate::difference::{self, Difference, Names};
use crate::frame::Frame;
use crate::markdown;
use crate::params::Params;
use crate::refused::Refused;
use crate::value::{
    Certainty, ChangeOperation, ContributionState, EnumValue, RecordField, RecordKind,
};

/// The largest number of records whose labels are asked for.
const LABELLED: usize = 150;

/// One proposed change.
pub struct ShownChange {
    /// The place, counted from 1.
    pub number: usize,
    pub operation: ChangeOperation,
    pub kind: RecordKind,
    pub record_id: String,
    /// The name of the record.
    pub label: String,
    /// True if the record exists, so that it has a page.
    pub exists: bool,
    pub reason: Option<String>,
    /// The version on which the change is based, and the version now, if they differ.
    pub versions: Option<(i64, i64)>,
    /// The reason for which the record was retired in the meantime.
    pub retired: Option<String>,
    pub fields: Vec<ShownField>,
    /// Citations of fields that the change does not set.
    pub citations: Vec<ShownCitation>,
    pub warnings: Vec<String>,
    pub comments: Vec<Comment>,
}

/// One field of a proposed change.
pub struct ShownField {
    pub field: RecordField,
    pub label: String,
    /// The value now, or before the contribution was accepted; `None` if the field is empty.
    pub current: Option<Difference>,
    /// The difference to the proposed value; without a value, the change empties the field.
    pub proposed: Difference,
    pub empties: bool,
    pub is_same: bool,
    /// The value in the base version, if it is another one than now.
    pub base: Option<Difference>,
    /// The place among the conflicts.
    pub conflict: Option<usize>,
    pub citations: Vec<ShownCitation>,
    pub warnings: Vec<String>,
    pub comments: Vec<Comment>,
    pub needs_source: bool,
}

/// One source with the place that supports a value.
#[derive(Clone)]
pub struct ShownCitation {
    pub title: String,
    /// The path of the source, or the place of the change that proposes it.
    pub href: String,
    pub is_proposed: bool,
    pub publisher: Option<String>,
    pub url: Option<String>,
    pub certainty: Certainty,
    pub locator: Option<String>,
    pub quote: Option<String>,
    pub fields: Vec<RecordField>,
}

/// One field with three values.
pub struct ShownConflict {
    /// The name of the radio buttons.
    pub name: String,
    pub record: String,
    pub label: String,
    pub base: Difference,
    pub current: Difference,
    pub proposed: Difference,
    /// The choice that was made in a form that was refused.
    pub chosen: String,
}

/// The records to which a contribution leads, and its effect.
pub struct Surroundings {
    pub names: Names,
    pub records: HashMap<String, effect::Found>,
    pub effects: Vec<Effect>,
}

pub async fn surroundings(
    frame: &mut Frame,
    ask: &mut dyn Ask,
    one: &Contribution,
) -> Result<Surroundings, Refused> {
    let mut named = BTreeSet::new();
    for change in &one.changes {
        for field in &change.fields {
            let values = field.before.iter().chain(&field.after);
            values.for_each(|value| difference::references(value, &mut named));
        }
    }
    for conflict in &one.conflicts {
        let values = conflict
            .base
            .iter()
            .chain(&conflict.current)
            .chain(&conflict.proposed);
        values.for_each(|value| difference::references(value, &mut named));
    }
    let changed: Vec<String> = one
        .changes
        .iter()
        .map(|change| change.record_id.clone())
        .collect();
    let others = named.into_iter().filter(|id| !changed.contains(id));
    let records: Vec<String> = changed
        .iter()
        .cloned()
        .chain(others)
        .take(LABELLED)
        .collect();
    let countries: Vec<String> = one.countries.iter().map(|one| one.code.clone()).collect();
    let (found, effects) = effect::read(frame, ask, &one.id, records, countries).await?;
    let mut names: Names = one
        .changes
        .iter()
        .filter_map(|change| Some((change.record_id.clone(), own_name(change)?)))
        .collect();
    names.extend(
        found
            .iter()
            .map(|(id, found)| (id.clone(), found.label.clone())),
    );
    Ok(Surroundings {
        names,
        records: found,
        effects,
    })
}

/// The name that a change gives to its record.
fn own_name(change: &Change) -> Option<String> {
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Array(names) => names.first()?.get("text")?.as_str().map(str::to_owned),
        _ => None,
    };
    let names = ["names", "titles", "title", "shortTitle"];
    let mut fields = change
        .fields
        .iter()
        .filter(|field| names.contains(&field.name.as_str()));
    fields.find_map(|field| text(field.after.as_ref()?))
}

/// The changes of a contribution.
pub fn changes(frame: &Frame, one: &Contribution, around: &Surroundings) -> Vec<ShownChange> {
    let shown = one.changes.iter().enumerate().map(|(at, change)| {
        let of_change = OfChange {
            frame,
            one,
            around,
            change,
            found: around
                .records
                .get(&change.record_id)
                .filter(|found| found.exists),
            citations: change
                .citations
                .iter()
                .map(|citation| shown_citation(frame, one, citation))
                .collect(),
            warnings: one
                .warnings
                .iter()
                .filter(|one| place(one) == Some(at))
                .collect(),
            comments: one
                .comments
                .iter()
                .filter(|comment| comment.record_id.as_ref() == Some(&change.record_id))
                .collect(),
        };
        of_change.shown(at.saturating_add(1))
    });
    shown.collect()
}

/// One change, and all that belongs to it.
struct OfChange<'a> {
    frame: &'a Frame,
    one: &'a Contribution,
    around: &'a Surroundings,
    change: &'a Change,
    found: Option<&'a effect::Found>,
    citations: Vec<ShownCitation>,
    warnings: Vec<&'a Warning>,
    comments: Vec<&'a Comment>,
}

impl OfChange<'_> {
    fn shown(&self, number: usize) -> ShownChange {
        let change = self.change;
        let fields: Vec<ShownField> = change
            .fields
            .iter()
            .map(|field| self.field(field))
            .collect();
        let is_shown = |field: &RecordField| change.fields.iter().any(|one| one.field == *field);
        let is_of_field = |one: &Warning| {
            change
                .fields
                .iter()
                .any(|field| names_field(one, &field.name))
        };
        let version = self.found.map(|found| found.version);
        let retired = self.found.and_then(|found| found.retired.clone());
        let is_open = is_open(&self.one.state);
        let label = self.around.names.get(&change.record_id);
        ShownChange {
            number,
            operation: change.operation.clone(),
            kind: change.record_kind.clone(),
            record_id: change.record_id.clone(),
            label: label.unwrap_or(&change.record_id).clone(),
            exists: self.found.is_some(),
            reason: change.reason.clone(),
            versions: change
                .base_version
                .zip(version)
                .filter(|(base, now)| is_open && base != now),
            retired: retired.filter(|_| is_open),
            citations: self
                .citations
                .iter()
                .filter(|one| !one.fields.iter().any(is_shown))
                .cloned()
                .collect(),
            warnings: self
                .warnings
                .iter()
                .filter(|one| !is_of_field(one))
                .map(|one| one.message.clone())
                .collect(),
            comments: self
                .comments
                .iter()
                .filter(|comment| !comment.field.as_ref().is_some_and(is_shown))
                .map(|comment| (*comment).clone())
                .collect(),
            fields,
        }
    }

    fn field(&self, field: &FieldChange) -> ShownField {
        let record_id = &self.change.record_id;
        let names = &self.around.names;
        let compare = |old: Option<&Value>, new: Option<&Value>| {
            difference::compare(self.frame, names, record_id, &field.name, old, new)
        };
        let given = |value: &Option<Value>| value.clone().filter(|value| !value.is_null());
        let (before, after) = (given(&field.before), given(&field.after));
        // A record that exists is compared as it is now, until the contribution is decided.
        let compares_now = is_open(&self.one.state) && self.change.operation != "CREATE";
        let current = match self.found.filter(|_| compares_now) {
            Some(found) => found.fields.get(&field.name).cloned(),
            None => before.clone(),
        };
        let mut conflicts = self.one.conflicts.iter();
        ShownField {
            field: field.field.clone(),
            label: self.frame.label(&field.field),
            current: current
                .as_ref()
                .map(|value| compare(Some(value), Some(value))),
            proposed: compare(current.as_ref(), after.as_ref()),
            empties: after.is_none(),
            is_same: current == after,
            base: (current != before).then(|| compare(before.as_ref(), before.as_ref())),
            conflict: conflicts
                .position(|one| one.record_id == *record_id && one.field == field.field),
            citations: self
                .citations
                .iter()
                .filter(|one| one.fields.contains(&field.field))
                .cloned()
                .collect(),
            warnings: self
                .warnings
                .iter()
                .filter(|one| names_field(one, &field.name))
                .map(|one| one.message.clone())
                .collect(),
            comments: self
                .comments
                .iter()
                .filter(|comment| comment.field.as_ref() == Some(&field.field))
                .map(|comment| (*comment).clone())
                .collect(),
            needs_source: self.change.record_kind != "SOURCE",
        }
    }
}

/// The place of the change to which the path of a warning leads.
pub fn place(warning: &Warning) -> Option<usize> {
    match warning.path.as_deref()? {
        [changes, at, ..] if changes == "changes" => at.parse().ok(),
        _ => None,
    }
}

/// True if the path of a warning names a field: `["changes", "0", "updateTreaty", "set", "title"]`.
fn names_field(warning: &Warning, name: &str) -> bool {
    matches!(
        warning.path.as_deref(),
        Some([_, _, _, part, field, ..]) if matches!(part.as_str(), "set" | "fields" | "clear") && field == name
    )
}

fn shown_citation(frame: &Frame, one: &Contribution, citation: &Citation) -> ShownCitation {
    let (title, publisher, url, href) = if let Some(source) = &citation.source {
        let key = frame.key(&citation.source_id);
        (
            source.title.clone(),
            source.publisher.clone(),
            source.url.clone(),
            frame.href(format!("/sources/{key}")),
        )
    } else {
        let mut changes = one.changes.iter();
        let at = changes.position(|change| change.record_id == citation.source_id);
        let change = at.and_then(|at| one.changes.get(at));
        let text = |name: &str| {
            let field = change?.fields.iter().find(|field| field.name == name)?;
            field.after.as_ref()?.as_str().map(str::to_owned)
        };
        (
            text("title").unwrap_or_else(|| citation.source_id.clone()),
            text("publisher"),
            text("url"),
            format!("#change-{}", at.unwrap_or_default().saturating_add(1)),
        )
    };
    ShownCitation {
        title,
        href,
        is_proposed: citation.source.is_none(),
        publisher,
        url: url.filter(|url| markdown::is_web_address(url)),
        certainty: citation.certainty.clone(),
        locator: citation.locator.clone(),
        quote: citation.quote.clone(),
        fields: citation.fields.clone(),
    }
}

/// The conflicts of a contribution. `choices` is the form that was refused.
pub fn conflicts(
    frame: &Frame,
    one: &Contribution,
    names: &Names,
    choices: &Params,
) -> Vec<ShownConflict> {
    let shown = one.conflicts.iter().map(|conflict| {
        let compare = |old: Option<&Value>, new: Option<&Value>| {
            difference::compare(frame, names, &conflict.record_id, &conflict.name, old, new)
        };
        let base = conflict.base.as_ref();
        let name = format!(
            "{}{}:{}",
            steps::CHOICE,
            conflict.record_id,
            conflict.field.0
        );
        ShownConflict {
            record: names
                .get(&conflict.record_id)
                .unwrap_or(&conflict.record_id)
                .clone(),
            label: frame.label(&conflict.field),
            base: compare(base, base),
            current: compare(base, conflict.current.as_ref()),
            proposed: compare(base, conflict.proposed.as_ref()),
            chosen: choices.get(&name).unwrap_or_default().to_owned(),
            name,
        }
    });
    shown.collect()
}

/// True while a contribution is not decided.
pub fn is_open(state: &ContributionState) -> bool {
    !matches!(state.value(), "ACCEPTED" | "REJECTED" | "WITHDRAWN")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::UserErrorCode;

    #[test]
    fn warnings_belong_to_the_change_and_the_field_of_their_path() {
        let warning = |path: &[&str]| Warning {
            code: UserErrorCode("INVALID".to_owned()),
            message: String::new(),
            path: Some(path.iter().map(|&part| part.to_owned()).collect()),
        };
        let of_field = warning(&["changes", "2", "updateTreaty", "set", "title"]);
        assert_eq!(place(&of_field), Some(2));
        assert!(names_field(&of_field, "title") && !names_field(&of_field, "reference"));
        let of_citation = warning(&["changes", "0", "createTreaty", "cite", "1"]);
        assert_eq!(place(&of_citation), Some(0));
        assert!(!names_field(&of_citation, "1"));
        assert_eq!(place(&warning(&["rationale"])), None);
        assert_eq!(place(&warning(&["changes", "x"])), None);
    }
}
