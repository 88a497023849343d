//! `/treaties/ETS-185/events`: the acts under a treaty, page by page.

use askama::Template;
use graphql_client::GraphQLQuery;

use super::days::DECIDING;
use super::words::Words;
use super::{absent, reference};
use crate::answer::{Answer, Media};
use crate::ask::Ask;
use crate::csv::Csv;
use crate::frame::{Frame, Moment};
use crate::refused::Refused;
use crate::value::{Certainty, TreatyEventKind};

#[derive(GraphQLQuery)]
#[graphql(
    schema_path = "../../schema.graphql",
    query_path = "treaty/events.graphql",
    custom_scalars_module = "crate::value::scalar",
    extern_enums("Certainty", "TreatyEventKind"),
    response_derives = "Clone, Debug"
)]
struct TreatyEvents;

use treaty_events::{TreatyEventFilter, TreatyEventsAtTreaty as Treaty, Variables};

/// The kinds of acts that do not decide a status.
const OTHERS: [&str; 8] = [
    "DOMESTIC_APPROVAL",
    "RESERVATION",
    "DECLARATION",
    "OBJECTION",
    "CONFIRMATION",
    "COMMUNICATION",
    "DESIGNATION_OF_AUTHORITY",
    "REPORTED_STATUS",
];

#[derive(Template)]
#[template(path = "treaty/events.html")]
struct Page {
    frame: Frame,
    words: Words,
    treaty: Treaty,
    kinds: Vec<&'static str>,
}

impl Page {
    /// The address at which an error in the list is reported.
    fn report(&self) -> String {
        let path = format!("/contribute?record={}", self.treaty.record_id);
        self.frame.href(path)
    }
}

/// Answers with a page of the acts.
///
/// # Errors
/// [`Refused`] if there is no such treaty, or the address is wrong.
pub async fn page(mut frame: Frame, ask: &mut dyn Ask, part: &str) -> Result<Answer, Refused> {
    let Some(reference) = reference(part) else {
        return absent(&frame, ask, part).await;
    };
    let kinds: Vec<&str> = DECIDING.into_iter().chain(OTHERS).collect();
    let asked: Vec<String> = frame.params.all("kind").map(str::to_owned).collect();
    let words = Words(frame.language);
    if let Some(wrong) = asked.iter().find(|kind| !kinds.contains(&kind.as_str())) {
        return Err(Refused::Wrong(words.wrong_kind(wrong, kinds.join(", "))));
    }
    let variables = Variables {
        reference,
        on: frame.on(),
        at: frame.at(),
        languages: Some(frame.languages()),
        filter: (!asked.is_empty()).then(|| TreatyEventFilter {
            countries: None,
            from: None,
            kinds: Some(asked.into_iter().map(TreatyEventKind).collect()),
            to: None,
            treaty: None,
        }),
        after: frame.params.get("after").map(str::to_owned),
    };
    match frame.media {
        Media::Json => {
            return frame
                .json_of::<TreatyEvents>(ask, variables, "/data/at/treaty")
                .await;
        }
        Media::Html | Media::Csv => {}
        _ => return Err(Refused::Absent(frame.path)),
    }
    let data = frame.query::<TreatyEvents>(ask, variables).await?.at;
    let Some(treaty) = data.treaty else {
        return absent(&frame, ask, part).await;
    };
    frame.moment = Some(Moment {
        as_of: data.as_of,
        cursor: data.cursor,
        known_at: data.known_at,
    });
    frame.alternates = vec![(Media::Json, "json"), (Media::Csv, "csv")];
    if frame.media == Media::Csv {
        let body = table(&frame, &treaty);
        return Ok(Answer::of(Media::Csv, body, frame.lifetime()));
    }
    let page = Page {
        frame: frame.clone(),
        words,
        treaty,
        kinds,
    };
    frame.page(&page)
}

fn table(frame: &Frame, treaty: &Treaty) -> String {
    let head = [
        "record",
        "country_code",
        "country",
        "kind",
        "kind_label",
        "date",
        "date_in_words",
        "effective_date",
        "articles",
        "permalink",
    ];
    let info = &treaty.events.page_info;
    let next = info.end_cursor.as_ref().filter(|_| info.has_next_page);
    let next = next.map(|cursor| {
        let params = frame.params.with("after", Some(cursor));
        format!("{}.csv{}", frame.path, params.query())
    });
    let mut csv = Csv::page(frame, &head, next);
    let moment = frame.moment.clone().unwrap_or_default();
    let view = format!("?on={}&at={}", moment.as_of, moment.cursor);
    for event in &treaty.events.nodes {
        let date = event
            .date
            .as_ref()
            .map(|date| date.edtf.as_str())
            .unwrap_or_default();
        let effective = event.effective_date.as_ref().map(|date| date.edtf.clone());
        let cells = [
            event.record_id.clone(),
            event.country.code.clone(),
            event.country.name.clone(),
            event.kind.0.clone(),
            frame.label(&event.kind),
            date.to_owned(),
            frame.date(date),
            effective.unwrap_or_default(),
            event.articles.join("; "),
            format!("{}/records/{}{view}", frame.public_url, event.record_id),
        ];
        csv.row(&cells);
    }
    csv.finish()
}
