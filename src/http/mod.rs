//! The HTTP server: routes, transports (HTTP, WebSocket, server-sent events, multipart), authentication, limits of
//! connections, health checks and metrics.
//!
//! A connection is served by [`serve()`]. The router passes each request to its handler, and the handlers call
//! [`Service`](crate::graphql::Service).

mod accept;
mod app;
mod auth;
mod batch;
mod body;
mod byte_range;
mod client;
mod conditional;
mod connection;
mod contact;
mod content;
mod cors;
mod credential;
mod deadline;
mod drain;
mod eager_poll;
mod export;
mod feed;
mod freshness;
mod graphql;
mod header_case;
mod health;
mod listen;
mod metrics;
mod middleware;
mod multipart;
mod not_found;
pub mod oidc;
mod origin;
mod own_query;
mod params;
mod peer;
mod permit;
mod places;
mod query_string;
mod rate_limit;
mod record;
mod refusal;
mod respond;
mod router;
mod scrape;
mod serve;
mod settings;
mod site;
mod sse;
mod stream;
mod web;
mod websocket;

pub use app::App;
pub use auth::Guard;
pub use contact::Contact;
pub use listen::ListenAddress;
pub use origin::Origin;
pub use serve::serve;
pub use settings::Settings;
