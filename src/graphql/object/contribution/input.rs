//! What the steps of a contribution's life take.

use async_graphql::{ID, InputObject};

use domain::check::{Code, Finding, Path};
use domain::date::Day;
use domain::record::{RecordField, RecordId};
use domain::scalar::Sequence;
use domain::text::{Malformed, Markdown, Raw};
use domain::value_type::Known;

/// Shows a contribution to the editors.
#[derive(InputObject)]
pub struct SubmitContributionInput {
    /// The contribution.
    pub id: ID,
    /// The revision that is meant.
    pub revision: i32,
}

/// Takes a contribution back.
#[derive(InputObject)]
pub struct WithdrawContributionInput {
    /// The contribution.
    pub id: ID,
}

/// Says that the viewer looks at a contribution.
#[derive(InputObject)]
pub struct StartReviewInput {
    /// The contribution.
    pub id: ID,
}

/// Asks the authors of a contribution for something.
#[derive(InputObject)]
pub struct RequestChangesInput {
    /// The contribution.
    pub id: ID,
    /// The revision that was looked at.
    pub revision: i32,
    /// What should be different.
    pub comment: Markdown,
}

/// Takes a contribution over into the profiles.
#[derive(InputObject)]
pub struct AcceptContributionInput {
    /// The contribution.
    pub id: ID,
    /// The revision that was looked at.
    pub revision: i32,
    /// What to say with the decision.
    pub comment: Option<Markdown>,
}

/// Decides against a contribution.
#[derive(InputObject)]
pub struct RejectContributionInput {
    /// The contribution.
    pub id: ID,
    /// The revision that was looked at.
    pub revision: i32,
    /// Why.
    pub reason: Markdown,
}

/// Says something about a contribution.
#[derive(InputObject)]
pub struct CommentOnContributionInput {
    /// The contribution.
    pub id: ID,
    /// What to say.
    pub body: Markdown,
    /// The record that it is about, among those of the contribution. Left out: all of it.
    pub record_id: Option<ID>,
    /// The field of that record. Left out: all of it.
    pub field: Option<RecordField>,
    /// A name of your own for this request, 200 characters at most: sent again within a day with the
    /// same content, it says nothing twice.
    pub idempotency_key: Option<String>,
}

/// Proposes to turn a change back.
#[derive(InputObject)]
pub struct RevertChangeInput {
    /// The number of the change in the log.
    pub sequence: Sequence,
    /// Why.
    pub rationale: Markdown,
    /// A name of your own for this request, 200 characters at most: sent again within a day with the
    /// same content, it answers with the same contribution.
    pub idempotency_key: Option<String>,
}

/// Confirms that a record holds.
#[derive(InputObject)]
pub struct VerifyRecordInput {
    /// The record.
    pub id: ID,
    /// The day on which it was seen to hold; today at the latest.
    pub verified_on: Raw<Day>,
    /// How it was seen.
    pub note: Option<String>,
}

impl VerifyRecordInput {
    /// The record and the day.
    ///
    /// # Errors
    /// All that is wrong with them.
    pub fn read(&self, today: Day) -> Result<(RecordId, Day), Vec<Finding>> {
        let root = Path::default();
        let mut found = Vec::new();
        let mut malformed = |member: &str, error: Malformed| {
            found.push(root.then(member).finding(Code::Invalid, error.to_string()));
        };
        let id = self.id.parse::<RecordId>();
        let id = id.map_err(|error| malformed("id", error)).ok();
        let on = self.verified_on.read();
        let on = on.map_err(|error| malformed("verifiedOn", error)).ok();
        if on.is_some_and(|on| on > today) {
            let message = format!("expected today, {today}, or an earlier day");
            found.push(root.then("verifiedOn").finding(Code::Invalid, message));
        }
        self.note.faults(&root.then("note"), &mut found);
        match (id, on) {
            (Some(id), Some(on)) if found.is_empty() => Ok((id, on)),
            _ => Err(found),
        }
    }
}
