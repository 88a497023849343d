//! `/treaties/ETS-185/map.json`: the status of each country through time, for the slider of the map.
//!
//! The days on which a status can change are those that its acts name. The service computes the status of each country
//! on each of its days, and the day of the next status that follows: so the slider shows what the page of a day shows.

use std::collections::{BTreeMap, BTreeSet};

use graphql_client::GraphQLQuery;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::days::deciding;
use super::{absent, reference};
use crate::answer::{Answer, Media};
use crate::ask::Ask;
use crate::day;
use crate::frame::{Frame, Moment};
use crate::map::{LOOKS, Look, Row, rows};
use crate::refused::Refused;
use crate::value::{CountryKind, TreatyEventKind, TreatyStatus};

#[derive(GraphQLQuery)]
#[graphql(
    schema_path = "../../schema.graphql",
    query_path = "treaty/acts.graphql",
    custom_scalars_module = "crate::value::scalar",
    extern_enums("CountryKind", "TreatyEventKind", "TreatyStatus"),
    response_derives = "Clone, Debug"
)]
struct TreatyActs;

use treaty_acts::{TreatyActsAt as Acts, Variables};

/// Most countries in one field of a document.
const COUNTRIES: usize = 50;
/// Most fields in one document.
const FIELDS: usize = 20;
/// Most rounds in which a status leads to the day of the next one.
const ROUNDS: usize = 6;

/// The countries whose status is asked for, by day.
type Asked = BTreeMap<String, BTreeSet<String>>;
/// The statuses that were found, by country and day.
type Found = BTreeMap<String, BTreeMap<String, FoundStatus>>;

/// The status of a country on a day.
#[derive(Clone, Debug, PartialEq, Eq)]
struct FoundStatus {
    status: String,
    /// True for a territory that another State's acts cover.
    is_extended: bool,
    /// The begin of the status, in EDTF.
    since: Option<String>,
}

/// A status from a day on: the places of both in their lists. The words tell the begin, if it is not that day but lies
/// in a period: the status is certain only from the day on.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
enum Step {
    Exact(usize, usize),
    Certain(usize, usize, String),
}

