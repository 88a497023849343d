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
use crate::store::relay::{Duty, Lead};
use crate::store::{self, Store};

/// Name of the stream. An existing stream, made by an operator, is used as it is.
pub(super) const STREAM: &str = "CYBERPROFILES";
/// Prefix of the subjects; the country and the noun follow.
const SUBJECTS: &str = "cyberprofiles.changes";
/// Header with the cursor of a change.
const CURSOR: &str = "Cyberprofiles-Cursor";
/// The subscription whose responses are published.
const SELECTION: &str = include_str!("relay.graphql");
/// Number of changes that are published before the acknowledgements are awaited.
const MAX_UNACKNOWLEDGED: usize = 200;
/// Pause before the next attempt. The leading instance also checks in this interval that it still leads, and that
/// nobody else wrote to the stream.
const RETRY_DELAY: Duration = Duration::from_secs(1);
/// Interval at which the same failure is logged again.
const LOG_INTERVAL: Duration = Duration::from_mins(1);
/// Number of messages at the end of a stream that are searched for a cursor. Foreign and deleted messages have none.
const MAX_SEARCHED: u64 = 1_000;
/// Space for the headers of a message, in bytes.
const HEADER_BYTES: usize = 512;

/// Reasons why the relay pauses.
#[derive(Debug, thiserror::Error)]
enum RelayFailure {
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
    Unreadable(String),
}

fn stream(error: impl Into<async_nats::Error>) -> RelayFailure {
    RelayFailure::Stream(error.into())
}

/// Relays the log whenever this instance leads.
pub async fn run(client: Client, store: Store) {
    let relay = Relay {
        jetstream: async_nats::jetstream::new(client.clone()),
        client,
        // The limits for clients do not apply to the relay's own query.
        service: Service::new(store.clone(), Limits::default()),
    };
    let mut lead = store.lead(Duty::Relay);
    let mut last: Option<(String, Instant)> = None;
    loop {
        if let Err(failure) = relay.lead(&mut lead).await {
            // Another instance may succeed.
            lead.leave();
            let message = failure.to_string();
            let is_known =
                |(before, at): (String, Instant)| before == message && at.elapsed() < LOG_INTERVAL;
            if !last.clone().is_some_and(is_known) {
                tracing::warn!(
                    error = message,
                    "changes are not relayed to NATS at the moment"
                );
                last = Some((message, Instant::now()));
            }
        }
        tokio::time::sleep(RETRY_DELAY).await;
    }
}

/// The relay of one instance.
struct Relay {
    client: Client,
    jetstream: Context,
    service: Service,
}

/// Position of a stream.
struct StreamPosition {
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
    async fn lead(&self, lead: &mut Lead) -> Result<(), RelayFailure> {
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
        let position = self.find(&found, lead).await?;
        tracing::info!(
            after = position.after.0,
            "this instance relays changes to NATS"
        );
        self.relay_changes(&found, lead, position).await
    }

