//! The page of what changed in a profile, and its CSV.

use askama::Template;
use graphql_client::GraphQLQuery;
use serde_json::Value;

use super::code::country_code;
use super::words::Words;
use crate::answer::{Answer, Media};
use crate::ask::Ask;
use crate::changes::{self, EffectInWords};
use crate::csv::Csv;
use crate::difference::{self, Difference, Names};
use crate::frame::{Frame, Moment};
use crate::refused::Refused;
use crate::value::{Certainty, ChangeOperation, EffectKind, EnumValue, RecordField, RecordKind};

#[derive(GraphQLQuery)]
#[graphql(
    schema_path = "../../schema.graphql",
    query_path = "country/history.graphql",
    custom_scalars_module = "crate::value::scalar",
    extern_enums(
        "Certainty",
        "ChangeOperation",
        "EffectKind",
        "RecordField",
        "RecordKind"
    ),
    response_derives = "Debug, Clone",
    variables_derives = "Debug, Clone"
)]
struct CountryHistory;

#[derive(GraphQLQuery)]
#[graphql(
    schema_path = "../../schema.graphql",
    query_path = "country/bounds.graphql",
    custom_scalars_module = "crate::value::scalar"
)]
struct HistoryBounds;

use country_history::{
    CountryHistoryChangesNodes as Node, CountryHistoryChangesNodesCitations as Cited,
};

/// The number of changes of a page.
const PAGE: i64 = 30;
/// The number of changes of a request for all.
const MAX_CHANGES: i64 = 250;

/// The parameters that the form asks for, and those of the page that a new filter leaves.
const ASKED: &[&str] = &["year", "kind", "before", "after"];

/// A change as the page shows it.
struct Change {
    node: Node,
    /// The values that differ; of a new record, its values.
    fields: Vec<Difference>,
    is_new: bool,
    effect: Option<EffectInWords>,
}

/// The changes that became visible together.
struct Commit {
    changes: Vec<Change>,
}

#[derive(Template)]
#[template(path = "country/history.html")]
struct Page {
    frame: Frame,
    words: Words,
    code: String,
    name: String,
    commits: Vec<Commit>,
    years: Vec<String>,
    kinds: Vec<(String, String)>,
    newer: Option<String>,
    older: Option<String>,
}

/// The part of the log to read.
#[derive(Default)]
struct Bounds {
    /// The cursor before the first change.
    after: Option<String>,
    /// The cursor behind the last change.
    before: Option<String>,
    /// The year in which the log ends, as far as the page reads it.
    last_year: String,
}

/// Answers with the changes of a profile.
///
/// # Errors
/// [`Refused`] if there is no such country, if a parameter is wrong, or if the changes cannot be read.
pub async fn page(mut frame: Frame, ask: &mut dyn Ask, code: &str) -> Result<Answer, Refused> {
    let words = Words(frame.language);
    let code = country_code(code).ok_or_else(|| Refused::Absent(words.unknown_country(code)))?;
    frame.path = format!("/countries/{code}/history");
    let kinds = kinds(&frame, words)?;
    let bounds = bounds(&frame, words, ask).await?;
    let is_forward = frame.params.has("after");
    let asked = |name: &str| frame.params.get(name).map(str::to_owned);
    let variables = country_history::Variables {
        on: frame.on(),
        at: frame.at(),
        code: code.clone(),
        languages: Some(frame.languages()),
        kinds,
        first: is_forward.then_some(PAGE),
        last: (!is_forward).then_some(PAGE),
        after: asked("after").or(bounds.after.clone()),
        before: asked("before").or(bounds.before.clone()),
    };
    if frame.media == Media::Json {
        return frame
            .json_of::<CountryHistory>(ask, variables, "/data/at/country")
            .await;
    }
    let rest = variables.clone();
    let data = frame.query::<CountryHistory>(ask, variables).await?;
    frame.moment = Some(Moment {
        as_of: data.at.as_of,
        cursor: data.at.cursor,
        known_at: data.at.known_at,
    });
    frame.alternates = vec![(Media::Json, "json"), (Media::Csv, "csv")];
    let Some(country) = data.at.country else {
        return Err(Refused::Absent(words.unknown_country(&code)));
    };
    if frame.media == Media::Csv {
        let nodes = all(&frame, ask, bounds, rest).await?;
        let names = names(&frame, ask, &nodes).await?;
        let text = csv(&frame, &names, &nodes);
        return Ok(Answer::of(Media::Csv, text, frame.lifetime()));
    }
    let mut nodes = data.changes.nodes;
    nodes.reverse();
    let names = names(&frame, ask, &nodes).await?;
    let info = data.changes.page_info;
    let has_newer = if is_forward {
        info.has_next_page
    } else {
        frame.params.has("before")
    };
    let has_older = is_forward || info.has_previous_page;
    let to = |name: &str, at: Option<&Node>| {
        let params = frame.params.with("before", None).with("after", None);
        let params = params.with(name, Some(&at?.cursor));
        Some(format!("{}{}", frame.path, params.query()))
    };
    let newer = if has_newer {
        to("after", nodes.first())
    } else {
        None
    };
    let older = if has_older {
        to("before", nodes.last())
    } else {
        None
    };
    let oldest = data
        .oldest
        .nodes
        .first()
        .map(|one| one.committed_at.clone());
    frame.cite(&words.history_of(&country.name));
    let page = Page {
        years: years(oldest.as_deref(), &bounds.last_year),
        kinds: frame.values_of(RecordKind::ENUM),
        words,
        code,
        name: country.name,
        commits: commits(&frame, &names, nodes),
        newer,
        older,
        frame: frame.clone(),
    };
    frame.page(&page)
}

