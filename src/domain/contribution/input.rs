//! Contribution inputs: as the client sends them, and after all checks that need no stored data.

use async_graphql::{ID, InputObject};

use crate::change::{ChangeInput, Proposed};
use crate::check::{Checked, Code, Finding, Path};
use crate::idempotency::Once;
use crate::record::{Kind, RecordField, RecordId};
use crate::text::{CountryCode, Markdown, Raw, Written};
use crate::text_rules::{check_line, composed};
use crate::url::Url;
use crate::value_type::FieldValue;

/// Maximum number of changes in one contribution.
pub const MAX_CHANGES: usize = 100;
/// Maximum number of characters in a title.
pub const MAX_TITLE: usize = 200;

/// Proposed changes, with a title and a rationale.
#[derive(Clone, Debug, InputObject)]
pub struct CreateContributionInput {
    /// Subject of the contribution, in one line of at most 200 characters.
    pub title: String,
    /// Reason for the changes, in Markdown. It is public once the contribution is submitted.
    pub rationale: Markdown,
    /// Proposed changes: one for each record, 1 to 100. They are accepted together or not at all.
    pub changes: Vec<ChangeInput>,
    /// True to submit the contribution to the editors at once. Absent means false: it stays a draft.
    pub submit: Option<bool>,
    /// True to check the input and return the result without storing anything. Absent means false.
    pub validate_only: Option<bool>,
    /// A key of your own for this request, at most 200 characters. If the same request is sent again with it within
    /// a day, it returns the same contribution and creates no other.
    pub idempotency_key: Option<String>,
}

/// A tip: information for the editors from a reader, who needs no account.
#[derive(Clone, Debug, InputObject)]
pub struct SubmitTipInput {
    /// Code of the country that the tip concerns.
    pub country: Raw<CountryCode>,
    /// The information: something new, or an error in a profile. It becomes public once an editor has completed the
    /// tip.
    pub message: String,
    /// Address at which the information can be verified.
    pub link: Option<Raw<Url>>,
    /// Contact of the sender, in one line of at most 200 characters. Only editors see it, and it is deleted with the
    /// decision.
    pub contact: Option<String>,
    /// A key of your own for this request, at most 200 characters. If the same request is sent again with it within
    /// a day, it returns the same contribution and creates no other.
    pub idempotency_key: Option<String>,
}

/// Changes after all checks that need no stored data.
#[derive(Clone, Debug)]
pub struct Changes {
    /// The changes as they were sent.
    pub inputs: Vec<ChangeInput>,
    /// The checked changes. Fewer than `inputs` if some could not be read.
    pub checked: Vec<Proposed>,
}

impl Changes {
    pub(super) fn of(inputs: Vec<ChangeInput>, path: &Path, found: &mut Vec<Finding>) -> Self {
        let checked = checked_changes(&inputs, path, found);
        Self { inputs, checked }
    }
}

/// An input with findings, and its readable changes: those can still be checked against the stored data, so that one
/// answer contains all findings.
#[derive(Clone, Debug)]
pub struct Rejected {
    /// All findings.
    pub found: Vec<Finding>,
    /// The changes that could be read.
    pub checked: Vec<Proposed>,
    /// The kinds of the new records that could not be read: other changes may refer to those.
    pub unread: Vec<Kind>,
}

impl Rejected {
    pub(super) fn new(found: Vec<Finding>, changes: Option<Changes>) -> Self {
        let Some(Changes { inputs, checked }) = changes else {
            return Self {
                found,
                checked: Vec::new(),
                unread: Vec::new(),
            };
        };
        let whole = checked.len() == inputs.len();
        let unread = inputs.iter().filter(|_| !whole);
        let brings =
            |input: &&ChangeInput| input.cites().iter().any(|cite| cite.new_source.is_some());
        let brought = unread.clone().filter(brings).map(|_| Kind::Source);
        Self {
            unread: unread
                .clone()
                .filter_map(ChangeInput::creates)
                .chain(brought)
                .collect(),
            found,
            checked,
        }
    }
}

/// A proposal after all checks that need no stored data.
#[derive(Clone, Debug)]
pub struct Proposal {
    /// Subject, in one line.
    pub title: String,
    /// Reason for the changes.
    pub rationale: String,
    /// Proposed changes.
    pub changes: Changes,
    /// True if it is submitted to the editors at once.
    pub submit: bool,
    /// True if nothing may be stored.
    pub validate_only: bool,
    /// Idempotency key with the digest of the request.
    pub once: Option<Once>,
}

/// A checked tip. The existence of its country is not checked yet.
#[derive(Clone, Debug)]
pub struct Tip {
    /// Code of the country.
    pub country: CountryCode,
    /// The information.
    pub message: String,
    /// Address at which it can be verified.
    pub link: Option<Url>,
    /// Contact of the sender.
    pub contact: Option<String>,
    /// Idempotency key with the digest of the request.
    pub once: Option<Once>,
}

impl CreateContributionInput {
    /// Runs all checks that need no stored data.
    ///
    /// # Errors
    /// All findings.
    pub fn checked(self) -> Result<Checked<Proposal>, Rejected> {
        let root = Path::default();
        let mut found = Vec::new();
        let content = (&self.title, &self.rationale, &self.changes, self.submit);
        let once = Once::of(
            "createContribution",
            self.idempotency_key.as_deref(),
            &content,
            &mut found,
        );
        let (title, rationale) = (composed(self.title), self.rationale.composed());
        check_line(&title, MAX_TITLE, &root.then("title"), &mut found);
        rationale.validate(&root.then("rationale"), &mut found);
        let changes = Changes::of(self.changes, &root.then("changes"), &mut found);
        if !found.is_empty() {
            return Err(Rejected::new(found, Some(changes)));
        }
        let proposal = Proposal {
            title,
            rationale: rationale.0,
            changes,
            submit: self.submit.unwrap_or(false),
            validate_only: self.validate_only.unwrap_or(false),
            once,
        };
        Ok(Checked::whole(proposal))
    }
}

