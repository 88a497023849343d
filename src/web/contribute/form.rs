//! The form of a contribution: new, checked, saved as a draft, continued, and sent.

use serde::Deserialize;
use serde_json::{Value, json};

use super::choose::{self, NEW};
use super::document::{
    CREATE, Payload, Proposal, Stored, UPDATE, UserError, draft as draft_document,
};
use super::faults::{local_faults, mark};
use super::forms::{Form, Prepared, Target};
use super::kind::kind;
use super::part::{Operation, Part, kind_of_record};
use super::show::show;
use super::suggest::{add_current, current};
use super::view::Fault;
use super::words::Words;
use crate::answer::Answer;
use crate::ask::Ask;
use crate::form::{contribution_id, new_key};
use crate::frame::Frame;
use crate::markdown;
use crate::params::Params;
use crate::refused::Refused;
use crate::review::steps;
use crate::value::ContributionState;

/// The most parts of one form: as many as a contribution can have changes.
const MAX_PARTS: usize = 100;

#[derive(Deserialize)]
struct DraftData {
    contribution: Option<Proposal>,
}

/// The state of a form between two requests.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a sentence of the page by itself"
)]
#[derive(Default)]
pub struct State {
    /// The changes.
    pub parts: Vec<Part>,
    /// The title.
    pub title: String,
    /// The reason.
    pub rationale: String,
    /// The key of this form.
    pub key: String,
    /// The id of the draft; blank for a new contribution.
    pub id: String,
    /// The revision of the draft.
    pub revision: i64,
    /// The state of the draft.
    pub stage: Option<ContributionState>,
    /// The request of the editor who returned the draft, as HTML.
    pub requested: String,
    /// Empty rows at the end of each list.
    pub empty_rows: usize,
    /// Faults with paths.
    pub errors: Vec<UserError>,
    /// Faults of the form as a whole.
    pub notes: Vec<Fault>,
    /// True if the draft was edited meanwhile.
    pub is_stale: bool,
    /// True if the form has something that was not sent.
    pub is_changed: bool,
    /// True if the draft was saved just now.
    pub is_saved: bool,
    /// The contribution, as stored or as checked.
    pub proposal: Option<Proposal>,
    /// True if the service found no fault.
    pub is_checked: bool,
    /// The number of the part that was added just now.
    pub added: Option<usize>,
}

/// Answers with a new form.
///
/// # Errors
/// [`Refused`]
pub async fn new(frame: Frame, ask: &mut dyn Ask, form: &'static Form) -> Result<Answer, Refused> {
    if frame.person.is_none() {
        return Err(Refused::SignIn);
    }
    let records: Vec<String> = frame.params.all("record").map(str::to_owned).collect();
    let first = records.iter().find(|record| *record != NEW);
    let mut country = frame
        .params
        .get("country")
        .unwrap_or_default()
        .to_uppercase();
    let mut known = Vec::new();
    for record in records.iter().take(form.slots.len()) {
        if record == NEW {
            known.push(None);
            continue;
        }
        let found = current(&frame, ask, record).await?;
        let found = found.ok_or_else(|| Refused::Absent(record.clone()))?;
        if let (true, Some(Value::String(code))) = (country.is_empty(), found.fields.get("country"))
        {
            country.clone_from(code);
        }
        known.push(Some(found));
    }
    let mut frame = frame;
    if !country.is_empty() {
        frame.params = frame.params.with("country", Some(&country));
    }
    if let Some(slot) = form.slots.get(known.len()) {
        return choose::page(frame, ask, form, Some(slot)).await;
    }
    let needs_country = form
        .parts
        .iter()
        .any(|part| part.preset.iter().any(|(name, _)| *name == "country"));
    if needs_country && country.is_empty() {
        return choose::page(frame, ask, form, None).await;
    }
    let mut parts = Vec::new();
    for prepared in form.parts {
        parts.extend(prepare(&frame, prepared, &country, &records, first));
    }
    add_current(&frame, ask, &mut parts).await?;
    let state = State {
        parts,
        key: new_key(),
        ..State::default()
    };
    show(frame, ask, Some(form), state).await
}