/// The statuses through time.
#[derive(Serialize)]
struct History {
    /// The days on which a status changes, each with its words, and the day of the view.
    days: Vec<(String, String)>,
    /// Class and label of each status.
    statuses: Vec<(&'static str, String)>,
    /// The text between name and status, and between status and count.
    separator: &'static str,
    /// The name of each country that acted, then its statuses.
    countries: BTreeMap<String, (String, Vec<Step>)>,
    /// The number of countries with each status, by day.
    counts: Vec<[usize; 10]>,
    as_of: String,
    cursor: String,
    licence: String,
}

/// Answers with the statuses through time.
///
/// # Errors
/// [`Refused`] if there is no such treaty.
pub async fn json(mut frame: Frame, ask: &mut dyn Ask, part: &str) -> Result<Answer, Refused> {
    let Some(reference) = reference(part) else {
        return absent(&frame, ask, part).await;
    };
    let Some((acts, asked)) = acts(&frame, ask, &reference).await? else {
        return absent(&frame, ask, part).await;
    };
    frame.moment = Some(Moment {
        as_of: acts.as_of.clone(),
        cursor: acts.cursor.clone(),
        known_at: acts.known_at.clone(),
    });
    let found = statuses(&frame, ask, &reference, &acts.as_of, asked).await?;
    let as_of = acts.as_of.clone();
    let cursor = acts.cursor.clone();
    let Some(treaty) = &acts.treaty else {
        return Err(Refused::Internal);
    };
    let rows: Vec<Row> = rows!(acts, treaty).collect();
    let history = history(&frame, &rows, &found, &as_of, cursor);
    let body = serde_json::to_string(&history).map_err(|_| Refused::Internal)?;
    Ok(Answer::of(Media::Json, body, frame.lifetime()))
}

/// Reads all acts, and the days that they name up to the day of the view.
async fn acts(
    frame: &Frame,
    ask: &mut dyn Ask,
    reference: &str,
) -> Result<Option<(Acts, Asked)>, Refused> {
    let mut asked = Asked::new();
    let mut after = None;
    loop {
        let variables = Variables {
            reference: reference.to_owned(),
            on: frame.on(),
            at: frame.at(),
            languages: Some(frame.languages()),
            kinds: Some(deciding()),
            after,
        };
        let data = frame.execute::<TreatyActs>(ask, variables).await?.at;
        let Some(treaty) = &data.treaty else {
            return Ok(None);
        };
        let in_force = treaty.entry_into_force_on.as_ref();
        let in_force = in_force.map(|date| [date.earliest.clone(), date.latest.clone()]);
        for event in &treaty.events.nodes {
            let mut days: Vec<String> = in_force.iter().flatten().flatten().cloned().collect();
            let date = event
                .date
                .as_ref()
                .map(|date| [&date.earliest, &date.latest]);
            let effective = event.effective_date.as_ref();
            let effective = effective.map(|date| [&date.earliest, &date.latest]);
            let named = date.into_iter().chain(effective).flatten().flatten();
            days.extend(named.filter(|on| day::number(on).is_some()).cloned());
            // An act with an open begin or end is decided by the day on which it became known.
            if date.is_some_and(|date| date.contains(&&None)) {
                let known_on = data.known_at.as_deref().unwrap_or_default();
                days.extend(known_on.split('T').next().map(str::to_owned));
                days.push(data.as_of.clone());
            }
            // An act is valid on its last day.
            let ends = event
                .ends_on
                .as_ref()
                .map(|date| [&date.earliest, &date.latest]);
            days.extend(
                ends.into_iter()
                    .flatten()
                    .flatten()
                    .filter_map(|end| day::after(end, 1)),
            );
            let codes = event.territories.iter().filter(|code| code.len() == 2);
            let codes: Vec<&String> = codes.chain([&event.country.code]).collect();
            for on in days.into_iter().filter(|on| *on <= data.as_of) {
                let countries = asked.entry(on).or_default();
                countries.extend(codes.iter().map(|code| (*code).clone()));
            }
        }
        let page = &treaty.events.page_info;
        match page.end_cursor.clone().filter(|_| page.has_next_page) {
            Some(cursor) => after = Some(cursor),
            None => return Ok(Some((data, asked))),
        }
    }
}

#[derive(Deserialize)]
struct Day {
    countries: Nodes,
}

#[derive(Deserialize)]
struct Nodes {
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Node {
    code: String,
    treaty_status: Option<Participation>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Participation {
    status: String,
    since: Option<Begin>,
    extended_from: Option<Value>,
    next: Option<Next>,
}

#[derive(Deserialize)]
struct Begin {
    edtf: String,
}

#[derive(Deserialize)]
struct Next {
    on: Range,
}

#[derive(Deserialize)]
struct Range {
    earliest: Option<String>,
    latest: Option<String>,
}

/// Asks for the statuses on the days of the acts, then on the days that follow from them.
async fn statuses(
    frame: &Frame,
    ask: &mut dyn Ask,
    reference: &str,
    as_of: &str,
    mut asked: Asked,
) -> Result<Found, Refused> {
    let mut found = Found::new();
    // On the first day, every country that acts later has the status of one that did not act yet.
    let all: BTreeSet<String> = asked.values().flatten().cloned().collect();
    if let Some(mut first) = asked.first_entry() {
        first.get_mut().extend(all);
    }
    for _ in 0..ROUNDS {
        let mut fields: Vec<(String, Vec<String>)> = Vec::new();
        for (on, codes) in &asked {
            let codes: Vec<String> = codes.iter().cloned().collect();
            fields.extend(
                codes
                    .chunks(COUNTRIES)
                    .map(|codes| (on.clone(), codes.to_vec())),
            );
        }
        let mut follow = Asked::new();
        for fields in fields.chunks(FIELDS) {
            let (document, variables) = document(frame, reference, fields);
            let days: BTreeMap<String, Day> = frame.execute_json(ask, &document, variables).await?;
            for (at, (on, _)) in fields.iter().enumerate() {
                let nodes = days.get(&format!("d{at}")).map(|day| &day.countries.nodes);
                for node in nodes.into_iter().flatten() {
                    let Some(status) = &node.treaty_status else {
                        continue;
                    };
                    let next = status
                        .next
                        .iter()
                        .flat_map(|next| [&next.on.earliest, &next.on.latest]);
                    let next = next.flatten().filter(|on| on.as_str() <= as_of);
                    for on in next {
                        let codes = follow.entry(on.clone()).or_default();
                        codes.insert(node.code.clone());
                    }
                    let steps = found.entry(node.code.clone()).or_default();
                    let status = FoundStatus {
                        status: status.status.clone(),
                        is_extended: status.extended_from.is_some(),
                        since: status.since.as_ref().map(|since| since.edtf.clone()),
                    };
                    steps.insert(on.clone(), status);
                }
            }
        }
        follow.retain(|on, codes| {
            codes.retain(|code| !found.get(code).is_some_and(|steps| steps.contains_key(on)));
            !codes.is_empty()
        });
        if follow.is_empty() {
            break;
        }
        asked = follow;
    }
    Ok(found)
}

/// A document with one field for each day.
fn document(frame: &Frame, reference: &str, fields: &[(String, Vec<String>)]) -> (String, Value) {
    let mut variables = Map::new();
    variables.insert("reference".to_owned(), json!(reference));
    variables.insert("at".to_owned(), json!(frame.at()));
    for (at, (on, codes)) in fields.iter().enumerate() {
        variables.insert(format!("on{at}"), json!(on));
        variables.insert(format!("codes{at}"), json!(codes));
    }
    let fields = 0..fields.len();
    let declared = fields
        .clone()
        .map(|at| format!(" $on{at}: Date! $codes{at}: [CountryCode!]!"));
    let declared: String = declared.collect();
    let selected = fields.map(|at| {
        format!(
            " d{at}: at(asOf: $on{at}, cursor: $at) {{ countries(first: {COUNTRIES}, filter: {{ codes: $codes{at}, \
             kinds: [STATE, TERRITORY, OTHER, ORGANISATION] }}) {{ nodes {{ code treatyStatus(treaty: $reference) \
             {{ status since {{ edtf }} extendedFrom {{ code }} next {{ on {{ earliest latest }} }} }} }} }} }}"
        )
    });
    let selected: String = selected.collect();
    let document = format!(
        "query StatusesThroughTime($reference: TreatyReference! $at: Cursor{declared}) {{{selected} }}"
    );
    (document, Value::Object(variables))
}

/// The place of a status in the list of looks.
fn place(status: &str) -> usize {
    Look::place(status).min(LOOKS.len() - 1)
}

/// Keeps the days on which a status changes, and counts the countries on each.
fn history(frame: &Frame, rows: &[Row], found: &Found, as_of: &str, cursor: String) -> History {
    let changes: BTreeMap<&str, Vec<(&str, &FoundStatus)>> = found
        .iter()
        .map(|(code, steps)| {
            let mut changes: Vec<(&str, &FoundStatus)> = Vec::new();
            for (on, step) in steps {
                let is_same = changes.last().is_some_and(|(_, last)| {
                    (&last.status, last.is_extended) == (&step.status, step.is_extended)
                });
                if !is_same {
                    changes.push((on.as_str(), step));
                }
            }
            (code.as_str(), changes)
        })
        .collect();
    let mut days: BTreeSet<&str> = changes.values().flatten().map(|change| change.0).collect();
    days.insert(as_of);
    let days: Vec<&str> = days.into_iter().collect();
    let counts = days.iter().map(|on| {
        let mut counts = [0; 10];
        for row in rows {
            let change = changes.get(row.code.as_str());
            let change = change.and_then(|steps| steps.iter().rev().find(|step| step.0 <= *on));
            let mut row = row.clone();
            if let Some((_, step)) = change {
                row.status = TreatyStatus(step.status.clone());
                row.extended_from = step.is_extended.then(String::new);
            }
            let count = counts.get_mut(place(&row.status.0));
            if let Some(count) = count.filter(|_| row.is_counted()) {
                *count += 1;
            }
        }
        counts
    });
    let named = changes.iter().filter_map(|(code, steps)| {
        let row = rows.iter().find(|row| row.code == *code)?;
        let steps = steps.iter().filter_map(|(on, step)| {
            let at = days.binary_search(on).ok()?;
            let status = place(&step.status);
            Some(match step.since.as_deref().filter(|since| since != on) {
                Some(since) => {
                    let label = frame.label_of("TreatyStatus", &step.status);
                    Step::Certain(at, status, format!("{label} {}", frame.since(since)))
                }
                None => Step::Exact(at, status),
            })
        });
        Some(((*code).to_owned(), (row.marked_name(), steps.collect())))
    });
    History {
        statuses: LOOKS
            .map(|look| (look.class, frame.label_of("TreatyStatus", look.status)))
            .to_vec(),
        separator: super::words::Words(frame.language).separator(),
        countries: named.collect(),
        counts: counts.collect(),
        days: days
            .iter()
            .map(|on| ((*on).to_owned(), frame.date(on)))
            .collect(),
        as_of: as_of.to_owned(),
        cursor,
        licence: format!("{}/licence", frame.public_url),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site::PageRequest;

    fn frame() -> Frame {
        Frame::bare(&PageRequest::of("/treaties/ETS-185/map.json", ""))
    }

    fn row(code: &str, kind: &str, is_named: bool) -> Row {
        Row {
            code: code.to_owned(),
            name: code.to_owned(),
            kind: CountryKind(kind.to_owned()),
            region: None,
            subregion: None,
            status: TreatyStatus("NO_ACTION".to_owned()),
            since: None,
            extended_from: None,
            is_actor: !is_named,
            is_named,
            is_selected: true,
        }
    }

    #[test]
    fn only_days_on_which_a_status_changes_are_kept_and_extensions_are_not_counted() {
        let steps = |steps: &[(&str, &str, bool)]| {
            let steps = steps.iter();
            steps
                .map(|(on, status, is_extended)| {
                    let status = FoundStatus {
                        status: (*status).to_owned(),
                        is_extended: *is_extended,
                        since: (*status == "INVITED_TO_ACCEDE").then(|| "2022-09/..".to_owned()),
                    };
                    ((*on).to_owned(), status)
                })
                .collect()
        };
        let found = Found::from([
            (
                "AZ".to_owned(),
                steps(&[
                    ("2001-11-23", "NO_ACTION", false),
                    ("2008-06-30", "SIGNATORY", false),
                    ("2009-01-01", "SIGNATORY", false),
                    ("2010-07-01", "PARTY", false),
                ]),
            ),
            (
                "CW".to_owned(),
                steps(&[
                    ("2001-11-23", "UNKNOWN", false),
                    ("2024-10-01", "PARTY", true),
                ]),
            ),
            (
                "UY".to_owned(),
                steps(&[
                    ("2001-11-23", "NO_ACTION", false),
                    ("2026-01-01", "INVITED_TO_ACCEDE", false),
                ]),
            ),
        ]);
        let rows = [
            row("AZ", "STATE", false),
            row("CW", "TERRITORY", true),
            row("FR", "STATE", false),
            row("UY", "STATE", false),
        ];
        let history = history(&frame(), &rows, &found, "2026-01-01", String::new());
        let days: Vec<&str> = history.days.iter().map(|(on, _)| on.as_str()).collect();
        assert_eq!(
            days,
            [
                "2001-11-23",
                "2008-06-30",
                "2010-07-01",
                "2024-10-01",
                "2026-01-01"
            ]
        );
        let party = place("PARTY");
        let signatory = place("SIGNATORY");
        let none = place("NO_ACTION");
        assert_eq!(
            history.countries["AZ"].1,
            [
                Step::Exact(0, none),
                Step::Exact(1, signatory),
                Step::Exact(2, party)
            ]
        );
        // An invitation with an open date is not told as one of the day on which it is certain.
        let invited = format!("INVITED_TO_ACCEDE {}", frame().since("2022-09/.."));
        assert_eq!(
            history.countries["UY"].1,
            [
                Step::Exact(0, none),
                Step::Certain(4, place("INVITED_TO_ACCEDE"), invited)
            ]
        );
        assert_eq!(
            history.countries["CW"].1,
            [Step::Exact(0, place("UNKNOWN")), Step::Exact(3, party)]
        );
        let parties: Vec<usize> = history.counts.iter().map(|counts| counts[party]).collect();
        assert_eq!(parties, [0, 0, 1, 1, 1]);
        assert_eq!(history.counts[0].iter().sum::<usize>(), 3);
        assert_eq!(history.counts[0][none], 3);
    }

    #[test]
    fn a_document_has_a_field_for_each_day() {
        let fields = [
            (
                "2010-07-01".to_owned(),
                vec!["AZ".to_owned(), "PT".to_owned()],
            ),
            ("2010-10-01".to_owned(), vec!["ES".to_owned()]),
        ];
        let (document, variables) = document(&frame(), "ETS 185", &fields);
        assert_eq!(document.matches(": at(asOf: $on").count(), 2);
        assert_eq!(variables["on1"], "2010-10-01");
        assert_eq!(variables["codes0"], json!(["AZ", "PT"]));
    }
}
