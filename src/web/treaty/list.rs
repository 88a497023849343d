//! `/treaties`: all treaties with their counts.

use askama::Template;
use graphql_client::GraphQLQuery;

use super::order;
use super::words::Words;
use crate::answer::{Answer, Media};
use crate::ask::Ask;
use crate::csv::Csv;
use crate::frame::{Frame, Moment};
use crate::map::{LOOKS, Look};
use crate::refused::Refused;
use crate::value::{Certainty, TreatyStatus};

#[derive(GraphQLQuery)]
#[graphql(
    schema_path = "../../schema.graphql",
    query_path = "treaty/list.graphql",
    custom_scalars_module = "crate::value::scalar",
    extern_enums("Certainty", "TreatyStatus"),
    response_derives = "Clone, Debug"
)]
struct Treaties;

use treaties::{TreatiesAtTreatiesNodes as Treaty, Variables};

#[derive(Template)]
#[template(path = "treaty/list.html")]
struct Page {
    frame: Frame,
    words: Words,
    treaties: Vec<Treaty>,
}

/// Answers with the list.
///
/// # Errors
/// [`Refused`] if the list cannot be read.
pub async fn page(mut frame: Frame, ask: &mut dyn Ask) -> Result<Answer, Refused> {
    let variables = variables(&frame);
    match frame.media {
        Media::Json => return frame.json::<Treaties>(ask, variables).await,
        Media::Html | Media::Csv => {}
        _ => return Err(Refused::Absent(frame.path)),
    }
    let data = frame.query::<Treaties>(ask, variables).await?.at;
    frame.moment = Some(Moment {
        as_of: data.as_of,
        cursor: data.cursor,
        known_at: data.known_at,
    });
    frame.alternates = vec![(Media::Json, "json"), (Media::Csv, "csv")];
    let mut treaties = data.treaties.nodes;
    treaties.sort_by_cached_key(Treaty::place);
    for treaty in &mut treaties {
        treaty
            .status_counts
            .sort_by_key(|one| Look::place(&one.status.0));
    }
    if frame.media == Media::Csv {
        let body = table(&frame, &treaties);
        return Ok(Answer::of(Media::Csv, body, frame.lifetime()));
    }
    let words = Words(frame.language);
    frame.cite(words.list_title());
    let page = Page {
        frame: frame.clone(),
        words,
        treaties,
    };
    frame.page(&page)
}

impl Treaty {
    /// The place of the treaty in the list.
    fn place(&self) -> order::Place {
        let parent = self.parent.as_ref();
        order::place(
            (&self.reference, &self.short_title),
            parent.map(|one| (one.reference.as_str(), one.short_title.as_str())),
            self.opened_on.as_ref().map(|date| date.edtf.as_str()),
        )
    }
}

/// The references of all treaties.
///
/// # Errors
/// [`Refused`] if they cannot be read.
pub async fn references(frame: &Frame, ask: &mut dyn Ask) -> Result<Vec<String>, Refused> {
    let data = frame.execute::<Treaties>(ask, variables(frame)).await?.at;
    Ok(data
        .treaties
        .nodes
        .into_iter()
        .map(|treaty| treaty.reference)
        .collect())
}

fn variables(frame: &Frame) -> Variables {
    Variables {
        on: frame.on(),
        at: frame.at(),
        languages: Some(frame.languages()),
    }
}

fn table(frame: &Frame, treaties: &[Treaty]) -> String {
    let mut head = vec![
        "reference",
        "short_title",
        "title",
        "organisation",
        "opened_on",
        "in_force_on",
        "complete_as_of",
    ];
    head.extend(LOOKS.map(|look| look.status));
    let mut csv = Csv::new(frame, &head);
    for treaty in treaties {
        let count = |status: &str| {
            let found = treaty.status_counts.iter().find(|one| one.status == status);
            found.map_or(0, |one| one.count).to_string()
        };
        let edtf = |text: Option<&str>| text.unwrap_or_default().to_owned();
        let mut cells = vec![
            treaty.reference.clone(),
            treaty.short_title.clone(),
            treaty.title.clone(),
            treaty.organisation.clone(),
            edtf(treaty.opened_on.as_ref().map(|date| date.edtf.as_str())),
            edtf(
                treaty
                    .entry_into_force_on
                    .as_ref()
                    .map(|date| date.edtf.as_str()),
            ),
            edtf(treaty.events_complete_as_of.as_deref()),
        ];
        cells.extend(LOOKS.map(|look| count(look.status)));
        csv.row(&cells);
    }
    csv.finish()
}
