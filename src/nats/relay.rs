//! The relay: publishes the change log to a `JetStream` stream, each change once and in order, as a subscription with
//! `relay.graphql` returns it. The last message of the stream tells how far it has come. A message is accepted only
//! after the one before it, so two instances that both believe to lead do no harm.

use std::time::{Duration, Instant};

use async_graphql::Request;
use async_nats::Client;
use async_nats::jetstream::context::{Context, PublishAckFuture};
use async_nats::jetstream::message::PublishMessage;
use async_nats::jetstream::stream::{Config, RawMessageErrorKind, Stream};
use futures_util::StreamExt;
use serde_json::Value;

use crate::domain::viewer::Viewer;
use crate::graphql::limits::Limits;
use crate::graphql::{Answer, Event, Service};
use crate::graphql::{Caller, Resume};
use crate::store::change::CountriesOf;
use crate::store::moment::Moment;
use crate::store::relay::Lead;
use crate::store::{self, Store};

/// Name of the stream. An existing stream, made by an operator, is used as it is.
const STREAM: &str = "CYBERPROFILES";
/// Prefix of the subjects; the country and the noun follow.
const SUBJECTS: &str = "cyberprofiles.changes";
/// Header with the cursor of a change.
const CURSOR: &str = "Cyberprofiles-Cursor";
/// The subscription whose responses are published.
const SELECTION: &str = include_str!("relay.graphql");
/// Number of changes that are published before the acknowledgements are awaited.
const WINDOW: usize = 200;
/// Pause before the next attempt. The leading instance also checks in this interval that it still leads, and that
/// nobody else wrote to the stream.
const RETRY: Duration = Duration::from_secs(1);
/// Interval at which the same failure is logged again.
const REPEAT: Duration = Duration::from_mins(1);
/// Number of messages at the end of a stream that are searched for a cursor. Foreign and deleted messages have none.
const FOREIGN: u64 = 1_000;
/// Space for the headers of a message, in bytes.
const HEADERS: usize = 512;

/// Reasons why the relay pauses.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Store(#[from] store::Error),
    #[error("JetStream failed: {0}")]
    Stream(async_nats::Error),
    #[error("another program has changed the stream {STREAM}: its end is read again")]
    Changed,
    #[error(
        "the stream {STREAM} has changes of another database: use a separate NATS for this one"
    )]
    Foreign,
    #[error("the changes could not be read: {0}")]
    Untold(String),
}

fn stream(error: impl Into<async_nats::Error>) -> Failure {
    Failure::Stream(error.into())
}

/// Relays the log whenever this instance leads.
pub async fn run(client: Client, store: Store) {
    let relay = Relay {
        jetstream: async_nats::jetstream::new(client.clone()),
        client,
        // The limits for clients do not apply to the relay's own query.
        service: Service::new(store.clone(), Limits::default()),
    };
    let mut lead = store.lead();
    let mut last: Option<(String, Instant)> = None;
    loop {
        if let Err(failure) = relay.lead(&mut lead).await {
            // Another instance may succeed.
            lead.leave();
            let said = failure.to_string();
            let is_known =
                |(before, at): (String, Instant)| before == said && at.elapsed() < REPEAT;
            if !last.clone().is_some_and(is_known) {
                tracing::warn!(
                    error = said,
                    "changes are not relayed to NATS at the moment"
                );
                last = Some((said, Instant::now()));
            }
        }
        tokio::time::sleep(RETRY).await;
    }
}

/// The relay of one instance.
struct Relay {
    client: Client,
    jetstream: Context,
    service: Service,
}

/// Position of a stream.
struct Place {
    /// Name and creation time of the stream: a new stream with the same name is another one.
    stream: String,
    /// Sequence number of the last change in the stream.
    after: Moment,
    /// Sequence number of the last message of the stream.
    last: u64,
    /// Largest payload of a message, in bytes.
    largest: usize,
}

impl Relay {
    /// Relays until something fails. Returns at once if another instance leads.
    async fn lead(&self, lead: &mut Lead) -> Result<(), Failure> {
        if !lead.take().await? {
            return Ok(());
        }
        let config = Config {
            name: STREAM.to_owned(),
            subjects: vec![format!("{SUBJECTS}.>")],
            ..Config::default()
        };
        let found = self.jetstream.get_or_create_stream(config).await;
        let found = found.map_err(stream)?;
        let place = self.find(&found, lead).await?;
        tracing::info!(
            after = place.after.0,
            "this instance relays changes to NATS"
        );
        self.pass_on(&found, lead, place).await
    }

