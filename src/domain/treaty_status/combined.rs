//! Combining the readings of partial dates into one answer.

use std::collections::BTreeSet;

use super::standing::{DateOrigin, EffectiveDate, TreatyStatus};
use super::status_input::StatusInput;
use super::status_on_day::{Since, StatusOnDay};
use crate::date::{Date, PartialDate};
use crate::record::RecordId;

/// Result of several readings.
#[derive(Default)]
pub(super) struct CombinedStatus {
    pub(super) statuses: BTreeSet<TreatyStatus>,
    pub(super) since: Dates,
    in_force: Dates,
    origin: Option<DateOrigin>,
    pub(super) basis: Vec<RecordId>,
}

impl CombinedStatus {
    pub(super) fn add(&mut self, on_day: &StatusOnDay<'_>) {
        self.statuses.insert(on_day.status);
        self.since.add(on_day.since);
        self.in_force
            .add(on_day.in_force.map(|(day, _)| Since::Day(day)));
        let origin = on_day.in_force.map(|(_, origin)| origin);
        self.origin = match (self.origin, origin) {
            (Some(DateOrigin::Computed), _) | (_, Some(DateOrigin::Computed)) => {
                Some(DateOrigin::Computed)
            }
            (before, origin) => origin.or(before),
        };
        for act in &on_day.basis {
            if !self.basis.contains(&act.id) {
                self.basis.push(act.id.clone());
            }
        }
    }

    pub(super) fn in_force_from(&self) -> Option<EffectiveDate> {
        Some(EffectiveDate {
            date: self.in_force.span()?,
            origin: self.origin?,
        })
    }
}

/// One date in several readings: from its first to its last day.
#[derive(Default)]
pub(super) enum Dates {
    /// No reading was added yet.
    #[default]
    Unread,
    /// Some reading gives no day.
    Unknown,
    Between {
        first: Date,
        last: Date,
        /// The act whose date it is in all readings, and true if it is the day of effect.
        of: Option<(RecordId, bool)>,
    },
}

impl Dates {
    pub(super) fn add(&mut self, since: Option<Since<'_>>) {
        let day = since
            .and_then(Since::written)
            .and_then(|date| date.earliest());
        let (Some(since), Some(day)) = (since, day) else {
            *self = Self::Unknown;
            return;
        };
        match self {
            Self::Unread => {
                let of = since.act().map(|(id, is_effect)| (id.clone(), is_effect));
                let (first, last) = (day, day);
                *self = Self::Between { first, last, of };
            }
            Self::Unknown => {}
            Self::Between { first, last, of } => {
                (*first, *last) = ((*first).min(day), (*last).max(day));
                let is_same = of.as_ref().map(|(id, is_effect)| (id, *is_effect)) == since.act();
                if !is_same {
                    *of = None;
                }
            }
        }
    }

    fn span(&self) -> Option<PartialDate> {
        match self {
            Self::Between { first, last, .. } => span(*first, *last),
            _ => None,
        }
    }

    /// Returns the date as its act gives it, else the interval from the first day to the last.
    pub(super) fn written(&self, input: &StatusInput) -> Option<PartialDate> {
        let Self::Between {
            of: Some((id, is_effect)),
            ..
        } = self
        else {
            return self.span();
        };
        let inputs = std::iter::successors(Some(input), |input| input.required.as_deref());
        let mut acts = inputs.flat_map(|input| input.acts.iter());
        let act = acts.find(|act| act.id == *id)?;
        if *is_effect {
            act.effective.or(act.date)
        } else {
            act.date
        }
    }
}

/// Next status in several readings.
#[derive(Default)]
pub(super) struct CombinedNext {
    status: Option<TreatyStatus>,
    on: Dates,
}

impl CombinedNext {
    /// Adds a reading; returns true while all readings agree on the next status.
    pub(super) fn add(&mut self, next: Option<(TreatyStatus, Date)>) -> bool {
        let Some((status, on)) = next else {
            self.on = Dates::Unknown;
            return false;
        };
        if self.status.is_some_and(|before| before != status) {
            self.on = Dates::Unknown;
            return false;
        }
        self.status = Some(status);
        self.on.add(Some(Since::Day(on)));
        true
    }

    pub(super) fn of_all(self) -> Option<(TreatyStatus, PartialDate)> {
        Some((self.status?, self.on.span()?))
    }
}

/// Returns a date from one day to another.
fn span(first: Date, last: Date) -> Option<PartialDate> {
    if first == last {
        return Some(first.into());
    }
    format!("{first}/{last}").parse().ok()
}
