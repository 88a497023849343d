//! Where a country stands under a treaty on a day: computed from cited acts, never stored.
//!
//! The acts fall into episodes, from the first step towards the treaty to the end of membership. The
//! latest episode for which the treaty is in force decides the day, else the latest episode begun.
//! Partial dates are read in every order that they allow; where the readings differ the answer says
//! so. Source: Vienna Convention on the Law of Treaties (VCLT), and the final clauses held by
//! [`EntryIntoForceRule`](crate::treaty::EntryIntoForceRule).

mod carried_over;
mod case;
mod combined;
mod designations;
mod entry_into_force;
mod episode;
mod episodes;
mod in_force;
mod line;
mod readings;
mod reservations;
mod scene;
mod stand;
mod standing;
mod statements;
mod status;
mod territory;
#[cfg(test)]
mod tests;
mod turns;

pub use carried_over::{carried_over, carries_over};
pub use case::{Act, Administered, Case, Territory};
pub use designations::designations;
pub use in_force::in_force;
pub use standing::{DateOrigin, EffectiveDate, Standing, TreatyStatus, counts};
pub use statements::{stated, statement_turns};
pub use status::status;
pub use turns::{edges_within, turns};
