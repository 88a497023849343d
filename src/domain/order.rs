//! Sort orders of lists of records.

use async_graphql::Enum;

/// Order of countries. Countries that are equal in it follow by id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Enum)]
pub enum CountryOrder {
    /// By English name, ignoring accents and case.
    Name,
    /// By country code.
    Code,
    /// By the sequence number of the last new version, last changed first; no two countries are equal in it. A
    /// verification makes no version and does not count.
    LastChanged,
}

/// Order of policy documents. Documents that are equal in it follow by id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Enum)]
pub enum PolicyDocumentOrder {
    /// By date of adoption, newest first; documents without one come last.
    AdoptedNewest,
    /// By date of adoption, oldest first; documents without one come last.
    AdoptedOldest,
    /// By title, ignoring accents and case: in English, else in the original.
    Title,
}
