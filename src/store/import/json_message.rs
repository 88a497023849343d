//! Messages of `serde_json`, which contain line and column only as text.

/// The message of an error in one line of a data file. The library would call every line the first, so the line number
/// is removed.
pub fn of_one_line(error: &serde_json::Error) -> String {
    error
        .to_string()
        .replace(" at line 1 column ", " at column ")
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    /// The library's wording, of which [`of_one_line`] removes a part.
    #[test]
    fn the_line_number_is_removed_from_a_message_of_the_json_library() {
        for (text, shown, of_line) in [
            (
                "{\"a\": }",
                "expected value at line 1 column 7",
                "expected value at column 7",
            ),
            (
                "{\"a\": 1",
                "EOF while parsing an object at line 1 column 7",
                "EOF while parsing an object at column 7",
            ),
            (
                "[1] x",
                "trailing characters at line 1 column 5",
                "trailing characters at column 5",
            ),
        ] {
            let error = serde_json::from_str::<Value>(text).unwrap_err();
            assert_eq!(error.to_string(), shown);
            assert_eq!(of_one_line(&error), of_line);
        }
    }
}
