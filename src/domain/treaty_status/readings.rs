//! Readings: every order of the acts that partial dates allow, each with enough single days to represent it.
//!
//! A status depends on how days compare: days of acts, and days that the treaty's rule computes from them. A partial
//! date can be moved back without changing any comparison, until it reaches its own first day or a day that follows
//! from another date. So the days on which dates can meet represent all days between them.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};

use super::dated_input::latest;
use super::status_input::{Act, StatusInput};
use crate::date::{Date, DatePrecision, PartialDate};
use crate::record::RecordId;
use crate::treaty::EntryIntoForceRule;
use crate::treaty_event::TreatyEventKind;

/// Maximum number of readings that are computed for one answer.
const MAX_READINGS: usize = 6_000;
/// Maximum number of dates in a row that are followed to find where they can meet.
const MAX_DEPTH: usize = 6;
/// Maximum number of days that are followed; more days count as too many readings.
const MAX_DAYS: usize = 200;
/// Maximum number of dates that can mean several days; more dates count as too many readings.
const MAX_OPEN_DATES: usize = 10;

/// A date of an input.
#[derive(Clone, Copy, PartialEq, Eq)]
enum DatePart {
    TreatyInForce,
    Date(usize),
    Effective(usize),
    EndsOn(usize),
}

/// A date that can mean several days.
struct OpenDate<'a> {
    /// The input to which the date belongs: 0 for the treaty, 1 for the one that it requires, and so on.
    level: usize,
    part: DatePart,
    /// The rule that computes another day from this date.
    count: Option<EffectRule<'a>>,
    earliest: Date,
    latest: Date,
    /// The days that represent all others, in order.
    days: Vec<Date>,
    /// True if the status can depend on which day it is.
    differs: bool,
}

impl OpenDate<'_> {
    fn has(&self, day: Date) -> bool {
        self.earliest < day && day <= self.latest
    }
}

/// The dates of an input that can mean several days.
pub(super) struct Readings<'a> {
    input: &'a StatusInput,
    open: Vec<OpenDate<'a>>,
    /// Pairs of dates of one input of which the first is no later than the second, if the dates allow it.
    order: Vec<(usize, DatePart, DatePart)>,
    /// Single days, each with the rule that computes another day from it.
    exact: Vec<(Date, Option<EffectRule<'a>>)>,
    /// True if there are more readings than can be computed.
    too_many: bool,
    /// Cache of the results of [`EffectRule::first`].
    firsts: RefCell<HashMap<(EffectOf, usize, Date), Date>>,
}

impl<'a> Readings<'a> {
    /// Collects the dates that can matter to the status on a day.
    pub(super) fn of(input: &'a StatusInput, as_of: Date, known_on: Date) -> Self {
        let mut readings = Self {
            input,
            open: Vec::new(),
            order: Vec::new(),
            exact: Vec::new(),
            too_many: false,
            firsts: RefCell::default(),
        };
        if levels(input).all(is_exact) {
            return readings;
        }
        for (level, input) in levels(input).enumerate() {
            readings.look_at(input, level, as_of, known_on);
        }
        if !readings.open.is_empty() {
            readings.exact.push((as_of, None));
            readings.order.retain(|(level, first, then)| {
                let input = levels(input).nth(*level);
                input.is_some_and(|input| can_be_ordered(input, *first, *then))
            });
        }
        readings
    }

