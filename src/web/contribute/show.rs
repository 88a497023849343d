//! The page of a form.

use std::collections::BTreeSet;

use askama::Template;
use serde_json::Value;

use super::document::{Open, Proposal};
use super::facts::{self, Comparison, ShownChange};
use super::faults::place;
use super::form::{State, codes};
use super::forms::Form;
use super::kind::{CITATION, KINDS, Kind};
use super::part::{Operation, Part, kind_of_record};
use super::suggest::{Known, Suggestions, suggestions};
use super::view::{Choice, Control, Fault, FieldView, Views, single};
use super::words::Words;
use crate::answer::Answer;
use crate::ask::Ask;
use crate::frame::Frame;
use crate::markdown;
use crate::refused::Refused;
use crate::value::ContributionState;

/// The kinds whose records cannot be named by a person.
const DERIVED_KEYS: [&str; 2] = ["ArticleImplementation", "Country"];

/// A part as it is shown.
#[derive(Clone, Debug)]
pub struct PartView {
    title: String,
    record: String,
    hidden: Vec<(String, String)>,
    is_optional: bool,
    is_omitted: bool,
    is_open: bool,
    /// Faults of the part as a whole.
    pub faults: Vec<Fault>,
    fields: Vec<FieldView>,
    further: Vec<FieldView>,
    sources: Option<FieldView>,
}

impl PartView {
    /// All fields.
    pub fn all(&mut self) -> impl Iterator<Item = &mut FieldView> {
        let sources = self.sources.iter_mut();
        self.fields
            .iter_mut()
            .chain(&mut self.further)
            .chain(sources)
    }
}

/// The outcome of a check without faults.
#[derive(Clone, Debug)]
struct Checked {
    changes: Vec<ShownChange>,
    comparisons: Vec<Comparison>,
}

impl Page {
    /// True if an address may be linked.
    #[expect(clippy::unused_self, reason = "templates call methods")]
    fn is_web_address(&self, address: &str) -> bool {
        markdown::is_web_address(address)
    }
}

#[derive(Template)]
#[template(path = "contribute/form.html")]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each decides about one sentence of the page"
)]
struct Page {
    frame: Frame,
    words: Words,
    title: String,
    intro: &'static str,
    action: String,
    id: String,
    key: String,
    revision: i64,
    state: Option<ContributionState>,
    requested: String,
    is_saved: bool,
    is_stale: bool,
    is_changed: bool,
    count: usize,
    /// True if a field has the cursor.
    has_focus: bool,
    links: Vec<(String, String)>,
    faults: Vec<Fault>,
    checked: Option<Checked>,
    warnings: Vec<String>,
    overlapping: Vec<Open>,
    open: Vec<Open>,
    parts: Vec<PartView>,
    about: Vec<FieldView>,
    additions: Vec<Choice>,
    /// The message, the address and the contact of a tip.
    tip: Option<(String, Option<String>, Option<String>)>,
    suggestions: Suggestions,
}

