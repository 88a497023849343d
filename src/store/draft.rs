//! Proposed changes on their way into the log: drafts, and the plan that they come to.

use std::collections::HashSet;

use super::citation;
use super::error::Error;
use super::record::Current;
use domain::change::{Operation, Proposed};
use domain::check::Finding;
use domain::citation::Cite;
use domain::date::Day;
use domain::effect::Effect;
use domain::field::Content;
use domain::judgement::Judgement;
use domain::record::{Kind, RecordField, RecordId};
use domain::reference::{Mention, Reference};
use domain::text::CountryCode;

/// What proposed changes come to, beside what is known now.
#[derive(Debug, Default)]
pub struct Plan {
    /// What is to be done.
    pub changes: Vec<Planned>,
    /// Why it cannot be carried out, conflicts included.
    pub findings: Vec<Finding>,
    /// What is referred to and does not exist: it may be that it is yet to come.
    pub missing: Vec<Missing>,
    /// The records on which a person must decide.
    pub contested: HashSet<RecordId>,
}

/// A change that can be carried out.
#[derive(Debug)]
pub struct Planned {
    /// What it does.
    pub operation: Operation,
    /// The record.
    pub id: RecordId,
    /// Its content afterwards, and what is kept beside it; `None` where it leaves the lists.
    pub whole: Option<Content>,
    /// The row that stands, which is closed.
    pub replaces: Option<i64>,
    /// Which version the next row is.
    pub version: i32,
    /// The fields that get another value.
    pub changed: Vec<RecordField>,
    /// Those of them whose value holds what others changed since.
    pub joined: Vec<RecordField>,
    /// The fields that were to stay as they were, and that others changed since.
    pub outdated: Vec<RecordField>,
    /// What it named before.
    pub named: Vec<Mention>,
    /// What it names afterwards.
    pub names: Vec<Mention>,
    /// Where the values come from.
    pub cites: Vec<Cite>,
    /// The citations that end although their fields keep their values.
    pub ended: Vec<citation::Model>,
    /// The countries it belongs to, before and after, and those whose answers it changes.
    pub countries: Vec<CountryCode>,
    /// Why, where a reason is asked for.
    pub reason: Option<String>,
    /// The day on which somebody confirmed it, where that is all.
    pub verified_on: Option<Day>,
    /// What time changed, where that is all.
    pub effect: Option<Effect>,
}

/// A change whose record and content are known; what it refers to is still to be found.
pub struct Draft<'a> {
    /// As it was proposed.
    pub proposed: &'a Proposed,
    /// The record.
    pub id: &'a RecordId,
    /// What the noun says of the content afterwards.
    pub judgement: Judgement,
    /// All its content afterwards.
    pub content: Content,
    /// The row that stands.
    pub before: Option<Current>,
    /// The fields that get another value.
    pub changed: Vec<RecordField>,
    /// Those of them whose value holds what others changed since.
    pub joined: Vec<RecordField>,
    /// The fields that were to stay as they were, and that others changed since.
    pub outdated: Vec<RecordField>,
    /// Where the values come from.
    pub cites: Vec<Cite>,
    /// The citations that end although their fields keep their values.
    pub ended: Vec<citation::Model>,
}

/// A reference to something that does not exist, and what to say of it.
#[derive(Clone, Debug)]
pub struct Missing {
    /// What is referred to.
    pub reference: Reference,
    /// The noun, the content and the field that refer to it; `None` for a citation.
    pub from: Option<(Kind, Content, RecordField)>,
    /// The finding.
    pub finding: Finding,
}

impl Draft<'_> {
    /// Whether the record stands afterwards.
    pub fn stands(&self) -> bool {
        self.proposed.operation != Operation::Retire
    }

    /// All its content before and afterwards, as far as it stood or stands.
    pub fn contents(&self) -> impl Iterator<Item = &Content> {
        let before = self.before.iter().map(|row| &row.content);
        before.chain([&self.content])
    }

    /// All its content afterwards.
    pub fn content(&self) -> &Content {
        &self.content
    }

    /// Its content before, where it stood.
    pub fn before(&self) -> Option<&Content> {
        self.before.as_ref().map(|row| &row.content)
    }

    /// Whether it stands afterwards, and one of some fields is new to those who look.
    pub fn renews(&self, fields: &[RecordField]) -> bool {
        let mut changed = self.changed.iter();
        let is_update = self.proposed.operation == Operation::Update;
        self.stands() && (!is_update || changed.any(|field| fields.contains(field)))
    }
}

impl Planned {
    /// A line of the log alone: the record stays as it stands.
    pub fn line(
        operation: Operation,
        id: RecordId,
        countries: impl IntoIterator<Item = CountryCode>,
    ) -> Self {
        Self {
            operation,
            id,
            whole: None,
            replaces: None,
            version: 0,
            changed: Vec::new(),
            joined: Vec::new(),
            outdated: Vec::new(),
            named: Vec::new(),
            names: Vec::new(),
            cites: Vec::new(),
            ended: Vec::new(),
            countries: countries.into_iter().collect(),
            reason: None,
            verified_on: None,
            effect: None,
        }
    }
}

impl Plan {
    /// The plan, if nothing was found against it.
    ///
    /// # Errors
    /// [`Error::Refused`] with all that was found.
    pub fn sound(mut self) -> Result<Self, Error> {
        let missing = std::mem::take(&mut self.missing);
        self.findings
            .extend(missing.into_iter().map(|missing| missing.finding));
        if self.findings.is_empty() {
            Ok(self)
        } else {
            Err(Error::Refused(self.findings))
        }
    }
}
