//! One contribution: the proposal beside the records as they are, its discussion, and the steps of its review.

use askama::Template;
use graphql_client::GraphQLQuery;

use super::effect::{self, Effect};
use super::outcome::{self, RefusedForm, Viewer};
use super::proposal::{self, ShownChange, ShownConflict, is_open};
use super::steps::{self, Fault};
use super::words::Words;
use crate::answer::{Answer, Media};
use crate::ask::Ask;
use crate::difference;
use crate::form::{contribution_id, new_key};
use crate::frame::Frame;
use crate::params::{Params, encoded};
use crate::refused::Refused;
use crate::value::{
    Certainty, ChangeOperation, ContributionState, ContributionStep, EnumValue, RecordField,
    RecordKind, Role, UserErrorCode,
};

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

use review_contribution::ReviewContributionContributionActivity as Activity;
pub use review_contribution::{
    ReviewContributionContribution as Contribution,
    ReviewContributionContributionChanges as Change,
    ReviewContributionContributionChangesCitations as Citation,
    ReviewContributionContributionChangesFields as FieldChange,
    ReviewContributionContributionComments as Comment,
    ReviewContributionContributionWarnings as Warning,
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

/// Answers with the page of a contribution.
///
/// # Errors
/// [`Refused`] if there is none, or if it cannot be read.
pub async fn page(mut frame: Frame, ask: &mut dyn Ask, id: &str) -> Result<Answer, Refused> {
    // A contribution changes without the data.
    frame.is_personal = true;
    let variables = review_contribution::Variables {
        id: contribution_id(id),
        languages: Some(frame.languages()),
    };
    if frame.media == Media::Json {
        return frame
            .json_of::<ReviewContribution>(ask, variables, "/data/contribution")
            .await;
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
    let id = contribution_id(id);
    let step = form.get("step").unwrap_or_default();
    let faults = match steps::take(&frame, ask, id.clone(), form).await? {
        Ok(id) => return Ok(done(&frame, &id, step)),
        Err(faults) => faults,
    };
    let variables = review_contribution::Variables {
        id: id.clone(),
        languages: Some(frame.languages()),
    };
    let page = read(&mut frame, ask, variables, Some((form, faults))).await?;
    if page.refused.is_none() {
        return Ok(done(&frame, &id, step));
    }
    let mut answer = frame.page(&page)?;
    answer.status = 422;
    Ok(answer)
}

/// Sends the browser to the contribution after a step was taken.
fn done(frame: &Frame, id: &str, step: &str) -> Answer {
    let path = format!("/review/{}?done={}", encoded(frame.key(id)), encoded(step));
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
    one.warnings.retain(|warning| {
        warning.code != "CONFLICT" && warning.path.as_ref().is_some_and(|path| !path.is_empty())
    });
    frame.alternates = vec![(Media::Json, "json")];
    let viewer = Viewer {
        role: data.viewer.role,
        is_author: data
            .viewer
            .id
            .as_ref()
            .is_some_and(|id| one.authors.iter().any(|author| author.id == *id)),
    };
    let surroundings = proposal::surroundings(frame, ask, &one).await?;
    let shown = proposal::changes(frame, &one, &surroundings);
    let is_mine = |state: &str| {
        let reviewer = one.reviewer.as_ref().map(|reviewer| &reviewer.id);
        one.state == state && reviewer.is_some() && reviewer == data.viewer.id.as_ref()
    };
    let refused = sent.and_then(|(form, faults)| {
        let step = form.get("step").unwrap_or_default();
        // The same form arrived twice: the first one did it.
        let is_again = faults
            .iter()
            .all(|fault| fault.code == "ILLEGAL_TRANSITION");
        if is_again && steps::decided_state(step).is_some_and(is_mine) {
            return None;
        }
        Some(RefusedForm::new(frame, words, &one, form, faults))
    });
    let choices = refused
        .as_ref()
        .map(|form| form.choices.clone())
        .unwrap_or_default();
    let done = frame
        .params
        .get("done")
        .filter(|step| frame.label_of("ContributionStep", step) != **step);
    Ok(Page {
        conflicts: proposal::conflicts(frame, &one, &surroundings.names, &choices),
        warnings: one
            .warnings
            .iter()
            .filter(|one| proposal::place(one).is_none())
            .map(|one| one.message.clone())
            .collect(),
        changes: shown,
        more_countries: one.countries.len().saturating_sub(effect::COUNTRIES),
        effects: surroundings.effects,
        impossible: outcome::impossible(frame, words, &one, &viewer),
        done: done.map(|step| frame.label_of("ContributionStep", step)),
        refused,
        key: new_key(),
        words,
        one,
        frame: frame.clone(),
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
        self.refused
            .as_ref()
            .is_some_and(|form| form.about == subject.as_ref())
    }

    /// The address of another contribution.
    fn address(&self, id: &str) -> String {
        self.frame.href_to("/review/", encoded(self.frame.key(id)))
    }

    /// The address of the forms that edit this contribution, or that complete a tip.
    fn editor(&self) -> String {
        let key = encoded(self.frame.key(&self.one.id));
        self.frame.href(format!("/contribute/draft/{key}"))
    }

    /// The subject of the comment that a step of the activity made.
    fn subject(&self, step: &Activity) -> Option<String> {
        let comment = self.one.comments.iter().find(|comment| {
            step.step == "COMMENT"
                && comment.created_at == step.at
                && Some(&comment.body) == step.comment.as_ref()
        })?;
        let record_id = comment.record_id.as_ref()?;
        let change = self
            .changes
            .iter()
            .find(|change| change.record_id == *record_id);
        let label = change.map_or(record_id.as_str(), |change| change.label.as_str());
        Some(match &comment.field {
            Some(field) => format!("{label}: {}", self.frame.label(field)),
            None => label.to_owned(),
        })
    }

    /// The names of the authors.
    fn authors(&self) -> String {
        let names: Vec<&str> = self
            .one
            .authors
            .iter()
            .map(|author| author.name.as_str())
            .collect();
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
        let with = |form: StepForm, label, key| StepForm {
            label: Some(label),
            key,
            ..form
        };
        let forms = [
            form("START_REVIEW", words.start_review(), words.start_note()),
            StepForm {
                is_required: false,
                ..with(
                    form("ACCEPT", words.accept(), words.accept_note()),
                    words.accept_text(),
                    "a",
                )
            },
            with(
                form(
                    "REQUEST_CHANGES",
                    words.request_changes(),
                    words.request_note(),
                ),
                words.request_text(),
                "",
            ),
            with(
                form("REJECT", words.reject(), words.reject_note()),
                words.reject_text(),
                "r",
            ),
            with(
                form("COMMENT", words.comment(), words.markdown()),
                words.your_comment(),
                "c",
            ),
            form("SUBMIT", words.submit(), ""),
            form("WITHDRAW", words.withdraw(), words.withdraw_note()),
            with(
                form("REVERT", words.revert(), words.revert_note()),
                words.revert_text(),
                "",
            ),
        ];
        forms
            .into_iter()
            .filter(|form| self.may(form.step))
            .collect()
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
