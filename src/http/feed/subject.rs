//! The changes of a feed, by its subject.

use std::collections::BTreeSet;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::params::Terms;
use crate::domain::label;
use crate::domain::record::RecordId;
use crate::domain::text::{CountryCode, TreatyReference, truncate};
use crate::http::own_query::{Reader, Refused};
use crate::http::refusal::Refusal;
use crate::store::change::Filter;

/// The subject of a feed, as its address names it.
pub enum Subject {
    /// Everything.
    All,
    /// The country with this code.
    Country(String),
    /// The treaty with this reference.
    Treaty(String),
    /// The source with this key.
    Source(String),
    /// The records that a search finds.
    Search(Terms),
}

/// The changes of a feed.
pub struct Scope {
    /// The title of the feed, with the name of its subject as it is now.
    pub title: String,
    /// The title of the archive pages, which never changes.
    pub lasting_title: String,
    /// The path of the feed, in one spelling, with the parameters of a search.
    pub path: String,
    /// The filter of the changes.
    pub filter: Filter,
    /// The digest of the records of a search; `None` for other feeds, whose filter always selects the same changes.
    pub records: Option<String>,
    /// The refusal if the feed has no changes: the country or treaty is unknown.
    pub missing: Option<String>,
}

/// Most records that the feed of a search follows, the best hits: as many as `ChangeFilter.records` takes.
const MAX_RECORDS: usize = 1_000;
/// Number of hits in one query.
const HITS: u64 = 250;
/// Characters that stand for themselves in a query string. Source: RFC 3986, section 2.3.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

const COUNTRY: &str =
    "query FeedCountry($code: CountryCode!) { named: country(code: $code) { label } }";
const TREATY: &str = "query FeedTreaty($reference: TreatyReference!) { named: treaty(reference: $reference) { label } }";
const SOURCE: &str =
    "query FeedSource($id: ID!) { named: node(id: $id) { ... on Source { label } } }";
const SEARCH: &str = include_str!("found.graphql");
/// The arguments of the query, with their names in the address of a feed.
const PARAMETERS: [(&str, &str); 3] = [("query", "q"), ("kinds", "kind"), ("countries", "country")];

#[derive(Deserialize)]
struct NameData {
    named: Option<Labelled>,
}

#[derive(Deserialize)]
struct Labelled {
    label: String,
}