    /// Finds the position of a stream: the cursor of its last change, or, if later messages are gone, the stored
    /// position.
    async fn find(&self, found: &Stream, lead: &Lead) -> Result<StreamPosition, RelayFailure> {
        let info = found.get_info().await.map_err(stream)?;
        let name = format!("{STREAM} {}", info.created);
        let last = info.state.last_sequence;
        let newest = self.service.store().head().await?.moment;
        let cursors = self.service.store().cursors();
        let first = info
            .state
            .first_sequence
            .max(last.saturating_sub(MAX_SEARCHED));
        let mut after = None;
        let mut at = last;
        while info.state.messages > 0 && after.is_none() && at >= first {
            let cursor = match found.get_raw_message(at).await {
                Ok(message) => message.headers.get(CURSOR).map(ToString::to_string),
                Err(error) if matches!(error.kind(), RawMessageErrorKind::NoMessageFound) => None,
                Err(error) => return Err(stream(error)),
            };
            let moment = cursor.map(|cursor| cursors.read(&cursor, newest));
            after = moment.transpose().map_err(|_| RelayFailure::Foreign)?;
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
        Ok(StreamPosition {
            stream: name,
            after,
            last,
            largest: largest.saturating_sub(HEADER_BYTES),
        })
    }

    async fn relay_changes(
        &self,
        found: &Stream,
        lead: &mut Lead,
        mut position: StreamPosition,
    ) -> Result<(), RelayFailure> {
        let caller = Caller {
            viewer: Viewer::Anonymous,
            address: None,
        };
        let store = self.service.store();
        let resume = Resume(store.cursors().write(position.after));
        let request = Request::new(SELECTION);
        let answers = self
            .service
            .answers(request, caller, false, Some(resume), None)
            .answers;
        let mut answers = answers.ready_chunks(MAX_UNACKNOWLEDGED);
        loop {
            let Ok(some) = tokio::time::timeout(RETRY_DELAY, answers.next()).await else {
                lead.holds().await?;
                position.check(found).await?;
                continue;
            };
            let mut events = Vec::new();
            for answer in
                some.ok_or_else(|| RelayFailure::Unreadable("the subscription ended".to_owned()))?
            {
                match answer {
                    Answer::Follows(_) => {}
                    Answer::Change(event) => events.push(event),
                    Answer::Own(response) | Answer::Refused(response) => {
                        return Err(RelayFailure::Unreadable(format!("{:?}", response.errors)));
                    }
                }
            }
            let key = |event: &Event| CountriesOf(event.position.sequence);
            let keys: Vec<_> = events.iter().map(|event| key(event)).collect();
            let countries = store.load(&keys).await?;
            let mut sent = Vec::new();
            for event in events {
                let country = match countries.get(&key(&event)).map(Vec::as_slice) {
                    Some([code]) => code.to_string(),
                    _ => "INT".to_owned(),
                };
                sent.push(self.publish(&event, &country, &position).await?);
                position.last = position.last.saturating_add(1);
                position.after = Moment(event.position.sequence);
            }
            for acknowledged in sent {
                acknowledged.await.map_err(stream)?;
            }
            lead.reached(&position.stream, position.after).await?;
        }
    }

    /// Publishes a change, to be accepted only after the last message.
    async fn publish(
        &self,
        event: &Event,
        country: &str,
        position: &StreamPosition,
    ) -> Result<PublishAckFuture, RelayFailure> {
        let unread = |error| RelayFailure::Unreadable(format!("{error}: {}", event.json));
        let mut response: Value = serde_json::from_str(&event.json).map_err(unread)?;
        let kind = response
            .pointer("/data/changes/recordKind")
            .and_then(Value::as_str);
        let subject = format!("{SUBJECTS}.{country}.{}", kind.unwrap_or_default());
        let payload = if event.json.len() > position.largest {
            shorten(&mut response, position.largest);
            response.to_string()
        } else {
            event.json.clone()
        };
        let message = PublishMessage::build()
            .payload(payload.into())
            .message_id(event.position.sequence.to_string())
            .expected_last_sequence(position.last)
            .header(CURSOR, &*event.position.cursor);
        let sent = self.jetstream.send_publish(subject, message).await;
        sent.map_err(stream)
    }
}

impl StreamPosition {
    /// Checks that nobody else has written to the stream or replaced it.
    async fn check(&self, found: &Stream) -> Result<(), RelayFailure> {
        let info = found.get_info().await.map_err(stream)?;
        let is_left = info.state.last_sequence == self.last
            && format!("{STREAM} {}", info.created) == self.stream;
        if is_left {
            Ok(())
        } else {
            Err(RelayFailure::Changed)
        }
    }
}

/// Removes the largest members of a change until it fits, and lists them in `extensions.leftOut`.
fn shorten(response: &mut Value, largest: usize) {
    let mut left_out = Vec::new();
    while response.to_string().len() > largest {
        let change = response
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
        if let Some(response) = response.as_object_mut() {
            let left_out = serde_json::json!({ "leftOut": left_out });
            response.insert("extensions".to_owned(), left_out);
        }
    }
}
