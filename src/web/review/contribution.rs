//! One contribution: the proposal beside the records as they are, its discussion, and the steps of its review.

use std::collections::{BTreeSet, HashMap};

use askama::Template;
use graphql_client::GraphQLQuery;
use serde_json::Value;

use super::effect::{self, Effect};
use super::steps::{self, Fault};
use super::words::Words;
use crate::answer::{Answer, Media};
use crate::ask::Ask;
use crate::difference::{self, Difference, Names};
use crate::frame::Frame;
use crate::markdown;
use crate::params::{Params, encoded};
use crate::refused::Refused;
use crate::value::{
    Certainty, ChangeOperation, ContributionState, ContributionStep, EnumValue, RecordField, RecordKind, Role, UserErrorCode,
};

/// The largest number of records whose labels are asked for.
const LABELLED: usize = 150;

#[derive(GraphQLQuery)]
#[graphql(
    schema_path = "../../schema.graphql",
    query_path = "review/contribution.graphql",
    custom_scalars_module = "crate::value::scalar",
    extern_enums(
        "Certainty",
        "ChangeOperation",
        "ContributionState",
        "ContributionStep",
        "RecordField",
        "RecordKind",
        "Role",
        "UserErrorCode"
    ),
    response_derives = "Debug, Clone"
)]
struct ReviewContribution;

use review_contribution::{
    ReviewContributionContribution as Contribution,
    ReviewContributionContributionActivity as Activity,
    ReviewContributionContributionChanges as Change,
    ReviewContributionContributionChangesCitations as Citation,
    ReviewContributionContributionComments as Comment,
};

