//! The page of one treaty.

use std::collections::{HashMap, HashSet};

use askama::Template;
use graphql_client::GraphQLQuery;

use super::chart::{Chart, Point};
use super::days::Days;
use super::select::Selection;
use super::words::Words;
use super::{absent, reference};
use crate::answer::{Answer, Media};
use crate::ask::Ask;
use crate::countries::region;
use crate::csv::Csv;
use crate::embed::{self, Codes, Shown};
use crate::frame::{Frame, Moment};
use crate::map::{Figure, Look, Row, by_name, rows};
use crate::refused::Refused;
use crate::value::{
    Certainty, CountryKind, CoverageTopic, CoverageValue, DateOrigin, ImplementationDegree,
    InternationalOrganisation, StaleReason, TreatyEventKind, TreatyStatus,
};

#[derive(GraphQLQuery)]
#[graphql(
    schema_path = "../../schema.graphql",
    query_path = "treaty/page.graphql",
    custom_scalars_module = "crate::value::scalar",
    extern_enums(
        "Certainty",
        "CountryKind",
        "CoverageTopic",
        "CoverageValue",
        "DateOrigin",
        "ImplementationDegree",
        "InternationalOrganisation",
        "StaleReason",
        "TreatyEventKind",
        "TreatyStatus"
    ),
    response_derives = "Clone, Debug"
)]
struct TreatyPage;

use treaty_page::{
    CountryFilter, TreatyPageAt as Data, TreatyPageAtTreaty as Treaty,
    TreatyPageAtTreatyStatuses as Participation, TreatyStatusFilter, Variables,
};

/// The degrees of implementation, as columns.
const DEGREES: [&str; 7] = [
    "FULL",
    "PARTIAL",
    "GENERAL_LAW",
    "NOT_YET_IN_FORCE",
    "NONE",
    "NOT_APPLICABLE",
    "UNKNOWN",
];

/// A line of the matrix of implementation: an article, and the number of countries by degree.
struct ArticleCounts {
    article: String,
    counts: [i64; 7],
}

#[derive(Template)]
#[template(path = "treaty/page.html")]
struct Page {
    frame: Frame,
    words: Words,
    treaty: Treaty,
    map: Figure,
    rows: Vec<Row>,
    participations: HashMap<String, Participation>,
    selection: Selection,
    regions: Vec<String>,
    days: Days,
    begun: Vec<String>,
    points: Vec<Point>,
    chart: Option<Chart>,
    degrees: Vec<String>,
    matrix: Vec<ArticleCounts>,
    embed: Codes,
    day: String,
}

#[derive(Template)]
#[template(path = "map/map.svg")]
struct Drawing<'a> {
    frame: &'a Frame,
    map: &'a Figure,
    moment: Moment,
    licence: String,
    address: String,
    day: String,
    note: Vec<String>,
}

/// Answers with the page of the treaty that a part of the path names.
///
/// # Errors
/// [`Refused`] if there is no such treaty, or the address is wrong.
pub async fn page(mut frame: Frame, ask: &mut dyn Ask, part: &str) -> Result<Answer, Refused> {
    let Some(reference) = reference(part) else {
        return absent(&frame, ask, part).await;
    };
    let selection = Selection::read(&frame)?;
    let variables = variables(&frame, reference, &selection);
    if frame.media == Media::Json {
        return frame
            .json_of::<TreatyPage>(ask, variables, "/data/at/treaty")
            .await;
    }
    let mut data = frame.query::<TreatyPage>(ask, variables).await?;
    let Some(mut treaty) = data.at.treaty.take() else {
        return absent(&frame, ask, part).await;
    };
    treaty
        .status_counts
        .sort_by_key(|one| Look::place(&one.status.0));
    let data = data.at;
    let canonical = frame.treaty_path(&treaty.reference);
    if frame.media == Media::Html && frame.path != canonical {
        let mut answer = Answer::see_other(format!("{canonical}{}", frame.params.query()));
        answer.status = 308;
        return Ok(answer);
    }
    frame.moment = Some(Moment {
        as_of: data.as_of.clone(),
        cursor: data.cursor.clone(),
        known_at: data.known_at.clone(),
    });
    frame.alternates = vec![
        (Media::Json, "json"),
        (Media::Csv, "csv"),
        (Media::Svg, "svg"),
    ];
    let regions = data.regions.clone();
    let rows = all_rows(data, &treaty, &selection);
    let participations: HashMap<String, Participation> = treaty
        .statuses
        .iter()
        .map(|one| (one.country.code.clone(), one.clone()))
        .collect();
    match frame.media {
        Media::Csv => {
            let body = table(&frame, &rows, &participations);
            return Ok(Answer::of(Media::Csv, body, frame.lifetime()));
        }
        Media::Svg => return drawing(&frame, &treaty, &rows),
        _ => {}
    }
    html(frame, ask, treaty, rows, participations, selection, regions).await
}

