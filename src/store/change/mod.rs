//! The change log: commits append to it; readers page through it, look up by time, and follow it.

mod append;
mod country;
mod entity;
mod load;
mod read;

pub(crate) use append::{append, country_rows};
pub(crate) use country::{Entity as CountryEntity, of_lines as countries_of_lines};
pub use entity::{ActiveModel, Column, Entity, Model, PrimaryKey, Relation};
pub use load::{BySequence, CountriesOf, LastVerified, Lines};
pub use read::{ChangePage, Filter, Followed};
