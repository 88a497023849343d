//! The queue.

use askama::Template;
use graphql_client::GraphQLQuery;

use super::words::Words;
use crate::answer::{Answer, Media};
use crate::ask::Ask;
use crate::country_list;
use crate::day;
use crate::frame::Frame;
use crate::params::encoded;
use crate::refused::Refused;
use crate::value::{
    ContributionOrder, ContributionState, ContributionStep, EnumValue, RecordField, RecordKind,
    UserErrorCode,
};

/// Rows of a page.
const ROWS: i64 = 25;
/// Requests for 100 contributions each that one page makes to find those of a kind or an author.
const SCANS: usize = 3;

#[derive(GraphQLQuery)]
#[graphql(
    schema_path = "../../schema.graphql",
    query_path = "review/queue.graphql",
    custom_scalars_module = "crate::value::scalar",
    extern_enums(
        "ContributionOrder",
        "ContributionState",
        "ContributionStep",
        "UserErrorCode",
        "RecordField"
    ),
    response_derives = "Debug, Clone",
    variables_derives = "Default"
)]
struct ReviewQueue;

use review_queue::Row;

#[derive(GraphQLQuery)]
#[graphql(
    schema_path = "../../schema.graphql",
    query_path = "review/scan.graphql",
    custom_scalars_module = "crate::value::scalar",
    extern_enums("ContributionOrder", "ContributionState", "RecordKind"),
    response_derives = "Debug, Clone"
)]
struct ReviewScan;

#[derive(Template)]
#[template(path = "review/queue.html")]
struct Page {
    frame: Frame,
    words: Words,
    today: String,
    /// Country codes and names, by name.
    countries: Vec<(String, String)>,
    states: Vec<StateCount>,
    waiting: Vec<Row>,
    waiting_count: i64,
    rows: Vec<Row>,
    /// The number of contributions that the filters of the service select.
    total: i64,
    /// The number of contributions that the page looked through for a kind or an author.
    searched: Option<usize>,
    /// Addresses of other pages.
    first: Option<String>,
    previous: Option<String>,
    next: Option<String>,
}

/// A state with the number of its contributions.
struct StateCount {
    state: ContributionState,
    count: i64,
    is_chosen: bool,
}

impl Page {
    /// True if a parameter has this value.
    fn is_set(&self, name: &str, value: impl AsRef<str>) -> bool {
        self.frame
            .params
            .all(name)
            .any(|known| known == value.as_ref())
    }

    /// The value of a parameter, for its field.
    fn value_of(&self, name: &str) -> &str {
        self.frame.params.get(name).unwrap_or_default()
    }

    /// True if more contributions wait for the person than the page shows.
    fn has_more_waiting(&self) -> bool {
        i64::try_from(self.waiting.len()).is_ok_and(|shown| self.waiting_count > shown)
    }

    /// The address of a contribution.
    fn address(&self, id: &str) -> String {
        self.frame.href_to("/review/", encoded(self.frame.key(id)))
    }

    /// The age of a contribution.
    fn age(&self, row: &Row) -> String {
        let since = row.submitted_at.as_ref().unwrap_or(&row.created_at);
        match day::between(since, &self.today) {
            0 => self.words.today().to_owned(),
            1 => self.words.one_day().to_owned(),
            days => self.words.days(days),
        }
    }

    /// The step that a contribution waits for.
    fn task(&self, row: &Row) -> &'static str {
        let has = |step: &str| row.steps.iter().any(|known| known.value() == step);
        if has("RESOLVE_CONFLICTS") {
            self.words.resolve_them()
        } else if has("REJECT") {
            self.words.review_it()
        } else if has("SUBMIT") {
            self.words.answer_request()
        } else {
            ""
        }
    }
}

/// Answers with the queue.
///
/// # Errors
/// [`Refused`] if it cannot be read.
pub async fn page(mut frame: Frame, ask: &mut dyn Ask) -> Result<Answer, Refused> {
    // Contributions change without the data.
    frame.is_personal = true;
    let scanned = scan(&frame, ask).await?;
    let variables = variables(&frame, scanned.as_ref());
    if frame.media == Media::Json {
        return frame.json::<ReviewQueue>(ask, variables).await;
    }
    let data = frame.query::<ReviewQueue>(ask, variables).await?;
    frame.alternates = vec![(Media::Json, "json")];
    let page_info = data.contributions.page_info;
    let to = |name: &str, cursor: Option<String>| {
        let params = frame.params.with("after", None).with("before", None);
        let params = params.with(name, cursor.as_deref());
        format!("{}{}", frame.path, params.query())
    };
    let is_later = frame.params.has("after") || frame.params.has("before");
    let (previous, next) = match &scanned {
        Some(scanned) => (
            None,
            scanned.next.clone().map(|next| to("after", Some(next))),
        ),
        None => (
            page_info
                .has_previous_page
                .then(|| to("before", page_info.start_cursor)),
            page_info
                .has_next_page
                .then(|| to("after", page_info.end_cursor)),
        ),
    };
    let first = is_later.then(|| to("after", None));
    let organisations = data.at.organisations.nodes.into_iter();
    let organisations = organisations.map(|one| (one.code, one.name));
    let countries = data.at.countries.nodes.into_iter();
    let countries = countries.map(|one| (one.code, one.name));
    let countries = country_list::by_name(countries.chain(organisations));
    let states = data.contribution_counts.into_iter().map(|one| StateCount {
        is_chosen: frame
            .params
            .all("state")
            .any(|state| state == one.state.value()),
        state: one.state,
        count: one.count,
    });
    let page = Page {
        words: Words(frame.language),
        today: data.at.as_of,
        countries,
        states: states.collect(),
        waiting: data.waiting.nodes,
        waiting_count: data.waiting.total_count,
        rows: data.contributions.nodes,
        total: data.contributions.total_count,
        searched: scanned.map(|scanned| scanned.searched),
        first,
        previous,
        next,
        frame: frame.clone(),
    };
    frame.page(&page)
}