#[derive(Template)]
#[template(path = "review/contribution.html")]
struct Page {
    frame: Frame,
    words: Words,
    one: Contribution,
    changes: Vec<ShownChange>,
    conflicts: Vec<ShownConflict>,
    /// Warnings that belong to no change.
    warnings: Vec<String>,
    effects: Vec<Effect>,
    /// Affected countries of which no effect is shown.
    more_countries: usize,
    /// Steps that are not possible now, with the reasons.
    impossible: Vec<(String, &'static str)>,
    /// The form that was sent and refused.
    refused: Option<RefusedForm>,
    /// The step that was taken just now.
    done: Option<String>,
    /// An idempotency key for the forms of this page.
    key: String,
}

/// One proposed change.
struct ShownChange {
    /// The place, counted from 1.
    number: usize,
    operation: ChangeOperation,
    kind: RecordKind,
    record_id: String,
    /// The name of the record.
    label: String,
    /// True if the record exists, so that it has a page.
    exists: bool,
    reason: Option<String>,
    /// The version on which the change is based, and the version now, if they differ.
    versions: Option<(i64, i64)>,
    /// The reason for which the record was retired in the meantime.
    retired: Option<String>,
    fields: Vec<ShownField>,
    /// Citations of fields that the change does not set.
    citations: Vec<ShownCitation>,
    warnings: Vec<String>,
    comments: Vec<Comment>,
}

/// One field of a proposed change.
struct ShownField {
    field: RecordField,
    label: String,
    /// The value now, or before the contribution was accepted; `None` if the field is empty.
    current: Option<Difference>,
    /// The difference to the proposed value; without a value, the change empties the field.
    proposed: Difference,
    empties: bool,
    is_same: bool,
    /// The value in the base version, if it is another one than now.
    base: Option<Difference>,
    /// The place among the conflicts.
    conflict: Option<usize>,
    citations: Vec<ShownCitation>,
    warnings: Vec<String>,
    comments: Vec<Comment>,
    needs_source: bool,
}

/// One source with the place that supports a value.
#[derive(Clone)]
struct ShownCitation {
    title: String,
    /// The path of the source, or the place of the change that proposes it.
    href: String,
    is_proposed: bool,
    publisher: Option<String>,
    url: Option<String>,
    certainty: Certainty,
    locator: Option<String>,
    quote: Option<String>,
    fields: Vec<RecordField>,
}

/// One field with three values.
struct ShownConflict {
    /// The name of the radio buttons.
    name: String,
    record: String,
    label: String,
    base: Difference,
    current: Difference,
    proposed: Difference,
    /// The choice that was made in a form that was refused.
    chosen: String,
}

/// A form that was sent and refused.
struct RefusedForm {
    step: String,
    text: String,
    about: String,
    sentences: Vec<String>,
    /// Messages of the service, in English.
    details: Vec<String>,
    /// True if the page offers this form no longer.
    is_gone: bool,
    choices: Params,
}

/// The place of the viewer in a review.
struct Viewer {
    role: Role,
    is_author: bool,
}

/// Answers with the page of a contribution.
///
/// # Errors
/// [`Refused`] if there is none, or if it cannot be read.
pub async fn page(mut frame: Frame, ask: &mut dyn Ask, id: &str) -> Result<Answer, Refused> {
    let variables = review_contribution::Variables {
        id: id.to_owned(),
        languages: Some(frame.languages()),
    };
    if frame.media == Media::Json {
        return frame.json::<ReviewContribution>(ask, variables).await;
    }
    let page = read(&mut frame, ask, variables, None).await?;
    frame.page(&page)
}

/// Takes the step that a form of the page names, and shows the contribution.
///
/// # Errors
/// [`Refused`] if the contribution cannot be read.
pub async fn post(
    mut frame: Frame,
    ask: &mut dyn Ask,
    id: &str,
    form: &Params,
) -> Result<Answer, Refused> {
    let step = form.get("step").unwrap_or_default();
    let faults = match steps::take(&frame, ask, id.to_owned(), form).await? {
        Ok(id) => return Ok(done(&frame, &id, step)),
        Err(faults) => faults,
    };
    let variables = review_contribution::Variables {
        id: id.to_owned(),
        languages: Some(frame.languages()),
    };
    let page = read(&mut frame, ask, variables, Some((form, faults))).await?;
    if page.refused.is_none() {
        return Ok(done(&frame, id, step));
    }
    let mut answer = frame.page(&page)?;
    answer.status = 422;
    Ok(answer)
}

/// Sends the browser to the contribution after a step was taken.
fn done(frame: &Frame, id: &str, step: &str) -> Answer {
    let path = format!("/review/{}?done={}", encoded(id), encoded(step));
    Answer::see_other(frame.href(path))
}

/// Reads what the page shows. After a refused form: the form and its faults.
async fn read(
    frame: &mut Frame,
    ask: &mut dyn Ask,
    variables: review_contribution::Variables,
    sent: Option<(&Params, Vec<Fault>)>,
) -> Result<Page, Refused> {
    let words = Words(frame.language);
    let id = variables.id.clone();
    let data = frame.query::<ReviewContribution>(ask, variables).await?;
    let Some(mut one) = data.contribution else {
        return Err(Refused::Absent(words.absent(&id)));
    };
    // The page shows conflicts with their values, and the state.
    one.warnings.retain(|warning| warning.code != "CONFLICT" && warning.path.as_ref().is_some_and(|path| !path.is_empty()));
    frame.alternates = vec![(Media::Json, "json")];
    let viewer = Viewer {
        role: data.viewer.role,
        is_author: data.viewer.id.as_ref().is_some_and(|id| one.authors.iter().any(|author| author.id == *id)),
    };
    let surroundings = surroundings(frame, ask, &one).await?;
    let shown = changes(frame, &one, &surroundings);
    let is_mine = |state: &str| {
        let reviewer = one.reviewer.as_ref().map(|reviewer| &reviewer.id);
        one.state == state && reviewer.is_some() && reviewer == data.viewer.id.as_ref()
    };
    let refused = sent.and_then(|(form, faults)| {
        let step = form.get("step").unwrap_or_default();
        // The same form arrived twice: the first one did it.
        let is_again = faults.iter().all(|fault| fault.code == "ILLEGAL_TRANSITION");
        if is_again && steps::decided_state(step).is_some_and(is_mine) {
            return None;
        }
        Some(RefusedForm::new(frame, words, &one, form, faults))
    });
    let choices = refused.as_ref().map(|form| form.choices.clone()).unwrap_or_default();
    let done = frame.params.get("done").filter(|step| frame.label_of("ContributionStep", step) != **step);
    Ok(Page {
        conflicts: conflicts(frame, &one, &surroundings.names, &choices),
        warnings: one.warnings.iter().filter(|one| place(one.path.as_deref()).is_none()).map(|one| one.message.clone()).collect(),
        changes: shown,
        more_countries: one.countries.len().saturating_sub(effect::COUNTRIES),
        effects: surroundings.effects,
        impossible: impossible(frame, words, &one, &viewer),
        done: done.map(|step| frame.label_of("ContributionStep", step)),
        refused,
        key: steps::new_key(),
        words,
        one,
        frame: frame.clone(),
    })
}

/// The records to which a contribution leads, and its effect.
struct Surroundings {
    names: Names,
    records: HashMap<String, effect::Found>,
    effects: Vec<Effect>,
}

async fn surroundings(
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
        let values = conflict.base.iter().chain(&conflict.current).chain(&conflict.proposed);
        values.for_each(|value| difference::references(value, &mut named));
    }
    let changed: Vec<String> = one.changes.iter().map(|change| change.record_id.clone()).collect();
    let others = named.into_iter().filter(|id| !changed.contains(id));
    let records: Vec<String> = changed.iter().cloned().chain(others).take(LABELLED).collect();
    let countries: Vec<String> = one.countries.iter().map(|one| one.code.clone()).collect();
    let (found, effects) = effect::read(frame, ask, &one.id, records, countries).await?;
    let mut names: Names = one
        .changes
        .iter()
        .filter_map(|change| Some((change.record_id.clone(), own_name(change)?)))
        .collect();
    names.extend(found.iter().map(|(id, found)| (id.clone(), found.label.clone())));
    Ok(Surroundings { names, records: found, effects })
}

