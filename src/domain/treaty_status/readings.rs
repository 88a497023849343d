//! Readings: every order of the acts that partial dates allow, each with enough single days to represent it.
//!
//! A status depends on how days compare: days of acts, and days that the treaty's rule computes from them. A partial
//! date can be moved back without changing any comparison, until it reaches its own first day or a day that follows
//! from another date. So the days on which dates can meet represent all days between them.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};

use super::case::{Act, Case};
use super::scene::latest;
use crate::date::{DatePrecision, Day, PartialDate};
use crate::record::RecordId;
use crate::treaty::EntryIntoForceRule;
use crate::treaty_event::TreatyEventKind;

/// Maximum number of readings that are computed for one answer.
const MOST: usize = 6_000;
/// Maximum number of dates in a row that are followed to find where they can meet.
const DEPTH: usize = 6;
/// Maximum number of days that are followed; more days count as too many readings.
const MOST_DAYS: usize = 200;
/// Maximum number of dates that can mean several days; more dates count as too many readings.
const MOST_OPEN: usize = 10;

/// A date of a case.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    TreatyInForce,
    Date(usize),
    Effective(usize),
    EndsOn(usize),
}

/// A date that can mean several days.
struct Open<'a> {
    /// The case to which the date belongs: 0 for the treaty, 1 for the one that it requires, and so on.
    level: usize,
    part: Part,
    /// The rule that computes another day from this date.
    count: Option<Count<'a>>,
    earliest: Day,
    latest: Day,
    /// The days that represent all others, in order.
    days: Vec<Day>,
    /// True if the status can depend on which day it is.
    differs: bool,
}

impl Open<'_> {
    fn has(&self, day: Day) -> bool {
        self.earliest < day && day <= self.latest
    }
}

/// The dates of a case that can mean several days.
pub(super) struct Readings<'a> {
    case: &'a Case,
    open: Vec<Open<'a>>,
    /// Pairs of dates of one case of which the first is no later than the second, if the dates allow it.
    order: Vec<(usize, Part, Part)>,
    /// Single days, each with the rule that computes another day from it.
    exact: Vec<(Day, Option<Count<'a>>)>,
    /// True if there are more readings than can be computed.
    too_many: bool,
    /// Cache of the results of [`Count::first`].
    firsts: RefCell<HashMap<(Counted, usize, Day), Day>>,
}

impl<'a> Readings<'a> {
    /// Collects the dates that can matter to the status on a day.
    pub(super) fn of(case: &'a Case, as_of: Day, known_on: Day) -> Self {
        let mut readings = Self {
            case,
            open: Vec::new(),
            order: Vec::new(),
            exact: Vec::new(),
            too_many: false,
            firsts: RefCell::default(),
        };
        if levels(case).all(is_exact) {
            return readings;
        }
        for (level, case) in levels(case).enumerate() {
            readings.look_at(case, level, as_of, known_on);
        }
        if !readings.open.is_empty() {
            readings.exact.push((as_of, None));
            readings.order.retain(|(level, first, then)| {
                let case = levels(case).nth(*level);
                case.is_some_and(|case| can_be_ordered(case, *first, *then))
            });
        }
        readings
    }