/// All changes within bounds, newest first: a file has more rows than a page.
async fn all(
    frame: &Frame,
    ask: &mut dyn Ask,
    bounds: Bounds,
    page: country_history::Variables,
) -> Result<Vec<Node>, Refused> {
    let mut nodes: Vec<Node> = Vec::new();
    let mut before = match (bounds.before, &frame.moment) {
        (None, Some(moment)) => frame.change_after(ask, &moment.cursor).await?,
        (before, _) => before,
    };
    loop {
        let variables = country_history::Variables {
            first: None,
            last: Some(MAX_CHANGES),
            after: bounds.after.clone(),
            before,
            ..page.clone()
        };
        let read = frame
            .execute::<CountryHistory>(ask, variables)
            .await?
            .changes;
        before = read.nodes.first().map(|node| node.cursor.clone());
        nodes.extend(read.nodes.into_iter().rev());
        if !read.page_info.has_previous_page || before.is_none() {
            return Ok(nodes);
        }
    }
}

/// The kinds of records of the filter.
fn kinds(frame: &Frame, words: Words) -> Result<Option<Vec<RecordKind>>, Refused> {
    let kinds: Vec<RecordKind> = frame
        .params
        .all("kind")
        .map(|kind| RecordKind(kind.to_owned()))
        .collect();
    let known = frame.values_of(RecordKind::ENUM);
    let wrong = kinds
        .iter()
        .find(|kind| known.iter().all(|(value, _)| *value != kind.0));
    match wrong {
        Some(kind) => Err(Refused::Wrong(words.wrong_kind(&kind.0))),
        None => Ok(Some(kinds).filter(|kinds| !kinds.is_empty())),
    }
}