/// Makes a part of a form. `None` if it needs a record that was not chosen.
fn prepare(
    frame: &Frame,
    prepared: &Prepared,
    country: &str,
    records: &[String],
    first: Option<&String>,
) -> Option<Part> {
    let record = |slot: usize| records.get(slot).filter(|record| *record != NEW);
    let (operation, id, kind) = match prepared.target {
        Target::New(name) => (Operation::Create, None, kind(name)?),
        Target::Slot(slot) => {
            let id = record(slot)?;
            (prepared.operation, Some(id), kind_of_record(id)?)
        }
        Target::SlotOrNew(slot, name) => match record(slot) {
            Some(id) => (Operation::Update, Some(id), kind_of_record(id)?),
            None => (Operation::Create, None, kind(name)?),
        },
    };
    let mut part = Part::new(operation, kind);
    part.id = id.cloned().unwrap_or_default();
    for (name, value) in prepared.preset {
        let value = match *value {
            "{country}" => Value::from(country),
            "{topic}" => match frame.params.get("topic") {
                Some(topic) => Value::from(topic.to_uppercase().replace('-', "_")),
                None => continue,
            },
            "{replaces}" => json!([{ "kind": "REPLACES", "document": first }]),
            other => Value::from(other),
        };
        if *name == "country" && operation == Operation::Update {
            continue;
        }
        part.fields.insert((*name).to_owned(), value.clone());
        part.preset.insert((*name).to_owned(), value);
    }
    if !prepared.is_optional {
        // Only parts that may stay away are compared with what the form suggests.
        part.preset
            .retain(|name, _| name == "country" || name == "treaty");
    }
    Some(part)
}

/// Answers with the form of a draft.
///
/// # Errors
/// [`Refused`]
pub async fn draft(frame: Frame, ask: &mut dyn Ask, key: &str) -> Result<Answer, Refused> {
    if frame.person.is_none() {
        return Err(Refused::SignIn);
    }
    let id = contribution_id(key);
    let data: DraftData = frame
        .execute_json(ask, draft_document::QUERY, json!({ "id": id }))
        .await?;
    let proposal = data
        .contribution
        .ok_or_else(|| Refused::Absent(id.clone()))?;
    if !proposal.steps.iter().any(|step| *step == "UPDATE") {
        let state = proposal.state.as_ref().map(|state| frame.label(state));
        let message = Words(frame.language).not_editable(state.unwrap_or_default());
        return Err(Refused::Forbidden(message));
    }
    let mut parts: Vec<Part> = proposal
        .changes
        .iter()
        .filter_map(|change| Part::of_input(&change.input))
        .collect();
    add_current(&frame, ask, &mut parts).await?;
    let state = State {
        parts,
        id,
        key: new_key(),
        title: proposal.title.clone(),
        rationale: proposal.rationale.clone().unwrap_or_default(),
        revision: proposal.revision,
        stage: proposal.state.clone(),
        requested: requested(&proposal).unwrap_or_default(),
        is_saved: frame.params.has("saved"),
        proposal: Some(proposal),
        ..State::default()
    };
    show(frame, ask, None, state).await
}

/// The request of the editor who returned a draft, as HTML.
fn requested(proposal: &Proposal) -> Option<String> {
    let is_returned = *proposal.state.as_ref()? == "CHANGES_REQUESTED";
    let mut steps = proposal.activity.iter().rev();
    let request = steps.find(|done| is_returned && done.step == "REQUEST_CHANGES")?;
    request.comment.as_deref().map(markdown::render)
}

/// Checks, saves or sends a form.
///
/// # Errors
/// [`Refused`]
pub async fn post(
    frame: Frame,
    ask: &mut dyn Ask,
    posted: &Params,
    draft: Option<&str>,
) -> Result<Answer, Refused> {
    if frame.person.is_none() {
        return Err(Refused::SignIn);
    }
    let words = Words(frame.language);
    let action = posted.get("action").unwrap_or("check");
    let text = |name: &str| posted.get(name).unwrap_or_default().replace("\r\n", "\n");
    let mut state = State {
        parts: (0..MAX_PARTS)
            .map_while(|number| Part::read(posted, number))
            .collect(),
        title: text("title"),
        rationale: text("rationale"),
        key: posted.get("key").map_or_else(new_key, str::to_owned),
        id: draft.map(contribution_id).unwrap_or_default(),
        revision: text("revision").parse().unwrap_or(0),
        is_changed: true,
        ..State::default()
    };
    add_current(&frame, ask, &mut state.parts).await?;
    let form = super::forms::form(frame.path.rsplit('/').next().unwrap_or_default());
    if matches!(action, "rows" | "add") {
        state.empty_rows = 1;
        if let Some(part) = added(posted.get("add").unwrap_or_default()) {
            state.added = Some(state.parts.len());
            state.parts.push(part);
        }
        return show(frame, ask, form, state).await;
    }
    // The number of each part that is sent.
    let sent: Vec<usize> = (0..)
        .zip(&state.parts)
        .filter(|(_, part)| !part.is_blank())
        .map(|(number, _)| number)
        .collect();
    let source = state.parts.iter().find_map(Part::source);
    let changes: Vec<Value> = state
        .parts
        .iter()
        .filter(|part| !part.is_blank())
        .map(|part| part.input(source.as_ref()))
        .collect();
    let mut note = None;
    let wrong = local_faults(&state.parts);
    if changes.is_empty() {
        state.notes.push(Fault {
            text: words.nothing().to_owned(),
            is_english: false,
        });
    } else if wrong.is_empty() {
        let is_check = action == "check";
        let payload = match store(&frame, ask, &state, changes, action).await {
            // The form comes back with all that the person typed.
            Err(Refused::Input(message)) => {
                note = Some(Fault {
                    text: message,
                    is_english: true,
                });
                Payload::default()
            }
            other => other?,
        };
        state.errors = payload.user_errors;
        if state.errors.is_empty() && note.is_none() {
            let stored = payload.contribution.ok_or(Refused::Internal)?;
            if !is_check {
                return finish(frame, ask, action, state, stored, form).await;
            }
            state.is_checked = true;
            state.proposal = Some(stored);
        }
    } else {
        state.errors = wrong;
    }
    mark(&mut state, &sent, words);
    state.notes.extend(note);
    if state.is_stale {
        // The person reads that the draft changed, and may replace its newest revision.
        let variables = json!({ "id": state.id });
        let data: DraftData = frame
            .execute_json(ask, draft_document::QUERY, variables)
            .await?;
        let newest = data.contribution.map(|newest| newest.revision);
        state.revision = newest.unwrap_or(state.revision);
    }
    let is_wrong = !state.is_checked;
    let mut answer = show(frame, ask, form, state).await?;
    if is_wrong {
        answer.status = 400;
    }
    Ok(answer)
}

