//! The HTTP server: routes, transports (HTTP, WebSocket, server-sent events), authentication, limits of connections,
//! health checks and metrics.
//!
//! A connection is served by [`serve()`]. The router passes each request to its handler, and the handlers call
//! [`Service`](crate::graphql::Service).

mod accept;
mod app;
mod around;
mod auth;
mod batch;
mod body;
mod client;
mod connection;
mod content;
mod cors;
mod deadline;
mod drain;
mod graphiql;
mod graphql;
mod health;
mod inline;
mod metrics;
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
mod spelling;
mod sse;
mod websocket;

pub use app::App;
pub use auth::Guard;
pub use origin::Origin;
pub use serve::serve;
pub use settings::Settings;
