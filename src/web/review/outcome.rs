//! The reasons for which a step was not taken, or cannot be taken.

use super::contribution::Contribution;
use super::proposal::is_open;
use super::steps::Fault;
use super::words::Words;
use crate::frame::Frame;
use crate::params::Params;
use crate::value::{EnumValue, Role};

/// A form that was sent and refused.
pub struct RefusedForm {
    pub step: String,
    pub text: String,
    pub about: String,
    pub sentences: Vec<String>,
    /// Messages of the service, in English.
    pub details: Vec<String>,
    /// True if the page offers this form no longer.
    pub is_gone: bool,
    pub choices: Params,
}

/// The place of the viewer in a review.
pub struct Viewer {
    pub role: Role,
    pub is_author: bool,
}

impl RefusedForm {
    pub fn new(
        frame: &Frame,
        words: Words,
        one: &Contribution,
        form: &Params,
        faults: Vec<Fault>,
    ) -> Self {
        let step = form.get("step").unwrap_or_default().to_owned();
        let was_decided = !is_open(&one.state);
        let mut sentences = Vec::new();
        for fault in &faults {
            let sentence = match fault.code.as_str() {
                "STALE_REVISION" => words.stale(form.get("revision").unwrap_or("?"), one.revision),
                "OWN_CONTRIBUTION" => words.own().to_owned(),
                "ILLEGAL_TRANSITION" if was_decided && step != "REVERT" => {
                    let person = one
                        .reviewer
                        .as_ref()
                        .map_or("?", |reviewer| reviewer.name.as_str());
                    let at = one.decided_at.as_ref().unwrap_or(&one.updated_at);
                    words.decided_meanwhile(frame.label(&one.state), person, frame.instant(at))
                }
                "ILLEGAL_TRANSITION" => words.illegal(frame.label(&one.state)),
                "CONFLICT" => words.conflict_fault().to_owned(),
                "REQUIRED" | "INVALID" => words.invalid().to_owned(),
                "IDEMPOTENCY_MISMATCH" => words.sent_already().to_owned(),
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
            details: faults
                .into_iter()
                .map(|fault| fault.message)
                .filter(|message| !message.is_empty())
                .collect(),
            choices: form.clone(),
        }
    }
}

/// The steps that a viewer cannot take now, with the reasons.
pub fn impossible(
    frame: &Frame,
    words: Words,
    one: &Contribution,
    viewer: &Viewer,
) -> Vec<(String, &'static str)> {
    if frame.person.is_none() {
        return Vec::new();
    }
    let is_editor = viewer.role == "EDITOR" || viewer.role == "ADMIN";
    let steps = [
        "START_REVIEW",
        "ACCEPT",
        "REQUEST_CHANGES",
        "REJECT",
        "UPDATE",
        "RESOLVE_CONFLICTS",
        "SUBMIT",
        "WITHDRAW",
        "REVERT",
    ];
    let missing = steps
        .into_iter()
        .filter(|step| !one.steps.iter().any(|known| known.value() == *step));
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