/// The part of the log that the address names by its year and its moment.
async fn bounds(frame: &Frame, words: Words, ask: &mut dyn Ask) -> Result<Bounds, Refused> {
    let year = match frame.params.get("year") {
        None => None,
        Some(text) if text.len() == 4 => {
            let year: Option<u16> = text.parse().ok().filter(|year| *year >= 1000);
            Some(year.ok_or_else(|| Refused::Wrong(words.wrong_year(text)))?)
        }
        Some(text) => return Err(Refused::Wrong(words.wrong_year(text))),
    };
    let moment = |from: Option<String>, to: Option<String>| history_bounds::Variables {
        at: frame.at(),
        from,
        to,
    };
    let data = frame
        .execute::<HistoryBounds>(ask, moment(None, None))
        .await?;
    let this_year = data
        .now
        .as_of
        .split('-')
        .next()
        .unwrap_or_default()
        .to_owned();
    let seen = data.seen.known_at.filter(|_| frame.at().is_some());
    let last_year = seen.as_deref().and_then(|instant| instant.get(..4));
    let mut bounds = Bounds {
        last_year: last_year.unwrap_or(&this_year).to_owned(),
        ..Bounds::default()
    };
    let mut last = frame.at();
    if let Some(year) = year {
        let this_year: u16 = this_year.parse().unwrap_or(year);
        let end = format!("{year}-12-31T23:59:59.999999Z");
        let start = format!("{}-12-31T23:59:59.999999Z", year.saturating_sub(1));
        let is_past = year < this_year;
        let variables = moment(
            (year <= this_year).then_some(start),
            is_past.then(|| end.clone()),
        );
        let found = frame.execute::<HistoryBounds>(ask, variables).await?;
        let seen = found.seen.known_at.unwrap_or_default();
        if is_past && (last.is_none() || seen > end) {
            last = Some(found.end.cursor.clone());
        }
        // A year that ended before the log began, one that began after the moment, or one to come.
        let is_empty = year > this_year
            || (is_past && found.start.cursor == found.end.cursor)
            || (frame.at().is_some() && seen < format!("{year}"));
        if is_empty {
            // Nothing lies between a moment and the change that follows it.
            last = Some(found.seen.cursor.clone());
            bounds.after = Some(found.seen.cursor);
        } else {
            bounds.after = Some(found.start.cursor);
        }
    }
    if let Some(last) = last {
        bounds.before = frame.change_after(ask, &last).await?;
    }
    Ok(bounds)
}

/// The years from the first change to the last, newest first.
fn years(oldest: Option<&str>, last_year: &str) -> Vec<String> {
    let first = oldest
        .and_then(|instant| instant.get(..4))
        .and_then(|year| year.parse().ok());
    let last: u16 = last_year.parse().unwrap_or_default();
    let first: u16 = first.unwrap_or(last);
    (first..=last).rev().map(|year| year.to_string()).collect()
}

/// The labels of all records that values of the changes name.
async fn names(frame: &Frame, ask: &mut dyn Ask, nodes: &[Node]) -> Result<Names, Refused> {
    let fields = nodes.iter().flat_map(|node| &node.fields);
    let named: Vec<(&str, &Value)> = fields
        .flat_map(|field| {
            let values = field.before.iter().chain(&field.after);
            values.map(|value| (field.name.as_str(), value))
        })
        .collect();
    difference::names(frame, ask, named.into_iter()).await
}

/// The changes by commit. They are newest first; within a commit they keep the order of the log.
fn commits(frame: &Frame, names: &Names, nodes: Vec<Node>) -> Vec<Commit> {
    let mut commits: Vec<Commit> = Vec::new();
    for node in nodes {
        let change = change(frame, names, node);
        match commits.last_mut() {
            Some(commit) if commit.is_of(&change) => commit.changes.insert(0, change),
            _ => commits.push(Commit {
                changes: vec![change],
            }),
        }
    }
    commits
}

impl Commit {
    /// True if its records were created together without a contribution, as by loading a data set.
    fn is_loaded(&self) -> bool {
        self.changes.iter().all(|change| {
            let size = usize::try_from(change.node.transaction.size).unwrap_or_default();
            change.is_new && change.node.contribution.is_none() && size > changes::LOADED
        })
    }

    /// True if a change became visible with those of this commit.
    fn is_of(&self, change: &Change) -> bool {
        let first = self.changes.first();
        first.is_some_and(|first| first.node.transaction.id == change.node.transaction.id)
    }
}

impl Change {
    /// The citations that the change added.
    fn citations(&self) -> &[Cited] {
        &self.node.citations
    }
}

fn change(frame: &Frame, names: &Names, node: Node) -> Change {
    let is_new = node.operation == "CREATE";
    let fields = node.fields.iter().map(|field| {
        let before = if is_new { &field.after } else { &field.before };
        let (before, after) = (before.as_ref(), field.after.as_ref());
        difference::compare(frame, names, &node.record_id, &field.name, before, after)
    });
    let effect = effect(frame, &node);
    Change {
        fields: fields.collect(),
        is_new,
        effect,
        node,
    }
}

