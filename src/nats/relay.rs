//! Passing the log on to a stream of `JetStream`: each change once and in order, as a follower of
//! `relay.graphql` is told it. The stream itself says how far it has come, and takes a change only behind the
//! one before it: so two nodes that both believe to lead do no harm.

use std::time::{Duration, Instant};

use async_graphql::Request;
use async_nats::Client;
use async_nats::jetstream::context::{Context, PublishAckFuture};
use async_nats::jetstream::message::PublishMessage;
use async_nats::jetstream::stream::{Config, Stream};
use futures_util::StreamExt;
use serde::Deserialize;

use crate::domain::viewer::Viewer;
use crate::graphql::context::{Caller, Resume};
use crate::graphql::{Answer, Event, Service};
use crate::store;
use crate::store::moment::Moment;
use crate::store::relay::Lead;

/// The stream. One that is there already, made by an operator, is used as it is.
const STREAM: &str = "CYBERPROFILES";
/// The subjects, without the country and the noun.
const SUBJECTS: &str = "cyberprofiles.changes";
/// The header that has the cursor of a change.
const CURSOR: &str = "Cyberprofiles-Cursor";
/// What is told of a change.
const SELECTION: &str = include_str!("relay.graphql");
/// How many changes are on their way at once.
const WINDOW: usize = 200;
/// How long a node waits until it tries again, and how often the leading one looks whether it still does.
const RETRY: Duration = Duration::from_secs(1);

/// How often the same failure is told again.
const REPEAT: Duration = Duration::from_mins(1);

/// Why nothing is passed on for now.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Store(#[from] store::Error),
    #[error("JetStream did not do it: {0}")]
    Stream(async_nats::Error),
    #[error("the stream {STREAM} has changes of another database: give this one a NATS of its own")]
    Foreign,
    #[error("the log cannot be told: {0}")]
    Untold(String),
}

fn stream(error: impl Into<async_nats::Error>) -> Failure {
    Failure::Stream(error.into())
}

/// Passes the log on whenever this node is the one to do so.
pub async fn run(client: Client, service: Service) {
    let jetstream = async_nats::jetstream::new(client);
    let mut last: Option<(String, Instant)> = None;
    loop {
        if let Err(failure) = lead(&jetstream, &service).await {
            let said = failure.to_string();
            let is_known =
                |(before, at): (String, Instant)| before == said && at.elapsed() < REPEAT;
            if !last.clone().is_some_and(is_known) {
                tracing::warn!(error = said, "changes are not passed on to NATS for now");
                last = Some((said, Instant::now()));
            }
        }
        tokio::time::sleep(RETRY).await;
    }
}

/// Passes the log on until something fails; at once where another node does.
async fn lead(jetstream: &Context, service: &Service) -> Result<(), Failure> {
    let Some(mut lead) = service.store().lead().await? else {
        return Ok(());
    };
    let config = Config {
        name: STREAM.to_owned(),
        subjects: vec![format!("{SUBJECTS}.>")],
        ..Config::default()
    };
    let found = jetstream.get_or_create_stream(config).await;
    let place = Place::find(&found.map_err(stream)?, &lead, service).await?;
    tracing::info!(after = place.after.0, "this node passes changes on to NATS");
    pass_on(jetstream, service, &mut lead, place).await
}

/// How far a stream has come.
struct Place {
    /// Names the stream, also where one of the same name was made anew.
    stream: String,
    /// The last change in it.
    after: Moment,
    /// The number of its last message.
    last: u64,
}

impl Place {
    /// What its last message says; where it has none, what was remembered.
    async fn find(found: &Stream, lead: &Lead, service: &Service) -> Result<Self, Failure> {
        let info = found.get_info().await.map_err(stream)?;
        let name = format!("{STREAM} {}", info.created);
        let last = info.state.last_sequence;
        let after = if info.state.messages == 0 {
            lead.position(&name).await?
        } else {
            let message = found.get_raw_message(last).await.map_err(stream)?;
            let cursor = message.headers.get(CURSOR).map(ToString::to_string);
            let newest = service.store().head().await?.moment;
            let cursors = service.store().cursors();
            let read = cursors.read(&cursor.unwrap_or_default(), newest);
            read.map_err(|_| Failure::Foreign)?
        };
        Ok(Self {
            stream: name,
            after,
            last,
        })
    }
}

async fn pass_on(
    jetstream: &Context,
    service: &Service,
    lead: &mut Lead,
    mut place: Place,
) -> Result<(), Failure> {
    let caller = Caller {
        viewer: Viewer::Anonymous,
        address: None,
    };
    let resume = Resume(service.store().cursors().write(place.after));
    let answers = service.answers(Request::new(SELECTION), caller, false, Some(resume));
    let mut answers = answers.ready_chunks(WINDOW);
    loop {
        let Ok(some) = tokio::time::timeout(RETRY, answers.next()).await else {
            lead.holds().await?;
            continue;
        };
        let mut sent = Vec::new();
        for answer in some.unwrap_or_default() {
            let event = match answer {
                Answer::Told(event) => event,
                Answer::Follows(_) => continue,
                Answer::Own(response) | Answer::Refused(response) => {
                    return Err(Failure::Untold(format!("{:?}", response.errors)));
                }
            };
            sent.push(publish(jetstream, &event, place.last).await?);
            place.last = place.last.saturating_add(1);
            place.after = Moment(event.place.sequence);
        }
        if sent.is_empty() {
            return Err(Failure::Untold("it ended".to_owned()));
        }
        for acknowledged in sent {
            acknowledged.await.map_err(stream)?;
        }
        lead.reached(&place.stream, place.after).await?;
    }
}

/// Sends a change, to be taken behind the last message.
async fn publish(
    jetstream: &Context,
    event: &Event,
    last: u64,
) -> Result<PublishAckFuture, Failure> {
    let told: Told = serde_json::from_str(&event.json)
        .map_err(|error| Failure::Untold(format!("{error}: {}", event.json)))?;
    let Change {
        record_kind: kind,
        countries,
    } = told.data.changes;
    let country = match countries.as_slice() {
        [country] => country.code.as_str(),
        _ => "INT",
    };
    let message = PublishMessage::build()
        .payload(event.json.clone().into())
        .message_id(event.place.sequence.to_string())
        .expected_last_sequence(last)
        .header(CURSOR, &*event.place.cursor);
    jetstream
        .send_publish(format!("{SUBJECTS}.{country}.{kind}"), message)
        .await
        .map_err(stream)
}

/// What the subject is made of.
#[derive(Deserialize)]
struct Told {
    data: Data,
}

#[derive(Deserialize)]
struct Data {
    changes: Change,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Change {
    record_kind: String,
    countries: Vec<Country>,
}

#[derive(Deserialize)]
struct Country {
    code: String,
}