pub async fn show(
    mut frame: Frame,
    ask: &mut dyn Ask,
    form: Option<&'static Form>,
    state: State,
) -> Result<Answer, Refused> {
    frame.is_personal = true;
    let words = Words(frame.language);
    let country = codes(&state).into_iter().next().unwrap_or_default();
    let mut suggestions = suggestions(&mut frame, ask, &country, &[], false).await?;
    let mut open = std::mem::take(&mut suggestions.open);
    open.retain(|open| open.id != state.id);
    let mut parts: Vec<PartView> = (0..)
        .zip(&state.parts)
        .map(|(number, part)| part_view(&frame, &state, number, part))
        .collect();
    let mut about = vec![
        single(
            words,
            "title",
            words.contribution_title(),
            words.contribution_title_rule().to_owned(),
            &state.title,
            Control::Input("text", ""),
        ),
        single(
            words,
            "rationale",
            words.rationale(),
            words.rationale_rule().to_owned(),
            &state.rationale,
            Control::Area,
        ),
    ];
    let mut faults = state.notes.clone();
    for error in &state.errors {
        place(error, words, &mut parts, &mut about, &mut faults);
    }
    let links = lead(words, &mut parts, &mut about);
    let has_focus = parts
        .iter_mut()
        .any(|part| part.all().any(|field| field.leads()))
        || about.iter().any(FieldView::leads);
    let mut proposal = state.proposal.unwrap_or_default();
    suggestions
        .records
        .extend(own_records(&frame, &state.parts, &proposal));
    let (link, contact) = (proposal.link.take(), proposal.contact.take());
    let tip = proposal
        .message
        .take()
        .map(|message| (message, link, contact));
    open.retain(|open| !proposal.overlapping.iter().any(|other| other.id == open.id));
    let checked = if state.is_checked {
        let names = facts::names(&frame, ask, &proposal.changes).await?;
        Some(Checked {
            changes: facts::changes(&frame, &names, &proposal.changes),
            comparisons: facts::compare(&frame, &proposal),
        })
    } else {
        None
    };
    let page = Page {
        title: form.map_or_else(
            || words.draft().to_owned(),
            |form| (form.title)(&words).to_owned(),
        ),
        intro: form.map_or("", |form| (form.intro)(&words)),
        action: format!(
            "{}{}",
            frame.path,
            frame.params.only(&["lang", "country"]).query()
        ),
        id: state.id,
        key: state.key,
        revision: state.revision,
        state: state.stage,
        requested: state.requested,
        is_saved: state.is_saved,
        is_stale: state.is_stale,
        is_changed: state.is_changed,
        count: links.len().saturating_add(faults.len()),
        has_focus,
        links,
        faults,
        checked,
        warnings: proposal
            .warnings
            .into_iter()
            // Without a path, a warning says what the page says itself.
            .filter(|warning| warning.path.as_ref().is_some_and(|path| !path.is_empty()))
            .map(|warning| warning.message)
            .collect(),
        overlapping: proposal.overlapping,
        open,
        parts,
        about,
        additions: additions(&frame, words),
        tip,
        suggestions,
        words,
        frame: frame.clone(),
    };
    frame.page(&page)
}

/// The new records of a proposal, to which its other parts can refer.
fn own_records(frame: &Frame, parts: &[Part], proposal: &Proposal) -> Vec<Known> {
    let words = Words(frame.language);
    let named = parts.iter().filter(|part| {
        part.operation == Operation::Create && !part.key.is_empty() && !part.is_omitted
    });
    let mut ids: BTreeSet<String> = named
        .map(|part| format!("{}:{}", part.kind.name, part.key))
        .collect();
    let created = proposal.changes.iter().filter(|change| {
        let operation = change.operation.as_ref();
        operation.is_some_and(|operation| *operation == "CREATE")
    });
    ids.extend(created.map(|change| change.record_id.clone()));
    let known = ids.into_iter().filter_map(|id| {
        let kind = kind_of_record(&id)?;
        Some(Known {
            label: title(frame, Operation::Create, kind, words),
            kind: frame.label_of("RecordKind", kind.value),
            id,
        })
    });
    known.collect()
}

/// Moves the cursor to the first wrong field, and returns the ids and labels of all wrong ones.
fn lead(words: Words, parts: &mut [PartView], about: &mut [FieldView]) -> Vec<(String, String)> {
    let has_focus = parts
        .iter_mut()
        .any(|part| part.all().any(FieldView::focus_first));
    if !has_focus {
        let _ = about.iter_mut().any(FieldView::focus_first);
    }
    let mut links = Vec::new();
    for (number, part) in parts.iter_mut().enumerate() {
        part.is_open = part
            .further
            .iter()
            .any(|field| field.is_wrong() || field.is_filled());
        if !part.faults.is_empty() {
            links.push((format!("p{number}"), part.title.clone()));
        }
        let title = part.title.clone();
        let wrong = part.all().filter_map(|field| field.first_wrong());
        links.extend(wrong.map(|(id, label)| (id, words.place(&title, label))));
    }
    links.extend(about.iter().filter_map(FieldView::first_wrong));
    links
}

