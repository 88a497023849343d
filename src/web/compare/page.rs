//! The page of the comparison.

use askama::Template;
use graphql_client::GraphQLQuery;

use super::choice::Choice;
use super::section::{Comparison, Section};
use super::sections::Compared;
use super::words::Words;
use crate::answer::{Answer, Media};
use crate::ask::Ask;
use crate::country_list;
use crate::csv::Csv;
use crate::frame::{Frame, Moment};
use crate::refused::Refused;
use crate::treaty::order;
use crate::value::{
    BodyKind, Certainty, CountryKind, CoverageTopic, CoverageValue, ImplementationDegree,
    InstitutionFunction, InstitutionStatus, PolicyDocumentKind, PolicyDocumentStatus, TreatyStatus,
    UnitKind,
};

#[derive(GraphQLQuery)]
#[graphql(
    schema_path = "../../schema.graphql",
    query_path = "compare/page.graphql",
    custom_scalars_module = "crate::value::scalar",
    extern_enums(
        "BodyKind",
        "Certainty",
        "CountryKind",
        "CoverageTopic",
        "CoverageValue",
        "ImplementationDegree",
        "InstitutionFunction",
        "InstitutionStatus",
        "PolicyDocumentKind",
        "PolicyDocumentStatus",
        "TreatyStatus",
        "UnitKind"
    ),
    response_derives = "Clone, Debug"
)]
pub struct Compare;

/// An option of the form: value, label, and true if it is chosen.
type Choosable = (String, String, bool);

#[derive(Template)]
#[template(path = "compare/page.html")]
struct Page {
    frame: Frame,
    words: Words,
    choice: Choice,
    /// The compared countries: code and name.
    compared: Vec<(String, String)>,
    countries: Vec<(String, String)>,
    topics: Vec<Choosable>,
    treaties: Vec<Choosable>,
    sections: Vec<Section>,
}

impl Page {
    fn names(&self) -> String {
        names(&self.compared)
    }
}

/// The names of the compared countries.
fn names(compared: &[(String, String)]) -> String {
    let names = compared.iter().map(|(_, name)| name.as_str());
    names.collect::<Vec<_>>().join(", ")
}

/// Answers with a comparison, or with the form for one.
///
/// # Errors
/// [`Refused`] if a choice is wrong, or if the countries cannot be read.
pub async fn page(mut frame: Frame, ask: &mut dyn Ask) -> Result<Answer, Refused> {
    let words = Words(frame.language);
    let choice = Choice::read(&frame, words)?;
    let variables = variables(&frame, &choice);
    if frame.media == Media::Json {
        return frame.json::<Compare>(ask, variables).await;
    }
    if !matches!(frame.media, Media::Html | Media::Csv) {
        return Err(Refused::Absent(frame.path));
    }
    let mut view = frame.query::<Compare>(ask, variables).await?.at;
    view.treaties.nodes.sort_by_cached_key(place);
    frame.moment = Some(Moment {
        as_of: view.as_of,
        cursor: view.cursor,
        known_at: view.known_at,
    });
    let organisations = view.organisations.nodes.into_iter();
    let organisations = organisations.map(|one| (one.code, one.name));
    let countries = view.all.nodes.into_iter();
    let countries = countries.map(|one| (one.code, one.name));
    let countries = country_list::by_name(countries.chain(organisations));
    let is_unknown = |code: &&String| !countries.iter().any(|(known, _)| known == *code);
    if let Some(code) = choice.countries.iter().find(is_unknown) {
        return Err(Refused::Wrong(words.no_country(code)));
    }
    let known: Vec<&str> = view
        .treaties
        .nodes
        .iter()
        .map(|one| one.reference.as_str())
        .collect();
    if let Some(treaty) = choice
        .treaties
        .iter()
        .find(|one| !known.contains(&one.as_str()))
    {
        return Err(Refused::Wrong(words.no_treaty(treaty, known.join(", "))));
    }
    let mut found = view.countries.nodes;
    found.sort_by_key(|country| {
        choice
            .countries
            .iter()
            .position(|code| *code == country.code)
    });
    let sections = if choice.is_enough() {
        frame.alternates = vec![(Media::Csv, "csv"), (Media::Json, "json")];
        let compared = Compared {
            frame: &frame,
            words,
            choice: &choice,
            countries: &found,
            treaties: &view.treaties,
        };
        compared.sections()
    } else {
        Vec::new()
    };
    let in_form = choice.countries.iter().filter_map(|code| {
        let mut known = countries.iter();
        known.find(|(known, _)| known == code).cloned()
    });
    let compared: Vec<(String, String)> = in_form.collect();
    if frame.media == Media::Csv {
        let text = csv(&frame, words, &compared, &sections);
        return Ok(Answer::of(Media::Csv, text, frame.lifetime()));
    }
    if choice.is_enough() {
        frame.cite(&words.title_of(names(&compared)));
    }
    let treaties = view.treaties.nodes.into_iter();
    let treaties = treaties.map(|one| {
        let title = frame.treaty_title(&one.short_title).text.to_owned();
        (frame.treaty_key(&one.reference), title)
    });
    let asked = choice.treaties.iter().map(|one| frame.treaty_key(one));
    let asked: Vec<String> = asked.collect();
    let page = Page {
        words,
        topics: options(frame.values_of("CoverageTopic"), &choice.topics),
        treaties: options(treaties.collect(), &asked),
        choice,
        compared,
        countries,
        sections,
        frame: frame.clone(),
    };
    frame.page(&page)
}