fn variables(frame: &Frame, reference: String, selection: &Selection) -> Variables {
    let status = selection
        .statuses
        .iter()
        .cloned()
        .map(TreatyStatus)
        .collect();
    let filter = CountryFilter {
        // Without a filter, all are selected, and none need be found.
        codes: (!selection.is_set()).then(Vec::new),
        coverage: None,
        has_profile: None,
        kinds: Some(
            ["STATE", "TERRITORY", "OTHER", "ORGANISATION"]
                .map(|kind| CountryKind(kind.to_owned()))
                .to_vec(),
        ),
        memberships: selection
            .organisation
            .clone()
            .map(|one| vec![InternationalOrganisation(one)]),
        regions: selection.region.clone().map(|region| vec![region]),
        treaty_status: (!selection.statuses.is_empty()).then(|| TreatyStatusFilter {
            status,
            treaty: reference.clone(),
        }),
        treaty_statuses: None,
        updated_since: None,
    };
    Variables {
        reference,
        on: frame.on(),
        at: frame.at(),
        languages: Some(frame.languages()),
        filter,
    }
}

/// All countries by name, each with the mark of the filters.
fn all_rows(data: Data, treaty: &Treaty, selection: &Selection) -> Vec<Row> {
    let mut rows: Vec<Row> = rows!(data, treaty).collect();
    if selection.is_set() {
        let nodes = data.selected.nodes.into_iter();
        let codes: HashSet<String> = nodes.map(|one| one.code).collect();
        for row in &mut rows {
            row.is_selected = codes.contains(&row.code);
        }
    }
    by_name(&mut rows);
    rows
}

async fn html(
    mut frame: Frame,
    ask: &mut dyn Ask,
    treaty: Treaty,
    rows: Vec<Row>,
    participations: HashMap<String, Participation>,
    selection: Selection,
    regions: Vec<String>,
) -> Result<Answer, Refused> {
    let words = Words(frame.language);
    let as_of = frame.moment.clone().unwrap_or_default().as_of;
    let begins = rows.iter().filter_map(|row| row.since.clone());
    let nexts = treaty.statuses.iter().filter_map(|one| one.next.as_ref());
    let nexts = nexts.map(|next| next.on.edtf.clone());
    let days = Days::read(&frame, ask, &treaty.reference, &as_of, begins, nexts).await?;
    let of_the_day = rows.iter().filter(|row| row.since.as_ref() == Some(&as_of));
    let begun = of_the_day.map(|row| words.becomes(row.marked_name(), frame.label(&row.status)));
    let begun = begun.collect();
    let points = points(&treaty);
    let path = frame.treaty_path(&treaty.reference);
    let title = frame.treaty_title(&treaty.short_title).text;
    frame.cite(&format!("{title} ({})", treaty.reference));
    let page = Page {
        map: Figure::new(&frame, title, &rows),
        chart: Chart::new(&points),
        degrees: DEGREES
            .map(|degree| frame.label_of("ImplementationDegree", degree))
            .to_vec(),
        matrix: matrix(&treaty),
        embed: embed::codes(
            &frame,
            title,
            &[
                (&format!("/embed{path}"), Shown::Map),
                (&format!("/embed{path}/table"), Shown::Table),
            ],
        ),
        day: frame.date(&as_of),
        words,
        treaty,
        rows,
        participations,
        selection,
        regions,
        days,
        begun,
        points,
        frame: frame.clone(),
    };
    frame.page(&page)
}

/// The counts of each step of the timeline.
fn points(treaty: &Treaty) -> Vec<Point> {
    let points = treaty.timeline.iter().map(|point| {
        let count = |statuses: &[&str]| {
            let counted = point.counts.iter();
            let counted = counted.filter(|one| statuses.contains(&one.status.0.as_str()));
            counted.map(|one| one.count).sum()
        };
        Point {
            on: point.on.clone(),
            parties: count(&["PARTY", "SUSPENDED", "DENUNCIATION_PENDING"]),
            contracting: count(&["CONTRACTING_STATE"]),
            signatories: count(&["SIGNATORY"]),
        }
    });
    points.collect()
}

/// The matrix of implementation, in the order of the articles.
fn matrix(treaty: &Treaty) -> Vec<ArticleCounts> {
    let mut matrix: Vec<ArticleCounts> = Vec::new();
    for one in &treaty.implementation_counts {
        if matrix.last().is_none_or(|line| line.article != one.article) {
            matrix.push(ArticleCounts {
                article: one.article.clone(),
                counts: [0; 7],
            });
        }
        let degree = DEGREES.iter().position(|degree| one.degree == *degree);
        let line = matrix.last_mut();
        if let Some(count) = line
            .zip(degree)
            .and_then(|(line, at)| line.counts.get_mut(at))
        {
            *count = one.count;
        }
    }
    matrix
}

