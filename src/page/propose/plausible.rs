//! Days that a page prints and that cannot be: they are reported, and nothing is proposed from them.

use domain::date::Date;

use super::Origin;
use crate::read::{Page, Unmapped};
use crate::status_line::Printed;

/// Day on which the Budapest Convention was opened for signature. Source: Council of Europe Treaty Office.
pub(super) const OPENED: &str = "2001-11-23";

/// Returns the page without the days that cannot be, and the reports of them.
pub(super) fn plausible(page: &Page, origin: &Origin) -> (Page, Vec<Unmapped>) {
    let mut page = page.clone();
    let mut faults = Vec::new();
    let last = origin
        .retrieved_on
        .map_or(origin.today, |day| day.min(origin.today));
    let opened: Date = OPENED.parse().unwrap_or(Date::FIRST);
    if let Some((day, line)) = page.last_updated.filter(|(day, _)| *day > last) {
        page.last_updated = None;
        faults.push(Unmapped {
            line,
            text: format!("Last updated : {day}"),
            why: Some(too_late(day, last)),
        });
    }
    let of_act = |day: Date| {
        let early = (day < opened).then(|| {
            format!("{day} is before {opened}, on which the Convention was opened for signature")
        });
        early.or_else(|| (day > last).then(|| too_late(day, last)))
    };
    let mut report = |printed: &Printed<Date>, why: String| {
        faults.push(Unmapped {
            line: printed.line,
            text: printed.quote.clone(),
            why: Some(why),
        });
    };
    let status = &mut page.status;
    if let Some(signed) = &status.signed
        && let Some(why) = of_act(signed.value)
    {
        report(signed, why);
        status.signed = None;
    }
    if let Some((_, consent)) = &status.consent {
        let signed = status.signed.as_ref().map(|day| day.value);
        let before = signed.filter(|signed| consent.value < *signed);
        let before =
            before.map(|signed| format!("{} is before the signature on {signed}", consent.value));
        if let Some(why) = of_act(consent.value).or(before) {
            report(consent, why);
            status.consent = None;
        }
    }
    if let Some(in_force) = &status.in_force
        && let Some(why) = of_act(in_force.value)
    {
        report(in_force, why);
        status.in_force = None;
    }
    (page, faults)
}

fn too_late(day: Date, last: Date) -> String {
    format!("{day} is after {last}, the day on which the page was read: no page can tell of it")
}