fn part_view(frame: &Frame, state: &State, number: usize, part: &Part) -> PartView {
    let words = Words(frame.language);
    let views = Views {
        frame,
        words,
        empty_rows: state.empty_rows,
        marks_required: part.operation == Operation::Create,
    };
    let title = title(frame, part.operation, part.kind, words);
    let name = |name: &str| format!("p{number}.{name}");
    let mut hidden = vec![
        (name("operation"), part.operation.name().to_owned()),
        (name("kind"), part.kind.name.to_owned()),
        (name("baseVersion"), part.base_version.clone()),
    ];
    if !part.preset.is_empty() {
        hidden.push((
            name("preset"),
            Value::Object(part.preset.clone()).to_string(),
        ));
    }
    let mut fields = Vec::new();
    let is_chosen = part.current.is_some();
    if is_chosen {
        hidden.push((name("id"), part.id.clone()));
    } else if part.operation != Operation::Create {
        let control = Control::Input("text", "records");
        fields.push(single(
            words,
            &name("id"),
            words.record_id(),
            words.rule_record().to_owned(),
            &part.id,
            control,
        ));
    }
    match part.operation {
        Operation::Create | Operation::Update
            if is_chosen || part.operation == Operation::Create =>
        {
            hidden.push((name("shown"), "1".to_owned()));
            let values = Value::Object(part.fields.clone());
            fields.extend(views.all(part.kind.fields, &values, &name("fields.")));
        }
        Operation::Retire | Operation::Restore => {
            let rule = words.retire_rule().to_owned();
            fields.push(single(
                words,
                &name("reason"),
                words.reason(),
                rule,
                &part.reason,
                Control::Area,
            ));
        }
        _ => {}
    }
    // The service derives the keys of some kinds from their fields alone.
    if part.operation == Operation::Create && !DERIVED_KEYS.contains(&part.kind.name) {
        fields.push(key(words, &name("key"), part));
    } else {
        hidden.push((name("key"), part.key.clone()));
    }
    if state.added == Some(number)
        && let Some(first) = fields.first_mut()
    {
        first.focus();
    }
    let (further, fields) = fields.into_iter().partition(|field| field.is_further);
    let rule = sources_rule(words, number, part);
    let sources = (part.operation != Operation::Restore).then(|| {
        let cite = Value::Array(part.cite.clone());
        let control = views.rows(CITATION, Some(&cite), &name("cite"));
        single(
            words,
            &name("cite"),
            words.sources(),
            rule.to_owned(),
            "",
            control,
        )
    });
    PartView {
        title,
        record: part
            .current
            .as_ref()
            .map(|current| current.label.clone())
            .unwrap_or_default(),
        hidden,
        is_optional: part.operation == Operation::Create && part.preset.len() > 1,
        is_omitted: part.is_omitted,
        is_open: false,
        faults: Vec::new(),
        fields,
        further,
        sources,
    }
}

/// The rule on the sources of a part.
fn sources_rule(words: Words, number: usize, part: &Part) -> &'static str {
    if part.operation == Operation::Retire {
        words.sources_rule_retire()
    } else if !part.kind.needs_source {
        words.sources_rule_none()
    } else if number > 0 {
        words.sources_rule_later()
    } else {
        words.sources_rule()
    }
}

/// The field for the name in the id of a new record.
fn key(words: Words, name: &str, part: &Part) -> FieldView {
    let control = Control::Input("text", "");
    let example = format!("{}:example", part.kind.name);
    let rule = words.key_rule(example);
    let mut field = single(words, name, words.key(), rule, &part.key, control);
    field.is_required = false;
    field.is_further = true;
    field
}

/// The title of a change.
fn title(frame: &Frame, operation: Operation, kind: &Kind, words: Words) -> String {
    let kind = frame.label_of("RecordKind", kind.value);
    match operation {
        Operation::Create => words.new_record(kind),
        Operation::Update => words.changed_record(kind),
        Operation::Retire => words.retired_record(kind),
        Operation::Restore => words.restored_record(kind),
    }
}

/// The changes that a person can add to a form.
fn additions(frame: &Frame, words: Words) -> Vec<Choice> {
    let mut choices = Vec::new();
    for operation in [
        Operation::Create,
        Operation::Update,
        Operation::Retire,
        Operation::Restore,
    ] {
        for kind in KINDS {
            choices.push(Choice {
                value: format!("{} {}", operation.name(), kind.name),
                label: title(frame, operation, kind, words),
                is_chosen: false,
            });
        }
    }
    choices
}