    fn look_at(&mut self, case: &'a Case, level: usize, as_of: Day, known_on: Day) {
        let mut add = |part, count, date| self.add(level, part, count, date, known_on);
        if case.treaty_in_force.is_some() {
            add(Part::TreatyInForce, None, case.treaty_in_force);
        }
        let notifies = |act: &Act| act.kind == TreatyEventKind::EntryIntoForce;
        let has_notices = case.acts.iter().any(notifies);
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
            let mut acts = case.acts.iter();
            acts.position(|act| act.id == *id && matters(act))
        };
        let mut order = Vec::new();
        for (at, act) in case.acts.iter().enumerate() {
            let withdrawn = act.relates_to.as_ref();
            let withdrawn = withdrawn.filter(|_| act.kind == TreatyEventKind::Withdrawal);
            let withdrawn = withdrawn.map(place);
            if !matters(act) || withdrawn == Some(None) {
                continue;
            }
            let is_stated = act.effective.is_some();
            let rule = case.rule.as_ref().filter(|_| !is_stated);
            let count = rule.and_then(|rule| Count::of(act, rule, level));
            add(Part::Date(at), count, act.date);
            if is_stated {
                add(Part::Effective(at), None, act.effective);
            }
            if act.ends_on.is_some() {
                add(Part::EndsOn(at), None, act.ends_on);
                let begins = if is_stated {
                    Part::Effective(at)
                } else {
                    Part::Date(at)
                };
                order.push((level, begins, Part::EndsOn(at)));
            }
            if let Some(Some(withdrawn)) = withdrawn {
                order.push((level, Part::Date(withdrawn), Part::Date(at)));
            }
        }
        self.order.extend(order);
    }

    fn add(
        &mut self,
        level: usize,
        part: Part,
        count: Option<Count<'a>>,
        date: Option<PartialDate>,
        known_on: Day,
    ) {
        let earliest = date.and_then(|date| date.earliest());
        let (earliest, latest) = (earliest.unwrap_or(Day::FIRST), latest(date, known_on));
        if earliest >= latest {
            self.exact.push((latest, count));
            return;
        }
        self.open.push(Open {
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
        self.too_many = self.open.len() > MOST_OPEN;
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
            if ways > MOST {
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
    fn days(&self, at: usize) -> Option<BTreeSet<Day>> {
        let open = self.open.get(at)?;
        // A date cannot be pushed by its own first day, so the others are followed without it.
        let others: Vec<&Open<'_>> = self
            .open
            .iter()
            .enumerate()
            .filter(|(other, _)| *other != at)
            .map(|(_, open)| open)
            .collect();
        let pushed = self.pushed(&others);
        let followed: usize = pushed.iter().map(BTreeSet::len).sum();
        (followed <= MOST_DAYS).then(|| self.pushed_to(open, &others, &pushed, &self.exact))
    }

    /// Returns for each date the days to which other dates and single days can push it from its first day.
    fn pushed(&self, open: &[&Open<'a>]) -> Vec<BTreeSet<Day>> {
        let begun = |open: &&Open<'a>| BTreeSet::from([open.earliest]);
        let mut days: Vec<BTreeSet<Day>> = open.iter().map(begun).collect();
        let mut last = days.clone();
        let mut exact = self.exact.as_slice();
        for _ in 0..open.len().min(DEPTH) {
            let pushed = open
                .iter()
                .map(|one| self.pushed_to(one, open, &last, exact));
            last = pushed.collect();
            exact = &[];
            for (days, last) in days.iter_mut().zip(&mut last) {
                last.retain(|day| days.insert(*day));
            }
            let followed: usize = days.iter().map(BTreeSet::len).sum();
            if followed > MOST_DAYS || last.iter().all(BTreeSet::is_empty) {
                break;
            }
        }
        days
    }

    /// Returns the days to which other dates, on the given days, and single days can push a date.
    fn pushed_to(
        &self,
        to: &Open<'a>,
        others: &[&Open<'a>],
        days: &[BTreeSet<Day>],
        exact: &[(Day, Option<Count<'a>>)],
    ) -> BTreeSet<Day> {
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

    fn first(&self, count: Count<'a>, day: Day) -> Day {
        let key = (count.kind, count.level, day);
        if let Some(first) = self.firsts.borrow().get(&key) {
            return *first;
        }
        let first = count.first(day);
        self.firsts.borrow_mut().insert(key, first);
        first
    }

    /// Calls `read` with the case in each reading until it returns false. Returns false if there are too many
    /// readings.
    pub(super) fn each(&self, mut read: impl FnMut(&Case) -> bool) -> bool {
        if self.too_many {
            return false;
        }
        let (moving, still): (Vec<&Open<'_>>, Vec<&Open<'_>>) =
            self.open.iter().partition(|open| open.differs);
        let mut case = self.case.clone();
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
                        &mut case,
                        open,
                        if *at_end { open.latest } else { open.earliest },
                    );
                }
                let mut at = vec![0_usize; moving.len()];
                loop {
                    for (open, at) in moving.iter().zip(&at) {
                        if let Some(day) = open.days.get(*at) {
                            set(&mut case, open, *day);
                        }
                    }
                    if !ordered || self.is_ordered(&case) {
                        is_read = true;
                        if !read(&case) {
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
    fn is_ordered(&self, case: &Case) -> bool {
        self.order.iter().all(|(level, first, then)| {
            let Some(case) = levels(case).nth(*level) else {
                return true;
            };
            let [first, then] = [first, then].map(|part| date(case, *part)?.earliest());
            first <= then
        })
    }
}

/// True if each date of the acts that can decide means one day.
fn is_exact(case: &Case) -> bool {
    let is_day = |date: PartialDate| date.precision() == DatePrecision::Day;
    let acts = case.acts.iter();
    let mut acts = acts.filter(|act| !act.is_territorial && act.role().decides());
    case.treaty_in_force.is_none_or(is_day)
        && acts.all(|act| {
            let others = [act.effective, act.ends_on].into_iter().flatten();
            act.date.is_some_and(is_day) && others.into_iter().all(is_day)
        })
}

/// True if one date of a case can be no later than another.
fn can_be_ordered(case: &Case, first: Part, then: Part) -> bool {
    let first = date(case, first).and_then(|date| date.earliest());
    let then = date(case, then).and_then(|date| date.latest());
    match (first, then) {
        (Some(first), Some(then)) => first <= then,
        _ => true,
    }
}

/// Advances to the next choice of one day for each date; returns false if there is none.
fn advance(at: &mut [usize], moving: &[&Open<'_>]) -> bool {
    for (at, open) in at.iter_mut().zip(moving) {
        *at = at.saturating_add(1);
        if *at < open.days.len() {
            return true;
        }
        *at = 0;
    }
    false
}

/// Iterates over the case of a treaty, of the one that it requires, and so on.
fn levels(case: &Case) -> impl Iterator<Item = &Case> {
    std::iter::successors(Some(case), |case| case.required.as_deref())
}

fn date(case: &Case, part: Part) -> Option<PartialDate> {
    match part {
        Part::TreatyInForce => case.treaty_in_force,
        Part::Date(at) => case.acts.get(at)?.date,
        Part::Effective(at) => case.acts.get(at)?.effective,
        Part::EndsOn(at) => case.acts.get(at)?.ends_on,
    }
}

/// Sets an open date of a case to a day.
fn set(case: &mut Case, open: &Open<'_>, day: Day) {
    let mut case = case;
    for _ in 0..open.level {
        match case.required.as_deref_mut() {
            Some(required) => case = required,
            None => return,
        }
    }
    let place = match open.part {
        Part::TreatyInForce => Some(&mut case.treaty_in_force),
        Part::Date(at) => case.acts.get_mut(at).map(|act| &mut act.date),
        Part::Effective(at) => case.acts.get_mut(at).map(|act| &mut act.effective),
        Part::EndsOn(at) => case.acts.get_mut(at).map(|act| &mut act.ends_on),
    };
    if let Some(place) = place {
        *place = Some(day.into());
    }
}

/// A rule that computes a day of effect from the date of an act.
#[derive(Clone, Copy)]
struct Count<'a> {
    kind: Counted,
    rule: &'a EntryIntoForceRule,
    /// The case to which the rule belongs.
    level: usize,
}

/// The type of act from which a rule counts.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Counted {
    Consent,
    Denunciation,
}

impl<'a> Count<'a> {
    fn of(act: &Act, rule: &'a EntryIntoForceRule, level: usize) -> Option<Self> {
        let kind = match act.role() {
            TreatyEventKind::Denunciation => Counted::Denunciation,
            kind if kind.is_consent() => Counted::Consent,
            _ => return None,
        };
        Some(Self { kind, rule, level })
    }

    /// Returns the day on which an act done on `day` takes effect.
    fn after(self, day: Day) -> Day {
        match self.kind {
            Counted::Consent => self.rule.effect_of_consent(day),
            Counted::Denunciation => self.rule.effect_of_denunciation(day).unwrap_or(day),
        }
    }

    /// Returns the first day on which an act can be done to take effect on `day` or later. A later act never takes
    /// effect earlier, and no act takes effect before it is done.
    fn first(self, day: Day) -> Day {
        let mut step = 1_u32;
        while step < 1 << 20 && self.after(day.minus_days(step)) >= day {
            if day.minus_days(step) == Day::FIRST {
                return Day::FIRST;
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