/// The effect of a change in words.
fn effect(frame: &Frame, node: &Node) -> Option<EffectInWords> {
    let one = node.effect.as_ref()?;
    let values = [one.before.as_deref(), one.after.as_deref()];
    let kind = node.record_kind.value();
    Some(EffectInWords::new(frame, &one.kind, kind, &one.on, values))
}

/// The changes as CSV, newest first: a row for each field.
fn csv(frame: &Frame, names: &Names, nodes: &[Node]) -> String {
    let header = [
        "committed at",
        "operation",
        "actor",
        "kind",
        "record",
        "record_label",
        "field",
        "label",
        "before",
        "after",
        "change_cursor",
        "contribution",
    ];
    let mut csv = Csv::new(frame, &header);
    for node in nodes {
        let told = |name: &str, value: &Option<serde_json::Value>| {
            let value = value.as_ref().filter(|value| !value.is_null());
            let text = |value| difference::text(frame, names, &node.record_id, name, value);
            value.map(text).unwrap_or_default()
        };
        let mut rows: Vec<[String; 4]> = node
            .fields
            .iter()
            .map(|field| {
                let label = frame.label_of("RecordField", &difference::screaming(&field.name));
                [
                    field.name.clone(),
                    label,
                    told(&field.name, &field.before),
                    told(&field.name, &field.after),
                ]
            })
            .collect();
        if let (Some(told), Some(effect)) = (effect(frame, node), &node.effect) {
            rows.push([effect.kind.0.clone(), told.kind, told.before, told.after]);
        }
        if rows.is_empty() {
            rows.push([const { String::new() }; 4]);
        }
        for [name, label, before, after] in rows {
            let contribution = node.contribution.as_ref();
            csv.row(&[
                node.committed_at.as_str(),
                &frame.label(&node.operation),
                &node.actor.name,
                &frame.label(&node.record_kind),
                &node.record_id,
                &node.record.label,
                &name,
                &label,
                &before,
                &after,
                &node.cursor,
                contribution.map(|one| one.id.as_str()).unwrap_or_default(),
            ]);
        }
    }
    csv.finish()
}

impl Page {
    /// The address of the source of a citation.
    fn source_href(&self, record_id: &str) -> String {
        self.frame
            .href(format!("/sources/{}", self.frame.key(record_id)))
    }

    /// The address of the record of a change.
    fn record_href(&self, record_id: &str) -> String {
        match record_id.split_once(':') {
            Some(("Country", key)) => self
                .frame
                .href(format!("/countries/{}", key.to_uppercase())),
            _ => self.frame.href(format!("/records/{record_id}")),
        }
    }

    /// The address of a contribution.
    fn contribution_href(&self, id: &str) -> String {
        self.frame.href(format!("/review/{}", self.frame.key(id)))
    }

    /// The address of the profile.
    fn profile_href(&self) -> String {
        self.frame.href(format!("/countries/{}", self.code))
    }

    /// The address of the profile as it was known after the commit of a change.
    fn profile_at(&self, change: &Change) -> String {
        let params = self.frame.params.only(&["on", "lang"]);
        let params = params.with("at", Some(&change.node.cursor));
        format!("/countries/{}{}", self.code, params.query())
    }

    /// The address of the profile as it was known before the commit of a change. `None` if the page does not show the
    /// commit before it.
    fn profile_before(&self, change: &Change) -> Option<String> {
        let mut commits = self.commits.iter().skip_while(|one| !one.is_of(change));
        let before = commits.nth(1)?.changes.first();
        let before = before.filter(|_| !self.frame.params.has("kind"));
        before.map(|change| self.profile_at(change))
    }

    /// The sentence on records that were loaded together.
    fn loaded(&self) -> &'static str {
        changes::Words(self.frame.language).loaded()
    }

    /// True if a year or kind is the chosen one.
    fn is_chosen(&self, name: &str, value: &str) -> bool {
        self.frame.params.get(name) == Some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn years_go_from_the_last_to_the_first() {
        assert_eq!(
            years(Some("2024-05-01T00:00:00Z"), "2026"),
            ["2026", "2025", "2024"]
        );
        assert_eq!(years(None, "2026"), ["2026"]);
        assert!(years(Some("2027-01-01T00:00:00Z"), "2026").is_empty());
    }
}
