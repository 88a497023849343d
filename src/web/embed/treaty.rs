//! The map and the table of a treaty.

use askama::Template;
use graphql_client::GraphQLQuery;

use super::words::Words;
use crate::answer::{Answer, Media};
use crate::ask::Ask;
use crate::frame::{Frame, Moment};
use crate::map::{Figure, Row, by_name, rows};
use crate::refused::Refused;
use crate::treaty;
use crate::value::{CountryKind, TreatyStatus};

#[derive(GraphQLQuery)]
#[graphql(
    schema_path = "../../schema.graphql",
    query_path = "embed/treaty.graphql",
    custom_scalars_module = "crate::value::scalar",
    extern_enums("CountryKind", "TreatyStatus"),
    response_derives = "Clone, Debug"
)]
struct EmbeddedTreaty;

use embedded_treaty::{EmbeddedTreatyAtTreaty as Treaty, Variables};

#[derive(Template)]
#[template(path = "embed/treaty.html")]
struct Page {
    frame: Frame,
    words: Words,
    treaty: Treaty,
    map: Option<Figure>,
    rows: Vec<Row>,
    day: String,
    back: String,
    table: String,
}

/// Answers with the map or the table of the treaty that a part of the path names.
///
/// # Errors
/// [`Refused`] if there is no such treaty.
pub async fn page(
    mut frame: Frame,
    ask: &mut dyn Ask,
    part: &str,
    has_map: bool,
) -> Result<Answer, Refused> {
    let Some(reference) = treaty::reference(part) else {
        return treaty::absent(&frame, ask, part).await;
    };
    let variables = Variables {
        reference,
        on: frame.on(),
        at: frame.at(),
        languages: Some(frame.languages()),
    };
    match frame.media {
        Media::Json => {
            return frame
                .json_of::<EmbeddedTreaty>(ask, variables, "/data/at/treaty")
                .await;
        }
        Media::Html => {}
        _ => return Err(Refused::Absent(frame.path)),
    }
    let data = frame.query::<EmbeddedTreaty>(ask, variables).await?.at;
    let Some(found) = data.treaty else {
        return treaty::absent(&frame, ask, part).await;
    };
    frame.moment = Some(Moment {
        as_of: data.as_of.clone(),
        cursor: data.cursor,
        known_at: data.known_at,
    });
    let mut rows: Vec<Row> = rows!(data, found).collect();
    by_name(&mut rows);
    let map =
        has_map.then(|| Figure::new(&frame, frame.treaty_title(&found.short_title).text, &rows));
    rows.retain(Row::has_acted);
    let back = frame.permalink_of(&frame.treaty_path(&found.reference));
    let page = Page {
        words: Words(frame.language),
        day: frame.date(&data.as_of),
        table: format!("{back}#table"),
        back,
        treaty: found,
        map,
        rows,
        frame: frame.clone(),
    };
    frame.page(&page)
}
