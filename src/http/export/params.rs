//! The parameters of an export in its address.

use crate::domain::date::Date;
use crate::http::query_string::QueryString;
use crate::http::refusal::Refusal;

/// The names, each with its form.
const KNOWN: [(&str, &str); 2] = [("at", "CURSOR"), ("asOf", "YYYY-MM-DD")];

/// The view that an address asks for.
pub struct Params {
    /// The cursor.
    pub at: Option<String>,
    /// The as-of date.
    pub as_of: Option<Date>,
}

impl Params {
    /// Reads the query string.
    ///
    /// # Errors
    /// A refusal for a parameter that is unknown, malformed or given twice.
    pub fn of(query: &str) -> Result<Self, Refusal> {
        let mut given = QueryString::read(query, &KNOWN)?;
        let as_of = given.take("asOf").map(|day| day.parse::<Date>());
        let as_of = as_of.transpose();
        Ok(Self {
            at: given.take("at"),
            as_of: as_of.map_err(|error| Refusal::wrong(&format!("asOf: {error}")))?,
        })
    }
}
