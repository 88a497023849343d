//! Orders in which records can be listed.

use async_graphql::Enum;

/// How countries are sorted. Equal ones follow by id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Enum)]
pub enum CountryOrder {
    /// By English name, accents and case folded.
    Name,
    /// By code.
    Code,
    /// Last written first.
    LastChanged,
}

/// How documents are sorted. Equal ones follow by id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Enum)]
pub enum PolicyDocumentOrder {
    /// Last adopted first; those without a date of adoption come last.
    AdoptedNewest,
    /// First adopted first; those without a date of adoption come last.
    AdoptedOldest,
    /// By title in English, or else in the original; accents and case folded.
    Title,
}
