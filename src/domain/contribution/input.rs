//! What is proposed: as it is given, and checked as far as that is possible without the profiles.

use async_graphql::{ID, InputObject};

use crate::change::{ChangeInput, Proposed};
use crate::check::{Checked, Code, Finding, Path};
use crate::idempotency::Once;
use crate::link::Link;
use crate::prose::{composed, line_faults};
use crate::record::{Kind, RecordField, RecordId};
use crate::text::{CountryCode, Markdown, Raw, Written};
use crate::value_type::Known;

/// The most changes that one contribution may hold.
pub const MAX_CHANGES: usize = 100;
/// The most characters that a title may have.
pub const MAX_TITLE: usize = 200;

/// What a contribution proposes, and why.
#[derive(Clone, Debug, InputObject)]
pub struct CreateContributionInput {
    /// What it is about, in one line: 200 characters at most.
    pub title: String,
    /// Why the profiles should change.
    pub rationale: Markdown,
    /// What is to change: one change a record, 100 at most. All are accepted together or none.
    pub changes: Vec<ChangeInput>,
    /// Whether it goes to the editors at once. Left out: it stays a draft.
    pub submit: Option<bool>,
    /// Whether everything is only checked and shown: then nothing is stored.
    pub validate_only: Option<bool>,
    /// A name of your own for this request, 200 characters at most: sent again within a day with the
    /// same content, it answers with the same contribution.
    pub idempotency_key: Option<String>,
}

/// Another version of what a contribution proposes. What is left out stays. Its changes are written anew
/// against what stands now, as far as nothing conflicts.
#[derive(Clone, Debug, InputObject)]
pub struct UpdateContributionInput {
    /// The contribution.
    pub id: ID,
    /// The revision that was looked at.
    pub revision: i32,
    /// What it is about, in one line: 200 characters at most.
    pub title: Option<String>,
    /// Why the profiles should change.
    pub rationale: Option<Markdown>,
    /// What is to change, instead of all that it proposed.
    pub changes: Option<Vec<ChangeInput>>,
    /// Whether everything is only checked and shown: then nothing is stored.
    pub validate_only: Option<bool>,
}

/// What a reader without an account tells the editors.
#[derive(Clone, Debug, InputObject)]
pub struct SubmitTipInput {
    /// The country that it is about.
    pub country: Raw<CountryCode>,
    /// What is new, or wrong. Everybody can read it once an editor has completed the tip.
    pub message: String,
    /// Where it can be read.
    pub link: Option<Raw<Link>>,
    /// How to reach who sends it: editors alone see it, until they decide.
    pub contact: Option<String>,
    /// A name of your own for this request, 200 characters at most: sent again within a day with the
    /// same content, it answers with the same contribution.
    pub idempotency_key: Option<String>,
}

/// Changes that were checked as far as that is possible without the profiles.
#[derive(Clone, Debug)]
pub struct Changes {
    /// As they were given.
    pub inputs: Vec<ChangeInput>,
    /// The same, checked.
    pub checked: Vec<Proposed>,
}

impl Changes {
    fn of(inputs: Vec<ChangeInput>, path: &Path, found: &mut Vec<Finding>) -> Self {
        let checked = checked_changes(&inputs, path, found);
        Self { inputs, checked }
    }
}

/// What was found in an input, and its changes: what is wrong beside the profiles with those in which
/// nothing was found can be told as well.
#[derive(Clone, Debug)]
pub struct Unfit {
    /// All that was found.
    pub found: Vec<Finding>,
    /// The changes that could be read.
    pub checked: Vec<Proposed>,
    /// The nouns of the new records that could not: others may refer to those.
    pub unread: Vec<Kind>,
}

impl Unfit {
    fn new(found: Vec<Finding>, changes: Option<Changes>) -> Self {
        let Some(Changes { inputs, checked }) = changes else {
            return Self {
                found,
                checked: Vec::new(),
                unread: Vec::new(),
            };
        };
        let whole = checked.len() == inputs.len();
        let unread = inputs.iter().filter(|_| !whole);
        Self {
            unread: unread.filter_map(ChangeInput::creates).collect(),
            found,
            checked,
        }
    }
}

/// A proposal that was checked as far as that is possible without the profiles.
#[derive(Clone, Debug)]
pub struct Proposal {
    /// One line.
    pub title: String,
    /// Why.
    pub rationale: String,
    /// What is to change.
    pub changes: Changes,
    /// Whether it goes to the editors at once.
    pub submit: bool,
    /// Whether nothing is to be stored.
    pub validate_only: bool,
    /// What makes sending it twice the same as sending it once.
    pub once: Option<Once>,
}

/// An edit of a proposal, checked likewise. What is `None` stays.
#[derive(Clone, Debug)]
pub struct Edit {
    /// One line.
    pub title: Option<String>,
    /// Why.
    pub rationale: Option<String>,
    /// What is to change.
    pub changes: Option<Changes>,
    /// Whether nothing is to be stored.
    pub validate_only: bool,
}

