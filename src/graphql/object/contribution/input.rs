//! The inputs of the steps of a contribution, and of a verification.

use async_graphql::{ID, InputObject};

use domain::check::{Code, Finding, Path};
use domain::date::Date;
use domain::idempotency::Once;
use domain::record::{RecordField, RecordId};
use domain::scalar::Sequence;
use domain::text::{CountryCode, Malformed, Markdown, Raw};
use domain::url::Url;
use domain::value_type::FieldValue;
use store::contribution::ProfilePage;

/// Submits a contribution to the editors.
#[derive(InputObject)]
pub struct SubmitContributionInput {
    /// The `id` of the contribution.
    pub id: ID,
    /// The revision that is submitted; another current revision gives `STALE_REVISION`.
    pub revision: i32,
}

/// Withdraws a contribution.
#[derive(InputObject)]
pub struct WithdrawContributionInput {
    /// The `id` of the contribution.
    pub id: ID,
}

/// Starts the review of a contribution.
#[derive(InputObject)]
pub struct StartReviewInput {
    /// The `id` of the contribution.
    pub id: ID,
}

/// Asks the authors of a contribution for changes.
#[derive(InputObject)]
pub struct RequestChangesInput {
    /// The `id` of the contribution.
    pub id: ID,
    /// The revision that was reviewed; another current revision gives `STALE_REVISION`.
    pub revision: i32,
    /// The changes that are asked for. It becomes a comment.
    pub comment: Markdown,
}

/// Accepts a contribution.
#[derive(InputObject)]
pub struct AcceptContributionInput {
    /// The `id` of the contribution.
    pub id: ID,
    /// The `Contribution.revision` that the editor reviewed. If the contribution was edited since, nothing is accepted,
    /// and the user error is `STALE_REVISION`.
    pub revision: i32,
    /// A comment on the decision: see `Contribution.decision`.
    pub comment: Option<Markdown>,
}

/// Rejects a contribution.
#[derive(InputObject)]
pub struct RejectContributionInput {
    /// The `id` of the contribution.
    pub id: ID,
    /// The revision that was reviewed; another current revision gives `STALE_REVISION`.
    pub revision: i32,
    /// The reason: see `Contribution.decision`.
    pub reason: Markdown,
}

/// Comments on a contribution.
#[derive(InputObject)]
pub struct CommentOnContributionInput {
    /// The `id` of the contribution.
    pub id: ID,
    /// The text of the comment.
    pub body: Markdown,
    /// The record to which the comment refers, among those that the contribution changes. Left out: the whole
    /// contribution.
    pub record_id: Option<ID>,
    /// The field of that record. Left out: the whole record.
    pub field: Option<RecordField>,
    /// A name that the client chooses for this request, at most 200 characters. A request with the same key and content
    /// within a day adds no second comment.
    pub idempotency_key: Option<String>,
}

/// Proposes to revert a change.
#[derive(InputObject)]
pub struct RevertChangeInput {
    /// The sequence number of the change in the log.
    pub sequence: Sequence,
    /// The reasons for it.
    pub rationale: Markdown,
    /// A name that the client chooses for this request, at most 200 characters. A request with the same key and content
    /// within a day returns the same contribution.
    pub idempotency_key: Option<String>,
}

/// Proposes to revert a contribution.
#[derive(InputObject)]
pub struct RevertContributionInput {
    /// The `id` of the accepted contribution.
    pub id: ID,
    /// The reasons for it.
    pub rationale: Markdown,
    /// A name that the client chooses for this request, at most 200 characters. A request with the same key and content
    /// within a day returns the same contribution.
    pub idempotency_key: Option<String>,
}

/// Proposes changes from a profile page.
#[derive(InputObject)]
pub struct ImportProfilePageInput {
    /// The code of the country of the page. A page of another country is refused.
    pub country: Raw<CountryCode>,
    /// The text of the page, or its HTML. Nothing that it names is fetched.
    pub text: String,
    /// The address of the page, as the source is to have it.
    pub url: Option<Raw<Url>>,
    /// The day on which the page was read; not in the future.
    pub retrieved_on: Option<Raw<Date>>,
    /// A name that the client chooses for this request, at most 200 characters. A request with the same key and content
    /// within a day returns the same contribution.
    pub idempotency_key: Option<String>,
}

impl ImportProfilePageInput {
    /// The page, as the store takes it.
    ///
    /// # Errors
    /// All findings.
    pub fn read(self, today: Date) -> Result<ProfilePage, Vec<Finding>> {
        let root = Path::default();
        let mut found = Vec::new();
        let content = (&self.country, &self.text, &self.url, &self.retrieved_on);
        let key = self.idempotency_key.as_deref();
        let once = Once::of("importProfilePage", key, &content, &mut found);
        let mut malformed = |member: &str, error: Malformed| {
            found.push(root.then(member).finding(Code::Invalid, error.to_string()));
        };
        let country = self.country.read();
        let country = country.map_err(|error| malformed("country", error)).ok();
        let url = self.url.map(|url| url.read()).transpose();
        let url = url.map_err(|error| malformed("url", error)).ok();
        let day = self.retrieved_on.map(|day| day.read()).transpose();
        let day = day.map_err(|error| malformed("retrievedOn", error)).ok();
        if day.flatten().is_some_and(|day| day > today) {
            let message = format!("expected today, {today}, or an earlier day");
            found.push(root.then("retrievedOn").finding(Code::Invalid, message));
        }
        match (country, url, day) {
            (Some(country), Some(url), Some(retrieved_on)) if found.is_empty() => Ok(ProfilePage {
                country,
                bytes: self.text.into_bytes(),
                url,
                retrieved_on,
                submit: false,
                validate_only: false,
                once,
            }),
            _ => Err(found),
        }
    }
}

/// Verifies a record.
#[derive(InputObject)]
pub struct VerifyRecordInput {
    /// The `recordId` of the record.
    pub id: ID,
    /// The day on which the record was found to hold; not in the future.
    pub verified_on: Raw<Date>,
    /// The way in which it was verified.
    pub note: Option<String>,
}

impl VerifyRecordInput {
    /// The record and the day.
    ///
    /// # Errors
    /// All findings.
    pub fn read(&self, today: Date) -> Result<(RecordId, Date), Vec<Finding>> {
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
        self.note.validate(&root.then("note"), &mut found);
        match (id, on) {
            (Some(id), Some(on)) if found.is_empty() => Ok((id, on)),
            _ => Err(found),
        }
    }
}