    /// Finds the position of a stream: the cursor of its last change, or, if later messages are gone, the stored
    /// position.
    async fn find(&self, found: &Stream, lead: &Lead) -> Result<Place, Failure> {
        let info = found.get_info().await.map_err(stream)?;
        let name = format!("{STREAM} {}", info.created);
        let last = info.state.last_sequence;
        let newest = self.service.store().head().await?.moment;
        let cursors = self.service.store().cursors();
        let first = info.state.first_sequence.max(last.saturating_sub(FOREIGN));
        let mut after = None;
        let mut at = last;
        while info.state.messages > 0 && after.is_none() && at >= first {
            let cursor = match found.get_raw_message(at).await {
                Ok(message) => message.headers.get(CURSOR).map(ToString::to_string),
                Err(error) if matches!(error.kind(), RawMessageErrorKind::NoMessageFound) => None,
                Err(error) => return Err(stream(error)),
            };
            let moment = cursor.map(|cursor| cursors.read(&cursor, newest));
            after = moment.transpose().map_err(|_| Failure::Foreign)?;
            at = at.saturating_sub(1);
        }
        let after = match after {
            Some(moment) if at.saturating_add(1) == last => moment,
            after => lead.position(&name).await?.max(after.unwrap_or_default()),
        };
        let of_stream = usize::try_from(info.config.max_message_size).unwrap_or_default();
        let of_server = self.client.max_payload();
        let largest = if of_stream > 0 {
            of_stream.min(of_server)
        } else {
            of_server
        };
        Ok(Place {
            stream: name,
            after,
            last,
            largest: largest.saturating_sub(HEADERS),
        })
    }

    async fn pass_on(
        &self,
        found: &Stream,
        lead: &mut Lead,
        mut place: Place,
    ) -> Result<(), Failure> {
        let caller = Caller {
            viewer: Viewer::Anonymous,
            address: None,
        };
        let store = self.service.store();
        let resume = Resume(store.cursors().write(place.after));
        let request = Request::new(SELECTION);
        let answers = self
            .service
            .answers(request, caller, false, Some(resume), None)
            .answers;
        let mut answers = answers.ready_chunks(WINDOW);
        loop {
            let Ok(some) = tokio::time::timeout(RETRY, answers.next()).await else {
                lead.holds().await?;
                place.check(found).await?;
                continue;
            };
            let mut events = Vec::new();
            for answer in
                some.ok_or_else(|| Failure::Untold("the subscription ended".to_owned()))?
            {
                match answer {
                    Answer::Follows(_) => {}
                    Answer::Told(event) => events.push(event),
                    Answer::Own(response) | Answer::Refused(response) => {
                        return Err(Failure::Untold(format!("{:?}", response.errors)));
                    }
                }
            }
            let key = |event: &Event| CountriesOf(event.place.sequence);
            let keys: Vec<_> = events.iter().map(|event| key(event)).collect();
            let countries = store.load(&keys).await?;
            let mut sent = Vec::new();
            for event in events {
                let country = match countries.get(&key(&event)).map(Vec::as_slice) {
                    Some([code]) => code.to_string(),
                    _ => "INT".to_owned(),
                };
                sent.push(self.publish(&event, &country, &place).await?);
                place.last = place.last.saturating_add(1);
                place.after = Moment(event.place.sequence);
            }
            for acknowledged in sent {
                acknowledged.await.map_err(stream)?;
            }
            lead.reached(&place.stream, place.after).await?;
        }
    }

    /// Publishes a change, to be accepted only after the last message.
    async fn publish(
        &self,
        event: &Event,
        country: &str,
        place: &Place,
    ) -> Result<PublishAckFuture, Failure> {
        let unread = |error| Failure::Untold(format!("{error}: {}", event.json));
        let mut told: Value = serde_json::from_str(&event.json).map_err(unread)?;
        let kind = told
            .pointer("/data/changes/recordKind")
            .and_then(Value::as_str);
        let subject = format!("{SUBJECTS}.{country}.{}", kind.unwrap_or_default());
        let payload = if event.json.len() > place.largest {
            shorten(&mut told, place.largest);
            told.to_string()
        } else {
            event.json.clone()
        };
        let message = PublishMessage::build()
            .payload(payload.into())
            .message_id(event.place.sequence.to_string())
            .expected_last_sequence(place.last)
            .header(CURSOR, &*event.place.cursor);
        let sent = self.jetstream.send_publish(subject, message).await;
        sent.map_err(stream)
    }
}

impl Place {
    /// Checks that nobody else has written to the stream or replaced it.
    async fn check(&self, found: &Stream) -> Result<(), Failure> {
        let info = found.get_info().await.map_err(stream)?;
        let is_left = info.state.last_sequence == self.last
            && format!("{STREAM} {}", info.created) == self.stream;
        if is_left {
            Ok(())
        } else {
            Err(Failure::Changed)
        }
    }
}

/// Removes the largest members of a change until it fits, and lists them in `extensions.leftOut`.
fn shorten(told: &mut Value, largest: usize) {
    let mut left_out = Vec::new();
    while told.to_string().len() > largest {
        let change = told
            .pointer_mut("/data/changes")
            .and_then(Value::as_object_mut);
        let Some(change) = change else { return };
        let name = change
            .iter()
            .filter(|(_, value)| !value.is_string() || value.is_null())
            .max_by_key(|(_, value)| value.to_string().len())
            .map(|(name, _)| name.clone());
        let Some(name) = name else { return };
        change.remove(&name);
        left_out.push(name);
        if let Some(told) = told.as_object_mut() {
            let left_out = serde_json::json!({ "leftOut": left_out });
            told.insert("extensions".to_owned(), left_out);
        }
    }
}
