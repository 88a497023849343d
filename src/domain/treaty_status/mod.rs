//! Treaty status: the position of a country under a treaty on a day, computed from cited treaty events and never
//! stored.
//!
//! The acts of the country fall into episodes, from the first step towards the treaty to the end of membership. The
//! latest episode in which the treaty is in force decides the day, else the latest episode begun. Partial dates are
//! read in every order that they allow; if the readings differ, the status is `UNKNOWN` and all possible statuses
//! are listed. Sources: Vienna Convention on the Law of Treaties (VCLT), and the final clauses stored in
//! [`EntryIntoForceRule`](crate::treaty::EntryIntoForceRule).

mod carried_over;
mod combined;
mod dated_input;
mod designations;
mod entry_into_force;
mod episode;
mod episodes;
mod in_force;
mod line;
mod readings;
mod reservations;
mod standing;
mod statements;
mod status;
mod status_input;
mod status_on_day;
mod territory;
#[cfg(test)]
mod tests;
mod transitions;

pub use carried_over::{carried_over, carries_over};
pub use designations::designations;
pub use in_force::{in_force, statement_has_ended};
pub use standing::{DateOrigin, EffectiveDate, Standing, TreatyStatus, counts};
pub use statements::{stated, statement_transitions};
pub use status::status;
pub use status_input::{Act, Administered, StatusInput, Territory};
pub use transitions::{edges_within, transitions};
