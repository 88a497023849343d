//! Warnings about documents and institutions that the profile will not show, because no finding speaks of them.

use std::collections::{BTreeMap, BTreeSet};

use async_graphql::Context;

use super::outcome::{Outcome, Outcomes};
use crate::engine::context::{RequestContext, View};
use crate::engine::error::Error;
use domain::check::{Code, Finding};
use domain::coverage_assertion::{CoverageAssertion, CoverageTopic, CoverageValue};
use domain::date::Date;
use domain::noun::Described;
use domain::record::{Kind, RecordField, RecordId};
use domain::settled_topics::settled_topics;
use domain::text::CountryCode;
use store::coverage_assertion::{Model, OfCountry};
use store::load::By;
use store::record::word;

/// The kinds of record that findings are about.
const KINDS: &[Kind] = &[
    Kind::PolicyDocument,
    Kind::CybersecurityBody,
    Kind::OperationalUnit,
];

/// The fields on which the topics depend, the most telling first.
const FIELDS: [RecordField; 4] = [
    RecordField::Status,
    RecordField::Functions,
    RecordField::Subjects,
    RecordField::Kind,
];

/// A finding after the contribution.
struct Assertion<'a> {
    id: &'a RecordId,
    value: CoverageValue,
    via: Option<RecordId>,
    /// The order in which the latest one is chosen, as `store::coverage_assertion::latest` does.
    order: (Date, Date, i64),
}

type Latest<'a> = BTreeMap<(CountryCode, CoverageTopic), Assertion<'a>>;

/// The adopted strategies, plans and policies, and the working bodies and units, of which the latest finding on their
/// topic will not speak.
///
/// # Errors
/// `UNAVAILABLE`, `INTERNAL`
pub(super) async fn warnings(
    ctx: &Context<'_>,
    outcomes: &Outcomes<'_>,
    view: View,
) -> Result<Vec<Finding>, Error> {
    let subjects: Vec<(&Outcome<'_>, CountryCode, BTreeSet<CoverageTopic>)> = outcomes
        .of_kinds(KINDS)
        .filter_map(|one| {
            let country = one.text(RecordField::Country)?.parse().ok()?;
            Some((one, country, new_topics(one)))
        })
        .filter(|(.., topics)| !topics.is_empty())
        .collect();
    let countries: BTreeSet<&CountryCode> = subjects.iter().map(|(_, code, _)| code).collect();
    let keys = countries
        .into_iter()
        .map(|code| By::new(OfCountry, code.clone(), view.moment));
    let stored = ctx.loader().load_many(keys).await?;
    let stored = stored.values().flat_map(|rows| rows.iter());
    let latest = latest(stored.map(|row| &**row), outcomes, view.as_of);
    let mut found = Vec::new();
    for (one, country, topics) in subjects {
        for topic in topics {
            let finding = latest.get(&(country.clone(), topic));
            let message = message(one.id, topic, finding);
            found.extend(message.map(|said| one.at(&FIELDS).finding(Code::Required, said)));
        }
    }
    Ok(found)
}

/// The topics that the record settles after the change, and did not settle before.
fn new_topics(one: &Outcome<'_>) -> BTreeSet<CoverageTopic> {
    let mut topics = settled_topics(one.id.kind(), &one.content);
    if let Some(before) = &one.before {
        let settled = settled_topics(one.id.kind(), before);
        topics.retain(|topic| !settled.contains(topic));
    }
    topics
}

/// The latest finding on each topic after the contribution.
fn latest<'a>(
    stored: impl Iterator<Item = &'a Model>,
    outcomes: &'a Outcomes<'_>,
    as_of: Date,
) -> Latest<'a> {
    let stored = stored.filter(|row| !outcomes.concerns(&row.id));
    let stored = stored.map(|row| {
        let assertion = Assertion {
            id: &row.id,
            value: row.value,
            via: row.via.clone(),
            order: order(row.as_of.earliest(), row.as_of.latest(), row.since),
        };
        ((row.country.clone(), row.topic), assertion)
    });
    let proposed = outcomes.of_kinds(&[Kind::CoverageAssertion]);
    let proposed = proposed.filter_map(|one| {
        let noun = CoverageAssertion::from_content(&one.content).ok()?;
        let assertion = Assertion {
            id: one.id,
            value: noun.value,
            via: noun.via,
            order: order(noun.as_of.earliest(), noun.as_of.latest(), i64::MAX),
        };
        Some(((noun.country, noun.topic), assertion))
    });
    let mut latest = Latest::new();
    for (of, assertion) in stored.chain(proposed) {
        let (_, earliest, _) = assertion.order;
        let is_older = |other: &Assertion<'_>| other.order < assertion.order;
        if earliest <= as_of && latest.get(&of).is_none_or(is_older) {
            latest.insert(of, assertion);
        }
    }
    latest
}

fn order(earliest: Option<Date>, latest: Option<Date>, since: i64) -> (Date, Date, i64) {
    let earliest = earliest.unwrap_or(Date::FIRST);
    (latest.unwrap_or(Date::LAST), earliest, since)
}

/// The message about a record and its topic; `None` if the latest finding speaks of the record.
fn message(
    record: &RecordId,
    topic: CoverageTopic,
    finding: Option<&Assertion<'_>>,
) -> Option<String> {
    let is_document = record.kind() == Kind::PolicyDocument;
    let topic = word(&topic);
    let wanted = if is_document {
        format!("value PRESENT or PARTIAL and via {record}")
    } else {
        "value PRESENT or PARTIAL".to_owned()
    };
    let Some(finding) = finding else {
        return Some(format!(
            "the country has no finding on {topic}: add createCoverageAssertion with its country, that topic, {wanted}, its day `asOf` and a citation"
        ));
    };
    let is_there = matches!(
        finding.value,
        CoverageValue::Present | CoverageValue::Partial
    );
    let is_named = !is_document || finding.via.as_ref() == Some(record);
    if is_there && is_named {
        return None;
    }
    let (id, value) = (finding.id, word(&finding.value));
    let (last, ..) = finding.order;
    let is_open = if last == Date::LAST {
        ", the latest one because its `asOf` has no end,"
    } else {
        ""
    };
    let names = match &finding.via {
        Some(via) if is_document => format!(", via {via}"),
        None if is_document => ", and names no document".to_owned(),
        _ => String::new(),
    };
    Some(format!(
        "{id}{is_open} says {value} on {topic}{names}: add updateCoverageAssertion of it with {wanted}"
    ))
}