    fn look_at(&mut self, input: &'a StatusInput, level: usize, as_of: Date, known_on: Date) {
        let mut add = |part, count, date| self.add(level, part, count, date, known_on);
        if input.treaty_in_force.is_some() {
            add(DatePart::TreatyInForce, None, input.treaty_in_force);
        }
        let notifies = |act: &Act| act.kind == TreatyEventKind::EntryIntoForce;
        let has_notices = input.acts.iter().any(notifies);
        let first = |date: Option<PartialDate>| date.and_then(|date| date.earliest());
        let matters = |act: &Act| {
            let role = act.role();
            let is_done = [act.date, act.done()]
                .iter()
                .any(|date| first(*date).is_none_or(|first| first <= as_of));
            let is_notice = has_notices && (notifies(act) || role.is_consent());
            !act.is_territorial && role.decides() && (is_done || is_notice)
        };
        let place = |id: &RecordId| {
            let mut acts = input.acts.iter();
            acts.position(|act| act.id == *id && matters(act))
        };
        let mut order = Vec::new();
        for (at, act) in input.acts.iter().enumerate() {
            let withdrawn = act.relates_to.as_ref();
            let withdrawn = withdrawn.filter(|_| act.kind == TreatyEventKind::Withdrawal);
            let withdrawn = withdrawn.map(place);
            if !matters(act) || withdrawn == Some(None) {
                continue;
            }
            let is_stated = act.effective.is_some();
            let rule = input.rule.as_ref().filter(|_| !is_stated);
            let count = rule.and_then(|rule| EffectRule::of(act, rule, level));
            add(DatePart::Date(at), count, act.date);
            if is_stated {
                add(DatePart::Effective(at), None, act.effective);
            }
            if act.ends_on.is_some() {
                add(DatePart::EndsOn(at), None, act.ends_on);
                let begins = if is_stated {
                    DatePart::Effective(at)
                } else {
                    DatePart::Date(at)
                };
                order.push((level, begins, DatePart::EndsOn(at)));
            }
            if let Some(Some(withdrawn)) = withdrawn {
                order.push((level, DatePart::Date(withdrawn), DatePart::Date(at)));
            }
        }
        self.order.extend(order);
    }

    fn add(
        &mut self,
        level: usize,
        part: DatePart,
        count: Option<EffectRule<'a>>,
        date: Option<PartialDate>,
        known_on: Date,
    ) {
        let earliest = date.and_then(|date| date.earliest());
        let (earliest, latest) = (earliest.unwrap_or(Date::FIRST), latest(date, known_on));
        if earliest >= latest {
            self.exact.push((latest, count));
            return;
        }
        self.open.push(OpenDate {
            level,
            part,
            count,
            earliest,
            latest,
            days: Vec::new(),
            differs: false,
        });
    }

    /// Finds the days of each date that represent all others. Must be called before [`Self::each`].
    pub(super) fn follow(&mut self) {
        let mut ways = 1_usize;
        self.too_many = self.open.len() > MAX_OPEN_DATES;
        if self.too_many {
            return;
        }
        for at in 0..self.open.len() {
            let Some(mut days) = self.days(at) else {
                self.too_many = true;
                return;
            };
            if let Some(open) = self.open.get_mut(at) {
                open.differs = !days.is_empty();
                days.extend([open.earliest, open.latest]);
                open.days = days.into_iter().collect();
                if open.differs {
                    ways = ways.saturating_mul(open.days.len());
                }
            }
            if ways > MAX_READINGS {
                self.too_many = true;
                return;
            }
        }
    }

    /// True if each date means one day, so that there is only one reading.
    pub(super) fn is_one(&self) -> bool {
        self.open.is_empty()
    }

    /// Returns the days, apart from the first, from which it makes a difference that the date is no earlier; `None`
    /// if there are too many.
    fn days(&self, at: usize) -> Option<BTreeSet<Date>> {
        let open = self.open.get(at)?;
        // A date cannot be pushed by its own first day, so the others are followed without it.
        let others: Vec<&OpenDate<'_>> = self
            .open
            .iter()
            .enumerate()
            .filter(|(other, _)| *other != at)
            .map(|(_, open)| open)
            .collect();
        let pushed = self.pushed(&others);
        let followed: usize = pushed.iter().map(BTreeSet::len).sum();
        (followed <= MAX_DAYS).then(|| self.pushed_to(open, &others, &pushed, &self.exact))
    }