/// The rows that the filters select, as CSV.
fn table(frame: &Frame, rows: &[Row], participations: &HashMap<String, Participation>) -> String {
    let head = [
        "code",
        "name",
        "kind",
        "region",
        "subregion",
        "status",
        "status_label",
        "since",
        "since_in_words",
        "in_force_from",
        "in_force_origin",
        "certainty",
        "extended_from",
        "is_counted",
        "basis",
        "permalink",
    ];
    let mut csv = Csv::new(frame, &head);
    let moment = frame.moment.clone().unwrap_or_default();
    let view = format!("?on={}&at={}", moment.as_of, moment.cursor);
    for row in rows.iter().filter(|row| row.is_selected) {
        let participation = participations.get(&row.code);
        let in_force = participation.and_then(|one| one.in_force_from.as_ref());
        let basis = participation
            .map(|one| one.basis.as_slice())
            .unwrap_or_default();
        let basis: Vec<String> = basis
            .iter()
            .map(|event| format!("{}/records/{}{view}", frame.public_url, event.record_id))
            .collect();
        let said = row.since.as_deref().map(|edtf| frame.since(edtf));
        let cells = [
            row.code.clone(),
            row.marked_name(),
            row.kind.0.clone(),
            row.region.clone().unwrap_or_default(),
            row.subregion.clone().unwrap_or_default(),
            row.status.0.clone(),
            frame.label(&row.status),
            row.since.clone().unwrap_or_default(),
            said.unwrap_or_default(),
            in_force
                .map(|one| one.date.edtf.clone())
                .unwrap_or_default(),
            in_force.map(|one| one.origin.0.clone()).unwrap_or_default(),
            participation
                .map(|one| one.certainty.0.clone())
                .unwrap_or_default(),
            row.extended_from.clone().unwrap_or_default(),
            row.is_counted().to_string(),
            basis.join(" "),
            format!("{}/countries/{}{view}", frame.public_url, row.code),
        ];
        csv.row(&cells);
    }
    csv.finish()
}

/// The map as a file of its own.
fn drawing(frame: &Frame, treaty: &Treaty, rows: &[Row]) -> Result<Answer, Refused> {
    let map = Figure::new(frame, frame.treaty_title(&treaty.short_title).text, rows);
    let moment = frame.moment.clone().unwrap_or_default();
    let note = [map.words.note(), map.words.kosovo()];
    let drawing = Drawing {
        licence: format!("{}/licence", frame.public_url),
        address: frame.permalink().unwrap_or_default(),
        day: frame.date(&moment.as_of),
        moment,
        note: note.iter().flat_map(|text| lines(text, 190)).collect(),
        frame,
        map: &map,
    };
    let body = drawing.render().map_err(|_| Refused::Internal)?;
    Ok(Answer::of(Media::Svg, body, frame.lifetime()))
}

/// Divides a text into lines of at most some characters.
fn lines(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.chars().count() + word.chars().count() < width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

impl Page {
    /// The name of a region in the language of the page.
    fn region<'a>(&self, name: &'a str) -> &'a str {
        region::label(name, self.frame.language)
    }

    /// The path of the treaty.
    fn path(&self) -> String {
        self.frame.treaty_path(&self.treaty.reference)
    }

    /// The address at which an error in a part of the page is reported.
    fn report(&self, topic: &str) -> String {
        let path = format!("/contribute?record={}{topic}", self.treaty.record_id);
        self.frame.href(path)
    }

    /// A path below that of the treaty.
    fn below(&self, rest: &str) -> String {
        format!("{}{rest}", self.path())
    }

    /// The number of rows that the filters select.
    fn selected_count(&self) -> usize {
        self.rows.iter().filter(|row| row.is_selected).count()
    }

    /// The labels of some statuses.
    fn labels(&self, statuses: &[TreatyStatus]) -> String {
        let labels: Vec<String> = statuses
            .iter()
            .map(|status| self.frame.label(status))
            .collect();
        labels.join(", ")
    }

    /// True if the status holds from a date that no depositary gave.
    fn is_computed(&self, participation: &Participation) -> bool {
        let row = self
            .rows
            .iter()
            .find(|row| row.code == participation.country.code);
        let since = row.and_then(|row| row.since.as_ref());
        let in_force = participation.in_force_from.as_ref();
        in_force.is_some_and(|one| one.origin == "COMPUTED" && Some(&one.date.edtf) == since)
    }

    /// The newest acts, newest first.
    fn newest_events(&self) -> impl Iterator<Item = &treaty_page::TreatyPageAtTreatyEventsNodes> {
        let dated = self
            .treaty
            .events
            .nodes
            .iter()
            .filter(|event| event.date.is_some());
        dated.rev()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_divided_between_words() {
        assert_eq!(lines("one two three", 8), ["one two", "three"]);
        assert_eq!(lines("", 8), [""]);
    }
}
