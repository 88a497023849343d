//! Small objects that many others contain.

use async_graphql::{Object, SimpleObject};
use cyberprofiles_graphql_macros::at_once;

use crate::engine::argument::read_list;
use crate::engine::error::Error;
use crate::engine::inline_resolve::Inline;
use domain::date::{self, Date, DatePrecision};
use domain::effect::review_due;
use domain::language::{Language, LanguageRange};
use domain::localized_text;
use domain::scalar::DateTime;
use domain::text::Raw;
use domain::viewer::{self, Role};

/// A date as exact as its source.
pub struct PartialDateObject(date::PartialDate);

/// A date as exact as its source.
pub type PartialDate = Inline<PartialDateObject>;

impl From<date::PartialDate> for PartialDate {
    fn from(date: date::PartialDate) -> Self {
        Self(PartialDateObject(date))
    }
}

/// A date as exact as its source: a day, a month, a year or an interval.
#[at_once]
#[Object(name = "PartialDate")]
impl PartialDateObject {
    /// The date as text, in EDTF: `2010-03-15`, `2010-03`, `2010`, `2014/2020`, `2014~`.
    async fn edtf(&self) -> date::PartialDate {
        self.0
    }

    /// The first day that the date can mean; null if it is open towards the past.
    async fn earliest(&self) -> Option<Date> {
        self.0.earliest()
    }

    /// The last day that the date can mean; null if it is open towards the future.
    async fn latest(&self) -> Option<Date> {
        self.0.latest()
    }

    /// The precision of the date.
    async fn precision(&self) -> DatePrecision {
        self.0.precision()
    }

    /// True if the source gives the date as approximate, as in "about 2014" (`~`).
    async fn approximate(&self) -> bool {
        self.0.is_approximate()
    }

    /// True if the source gives the date as uncertain (`?`).
    async fn uncertain(&self) -> bool {
        self.0.is_uncertain()
    }
}

/// The date as an object.
pub fn partial(date: Option<date::PartialDate>) -> Option<PartialDate> {
    date.map(PartialDate::from)
}

/// A text in one language.
pub struct LocalizedText(pub localized_text::LocalizedText);

/// A text in one language.
#[at_once]
#[Object]
impl LocalizedText {
    /// The text.
    async fn text(&self) -> &str {
        &self.0.text
    }

    /// The language of the text.
    async fn language(&self) -> &Language {
        &self.0.language
    }

    /// True if the text is known to be the original and not a translation.
    async fn is_original(&self) -> bool {
        self.0.is_original.unwrap_or(false)
    }

    /// The period in which it was called so, as in `../2018` for a former name; null: always, as far as known. A text whose
    /// period has an end is chosen as `name` or `title` only if there is no other.
    async fn period(&self) -> Option<PartialDate> {
        partial(self.0.period)
    }
}

/// The text that fits the wanted languages best.
///
/// # Errors
/// `BAD_USER_INPUT` for a malformed language.
pub fn localized<'a>(
    texts: &'a [localized_text::LocalizedText],
    wanted: Option<&[Raw<LanguageRange>]>,
) -> Result<Option<&'a str>, Error> {
    let wanted = read_list("language", wanted)?.unwrap_or_default();
    Ok(localized_text::localized(texts, &wanted).map(|text| text.text.as_str()))
}

/// The person or client that acts, or the program itself.
pub struct Actor(pub viewer::Actor);

/// The person or client that acts, or the program itself.
#[at_once]
#[Object]
impl Actor {
    /// Identifies the person or client; the same for all tokens of one person.
    async fn id(&self) -> async_graphql::ID {
        self.0.id.clone().into()
    }

    /// The name to display.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// The role at the time of the act.
    async fn role(&self) -> Role {
        self.0.role
    }
}

/// The end of a record's presence in the lists. `node` still returns the record.
#[derive(SimpleObject)]
pub struct Retirement {
    /// The instant of the commit that retired it.
    pub at: DateTime,
    /// The reason that its author gave.
    pub reason: String,
}

/// A reason to review a record. The list may grow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, async_graphql::Enum)]
pub enum StaleReason {
    /// No editor has verified the record.
    NeverVerified,
    /// The last verification is more than a year (365 days) before the as-of date.
    ReviewOverdue,
    /// The record is a policy document whose period ended before the as-of date.
    PeriodExpired,
    /// The record is an institution that no longer exists on the as-of date.
    InstitutionDissolved,
}

/// The dates from which the freshness of a record is computed.
pub struct Freshness {
    /// The instant of the last edit.
    pub edited_at: DateTime,
    /// The last day on which an editor found that the record holds.
    pub verified_on: Option<Date>,
    /// The editor who verified it.
    pub verified_by: Option<Actor>,
    /// The publication date of the newest source.
    pub source_changed_on: Option<date::PartialDate>,
    /// The as-of date.
    pub as_of: Date,
    /// The reason for review if the document or institution has ended by the as-of date.
    pub ended: Option<StaleReason>,
}

/// The freshness of a record: three separate dates (last edited, last verified, newest source), and the reasons for a
/// review.
#[at_once]
#[Object]
impl Freshness {
    /// The instant at which the current version of the record was committed.
    async fn edited_at(&self) -> DateTime {
        self.edited_at
    }

    /// The last day on which an editor found that the record holds; null if none has.
    async fn verified_on(&self) -> Option<Date> {
        self.verified_on
    }

    /// The editor who verified it; null if none has.
    async fn verified_by(&self) -> Option<&Actor> {
        self.verified_by.as_ref()
    }

    /// The `publishedOn` of the source that was published last, among those that the record cites; null if none of them
    /// has a date of publication.
    async fn source_changed_on(&self) -> Option<PartialDate> {
        partial(self.source_changed_on)
    }

    /// True if the record should be reviewed: `reasons` is not empty.
    async fn is_stale(&self) -> bool {
        !self.why().is_empty()
    }

    /// The reasons to review the record on the as-of date. Empty if there are none.
    async fn reasons(&self) -> Vec<StaleReason> {
        self.why()
    }
}

impl Freshness {
    fn why(&self) -> Vec<StaleReason> {
        let review = match self.verified_on {
            None => Some(StaleReason::NeverVerified),
            Some(day) if review_due(day) <= self.as_of => Some(StaleReason::ReviewOverdue),
            Some(_) => None,
        };
        review.into_iter().chain(self.ended).collect()
    }
}