impl SubmitTipInput {
    /// Runs all checks that need no stored data.
    ///
    /// # Errors
    /// All findings; none repeats the contact.
    pub fn checked(self) -> Result<Checked<Tip>, Vec<Finding>> {
        let root = Path::default();
        let mut found = Vec::new();
        let content = (&self.country, &self.message, &self.link, &self.contact);
        let once = Once::of(
            "submitTip",
            self.idempotency_key.as_deref(),
            &content,
            &mut found,
        );
        let country = read(&self.country, &root.then("country"), &mut found);
        let (message, contact) = (self.message.composed(), self.contact.composed());
        message.validate(&root.then("message"), &mut found);
        let link = self.link.as_ref();
        let link = link.and_then(|link| read(link, &root.then("link"), &mut found));
        if let Some(contact) = &contact {
            check_line(contact, MAX_TITLE, &root.then("contact"), &mut found);
        }
        let Some(country) = country else {
            return Err(found);
        };
        let tip = Tip {
            country,
            message,
            link,
            contact,
            once,
        };
        Checked::unless(found, tip)
    }
}

/// Parses a scalar that was sent as text; adds a finding if that fails.
fn read<T: Written>(raw: &Raw<T>, path: &Path, found: &mut Vec<Finding>) -> Option<T> {
    match raw.read() {
        Ok(value) => Some(value),
        Err(error) => {
            found.push(path.finding(Code::Invalid, error.to_string()));
            None
        }
    }
}

/// A checked comment on a contribution. The existence of its record and field there is not checked yet.
#[derive(Clone, Debug)]
pub struct NewComment {
    /// Text of the comment.
    pub body: String,
    /// The record that the comment concerns, among those that the contribution changes.
    pub record: Option<RecordId>,
    /// The field of that record.
    pub field: Option<RecordField>,
    /// Idempotency key with the digest of the request.
    pub once: Option<Once>,
}

impl NewComment {
    /// Returns a comment on the whole contribution, made together with a step.
    pub fn plain(body: String) -> Self {
        Self {
            body,
            record: None,
            field: None,
            once: None,
        }
    }

    /// Runs all checks that do not need the contribution.
    ///
    /// # Errors
    /// All findings.
    pub fn checked(
        contribution: &ID,
        body: Markdown,
        record: Option<&ID>,
        field: Option<RecordField>,
        key: Option<&str>,
    ) -> Result<Checked<Self>, Vec<Finding>> {
        let root = Path::default();
        let mut found = Vec::new();
        let content = (contribution, &body, record, field);
        let once = Once::of("commentOnContribution", key, &content, &mut found);
        let body = body.composed();
        body.validate(&root.then("body"), &mut found);
        let about = record.map(|id| id.parse::<RecordId>());
        if let Some(Err(error)) = &about {
            let at = root.then("recordId");
            found.push(at.finding(Code::Invalid, error.to_string()));
        }
        let record = about.and_then(Result::ok);
        if let Some(field) = field {
            let at = root.then("field");
            match &record {
                None => {
                    let message = "a field needs its record: give `recordId` too";
                    found.push(root.then("recordId").finding(Code::Required, message));
                }
                Some(id) if id.kind().fields().iter().all(|one| one.name != field) => {
                    let message = id.kind().lacks(field);
                    found.push(at.finding(Code::Invalid, message));
                }
                Some(_) => {}
            }
        }
        let comment = Self {
            body: body.0,
            record,
            field,
            once,
        };
        Checked::unless(found, comment)
    }
}

/// Checks each change of one contribution by itself, and the limits of the list; adds findings to `found`.
pub fn checked_changes(
    inputs: &[ChangeInput],
    path: &Path,
    found: &mut Vec<Finding>,
) -> Vec<Proposed> {
    if inputs.is_empty() {
        found.push(path.finding(
            Code::Required,
            "expected at least one change, like { retire: { \u{2026} } }",
        ));
    }
    if inputs.len() > MAX_CHANGES {
        let message = format!(
            "has {} changes: expected at most {MAX_CHANGES} in one contribution",
            inputs.len()
        );
        found.push(path.finding(Code::Invalid, message));
        return Vec::new();
    }
    let placed = inputs.iter().enumerate();
    checked_each(placed.map(|(at, input)| (input, path.then(at))), found)
}

/// Checks changes of a contribution, each with its place there; adds findings to `found`.
pub fn checked_in_places(
    placed: &[(usize, ChangeInput)],
    found: &mut Vec<Finding>,
) -> Vec<Proposed> {
    let path = Path::default().then("changes");
    let placed = placed.iter();
    checked_each(placed.map(|(at, input)| (input, path.then(at))), found)
}

/// Checks each change by itself, at its path. Of two changes of one record, the second is reported.
pub(super) fn checked_each<'a>(
    placed: impl IntoIterator<Item = (&'a ChangeInput, Path)>,
    found: &mut Vec<Finding>,
) -> Vec<Proposed> {
    let mut changes: Vec<Proposed> = Vec::new();
    for (input, path) in placed {
        match input.clone().checked(&path) {
            Err(more) => found.extend(more),
            Ok(change) => {
                let change = change.into_inner();
                if change.id.is_some() && changes.iter().any(|other| other.id == change.id) {
                    let message = "another change of this contribution has the same record: combine them in one";
                    found.push(change.at_target().finding(Code::Duplicate, message));
                } else {
                    changes.push(change);
                }
            }
        }
    }
    changes
}
