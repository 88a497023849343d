//! The page, the drawing of the timeline strip, and their JSON.

use askama::Template;

use super::document::{Country, KnownTreaty, Profile, Variables};
use super::finding::{Finding, Findings, findings, missing_sections};
use super::freshness::Summary;
use super::institution::{Institution, institutions};
use super::matrix::{Matrix, matrices};
use super::paper::{Group, groups};
use super::treaty::{OtherTreaty, Treaty, other_treaties, strip, treaties};
use crate::answer::{Answer, Media};
use crate::ask::Ask;
use crate::country::code::country_code;
use crate::country::strip::Strip;
use crate::country::tree::{self, Place};
use crate::country::words::Words;
use crate::embed::{self, Codes, Shown};
use crate::frame::{Frame, Moment};
use crate::refused::Refused;

/// The page: what its template shows.
#[derive(Template)]
#[template(path = "country/profile.html")]
pub struct Page {
    pub frame: Frame,
    pub words: Words,
    /// The day of the view.
    pub as_of: String,
    /// The code of the country, as the links to the form for contributions need it.
    pub code: String,
    /// The address of the glossary.
    pub about: String,
    /// True if more is recorded than acts under treaties.
    pub has_profile: bool,
    /// The treaties under which the country acted.
    pub treaties: Vec<Treaty>,
    /// Treaties without an act.
    pub other_treaties: Vec<OtherTreaty>,
    pub strip: Option<Strip>,
    /// The findings that hold.
    pub findings: Vec<Finding>,
    /// The findings that later ones replace.
    pub earlier: Vec<Finding>,
    /// The findings that are later than the day of the view.
    pub later: Vec<Finding>,
    pub groups: Vec<Group>,
    pub institutions: Vec<Institution>,
    /// The places of the institutions in their tree.
    pub places: Vec<Place>,
    pub matrices: Vec<Matrix>,
    /// The number of findings, those included that are not shown.
    pub findings_total: i64,
    /// The number of implementations, those included that are not shown.
    pub implementations_total: i64,
    /// The sections that nobody wrote.
    pub missing_sections: Vec<String>,
    pub summary: Summary,
    pub embed: Codes,
    pub country: Country,
}

#[derive(Template)]
#[template(path = "country/strip.svg")]
struct Drawing {
    frame: Frame,
    words: Words,
    name: String,
    as_of: String,
    note: String,
    strip: Strip,
}

/// Answers with the profile of a country.
///
/// # Errors
/// [`Refused`] if there is no such country, or if the profile cannot be read.
pub async fn page(mut frame: Frame, ask: &mut dyn Ask, code: &str) -> Result<Answer, Refused> {
    let words = Words(frame.language);
    let code = country_code(code).ok_or_else(|| Refused::Absent(words.unknown_country(code)))?;
    frame.path = format!("/countries/{code}");
    let variables = Variables {
        on: frame.on(),
        at: frame.at(),
        code: code.clone(),
        languages: Some(frame.languages()),
    };
    if frame.media == Media::Json {
        return frame
            .json_of::<Profile>(ask, variables, "/data/at/country")
            .await;
    }
    let data = frame.query::<Profile>(ask, variables).await?.at;
    frame.moment = Some(Moment {
        as_of: data.as_of.clone(),
        cursor: data.cursor.clone(),
        known_at: data.known_at,
    });
    frame.alternates = vec![
        (Media::Json, "json"),
        (Media::Csv, "csv"),
        (Media::Svg, "svg"),
    ];
    let Some(mut country) = data.country else {
        return Err(Refused::Absent(words.unknown_country(&code)));
    };
    frame.cite(&country.name);
    let mut known = data.treaties.nodes;
    known.sort_by_cached_key(KnownTreaty::place);
    let treaties = treaties(&frame, &mut country, &known, &data.as_of);
    let strip = strip(&frame, words, &data.as_of, &treaties);
    if frame.media == Media::Svg {
        let drawing = Drawing {
            name: country.name,
            note: words.metadata(
                format!("{}{}", frame.public_url, frame.path),
                &data.as_of,
                &data.cursor,
            ) + &format!(" {}: {}/licence", frame.words.licence(), frame.public_url),
            as_of: data.as_of,
            strip: strip.unwrap_or_default(),
            words,
            frame: frame.clone(),
        };
        return frame.drawing(&drawing);
    }
    let other_treaties = other_treaties(&treaties, &known, &data.as_of);
    let Findings {
        latest,
        earlier,
        later,
    } = findings(&country, data.findings.nodes, &data.as_of);
    let institutions = institutions(&frame, &mut country);
    let parents: Vec<(&str, Option<&str>)> = institutions
        .iter()
        .map(|one| {
            let parent = one.parent.as_ref().map(|parent| parent.record_id.as_str());
            (one.record_id.as_str(), parent)
        })
        .collect();
    let places = tree::order(&parents);
    let page = Page {
        has_profile: country
            .record_counts
            .iter()
            .any(|one| one.kind != "TREATY_EVENT" && one.count > 0),
        missing_sections: missing_sections(&frame, &country.sections),
        groups: groups(words, std::mem::take(&mut country.policy_documents.nodes)),
        matrices: matrices(data.article_implementations.nodes, &known),
        findings_total: data.findings.total_count,
        implementations_total: data.article_implementations.total_count,
        embed: embed::codes(
            &frame,
            &country.name,
            &[(&format!("/embed/countries/{code}"), Shown::Table)],
        ),
        about: frame.href("/about"),
        frame: frame.clone(),
        words,
        as_of: data.as_of,
        code,
        treaties,
        other_treaties,
        strip,
        findings: latest,
        earlier,
        later,
        institutions,
        places,
        summary: Summary::default(),
        country,
    };
    let summary = page.summary();
    frame.page(&Page { summary, ..page })
}
