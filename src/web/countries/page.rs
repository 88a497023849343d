//! The page of the list.

use std::collections::HashSet;

use askama::Template;
use graphql_client::GraphQLQuery;

use super::region;
use super::researched::Counts;
use super::words::Words;
use crate::answer::{Answer, Media};
use crate::ask::Ask;
use crate::country_list;
use crate::csv::Csv;
use crate::frame::{Frame, Moment};
use crate::refused::Refused;
use crate::value::{
    CountryKind, CoverageTopic, CoverageValue, EnumValue, InternationalOrganisation,
    MembershipRole, TreatyStatus,
};

#[derive(GraphQLQuery)]
#[graphql(
    schema_path = "../../schema.graphql",
    query_path = "countries/page.graphql",
    custom_scalars_module = "crate::value::scalar",
    extern_enums(
        "CountryKind",
        "CoverageTopic",
        "CoverageValue",
        "InternationalOrganisation",
        "MembershipRole",
        "TreatyStatus"
    ),
    response_derives = "Debug, Clone",
    variables_derives = "Debug, Clone"
)]
struct Countries;

use countries::{CountryFilter, CoverageFilter, Entry, TreatyStatusFilter};

/// The treaty whose statuses the list shows.
const TREATY: &str = "ETS 185";
/// The finding of a country without an assertion on the topic: an answer of the page, not of the schema.
const NOT_RESEARCHED: &str = "NOT_RESEARCHED";
/// The names of the parameters that the form asks for.
const ASKED: &[&str] = &[
    "region",
    "status",
    "profile",
    "organisation",
    "topic",
    "finding",
];

/// A country as the table shows it.
struct Row {
    country: Entry,
    has_profile: bool,
}

impl Row {
    /// The status under the treaty; `None` if the treaty is not known in this view.
    fn status(&self) -> Option<&TreatyStatus> {
        self.country.treaty_status.as_ref().map(|one| &one.status)
    }

    /// The date from which the country has the status.
    fn since(&self) -> Option<&str> {
        let since = self.country.treaty_status.as_ref()?.since.as_ref();
        since.map(|since| since.edtf.as_str())
    }

    /// The finding of the country on the topic; `None` if nobody has researched it.
    fn finding(&self) -> Option<&countries::EntryCoverage> {
        self.country.coverage.first()
    }
}

/// A field of the form with its choices.
struct Field {
    name: &'static str,
    label: &'static str,
    choices: Vec<(String, String)>,
    chosen: String,
}

#[derive(Template)]
#[template(path = "countries/page.html")]
struct Page {
    frame: Frame,
    words: Words,
    rows: Vec<Row>,
    fields: Vec<Field>,
    topic: Option<CoverageTopic>,
    counts: Counts,
    is_filtered: bool,
}

impl Page {
    /// The name of a region.
    fn region<'a>(&self, region: &'a str) -> &'a str {
        region::label(region, self.frame.language)
    }

    /// A membership in words.
    fn membership(&self, one: &countries::EntryMemberships) -> String {
        membership(&self.frame, self.words, one)
    }
}

