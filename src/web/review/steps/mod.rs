//! The steps that a person takes on a contribution: each is a form, and a mutation.

use graphql_client::GraphQLQuery;

use super::words::Words;
use crate::ask::Ask;
use crate::frame::Frame;
use crate::params::Params;
use crate::refused::{FormFault, Refused};
use crate::value::{ConflictChoice, RecordField, UserErrorCode};

/// The beginning of the name of a form field with the choice for a conflict.
pub const CHOICE: &str = "take:";

/// The result of a step: the id of the contribution to show, or the reasons why nothing was stored.
pub type Outcome = Result<String, Vec<Fault>>;

/// A reason why a step was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The code of the user error, or of the error of the request.
    pub code: String,
    /// The message of the service, in English.
    pub message: String,
}

impl Fault {
    /// The reason as a sentence, and whether it is the service's, in English.
    pub fn told(self, frame: &Frame) -> (String, bool) {
        if self.message.is_empty() {
            let sentence = match self.code.as_str() {
                "RATE_LIMITED" => Words(frame.language).limited(),
                _ => frame.words.away(),
            };
            return (sentence.to_owned(), false);
        }
        (self.message, true)
    }
}

/// Declares a mutation that returns a contribution and user errors.
macro_rules! mutations {
    ($($name:ident in $module:ident, $file:tt;)*) => {
        $(
            #[derive(GraphQLQuery)]
            #[graphql(
                schema_path = "../../schema.graphql",
                query_path = $file,
                custom_scalars_module = "crate::value::scalar",
                extern_enums("ConflictChoice", "RecordField", "UserErrorCode"),
                response_derives = "Debug"
            )]
            struct $name;

            impl From<$module::ResponseData> for Answered {
                fn from(data: $module::ResponseData) -> Self {
                    let errors = data.step.user_errors.into_iter();
                    Self {
                        id: data.step.contribution.map(|one| one.id),
                        faults: errors
                            .map(|error| Fault { code: error.code.0, message: error.message })
                            .collect(),
                    }
                }
            }
        )*
    };
}

/// The answer to a mutation.
struct Answered {
    id: Option<String>,
    faults: Vec<Fault>,
}

mutations! {
    ReviewAccept in review_accept, "review/steps/accept.graphql";
    ReviewReject in review_reject, "review/steps/reject.graphql";
    ReviewRequestChanges in review_request_changes, "review/steps/request_changes.graphql";
    ReviewStart in review_start, "review/steps/start.graphql";
    ReviewSubmit in review_submit, "review/steps/submit.graphql";
    ReviewWithdraw in review_withdraw, "review/steps/withdraw.graphql";
    ReviewResolve in review_resolve, "review/steps/resolve.graphql";
    ReviewRevert in review_revert, "review/steps/revert.graphql";
    ReviewComment in review_comment, "review/steps/comment.graphql";
}

/// Takes the step that a form names.
///
/// # Errors
/// [`Refused`] if the form names no step, or if the service failed.
pub async fn take(
    frame: &Frame,
    ask: &mut dyn Ask,
    id: String,
    form: &Params,
) -> Result<Outcome, Refused> {
    let revision = form
        .get("revision")
        .and_then(|text| text.parse().ok())
        .unwrap_or_default();
    let text = form.get("text").unwrap_or_default().to_owned();
    let idempotency_key = form.get("key").map(str::to_owned);
    let answered = match form.get("step").unwrap_or_default() {
        "ACCEPT" => {
            let comment = Some(text).filter(|text| !text.is_empty());
            let input = review_accept::AcceptContributionInput {
                comment,
                id,
                revision,
            };
            run::<ReviewAccept>(frame, ask, review_accept::Variables { input }).await
        }
        "REJECT" => {
            let input = review_reject::RejectContributionInput {
                id,
                reason: text,
                revision,
            };
            run::<ReviewReject>(frame, ask, review_reject::Variables { input }).await
        }
        "REQUEST_CHANGES" => {
            let input = review_request_changes::RequestChangesInput {
                comment: text,
                id,
                revision,
            };
            run::<ReviewRequestChanges>(frame, ask, review_request_changes::Variables { input })
                .await
        }
        "START_REVIEW" => {
            let input = review_start::StartReviewInput { id };
            run::<ReviewStart>(frame, ask, review_start::Variables { input }).await
        }
        "SUBMIT" => return submit(frame, ask, id, revision).await,
        "WITHDRAW" => {
            let input = review_withdraw::WithdrawContributionInput { id };
            run::<ReviewWithdraw>(frame, ask, review_withdraw::Variables { input }).await
        }
        "RESOLVE_CONFLICTS" => {
            let input = review_resolve::ResolveConflictsInput {
                choices: choices(form),
                id,
                revision,
            };
            run::<ReviewResolve>(frame, ask, review_resolve::Variables { input }).await
        }
        "REVERT" => {
            let input = review_revert::RevertContributionInput {
                id,
                idempotency_key,
                rationale: text,
            };
            run::<ReviewRevert>(frame, ask, review_revert::Variables { input }).await
        }
        "COMMENT" => {
            let (record_id, field) = subject(form);
            let input = review_comment::CommentOnContributionInput {
                body: text,
                field,
                id,
                idempotency_key,
                record_id,
            };
            run::<ReviewComment>(frame, ask, review_comment::Variables { input }).await
        }
        _ => return Err(Refused::Form(FormFault::UnknownAction)),
    };
    outcome(answered)
}

