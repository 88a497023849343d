//! The page of the list.

use std::collections::HashSet;

use askama::Template;
use graphql_client::GraphQLQuery;

use super::words::Words;
use crate::answer::{Answer, Media};
use crate::ask::Ask;
use crate::frame::{Frame, Moment};
use crate::refused::Refused;
use crate::value::TreatyStatus;

#[derive(GraphQLQuery)]
#[graphql(
    schema_path = "../../schema.graphql",
    query_path = "countries/page.graphql",
    custom_scalars_module = "crate::value::scalar",
    extern_enums("TreatyStatus"),
    response_derives = "Debug"
)]
struct Countries;

use countries::CountriesAtTreatyStatuses as Status;

#[derive(Template)]
#[template(path = "countries/page.html")]
struct Page {
    frame: Frame,
    words: Words,
    statuses: Vec<Status>,
    profiled: HashSet<String>,
}

/// Answers with the list.
///
/// # Errors
/// [`Refused`] if the list cannot be read.
pub async fn page(mut frame: Frame, ask: &mut dyn Ask) -> Result<Answer, Refused> {
    let variables = countries::Variables {
        on: frame.on(),
        at: frame.at(),
        languages: Some(frame.languages()),
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
    frame.alternates = vec![(Media::Json, "json")];
    let mut statuses = data
        .treaty
        .map(|treaty| treaty.statuses)
        .unwrap_or_default();
    statuses.sort_by(|one, other| one.country.name.cmp(&other.country.name));
    let words = Words(frame.language);
    let page = Page {
        frame: frame.clone(),
        words,
        statuses,
        profiled: data
            .profiled
            .nodes
            .into_iter()
            .map(|one| one.code)
            .collect(),
    };
    frame.page(&page)
}
