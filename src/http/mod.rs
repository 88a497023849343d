//! The HTTP server: routes, transports (HTTP, WebSocket, server-sent events), authentication, limits of connections,
//! health checks and metrics.
//!
//! A connection is served by [`serve()`]. The router passes each request to its handler, and the handlers call
//! [`Service`](crate::graphql::Service).

mod accept;
mod app;
mod auth;
mod batch;
mod body;
mod client;
mod connection;
mod content;
mod cors;
mod deadline;
mod drain;
mod eager_poll;
mod graphiql;
mod graphql;
mod header_case;
mod health;
mod metrics;
mod middleware;
pub mod oidc;
mod origin;
mod params;
mod peer;
mod permit;
mod refusal;
mod respond;
mod router;
mod scrape;
mod serve;
mod settings;
mod sse;
mod websocket;

pub use app::App;
pub use auth::Guard;
pub use origin::Origin;
pub use serve::serve;
pub use settings::Settings;