#[derive(Deserialize)]
struct SearchData {
    search: Hits,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Hits {
    total_count: usize,
    nodes: Vec<Hit>,
    page_info: PageInfo,
}

#[derive(Deserialize)]
struct Hit {
    record: Identified,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Identified {
    record_id: RecordId,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PageInfo {
    has_next_page: bool,
    end_cursor: Option<String>,
}

impl Scope {
    /// The filter as `ChangeFilter`.
    pub fn variables(&self) -> Value {
        let texts = |list: &[TreatyReference]| -> Vec<String> {
            list.iter().map(ToString::to_string).collect()
        };
        let Filter {
            countries,
            records,
            treaties,
            ..
        } = &self.filter;
        let ids = records
            .as_ref()
            .map(|ids| -> Vec<&str> { ids.iter().map(RecordId::as_str).collect() });
        let countries = countries
            .as_ref()
            .map(|codes| -> Vec<String> { codes.iter().map(ToString::to_string).collect() });
        json!({ "countries": countries, "records": ids, "treaties": treaties.as_deref().map(texts) })
    }
}

impl Subject {
    /// Looks the subject up.
    ///
    /// # Errors
    /// The response to send: 400 for a subject that cannot be read.
    pub async fn scope(self, reader: &mut Reader<'_>) -> Result<Scope, Refused> {
        match self {
            Self::All => Ok(Scope {
                title: "Cyberprofiles: all changes".to_owned(),
                lasting_title: "Cyberprofiles: all changes".to_owned(),
                path: "/feed.atom".to_owned(),
                filter: Filter::default(),
                records: None,
                missing: None,
            }),
            Self::Country(code) => country(reader, &code.to_ascii_uppercase()).await,
            Self::Treaty(reference) => treaty(reader, &reference).await,
            Self::Source(key) => source(reader, &key).await,
            Self::Search(terms) => search(reader, &terms).await,
        }
    }
}

async fn country(reader: &mut Reader<'_>, code: &str) -> Result<Scope, Refused> {
    let variables = json!({ "code": code });
    let found: NameData = reader.ask_as(COUNTRY, variables, &[("code", "")]).await?;
    let known = code.parse::<CountryCode>();
    let known = known.map_err(|error| reader.refused(Refusal::wrong(&error.to_string())))?;
    let missing = format!("there is no country with the code {}", truncate(code));
    Ok(Scope {
        missing: found.named.is_none().then_some(missing),
        title: format!(
            "Cyberprofiles: changes of {}",
            found
                .named
                .map_or_else(|| code.to_owned(), |named| named.label)
        ),
        lasting_title: format!("Cyberprofiles: changes of {code}"),
        path: format!("/countries/{code}/feed.atom"),
        filter: Filter {
            countries: Some(vec![known]),
            ..Filter::default()
        },
        records: None,
    })
}

async fn treaty(reader: &mut Reader<'_>, reference: &str) -> Result<Scope, Refused> {
    // One spelling in the address of the feed, whichever the client used.
    let read = reference.parse::<TreatyReference>();
    let reference = match &read {
        Ok(read) => read.to_string(),
        Err(_) => reference.to_owned(),
    };
    let variables = json!({ "reference": reference });
    let found: NameData = reader
        .ask_as(TREATY, variables, &[("reference", "")])
        .await?;
    let known = read.map_err(|error| reader.refused(Refusal::wrong(&error.to_string())))?;
    let missing = format!(
        "there is no treaty with the reference {}",
        truncate(&reference)
    );
    let name = found.named.as_ref().map(|named| named.label.as_str());
    let name = name.map_or_else(|| reference.clone(), |name| format!("{name} ({reference})"));
    Ok(Scope {
        missing: found.named.is_none().then_some(missing),
        title: format!("Cyberprofiles: changes under the {name}"),
        lasting_title: format!("Cyberprofiles: changes under {reference}"),
        path: format!("/treaties/{}/feed.atom", reference.replace(' ', "-")),
        filter: Filter {
            treaties: Some(vec![known]),
            ..Filter::default()
        },
        records: None,
    })
}

async fn source(reader: &mut Reader<'_>, key: &str) -> Result<Scope, Refused> {
    let id = format!("Source:{key}").parse::<RecordId>();
    let id = id.map_err(|error| reader.charged(Refusal::wrong(&error.to_string())))?;
    let found: NameData = reader.ask(SOURCE, json!({ "id": id })).await?;
    let missing = format!("there is no source with the key {}", truncate(key));
    let name = found.named.as_ref().map(|named| named.label.as_str());
    Ok(Scope {
        title: format!(
            "Cyberprofiles: changes of the source {}",
            name.unwrap_or(key)
        ),
        missing: found.named.is_none().then_some(missing),
        lasting_title: format!("Cyberprofiles: changes of the source {key}"),
        path: format!("/sources/{key}/feed.atom"),
        filter: Filter {
            records: Some(vec![id]),
            ..Filter::default()
        },
        records: None,
    })
}

async fn search(reader: &mut Reader<'_>, terms: &Terms) -> Result<Scope, Refused> {
    if terms.query.trim().is_empty() {
        let message =
            "`q`: expected the words to search for, as in /search/feed.atom?q=cybercrime+unit";
        return Err(reader.charged(Refusal::wrong(message)));
    }
    let known = label::all().iter().filter(|label| label.of == "RecordKind");
    let known: Vec<&str> = known.map(|label| label.value).collect();
    if let Some(kind) = terms
        .kinds
        .iter()
        .find(|kind| !known.contains(&kind.as_str()))
    {
        let (kind, known) = (truncate(kind), known.join(", "));
        let message = format!("`kind`: expected one of {known}, found {kind}");
        return Err(reader.charged(Refusal::wrong(&message)));
    }
    let limited = |list: &[String]| (!list.is_empty()).then(|| list.to_vec());
    let mut ids = BTreeSet::new();
    let mut after: Option<String> = None;
    let mut total;
    loop {
        let variables = json!({
            "query": terms.query,
            "kinds": limited(&terms.kinds),
            "countries": limited(&terms.countries),
            "first": HITS,
            "after": after,
        });
        let SearchData { search } = reader.ask_as(SEARCH, variables, &PARAMETERS).await?;
        total = search.total_count;
        ids.extend(search.nodes.into_iter().map(|hit| hit.record.record_id));
        after = search.page_info.end_cursor;
        if !search.page_info.has_next_page || after.is_none() || ids.len() >= MAX_RECORDS {
            break;
        }
    }
    let mut digest = Sha256::new();
    for id in &ids {
        digest.update(id.as_str().as_bytes());
        digest.update(b"\n");
    }
    let digest = digest.finalize();
    let records = digest.iter().take(8).map(|byte| format!("{byte:02x}"));
    let escaped = |text: &str| utf8_percent_encode(text, ESCAPED).to_string();
    let list = |name: &str, words: &[String]| match words {
        [] => String::new(),
        words => {
            let words: Vec<String> = words.iter().map(|word| escaped(word)).collect();
            format!("&{name}={}", words.join(","))
        }
    };
    let (kinds, countries) = (
        list("kind", &terms.kinds),
        list("country", &terms.countries),
    );
    let lasting_title = format!(
        "Cyberprofiles: changes of what a search finds: {}",
        terms.query
    );
    let title = if ids.len() < total {
        format!(
            "{lasting_title} (the first {} of {total} records)",
            ids.len()
        )
    } else {
        lasting_title.clone()
    };
    Ok(Scope {
        lasting_title,
        title,
        path: format!(
            "/search/feed.atom?q={}{kinds}{countries}",
            escaped(&terms.query)
        ),
        filter: Filter {
            records: Some(ids.into_iter().collect()),
            ..Filter::default()
        },
        records: Some(records.collect()),
        missing: None,
    })
}
