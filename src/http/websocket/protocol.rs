//! The messages of `graphql-transport-ws`, and the codes with which a socket is closed.

use async_graphql::{Request, Response, ServerError};
use axum::extract::ws::{CloseFrame, Message};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::domain::text::cut;
use crate::http::params::Params;

/// The subprotocol.
pub const PROTOCOL: &str = "graphql-transport-ws";

/// What a client says.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Said {
    /// It begins, perhaps with a token.
    ConnectionInit {
        /// What it says of itself.
        payload: Option<Map<String, Value>>,
    },
    /// Are you there?
    Ping {
        /// To be sent back where it is short.
        payload: Option<Map<String, Value>>,
    },
    /// I am here.
    Pong {},
    /// It asks.
    Subscribe {
        /// What it calls the operation.
        id: String,
        /// The operation.
        payload: Map<String, Value>,
    },
    /// It wants no more of an operation.
    Complete {
        /// What it calls the operation.
        id: String,
    },
}

impl Said {
    /// Reads a message.
    pub fn read(text: &str) -> Result<Self, Close> {
        match serde_json::from_str(text).map_err(|_| Close::Invalid)? {
            Self::Subscribe { id, .. } if !is_short(&id) => Err(Close::LongId),
            said => Ok(said),
        }
    }
}

/// Reads the operation of a `subscribe`.
pub fn request(payload: Map<String, Value>) -> Result<Request, Close> {
    let read = Params::of(payload).and_then(Params::request);
    read.map_err(|_| Close::Invalid)
}

/// What the server says.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Say<'a> {
    /// It knows who asks.
    ConnectionAck,
    /// Are you there?
    Ping,
    /// I am here.
    Pong {
        /// The payload of the ping, where it is short.
        #[serde(skip_serializing_if = "Option::is_none")]
        payload: Option<Map<String, Value>>,
    },
    /// An answer of an operation.
    Next {
        /// The operation.
        id: &'a str,
        /// The answer.
        payload: &'a Response,
    },
    /// An operation that cannot be executed; nothing follows.
    Error {
        /// The operation.
        id: &'a str,
        /// Why.
        payload: &'a [ServerError],
    },
    /// The last of an operation.
    Complete {
        /// The operation.
        id: &'a str,
    },
}

/// The payload that a pong returns: none where that of the ping is long.
pub fn returned(payload: Option<Map<String, Value>>) -> Option<Map<String, Value>> {
    payload.filter(|payload| serde_json::to_string(payload).is_ok_and(|text| is_short(&text)))
}

impl Say<'_> {
    /// The message as it is sent.
    pub fn message(&self) -> Result<Message, Close> {
        let text = serde_json::to_string(self).map_err(|_| Close::Fault)?;
        Ok(Message::text(text))
    }
}

/// A `next` with an answer that is JSON already.
pub fn told(id: &str, json: &str) -> Result<Message, Close> {
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

/// Why a socket is closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Close {
    /// A message of no known form.
    Invalid,
    /// An operation with an id that is too long to be repeated.
    LongId,
    /// An operation before `connection_init` was answered.
    Unauthorized,
    /// The token is not known, or not any more.
    Forbidden(&'static str),
    /// No `connection_init` in time.
    TooLate,
    /// An id that is in use.
    Duplicate(String),
    /// A second `connection_init`.
    TooMany,
    /// A message of more than the limit.
    TooLarge,
    /// A text message that is not UTF-8.
    NoText,
    /// A frame that breaks the protocol of sockets, and how.
    Broken(String),
    /// Nothing was heard for too long, or nothing was read.
    Slow,
    /// The server stops: come back.
    Restart,
    /// Our fault.
    Fault,
}

/// The most bytes that the reason of a close frame has.
const REASON: usize = 123;

/// The most characters of what each message of an operation, or the answer to a ping, has to repeat.
const REPEATED: usize = 200;

/// True for a text that is short enough to be repeated.
fn is_short(text: &str) -> bool {
    text.chars().nth(REPEATED).is_none()
}

impl Close {
    /// The code and the reason. Who was sent away while they followed the log is told the cursor behind
    /// which to go on; clients come back after the codes of both.
    pub fn frame(&self, cursor: Option<&str>) -> CloseFrame {
        let (code, reason) = match self {
            Self::Invalid => (
                4400,
                "this is no message of graphql-transport-ws".to_owned(),
            ),
            Self::LongId => (4400, format!("an id has {REPEATED} characters at most")),
            Self::Unauthorized => (
                4401,
                "send connection_init first, and wait for its answer".to_owned(),
            ),
            Self::Forbidden(why) => (4403, (*why).to_owned()),
            Self::TooLate => (4408, "no connection_init came in time".to_owned()),
            Self::Duplicate(id) => (4409, format!("the operation {} is under way", cut(id))),
            Self::TooMany => (4429, "a second connection_init".to_owned()),
            Self::TooLarge => (1009, "the message is larger than maxBodyBytes".to_owned()),
            Self::NoText => (1007, "the text is not UTF-8".to_owned()),
            Self::Broken(how) => (1002, format!("this breaks RFC 6455: {how}")),
            Self::Slow => (1013, last("too slow", cursor)),
            Self::Restart => (1012, last("come back", cursor)),
            Self::Fault => (1011, "our fault".to_owned()),
        };
        let short = reason.get(..reason.floor_char_boundary(REASON));
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
