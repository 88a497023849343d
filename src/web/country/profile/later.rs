//! Facts that are later than the day of the view: the records of a moment include it.

use super::page::Page;

/// True if a date, given by its first possible day, is later than the day of the view.
pub fn is_later(earliest: Option<&str>, as_of: &str) -> bool {
    earliest.is_some_and(|day| day > as_of)
}

impl Page {
    /// True if a date, given by its first possible day, is later than the day of the view.
    pub fn is_later(&self, earliest: Option<&str>) -> bool {
        is_later(earliest, &self.as_of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_later_if_all_its_days_are() {
        let on = "2016-06-01";
        assert!(is_later(Some("2020-04-01"), on));
        assert!(!is_later(Some(on), on) && !is_later(Some("2016-01-01"), on));
        assert!(!is_later(None, on));
    }
}
