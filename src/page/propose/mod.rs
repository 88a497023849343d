//! From a page to proposed changes. A fact that is known is no change.

mod changes;
mod coverage;
mod documents;
mod institutions;
mod known;
mod plausible;
mod sections;
mod source;
mod treaty_events;

use domain::change::ChangeInput;
use domain::date::Date;
use domain::profile_section::ProfileTopic;
use domain::text::CountryCode;
use domain::url::Url;

use crate::country::Countries;
use crate::read::{Page, Place};
use changes::Changes;
pub use known::{Known, KnownRecord};
pub use source::{addresses, title};

/// Country and address of a page, and the days of its reading and import.
#[derive(Clone, Debug)]
pub struct Origin {
    /// Country of the page.
    pub country: CountryCode,
    /// Address of the page.
    pub url: Option<Url>,
    /// Day on which it was read.
    pub retrieved_on: Option<Date>,
    /// Day of the import. A page without a day tells of no later one.
    pub today: Date,
}

/// A text of a page that could not be placed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnmappedText {
    /// Number of its line.
    pub line: usize,
    /// The text; for one that was not understood, with the reason.
    pub text: String,
}

/// Proposed changes, with what could not be placed.
#[derive(Clone, Debug, PartialEq)]
pub struct Proposal {
    /// Subject of the contribution.
    pub title: String,
    /// Reason for the changes, in Markdown.
    pub rationale: String,
    /// The changes; empty if the page tells nothing new.
    pub changes: Vec<ChangeInput>,
    /// Texts that could not be placed or understood.
    pub unmapped: Vec<UnmappedText>,
}

/// Proposes changes from a page. `known` contains the current records of the country, and the sources of the same
/// address or title.
pub fn propose(page: &Page, origin: &Origin, countries: &Countries, known: &Known) -> Proposal {
    let (page, implausible) = plausible::plausible(page, origin);
    let page = &page;
    let source = source::Cited::of(page, origin, countries, known);
    let mut changes = Changes::new(source.id.clone(), known);
    treaty_events::propose(page, origin, known, &mut changes);
    coverage::propose(page, origin, known, &mut changes);
    documents::propose(page, origin, known, &mut changes);
    institutions::propose(page, origin, known, &mut changes);
    sections::propose(page, origin, known, &mut changes);
    let Changes {
        mut list,
        notes,
        unmapped,
        ..
    } = changes;
    if !list.is_empty()
        && let Some(create) = source.create
    {
        list.insert(0, create);
    }
    let mut all: Vec<UnmappedText> = page
        .unmapped
        .iter()
        .chain(&unmapped)
        .chain(&implausible)
        .map(|unmapped| UnmappedText {
            line: unmapped.line,
            text: match &unmapped.why {
                None => unmapped.text.clone(),
                Some(why) => format!("{} ({why})", unmapped.text),
            },
        })
        .collect();
    all.sort_by_key(|unmapped| unmapped.line);
    all.dedup();
    let count = all.len();
    if let Some(first) = all.get(MAX_UNMAPPED).map(|unmapped| unmapped.line) {
        all.truncate(MAX_UNMAPPED);
        all.push(UnmappedText {
            line: first,
            text: format!("{} more texts could not be placed", count - MAX_UNMAPPED),
        });
    }
    let name = countries.name(&origin.country);
    let updated = page
        .last_updated
        .map(|(day, _)| format!(", last updated on {day}"));
    Proposal {
        title: format!("{name}: profile page{}", updated.unwrap_or_default()),
        rationale: rationale(&source.title, origin, page, &notes, count),
        changes: list,
        unmapped: all,
    }
}

/// Maximum number of texts that are listed as not placed.
const MAX_UNMAPPED: usize = 500;
/// Maximum number of remarks in a rationale.
const MAX_NOTES: usize = 60;

fn rationale(
    title: &str,
    origin: &Origin,
    page: &Page,
    notes: &[String],
    unmapped: usize,
) -> String {
    let mut text = format!("Taken from the profile page “{title}”");
    if let Some(url) = &origin.url {
        text.extend([" at <", &url.to_string(), ">"]);
    }
    match page.last_updated {
        Some((day, _)) => text.extend([", last updated on ", &day.to_string()]),
        None => text.push_str(", which bears no day of its last update"),
    }
    if let Some(day) = origin.retrieved_on {
        text.extend([", read on ", &day.to_string()]);
    }
    text.push('.');
    for note in notes.iter().take(MAX_NOTES) {
        text.push_str("\n\n- ");
        text.push_str(note);
    }
    if unmapped > 0 {
        let lines = if unmapped == 1 { "text" } else { "texts" };
        text.extend([
            "\n\n- ",
            &unmapped.to_string(),
            " ",
            lines,
            " of the page could not be placed.",
        ]);
    }
    text
}

/// Returns the heading of the section on a topic; empty if the page has none.
fn heading_of(page: &Page, topic: ProfileTopic) -> &str {
    let section = page.sections.iter().find(|section| section.topic == topic);
    section.map_or("", |section| section.heading.as_str())
}

/// Returns the language of the text on a line.
fn language_of(page: &Page, line: usize) -> &'static str {
    let place = page
        .placed
        .iter()
        .find(|placed| placed.line == line && matches!(placed.place, Place::Section(_)));
    let topic = place.and_then(|placed| match placed.place {
        Place::Section(topic) => Some(topic),
        _ => None,
    });
    let section = page
        .sections
        .iter()
        .find(|section| Some(section.topic) == topic);
    section.map_or("en", |section| section.language)
}