/// Answers with the list.
///
/// # Errors
/// [`Refused`] if the list cannot be read, or if a filter is unknown.
pub async fn page(mut frame: Frame, ask: &mut dyn Ask) -> Result<Answer, Refused> {
    let words = Words(frame.language);
    let topic = frame
        .params
        .get("topic")
        .map(|topic| CoverageTopic(topic.to_owned()));
    let filter = filter(&frame, words, topic.as_ref())?;
    let variables = countries::Variables {
        on: frame.on(),
        at: frame.at(),
        languages: Some(frame.languages()),
        filter: Some(filter.clone()),
        topics: Some(topic.iter().cloned().collect()),
    };
    if frame.media == Media::Json {
        return frame.json::<Countries>(ask, variables).await;
    }
    let data = frame.query::<Countries>(ask, variables).await?.at;
    frame.moment = Some(Moment {
        as_of: data.as_of,
        cursor: data.cursor,
        known_at: data.known_at,
    });
    frame.alternates = vec![(Media::Json, "json"), (Media::Csv, "csv")];
    if let Some(region) = frame.params.get("region")
        && !data.regions.iter().any(|known| known == region)
    {
        return Err(Refused::Wrong(words.wrong_region(region)));
    }
    let profiled: HashSet<String> = data
        .profiled
        .nodes
        .into_iter()
        .map(|one| one.code)
        .collect();
    let mut seen = HashSet::new();
    let entries = data.countries.nodes.into_iter().chain(data.last.nodes);
    let mut rows: Vec<Row> = entries
        .filter(|country| seen.insert(country.code.clone()))
        .map(|country| Row {
            has_profile: profiled.contains(&country.code),
            country,
        })
        .collect();
    country_list::sort(&mut rows, |row| &row.country.name);
    if topic.is_some() && frame.params.get("finding") == Some(NOT_RESEARCHED) {
        rows.retain(|row| row.finding().is_none());
    }
    if frame.media == Media::Csv {
        let text = csv(&frame, words, topic.as_ref(), &rows);
        return Ok(Answer::of(Media::Csv, text, frame.lifetime()));
    }
    frame.cite(words.title());
    let counts = match &topic {
        Some(topic) => Counts::read(&frame, ask, &filter, topic).await?,
        None => Counts::default(),
    };
    let page = Page {
        frame: frame.clone(),
        words,
        fields: fields(&frame, words, &data.regions),
        counts,
        rows,
        topic,
        is_filtered: ASKED.iter().any(|name| frame.params.has(name)),
    };
    frame.page(&page)
}

/// The filter of the address.
fn filter(
    frame: &Frame,
    words: Words,
    topic: Option<&CoverageTopic>,
) -> Result<CountryFilter, Refused> {
    let params = &frame.params;
    let finding = params.get("finding");
    let known = |value: &str| {
        value == NOT_RESEARCHED
            || frame
                .values_of(CoverageValue::ENUM)
                .iter()
                .any(|(known, _)| known == value)
    };
    let coverage = match (topic, finding) {
        (_, Some(value)) if !known(value) => {
            return Err(Refused::Wrong(words.wrong_finding(value)));
        }
        (Some(topic), Some(value)) if value != NOT_RESEARCHED => Some(CoverageFilter {
            topic: topic.clone(),
            values: vec![CoverageValue(value.to_owned())],
        }),
        _ => None,
    };
    let has_profile = match params.get("profile") {
        None => None,
        Some("yes") => Some(true),
        Some("no") => Some(false),
        Some(other) => return Err(Refused::Wrong(words.wrong_profile(other))),
    };
    let statuses: Vec<_> = params
        .all("status")
        .map(|one| TreatyStatus(one.to_owned()))
        .collect();
    let organisations: Vec<_> = params
        .all("organisation")
        .map(|one| InternationalOrganisation(one.to_owned()))
        .collect();
    let regions: Vec<String> = params.all("region").map(str::to_owned).collect();
    // With a status, the service selects the countries that the counts of the treaty have.
    let all = ["STATE", "TERRITORY", "OTHER", "ORGANISATION"];
    let kinds = statuses
        .is_empty()
        .then(|| all.map(|kind| CountryKind(kind.to_owned())).to_vec());
    Ok(CountryFilter {
        codes: None,
        coverage,
        has_profile,
        kinds,
        memberships: Some(organisations).filter(|one| !one.is_empty()),
        regions: Some(regions).filter(|one| !one.is_empty()),
        treaty_status: Some(statuses).filter(|one| !one.is_empty()).map(|status| {
            TreatyStatusFilter {
                status,
                treaty: TREATY.to_owned(),
            }
        }),
        treaty_statuses: None,
        updated_since: None,
    })
}

