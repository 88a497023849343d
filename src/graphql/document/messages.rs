//! The messages of the parser. It reports its faults only as text; this file alone reads that text.

/// A message of the parser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParserMessage<'a> {
    /// The text has no definition.
    NoDefinitions,
    /// The text ends too early.
    UnexpectedEnd,
    /// A name is missing.
    ExpectedName,
    /// A string has an unknown escape.
    InvalidString,
    /// This token is missing.
    Expected(&'a str),
    /// Any other message; only its position is used.
    Other,
}

impl<'a> ParserMessage<'a> {
    /// Classifies a message.
    pub fn of(message: &'a str) -> Self {
        match message {
            "Document does not contain any definitions" => Self::NoDefinitions,
            "Unexpected EOF" => Self::UnexpectedEnd,
            "Expected a name" => Self::ExpectedName,
            "String value invalid" => Self::InvalidString,
            other => match other.strip_prefix("Expected to find: ") {
                Some(token) => Self::Expected(token),
                None => Self::Other,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use bluejay_parser::Error;
    use bluejay_parser::ast::Parse as _;
    use bluejay_parser::ast::executable::ExecutableDocument;

    use super::*;

    /// The first message of the parser about a text.
    fn message(text: &str) -> String {
        let faults = ExecutableDocument::parse(text).result.err().unwrap();
        let errors = Error::into_graphql_errors(text, faults);
        errors.first().unwrap().message.to_string()
    }

    #[test]
    fn the_parser_still_writes_the_messages_that_are_read_here() {
        for (text, expected) in [
            ("", ParserMessage::NoDefinitions),
            ("{ a", ParserMessage::UnexpectedEnd),
            ("{ a: 1 }", ParserMessage::ExpectedName),
            ("{ a(b: \"\\q\") }", ParserMessage::InvalidString),
            ("query Q($a Int) { a }", ParserMessage::Expected(":")),
            ("query Q { }", ParserMessage::Other),
        ] {
            let message = message(text);
            assert_eq!(ParserMessage::of(&message), expected, "{text}: {message}");
        }
    }
}
