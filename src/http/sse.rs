//! GraphQL over server-sent events, in the distinct connections mode of graphql-sse: one operation per connection, its
//! responses as `next` events, then `complete`. The id of an event is the cursor of its change.

use std::convert::Infallible;
use std::time::Duration;

use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream::{BoxStream, StreamExt};

use super::stream::{StreamItem, UNBUFFERED};
use crate::graphql::{Answer, Unexecuted};

/// Time after which a client reconnects when the server stops.
pub const RECONNECT_DELAY: Duration = Duration::from_secs(1);

/// Makes the response from the items of a stream. A silent stream sends a comment in each `heartbeat`.
pub fn response(items: BoxStream<'static, StreamItem>, heartbeat: Duration) -> Response {
    let events = items.filter_map(async |item| event(&item));
    let events = Sse::new(events.map(Ok::<_, Infallible>));
    let beating = events.keep_alive(KeepAlive::new().interval(heartbeat));
    ([UNBUFFERED], beating).into_response()
}

fn event(item: &StreamItem) -> Option<Event> {
    match item {
        StreamItem::Answer(answer) => Some(next(answer)),
        // Browsers drop an event without data.
        StreamItem::Complete => Some(Event::default().event("complete").data("\n")),
        StreamItem::Stopping(_) => {
            let event = Event::default().retry(RECONNECT_DELAY);
            Some(event.comment("the server is stopping"))
        }
        // The stream just ends: a client that reconnects with the token gets the reason as a 401.
        StreamItem::Unauthenticated(_) => None,
    }
}

fn next(answer: &Answer) -> Event {
    let event = Event::default().event("next");
    match answer {
        // An event with only an id: it sets the cursor from which the client would resume.
        Answer::Follows(position) => Event::default().id(&*position.cursor),
        Answer::Change(change) => event.id(&*change.position.cursor).data(&change.json),
        // Serialising a response as JSON does not fail.
        Answer::Own(response) => event
            .json_data(response)
            .unwrap_or_else(|_| Event::default()),
        Answer::Refused(response) => event
            .json_data(Unexecuted::from(response))
            .unwrap_or_else(|_| Event::default()),
    }
}
