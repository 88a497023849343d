//! `/treaties/ETS-185/timeline.csv` and `.json`: the counts at the end of each year, or of each month with `?step=MONTH`.

use graphql_client::GraphQLQuery;

use super::words::Words;
use super::{absent, no_page, reference};
use crate::answer::{Answer, Media};
use crate::ask::Ask;
use crate::csv::Csv;
use crate::frame::{Frame, Moment};
use crate::map::LOOKS;
use crate::refused::Refused;
use crate::value::{TimelineStep, TreatyStatus};

#[derive(GraphQLQuery)]
#[graphql(
    schema_path = "../../schema.graphql",
    query_path = "treaty/timeline.graphql",
    custom_scalars_module = "crate::value::scalar",
    extern_enums("TimelineStep", "TreatyStatus"),
    response_derives = "Clone, Debug"
)]
struct TreatyTimeline;

use treaty_timeline::Variables;

/// Answers with the counts of each step.
///
/// # Errors
/// [`Refused`] if there is no such treaty, or the address is wrong.
pub async fn rows(mut frame: Frame, ask: &mut dyn Ask, part: &str) -> Result<Answer, Refused> {
    let Some(reference) = reference(part) else {
        return absent(&frame, ask, part).await;
    };
    let step = frame.params.get("step").unwrap_or("YEAR").to_owned();
    if !["MONTH", "YEAR"].contains(&step.as_str()) {
        return Err(Refused::Wrong(Words(frame.language).wrong_step(step)));
    }
    let variables = Variables {
        reference,
        on: frame.on(),
        at: frame.at(),
        step: TimelineStep(step),
    };
    match frame.media {
        Media::Json => {
            return frame
                .json_of::<TreatyTimeline>(ask, variables, "/data/at/treaty")
                .await;
        }
        Media::Csv => {}
        _ => return Err(no_page(&frame)),
    }
    let data = frame.query::<TreatyTimeline>(ask, variables).await?.at;
    let Some(treaty) = data.treaty else {
        return absent(&frame, ask, part).await;
    };
    frame.moment = Some(Moment {
        as_of: data.as_of,
        cursor: data.cursor,
        known_at: data.known_at,
    });
    let mut head = vec!["treaty", "on"];
    head.extend(LOOKS.map(|look| look.status));
    let mut csv = Csv::new(&frame, &head);
    for point in &treaty.timeline {
        let count = |status: &str| {
            let found = point.counts.iter().find(|one| one.status == status);
            found.map_or(0, |one| one.count).to_string()
        };
        let mut cells = vec![treaty.reference.clone(), point.on.clone()];
        cells.extend(LOOKS.map(|look| count(look.status)));
        csv.row(&cells);
    }
    Ok(Answer::of(Media::Csv, csv.finish(), frame.lifetime()))
}
