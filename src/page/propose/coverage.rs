//! Coverage assertions from explicit absences.

use domain::coverage_assertion::CoverageTopic;
use domain::profile_section::ProfileTopic;
use domain::record::Kind;
use serde_json::{Value, json};

use super::changes::{At, Changes};
use super::known::Known;
use super::treaty_events::days_of;
use super::{Origin, heading_of};
use crate::read::Page;

struct Stated<'a> {
    topic: CoverageTopic,
    statement: &'a str,
    at: At<'a>,
}

pub(super) fn propose(page: &Page, origin: &Origin, known: &Known, changes: &mut Changes<'_>) {
    let status = &page.status;
    let none = [
        (CoverageTopic::TreatyReservations, &status.no_reservations),
        (CoverageTopic::TreatyDeclarations, &status.no_declarations),
    ];
    let heading = heading_of(page, ProfileTopic::TreatyStatus);
    let printed = none.into_iter().filter_map(|(topic, printed)| {
        let printed = printed.as_ref()?;
        let (line, quote) = (printed.line, printed.quote.as_str());
        Some(Stated {
            topic,
            statement: quote,
            at: At {
                line,
                heading,
                quote,
            },
        })
    });
    let absences = page.absences.iter().map(|absence| Stated {
        topic: absence.topic,
        statement: &absence.statement,
        at: At {
            line: absence.line,
            heading: &absence.heading,
            quote: &absence.statement,
        },
    });
    let mut seen = Vec::new();
    for stated in printed.chain(absences) {
        if !seen.contains(&stated.topic) {
            seen.push(stated.topic);
            one(&stated, page, origin, known, changes);
        }
    }
}

fn one(
    stated: &Stated<'_>,
    page: &Page,
    origin: &Origin,
    known: &Known,
    changes: &mut Changes<'_>,
) {
    let topic = json!(stated.topic);
    let Some(days) = days_of(page, origin) else {
        return;
    };
    let on_topic = known
        .of(Kind::CoverageAssertion)
        .filter(|record| record.content.get("topic") == Some(&topic));
    let mut same_day = None;
    for record in on_topic.filter(|record| record.overlaps("asOf", &days)) {
        if record.text("value") == Some("ABSENT") {
            return;
        }
        let is_exact = record.date("asOf") == Some(days);
        same_day = same_day.or(is_exact.then_some(record));
    }
    if let Some(record) = same_day {
        let value = record.text("value").unwrap_or_default();
        changes.notes.push(format!(
            "The page says on {} that there is none; {} has {value} for the same day. The change proposes the finding of \
             the page: decide which is right.",
            topic.as_str().unwrap_or_default(),
            record.id
        ));
        let set = json!({ "value": "ABSENT", "statement": stated.statement });
        let id = record.id.as_str();
        if record.content.get("via").is_none_or(Value::is_null) {
            changes.update("CoverageAssertion", id, record.version, &set, stated.at);
        }
        return;
    }
    let fields = json!({
        "topic": topic, "value": "ABSENT", "statement": stated.statement, "asOf": days,
        "country": origin.country,
    });
    changes.create("CoverageAssertion", None, &fields, stated.at);
}
