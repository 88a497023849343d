//! The home page.

use askama::Template;
use graphql_client::GraphQLQuery;

use super::words::Words;
use crate::answer::{Answer, Media};
use crate::ask::Ask;
use crate::frame::{Frame, Moment};
use crate::map::{Figure, Look, Row, by_name, rows};
use crate::refused::Refused;
use crate::value::{ChangeOperation, CountryKind, RecordKind, TreatyStatus};

#[derive(GraphQLQuery)]
#[graphql(
    schema_path = "../../schema.graphql",
    query_path = "home/page.graphql",
    custom_scalars_module = "crate::value::scalar",
    extern_enums("ChangeOperation", "CountryKind", "RecordKind", "TreatyStatus"),
    response_derives = "Clone, Debug"
)]
struct Home;

use home::{HomeAtTreaty as Treaty, HomeChangesNodes as Change, Variables};

#[derive(Template)]
#[template(path = "home/page.html")]
struct Page {
    frame: Frame,
    words: Words,
    day: String,
    treaty: Option<(Treaty, Figure)>,
    changes: Vec<Change>,
    treaty_count: i64,
    profile_count: i64,
    source_count: i64,
}

impl Page {
    /// The address of the table that says the same as the map.
    fn table(&self) -> String {
        let path = self
            .treaty
            .as_ref()
            .map(|(treaty, _)| self.frame.treaty_path(&treaty.reference));
        format!("{}#table", self.frame.href(path.unwrap_or_default()))
    }

    /// The path of the treaty, with its countries of one status.
    fn selected(&self, status: &TreatyStatus) -> String {
        let path = self
            .treaty
            .as_ref()
            .map(|(treaty, _)| self.frame.treaty_path(&treaty.reference));
        format!("{}?status={}", path.unwrap_or_default(), status.0)
    }
}

/// Answers with the home page.
///
/// # Errors
/// [`Refused`] if it cannot be read.
pub async fn page(mut frame: Frame, ask: &mut dyn Ask) -> Result<Answer, Refused> {
    let before = match frame.at() {
        Some(at) => frame.change_after(ask, &at).await?,
        None => None,
    };
    let variables = Variables {
        on: frame.on(),
        at: frame.at(),
        before,
        languages: Some(frame.languages()),
    };
    if frame.media != Media::Html {
        return Err(Refused::Absent(frame.path));
    }
    let data = frame.query::<Home>(ask, variables).await?;
    let mut changes = data.changes.nodes;
    changes.reverse();
    let data = data.at;
    frame.moment = Some(Moment {
        as_of: data.as_of.clone(),
        cursor: data.cursor,
        known_at: data.known_at,
    });
    let treaty = data.treaty.map(|mut treaty| {
        treaty
            .status_counts
            .sort_by_key(|one| Look::place(&one.status.0));
        let mut rows: Vec<Row> = rows!(data, treaty).collect();
        by_name(&mut rows);
        let map = Figure::new(&frame, frame.treaty_title(&treaty.short_title).text, &rows);
        (treaty, map)
    });
    let page = Page {
        words: Words(frame.language),
        day: frame.date(&data.as_of),
        treaty,
        changes,
        treaty_count: data.treaties.total_count,
        profile_count: data.profiled.total_count,
        source_count: data.sources.total_count,
        frame: frame.clone(),
    };
    frame.page(&page)
}