/// The part that a person adds: the operation and the kind, as in `update PolicyDocument`.
fn added(choice: &str) -> Option<Part> {
    let (operation, name) = choice.split_once(' ')?;
    Some(Part::new(Operation::of(operation)?, kind(name)?))
}

/// The countries of the parts.
pub fn codes(state: &State) -> Vec<String> {
    let mut codes: Vec<String> = state
        .parts
        .iter()
        .filter_map(|part| part.country().map(str::to_uppercase))
        .collect();
    codes.sort();
    codes.dedup();
    codes.retain(|code| code.len() == 2 && code.chars().all(|letter| letter.is_ascii_uppercase()));
    codes.truncate(5);
    codes
}

/// Sends the changes: to be checked, as a draft or to the editors.
async fn store(
    frame: &Frame,
    ask: &mut dyn Ask,
    state: &State,
    changes: Vec<Value>,
    action: &str,
) -> Result<Payload, Refused> {
    let is_check = action == "check";
    let mut input = json!({
        "title": state.title,
        "rationale": state.rationale,
        "changes": changes,
        "validateOnly": is_check,
    });
    let mut variables =
        json!({ "codes": codes(state), "languages": frame.languages(), "checks": is_check });
    let mut add = |name: &str, value: Value| {
        if let Some(members) = input.as_object_mut() {
            members.insert(name.to_owned(), value);
        }
    };
    let document: &str = if state.id.is_empty() {
        add("submit", json!(action == "send"));
        if !is_check {
            add("idempotencyKey", json!(state.key));
        }
        &CREATE
    } else {
        add("id", json!(state.id));
        add("revision", json!(state.revision));
        &UPDATE
    };
    if let Some(members) = variables.as_object_mut() {
        members.insert("input".to_owned(), input);
    }
    let stored: Stored = frame.execute_json(ask, document, variables).await?;
    Ok(stored.payload())
}

/// Goes on after the contribution was stored.
async fn finish(
    frame: Frame,
    ask: &mut dyn Ask,
    action: &str,
    mut state: State,
    stored: Proposal,
    form: Option<&'static Form>,
) -> Result<Answer, Refused> {
    let key = frame.key(&stored.id).to_owned();
    if action != "send" {
        return Ok(Answer::see_other(
            frame.href(format!("/contribute/draft/{key}?saved=1")),
        ));
    }
    let waits = |stage: &ContributionState| *stage == "DRAFT" || *stage == "CHANGES_REQUESTED";
    if !state.id.is_empty() && stored.state.as_ref().is_some_and(waits) {
        // A draft is stored first, then sent in the revision that was stored.
        let sent = steps::submit(&frame, ask, stored.id, stored.revision).await?;
        if let Err(faults) = sent {
            state.revision = stored.revision;
            let notes = faults.into_iter().map(|fault| {
                let (text, is_english) = fault.told(&frame);
                Fault { text, is_english }
            });
            state.notes.extend(notes);
            let mut answer = show(frame, ask, form, state).await?;
            answer.status = 400;
            return Ok(answer);
        }
    }
    Ok(Answer::see_other(
        frame.href(format!("/contribute/receipt/{key}?sent=1")),
    ))
}
