//! The page of the change log.

use askama::Template;
use graphql_client::GraphQLQuery;
use serde_json::Value;

use super::effect::EffectInWords;
use super::filter::Filter;
use super::words::Words;
use super::{rows, short};
use crate::answer::{Answer, Media};
use crate::ask::Ask;
use crate::country_list;
use crate::difference::{self, Difference, Names};
use crate::frame::Frame;
use crate::refused::Refused;
use crate::value::{ChangeOperation, EffectKind, EnumValue, RecordField, RecordKind};

#[derive(GraphQLQuery)]
#[graphql(
    schema_path = "../../schema.graphql",
    query_path = "changes/page.graphql",
    custom_scalars_module = "crate::value::scalar",
    extern_enums("ChangeOperation", "EffectKind", "RecordField", "RecordKind"),
    skip_serializing_none,
    response_derives = "Debug"
)]
pub struct Changes;

#[derive(GraphQLQuery)]
#[graphql(
    schema_path = "../../schema.graphql",
    query_path = "changes/since.graphql",
    custom_scalars_module = "crate::value::scalar",
    response_derives = "Debug"
)]
struct Since;

use changes::ChangesChangesNodes as Change;

/// Number of changes on a page.
const SIZE: i64 = 50;
/// Records that are created together without a contribution are listed one by one up to this number.
pub const LOADED: usize = 5;

/// The changes of one commit.
struct Commit {
    id: String,
    size: usize,
    at: String,
    actor: String,
    contribution: Option<(String, String)>,
    changes: Vec<Shown>,
}

impl Commit {
    /// True if many records were created together without a contribution, as by loading a data set.
    fn is_loaded(&self) -> bool {
        let mut changes = self.changes.iter();
        self.contribution.is_none()
            && self.changes.len() > LOADED
            && changes.all(|change| change.operation == "CREATE")
    }

    /// The kinds of the records, each with the number of its records on this page, by number.
    fn kinds(&self) -> Vec<(&str, usize)> {
        let mut kinds: Vec<(&str, usize)> = Vec::new();
        for change in &self.changes {
            match kinds.iter_mut().find(|(kind, _)| *kind == change.kind) {
                Some((_, count)) => *count = count.saturating_add(1),
                None => kinds.push((&change.kind, 1)),
            }
        }
        kinds.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        kinds
    }

    /// The path at which an error in the commit is reported.
    fn report(&self) -> String {
        match self.changes.as_slice() {
            [one] => format!("/contribute?record={}", one.id),
            _ => "/contribute".to_owned(),
        }
    }
}

/// A change as a reader sees it.
struct Shown {
    id: String,
    operation: ChangeOperation,
    kind: String,
    label: String,
    path: String,
    history: String,
    countries: Vec<(String, String)>,
    /// The names of the fields of a new record.
    names: Vec<String>,
    /// The differences of a changed record.
    fields: Vec<Difference>,
    effect: Option<EffectInWords>,
    reason: Option<String>,
}

#[derive(Template)]
#[template(path = "changes/page.html")]
struct Page {
    frame: Frame,
    words: Words,
    filter: Filter,
    kinds: Vec<(String, String)>,
    operations: Vec<(String, String)>,
    countries: Vec<(String, String)>,
    total: i64,
    head: String,
    /// The instant up to which the log is shown; `None` for the present.
    known_at: Option<String>,
    commits: Vec<Commit>,
    older: Option<String>,
    newer: Option<String>,
}

impl Page {
    /// The address of another page of the log; without a cursor that of the newest changes.
    fn turned(&self, name: &str, cursor: &str) -> String {
        format!("/changes{}", turned(&self.frame, name, cursor))
    }

    /// The address of what changed since a cursor.
    fn since(&self, cursor: &str) -> String {
        let params = self.frame.params.with("at", None);
        let mut frame = self.frame.clone();
        frame.params = params;
        format!("/changes{}", turned(&frame, "after", cursor))
    }