/// The variables of the document, for the page of the list that the address names.
fn variables(frame: &Frame, scanned: Option<&Scanned>) -> review_queue::Variables {
    let params = &frame.params;
    let (after, before) = (params.get("after"), params.get("before"));
    let (after, before) = (after.map(str::to_owned), before.map(str::to_owned));
    let order = params.get("order");
    let variables = review_queue::Variables {
        counted: Some(filter(frame, false)),
        order: order.map(|order| ContributionOrder(order.to_owned())),
        languages: Some(frame.languages()),
        ..review_queue::Variables::default()
    };
    if let Some(scanned) = scanned {
        let ids = Some(scanned.ids.clone());
        return review_queue::Variables {
            filter: Some(review_queue::ContributionFilter { ids, ..empty() }),
            first: Some(ROWS),
            ..variables
        };
    }
    let is_backwards = after.is_none() && before.is_some();
    review_queue::Variables {
        filter: Some(filter(frame, true)),
        first: (!is_backwards).then_some(ROWS),
        last: is_backwards.then_some(ROWS),
        before: before.filter(|_| is_backwards),
        after,
        ..variables
    }
}

/// The record kinds of the filter.
pub fn kinds() -> [RecordKind; 11] {
    [
        "COUNTRY",
        "TREATY_EVENT",
        "POLICY_DOCUMENT",
        "CYBERSECURITY_BODY",
        "OPERATIONAL_UNIT",
        "COVERAGE_ASSERTION",
        "ARTICLE_IMPLEMENTATION",
        "COURT_DECISION",
        "PROFILE_SECTION",
        "SOURCE",
        "TREATY",
    ]
    .map(|kind| RecordKind(kind.to_owned()))
}

/// Reads the filter of the address.
fn filter(frame: &Frame, with_state: bool) -> review_queue::ContributionFilter {
    let params = &frame.params;
    let some = |list: Vec<String>| (!list.is_empty()).then_some(list);
    let states: Vec<_> = params
        .all("state")
        .map(|state| ContributionState(state.to_owned()))
        .collect();
    review_queue::ContributionFilter {
        awaiting_viewer: params.has("awaiting").then_some(true),
        mine: params.has("mine").then_some(true),
        countries: some(params.all("country").map(str::to_owned).collect()),
        records: some(params.all("record").map(str::to_owned).collect()),
        state: (with_state && !states.is_empty()).then_some(states),
        ..empty()
    }
}

fn empty() -> review_queue::ContributionFilter {
    review_queue::ContributionFilter {
        awaiting_viewer: None,
        mine: None,
        countries: None,
        records: None,
        ids: None,
        state: None,
    }
}

/// Contributions of a kind or an author.
struct Scanned {
    ids: Vec<String>,
    /// The number of contributions that were looked through.
    searched: usize,
    /// The cursor after which the search goes on.
    next: Option<String>,
}

/// Searches for the contributions of a kind or an author, by which the schema does not filter. `None` if the address
/// asks for neither.
async fn scan(frame: &Frame, ask: &mut dyn Ask) -> Result<Option<Scanned>, Refused> {
    let (kind, author) = (frame.params.get("kind"), frame.params.get("author"));
    if kind.is_none() && author.is_none() {
        return Ok(None);
    }
    let author = author.map(str::to_lowercase);
    let mut found = Scanned {
        ids: Vec::new(),
        searched: 0,
        next: frame.params.get("after").map(str::to_owned),
    };
    for _ in 0..SCANS {
        let asked = filter(frame, true);
        let variables = review_scan::Variables {
            filter: Some(review_scan::ContributionFilter {
                awaiting_viewer: asked.awaiting_viewer,
                mine: asked.mine,
                countries: asked.countries,
                records: asked.records,
                ids: asked.ids,
                state: asked.state,
            }),
            order: frame
                .params
                .get("order")
                .map(|order| ContributionOrder(order.to_owned())),
            after: found.next.take(),
        };
        let data = frame
            .execute::<ReviewScan>(ask, variables)
            .await?
            .contributions;
        for edge in data.edges {
            let node = edge.node;
            found.searched = found.searched.saturating_add(1);
            let is_of_kind =
                kind.is_none_or(|kind| node.changes.iter().any(|one| one.record_kind == kind));
            let is_of_author = author.as_ref().is_none_or(|author| {
                node.authors
                    .iter()
                    .any(|one| one.name.to_lowercase().contains(author))
            });
            if is_of_kind && is_of_author {
                found.ids.push(node.id);
                if found.ids.len() >= usize::try_from(ROWS).unwrap_or(usize::MAX) {
                    found.next = Some(edge.cursor);
                    return Ok(Some(found));
                }
            }
        }
        found.next = data
            .page_info
            .end_cursor
            .filter(|_| data.page_info.has_next_page);
        if found.next.is_none() {
            break;
        }
    }
    Ok(Some(found))
}
