//! Pages for people who write no GraphQL: server-rendered HTML in English and French.
//!
//! A page is a folder: its document (`page.graphql`), its template (`page.html`), its words (`words.rs`) and its code
//! (`page.rs`). [`site`] finds the page of an address; the page executes its document through [`Ask`] and fills its
//! template. This room knows no database, no HTTP library and no type of the service: the schema is all it depends on.

mod about;
mod account;
mod answer;
mod ask;
mod assets;
mod changes;
mod citation;
mod compare;
pub mod console;
mod contribute;
mod countries;
mod country;
mod country_list;
mod csv;
mod date;
mod day;
mod difference;
mod embed;
mod form;
mod frame;
mod home;
mod language;
mod layout;
mod map;
mod markdown;
mod params;
mod person;
mod record;
mod refused;
mod review;
mod search;
mod sign_in;
pub mod site;
mod treaty;
mod value;
mod word_diff;
mod words;

pub use answer::{Answer, Lifetime, Media};
pub use ask::{Ask, Reply};
pub use assets::{Asset, asset};
pub use language::Language;
pub use params::Params;
pub use person::{Person, Role};
pub use refused::{AddressFault, FormFault, Refused};
pub use sign_in::{SignIn, local_path, resume, sign_in};
pub use site::{PageRequest, respond};

/// A hash of the code and the templates of all pages.
pub const FINGERPRINT: &str = env!("FINGERPRINT");
