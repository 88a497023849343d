//! Messages and close codes of `graphql-transport-ws`.

use async_graphql::{Request, Response, ServerError};
use axum::extract::ws::{CloseFrame, Message};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::domain::text::truncate;
use crate::http::params::Params;

/// Name of the subprotocol.
pub const PROTOCOL: &str = "graphql-transport-ws";

/// A message of the client.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ClientMessage {
    /// Opens the session.
    ConnectionInit {
        /// Parameters of the client, possibly with a token.
        payload: Option<Map<String, Value>>,
    },
    /// Requests a pong.
    Ping {
        /// Returned with the pong if it is short.
        payload: Option<Map<String, Value>>,
    },
    /// Answers a ping.
    Pong {},
    /// Starts an operation.
    Subscribe {
        /// Id of the operation, chosen by the client.
        id: String,
        /// The request parameters.
        payload: Map<String, Value>,
    },
    /// Ends an operation.
    Complete {
        /// Id of the operation.
        id: String,
    },
}

impl ClientMessage {
    /// Parses a message.
    pub fn read(text: &str) -> Result<Self, Close> {
        match serde_json::from_str(text).map_err(|_| Close::Invalid)? {
            Self::Subscribe { id, .. } if !is_short(&id) => Err(Close::LongId),
            message => Ok(message),
        }
    }
}

/// Makes the request of a `subscribe` message.
pub fn request(payload: Map<String, Value>) -> Result<Request, Close> {
    let read = Params::of(payload).and_then(Params::request);
    read.map_err(|_| Close::Invalid)
}

/// A message of the server.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ServerMessage<'a> {
    /// Accepts the session.
    ConnectionAck,
    /// Requests a pong.
    Ping,
    /// Answers a ping.
    Pong {
        /// Payload of the ping, if it was short.
        #[serde(skip_serializing_if = "Option::is_none")]
        payload: Option<Map<String, Value>>,
    },
    /// A response of an operation.
    Next {
        /// Id of the operation.
        id: &'a str,
        /// The response.
        payload: &'a Response,
    },
    /// Errors of an operation that is not executed. Nothing follows.
    Error {
        /// Id of the operation.
        id: &'a str,
        /// The errors.
        payload: &'a [ServerError],
    },
    /// End of an operation.
    Complete {
        /// Id of the operation.
        id: &'a str,
    },
}

/// Payload of a pong: that of the ping if it is short, otherwise none.
pub fn returned(payload: Option<Map<String, Value>>) -> Option<Map<String, Value>> {
    payload.filter(|payload| serde_json::to_string(payload).is_ok_and(|text| is_short(&text)))
}

impl ServerMessage<'_> {
    /// The message as JSON text.
    pub fn message(&self) -> Result<Message, Close> {
        let text = serde_json::to_string(self).map_err(|_| Close::Fault)?;
        Ok(Message::text(text))
    }
}

/// Makes a `next` message from a response that is already JSON text.
pub fn next_message(id: &str, json: &str) -> Result<Message, Close> {
    let id = serde_json::to_string(id).map_err(|_| Close::Fault)?;
    let text = [
        "{\"type\":\"next\",\"id\":",
        &id,
        ",\"payload\":",
        json,
        "}",
    ];
    Ok(Message::text(text.concat()))
}

/// Reasons for closing a socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Close {
    /// The message is not one of the protocol.
    Invalid,
    /// The id of an operation is too long: every message of that operation would repeat it.
    LongId,
    /// An operation was requested before `connection_init` was acknowledged.
    Unauthorized,
    /// `connection_init` contains a credential in another form than the accepted ones. Contains the fault.
    Credential(String),
    /// The token is not valid, or not any more.
    Forbidden(&'static str),
    /// `connection_init` did not arrive in time.
    TooLate,
    /// The id belongs to a running operation.
    Duplicate(String),
    /// `connection_init` was sent twice.
    TooMany,
    /// The message exceeds the limit.
    TooLarge,
    /// A text message is not UTF-8.
    NoText,
    /// A frame violates RFC 6455, with the reason.
    Broken(String),
    /// The client has sent nothing, or read nothing, for too long.
    Slow,
    /// The server is stopping; the client should reconnect.
    Restart,
    /// Internal error.
    Fault,
}

/// Longest reason of a close frame, in bytes. Source: RFC 6455, section 5.5.
const MAX_REASON_BYTES: usize = 123;

/// Forms in which the payload of `connection_init` may contain a token, short enough for a close frame.
const ACCEPTED_FORMS: &str =
    "{authorization:\"Bearer T\"}, {headers:{authorization:\"Bearer T\"}} or {token:\"T\"}";

/// Longest text that the server repeats, in characters: the id of an operation, or the payload of a ping.
const MAX_REPEATED_CHARACTERS: usize = 200;

/// True if a text is short enough to be repeated.
fn is_short(text: &str) -> bool {
    text.chars().nth(MAX_REPEATED_CHARACTERS).is_none()
}

impl Close {
    /// Code and reason of the close frame. For a slow client and for a stop, the reason contains the cursor from which
    /// a follower resumes; client libraries reconnect after both codes.
    pub fn frame(&self, cursor: Option<&str>) -> CloseFrame {
        let (code, reason) = match self {
            Self::Invalid => (
                4400,
                "the message is not valid in graphql-transport-ws".to_owned(),
            ),
            Self::LongId => (
                4400,
                format!(
                    "the id of an operation has more than {MAX_REPEATED_CHARACTERS} characters"
                ),
            ),
            Self::Unauthorized => (
                4401,
                "send connection_init first, and wait for connection_ack".to_owned(),
            ),
            // Client libraries try again after 4403, and report 4401 at once.
            Self::Credential(fault) => (4401, format!("{fault}: send {ACCEPTED_FORMS}")),
            Self::Forbidden(why) => (4403, (*why).to_owned()),
            Self::TooLate => (4408, "connection_init was not received in time".to_owned()),
            Self::Duplicate(id) => (
                4409,
                format!(
                    "an operation with the id {} is running already",
                    truncate(id)
                ),
            ),
            Self::TooMany => (4429, "connection_init was sent twice".to_owned()),
            Self::TooLarge => (1009, "the message is larger than maxBodyBytes".to_owned()),
            Self::NoText => (1007, "the text message is not UTF-8".to_owned()),
            Self::Broken(how) => (1002, format!("the frame violates RFC 6455: {how}")),
            Self::Slow => (1013, last("the client reads or answers too slowly", cursor)),
            Self::Restart => (1012, last("the server is stopping: reconnect", cursor)),
            Self::Fault => (1011, "internal error".to_owned()),
        };
        let short = reason.get(..reason.floor_char_boundary(MAX_REASON_BYTES));
        CloseFrame {
            code,
            reason: short.unwrap_or_default().into(),
        }
    }
}

fn last(why: &str, cursor: Option<&str>) -> String {
    cursor.map_or_else(
        || why.to_owned(),
        |cursor| format!("{why}; last cursor {cursor}"),
    )
}
