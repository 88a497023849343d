//! The page of a source, with the records that cite it.

use graphql_client::GraphQLQuery;

use super::page::answer;
use super::words::Words;
use crate::answer::Answer;
use crate::ask::Ask;
use crate::frame::Frame;
use crate::refused::Refused;
use crate::value::{Certainty, RecordField};
use crate::{country_list, difference};

#[derive(GraphQLQuery)]
#[graphql(
    schema_path = "../../schema.graphql",
    query_path = "record/citing.graphql",
    custom_scalars_module = "crate::value::scalar",
    extern_enums("Certainty", "RecordField"),
    skip_serializing_none,
    response_derives = "Debug"
)]
struct Citing;

/// The records that cite a source: treaties, and those of one country. The schema has no list of all of them.
pub struct Cited {
    /// The countries of the form: code and name.
    pub countries: Vec<(String, String)>,
    /// The country whose records were read: code and name.
    pub country: Option<(String, String)>,
    /// The records.
    pub records: Vec<CitingRecord>,
    /// The cursor of the next page of the country's records.
    pub next: Option<String>,
}

/// A record that cites the source.
pub struct CitingRecord {
    /// The path of its page.
    pub path: String,
    /// Its label.
    pub label: String,
    /// The label of its kind.
    pub kind: String,
    /// The citations.
    pub citations: Vec<Reference>,
}

/// A citation of the source.
pub struct Reference {
    /// The labels of the fields that the source supports.
    pub fields: Vec<String>,
    /// The certainty.
    pub certainty: Certainty,
    /// The place in the source.
    pub locator: Option<String>,
    /// The quote.
    pub quote: Option<String>,
}

/// Answers with a source.
///
/// # Errors
/// [`Refused`] if it cannot be read.
pub async fn page(frame: Frame, ask: &mut dyn Ask, key: &str) -> Result<Answer, Refused> {
    answer(frame, ask, &format!("Source:{key}"), true).await
}

impl Cited {
    /// Reads the treaties and the records of one country: the country of the address, else the one whose code is a part
    /// of the key of the source (`octopus-az-2020`).
    ///
    /// # Errors
    /// [`Refused`] if they cannot be read.
    pub async fn read(frame: &mut Frame, ask: &mut dyn Ask, id: &str) -> Result<Self, Refused> {
        let given = frame.params.get("country").map(str::to_uppercase);
        let chosen = given.clone().or_else(|| code_in(frame.key(id)));
        let variables = citing::Variables {
            on: frame.on(),
            at: frame.at(),
            languages: Some(frame.languages()),
            // Without a country, none of its records are read.
            countries: Some(chosen.iter().cloned().collect()),
            after: frame.params.get("after").map(str::to_owned),
        };
        let view = frame.query::<Citing>(ask, variables).await?.at;
        let organisations = view.organisations.nodes.into_iter();
        let organisations = organisations.map(|one| (one.code, one.name));
        let countries = view.countries.nodes.into_iter();
        let countries = countries.map(|one| (one.code, one.name));
        let countries = country_list::by_name(countries.chain(organisations));
        if let Some(code) = given.filter(|code| !countries.iter().any(|(one, _)| one == code)) {
            return Err(Refused::Wrong(Words(frame.language).no_country(code)));
        }
        let of_country = view.records;
        let info = of_country.page_info;
        let next = info.end_cursor.filter(|_| info.has_next_page);
        let mut records = Vec::new();
        for node in view.treaties.nodes {
            let citations = node.citations.into_iter();
            let citations = citations
                .filter(|one| one.source.record_id == id)
                .map(|one| reference(frame, &one.fields, one.certainty, one.locator, one.quote));
            let citations = citations.collect();
            records.extend(citing_record(frame, &node.record_id, node.label, citations));
        }
        for node in of_country.nodes {
            let citations = node.citations.into_iter();
            let citations = citations
                .filter(|one| one.source.record_id == id)
                .map(|one| reference(frame, &one.fields, one.certainty, one.locator, one.quote));
            let citations = citations.collect();
            records.extend(citing_record(frame, &node.record_id, node.label, citations));
        }
        let country = countries
            .iter()
            .find(|(code, _)| Some(code) == chosen.as_ref());
        Ok(Self {
            country: country.cloned(),
            countries,
            records,
            next,
        })
    }
}

fn reference(
    frame: &Frame,
    fields: &[RecordField],
    certainty: Certainty,
    locator: Option<String>,
    quote: Option<String>,
) -> Reference {
    Reference {
        fields: fields.iter().map(|field| frame.label(field)).collect(),
        certainty,
        locator,
        quote,
    }
}

/// The record, if it cites the source.
fn citing_record(
    frame: &Frame,
    record_id: &str,
    label: String,
    citations: Vec<Reference>,
) -> Option<CitingRecord> {
    let (kind, _) = record_id.split_once(':')?;
    let kind = frame.label_of("RecordKind", &difference::screaming_type(kind));
    let path = difference::path_of(frame, record_id)?;
    (!citations.is_empty()).then_some(CitingRecord {
        path,
        label,
        kind,
        citations,
    })
}

/// The first part of a key that has the form of a country code.
fn code_in(key: &str) -> Option<String> {
    let is_code =
        |part: &&str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_lowercase());
    key.split('-').find(is_code).map(str::to_uppercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_country_is_found_in_the_key_of_a_source() {
        assert_eq!(code_in("octopus-az-2020").as_deref(), Some("AZ"));
        assert_eq!(code_in("ad-bondia-2016").as_deref(), Some("AD"));
        assert_eq!(code_in("01net-2001"), None);
        assert_eq!(code_in("cldr-48"), None);
    }
}
