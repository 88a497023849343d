//! The page of a record.

use askama::Template;
use serde_json::Value;

use super::address;
use super::document::{Citation, Record, RecordDocument};
use super::facts::{self, Fact};
use super::source::Cited;
use super::words::Words;
use crate::answer::{Answer, Media};
use crate::ask::Ask;
use crate::frame::{Frame, Moment};
use crate::params::encoded;
use crate::refused::Refused;
use crate::{date, difference};

#[derive(Template)]
#[template(path = "record/page.html")]
struct Page {
    frame: Frame,
    words: Words,
    kind: String,
    record: Record,
    facts: Vec<Fact>,
    others: Vec<Citation>,
    version: String,
    cited: Option<Cited>,
    has_archive: bool,
}

impl Page {
    /// True if answers that follow from other records are shown.
    fn has_computed(&self) -> bool {
        let record = &self.record;
        record.effective_status.is_some()
            || !record.treaty_participations.is_empty()
            || !record.status_counts.is_empty()
            || self.lists().iter().any(|(_, list)| !list.is_empty())
    }

    /// The lists of records that belong to this one.
    fn lists(&self) -> [(&'static str, &[super::document::Named]); 5] {
        let (record, words) = (&self.record, self.words);
        [
            (words.ancestors(), &record.ancestors),
            (words.successors(), &record.successors),
            (words.units(), &record.units.nodes),
            (words.protocols(), &record.protocols),
            (words.reservations(), &record.reservations),
        ]
    }

    /// The address at which an error of this record is reported.
    fn report(&self) -> String {
        let country = self.record.country.as_ref();
        let country = country.map(|country| format!("country={}&", country.code));
        let record = encoded(&self.record.record_id);
        format!("/contribute?{}record={record}", country.unwrap_or_default())
    }

    /// The language of the label, if it is a name or title in another language than that of the page.
    fn language(&self) -> Option<String> {
        let fields = self.record.fields();
        let texts = fields
            .iter()
            .filter(|(name, _)| name == "names" || name == "titles");
        let mut texts = texts.flat_map(|(_, value)| value.as_array().into_iter().flatten());
        let member = |text: &Value, name: &str| text.get(name)?.as_str().map(str::to_owned);
        let found = texts.find(|text| member(text, "text").as_ref() == Some(&self.record.label))?;
        member(found, "language").filter(|language| language != self.frame.language.code())
    }

    /// The forms of the reference: id of the element, name, text, text of the download, and value of `format`.
    fn forms(&self) -> [(&'static str, &'static str, &str, &'static str, &'static str); 3] {
        let (record, words) = (&self.record, self.words);
        [
            (
                "cite-text",
                words.as_text(),
                &record.cite_as,
                words.download_text(),
                "text",
            ),
            (
                "cite-bibtex",
                "BibTeX",
                &record.bibtex,
                words.download_bibtex(),
                "bibtex",
            ),
            (
                "cite-csl",
                "CSL-JSON",
                &record.csl,
                words.download_csl(),
                "csl-json",
            ),
        ]
    }

    /// The page of the country or treaty that this record is.
    fn own_page(&self) -> Option<(String, &'static str)> {
        let words = self.words;
        match self.record.typename.as_str() {
            "Country" => Some((self.path_of(&self.record.record_id), words.open_profile())),
            "Treaty" => {
                let fields = self.record.fields();
                let (_, reference) = fields.iter().find(|(name, _)| name == "reference")?;
                let path = self.frame.treaty_path(reference.as_str()?);
                Some((path, words.open_treaty()))
            }
            _ => None,
        }
    }

    /// The address of the versions.
    fn history(&self) -> String {
        format!("/records/{}/history", self.record.record_id)
    }

    /// The address of the changes of this record.
    fn changes(&self) -> String {
        format!("/changes?record={}", encoded(&self.record.record_id))
    }

    /// The address of a search for the label of this record.
    fn search(&self) -> String {
        let words: String = self.record.label.chars().take(200).collect();
        format!("/search?q={}", encoded(&words))
    }

    /// The day of an instant in words.
    fn day(&self, instant: &str) -> String {
        date::day_of(instant, self.frame.language)
    }

    /// The path of a record.
    fn path_of(&self, record_id: &str) -> String {
        difference::path_of(&self.frame, record_id).unwrap_or_default()
    }
}

/// Answers with a record.
///
/// # Errors
/// [`Refused`] if it cannot be read.
pub async fn page(mut frame: Frame, ask: &mut dyn Ask, part: &str) -> Result<Answer, Refused> {
    let id = address::enter(&mut frame, ask, part, "").await?;
    answer(frame, ask, &id, false).await
}

/// Answers with a record; for a source, with the records that cite it.
///
/// # Errors
/// [`Refused`] if it cannot be read.
pub async fn answer(
    mut frame: Frame,
    ask: &mut dyn Ask,
    id: &str,
    is_source: bool,
) -> Result<Answer, Refused> {
    let variables = address::variables(&frame, id);
    if frame.media == Media::Json {
        return frame
            .json_of::<RecordDocument>(ask, variables, "/data/at/node")
            .await;
    }
    if frame.media != Media::Html {
        return Err(Refused::Absent(frame.path));
    }
    let view = frame.query::<RecordDocument>(ask, variables).await?.at;
    let mut record = view.node.ok_or_else(|| address::absent(&frame, id))?;
    record
        .treaty_participations
        .sort_by_cached_key(|one| one.treaty.place());
    frame.moment = Some(Moment {
        as_of: view.as_of,
        cursor: view.cursor,
        known_at: view.known_at,
    });
    frame.alternates = vec![(Media::Json, "json")];
    let fields = record.fields();
    let named = fields.iter().map(|(name, value)| (name.as_str(), value));
    let names = difference::names(&frame, ask, named).await?;
    let cited = if is_source {
        Some(Cited::read(&mut frame, ask, id).await?)
    } else {
        None
    };
    let facts = facts::facts(&frame, &names, &record);
    let shown: Vec<String> = fields
        .iter()
        .map(|(name, _)| difference::screaming(name))
        .collect();
    let is_other = |citation: &&Citation| {
        let mut fields = citation.fields.iter();
        !fields.any(|field| shown.iter().any(|one| *field == one.as_str()))
    };
    let is_retired = record.retired.is_some();
    let page = Page {
        has_archive: fields.iter().any(|(name, _)| name == "archivedUrl"),
        words: Words(frame.language),
        kind: frame.label_of("RecordKind", &difference::screaming_type(&record.typename)),
        facts,
        others: record.citations.iter().filter(is_other).cloned().collect(),
        version: version(&record.permalink),
        record,
        cited,
        frame: frame.clone(),
    };
    let mut answer = frame.page(&page)?;
    if is_retired {
        answer.status = 410;
    }
    Ok(answer)
}

/// The path of a permalink, which is the address of the version.
fn version(permalink: &str) -> String {
    match permalink.split_once("/records/") {
        Some((_, id)) => format!("/records/{id}"),
        None => permalink.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_of_a_version_is_a_path() {
        let path = "/records/Country:az@abc,2026-11-29";
        assert_eq!(version(&format!("https://example.org/sub{path}")), path);
    }
}