/// The name that a change gives to its record.
fn own_name(change: &Change) -> Option<String> {
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Array(names) => names.first()?.get("text")?.as_str().map(str::to_owned),
        _ => None,
    };
    let names = ["names", "titles", "title", "shortTitle"];
    let mut fields = change.fields.iter().filter(|field| names.contains(&field.name.as_str()));
    fields.find_map(|field| text(field.after.as_ref()?))
}

fn changes(frame: &Frame, one: &Contribution, around: &Surroundings) -> Vec<ShownChange> {
    let is_open = is_open(&one.state);
    let shown = one.changes.iter().enumerate().map(|(at, change)| {
        let found = around.records.get(&change.record_id).filter(|found| found.exists);
        let version = found.map(|found| found.version);
        let is_new = change.operation == "CREATE";
        let of_change: Vec<_> = one.warnings.iter().filter(|one| place(one.path.as_deref()) == Some(at)).collect();
        let citations: Vec<ShownCitation> =
            change.citations.iter().map(|citation| shown_citation(frame, one, citation)).collect();
        let fields: Vec<ShownField> = change
            .fields
            .iter()
            .map(|field| {
                let compare = |old: Option<&Value>, new: Option<&Value>| {
                    difference::compare(frame, &around.names, &change.record_id, &field.name, old, new)
                };
                let given = |value: Option<&Value>| value.filter(|value| !value.is_null()).cloned();
                let before = given(field.before.as_ref());
                let after = given(field.after.as_ref());
                let current = match found {
                    Some(found) if is_open && !is_new => found.fields.get(&field.name).cloned(),
                    _ => before.clone(),
                };
                let has_moved = is_open && !is_new && current != before;
                ShownField {
                    label: frame.label(&field.field),
                    current: current.as_ref().map(|value| compare(Some(value), Some(value))),
                    proposed: compare(current.as_ref(), after.as_ref()),
                    empties: after.is_none(),
                    is_same: current == after,
                    base: has_moved.then(|| compare(before.as_ref(), before.as_ref())),
                    conflict: one
                        .conflicts
                        .iter()
                        .position(|one| one.record_id == change.record_id && one.field == field.field),
                    citations: citations.iter().filter(|one| one.fields.contains(&field.field)).cloned().collect(),
                    warnings: of_change
                        .iter()
                        .filter(|one| names_field(one.path.as_deref(), &field.name))
                        .map(|one| one.message.clone())
                        .collect(),
                    comments: one
                        .comments
                        .iter()
                        .filter(|comment| {
                            comment.record_id.as_ref() == Some(&change.record_id)
                                && comment.field.as_ref() == Some(&field.field)
                        })
                        .cloned()
                        .collect(),
                    needs_source: change.record_kind != "SOURCE",
                    field: field.field.clone(),
                }
            })
            .collect();
        let is_shown = |field: &RecordField| fields.iter().any(|one| one.field == *field);
        ShownChange {
            number: at.saturating_add(1),
            operation: change.operation.clone(),
            kind: change.record_kind.clone(),
            label: around.names.get(&change.record_id).cloned().unwrap_or_else(|| change.record_id.clone()),
            exists: found.is_some(),
            reason: change.reason.clone(),
            versions: change.base_version.zip(version).filter(|(base, now)| is_open && base != now),
            retired: found.and_then(|found| found.retired.clone()).filter(|_| is_open),
            citations: citations
                .iter()
                .filter(|one| !one.fields.iter().any(is_shown))
                .cloned()
                .collect(),
            warnings: of_change
                .iter()
                .filter(|one| !fields.iter().any(|field| names_field(one.path.as_deref(), &name_of(change, &field.field))))
                .map(|one| one.message.clone())
                .collect(),
            comments: one
                .comments
                .iter()
                .filter(|comment| {
                    comment.record_id.as_ref() == Some(&change.record_id)
                        && !comment.field.as_ref().is_some_and(is_shown)
                })
                .cloned()
                .collect(),
            record_id: change.record_id.clone(),
            fields,
        }
    });
    shown.collect()
}

