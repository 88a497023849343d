//! Small objects that many others show.

use async_graphql::{Object, SimpleObject};

use crate::engine::argument::read_list;
use crate::engine::error::Error;
use crate::engine::in_place::InPlace;
use domain::date::{self, DatePrecision, Day};
use domain::effect::review_due;
use domain::language::{Language, Wanted};
use domain::localized_text;
use domain::scalar::Instant;
use domain::text::Raw;
use domain::viewer::{self, Role};

/// A date as exact as its source.
pub struct Date(date::PartialDate);

/// A date as exact as its source.
pub type PartialDate = InPlace<Date>;

impl From<date::PartialDate> for PartialDate {
    fn from(date: date::PartialDate) -> Self {
        Self(Date(date))
    }
}

/// A date as exact as its source.
#[Object(name = "PartialDate")]
impl Date {
    /// The date as text: `2010-03-15`, `2010-03`, `2010`, `2014/2020`, `2014~`.
    async fn edtf(&self) -> date::PartialDate {
        self.0
    }

    /// The first day that it can mean; null where it is open towards the past.
    async fn earliest(&self) -> Option<Day> {
        self.0.earliest()
    }

    /// The last day that it can mean; null where it is open towards the future.
    async fn latest(&self) -> Option<Day> {
        self.0.latest()
    }

    /// How exactly it is known.
    async fn precision(&self) -> DatePrecision {
        self.0.precision()
    }

    /// Whether the source says "about" (`~`).
    async fn approximate(&self) -> bool {
        self.0.is_approximate()
    }

    /// Whether the source doubts it (`?`).
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
#[Object]
impl LocalizedText {
    /// The text.
    async fn text(&self) -> &str {
        &self.0.text
    }

    /// Its language.
    async fn language(&self) -> &Language {
        &self.0.language
    }

    /// Whether it is known to be the original and not a translation.
    async fn is_original(&self) -> bool {
        self.0.is_original.unwrap_or(false)
    }
}

/// The text that fits wanted languages best.
///
/// # Errors
/// `BAD_USER_INPUT` for a malformed language.
pub fn localized<'a>(
    texts: &'a [localized_text::LocalizedText],
    wanted: Option<&[Raw<Wanted>]>,
) -> Result<Option<&'a str>, Error> {
    let wanted = read_list("language", wanted)?.unwrap_or_default();
    Ok(localized_text::localized(texts, &wanted).map(|text| text.text.as_str()))
}

/// Somebody who acts: a person, or the program itself.
pub struct Actor(pub viewer::Actor);

/// Somebody who acts: a person, or the program itself.
#[Object]
impl Actor {
    /// Stays the same for one person, whatever token they use.
    async fn id(&self) -> async_graphql::ID {
        self.0.id.clone().into()
    }

    /// What to call them.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// What they might do when they acted.
    async fn role(&self) -> Role {
        self.0.role
    }
}

/// Why a record left the lists.
#[derive(SimpleObject)]
pub struct Retirement {
    /// When.
    pub at: Instant,
    /// Why.
    pub reason: String,
}

/// Why somebody should look at a record. The list may grow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, async_graphql::Enum)]
pub enum StaleReason {
    /// Nobody has confirmed that it holds.
    NeverVerified,
    /// Somebody has, more than a year before the day of the view.
    ReviewOverdue,
    /// It is a document whose period has ended.
    PeriodExpired,
    /// It is an institution that no longer exists.
    InstitutionDissolved,
}

/// Last edited, last verified, last changed at the source: three dates, not one.
pub struct Freshness {
    /// When the record was last edited.
    pub edited_at: Instant,
    /// The day on which somebody last confirmed that it holds.
    pub verified_on: Option<Day>,
    /// Who that was.
    pub verified_by: Option<Actor>,
    /// When the newest of its sources was published.
    pub source_changed_on: Option<date::PartialDate>,
    /// The day it is looked at.
    pub as_of: Day,
    /// What has ended of what the record is about.
    pub ended: Option<StaleReason>,
}

/// Last edited, last verified, last changed at the source: three dates, not one.
#[Object]
impl Freshness {
    /// When the record was last edited.
    async fn edited_at(&self) -> Instant {
        self.edited_at
    }

    /// The day on which somebody last confirmed that it holds; null where nobody has.
    async fn verified_on(&self) -> Option<Day> {
        self.verified_on
    }

    /// Who that was.
    async fn verified_by(&self) -> Option<&Actor> {
        self.verified_by.as_ref()
    }

    /// When the newest of its sources was published; null where no source says so.
    async fn source_changed_on(&self) -> Option<PartialDate> {
        partial(self.source_changed_on)
    }

    /// Whether somebody should look at it: there are reasons.
    async fn is_stale(&self) -> bool {
        !self.why().is_empty()
    }

    /// Why somebody should look at it, on the day of the view.
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
