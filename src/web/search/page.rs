//! The page of the search.

use askama::Template;
use graphql_client::GraphQLQuery;

use super::highlight::{self, Piece};
use super::words::Words;
use crate::answer::{Answer, Media};
use crate::ask::Ask;
use crate::csv::Csv;
use crate::frame::Frame;
use crate::params::Params;
use crate::refused::Refused;
use crate::value::RecordKind;
use crate::{country_list, difference};

#[derive(GraphQLQuery)]
#[graphql(
    schema_path = "../../schema.graphql",
    query_path = "search/page.graphql",
    custom_scalars_module = "crate::value::scalar",
    extern_enums("RecordKind"),
    skip_serializing_none,
    response_derives = "Debug"
)]
struct Search;

use search::SearchSearchNodes as Found;

/// Number of results on a page.
const SIZE: i64 = 25;

/// A record that was found.
struct Hit {
    id: String,
    path: String,
    label: String,
    kind: String,
    excerpts: Vec<Vec<Piece>>,
}

#[derive(Template)]
#[template(path = "search/page.html")]
struct Page {
    frame: Frame,
    words: Words,
    q: String,
    kinds: Vec<(String, String)>,
    chosen_kinds: Vec<String>,
    countries: Vec<(String, String)>,
    chosen_countries: Vec<String>,
    total: i64,
    hits: Vec<Hit>,
    previous: Option<String>,
    next: Option<String>,
    feed: String,
}

impl Page {
    fn has_letters(&self) -> bool {
        self.q.chars().any(char::is_alphanumeric)
    }

    fn is_filtered(&self) -> bool {
        !self.chosen_kinds.is_empty() || !self.chosen_countries.is_empty()
    }

    /// The address of another page of the results.
    fn turned(&self, name: &str, cursor: &str) -> String {
        let params = self.frame.params.with("before", None).with("after", None);
        format!("/search{}", params.with(name, Some(cursor)).query())
    }

    /// The address of the search without filters.
    fn unfiltered(&self) -> String {
        let params = self.frame.params.only(&["q", "lang"]);
        format!("/search{}", params.query())
    }
}

/// Answers with the records that a search finds.
///
/// # Errors
/// [`Refused`] if a filter is wrong, or if the text has more than 200 characters.
pub async fn page(mut frame: Frame, ask: &mut dyn Ask) -> Result<Answer, Refused> {
    frame.be_now();
    let words = Words(frame.language);
    let q = frame.params.get("q").unwrap_or_default().to_owned();
    let kinds = frame.values_of("RecordKind");
    let list = |name: &str| {
        let values = frame.params.all(name).flat_map(|value| value.split(','));
        values.map(str::to_uppercase).collect::<Vec<_>>()
    };
    let (chosen_kinds, chosen_countries) = (list("kind"), list("country"));
    if chosen_kinds
        .iter()
        .any(|kind| !kinds.iter().any(|(known, _)| known == kind))
    {
        let known: Vec<&str> = kinds.iter().map(|(kind, _)| kind.as_str()).collect();
        return Err(Refused::Wrong(words.no_kind(known.join(", "))));
    }
    let variables = variables(&frame, &q, &chosen_kinds, &chosen_countries);
    if frame.media == Media::Json {
        return frame.json::<Search>(ask, variables).await;
    }
    if !matches!(frame.media, Media::Html | Media::Csv) {
        return Err(Refused::Absent(frame.path));
    }
    let data = frame.query::<Search>(ask, variables).await?;
    let organisations = data.organisations.nodes.into_iter();
    let organisations = organisations.map(|one| (one.code, one.name));
    let countries = data.countries.nodes.into_iter();
    let countries = countries.map(|one| (one.code, one.name));
    let countries = country_list::by_name(countries.chain(organisations));
    let is_unknown = |code: &&String| !countries.iter().any(|(known, _)| known == *code);
    if let Some(code) = chosen_countries.iter().find(is_unknown) {
        return Err(Refused::Wrong(words.no_country(code)));
    }
    frame.alternates = vec![(Media::Csv, "csv"), (Media::Json, "json")];
    let found = data.search;
    let info = found.page_info;
    let hits = hits(&frame, found.nodes);
    let next = info.end_cursor.filter(|_| info.has_next_page);
    if frame.media == Media::Csv {
        let text = csv(&frame, &hits, next);
        return Ok(Answer::of(Media::Csv, text, frame.lifetime()));
    }
    let page = Page {
        words,
        hits,
        feed: feed(&q, &chosen_kinds, &chosen_countries),
        q,
        kinds,
        chosen_kinds,
        countries,
        chosen_countries,
        total: found.total_count,
        previous: info.start_cursor.filter(|_| info.has_previous_page),
        next,
        frame: frame.clone(),
    };
    frame.page(&page)
}