    /// The address of this log as it is now.
    fn newest(&self) -> String {
        format!("/changes{}", self.frame.params.with("at", None).query())
    }

    /// The address of the log without filters.
    fn unfiltered(&self) -> String {
        format!(
            "/changes{}",
            self.frame.params.only(&["lang", "at"]).query()
        )
    }

    /// The feed of the one country of the filter: its name and path.
    fn country_feed(&self) -> Option<(&str, String)> {
        let [code] = self.filter.countries.as_slice() else {
            return None;
        };
        let (_, name) = self.countries.iter().find(|(known, _)| known == code)?;
        Some((name, format!("/countries/{code}/feed.atom")))
    }
}

/// Answers with a page of the log.
///
/// # Errors
/// [`Refused`] if a filter or a cursor is wrong.
pub async fn page(mut frame: Frame, ask: &mut dyn Ask) -> Result<Answer, Refused> {
    frame.be_without_day();
    let words = Words(frame.language);
    let filter = Filter::read(&frame, words)?;
    let variables = variables(&frame, ask, &filter).await?;
    if frame.media == Media::Json {
        return frame.json::<Changes>(ask, variables).await;
    }
    if !matches!(frame.media, Media::Html | Media::Csv) {
        return Err(Refused::Absent(frame.path));
    }
    let data = frame.query::<Changes>(ask, variables).await?;
    let organisations = data.at.organisations.nodes.into_iter();
    let organisations = organisations.map(|one| (one.code, one.name));
    let countries = data.at.countries.nodes.into_iter();
    let countries = countries.map(|one| (one.code, one.name));
    let countries = country_list::by_name(countries.chain(organisations));
    let is_unknown = |code: &&String| !countries.iter().any(|(known, _)| known == *code);
    if let Some(code) = filter.countries.iter().find(is_unknown) {
        return Err(Refused::Wrong(words.no_country(code)));
    }
    frame.alternates = vec![(Media::Csv, "csv"), (Media::Json, "json")];
    let found = data.changes;
    let (older, newer) = turns(&frame, found.page_info);
    if frame.media == Media::Csv {
        let lifetime = frame.lifetime();
        let next = older.map(|cursor| format!("/changes.csv{}", turned(&frame, "before", &cursor)));
        let text = rows::csv(frame, &data.at.cursor, &found.nodes, next);
        return Ok(Answer::of(Media::Csv, text, lifetime));
    }
    let changed = found
        .nodes
        .iter()
        .filter(|change| change.operation != "CREATE");
    let named: Vec<(&str, &Value)> = changed
        .flat_map(|change| &change.fields)
        .flat_map(|field| {
            let values = field.before.iter().chain(&field.after);
            values.map(|value| (field.name.as_str(), value))
        })
        .collect();
    let names = difference::names(&frame, ask, named.into_iter()).await?;
    let page = Page {
        words,
        kinds: frame.values_of("RecordKind"),
        operations: frame.values_of("ChangeOperation"),
        countries,
        total: found.total_count,
        head: data.at.cursor,
        known_at: data.at.known_at.filter(|_| frame.at().is_some()),
        commits: commits(&frame, &names, found.nodes),
        older,
        newer,
        filter,
        frame: frame.clone(),
    };
    frame.page(&page)
}

/// The parameters of another page of the log; without a cursor those of the newest changes.
fn turned(frame: &Frame, name: &str, cursor: &str) -> String {
    let mut params = frame.params.clone();
    for name in ["before", "after", "newer"] {
        params = params.with(name, None);
    }
    let cursor = Some(cursor).filter(|cursor| !cursor.is_empty());
    params.with(name, cursor).query()
}

/// The cursors of the pages with older and with newer changes. A log that ends at a moment has no newer page behind it.
fn turns(frame: &Frame, info: changes::ChangesChangesPageInfo) -> (Option<String>, Option<String>) {
    let is_turned = ["before", "newer"]
        .iter()
        .any(|name| frame.params.has(name));
    let has_newer = info.has_next_page && (frame.at().is_none() || is_turned);
    (
        info.start_cursor.filter(|_| info.has_previous_page),
        info.end_cursor.filter(|_| has_newer),
    )
}

