//! The statuses of a country under all treaties.

use askama::Template;
use graphql_client::GraphQLQuery;

use super::words::Words;
use crate::answer::{Answer, Media};
use crate::ask::Ask;
use crate::frame::{Frame, Moment};
use crate::refused::Refused;
use crate::treaty::order;
use crate::value::{Certainty, TreatyStatus};

#[derive(GraphQLQuery)]
#[graphql(
    schema_path = "../../schema.graphql",
    query_path = "embed/country.graphql",
    custom_scalars_module = "crate::value::scalar",
    extern_enums("Certainty", "TreatyStatus"),
    response_derives = "Clone, Debug"
)]
struct EmbeddedCountry;

use embedded_country::{
    EmbeddedCountryAtCountry as Country,
    EmbeddedCountryAtCountryTreatyParticipationsTreaty as Treaty, Variables,
};

#[derive(Template)]
#[template(path = "embed/country.html")]
struct Page {
    frame: Frame,
    words: Words,
    country: Country,
    day: String,
    back: String,
}

/// Answers with the table of a country.
///
/// # Errors
/// [`Refused`] if there is no such country.
pub async fn page(mut frame: Frame, ask: &mut dyn Ask, code: &str) -> Result<Answer, Refused> {
    let words = Words(frame.language);
    let unknown = || Refused::Absent(words.unknown_country(code));
    if code.len() != 2 || !code.chars().all(|letter| letter.is_ascii_alphabetic()) {
        return Err(unknown());
    }
    let variables = Variables {
        code: code.to_ascii_uppercase(),
        on: frame.on(),
        at: frame.at(),
        languages: Some(frame.languages()),
    };
    match frame.media {
        Media::Json => {
            return frame
                .json_of::<EmbeddedCountry>(ask, variables, "/data/at/country")
                .await;
        }
        Media::Html => {}
        _ => return Err(Refused::Absent(frame.path)),
    }
    let data = frame.query::<EmbeddedCountry>(ask, variables).await?.at;
    let mut country = data.country.ok_or_else(unknown)?;
    country
        .treaty_participations
        .sort_by_cached_key(|one| place(&one.treaty));
    frame.moment = Some(Moment {
        as_of: data.as_of.clone(),
        cursor: data.cursor,
        known_at: data.known_at,
    });
    let page = Page {
        words,
        day: frame.date(&data.as_of),
        back: frame.permalink_of(&format!("/countries/{}", country.code)),
        country,
        frame: frame.clone(),
    };
    frame.page(&page)
}

/// The place of a treaty in the table.
fn place(treaty: &Treaty) -> order::Place {
    let parent = treaty.parent.as_ref();
    order::place(
        (&treaty.reference, &treaty.short_title),
        parent.map(|one| (one.reference.as_str(), one.short_title.as_str())),
        treaty.opened_on.as_ref().map(|date| date.edtf.as_str()),
    )
}
