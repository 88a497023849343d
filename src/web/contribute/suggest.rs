//! Values that a form suggests, and the records that it changes.

use serde::Deserialize;
use serde_json::{Value, json};

use super::document::{List, Open, choices, current};
use super::part::{Current, Operation, Part, kind_of_record};
use super::receipt::Country;
use crate::ask::Ask;
use crate::country_list;
use crate::frame::Frame;
use crate::refused::Refused;

/// A record that a person can choose.
#[derive(Clone, Debug)]
pub struct Known {
    /// The id.
    pub id: String,
    /// The name.
    pub label: String,
    /// The kind, in words.
    pub kind: String,
}

/// Values that the form suggests.
#[derive(Clone, Debug, Default)]
pub struct Suggestions {
    /// All countries by name: code and name.
    pub countries: Vec<(String, String)>,
    /// All treaties.
    pub treaties: Vec<Treaty>,
    /// Records of the country.
    pub records: Vec<Known>,
    /// True if there are more records.
    pub is_cut: bool,
    /// Sources of the country.
    pub sources: Vec<Source>,
    /// Open contributions for the country.
    pub open: Vec<Open>,
}

/// A treaty that a person can choose.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Treaty {
    /// The reference.
    pub reference: String,
    /// The short name.
    pub short_title: String,
}

/// A source that a person can choose.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Source {
    /// The id.
    pub record_id: String,
    /// The title.
    pub title: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ChoicesData {
    countries: List<Country>,
    last_countries: List<Country>,
    treaties: List<Treaty>,
    records: Records,
    chosen: List<Chosen>,
    contributions: List<Open>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Records {
    nodes: Vec<Record>,
    page_info: PageInfo,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PageInfo {
    has_next_page: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Record {
    record_id: String,
    label: String,
}

#[derive(Deserialize)]
struct Chosen {
    sources: List<Source>,
}

#[derive(Deserialize)]
struct CurrentData {
    node: Option<CurrentRecord>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CurrentRecord {
    version: Option<i64>,
    label: Option<String>,
    export_line: Option<String>,
}

/// Reads the values that a form suggests. `is_complete` takes all kinds as given, even if there is none.
///
/// # Errors
/// [`Refused`]
pub async fn suggestions(
    frame: &mut Frame,
    ask: &mut dyn Ask,
    country: &str,
    kinds: &[&str],
    is_complete: bool,
) -> Result<Suggestions, Refused> {
    let codes: Vec<&str> = Some(country)
        .filter(|code| !code.is_empty())
        .into_iter()
        .collect();
    let usual = [
        "POLICY_DOCUMENT",
        "CYBERSECURITY_BODY",
        "OPERATIONAL_UNIT",
        "COURT_DECISION",
        "TREATY_EVENT",
    ];
    let kinds = if kinds.is_empty() && !is_complete {
        &usual
    } else {
        kinds
    };
    let variables = json!({ "codes": codes, "kinds": kinds, "languages": frame.languages() });
    let data: ChoicesData = frame.execute_json(ask, choices::QUERY, variables).await?;
    let records = data.records.nodes.into_iter().map(|record| Known {
        kind: kind_of_record(&record.record_id)
            .map(|kind| frame.label_of("RecordKind", kind.value))
            .unwrap_or_default(),
        id: record.record_id,
        label: record.label,
    });
    let countries = data.countries.nodes.into_iter();
    let countries = countries.chain(data.last_countries.nodes);
    Ok(Suggestions {
        records: records.collect(),
        is_cut: data.records.page_info.has_next_page,
        countries: country_list::by_name(countries.map(Country::into_pair)),
        treaties: data.treaties.nodes,
        sources: data
            .chosen
            .nodes
            .into_iter()
            .flat_map(|one| one.sources.nodes)
            .collect(),
        open: data.contributions.nodes,
    })
}

/// The record with an id, as it is now.
pub async fn current(
    frame: &Frame,
    ask: &mut dyn Ask,
    id: &str,
) -> Result<Option<Current>, Refused> {
    let variables = json!({ "id": id, "languages": frame.languages() });
    let data: CurrentData = frame.execute_json(ask, current::QUERY, variables).await?;
    let Some(CurrentRecord {
        version: Some(version),
        label,
        export_line: Some(line),
    }) = data.node
    else {
        return Ok(None);
    };
    let line: Value = serde_json::from_str(&line).map_err(|_| Refused::Internal)?;
    let part = Part::of_input(&line).ok_or(Refused::Internal)?;
    Ok(Some(Current {
        label: label.unwrap_or_default(),
        version,
        fields: part.fields,
    }))
}

/// Adds the records as they are now to the parts that change them.
pub async fn add_current(
    frame: &Frame,
    ask: &mut dyn Ask,
    parts: &mut [Part],
) -> Result<(), Refused> {
    for part in parts {
        if part.operation == Operation::Create || part.id.is_empty() {
            continue;
        }
        if let Some(current) = current(frame, ask, &part.id).await? {
            if part.operation == Operation::Update {
                part.over(current);
                continue;
            }
            if part.base_version.is_empty() {
                part.base_version = current.version.to_string();
            }
            part.current = Some(current);
        }
    }
    Ok(())
}