/// Submits a revision of a contribution to the editors.
///
/// # Errors
/// [`Refused`] if the service failed.
pub async fn submit(
    frame: &Frame,
    ask: &mut dyn Ask,
    id: String,
    revision: i64,
) -> Result<Outcome, Refused> {
    let input = review_submit::SubmitContributionInput { id, revision };
    outcome(run::<ReviewSubmit>(frame, ask, review_submit::Variables { input }).await)
}

/// The outcome of a mutation.
fn outcome(answered: Result<Answered, Refused>) -> Result<Outcome, Refused> {
    match answered {
        Ok(Answered {
            id: Some(id),
            faults,
        }) if faults.is_empty() => Ok(Ok(id)),
        Ok(answered) => Ok(Err(answered.faults)),
        // The person typed something: the page tells the reason beside it.
        Err(refused) => match fault(&refused) {
            Some(fault) => Ok(Err(vec![fault])),
            None => Err(refused),
        },
    }
}

async fn run<Q>(
    frame: &Frame,
    ask: &mut dyn Ask,
    variables: Q::Variables,
) -> Result<Answered, Refused>
where
    Q: GraphQLQuery,
    Answered: From<Q::ResponseData>,
{
    Ok(frame.execute::<Q>(ask, variables).await?.into())
}

/// The fault of an error of the request. `None` for errors after which no page can be shown, and after the end of the
/// session: the page for signing in keeps the form.
fn fault(refused: &Refused) -> Option<Fault> {
    let (code, message) = match refused {
        Refused::NoRight(message) => ("FORBIDDEN", message.as_str()),
        Refused::Input(message) => ("INVALID", message.as_str()),
        Refused::Limited(_) => ("RATE_LIMITED", ""),
        Refused::Away => ("UNAVAILABLE", ""),
        _ => return None,
    };
    Some(Fault {
        code: code.to_owned(),
        message: message.to_owned(),
    })
}

/// The choices of a form for conflicts. A conflict without a choice stays.
fn choices(form: &Params) -> Vec<review_resolve::ConflictChoiceInput> {
    let pairs = form.pairs().iter();
    let chosen = pairs.filter_map(|(name, take)| {
        let (record_id, field) = name.strip_prefix(CHOICE)?.rsplit_once(':')?;
        Some(review_resolve::ConflictChoiceInput {
            field: RecordField(field.to_owned()),
            record_id: record_id.to_owned(),
            take: ConflictChoice(take.clone()),
        })
    });
    chosen.collect()
}

/// The record and the field to which a comment refers: `RECORD` or `RECORD FIELD`; none for the whole contribution.
fn subject(form: &Params) -> (Option<String>, Option<RecordField>) {
    match form
        .get("about")
        .map(|about| (about, about.split_once(' ')))
    {
        None => (None, None),
        Some((record, None)) => (Some(record.to_owned()), None),
        Some((_, Some((record, field)))) => {
            (Some(record.to_owned()), Some(RecordField(field.to_owned())))
        }
    }
}

/// The state in which a decision leaves a contribution; `None` for other steps.
pub fn decided_state(step: &str) -> Option<&'static str> {
    match step {
        "ACCEPT" => Some("ACCEPTED"),
        "REJECT" => Some("REJECTED"),
        "REQUEST_CHANGES" => Some("CHANGES_REQUESTED"),
        "START_REVIEW" => Some("IN_REVIEW"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices_and_subjects_are_read_from_the_form() {
        let form = Params::read(
            "take%3ATreatyEvent%3Aaz-x%3ADATE=CURRENT&take%3ASource%3Ay%3AURL=PROPOSED&about=Source%3Ay+URL&take%3Ax=PROPOSED",
        );
        let found = choices(&form);
        let found: Vec<_> = found
            .iter()
            .map(|one| {
                (
                    one.record_id.as_str(),
                    one.field.0.as_str(),
                    one.take.0.as_str(),
                )
            })
            .collect();
        assert_eq!(
            found,
            [
                ("TreatyEvent:az-x", "DATE", "CURRENT"),
                ("Source:y", "URL", "PROPOSED")
            ]
        );
        let (record, field) = subject(&form);
        assert_eq!(
            (record.as_deref(), field.map(|one| one.0).as_deref()),
            (Some("Source:y"), Some("URL"))
        );
        assert_eq!(
            subject(&Params::read("about=Source%3Ay")),
            (Some("Source:y".to_owned()), None)
        );
        assert_eq!(subject(&Params::default()), (None, None));
    }
}
