//! The form of a contribution: new, checked, saved as a draft, continued, and sent.

use askama::Template;
use serde::Deserialize;
use serde_json::{Value, json};

use super::choose::{self, NEW};
use super::document::{
    List, Open, Payload, Proposal, Stored, UserError, choices, create, current,
    draft as draft_document, form_key, now, submit, update,
};
use super::facts::{self, Comparison, Facts, ShownChange};
use super::forms::{Form, Prepared, Target};
use super::kind::{CITATION, Field, KINDS, Shape, kind};
use super::part::{Current, Operation, Part, kind_of_record};
use super::receipt::Country;
use super::start::by_name;
use super::view::{Choice, Control, Fault, FieldView, Views, single};
use super::words::Words;
use crate::answer::Answer;
use crate::ask::Ask;
use crate::frame::Frame;
use crate::markdown;
use crate::params::Params;
use crate::refused::Refused;
use crate::value::ContributionState;

/// The most parts of one form: as many as a contribution can have changes.
const MAX_PARTS: usize = 100;

/// A record that a person can choose.
#[derive(Clone, Debug)]
pub struct Known {
    /// The id.
    pub id: String,
    /// The name.
    pub label: String,
    /// The kind, in words.
    pub kind: String,
}

/// Values that the form suggests.
#[derive(Clone, Debug, Default)]
pub struct Suggestions {
    /// All countries.
    pub countries: Vec<Country>,
    /// All treaties.
    pub treaties: Vec<Treaty>,
    /// Records of the country.
    pub records: Vec<Known>,
    /// True if there are more records.
    pub is_cut: bool,
    /// Sources of the country.
    pub sources: Vec<Source>,
    /// Open contributions for the country.
    pub open: Vec<Open>,
}

/// A treaty that a person can choose.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Treaty {
    /// The reference.
    pub reference: String,
    /// The short name.
    pub short_title: String,
}