/// The place of a treaty in lists.
fn place(treaty: &compare::CompareAtTreatiesNodes) -> order::Place {
    let parent = treaty.parent.as_ref();
    order::place(
        (&treaty.reference, &treaty.short_title),
        parent.map(|one| (one.reference.as_str(), one.short_title.as_str())),
        treaty.opened_on.as_ref().map(|date| date.edtf.as_str()),
    )
}

/// The options of a form, each with true if it is chosen.
fn options(all: Vec<(String, String)>, chosen: &[String]) -> Vec<Choosable> {
    let option = |(value, label)| {
        let is_chosen = chosen.contains(&value);
        (value, label, is_chosen)
    };
    all.into_iter().map(option).collect()
}

/// The variables of the document.
fn variables(frame: &Frame, choice: &Choice) -> compare::Variables {
    let topics = choice.topics.iter().cloned().map(CoverageTopic).collect();
    compare::Variables {
        // One country alone is no comparison: only the form is shown.
        codes: if choice.is_enough() {
            choice.countries.clone()
        } else {
            Vec::new()
        },
        topics: Some(topics).filter(|topics: &Vec<_>| !topics.is_empty()),
        treaty: choice.treaty().to_owned(),
        on: frame.on(),
        at: frame.at(),
        languages: Some(frame.languages()),
    }
}

/// The cells as rows of a spreadsheet: one for each country and question.
fn csv(
    frame: &Frame,
    words: Words,
    countries: &[(String, String)],
    sections: &[Section],
) -> String {
    let header = [
        "part",
        "row",
        "code",
        "country",
        "value",
        "detail",
        "certainty",
        "sources",
        "difference",
    ];
    let mut csv = Csv::new(frame, &header);
    for section in sections {
        for row in &section.rows {
            let difference = match row.comparison() {
                Comparison::Different => words.differs(),
                Comparison::Open => words.open(),
                Comparison::Same => words.same(),
            };
            for ((code, name), cell) in countries.iter().zip(&row.cells) {
                csv.row(&[
                    section.title.as_str(),
                    &row.label,
                    code,
                    name,
                    &cell.value,
                    &cell.detail(words),
                    &cell
                        .certainty
                        .as_ref()
                        .map(|one| frame.label(one))
                        .unwrap_or_default(),
                    &cell.sources(),
                    difference,
                ]);
            }
        }
    }
    csv.finish()
}
