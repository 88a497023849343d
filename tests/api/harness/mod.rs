//! A separate server for each test, and short functions to query it.

mod answer;
mod builder;
mod change;
mod client;
mod data_file;
mod person;
mod server;
mod socket;
mod until;

pub use answer::{Answer, errors};
pub use builder::{Builder, roomy};
pub use change::{bundled, bundled_files, cite, retitle};
pub use client::client;
pub use data_file::Imported;
pub use person::Person;
pub use server::Api;
pub use socket::Socket;
pub use until::until;
