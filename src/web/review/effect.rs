//! The effect of a contribution on the profiles: counts and answers before and after.

use std::collections::HashMap;

use graphql_client::{GraphQLQuery, QueryBody};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::words::Words;
use crate::ask::Ask;
use crate::frame::Frame;
use crate::refused::Refused;
use crate::value::{CoverageTopic, CoverageValue, RecordKind, TreatyStatus};

/// The largest number of countries whose effects are shown: the page size in the document.
pub const COUNTRIES: usize = 10;

/// The document of the records and of the effect. Its types are written by hand: the generator of types has none for
/// fragments on an interface.
struct ReviewEffect;

impl GraphQLQuery for ReviewEffect {
    type Variables = Variables;
    type ResponseData = Data;

    fn build_query(variables: Variables) -> QueryBody<Variables> {
        QueryBody {
            variables,
            query: include_str!("effect.graphql"),
            operation_name: "ReviewEffect",
        }
    }
}

#[derive(Serialize)]
struct Variables {
    id: String,
    records: Vec<String>,
    countries: Vec<String>,
    languages: Vec<String>,
}

#[derive(Deserialize)]
struct Data {
    nodes: Vec<Option<Node>>,
    at: Countries,
    contribution: Option<Previewed>,
}

/// A record; without a version if only the contribution proposes it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Node {
    record_id: Option<String>,
    label: Option<String>,
    version: Option<i64>,
    export_line: Option<String>,
    retired: Option<Retired>,
}

#[derive(Deserialize)]
struct Retired {
    reason: String,
}

#[derive(Deserialize)]
struct Previewed {
    preview: Option<Preview>,
}

#[derive(Deserialize)]
struct Preview {
    nodes: Vec<Option<Node>>,
    countries: Nodes,
}

#[derive(Deserialize)]
struct Countries {
    countries: Nodes,
}

#[derive(Deserialize)]
struct Nodes {
    nodes: Vec<Extent>,
}

/// The extent of a profile.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Extent {
    code: String,
    name: String,
    record_counts: Vec<RecordCount>,
    coverage: Vec<Coverage>,
    treaty_participations: Vec<Participation>,
}

#[derive(Clone, Deserialize)]
struct RecordCount {
    kind: RecordKind,
    count: i64,
}

#[derive(Clone, Deserialize)]
struct Coverage {
    topic: CoverageTopic,
    value: CoverageValue,
}

#[derive(Clone, Deserialize)]
struct Participation {
    status: TreatyStatus,
    treaty: Treaty,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Treaty {
    reference: String,
    short_title: String,
}

/// The effect on one country.
pub struct Effect {
    /// The code of the country.
    pub code: String,
    /// Its name.
    pub name: String,
    /// The answers that change.
    pub lines: Vec<EffectLine>,
}

/// One answer that changes.
#[derive(Debug, PartialEq, Eq)]
pub struct EffectLine {
    /// The question.
    pub label: String,
    /// The answer before.
    pub before: String,
    /// The answer after.
    pub after: String,
}

/// A record to which the contribution leads.
pub struct Found {
    /// The name.
    pub label: String,
    /// The version now.
    pub version: i64,
    /// The values of its fields now.
    pub fields: Map<String, Value>,
    /// The reason for which it was retired.
    pub retired: Option<String>,
    /// False if only the contribution proposes it.
    pub exists: bool,
}

/// Reads the records and the effect.
///
/// # Errors
/// [`Refused`] if they cannot be read.
pub async fn read(
    frame: &mut Frame,
    ask: &mut dyn Ask,
    id: &str,
    records: Vec<String>,
    countries: Vec<String>,
) -> Result<(HashMap<String, Found>, Vec<Effect>), Refused> {
    let variables = Variables {
        id: id.to_owned(),
        records,
        countries,
        languages: frame.languages(),
    };
    let data = frame.query::<ReviewEffect>(ask, variables).await?;
    let preview = data.contribution.and_then(|one| one.preview);
    let (proposed, after) = preview
        .map(|one| (one.nodes, one.countries.nodes))
        .unwrap_or_default();
    let mut found: HashMap<String, Found> = proposed
        .into_iter()
        .filter_map(|one| Found::of(one?))
        .collect();
    // A record that exists has its name of now.
    found.extend(data.nodes.into_iter().filter_map(|one| Found::of(one?)));
    let before = data.at.countries.nodes;
    let effects = after.iter().map(|after| {
        let before = before.iter().find(|one| one.code == after.code);
        Effect {
            code: after.code.clone(),
            name: after.name.clone(),
            lines: lines(frame, before, after),
        }
    });
    Ok((found, effects.collect()))
}

impl Found {
    fn of(record: Node) -> Option<(String, Self)> {
        let line: Option<Value> = record
            .export_line
            .and_then(|line| serde_json::from_str(&line).ok());
        let input = line.and_then(|line| line.as_object()?.values().next().cloned());
        let fields = input.and_then(|input| input.get("fields")?.as_object().cloned());
        let found = Self {
            label: record.label?,
            version: record.version.unwrap_or_default(),
            fields: fields.unwrap_or_default(),
            retired: record.retired.map(|retired| retired.reason),
            exists: record.version.is_some(),
        };
        Some((record.record_id?, found))
    }
}

/// The answers of a profile that differ. A country that is proposed has none before.
fn lines(frame: &Frame, before: Option<&Extent>, after: &Extent) -> Vec<EffectLine> {
    let words = Words(frame.language);
    let mut lines = Vec::new();
    let mut add = |label: String, before: String, after: String| {
        if before != after {
            lines.push(EffectLine {
                label,
                before,
                after,
            });
        }
    };
    let empty = (&Vec::new(), &Vec::new(), &Vec::new());
    let (counts, coverage, treaties) = before.map_or(empty, |one| {
        (
            &one.record_counts,
            &one.coverage,
            &one.treaty_participations,
        )
    });
    for one in &after.treaty_participations {
        let old = treaties
            .iter()
            .find(|old| old.treaty.reference == one.treaty.reference);
        let old = old.map_or_else(
            || words.no_relation().to_owned(),
            |old| frame.label(&old.status),
        );
        add(
            one.treaty.short_title.clone(),
            old,
            frame.label(&one.status),
        );
    }
    for old in treaties {
        if !after
            .treaty_participations
            .iter()
            .any(|one| one.treaty.reference == old.treaty.reference)
        {
            let none = words.no_relation().to_owned();
            add(
                old.treaty.short_title.clone(),
                frame.label(&old.status),
                none,
            );
        }
    }
    for one in &after.coverage {
        let old = coverage.iter().find(|old| old.topic == one.topic);
        let old = old.map_or_else(
            || words.no_answer().to_owned(),
            |old| frame.label(&old.value),
        );
        add(frame.label(&one.topic), old, frame.label(&one.value));
    }
    for old in coverage {
        if !after.coverage.iter().any(|one| one.topic == old.topic) {
            add(
                frame.label(&old.topic),
                frame.label(&old.value),
                words.no_answer().to_owned(),
            );
        }
    }
    for one in &after.record_counts {
        let old = counts
            .iter()
            .find(|old| old.kind == one.kind)
            .map_or(0, |old| old.count);
        add(
            frame.label(&one.kind),
            old.to_string(),
            one.count.to_string(),
        );
    }
    lines
}