/// The fields of the form.
fn fields(frame: &Frame, words: Words, regions: &[String]) -> Vec<Field> {
    let choices = |any: &str, values: Vec<(String, String)>| {
        let any = std::iter::once((String::new(), any.to_owned()));
        any.chain(values).collect::<Vec<_>>()
    };
    let same = |text: &String| (text.clone(), region::label(text, frame.language).to_owned());
    let mut named: Vec<(String, String)> = regions.iter().map(same).collect();
    country_list::sort(&mut named, |(_, label)| label);
    let yes_no = [
        ("yes", words.with_profile()),
        ("no", words.without_profile()),
    ];
    let yes_no = yes_no.map(|(value, label)| (value.to_owned(), label.to_owned()));
    let mut findings = frame.values_of(CoverageValue::ENUM);
    findings.push((NOT_RESEARCHED.to_owned(), words.not_researched().to_owned()));
    let fields = [
        ("region", words.region(), choices(words.any_region(), named)),
        (
            "status",
            words.status(),
            choices(words.any_status(), frame.values_of(TreatyStatus::ENUM)),
        ),
        (
            "profile",
            words.profile(),
            choices(words.any_profile(), yes_no.to_vec()),
        ),
        (
            "organisation",
            words.organisation(),
            choices(
                words.any_organisation(),
                frame.values_of(InternationalOrganisation::ENUM),
            ),
        ),
        (
            "topic",
            words.topic(),
            choices(words.any_topic(), frame.values_of(CoverageTopic::ENUM)),
        ),
        (
            "finding",
            words.finding(),
            choices(words.any_finding(), findings),
        ),
    ];
    let field = |(name, label, choices)| Field {
        name,
        label,
        choices,
        chosen: frame.params.get(name).unwrap_or_default().to_owned(),
    };
    fields.map(field).into()
}

/// The rows as CSV.
fn csv(frame: &Frame, words: Words, topic: Option<&CoverageTopic>, rows: &[Row]) -> String {
    let header = [
        "code",
        "name",
        "kind",
        "region",
        "subregion",
        "status",
        "status_label",
        "since",
        "profile",
        "organisations",
        "topic",
        "finding",
        "finding_as_of",
        "statement",
        "permalink",
    ];
    let mut csv = Csv::new(frame, &header);
    for row in rows {
        let country = &row.country;
        let finding = row.finding();
        let organisations: Vec<String> = country
            .memberships
            .iter()
            .map(|one| membership(frame, words, one))
            .collect();
        let status = row.status();
        csv.row(&[
            country.code.clone(),
            country.name.clone(),
            frame.label(&country.kind),
            country.region.clone().unwrap_or_default(),
            country.subregion.clone().unwrap_or_default(),
            status.map(|one| one.0.clone()).unwrap_or_default(),
            status.map(|one| frame.label(one)).unwrap_or_default(),
            row.since().unwrap_or_default().to_owned(),
            if row.has_profile { "yes" } else { "no" }.to_owned(),
            organisations.join("; "),
            topic.map(|one| one.0.clone()).unwrap_or_default(),
            match (topic, finding) {
                (Some(_), Some(finding)) => finding.value.0.clone(),
                (Some(_), None) => NOT_RESEARCHED.to_owned(),
                (None, _) => String::new(),
            },
            finding
                .map(|one| one.as_of.edtf.clone())
                .unwrap_or_default(),
            finding
                .and_then(|one| one.statement.clone())
                .unwrap_or_default(),
            frame.permalink_of(&format!("/countries/{}", country.code)),
        ]);
    }
    csv.finish()
}

/// A membership in words.
fn membership(frame: &Frame, words: Words, one: &countries::EntryMemberships) -> String {
    let organisation = frame.label(&one.organisation);
    if one.role == "OBSERVER" {
        format!("{organisation} ({})", words.observer())
    } else {
        organisation
    }
}