fn name_of(change: &Change, field: &RecordField) -> String {
    let found = change.fields.iter().find(|one| one.field == *field);
    found.map(|one| one.name.clone()).unwrap_or_default()
}

/// The place of the change to which the path of a warning leads.
fn place(path: Option<&[String]>) -> Option<usize> {
    match path? {
        [changes, at, ..] if changes == "changes" => at.parse().ok(),
        _ => None,
    }
}

/// True if the path of a warning names a field: `["changes", "0", "updateTreaty", "set", "title"]`.
fn names_field(path: Option<&[String]>, name: &str) -> bool {
    path.is_some_and(|path| path.get(3).is_some_and(|at| matches!(at.as_str(), "set" | "fields" | "clear")) && path.get(4).is_some_and(|known| known == name))
}

fn shown_citation(frame: &Frame, one: &Contribution, citation: &Citation) -> ShownCitation {
    let key = frame.key(&citation.source_id);
    let (title, publisher, url, href) = match &citation.source {
        Some(source) => (
            source.title.clone(),
            source.publisher.clone(),
            source.url.clone(),
            frame.href(format!("/sources/{key}")),
        ),
        None => {
            let at = one.changes.iter().position(|change| change.record_id == citation.source_id);
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
        }
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

fn conflicts(frame: &Frame, one: &Contribution, names: &Names, choices: &Params) -> Vec<ShownConflict> {
    let shown = one.conflicts.iter().map(|conflict| {
        let compare = |old: Option<&Value>, new: Option<&Value>| {
            difference::compare(frame, names, &conflict.record_id, &conflict.name, old, new)
        };
        let base = conflict.base.as_ref();
        let name = format!("{}{}:{}", steps::CHOICE, conflict.record_id, conflict.field.0);
        ShownConflict {
            record: names.get(&conflict.record_id).unwrap_or(&conflict.record_id).clone(),
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
fn is_open(state: &ContributionState) -> bool {
    !matches!(state.value(), "ACCEPTED" | "REJECTED" | "WITHDRAWN")
}

impl RefusedForm {
    fn new(frame: &Frame, words: Words, one: &Contribution, form: &Params, faults: Vec<Fault>) -> Self {
        let step = form.get("step").unwrap_or_default().to_owned();
        let was_decided = !is_open(&one.state);
        let mut sentences = Vec::new();
        for fault in &faults {
            let sentence = match fault.code.as_str() {
                "STALE_REVISION" => words.stale(form.get("revision").unwrap_or("?"), one.revision),
                "OWN_CONTRIBUTION" => words.own().to_owned(),
                "ILLEGAL_TRANSITION" if was_decided && step != "REVERT" => {
                    let person = one.reviewer.as_ref().map_or("?", |reviewer| reviewer.name.as_str());
                    let at = one.decided_at.as_ref().unwrap_or(&one.updated_at);
                    words.decided_meanwhile(frame.label(&one.state), person, frame.instant(at))
                }
                "ILLEGAL_TRANSITION" => words.illegal(frame.label(&one.state)),
                "CONFLICT" => words.conflict_fault().to_owned(),
                "REQUIRED" | "INVALID" => words.invalid().to_owned(),
                "IDEMPOTENCY_MISMATCH" => words.sent_already().to_owned(),
                "UNAUTHENTICATED" => words.signed_out().to_owned(),
                "FORBIDDEN" => words.forbidden().to_owned(),
                "RATE_LIMITED" => words.limited().to_owned(),
                "UNAVAILABLE" => frame.words.away().to_owned(),
                _ => words.refused().to_owned(),
            };
            if !sentences.contains(&sentence) {
                sentences.push(sentence);
            }
        }
        Self {
            is_gone: !one.steps.iter().any(|known| known.value() == step),
            step,
            text: form.get("text").unwrap_or_default().to_owned(),
            about: form.get("about").unwrap_or_default().to_owned(),
            sentences,
            details: faults.into_iter().map(|fault| fault.message).filter(|message| !message.is_empty()).collect(),
            choices: form.clone(),
        }
    }
}

/// The steps that a viewer cannot take now, with the reasons.
fn impossible(
    frame: &Frame,
    words: Words,
    one: &Contribution,
    viewer: &Viewer,
) -> Vec<(String, &'static str)> {
    if frame.person.is_none() {
        return Vec::new();
    }
    let is_editor = viewer.role == "EDITOR" || viewer.role == "ADMIN";
    let steps = ["START_REVIEW", "ACCEPT", "REQUEST_CHANGES", "REJECT", "UPDATE", "RESOLVE_CONFLICTS", "SUBMIT", "WITHDRAW", "REVERT"];
    let missing = steps.into_iter().filter(|step| !one.steps.iter().any(|known| known.value() == *step));
    missing
        .filter_map(|step| {
            let reason = reason(words, step, one, is_editor, viewer.is_author)?;
            Some((frame.label_of("ContributionStep", step), reason))
        })
        .collect()
}

/// The reason for which a step is not possible; `None` if it is of no interest.
fn reason(
    words: Words,
    step: &str,
    one: &Contribution,
    is_editor: bool,
    is_author: bool,
) -> Option<&'static str> {
    let state = one.state.value();
    let is_decided = !is_open(&one.state);
    Some(match step {
        "REVERT" if state == "ACCEPTED" => words.needs_account(),
        "REVERT" => return None,
        _ if is_decided => words.is_decided(),
        "START_REVIEW" | "ACCEPT" | "REQUEST_CHANGES" | "REJECT" => {
            if is_author {
                words.own()
            } else if !is_editor {
                words.needs_editor()
            } else if state == "DRAFT" {
                words.is_draft()
            } else if state == "CHANGES_REQUESTED" {
                words.waits_for_authors()
            } else if step == "START_REVIEW" {
                words.is_in_review()
            } else if step == "ACCEPT" && one.changes.is_empty() {
                words.tip_without_changes()
            } else {
                words.has_conflicts()
            }
        }
        "RESOLVE_CONFLICTS" if one.conflicts.is_empty() => return None,
        "SUBMIT" if is_author => words.is_submitted(),
        _ => words.needs_author(),
    })
}

impl Page {
    /// True if the viewer may take a step.
    fn may(&self, step: &str) -> bool {
        self.one.steps.iter().any(|known| known.value() == step)
    }

    /// The text in the form of a step: empty, or the one that was refused.
    fn text_of(&self, step: &str) -> &str {
        let form = self.refused.as_ref().filter(|form| form.step == step);
        form.map_or("", |form| form.text.as_str())
    }

    /// True if the form of a step was refused.
    fn is_refused(&self, step: &str) -> bool {
        self.refused.as_ref().is_some_and(|form| form.step == step)
    }

    /// The subject that the refused comment had.
    fn is_about(&self, subject: impl AsRef<str>) -> bool {
        self.refused.as_ref().is_some_and(|form| form.about == subject.as_ref())
    }

    /// Markdown as HTML.
    fn html(&self, text: &str) -> String {
        markdown::render(text)
    }

    /// True if an address may be linked.
    fn is_web(&self, address: &str) -> bool {
        markdown::is_web_address(address)
    }

    /// The address of another contribution.
    fn address(&self, id: &str) -> String {
        self.frame.href(format!("/review/{}", encoded(id)))
    }

    /// The address of the forms that edit this contribution.
    fn editor(&self) -> String {
        let name = if self.one.is_tip && self.one.changes.is_empty() { "tip" } else { "contribution" };
        self.frame.href(format!("/contribute?{name}={}", encoded(&self.one.id)))
    }

    /// The subject of the comment that a step of the activity made.
    fn subject(&self, step: &Activity) -> Option<String> {
        let comment = self.one.comments.iter().find(|comment| {
            step.step == "COMMENT" && comment.created_at == step.at && Some(&comment.body) == step.comment.as_ref()
        })?;
        let record_id = comment.record_id.as_ref()?;
        let change = self.changes.iter().find(|change| change.record_id == *record_id);
        let label = change.map_or(record_id.as_str(), |change| change.label.as_str());
        Some(match &comment.field {
            Some(field) => format!("{label}: {}", self.frame.label(field)),
            None => label.to_owned(),
        })
    }

    /// The names of the authors.
    fn authors(&self) -> String {
        let names: Vec<&str> = self.one.authors.iter().map(|author| author.name.as_str()).collect();
        if names.is_empty() {
            return self.words.reader().to_owned();
        }
        names.join(", ")
    }

    /// True while it is not decided.
    fn is_open(&self) -> bool {
        is_open(&self.one.state)
    }

    /// The address to which the forms are sent.
    fn action(&self) -> String {
        self.address(&self.one.id)
    }

    /// The address of the page of a record.
    fn record(&self, record_id: &str) -> String {
        let path = difference::path_of(&self.frame, record_id).unwrap_or_default();
        self.frame.href(path)
    }

    /// The operation of a change.
    fn operation(&self, operation: &ChangeOperation) -> String {
        match operation.value() {
            "CREATE" => self.words.creates().to_owned(),
            "UPDATE" => self.words.updates().to_owned(),
            "RETIRE" => self.words.retires().to_owned(),
            "RESTORE" => self.words.restores().to_owned(),
            _ => self.frame.label(operation),
        }
    }

    /// A step of the activity as a deed.
    fn told(&self, step: &Activity) -> String {
        match step.step.value() {
            "UPDATE" if step.revision == 1 => self.words.did_create().to_owned(),
            "UPDATE" => self.words.did_update().to_owned(),
            "SUBMIT" => self.words.did_submit().to_owned(),
            "WITHDRAW" => self.words.did_withdraw().to_owned(),
            "START_REVIEW" => self.words.did_start().to_owned(),
            "REQUEST_CHANGES" => self.words.did_request().to_owned(),
            "ACCEPT" => self.words.did_accept().to_owned(),
            "REJECT" => self.words.did_reject().to_owned(),
            "RESOLVE_CONFLICTS" => self.words.did_resolve().to_owned(),
            "REVERT" => self.words.did_revert().to_owned(),
            "COMMENT" => self.words.did_comment().to_owned(),
            _ => self.frame.label(&step.step),
        }
    }

    /// The forms of the steps that the viewer may take.
    fn forms(&self) -> Vec<StepForm> {
        let words = self.words;
        let form = |step, title, note| StepForm {
            step,
            id: step.to_ascii_lowercase().replace('_', "-"),
            title,
            note,
            label: None,
            is_required: true,
            key: "",
        };
        let with = |form: StepForm, label, key| StepForm { label: Some(label), key, ..form };
        let forms = [
            form("START_REVIEW", words.start_review(), words.start_note()),
            StepForm {
                is_required: false,
                ..with(form("ACCEPT", words.accept(), words.accept_note()), words.accept_text(), "a")
            },
            with(form("REQUEST_CHANGES", words.request_changes(), words.request_note()), words.request_text(), ""),
            with(form("REJECT", words.reject(), words.reject_note()), words.reject_text(), "r"),
            with(form("COMMENT", words.comment(), words.markdown()), words.your_comment(), "c"),
            form("SUBMIT", words.submit(), ""),
            form("WITHDRAW", words.withdraw(), words.withdraw_note()),
            with(form("REVERT", words.revert(), words.revert_note()), words.revert_text(), ""),
        ];
        forms.into_iter().filter(|form| self.may(form.step)).collect()
    }
}

/// The form of a step.
struct StepForm {
    step: &'static str,
    /// The id of its heading.
    id: String,
    title: &'static str,
    note: &'static str,
    /// The label of its text; `None` if it has none.
    label: Option<&'static str>,
    is_required: bool,
    /// The key that moves the focus to its text.
    key: &'static str,
}