/// The variables of the document.
fn variables(frame: &Frame, q: &str, kinds: &[String], countries: &[String]) -> search::Variables {
    let before = frame.params.get("before").map(str::to_owned);
    let given = |list: &[String]| (!list.is_empty()).then(|| list.to_vec());
    search::Variables {
        q: q.to_owned(),
        kinds: given(kinds).map(|kinds| kinds.into_iter().map(RecordKind).collect()),
        countries: given(countries),
        first: before.is_none().then_some(SIZE),
        after: frame.params.get("after").map(str::to_owned),
        last: before.is_some().then_some(SIZE),
        before,
        languages: Some(frame.languages()),
    }
}

fn hits(frame: &Frame, nodes: Vec<Found>) -> Vec<Hit> {
    let hit = |hit: Found| {
        let id = hit.record.record_id;
        let kind = id.split(':').next().unwrap_or_default();
        let excerpts = hit.highlights.iter();
        Hit {
            path: difference::path_of(frame, &id).unwrap_or_default(),
            label: hit.record.label,
            kind: frame.label_of("RecordKind", &difference::screaming_type(kind)),
            excerpts: excerpts.map(|text| highlight::pieces(text)).collect(),
            id,
        }
    };
    nodes.into_iter().map(hit).collect()
}

/// The results as rows of a spreadsheet; `next` is the cursor of the next page.
fn csv(frame: &Frame, hits: &[Hit], next: Option<String>) -> String {
    let header = ["record", "kind", "name", "found_in"];
    let params = frame.params.with("before", None);
    let next =
        next.map(|cursor| format!("/search.csv{}", params.with("after", Some(&cursor)).query()));
    let mut csv = Csv::page(frame, &header, next);
    for hit in hits {
        let excerpts = hit.excerpts.iter().map(|pieces| {
            let texts = pieces.iter().map(|piece| piece.text.as_str());
            texts.collect::<String>()
        });
        let excerpts: Vec<String> = excerpts.collect();
        csv.row(&[&hit.id, &hit.kind, &hit.label, &excerpts.join(" | ")]);
    }
    csv.finish()
}

/// The address of the feed of a search.
fn feed(q: &str, kinds: &[String], countries: &[String]) -> String {
    let params = Params::default().with("q", Some(q));
    let kinds = Some(kinds.join(",")).filter(|kinds| !kinds.is_empty());
    let countries = Some(countries.join(",")).filter(|countries| !countries.is_empty());
    let params = params.with("kind", kinds.as_deref());
    let params = params.with("country", countries.as_deref());
    format!("/search/feed.atom{}", params.query())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_feed_has_the_words_and_filters_of_its_search() {
        let kinds = ["SOURCE".to_owned(), "TREATY".to_owned()];
        assert_eq!(
            feed("a b", &kinds, &[]),
            "/search/feed.atom?q=a%20b&kind=SOURCE%2CTREATY"
        );
        assert_eq!(
            feed("a", &[], &["AZ".to_owned()]),
            "/search/feed.atom?q=a&country=AZ"
        );
    }
}
