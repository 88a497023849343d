//! How the outside reaches us: the routes, and what goes for all of them.

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
