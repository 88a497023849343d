//! Behaviour as clients see it: over HTTP and WebSocket, on a real database.

mod budget;
mod change;
mod contribution;
mod country;
mod harness;
mod http;
mod import;
mod input;
mod migration;
mod moment;
mod page;
mod program;
mod schema;
mod treaty;
mod treaty_event;