    /// Returns for each date the days to which other dates and single days can push it from its first day.
    fn pushed(&self, open: &[&OpenDate<'a>]) -> Vec<BTreeSet<Date>> {
        let begun = |open: &&OpenDate<'a>| BTreeSet::from([open.earliest]);
        let mut days: Vec<BTreeSet<Date>> = open.iter().map(begun).collect();
        let mut last = days.clone();
        let mut exact = self.exact.as_slice();
        for _ in 0..open.len().min(MAX_DEPTH) {
            let pushed = open
                .iter()
                .map(|one| self.pushed_to(one, open, &last, exact));
            last = pushed.collect();
            exact = &[];
            for (days, last) in days.iter_mut().zip(&mut last) {
                last.retain(|day| days.insert(*day));
            }
            let followed: usize = days.iter().map(BTreeSet::len).sum();
            if followed > MAX_DAYS || last.iter().all(BTreeSet::is_empty) {
                break;
            }
        }
        days
    }

    /// Returns the days to which other dates, on the given days, and single days can push a date.
    fn pushed_to(
        &self,
        to: &OpenDate<'a>,
        others: &[&OpenDate<'a>],
        days: &[BTreeSet<Date>],
        exact: &[(Date, Option<EffectRule<'a>>)],
    ) -> BTreeSet<Date> {
        let others = others.iter().zip(days);
        let others = others.filter(|(other, _)| (other.level, other.part) != (to.level, to.part));
        let days = others.flat_map(|(other, days)| days.iter().map(|day| (*day, other.count)));
        let mut pushed = BTreeSet::new();
        for (day, count) in days.chain(exact.iter().copied()) {
            let effect = count.map(|count| count.after(day));
            for day in [Some(day), effect].into_iter().flatten() {
                for day in [day, day.next()] {
                    let first = to.count.map(|count| self.first(count, day));
                    let days = [Some(day), first].into_iter().flatten();
                    pushed.extend(days.filter(|day| to.has(*day)));
                }
            }
        }
        pushed
    }

    fn first(&self, count: EffectRule<'a>, day: Date) -> Date {
        let key = (count.kind, count.level, day);
        if let Some(first) = self.firsts.borrow().get(&key) {
            return *first;
        }
        let first = count.first(day);
        self.firsts.borrow_mut().insert(key, first);
        first
    }

    /// Calls `read` with the input in each reading until it returns false. Returns false if there are too many
    /// readings.
    pub(super) fn each(&self, mut read: impl FnMut(&StatusInput) -> bool) -> bool {
        if self.too_many {
            return false;
        }
        let (moving, still): (Vec<&OpenDate<'_>>, Vec<&OpenDate<'_>>) =
            self.open.iter().partition(|open| open.differs);
        let mut input = self.input.clone();
        // If no reading is in the required order, all readings count.
        for ordered in [true, false] {
            let mut is_read = false;
            let ends = if still.is_empty() {
                &[true][..]
            } else {
                &[false, true]
            };
            for at_end in ends {
                for open in &still {
                    set(
                        &mut input,
                        open,
                        if *at_end { open.latest } else { open.earliest },
                    );
                }
                let mut at = vec![0_usize; moving.len()];
                loop {
                    for (open, at) in moving.iter().zip(&at) {
                        if let Some(day) = open.days.get(*at) {
                            set(&mut input, open, *day);
                        }
                    }
                    if !ordered || self.is_ordered(&input) {
                        is_read = true;
                        if !read(&input) {
                            return true;
                        }
                    }
                    if !advance(&mut at, &moving) {
                        break;
                    }
                }
            }
            if is_read {
                break;
            }
        }
        true
    }

    /// True if no act is withdrawn before it is done or ends before it begins.
    fn is_ordered(&self, input: &StatusInput) -> bool {
        self.order.iter().all(|(level, first, then)| {
            let Some(input) = levels(input).nth(*level) else {
                return true;
            };
            let [first, then] = [first, then].map(|part| date(input, *part)?.earliest());
            first <= then
        })
    }
}

/// True if each date of the acts that can decide means one day.
fn is_exact(input: &StatusInput) -> bool {
    let is_day = |date: PartialDate| date.precision() == DatePrecision::Day;
    let acts = input.acts.iter();
    let mut acts = acts.filter(|act| !act.is_territorial && act.role().decides());
    input.treaty_in_force.is_none_or(is_day)
        && acts.all(|act| {
            let others = [act.effective, act.ends_on].into_iter().flatten();
            act.date.is_some_and(is_day) && others.into_iter().all(is_day)
        })
}

/// True if one date of an input can be no later than another.
fn can_be_ordered(input: &StatusInput, first: DatePart, then: DatePart) -> bool {
    let first = date(input, first).and_then(|date| date.earliest());
    let then = date(input, then).and_then(|date| date.latest());
    match (first, then) {
        (Some(first), Some(then)) => first <= then,
        _ => true,
    }
}

/// Advances to the next choice of one day for each date; returns false if there is none.
fn advance(at: &mut [usize], moving: &[&OpenDate<'_>]) -> bool {
    for (at, open) in at.iter_mut().zip(moving) {
        *at = at.saturating_add(1);
        if *at < open.days.len() {
            return true;
        }
        *at = 0;
    }
    false
}

/// Iterates over the input of a treaty, of the one that it requires, and so on.
fn levels(input: &StatusInput) -> impl Iterator<Item = &StatusInput> {
    std::iter::successors(Some(input), |input| input.required.as_deref())
}

fn date(input: &StatusInput, part: DatePart) -> Option<PartialDate> {
    match part {
        DatePart::TreatyInForce => input.treaty_in_force,
        DatePart::Date(at) => input.acts.get(at)?.date,
        DatePart::Effective(at) => input.acts.get(at)?.effective,
        DatePart::EndsOn(at) => input.acts.get(at)?.ends_on,
    }
}

/// Sets an open date of an input to a day.
fn set(input: &mut StatusInput, open: &OpenDate<'_>, day: Date) {
    let mut input = input;
    for _ in 0..open.level {
        match input.required.as_deref_mut() {
            Some(required) => input = required,
            None => return,
        }
    }
    let place = match open.part {
        DatePart::TreatyInForce => Some(&mut input.treaty_in_force),
        DatePart::Date(at) => input.acts.get_mut(at).map(|act| &mut act.date),
        DatePart::Effective(at) => input.acts.get_mut(at).map(|act| &mut act.effective),
        DatePart::EndsOn(at) => input.acts.get_mut(at).map(|act| &mut act.ends_on),
    };
    if let Some(place) = place {
        *place = Some(day.into());
    }
}

/// A rule that computes a day of effect from the date of an act.
#[derive(Clone, Copy)]
struct EffectRule<'a> {
    kind: EffectOf,
    rule: &'a EntryIntoForceRule,
    /// The input to which the rule belongs.
    level: usize,
}

/// The type of act from which a rule counts.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum EffectOf {
    Consent,
    Denunciation,
}

impl<'a> EffectRule<'a> {
    fn of(act: &Act, rule: &'a EntryIntoForceRule, level: usize) -> Option<Self> {
        let kind = match act.role() {
            TreatyEventKind::Denunciation => EffectOf::Denunciation,
            kind if kind.is_consent() => EffectOf::Consent,
            _ => return None,
        };
        Some(Self { kind, rule, level })
    }

    /// Returns the day on which an act done on `day` takes effect.
    fn after(self, day: Date) -> Date {
        match self.kind {
            EffectOf::Consent => self.rule.effect_of_consent(day),
            EffectOf::Denunciation => self.rule.effect_of_denunciation(day).unwrap_or(day),
        }
    }

    /// Returns the first day on which an act can be done to take effect on `day` or later. A later act never takes
    /// effect earlier, and no act takes effect before it is done.
    fn first(self, day: Date) -> Date {
        let mut step = 1_u32;
        while step < 1 << 20 && self.after(day.minus_days(step)) >= day {
            if day.minus_days(step) == Date::FIRST {
                return Date::FIRST;
            }
            step = step.saturating_mul(2);
        }
        // With the earlier day it takes effect too early, with the later one in time.
        let (mut early, mut late) = (step, 0_u32);
        while early.saturating_sub(late) > 1 {
            let between = late.midpoint(early);
            if self.after(day.minus_days(between)) >= day {
                late = between;
            } else {
                early = between;
            }
        }
        day.minus_days(late)
    }
}