/// A source that a person can choose.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Source {
    /// The id.
    pub record_id: String,
    /// The title.
    pub title: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ChoicesData {
    countries: List<Country>,
    last_countries: List<Country>,
    treaties: List<Treaty>,
    records: Records,
    chosen: List<Chosen>,
    contributions: List<Open>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Records {
    nodes: Vec<Record>,
    page_info: PageInfo,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PageInfo {
    has_next_page: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Record {
    record_id: String,
    label: String,
}

#[derive(Deserialize)]
struct Chosen {
    sources: List<Source>,
}

#[derive(Deserialize)]
struct CurrentData {
    node: Option<CurrentRecord>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CurrentRecord {
    version: Option<i64>,
    label: Option<String>,
    export_line: Option<String>,
}

#[derive(Deserialize)]
struct DraftData {
    contribution: Option<Proposal>,
}

#[derive(Deserialize)]
struct NowData {
    countries: List<Facts>,
}

/// A part as it is shown.
#[derive(Clone, Debug)]
struct PartView {
    title: String,
    record: String,
    hidden: Vec<(String, String)>,
    is_optional: bool,
    is_omitted: bool,
    is_open: bool,
    faults: Vec<Fault>,
    fields: Vec<FieldView>,
    further: Vec<FieldView>,
    sources: Option<FieldView>,
}

impl PartView {
    fn all(&mut self) -> impl Iterator<Item = &mut FieldView> {
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

#[derive(Template)]
#[template(path = "contribute/form.html")]
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
    decision: String,
    is_saved: bool,
    is_stale: bool,
    is_changed: bool,
    count: usize,
    links: Vec<(String, String)>,
    faults: Vec<Fault>,
    checked: Option<Checked>,
    warnings: Vec<String>,
    overlapping: Vec<Open>,
    open: Vec<Open>,
    parts: Vec<PartView>,
    about: Vec<FieldView>,
    additions: Vec<Choice>,
    suggestions: Suggestions,
}

/// The state of a form between two requests.
#[derive(Default)]
struct State {
    parts: Vec<Part>,
    title: String,
    rationale: String,
    key: String,
    id: String,
    revision: i64,
    state: Option<ContributionState>,
    decision: String,
    empty_rows: usize,
    errors: Vec<UserError>,
    notes: Vec<Fault>,
    is_stale: bool,
    is_changed: bool,
    is_saved: bool,
    proposal: Option<Proposal>,
    is_checked: bool,
    now: Vec<Facts>,
}

/// The id of a contribution from the last part of an address.
pub fn whole_id(key: &str) -> String {
    if key.contains(':') {
        return key.to_owned();
    }
    format!("Contribution:{key}")
}

/// Reads the values that a form suggests. `is_complete` takes all kinds as given, even if there is none.
///
/// # Errors
/// [`Refused`]
pub async fn suggestions(
    frame: &mut Frame,
    ask: &mut dyn Ask,
    country: &str,
    kinds: &[&str],
    is_complete: bool,
) -> Result<Suggestions, Refused> {
    let codes: Vec<&str> = Some(country)
        .filter(|code| !code.is_empty())
        .into_iter()
        .collect();
    let usual = [
        "POLICY_DOCUMENT",
        "CYBERSECURITY_BODY",
        "OPERATIONAL_UNIT",
        "COURT_DECISION",
        "TREATY_EVENT",
    ];
    let kinds = if kinds.is_empty() && !is_complete {
        &usual
    } else {
        kinds
    };
    let variables = json!({ "codes": codes, "kinds": kinds, "languages": frame.languages() });
    let data: ChoicesData = frame.execute_json(ask, choices::QUERY, variables).await?;
    let records = data.records.nodes.into_iter().map(|record| Known {
        kind: kind_of_record(&record.record_id)
            .map(|kind| frame.label_of("RecordKind", kind.value))
            .unwrap_or_default(),
        id: record.record_id,
        label: record.label,
    });
    Ok(Suggestions {
        records: records.collect(),
        is_cut: data.records.page_info.has_next_page,
        countries: by_name(data.countries.nodes, data.last_countries.nodes),
        treaties: data.treaties.nodes,
        sources: data
            .chosen
            .nodes
            .into_iter()
            .flat_map(|one| one.sources.nodes)
            .collect(),
        open: data.contributions.nodes,
    })
}

/// The record with an id, as it is now.
async fn current(frame: &Frame, ask: &mut dyn Ask, id: &str) -> Result<Option<Current>, Refused> {
    let variables = json!({ "id": id, "languages": frame.languages() });
    let data: CurrentData = frame.execute_json(ask, current::QUERY, variables).await?;
    let Some(CurrentRecord {
        version: Some(version),
        label,
        export_line: Some(line),
    }) = data.node
    else {
        return Ok(None);
    };
    let line: Value = serde_json::from_str(&line).map_err(|_| Refused::Internal)?;
    let part = Part::of_input(&line).ok_or(Refused::Internal)?;
    Ok(Some(Current {
        label: label.unwrap_or_default(),
        version,
        fields: part.fields,
    }))
}

/// Adds the records as they are now to the parts that change them.
async fn add_current(frame: &Frame, ask: &mut dyn Ask, parts: &mut [Part]) -> Result<(), Refused> {
    for part in parts {
        if part.operation == Operation::Create || part.id.is_empty() {
            continue;
        }
        if let Some(current) = current(frame, ask, &part.id).await? {
            match part.operation {
                Operation::Update => part.over(current),
                _ => {
                    if part.base_version.is_empty() {
                        part.base_version = current.version.to_string();
                    }
                    part.current = Some(current);
                }
            }
        }
    }
    Ok(())
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
        key: form_key(),
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
    let id = whole_id(key);
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
        key: form_key(),
        title: proposal.title.clone(),
        rationale: proposal.rationale.clone().unwrap_or_default(),
        revision: proposal.revision,
        state: proposal.state.clone(),
        decision: proposal
            .decision
            .as_deref()
            .map(markdown::render)
            .unwrap_or_default(),
        is_saved: frame.params.has("saved"),
        proposal: Some(proposal),
        ..State::default()
    };
    show(frame, ask, None, state).await
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
        key: posted.get("key").map_or_else(form_key, str::to_owned),
        id: draft.map(whole_id).unwrap_or_default(),
        revision: text("revision").parse().unwrap_or(0),
        is_changed: true,
        ..State::default()
    };
    add_current(&frame, ask, &mut state.parts).await?;
    let form = super::forms::form(frame.path.rsplit('/').next().unwrap_or_default());
    if matches!(action, "rows" | "add") {
        state.empty_rows = 1;
        if let Some(part) = added(posted.get("add").unwrap_or_default()) {
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
    let wrong = local_faults(&state.parts, &words);
    if changes.is_empty() {
        state.notes.push(Fault {
            text: words.nothing().to_owned(),
            is_english: false,
        });
    } else if wrong.is_empty() {
        let is_check = action == "check";
        let payload = match store(&frame, ask, &state, changes, action).await {
            // The form comes back with all that the person typed.
            Err(Refused::Wrong(message)) => {
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
            let codes = codes(&state);
            let variables = json!({ "codes": codes, "languages": frame.languages() });
            let data: NowData = frame.execute_json(ask, now::QUERY, variables).await?;
            state.now = data.countries.nodes;
            state.is_checked = true;
            state.proposal = Some(stored);
        }
    } else {
        state.errors = wrong;
    }
    mark(&mut state, &sent, &words);
    state.notes.extend(note);
    let is_wrong = !state.is_checked;
    let mut answer = show(frame, ask, form, state).await?;
    if is_wrong {
        answer.status = 400;
    }
    Ok(answer)
}

/// Sets the paths of errors to the names of fields, and tells of forms that were sent before.
fn mark(state: &mut State, sent: &[usize], words: &Words) {
    let errors = std::mem::take(&mut state.errors);
    for mut error in errors {
        let note = match error.code.as_str() {
            "IDEMPOTENCY_MISMATCH" => {
                state.key = form_key();
                Some(words.again_form())
            }
            "STALE_REVISION" => {
                state.is_stale = true;
                // The person has read that the draft changed, and may replace it.
                state.revision = state.revision.saturating_add(1);
                Some(words.stale())
            }
            _ => None,
        };
        if let Some(note) = note {
            state.notes.push(Fault {
                text: note.to_owned(),
                is_english: false,
            });
            continue;
        }
        error.path = Some(
            error
                .path
                .map_or_else(Vec::new, |path| field_path(&path, sent)),
        );
        state.errors.push(error);
    }
}

/// The path of a field in the form: `p2`, `fields`, `date` for `changes`, `1`, `updateTreatyEvent`, `set`, `date`.
fn field_path(path: &[String], sent: &[usize]) -> Vec<String> {
    let [changes, number, rest @ ..] = path else {
        return path.to_vec();
    };
    if changes != "changes" {
        return path.to_vec();
    }
    let number: Option<usize> = number.parse().ok();
    let Some(part) = number.and_then(|number| sent.get(number)) else {
        return Vec::new();
    };
    let mut names = vec![format!("p{part}")];
    for (place, name) in rest.iter().enumerate() {
        match (place, name.as_str()) {
            (0, _) => {}
            (1, "set") => names.push("fields".to_owned()),
            (_, name) => names.push(name.to_owned()),
        }
    }
    names
}

/// Faults for which the service refuses a whole request: missing parts of rows, and texts where numbers are expected.
fn local_faults(parts: &[Part], words: &Words) -> Vec<UserError> {
    let mut errors = Vec::new();
    for (number, part) in (0..).zip(parts).filter(|(_, part)| !part.is_blank()) {
        let values = Value::Object(part.fields.clone());
        for field in part.kind.fields {
            let path = vec![format!("p{number}"), "fields".to_owned()];
            faults_of(field, values.get(field.name), path, words, &mut errors);
        }
    }
    errors
}

fn faults_of(
    field: &Field,
    value: Option<&Value>,
    mut path: Vec<String>,
    words: &Words,
    errors: &mut Vec<UserError>,
) {
    path.push(field.name.to_owned());
    let mut add = |message: &str, path| {
        errors.push(UserError {
            code: "REQUIRED".to_owned(),
            message: message.to_owned(),
            path: Some(path),
        });
    };
    match (field.shape, value) {
        (Shape::Number, Some(Value::String(_))) => add(words.no_number(), path),
        (Shape::Rows(parts), Some(Value::Array(rows))) => {
            for (number, row) in rows.iter().enumerate() {
                for part in parts {
                    let mut path = path.clone();
                    path.push(number.to_string());
                    faults_of(part, row.get(part.name), path, words, errors);
                }
            }
        }
        (Shape::One(parts), Some(one)) => {
            for part in parts {
                faults_of(part, one.get(part.name), path.clone(), words, errors);
            }
        }
        (_, None) if field.is_required && field.label.is_some() => add(words.required(), path),
        _ => {}
    }
}

/// The part that a person adds: the operation and the kind, as in `update PolicyDocument`.
fn added(choice: &str) -> Option<Part> {
    let (operation, name) = choice.split_once(' ')?;
    Some(Part::new(Operation::of(operation)?, kind(name)?))
}

/// The countries of the parts.
fn codes(state: &State) -> Vec<String> {
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
    let document = if state.id.is_empty() {
        add("submit", json!(action == "send"));
        if !is_check {
            add("idempotencyKey", json!(state.key));
        }
        create::QUERY
    } else {
        add("id", json!(state.id));
        add("revision", json!(state.revision));
        update::QUERY
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
    if !state.id.is_empty() {
        // A draft is stored first, then sent in the revision that was stored.
        let variables = json!({ "input": { "id": stored.id, "revision": stored.revision } });
        let sent: Stored = frame.execute_json(ask, submit::QUERY, variables).await?;
        state.errors = sent.payload().user_errors;
        if !state.errors.is_empty() {
            state.revision = stored.revision;
            let mut answer = show(frame, ask, form, state).await?;
            answer.status = 400;
            return Ok(answer);
        }
    }
    Ok(Answer::see_other(
        frame.href(format!("/contribute/receipt/{key}?sent=1")),
    ))
}

async fn show(
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
    let first_source = state.parts.iter().position(|part| part.source().is_some());
    let mut parts: Vec<PartView> = (0..)
        .zip(&state.parts)
        .map(|(number, part)| part_view(&frame, &state, number, part, first_source))
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
        place(error, &words, &mut parts, &mut about, &mut faults);
    }
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
        links.extend(wrong.map(|(id, label)| (id, format!("{title}: {label}"))));
    }
    links.extend(about.iter().filter_map(FieldView::first_wrong));
    let proposal = state.proposal.unwrap_or_default();
    let checked = state.is_checked.then(|| Checked {
        changes: facts::changes(&frame, &proposal.changes),
        comparisons: facts::compare(
            &frame,
            &state.now,
            &proposal
                .preview
                .map(|preview| preview.countries.nodes)
                .unwrap_or_default(),
        ),
    });
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
        state: state.state,
        decision: state.decision,
        is_saved: state.is_saved,
        is_stale: state.is_stale,
        is_changed: state.is_changed,
        count: links.len().saturating_add(faults.len()),
        links,
        faults,
        checked,
        warnings: proposal
            .warnings
            .into_iter()
            .map(|warning| warning.message)
            .collect(),
        overlapping: proposal.overlapping,
        open,
        parts,
        about,
        additions: additions(&frame, &words),
        suggestions,
        words,
        frame: frame.clone(),
    };
    frame.page(&page)
}

/// Puts an error at its field: at the longest part of its path that the form shows.
fn place(
    error: &UserError,
    words: &Words,
    parts: &mut [PartView],
    about: &mut [FieldView],
    faults: &mut Vec<Fault>,
) {
    let fault = Fault {
        is_english: error.message != words.no_number() && error.message != words.required(),
        text: error.message.clone(),
    };
    let mut path = error.path.clone().unwrap_or_default();
    while !path.is_empty() {
        let name = path.join(".");
        if about.iter_mut().any(|field| field.add_error(&name, &fault)) {
            return;
        }
        for (number, part) in parts.iter_mut().enumerate() {
            if name == format!("p{number}") {
                part.faults.push(fault);
                return;
            }
            if part.all().any(|field| field.add_error(&name, &fault)) {
                return;
            }
        }
        path.pop();
    }
    faults.push(fault);
}

fn part_view(
    frame: &Frame,
    state: &State,
    number: usize,
    part: &Part,
    first_source: Option<usize>,
) -> PartView {
    let words = Words(frame.language);
    let views = Views {
        frame,
        words,
        empty_rows: state.empty_rows,
        marks_required: part.operation == Operation::Create,
    };
    let kind = frame.label_of("RecordKind", part.kind.value);
    let title = match part.operation {
        Operation::Create => words.new_record(kind),
        Operation::Update => words.changed_record(kind),
        Operation::Retire => words.retired_record(kind),
        Operation::Restore => words.restored_record(kind),
    };
    let name = |name: &str| format!("p{number}.{name}");
    let mut hidden = vec![
        (name("operation"), part.operation.name().to_owned()),
        (name("kind"), part.kind.name.to_owned()),
        (name("baseVersion"), part.base_version.clone()),
        (name("key"), part.key.clone()),
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
    let (further, fields) = fields.into_iter().partition(|field| field.is_further);
    let rule = match first_source {
        Some(first) if first < number && part.kind.needs_source => words.sources_rule_later(),
        _ if !part.kind.needs_source => words.sources_rule_none(),
        _ => words.sources_rule(),
    };
    let rule = if number > 0 && part.kind.needs_source {
        words.sources_rule_later()
    } else {
        rule
    };
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

/// The changes that a person can add to a form.
fn additions(frame: &Frame, words: &Words) -> Vec<Choice> {
    let mut choices = Vec::new();
    for operation in [
        Operation::Create,
        Operation::Update,
        Operation::Retire,
        Operation::Restore,
    ] {
        for kind in KINDS {
            let label = frame.label_of("RecordKind", kind.value);
            choices.push(Choice {
                value: format!("{} {}", operation.name(), kind.name),
                label: match operation {
                    Operation::Create => words.new_record(label),
                    Operation::Update => words.changed_record(label),
                    Operation::Retire => words.retired_record(label),
                    Operation::Restore => words.restored_record(label),
                },
                is_chosen: false,
            });
        }
    }
    choices
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_lead_to_the_fields_of_the_parts_that_were_sent() {
        let path =
            |path: &[&str]| -> Vec<String> { path.iter().map(|part| (*part).to_owned()).collect() };
        let sent = [0, 2];
        for (from, to) in [
            (
                &["changes", "1", "updateTreatyEvent", "set", "date"][..],
                &["p2", "fields", "date"][..],
            ),
            (
                &["changes", "0", "createSource", "fields", "url"],
                &["p0", "fields", "url"],
            ),
            (
                &[
                    "changes",
                    "1",
                    "createTreaty",
                    "cite",
                    "0",
                    "newSource",
                    "url",
                ],
                &["p2", "cite", "0", "newSource", "url"],
            ),
            (&["changes", "0", "retire", "reason"], &["p0", "reason"]),
            (&["title"], &["title"]),
            (&["changes", "7", "createSource"], &[]),
            (&["changes"], &["changes"]),
        ] {
            assert_eq!(field_path(&path(from), &sent), path(to));
        }
    }
}