/// A tip that was checked, but for the existence of its country.
#[derive(Clone, Debug)]
pub struct Tip {
    /// The country.
    pub country: CountryCode,
    /// What is new.
    pub message: String,
    /// Where.
    pub link: Option<Link>,
    /// How to reach who sent it.
    pub contact: Option<String>,
    /// What makes sending it twice the same as sending it once.
    pub once: Option<Once>,
}

impl CreateContributionInput {
    /// Looks at everything that can be judged without the profiles.
    ///
    /// # Errors
    /// All that was found.
    pub fn checked(self) -> Result<Checked<Proposal>, Unfit> {
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
        line_faults(&title, MAX_TITLE, &root.then("title"), &mut found);
        rationale.faults(&root.then("rationale"), &mut found);
        let changes = Changes::of(self.changes, &root.then("changes"), &mut found);
        if !found.is_empty() {
            return Err(Unfit::new(found, Some(changes)));
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

impl UpdateContributionInput {
    /// Looks at everything that can be judged without the contribution and the profiles.
    ///
    /// # Errors
    /// All that was found.
    pub fn checked(self) -> Result<Checked<Edit>, Unfit> {
        let root = Path::default();
        let mut found = Vec::new();
        let (title, rationale) = (self.title.composed(), self.rationale.composed());
        if let Some(title) = &title {
            line_faults(title, MAX_TITLE, &root.then("title"), &mut found);
        }
        rationale.faults(&root.then("rationale"), &mut found);
        let at = root.then("changes");
        let changes = self.changes;
        let changes = changes.map(|inputs| Changes::of(inputs, &at, &mut found));
        if !found.is_empty() {
            return Err(Unfit::new(found, changes));
        }
        let edit = Edit {
            title,
            rationale: rationale.map(|rationale| rationale.0),
            changes,
            validate_only: self.validate_only.unwrap_or(false),
        };
        Ok(Checked::whole(edit))
    }
}

impl SubmitTipInput {
    /// Looks at everything that can be judged without the profiles.
    ///
    /// # Errors
    /// All that was found; what the contact is, is never repeated.
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
        message.faults(&root.then("message"), &mut found);
        let link = self.link.as_ref();
        let link = link.and_then(|link| read(link, &root.then("link"), &mut found));
        if let Some(contact) = &contact {
            line_faults(contact, MAX_TITLE, &root.then("contact"), &mut found);
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

/// A scalar that was given as text.
fn read<T: Written>(raw: &Raw<T>, path: &Path, found: &mut Vec<Finding>) -> Option<T> {
    match raw.read() {
        Ok(value) => Some(value),
        Err(error) => {
            found.push(path.finding(Code::Invalid, error.to_string()));
            None
        }
    }
}

/// A comment on a contribution that was checked, but for what it is about.
#[derive(Clone, Debug)]
pub struct Remark {
    /// What it says.
    pub body: String,
    /// The record that it is about, among those that the contribution changes.
    pub record: Option<RecordId>,
    /// The field of it.
    pub field: Option<RecordField>,
    /// What makes sending it twice the same as sending it once.
    pub once: Option<Once>,
}

impl Remark {
    /// Something that was said with a step, about all of a contribution.
    pub fn plain(body: String) -> Self {
        Self {
            body,
            record: None,
            field: None,
            once: None,
        }
    }

    /// Looks at what can be judged without the contribution.
    ///
    /// # Errors
    /// All that was found.
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
        body.faults(&root.then("body"), &mut found);
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
                    let message = "name the record that the field is of in `recordId`";
                    found.push(root.then("recordId").finding(Code::Required, message));
                }
                Some(id) if id.kind().fields().iter().all(|one| one.name != field) => {
                    let message = format!("a {} has no field {}", id.kind(), field.screaming());
                    found.push(at.finding(Code::Invalid, message));
                }
                Some(_) => {}
            }
        }
        let remark = Self {
            body: body.0,
            record,
            field,
            once,
        };
        Checked::unless(found, remark)
    }
}

/// The changes of one contribution, each looked at by itself.
pub fn checked_changes(
    inputs: &[ChangeInput],
    path: &Path,
    found: &mut Vec<Finding>,
) -> Vec<Proposed> {
    if inputs.is_empty() {
        found.push(path.finding(
            Code::Required,
            "a contribution proposes at least one change",
        ));
    }
    if inputs.len() > MAX_CHANGES {
        let message = format!("a contribution holds {MAX_CHANGES} changes at most");
        found.push(path.finding(Code::Invalid, message));
        return Vec::new();
    }
    let mut changes: Vec<Proposed> = Vec::new();
    for (at, input) in inputs.iter().enumerate() {
        match input.clone().checked(&path.then(at)) {
            Err(more) => found.extend(more),
            Ok(change) => {
                let change = change.into_inner();
                if change.id.is_some() && changes.iter().any(|other| other.id == change.id) {
                    let message =
                        "another change of this contribution has the same record: make it one";
                    found.push(change.at_target().finding(Code::Duplicate, message));
                }
                changes.push(change);
            }
        }
    }
    changes
}