/// The variables of the document: `before` pages to older changes, `newer` to newer ones, `after` shows the newest ones
/// after a cursor.
async fn variables(
    frame: &Frame,
    ask: &mut dyn Ask,
    filter: &Filter,
) -> Result<changes::Variables, Refused> {
    let given = |list: &[String]| (!list.is_empty()).then(|| list.to_vec());
    let cursor = |name: &str| frame.params.get(name).map(str::to_owned);
    let newer = cursor("newer");
    let mut before = cursor("before").filter(|_| newer.is_none());
    let mut after = newer.clone().or_else(|| cursor("after"));
    if let (Some(day), None) = (&filter.since, &after) {
        let variables = since::Variables {
            known_at: format!("{day}T00:00:00Z"),
        };
        after = Some(frame.execute::<Since>(ask, variables).await?.at.cursor);
    }
    if let (Some(at), None) = (frame.at(), &before) {
        before = frame.change_after(ask, &at).await?;
    }
    Ok(changes::Variables {
        at: frame.at(),
        filter: Some(changes::ChangeFilter {
            kinds: given(&filter.kinds).map(|all| all.into_iter().map(RecordKind).collect()),
            countries: given(&filter.countries),
            operations: given(&filter.operations)
                .map(|all| all.into_iter().map(ChangeOperation).collect()),
            records: given(&filter.records),
            treaties: given(&filter.treaties),
            include_shared: None,
        }),
        first: newer.is_some().then_some(SIZE),
        last: newer.is_none().then_some(SIZE),
        after,
        before,
        languages: Some(frame.languages()),
    })
}

/// The commits of changes, newest first.
fn commits(frame: &Frame, names: &Names, changes: Vec<Change>) -> Vec<Commit> {
    let mut commits: Vec<Commit> = Vec::new();
    for change in changes.into_iter().rev() {
        let is_same = commits
            .last()
            .is_some_and(|last| last.id == change.transaction.id);
        if !is_same {
            let contribution = change.contribution.as_ref();
            commits.push(Commit {
                id: change.transaction.id.clone(),
                size: usize::try_from(change.transaction.size).unwrap_or_default(),
                at: change.committed_at.clone(),
                actor: change.actor.name.clone(),
                contribution: contribution.map(|one| (one.id.clone(), one.title.clone())),
                changes: Vec::new(),
            });
        }
        if let Some(last) = commits.last_mut() {
            last.changes.push(shown(frame, names, change));
        }
    }
    commits
}

fn shown(frame: &Frame, names: &Names, change: Change) -> Shown {
    let is_new = change.operation == "CREATE";
    let id = change.record_id;
    let kind = change.record_kind;
    let effect = change.effect.map(|one| {
        let values = [one.before.as_deref(), one.after.as_deref()];
        EffectInWords::new(frame, &one.kind, kind.value(), &one.on, values)
    });
    let fields = change.fields.iter();
    let difference = |field: &changes::ChangesChangesNodesFields| {
        let (before, after) = (field.before.as_ref(), field.after.as_ref());
        short::cut(difference::compare(
            frame,
            names,
            &id,
            &field.name,
            before,
            after,
        ))
    };
    Shown {
        names: fields
            .clone()
            .filter(|_| is_new)
            .map(|field| frame.label(&field.field))
            .collect(),
        fields: fields.filter(|_| !is_new).map(difference).collect(),
        kind: frame.label(&kind),
        path: difference::path_of(frame, &id).unwrap_or_default(),
        history: format!("/records/{id}/history"),
        label: change.record.label,
        id,
        countries: change
            .countries
            .into_iter()
            .map(|one| (one.code, one.name))
            .collect(),
        reason: change
            .record
            .retired
            .filter(|_| change.operation == "RETIRE")
            .map(|one| one.reason),
        operation: change.operation,
        effect,
    }
}
